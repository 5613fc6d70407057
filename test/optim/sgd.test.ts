/** Gradient descent, step by step, against its formulas in plain numbers. */

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Gradients, Linear, loadStateDict, Parameter, SGD, SoftmaxCrossEntropy, stateDict, Tape, Tensor } from '../../src/index.ts';

const float64 = (values: number | number[]): Tensor => Tensor.of(values, 'float64');
const at = (values: number[]): Parameter => new Parameter(float64(values));

interface Settings {
  readonly learningRate: number;
  readonly momentum: number | readonly number[];
  readonly weightDecay: number;
  readonly nesterov: boolean;
}

/** The descent of one number, as PyTorch's documentation writes it. */
function descend(start: number, slopes: readonly number[], { learningRate, momentum, weightDecay, nesterov }: Settings): number {
  let [w, velocity] = [start, 0];
  slopes.forEach((slope, step) => {
    const g = slope + weightDecay * w;
    const kept = typeof momentum === 'number' ? momentum : momentum[step]!;
    velocity = step === 0 ? g : kept * velocity + g;
    w -= learningRate * (nesterov ? g + kept * velocity : velocity);
  });
  return w;
}

/** Not `fc.double`, which draws exponents alike, so that most of its numbers are next to 0 and change nothing. */
const hundredths = (from: number, to: number): fc.Arbitrary<number> =>
  fc.integer({ min: Math.round(100 * from), max: Math.round(100 * to) }).map((i) => i / 100);

const settings: fc.Arbitrary<Settings> = fc
  .record({
    learningRate: hundredths(0, 1),
    momentum: fc.oneof(
      fc.constant(0),
      hundredths(0.1, 0.99),
      fc.array(fc.oneof(fc.constant(0), hundredths(0, 0.99)), { minLength: 6, maxLength: 6 }),
    ),
    weightDecay: fc.oneof(fc.constant(0), hundredths(0, 0.5)),
    nesterov: fc.boolean(),
  })
  .map((chosen) => ({ ...chosen, nesterov: chosen.nesterov && chosen.momentum !== 0 }));

test('every step follows the formulas, whatever the settings', () => {
  const numbers = hundredths(-3, 3);
  fc.assert(
    fc.property(settings, fc.tuple(numbers, numbers), fc.array(fc.tuple(numbers, numbers), { maxLength: 6 }), (options, start, slopes) => {
      const w = at(start);
      const { momentum } = options;
      const optimizer = new SGD({ w }, { ...options, momentum: typeof momentum === 'number' ? momentum : (step) => momentum[step]! });
      for (const slope of slopes) optimizer.step(new Gradients([[w, float64(slope)]]));
      for (const i of [0, 1] as const) {
        const wanted = descend(
          start[i],
          slopes.map((slope) => slope[i]),
          options,
        );
        // To the bit: float64 is what plain numbers are. Only zeros may differ in sign.
        expect(w.data[i]! + 0).toBe(wanted + 0);
      }
    }),
  );
});

describe('minimize', () => {
  test('returns the loss before the step, and decreases the loss', () => {
    const w = at([3, -4]);
    const optimizer = new SGD({ w }, { learningRate: 0.25 });
    expect([0, 1, 2].map(() => optimizer.minimize(() => w.mul(w).sum()))).toEqual([25, 6.25, 1.5625]);
    expect([w.toArray(), w.version]).toEqual([[0.375, -0.5], 3]);
  });

  test('is record, backward and step', () => {
    const [x, y] = [Tensor.uniform([8, 3], { seed: 1 }) as Tensor, Tensor.of([0, 1, 0, 1, 1, 0, 1, 0], 'int32')];
    const criterion = new SoftmaxCrossEntropy();
    const [a, b] = [new Linear(3, 2), new Linear(3, 2)];
    loadStateDict(b, stateDict(a));
    const [together, apart] = [new SGD(a, { learningRate: 0.1, momentum: 0.9 }), new SGD(b, { learningRate: 0.1, momentum: 0.9 })];
    for (let step = 0; step < 3; step++) {
      const tape = new Tape();
      const loss = tape.record(() => criterion.forward(b.forward(x), y));
      apart.step(tape.backward(loss));
      expect(together.minimize(() => criterion.forward(a.forward(x), y))).toBe(loss.item());
    }
    expect(a.weight.toArray()).toEqual(b.weight.toArray());
    expect(a.bias!.toArray()).toEqual(b.bias!.toArray());
  });
});

