/** Where WebAssembly is missing or forbidden, everything still works, to the same bits. */

import { afterEach, describe, expect, test, vi } from 'vitest';
import { backend, Tensor, threads, useBackend, ValueError } from '../../src/index.ts';
import { withMachine } from '../../src/machine/backend.ts';
import type { Machine } from '../../src/machine/machine.ts';
import { plain } from '../../src/machine/plain.ts';

afterEach(() => {
  vi.unstubAllGlobals();
  vi.resetModules();
});

/** `WebAssembly.Module` as a strict content security policy leaves it. */
class Forbidden {
  constructor() {
    throw new EvalError('a strict policy');
  }
}

/** Trains a small network from a seed: the name of the backend, and the outputs. */
async function train(): Promise<{ name: string; reason: string | undefined; outputs: number[] }> {
  const { backend, Linear, Random, Sequential, SGD, Sigmoid, SoftmaxCrossEntropy, Tanh, Tensor } = await import('../../src/index.ts');
  const random = new Random(1);
  const model = new Sequential(
    new Linear(2, 7, { random }),
    new Sigmoid(),
    new Linear(7, 5, { random }),
    new Tanh(),
    new Linear(5, 3, { random }),
  );
  const optimizer = new SGD(model, { learningRate: 1, momentum: 0.5, weightDecay: 0.01 });
  const criterion = new SoftmaxCrossEntropy();
  const [x, y] = [
    Tensor.normal([9, 2], { random }),
    new Tensor(
      [9],
      Int32Array.from({ length: 9 }, (_, i) => i % 3),
    ),
  ];
  for (let step = 0; step < 20; step++) optimizer.minimize(() => criterion.forward(model.forward(x), y));
  return { ...backend(), outputs: [...model.forward(x).data] };
}

test('training finds the same bits with kernels and without', async () => {
  const { Memory } = WebAssembly;
  const fast = await train();
  expect([fast.name, fast.reason]).toEqual(['wasm', undefined]);

  vi.resetModules();
  vi.stubGlobal('WebAssembly', undefined);
  const missing = await train();
  expect(missing.name).toBe('plain');
  expect(missing.reason).toMatch(/^WebAssembly with SIMD is not available here: /);
  expect(missing.outputs).toEqual(fast.outputs);

  vi.resetModules();
  vi.stubGlobal('WebAssembly', { Memory, Module: Forbidden });
  const forbidden = await train();
  expect([forbidden.name, forbidden.reason]).toEqual(['plain', 'WebAssembly with SIMD is not available here: EvalError: a strict policy']);
  expect(forbidden.outputs).toEqual(fast.outputs);
});

describe('useBackend', () => {
  afterEach(() => useBackend('wasm'));

  test('chooses plain loops and says so, and kernels again', () => {
    expect(backend()).toEqual({ name: 'wasm', reason: undefined, threads: threads().count });
    useBackend('plain');
    expect(backend()).toEqual({ name: 'plain', reason: "chosen by useBackend('plain')", threads: threads().count });
    useBackend('wasm');
    expect(backend()).toEqual({ name: 'wasm', reason: undefined, threads: threads().count });
  });

  test('refuses any other name, lists the valid ones, and changes nothing', () => {
    for (const name of ['gpu', 'WASM', true, undefined]) {
      expect(() => useBackend(name as 'wasm')).toThrow(ValueError);
      expect(() => useBackend(name as 'wasm')).toThrow(/expected 'wasm' or 'plain', got/);
    }
    expect(backend().name).toBe('wasm');
  });

  test('throws the reason where the host has no WebAssembly, and plain loops stay in use', async () => {
    vi.resetModules();
    vi.stubGlobal('WebAssembly', { Memory: WebAssembly.Memory, Module: Forbidden });
    const fresh = await import('../../src/index.ts');
    expect(() => fresh.useBackend('wasm')).toThrow(fresh.StateError);
    expect(() => fresh.useBackend('wasm')).toThrow(/not available here: EvalError: a strict policy; plain loops give the same bits/);
    expect(fresh.backend().name).toBe('plain');
    expect(fresh.Tensor.of([1, 2]).add(1).toArray()).toEqual([2, 3]);
  });
});

test('another machine does the arithmetic of one call, and no longer, also where it throws', () => {
  const sums: number[] = [];
  const counted: Machine['sum'] = (x, axis) => {
    sums.push(axis.count);
    return plain.sum(x, axis);
  };
  const counting: Machine = { ...plain, sum: counted };
  expect(withMachine(counting, () => Tensor.ones([3]).sum().item())).toBe(3);
  expect(() =>
    withMachine(counting, () => {
      throw new Error('within');
    }),
  ).toThrow('within');
  Tensor.ones([5]).sum();
  expect(sums).toEqual([3]);
  expect(backend().name).toBe('wasm');
});

test('importing the package compiles nothing', async () => {
  const compiled = vi.fn();
  vi.stubGlobal('WebAssembly', { Memory: compiled, Module: compiled, Instance: compiled });
  await import('../../src/index.ts');
  await import('../../src/datasets/index.ts');
  expect(compiled).not.toHaveBeenCalled();
});
