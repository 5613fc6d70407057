/** Sweeps, over threads and after crashes. */

import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { gridSearch, type Job, successiveHalving, sweep, type Trials } from '../../src/sweep/index.ts';
import { between } from '../../src/sweep/space.ts';
import { runs } from '../lib/runs.ts';

const root = mkdtempSync(join(tmpdir(), 'tapegrad-sweep-'));
afterAll(() => rmSync(root, { recursive: true }));
const trial = new URL('../lib/sweep-trial.mjs', import.meta.url);
const kinds = (...kind: string[]) => gridSearch({ kind });
const errorsOf = async (trials: Trials, options = {}) =>
  (await sweep(trials, trial, { workers: 2, ...options })).trials.map(({ errors }) => errors[0]);

test('the table is the same for any number of workers, in threads and here', async () => {
  const make = () => successiveHalving({ x: between(0, 1) }, { trials: 4, epochs: [1, 2], factor: 2, seeds: [0, 1], folds: 2 });
  const { default: here } = await import('../lib/sweep-trial.mjs' as string);
  const expected = await sweep(make(), here);
  for (const workers of [1, 3]) expect(await sweep(make(), trial, { workers })).toEqual(expected);
  expect(expected.best!.epochs).toBe(2);
}, 60_000);

test('it does not depend on who arrives first', async () => {
  const order: string[] = [];
  const make = () => gridSearch({ x: [1, 2, 3], kind: ['slow'] }, { seeds: [0, 1] });
  const onOutcome = ({ id }: Job) => order.push(id);
  const [a, b] = [await sweep(make(), trial, { workers: 3, onOutcome }), await sweep(make(), trial, { workers: 1 })];
  expect(a).toEqual(b);
  expect(order).toHaveLength(6);
}, 60_000);

test('what a trial throws is recorded, with its message and stack', async () => {
  const [throws, text, elsewhere] = await errorsOf(kinds('throws', 'throwsText', 'throwsElsewhere'));
  expect(throws).toMatchObject({ name: 'RangeError', message: 'out of range', stack: expect.stringContaining('sweep-trial.mjs') });
  expect(text).toEqual({ name: 'Error', message: 'only text' });
  expect(elsewhere).toMatchObject({ name: 'TypeError', message: 'nobody waits for this' });
}, 60_000);

test('a thread that ends without a word is started again, and recorded when that does not help', async () => {
  const [exits, never] = await errorsOf(kinds('exits', 'never'), { retries: 1 });
  expect(exits!.message).toBe('the thread of trial-0000-seed-0 ended with code 7 before the trial did');
  expect(never!.message).toMatch(
    /ended with code (0|13) before the trial did; does it wait for what never comes, or call process\.exit\?$/,
  );
  const folder = join(root, 'once');
  const once = await sweep(kinds('exitsOnce'), trial, { folder });
  expect(once.best!.value).toBe(3);
}, 60_000);

test('what is no number is a failure, NaN and infinities are results that do not win', async () => {
  const trials = gridSearch([{ x: [1], kind: ['nan', 'infinite', 'nothing', 'uncopyable'] }]);
  const { trials: rows, best } = await sweep(trials, trial, { workers: 2 });
  expect(rows.map(({ value }) => value)).toEqual([NaN, 1, NaN, NaN]);
  expect(rows[1]!.mean).toEqual({ value: 1, other: -Infinity });
  expect(rows.map(({ errors }) => errors.length)).toEqual([0, 0, 1, 1]);
  expect(rows[3]!.errors[0]!.message).toMatch(/could not be cloned/);
  expect(best!.trial).toBe(1);
}, 60_000);

test('what a trial gives is judged in a thread as it is here', async () => {
  const { default: here } = await import('../lib/sweep-trial.mjs' as string);
  const given = [
    'map',
    'instance',
    'date',
    'typed',
    'text',
    'list',
    'nested',
    'bigint',
    'function',
    'symbol',
    'null',
    'empty',
    'tensorLike',
    'bare',
  ];
  const make = () => gridSearch({ kind: ['gives'], gives: given });
  const words = (result: Awaited<ReturnType<typeof sweep>>) =>
    result.trials.map(({ configuration, value, errors }) => [(configuration as { gives: string }).gives, value, errors[0]?.message]);
  const [expected, found] = [words(await sweep(make(), here)), words(await sweep(make(), trial, { workers: 2 }))];
  expect(found).toEqual(expected);
  expect(expected.filter(([, , message]) => message === undefined)).toEqual([['bare', 1, undefined]]);
  expect(expected.find(([name]) => name === 'tensorLike')![2]).toMatch(/got a tensor of shape \[\]; give its number, x\.item\(\)$/);
}, 60_000);

test('a trial may send messages of its own, which nobody reads', async () => {
  const { trials } = await sweep(gridSearch({ x: [4], kind: ['sends'] }), trial, { workers: 1 });
  expect(trials.map(({ value, errors }) => [value, errors.length])).toEqual([[4, 0]]);
}, 60_000);