test('a changed learning rate holds from the next step, and a rate of 0 changes nothing', () => {
  const w = at([1]);
  const optimizer = new SGD({ w }, { learningRate: 0 });
  optimizer.minimize(() => w.sum());
  expect(w.toArray()).toEqual([1]);
  optimizer.learningRate = 0.5;
  optimizer.minimize(() => w.sum());
  expect(w.toArray()).toEqual([0.5]);
});

test('a parameter that the loss does not use is unchanged, and so is its velocity', () => {
  const [a, b] = [at([1]), at([1])];
  const optimizer = new SGD({ a, b }, { learningRate: 1, momentum: 0.5, weightDecay: 0.1 });
  optimizer.step(new Gradients([[a, float64([1])]]));
  expect([b.toArray(), b.version]).toEqual([[1], 0]);
  expect(a.data[0]).toBeCloseTo(-0.1, 12);
  optimizer.step(
    new Gradients([
      [a, float64([0])],
      [b, float64([1])],
    ]),
  );
  expect(a.data[0]).toBeCloseTo(-0.1 - (0.5 * 1.1 - 0.01), 12);
  expect(b.data[0]).toBeCloseTo(1 - 1.1, 12);
});

test('two optimizers of one model have separate velocities', () => {
  const w = at([0]);
  const [first, second] = [new SGD({ w }, { learningRate: 1, momentum: 0.5 }), new SGD({ w }, { learningRate: 1, momentum: 0.5 })];
  const slope = new Gradients([[w, float64([1])]]);
  first.step(slope);
  second.step(slope);
  expect(w.toArray()).toEqual([-2]);
  first.step(slope);
  expect(w.toArray()).toEqual([-3.5]);
});

test('a step does not change the gradients, also where they become the first velocity', () => {
  const w = at([0, 0]);
  const slope = float64([1, 2]);
  const optimizer = new SGD({ w }, { learningRate: 1, momentum: 0.9, nesterov: true });
  for (let step = 0; step < 3; step++) optimizer.step(new Gradients([[w, slope]]));
  expect(slope.toArray()).toEqual([1, 2]);
});

test('gradients of several tapes add up to the step of the whole batch', () => {
  const [x, y] = [Tensor.uniform([6, 3], { seed: 1, dtype: 'float64' }) as Tensor, Tensor.of([0, 1, 1, 0, 1, 0], 'int32') as Tensor];
  const sum = new SoftmaxCrossEntropy({ reduction: 'sum' });
  const make = () => new Linear(3, 2, { seed: 7, dtype: 'float64' });
  const [whole, parts] = [make(), make()];
  new SGD(whole, { learningRate: 0.1 }).minimize(() => sum.forward(whole.forward(x), y).div(6));
  const gradients = [0, 2, 4].map((start) => {
    const tape = new Tape();
    const rows = [[start, start + 2]] as const;
    return tape.backward(tape.record(() => sum.forward(parts.forward(x.slice(rows)), y.slice(rows))));
  });
  new SGD(parts, { learningRate: 0.1 }).step(gradients.reduce((a, b) => a.add(b)).scale(1 / 6));
  parts.weight.data.forEach((w, i) => expect(w).toBeCloseTo(whole.weight.data[i]!, 12));
});

test('a tape that was recorded before the step cannot be swept after it', () => {
  const w = at([1, 2]);
  const optimizer = new SGD({ w }, { learningRate: 0.1 });
  const tape = new Tape();
  const loss = tape.record(() => w.mul(w).sum());
  optimizer.minimize(() => w.sum());
  expect(() => tape.backward(loss)).toThrow(/^backward: w of shape \[2\] was assigned/);
});

test('steps in float32 round like the operations of their formula', () => {
  const start = Tensor.uniform([5], { seed: 3 }) as Tensor;
  const slope = Tensor.uniform([5], { seed: 4 }) as Tensor;
  const w = new Parameter(start);
  new SGD({ w }, { learningRate: 0.1, weightDecay: 0.01 }).step(new Gradients([[w, slope]]));
  expect(w.toArray()).toEqual(start.sub(slope.add(start.mul(0.01)).mul(0.1)).toArray());
});
