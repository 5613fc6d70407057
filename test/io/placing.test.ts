/** Files of other programs into models, by names. */

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, describe, expect, test } from 'vitest';
import { Linear, Parameter, relu, Sequential, StateError, stateDict, Tensor, ValueError } from '../../src/index.ts';
import { load, loadTensors, readSafetensors, save, saveTensors } from '../../src/io/index.ts';
import { readWhole } from '../../src/io/whole-files.ts';
import { runs } from '../lib/runs.ts';

const folder = mkdtempSync(join(tmpdir(), 'tapegrad-placing-'));
afterAll(() => rmSync(folder, { recursive: true }));
let count = 0;
const file = (format = 'safetensors') => join(folder, `${count++}.${format}`);
const make = () => ({ net: new Sequential(new Linear(2, 3), relu, new Linear(3, 1)) });
const bits = (model: object) => Object.entries(stateDict(model)).map(([path, { data }]) => [path, ...data]);

test('any renaming is undone by its mapping, in every format', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.uniqueArray(fc.string(), { minLength: 4, maxLength: 4 }),
      fc.constantFrom('safetensors', 'npz', 'json'),
      async (others, format) => {
        fc.pre(!others.includes('__metadata__') && others.every((name) => !name.endsWith('.npy')));
        const [a, b] = [make(), make()];
        const paths = Object.keys(stateDict(a));
        const names = Object.fromEntries(paths.map((path, i) => [path, others[i]!]));
        const path = file(format);
        await saveTensors(new Map(Object.entries(stateDict(a)).map(([name, x]) => [names[name]!, x])), path);
        expect(await load(b, path, { names })).toEqual({ loaded: paths, missing: [], leftOver: [] });
        expect(bits(b)).toEqual(bits(a));
      },
    ),
    { numRuns: runs(20) },
  );
});

test('numbers of another dtype are refused with what casts them', async () => {
  const path = file('npz');
  await saveTensors({ weight: Tensor.zeros([2, 1], 'float64'), bias: Tensor.zeros([1]) }, path);
  await expect(load(new Linear(2, 1), path)).rejects.toThrow(
    /misfit: weight, expected float32 \[2, 1\], got float64 \[2, 1\]; tensors are cast by x\.cast\('float32'\)/,
  );
});

describe('a mapping', () => {
  test('may be a function of the name', async () => {
    const path = file();
    const a = make();
    await saveTensors(Object.fromEntries(Object.entries(stateDict(a)).map(([name, x]) => [`module.${name}`, x])), path);
    const b = make();
    await load(b, path, { names: (name) => `module.${name}` });
    expect(bits(b)).toEqual(bits(a));
    await expect(load(b, path, { names: (() => 3) as never })).rejects.toThrow(
      /expected a name in the file for net\.layers\.0\.weight, got 3/,
    );
  });

  test('names what the model has, the nearest where it does not', async () => {
    const path = file();
    await save(make(), path);
    await expect(load(make(), path, { names: { 'net.layer.0.weight': 'x' } })).rejects.toThrow(/did you mean net\.layers\.0\.weight\?/);
    await expect(load(make(), path, { names: { weight: 3 } as never })).rejects.toThrow(ValueError);
    await expect(load(make(), path, { name: {} } as never)).rejects.toThrow(/did you mean names\?/);
    await expect(load(make(), path, { names: { 'net.layers.0.weight': 'fc1' } })).rejects.toThrow(
      /missing: net\.layers\.0\.weight \(fc1 in the file\), float32 \[2, 3\]\n {2}left over: net\.layers\.0\.weight, which the model does not have/,
    );
  });
});

describe('a part of a file', () => {
  test('is refused unless it is asked for; then all else is told', async () => {
    const path = file('npz');
    const body = new Linear(2, 3);
    await saveTensors({ 'net.layers.0.weight': body.weight, 'net.layers.0.bias': body.bias!, head: Tensor.of([1]) }, path);
    const model = make();
    const before = bits(model);
    await expect(load(model, path)).rejects.toThrow(StateError);
    expect(bits(model)).toEqual(before);
    expect(await load(model, path, { partial: true })).toEqual({
      loaded: ['net.layers.0.weight', 'net.layers.0.bias'],
      missing: ['net.layers.2.weight', 'net.layers.2.bias'],
      leftOver: ['head'],
    });
    expect(bits(model)[0]).toEqual(['net.layers.0.weight', ...body.weight.data]);
    expect(bits(model).slice(2)).toEqual(before.slice(2));
  });

  test('is not nothing', async () => {
    const path = file();
    await saveTensors({ a: Tensor.of([1]) }, path);
    await expect(load(make(), path, { partial: true })).rejects.toThrow(/none of the tensors has a name of the model/);
    expect(await load({}, path, { partial: true })).toEqual({ loaded: [], missing: [], leftOver: ['a'] });
  });
});

test('tensors are saved by name, with metadata where the format has them', async () => {
  const path = file();
  await saveTensors(new Map([['w', Tensor.of([1, 2])]]), path, { metadata: { format: 'pt' } });
  expect((await loadTensors(path)).get('w')!.toArray()).toEqual([1, 2]);
  const { metadata } = readSafetensors(await readWhole(path));
  expect([metadata.get('format'), metadata.get('sha256')]).toEqual(['pt', expect.stringMatching(/^[0-9a-f]{64}$/)]);
  await expect(saveTensors({ w: Tensor.of(1) }, file('npz'), { metadata: {} })).rejects.toThrow(/has no metadata/);
  await expect(saveTensors({ w: 1 } as never, file('json'))).rejects.toThrow(/saveTensors/);
  await expect(saveTensors([] as never, file('json'))).rejects.toThrow(/expected tensors by name/);
  await expect(save(new Map([['w', Tensor.of(1)]]), path)).rejects.toThrow(/saveTensors\(tensors, path\)/);
  await save(new Map([['w', new Parameter(Tensor.of(1))]]), path);
});
