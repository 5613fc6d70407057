/** One job by itself, and all outcomes put together. */

import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, expect, test } from 'vitest';
import { DataError, defaultRandom, manualSeed, Tensor } from '../../src/index.ts';
import { collectTrials, gridSearch, runTrial, successiveHalving, sweep } from '../../src/sweep/index.ts';

const root = mkdtempSync(join(tmpdir(), 'tapegrad-trials-'));
afterAll(() => rmSync(root, { recursive: true }));
const [job] = gridSearch({ x: [2] }, { folds: 2 }).ask();

test('a trial is handed its configuration, and what there is besides', async () => {
  const reported: number[][] = [];
  const outcome = await runTrial(
    job!,
    ({ x }, { report, signal, ...rest }) => {
      report(1, x);
      expect(rest).toEqual({ id: 'trial-0000-seed-0-fold-0', trial: 0, seed: 0, fold: 0, folds: 2 });
      expect(signal.aborted).toBe(false);
      return { loss: NaN, x };
    },
    { onReport: (...report) => reported.push(report) },
  );
  expect(outcome).toEqual({ values: { loss: NaN, x: 2 } });
  expect(reported).toEqual([[1, 2]]);
});

test('what it throws is an outcome; what it reports wrongly is thrown there', async () => {
  const throwing = () => {
    throw new RangeError('no such x');
  };
  expect((await runTrial(job!, throwing)).error).toMatchObject({
    name: 'RangeError',
    message: 'no such x',
    stack: expect.stringContaining('run-trial'),
  });
  const reporting = await runTrial(job!, (_, { report }) => {
    report(0.5, 1);
    return 1;
  });
  expect(reporting.error!.message).toBe('report: expected step to be a whole number from 0, got 0.5');
});

test('a job whose outcome is in the folder is not run again, and all are collected, rung after rung', async () => {
  const folder = pathToFileURL(join(root, 'kept'));
  const make = () => successiveHalving({ x: [1, 2, 3] }, { trials: 3, epochs: [1, 2], seeds: [0, 1] });
  let count = 0;
  const trial = ({ x }: { x: number }, { epochs, folder }: { epochs?: number; folder?: string }) => {
    expect(existsSync(folder!)).toBe(true);
    count++;
    return x / epochs!;
  };
  for (let rung = 0; rung < 2; rung++) {
    const trials = make();
    await collectTrials(trials, folder);
    for (const job of [...trials.rung(rung), ...trials.rung(rung)]) await runTrial(job, trial, { folder });
  }
  expect(count).toBe(8);
  const trials = make();
  expect(await collectTrials(trials, folder)).toBe(0);
  expect(trials.result).toEqual(await sweep(make(), trial as never, { folder: join(root, 'swept') }));
  expect(readdirSync(folder).filter((name) => !name.includes('.'))).toHaveLength(6);
});

test('an outcome that is damaged is an error, not run over', async () => {
  writeFileSync(join(root, `${job!.id}.json`), '{"values":');
  await expect(runTrial(job!, () => 1, { folder: root })).rejects.toThrow(DataError);
});

test('a signal that was aborted is thrown, and nothing is kept', async () => {
  const controller = new AbortController();
  const folder = join(root, 'aborted');
  const aborting = () => {
    controller.abort(new Error('enough'));
    return 1;
  };
  const running = runTrial(job!, aborting, { folder, signal: controller.signal });
  await expect(running).rejects.toThrow('enough');
  expect(readdirSync(folder).filter((name) => name.endsWith('.json'))).toEqual([]);
  await expect(runTrial(job!, () => 1, { signal: controller.signal })).rejects.toThrow('enough');
});

test('the default generator stands at its beginning for each trial, and goes on afterwards as if nothing had happened', async () => {
  manualSeed(5);
  const next = defaultRandom().state;
  const draw = () => Tensor.uniform([]).item();
  const [a, b] = [await runTrial(job!, draw), await runTrial(job!, draw)];
  expect(a).toEqual(b);
  expect(defaultRandom().state).toEqual(next);
});

test.each([
  [() => runTrial({} as never, () => 1), 'runTrial: expected a job that a list of trials gave, got {}'],
  [() => runTrial(job!, './trial.ts' as never), "runTrial: expected trial to be a function, got './trial.ts'"],
  [() => runTrial(job!, () => 1, { folder: 5 as never }), 'runTrial: expected folder to be a path, or the URL of a folder, got 5'],
  [() => collectTrials({} as never, root), 'collectTrials: expected trials, such as gridSearch({ x: [1, 2] }), got {}'],
])('what makes no sense is refused: %#', async (make, message) => {
  await expect(make()).rejects.toThrow(message);
});
