/** L-BFGS of a model. Its numbers are held against PyTorch in `test/golden/optimizers.test.ts`. */

import { afterEach, describe, expect, test } from 'vitest';
import {
  defaultRandom,
  Gradients,
  LBFGS,
  Linear,
  manualSeed,
  mseLoss,
  Parameter,
  Sequential,
  Tanh,
  TapeError,
  Tensor,
  useBackend,
  ValueError,
} from '../../src/index.ts';

afterEach(() => useBackend('wasm'));

const float64 = (values: number | number[]) => Tensor.of(values, 'float64');
/** `Σ (x − 3)² + (x − 3)⁴` */
const bowl = (w: Tensor) => w.sub(3).pow(2).add(w.sub(3).pow(4)).sum();

test('it fits a network to a function, in float32 and float64, with kernels and without to the same bits', () => {
  const train = (dtype: 'float32' | 'float64') => {
    const model = new Sequential(new Linear(1, 8, { seed: 1, dtype }), new Tanh(), new Linear(8, 1, { seed: 2, dtype }));
    const x = Tensor.linspace(-1, 1, 16, dtype).reshape([16, 1]) as Tensor;
    const optimizer = new LBFGS(model);
    const losses = Array.from({ length: 6 }, () => optimizer.minimize(() => mseLoss(model.forward(x) as Tensor, x.mul(x))));
    expect(optimizer.steps).toBe(6);
    return losses;
  };
  for (const dtype of ['float32', 'float64'] as const) {
    useBackend('wasm');
    const losses = train(dtype);
    expect(losses.at(-1)).toBeLessThan(1e-3 * losses[0]!);
    useBackend('plain');
    expect(train(dtype)).toEqual(losses);
  }
});

test('several parameters of several shapes and dtypes move together, and those without a part in the loss stay', () => {
  const model = { a: new Parameter(float64([1, 2])), unused: new Parameter(float64(5)), b: new Parameter(Tensor.of([[0.5]])) };
  const optimizer = new LBFGS(model);
  const loss = () => bowl(model.a).add(bowl(model.b).cast('float64')) as Tensor;
  for (let step = 0; step < 3; step++) optimizer.minimize(loss);
  for (const x of [...model.a.data, ...model.b.data]) expect(x).toBeCloseTo(3, 3);
  expect([model.unused.item(), model.unused.version]).toEqual([5, 0]);
  // Another part of the model: nothing is known of its curvature, and the rest stays.
  const before = model.a.toArray();
  optimizer.minimize(() => model.unused.pow(2).sum());
  expect(model.unused.item()).toBeLessThan(5);
  expect(model.a.toArray()).toEqual(before);
});

test('it goes uphill by the same steps as downhill on the negative', () => {
  const [up, down] = [new Parameter(float64([1, 2])), new Parameter(float64([1, 2]))];
  const [climber, other] = [new LBFGS({ up }, { maximize: true, maxIterations: 3 }), new LBFGS({ down }, { maxIterations: 3 })];
  for (let step = 0; step < 4; step++) expect(climber.minimize(() => bowl(up).neg())).toBe(-other.minimize(() => bowl(down)));
  expect(up.toArray()).toEqual(down.toArray());
});

test('each evaluation draws the same random numbers, and afterwards the generator goes on from after the first', () => {
  manualSeed(3);
  const w = new Parameter(float64([1]));
  const drawn: number[] = [];
  new LBFGS({ w }).minimize(() => {
    const noise = Tensor.normal([1], { dtype: 'float64' });
    drawn.push(noise.item());
    return bowl(w.add(noise.mul(0.01)));
  });
  expect(drawn.length).toBeGreaterThan(3);
  expect(new Set(drawn).size).toBe(1);
  const next = defaultRandom().float();
  manualSeed(3);
  Tensor.normal([1]);
  expect(next).toBe(defaultRandom().float());
});

