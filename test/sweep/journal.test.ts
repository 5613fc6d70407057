/** The journal, which Optuna reads. */

import { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { DataError } from '../../src/index.ts';
import { between, gridSearch, successiveHalving, sweep, type TrialFunction, type Trials } from '../../src/sweep/index.ts';

const root = mkdtempSync(join(tmpdir(), 'tapegrad-journal-'));
afterAll(() => rmSync(root, { recursive: true }));

const space = { x: between(0, 1), n: between(1, 8, { log: true, integer: true }), s: between(0, 1, { step: 0.25 }), k: ['ä', null, 3] };
const halving = () => successiveHalving(space, { trials: 3, epochs: [1, 2], seeds: [4] });
const trial: TrialFunction = ({ x }, { epochs, trial, report }) => {
  if (trial === 2) throw Object.assign(new RangeError('no'), { stack: 'RangeError: no' });
  if (epochs === 2) report(1, 0.5);
  return { value: x, other: -Infinity };
};
const linesOf = (folder: string) =>
  readFileSync(join(folder, 'journal.log'), 'utf8').replaceAll(/"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}\+00:00"/g, '"now"').replaceAll(/tapegrad-\d+/g, 'writer').trim().split('\n'); // biome-ignore format: one chain

test('every line is what Optuna 5.0 reads as the same study', async () => {
  // Checked with optuna 5.0.0: load_study gives three trials, FAIL, COMPLETE and PRUNED, with these parameters, values and intermediate values.
  const folder = join(root, 'golden');
  await sweep(halving(), trial, { folder, name: 'golden' });
  expect(linesOf(folder)).toMatchInlineSnapshot(`
    [
      "{"op_code":0,"worker_id":"writer","study_name":"golden","directions":[1]}",
      "{"op_code":2,"worker_id":"writer","study_id":0,"user_attr":{"tapegrad":{"search":"successive halving","trials":3,"epochs":[1,2],"factor":3,"sampling":"random","seed":0,"space":{"x":{"low":0,"high":1,"log":false,"integer":false,"step":null},"n":{"low":1,"high":8,"log":true,"integer":true,"step":null},"s":{"low":0,"high":1,"log":false,"integer":false,"step":0.25},"k":["\\u00e4",null,3]},"seeds":[4],"folds":null,"objective":"value","direction":"minimize"}}}",
      "{"op_code":4,"worker_id":"writer","study_id":0,"datetime_start":"now","state":0,"value":null,"values":null,"distributions":{"x":"{\\"name\\":\\"FloatDistribution\\",\\"attributes\\":{\\"step\\":null,\\"low\\":0,\\"high\\":1,\\"log\\":false}}","n":"{\\"name\\":\\"IntDistribution\\",\\"attributes\\":{\\"log\\":true,\\"step\\":1,\\"low\\":1,\\"high\\":8}}","s":"{\\"name\\":\\"FloatDistribution\\",\\"attributes\\":{\\"step\\":0.25,\\"low\\":0,\\"high\\":1,\\"log\\":false}}","k":"{\\"name\\":\\"CategoricalDistribution\\",\\"attributes\\":{\\"choices\\":[\\"\\u00e4\\",null,3]}}"},"params":{"x":0.5488135039273248,"n":4,"s":0.75,"k":1},"user_attrs":{"job":"trial-0000-seed-4","trial":0,"seed":4},"system_attrs":{},"intermediate_values":{}}",
      "{"op_code":7,"worker_id":"writer","trial_id":0,"step":1,"intermediate_value":0.5488135039273248}",
      "{"op_code":8,"worker_id":"writer","trial_id":0,"user_attr":{"trial-0000-seed-4-epochs-1":{"values":{"value":0.5488135039273248,"other":"-Infinity"}}}}",
      "{"op_code":4,"worker_id":"writer","study_id":0,"datetime_start":"now","state":0,"value":null,"values":null,"distributions":{"x":"{\\"name\\":\\"FloatDistribution\\",\\"attributes\\":{\\"step\\":null,\\"low\\":0,\\"high\\":1,\\"log\\":false}}","n":"{\\"name\\":\\"IntDistribution\\",\\"attributes\\":{\\"log\\":true,\\"step\\":1,\\"low\\":1,\\"high\\":8}}","s":"{\\"name\\":\\"FloatDistribution\\",\\"attributes\\":{\\"step\\":0.25,\\"low\\":0,\\"high\\":1,\\"log\\":false}}","k":"{\\"name\\":\\"CategoricalDistribution\\",\\"attributes\\":{\\"choices\\":[\\"\\u00e4\\",null,3]}}"},"params":{"x":0.4236547993389047,"n":3,"s":0.5,"k":2},"user_attrs":{"job":"trial-0001-seed-4","trial":1,"seed":4},"system_attrs":{},"intermediate_values":{}}",
      "{"op_code":7,"worker_id":"writer","trial_id":1,"step":1,"intermediate_value":0.4236547993389047}",
      "{"op_code":8,"worker_id":"writer","trial_id":1,"user_attr":{"trial-0001-seed-4-epochs-1":{"values":{"value":0.4236547993389047,"other":"-Infinity"}}}}",
      "{"op_code":4,"worker_id":"writer","study_id":0,"datetime_start":"now","state":0,"value":null,"values":null,"distributions":{"x":"{\\"name\\":\\"FloatDistribution\\",\\"attributes\\":{\\"step\\":null,\\"low\\":0,\\"high\\":1,\\"log\\":false}}","n":"{\\"name\\":\\"IntDistribution\\",\\"attributes\\":{\\"log\\":true,\\"step\\":1,\\"low\\":1,\\"high\\":8}}","s":"{\\"name\\":\\"FloatDistribution\\",\\"attributes\\":{\\"step\\":0.25,\\"low\\":0,\\"high\\":1,\\"log\\":false}}","k":"{\\"name\\":\\"CategoricalDistribution\\",\\"attributes\\":{\\"choices\\":[\\"\\u00e4\\",null,3]}}"},"params":{"x":0.9636627605010293,"n":1,"s":0.75,"k":1},"user_attrs":{"job":"trial-0002-seed-4","trial":2,"seed":4},"system_attrs":{},"intermediate_values":{}}",
      "{"op_code":8,"worker_id":"writer","trial_id":2,"user_attr":{"trial-0002-seed-4-epochs-1":{"error":{"name":"RangeError","message":"no","stack":"RangeError: no"}}}}",
      "{"op_code":6,"worker_id":"writer","trial_id":0,"state":2,"values":[0.5488135039273248],"datetime_complete":"now"}",
      "{"op_code":6,"worker_id":"writer","trial_id":2,"state":3,"values":null,"datetime_complete":"now"}",
      "{"op_code":7,"worker_id":"writer","trial_id":1,"step":1,"intermediate_value":0.5}",
      "{"op_code":8,"worker_id":"writer","trial_id":1,"user_attr":{"trial-0001-seed-4-epochs-2":{"values":{"value":0.4236547993389047,"other":"-Infinity"}}}}",
      "{"op_code":6,"worker_id":"writer","trial_id":1,"state":1,"values":[0.4236547993389047],"datetime_complete":"now"}",
    ]
  `);
});

test('every line is ASCII, and every time has its zone', async () => {
  const text = readFileSync(join(root, 'golden', 'journal.log'), 'utf8');
  expect(text).toMatch(/^[\n\x20-\x7e]*$/);
  expect(text).toContain('\\u00e4');
  expect(text.endsWith('\n')).toBe(true);
});

test('a sweep goes on from any part of its journal to the same result, and runs nothing twice that is in it', async () => {
  const folder = join(root, 'golden');
  const text = readFileSync(join(folder, 'journal.log'), 'utf8');
  const whole = await sweep(halving(), trial, { folder });
  expect(readFileSync(join(folder, 'journal.log'), 'utf8')).toBe(text);
  // Cut at every line, and within every line.
  const cuts = [...text.matchAll(/\n/g)].flatMap(({ index }) => [index - 20, index, index + 1]).filter((cut) => cut < text.length);
  for (const cut of [0, ...cuts]) {
    const part = join(root, `cut-${cut}`);
    await sweep(halving(), trial, { folder: part }); // makes the folder
    writeFileSync(join(part, 'journal.log'), text.slice(0, cut));
    const told = text.slice(0, text.lastIndexOf('\n', cut - 1) + 1).match(/"op_code":8/g)?.length ?? 0;
    let count = 0;
    const counting: TrialFunction = (...given) => {
      count++;
      return trial(...given);
    };
    const found = await sweep(halving(), counting, { folder: part });
    expect(String(found)).toBe(String(whole));
    expect(found.trials.map(({ mean, value }) => [mean, value])).toEqual(whole.trials.map(({ mean, value }) => [mean, value]));
    expect(count).toBe(4 - told);
    const lines = linesOf(part).map((line) => JSON.parse(line) as { op_code: number; state?: number });
    expect(lines.filter(({ op_code }) => op_code === 6).map(({ state }) => state!).sort()).toEqual([1, 2, 3]); // biome-ignore format: one line
  }
});

test('what failed is run again when asked for', async () => {
  const folder = join(root, 'again');
  const make = () => gridSearch({ x: [1, 2] });
  const first = await sweep(make(), ({ x }) => { if (x === 2) throw new Error('no disk'); return x; }, { folder }); // biome-ignore format: short
  expect(first.trials.map(({ errors }) => errors.length)).toEqual([0, 1]);
  expect((await sweep(make(), ({ x }) => -x, { folder })).trials.map(({ value }) => value)).toEqual([1, NaN]);
  expect((await sweep(make(), ({ x }) => -x, { folder, retryFailures: true })).trials.map(({ value }) => value)).toEqual([1, -2]);
  expect((await sweep(make(), ({ x }) => 7 * x, { folder })).trials.map(({ value }) => value)).toEqual([1, -2]);
});

test.each([
  [() => gridSearch({ x: [1, 3] }), /grids was \[\{"x":\[1,2\]\}\] and is \[\{"x":\[1,3\]\}\]/],
  [() => gridSearch({ x: [1, 2] }, { seeds: [0, 1] }), /seeds was \[0\] and is \[0,1\]/],
  [() => gridSearch({ x: [1, 2] }, { direction: 'maximize' }), /direction was 'minimize' and is 'maximize'/],
  [() => gridSearch({ x: [1, 2] }, { folds: 2 }), /folds was null and is 2/],
])('a journal of other trials is refused: %#', async (make, message) => {
  const folder = join(root, 'other');
  await sweep(gridSearch({ x: [1, 2] }), () => 1, { folder });
  await expect(sweep(make() as Trials, () => 1, { folder })).rejects.toThrow(message);
});

test('what is no journal is refused', async () => {
  const folder = join(root, 'damaged');
  const make = () => gridSearch({ x: [1, 2] });
  await sweep(make(), () => 1, { folder });
  const path = join(folder, 'journal.log');
  const text = readFileSync(path, 'utf8');
  for (const damaged of [`no json\n${text}`, text.replace('"op_code":2', '"op_code":2,'), text.replace('"tapegrad":', '"another":'), '{}\n', '{"op_code":0}\n{"op_code":2}\n']) {
    writeFileSync(path, damaged);
    await expect(sweep(make(), () => 1, { folder })).rejects.toThrow(DataError);
  }
}); // biome-ignore format: one list

test('two sweeps do not write to one journal', async () => {
  const folder = join(root, 'two');
  const intruding: TrialFunction = ({ x }) => {
    if (x === 2) appendFileSync(join(folder, 'journal.log'), 'another\n');
    return x;
  };
  await expect(sweep(gridSearch({ x: [1, 2, 3] }), intruding, { folder })).rejects.toThrow(
    'another program writes to it; a sweep needs a folder of its own',
  );
});
