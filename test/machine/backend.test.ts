/** Where WebAssembly is missing or forbidden, everything still works, and to the same bits. */

import { afterEach, expect, test, vi } from 'vitest';

afterEach(() => {
  vi.unstubAllGlobals();
  vi.resetModules();
});

/** Trains a small network from a seed, and tells which machine did it and what came of it. */
async function train(): Promise<{ machine: string; outputs: number[] }> {
  const { Linear, Random, Sequential, SGD, Sigmoid, SoftmaxCrossEntropy, Tanh, Tensor } = await import('../../src/index.ts');
  const { machine } = await import('../../src/machine/backend.ts');
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
  return { machine: machine().constructor.name, outputs: [...model.forward(x).data] };
}

test('training finds the same bits with kernels and without', async () => {
  const { Memory } = WebAssembly;
  const fast = await train();
  expect(fast.machine).toBe('WasmMachine');

  vi.resetModules();
  vi.stubGlobal('WebAssembly', undefined);
  const missing = await train();
  expect(missing.machine).toBe('Object');
  expect(missing.outputs).toEqual(fast.outputs);

  vi.resetModules();
  const Module = class {
    constructor() {
      throw new EvalError('a strict policy');
    }
  };
  vi.stubGlobal('WebAssembly', { Memory, Module });
  const forbidden = await train();
  expect(forbidden.machine).toBe('Object');
  expect(forbidden.outputs).toEqual(fast.outputs);
});

test('importing the package compiles nothing', async () => {
  const compiled = vi.fn();
  vi.stubGlobal('WebAssembly', { Memory: compiled, Module: compiled, Instance: compiled });
  await import('../../src/index.ts');
  await import('../../src/datasets/index.ts');
  expect(compiled).not.toHaveBeenCalled();
});
