/** State dicts of a real PyTorch, written by `scripts/pytorch/layers.py`: forward, a step of training, and evaluation afterwards, for every layer. */

import { describe, expect, test } from 'vitest';
import { cases, trained } from '../../scripts/pytorch/layers.ts';
import type { FloatDtype, Tensor } from '../../src/index.ts';
import { fromPyTorch, loadTensors, toPyTorch } from '../../src/io/index.ts';

const golden = await loadTensors('test/golden/pytorch.safetensors');

/** The tensors of a case, by what follows its name. */
function under(prefix: string): Map<string, Tensor> {
  return new Map([...golden].filter(([name]) => name.startsWith(prefix)).map(([name, x]) => [name.slice(prefix.length), x]));
}

function expectClose(found: Tensor, expected: Tensor, tolerance: number, what: string): void {
  expect([what, ...found.shape]).toEqual([what, ...expected.shape]);
  const off = Math.max(0, ...Array.from(expected.data, (x, i) => Math.abs(found.data[i]! - x) / (1 + Math.abs(x))));
  expect(off, what).toBeLessThan(tolerance);
}

const run = [...new Set([...golden.keys()].map((name) => name.split('/', 2).join('/')))].map(
  (name) => name.split('/') as [FloatDtype, string],
);

test('there is a case for every module', () => {
  expect([...new Set(run.map(([, name]) => name))].toSorted()).toEqual(Object.keys(cases).toSorted());
});

describe.each(run)('the weights of PyTorch 2.13 in %s, %s,', (dtype, name) => {
  const tolerance = dtype === 'float64' ? 1e-12 : 1e-5;
  const found = under(`${dtype}/${name}/`);
  const before = under(`${dtype}/${name}/before/`);

  test('give its results, before and after a step of training', () => {
    const made = cases[name]!(dtype);
    const { loaded, missing, leftOver } = fromPyTorch(made.model, before);
    expect([[...loaded].toSorted(), missing, leftOver]).toEqual([[...before.keys()].toSorted(), [], []]);
    const inputs = [0, 1, 2].flatMap((i) => found.get(`x${i}`) ?? []);
    const { y, z } = trained(made, inputs, found.get('target')!);
    expectClose(y, found.get('y')!, tolerance, 'y');
    expectClose(z, found.get('z')!, tolerance, 'z');
    const after = toPyTorch(made.model);
    // PyTorch's InstanceNorm has a count of batches, and never counts.
    if (name === 'instance-norm') expect(after.get('num_batches_tracked')!.item()).toBe(4);
    for (const [key, x] of under(`${dtype}/${name}/after/`))
      if (!(name === 'instance-norm' && key === 'num_batches_tracked')) expectClose(after.get(key)!, x, tolerance, key);
  });

  test('are written as they were read', () => {
    const { model } = cases[name]!(dtype);
    fromPyTorch(model, before);
    const written = toPyTorch(model);
    expect([...written.keys()].toSorted()).toEqual([...before.keys()].toSorted());
    for (const [key, x] of written) expect([key, x.dtype, x.shape, [...x.data]]).toEqual([key, before.get(key)!.dtype, before.get(key)!.shape, [...before.get(key)!.data]]);
  });
});
