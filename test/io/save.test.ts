/** The two words of the first page. */

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import {
  Adam,
  BatchNorm,
  DataError,
  Linear,
  Run,
  relu,
  Sequential,
  StateError,
  stateDict,
  Tensor,
  training,
  ValueError,
} from '../../src/index.ts';
import { load, loadTensors, readSafetensors, save, saveRun } from '../../src/io/index.ts';

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

test('of several calls for one file the last is the one that stays, in any format', async () => {
  for (const format of ['safetensors', 'npz', 'json']) {
    const path = join(folder, `several.${format}`);
    // Large ones first, which take longer.
    const models = [200, 100, 1].map((size) => new Linear(size, size, { seed: size }));
    await Promise.all(models.map((model) => save(model, path)));
    expect((await loadTensors(path)).get('weight')!.shape).toEqual([1, 1]);
  }
});

test('of a training that saveRun has saved it is the model that is loaded', async () => {
  const path = join(folder, 'run.safetensors');
  const [model, other] = [make(1), make(5)];
  const optimizer = new Adam(model);
  optimizer.minimize(() => model.forward(Tensor.normal([6, 3], { seed: 1 })).sum());
  const run = new Run({
    model,
    optimizer,
    data: [Tensor.ones([6, 3])],
    loss: (x) => model.forward(x).sum(),
    keep: { best: stateDict(make(2)) },
  });
  await saveRun(run, path);
  expect(await load(other, path)).toMatchObject({ missing: [], leftOver: [] });
  expect(bits(other)).toEqual(bits(model));
  for (const whole of [run, optimizer])
    for (const attempt of [() => save(whole, join(folder, 'x.npz')), () => load(whole, path)])
      await expect(attempt()).rejects.toThrow(/expected a model, got (a run|an optimizer); (save|load)Run\(run, path\)/);
});

test('what is at an address is fetched; what is not there, and a page in its place, is told', async () => {
  const path = join(folder, 'served.safetensors');
  await save(make(1), path);
  const server = createServer(({ url }, response) => {
    if (url?.startsWith('/model.safetensors')) return void response.end(readFileSync(path));
    if (url === '/page.npz') return void response.setHeader('content-type', 'text/html; charset=utf-8').end('<html>');
    response.writeHead(url === '/broken.npz' ? 500 : 404).end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const base = `http://127.0.0.1:${(server.address() as { port: number }).port}`;
  try {
    for (const address of [`${base}/model.safetensors`, new URL(`${base}/model.safetensors?v=3#top`)]) {
      const model = make(9);
      await load(model, address);
      expect(bits(model)).toEqual(bits(make(1)));
    }
    await expect(loadTensors(`${base}/none.npz`)).rejects.toThrow(/none\.npz: cannot be read: .*status 404/);
    await expect(loadTensors(`${base}/broken.npz`)).rejects.toThrow(/status 500/);
    await expect(loadTensors(`${base}/page.npz`)).rejects.toThrow(/a page, not a file/);
    await expect(save(make(1), `${base}/model.safetensors`)).rejects.toThrow(/cannot be written: .*address/);
  } finally {
    server.close();
    server.closeAllConnections();
  }
  await expect(loadTensors(`${base}/model.safetensors`)).rejects.toThrow(/model\.safetensors: cannot be read: /);
});

test('what does not fit is refused, and nothing is loaded', async () => {
  const path = join(folder, 'other.npz');
  await save(new Linear(2, 2), path);
  await expect(load(make(1), path)).rejects.toThrow(StateError);
  await expect(load(make(1), join(folder, 'none.npz'))).rejects.toThrow(DataError);
  await expect(save(make(1), join(folder, 'model.pt'))).rejects.toThrow(/ends in \.safetensors, \.npz, \.json/);
  await expect(save(make(1), 3 as never)).rejects.toThrow(ValueError);
  await expect(save(3 as never, path)).rejects.toThrow(/^save: /);
  await expect(save((() => 1) as never, path)).rejects.toThrow(/^save: expected a model, .*got a function/);
  await expect(loadTensors(join(folder, 'model.pt'))).rejects.toThrow(/a pickle is a program.*save_file/);
  await expect(loadTensors('model')).rejects.toThrow(ValueError);
});
