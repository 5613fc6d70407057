/** A training in a file. */

import { execFileSync, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import fc from 'fast-check';
import { afterAll, describe, expect, test } from 'vitest';
import { Adam, DataError, Linear, manualSeed, mseLoss, Random, Run, SGD, StateError, Tensor, train, ValueError } from '../../src/index.ts';
import { loadRun, loadTensors, readSafetensors, save, saveRun, writeSafetensors } from '../../src/io/index.ts';
import { bundled } from '../lib/bundled.ts';
import { bytesOf, type Features, goOn, made } from '../lib/resumable.ts';
import { runs } from '../lib/runs.ts';

const folder = mkdtempSync(join(tmpdir(), 'tapegrad-run-'));
afterAll(() => rmSync(folder, { recursive: true }));

const given: Features = {
  optimizer: 'Adam with amsgrad',
  rate: 'plateau',
  dropout: true,
  batchNorm: true,
  shuffle: true,
  accumulate: 1,
  carried: 'kept',
  tied: true,
  late: true,
  groups: true,
  ownRandom: true,
  byHand: false,
  freezing: true,
  dtype: 'float32',
};
const others: Features[] = [given, { ...given, optimizer: 'LBFGS', groups: false, rate: 'number', byHand: true, carried: 'in the model' }];
const hashOf = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');

/** A small run, with an optimizer of which little is remembered. */
function small(keep: object = {}) {
  const model = new Linear(2, 1, { seed: 1 });
  const data = [[Tensor.ones([3, 2]), Tensor.ones([3, 1])]] as [Tensor, Tensor][];
  return new Run<[Tensor, Tensor], any>({ model, optimizer: new Adam(model), data, loss: ([x, y]) => mseLoss(model.forward(x), y), keep });
}
async function trained(keep: object = {}, epochs = 2) {
  const run = small(keep);
  for await (const _ of train(run, { epochs }));
  return run;
}

const program = await bundled('test/lib/resuming-process.ts');
const inProcess = (path: string, features: Features, stop: number) =>
  execFileSync(process.execPath, [program, path, JSON.stringify(features), String(stop)], { encoding: 'utf8' }).split(' ');

describe('saveRun and loadRun', () => {
  test('go on in another process, to the same bits', { timeout: 300_000 }, async () => {
    for (const features of others) {
      const whole = made(features);
      await goOn(whole, features);
      const path = join(folder, `process-${features.optimizer}.safetensors`);
      expect(inProcess(path, features, 2)[0]).toBe('0');
      expect(inProcess(path, features, -1)).toEqual(['3', hashOf(bytesOf(whole))]);
    }
  });

  test('survive a kill at any moment: a training that is started again ends with the same bits', { timeout: 3_600_000 }, async () => {
    const whole = made(given);
    await goOn(whole, given);
    const expected = hashOf(bytesOf(whole));
    for (let time = 0; time < runs(1); time++) {
      const path = join(folder, `killed-${time}.safetensors`);
      for (let kill = 0; ; kill++) {
        const child = spawn(process.execPath, [program, path, JSON.stringify(given), '-1'], {
          stdio: ['ignore', 'pipe', 'inherit'],
        });
        let text = '';
        child.stdout.setEncoding('utf8');
        const begun = new Promise((resolve) => child.stdout.on('data', (part: string) => resolve((text += part))));
        const ended = new Promise((resolve) => child.once('close', resolve));
        await begun;
        if (kill < 2) setTimeout(() => child.kill('SIGKILL'), (time * 13 + kill * 29) % 90);
        await ended;
        if (!text.includes(expected)) continue;
        expect(text.split(' ')[1]).toBe(expected);
        break;
      }
      rmSync(path);
    }
  });

  test('write one whole file, with the generation before beside it, that others can read', async () => {
    const path = join(folder, 'one.safetensors');
    const run = await trained({ history: [{ loss: Number.NaN }] });
    await saveRun(run, path);
    await saveRun(run, pathToFileURL(path));
    expect(readdirSync(folder).filter((name) => name.startsWith('one'))).toEqual(['one.safetensors', 'one.safetensors.previous']);
    expect((await loadTensors(path)).get('model.weight')!.toArray()).toEqual((run.model as Linear).weight.toArray());
    const bytes = readFileSync(path);
    const { metadata } = readSafetensors(new Uint8Array(bytes));
    expect([...metadata.keys()]).toEqual(['fileSha256', 'tapegrad', 'version', 'state']);
    expect(metadata.get('version')).toBe('1');
    const again = small({ history: [] });
    expect(await loadRun(again, pathToFileURL(path))).toBe(true);
    expect(again.keep.history).toEqual([{ loss: Number.NaN }]);
    expect(again.steps).toBe(2);
  });

  test('save what is at the call, whatever happens while it is written', async () => {
    const path = join(folder, 'meanwhile.safetensors');
    const run = await trained();
    const before = bytesOf(run);
    const saving = saveRun(run, path);
    (run.model as Linear).weight.assign(Tensor.zeros([2, 1]));
    run.steps = 77;
    manualSeed(4);
    await saving;
    const again = small();
    await loadRun(again, path);
    expect(Buffer.compare(bytesOf(again), before)).toBe(0);
  });

  test('a file that is not there is told, or is no matter', async () => {
    const path = join(folder, 'none.safetensors');
    await expect(loadRun(small(), path)).rejects.toThrow(DataError);
    expect(await loadRun(small(), path, { ifThere: true })).toBe(false);
    await expect(loadRun(small(), `${join(folder, 'x'.repeat(5000))}.safetensors`, { ifThere: true })).rejects.toThrow(DataError);
  });

  test('every damaged byte is told, with the file of before, and nothing is loaded', async () => {
    const path = join(folder, 'damaged.safetensors');
    await saveRun(await trained({ note: 'x' }), path);
    const bytes = new Uint8Array(readFileSync(path));
    await fc.assert(
      fc.asyncProperty(fc.nat(bytes.length - 1), fc.integer({ min: 1, max: 255 }), async (place, change) => {
        const damaged = bytes.slice();
        damaged[place]! ^= change;
        writeFileSync(path, damaged);
        const run = small({ note: 'y' });
        const before = bytesOf(run);
        await expect(loadRun(run, path)).rejects.toThrow(DataError);
        expect(Buffer.compare(bytesOf(run), before)).toBe(0);
      }),
      { numRuns: runs(150), interruptAfterTimeLimit: 3_600_000 },
    );
    bytes[bytes.length - 3]! ^= 1;
    writeFileSync(path, bytes);
    await expect(loadRun(small({ note: 'y' }), path)).rejects.toThrow(
      /SHA-256.*damaged; the one before is .*damaged\.safetensors\.previous/,
    );
  });

  test('what is no file of a run is told', async () => {
    const path = join(folder, 'weights.safetensors');
    await save(new Linear(2, 1), path);
    await expect(loadRun(small(), path)).rejects.toThrow(/got one of tensors alone; for a model without its training write load/);
    const run = await trained();
    await saveRun(run, path);
    const { tensors, metadata } = readSafetensors(new Uint8Array(readFileSync(path)));
    const written = (more: object) =>
      writeFileSync(path, writeSafetensors(tensors, { metadata: { ...Object.fromEntries(metadata), ...more } }));
    const none = '0'.repeat(64);
    written({ fileSha256: none, version: '2' });
    await expect(loadRun(small(), path)).rejects.toThrow(/expected version 1 of the file of a run, got '2'; it is of another version/);
    for (const state of ['{}', '[]', '{', '{"$":"tensor","at":"nothing"}', metadata.get('state')!.replace('"format":1', '"format":3')]) {
      written({ fileSha256: none, state });
      await expect(loadRun(small(), path)).rejects.toThrow(/./);
      await expect(loadRun(small(), path)).rejects.toSatisfy((error) => error instanceof DataError || error instanceof StateError);
    }
    // Without a digest, as where none could be computed.
    written({ fileSha256: none });
    expect(await loadRun(small(), path)).toBe(true);
  });

  test('what does not fit is told with the file, and nothing is loaded', async () => {
    const path = join(folder, 'misfit.safetensors');
    await saveRun(await trained(), path);
    const model = new Linear(2, 2);
    const other = new Run({
      model,
      optimizer: new SGD(model, { learningRate: 0.1 }),
      data: [] as Tensor[],
      loss: () => Tensor.of(0),
      random: new Random(1),
    });
    await expect(loadRun(other, path)).rejects.toThrow(
      /misfit\.safetensors: loadRunState: the state does not fit the run, so nothing was loaded/,
    );
    await expect(loadRun(small(), 'run.npz')).rejects.toThrow(/ends in \.safetensors/);
    await expect(saveRun(small(), 'run')).rejects.toThrow(ValueError);
    await expect(saveRun(model as never, path)).rejects.toThrow(/saveRun: expected a run/);
    await expect(loadRun(model as never, path, { ifThere: true })).rejects.toThrow(/loadRun: expected a run/);
    await expect(loadRun(small(), path, { ifthere: true } as never)).rejects.toThrow(/did you mean ifThere/);
    await expect(saveRun(small({ f: new Date() }), path)).rejects.toThrow(/run\.keep\.f: expected plain data/);
  });
});