test('out of memory is a crash of the thread, not of the program', async () => {
  const program = `
    import { gridSearch, sweep } from '${new URL('../../src/sweep/index.ts', import.meta.url).href}';
    const { trials } = await sweep(gridSearch({ kind: ['fillsMemory'] }), '${trial.href}', { retries: 1 });
    console.log(trials[0].errors[0].message);`;
  const { code, output } = await finished(spawn(process.execPath, ['--max-old-space-size=48', '--import', 'tsx', '--input-type=module', '-e', program], { stdio: ['ignore', 'pipe', 'ignore'] }));
  expect(output).toMatch(/memory/);
  expect(code).toBe(0);
}, 60_000); // biome-ignore format: one program

test('a module that cannot be loaded ends the sweep', async () => {
  const load = (file: string | URL) => sweep(kinds('nan', 'nan2'), file, { workers: 2 });
  await expect(load(join(root, 'nowhere.mjs'))).rejects.toThrow(
    /^sweep: the module of the trial cannot be loaded: Error: Cannot find module/,
  );
  await expect(load('data:text/javascript,export const trial = 1')).rejects.toThrow(/expected the trial as its default export/);
  await expect(load('data:text/javascript,throw new RangeError("at the top")')).rejects.toThrow(/RangeError: at the top/);
}, 60_000);

test('a signal aborts the trials, and its reason is thrown when their threads have ended', async () => {
  const controller = new AbortController();
  const folder = join(root, 'aborted');
  const sweeping = sweep(kinds('listens', 'never2', 'nan'), trial, { workers: 1, folder, signal: controller.signal });
  const path = (name: string) => join(folder, 'trial-0000-seed-0', name);
  const timer = setInterval(() => existsSync(path('listening')) && controller.abort(new RangeError('enough')), 10);
  await expect(sweeping).rejects.toThrow('enough');
  clearInterval(timer);
  expect(existsSync(path('aborted'))).toBe(true);
  expect(readFileSync(join(folder, 'journal.log'), 'utf8')).not.toMatch(/"op_code":[68]/);
  await expect(sweep(kinds('nan'), trial, { signal: controller.signal })).rejects.toThrow('enough');
}, 60_000);

test('what a listener throws ends the sweep', async () => {
  const thrower = () => {
    throw new RangeError('not today');
  };
  const { default: here } = await import('../lib/sweep-trial.mjs' as string);
  for (const [file, options] of [[trial, { workers: 2 }], [here, {}]]) {
    await expect(sweep(gridSearch({ x: [1, 2] }), file, { ...options, onReport: thrower })).rejects.toThrow('not today');
    await expect(sweep(gridSearch({ x: [1, 2] }), file, { ...options, onOutcome: thrower })).rejects.toThrow('not today');
  } // biome-ignore format: a table
}, 60_000);

test('killed at any moment and started again, it finds what it would have found, and leaves no thread behind', async () => {
  const program = new URL('../lib/sweeping-process.ts', import.meta.url).pathname;
  const start = (folder: string) => spawn(process.execPath, ['--import', 'tsx', program, folder], { stdio: ['ignore', 'pipe', 'inherit'] });
  const { output: expected } = await finished(start(join(root, 'unkilled')));
  for (let round = 0; round < runs(1); round++) {
    const folder = join(root, `killed-${round}`);
    for (let kill = 0; kill < 3; kill++) {
      const child = start(folder);
      const journal = join(folder, 'journal.log');
      const size = () => (existsSync(journal) ? readFileSync(journal).length : 0);
      const before = size();
      while (size() <= before && child.exitCode === null) await new Promise((resolve) => setTimeout(resolve, 5));
      await new Promise((resolve) => setTimeout(resolve, (round * 41 + kill * 97) % 300));
      child.kill('SIGKILL');
      await finished(child);
    }
    expect(await finished(start(folder))).toEqual({ code: 0, output: expected });
  }
}, 120_000);

/** What a process says, and how it ends. */
async function finished(child: ReturnType<typeof spawn>): Promise<{ code: number | null; output: string }> {
  let output = '';
  child.stdout?.on('data', (part) => (output += part));
  const code = child.exitCode ?? child.signalCode ?? (await new Promise<number | null>((resolve) => child.once('close', resolve)));
  return { code: code as number | null, output };
}

test.each([
  [() => sweep({} as never, () => 1), 'sweep: expected trials, such as gridSearch({ x: [1, 2] }), got {}'],
  [() => sweep(kinds('a'), 5 as never), "sweep: expected a trial: a function, or the URL of a module whose default export it is, new URL('./trial.ts', import.meta.url), got 5"],
  [() => sweep(kinds('a'), () => 1, { workers: 2 }), 'sweep: a function runs here, one job after another; for workers give the URL of a module whose default export it is'],
  [() => sweep(kinds('a'), () => 1, { retries: -1 }), 'sweep: expected retries to be a whole number from 0, got -1'],
  [() => sweep(kinds('a'), () => 1, { worker: 1 } as never), 'sweep: there is no option worker; did you mean workers?'],
])('what makes no sense is refused: %#', async (make, message) => {
  await expect(make()).rejects.toThrow(message);
}); // biome-ignore format: a message each