describe('nothing has moved', () => {
  test.each([1, 2, 4])('after an error in evaluation %i, which is passed on', (last) => {
    const w = new Parameter(float64([1, 2]));
    const optimizer = new LBFGS({ w });
    let evaluations = 0;
    const failing = () => {
      if (++evaluations === last) throw new Error('mine');
      return bowl(w);
    };
    expect(() => optimizer.minimize(failing)).toThrow('mine');
    expect([w.toArray(), optimizer.steps]).toEqual([[1, 2], 0]);
    // Nor is anything remembered of it.
    const other = new Parameter(float64([1, 2]));
    optimizer.minimize(() => bowl(w));
    new LBFGS({ other }).minimize(() => bowl(other));
    expect(w.toArray()).toEqual(other.toArray());
  });

  test('where the rate is 0, or the loss is no number', () => {
    const w = new Parameter(float64([1, 2]));
    const optimizer = new LBFGS({ w }, { learningRate: 0 });
    expect(optimizer.minimize(() => bowl(w))).toBe(20 + 2);
    optimizer.learningRate = 1;
    expect(optimizer.minimize(() => w.mul(Number.NaN).sum())).toBeNaN();
    expect(w.toArray()).toEqual([1, 2]);
  });
});

test('its rate may be a schedule, which is asked once for each call', () => {
  const w = new Parameter(float64([1]));
  const asked: number[] = [];
  const optimizer = new LBFGS(
    { w },
    {
      lineSearch: 'none',
      maxIterations: 1,
      learningRate: (step) => {
        asked.push(step);
        return step === 0 ? 0.5 : 0;
      },
    },
  );
  asked.length = 0;
  optimizer.minimize(() => w.sum());
  optimizer.minimize(() => w.sum());
  expect(w.item()).toBe(0.5);
  expect([...new Set(asked)]).toEqual([0, 1]);
});

test('it has no step of gradients, and refuses what the others refuse', () => {
  const w = new Parameter(float64([1]));
  const optimizer = new LBFGS({ w });
  expect(() => optimizer.step(new Gradients([[w, float64([1])]]))).toThrow(TapeError);
  expect(() => optimizer.step(new Gradients())).toThrow(
    'LBFGS: evaluates the loss itself, several times in each step; write optimizer.minimize(lossOf)',
  );
  expect(() => optimizer.minimize(() => new Parameter(float64([1])).sum())).toThrow(
    /LBFGS: none of its 1 parameters had a part in the loss/,
  );
  expect(() => optimizer.minimize(5 as never)).toThrow(TapeError);
  expect(() => {
    (optimizer as unknown as Record<string, unknown>)['lr'] = 5;
  }).toThrow('LBFGS: lr is set by optimizer.options.learningRate');
  optimizer.options.maxIterations = 0;
  expect(() => optimizer.minimize(() => w.sum())).toThrow('LBFGS: expected maxIterations to be a whole number from 1, got 0');
  const wrong: Record<string, unknown>[] = [
    { lineSearch: 'wolfe' },
    { maxEvaluations: 0 },
    { historySize: 0.5 },
    { gradientTolerance: -1 },
    { changeTolerance: '1' },
    { learningRate: -1 },
    { max_iter: 3 },
  ];
  for (const options of wrong) expect(() => new LBFGS({ w }, options as never)).toThrow(ValueError);
  expect(() => new LBFGS({ w }, { lineSearch: 'wolfe' as never })).toThrow(
    "LBFGS: expected lineSearch to be 'strongWolfe' or 'none', got 'wolfe'",
  );
  expect(new LBFGS({ w }).options).toEqual({
    learningRate: 1,
    lineSearch: 'strongWolfe',
    maxIterations: 20,
    maxEvaluations: undefined,
    historySize: 100,
    gradientTolerance: 1e-7,
    changeTolerance: 1e-9,
    maximize: false,
  });
});

test('what is frozen stays, and has no part in the length of a step', () => {
  const [w, still] = [new Parameter(Tensor.of([3, -4], 'float64')), new Parameter(Tensor.of(2, 'float64'))];
  const optimizer = new LBFGS({ w, still }, { frozen: still });
  optimizer.minimize(() => w.mul(w).sum().mul(still));
  expect([still.item(), ...w.data].map((x) => Number(x.toFixed(6)) + 0)).toEqual([2, 0, 0]);
});

test('a search along a line ends with the evaluations, but for one more; as in PyTorch 2.13', () => {
  for (const maxEvaluations of [1, 2, 5, 40]) {
    const w = new Parameter(float64([1]));
    let evaluations = 0;
    const falling = () => {
      evaluations++;
      return w.sum();
    };
    new LBFGS({ w }, { maxEvaluations, maxIterations: 100 }).minimize(falling);
    expect(evaluations).toBe(maxEvaluations + 1);
    // The only point that was looked at is 1 away.
    if (maxEvaluations === 1) expect(w.item()).toBe(0);
  }
});
