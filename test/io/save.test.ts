/** The two words of the first page. */

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { BatchNorm, DataError, Linear, relu, Sequential, StateError, stateDict, Tensor, training, ValueError } from '../../src/index.ts';
import { load, loadTensors, readSafetensors, save } from '../../src/io/index.ts';

const folder = mkdtempSync(join(tmpdir(), 'tapegrad-save-'));
afterAll(() => rmSync(folder, { recursive: true }));
const make = (seed: number) =>
  new Sequential(new Linear(3, 4, { seed }), new BatchNorm(4), relu, new Linear(4, 2, { seed: seed + 1, dtype: 'float32' }));
const bits = (model: object) => Object.entries(stateDict(model)).map(([path, { data }]) => [path, ...data]);

test('a model comes back to the bit, with its buffers, in every format', async () => {
  for (const format of ['safetensors', 'npz', 'json']) {
    const [model, other] = [make(1), make(5)];
    training(() => model.forward(Tensor.normal([6, 3], { seed: 1 })));
    const path = join(folder, `model.${format}`);
    await save(model, path);
    await load(other, path);
    expect(bits(other)).toEqual(bits(model));
    expect([...(await loadTensors(path)).keys()].sort()).toEqual(Object.keys(stateDict(model)).sort());
  }
});

test('numbers that JSON does not know come back too', async () => {
  const path = join(folder, 'odd.json');
  const layer = new Linear(2, 2, { dtype: 'float64' });
  layer.weight.assign(Tensor.of([[Number.NaN, -0], [Infinity, 5e-324]], 'float64')); // biome-ignore format: a matrix
  await save(layer, path);
  const other = new Linear(2, 2, { dtype: 'float64' });
  await load(other, path);
  expect([...other.weight.data]).toEqual([Number.NaN, -0, Infinity, 5e-324]);
});

test('a file whose numbers were damaged is told, with the one before', async () => {
  const path = join(folder, 'damaged.safetensors');
  await save(make(1), path);
  const bytes = readFileSync(path);
  expect(readSafetensors(new Uint8Array(bytes)).metadata.get('sha256')).toMatch(/^[0-9a-f]{64}$/);
  bytes[bytes.length - 3]! ^= 1;
  writeFileSync(path, bytes);
  const model = make(2);
  const before = bits(model);
  await expect(load(model, path)).rejects.toThrow(/SHA-256.*damaged; the one before is .*damaged\.safetensors\.previous/);
  expect(bits(model)).toEqual(before);
});

test('what does not fit is refused, and nothing is loaded', async () => {
  const path = join(folder, 'other.npz');
  await save(new Linear(2, 2), path);
  await expect(load(make(1), path)).rejects.toThrow(StateError);
  await expect(load(make(1), join(folder, 'none.npz'))).rejects.toThrow(DataError);
  await expect(save(make(1), join(folder, 'model.pt'))).rejects.toThrow(/ends in \.safetensors, \.npz, \.json/);
  await expect(save(make(1), 3 as never)).rejects.toThrow(ValueError);
  await expect(save(3 as never, path)).rejects.toThrow(ValueError);
  await expect(loadTensors('model')).rejects.toThrow(ValueError);
});
