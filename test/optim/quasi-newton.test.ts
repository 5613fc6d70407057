/** The L-BFGS method on plain numbers. */

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type CurvatureMemory, type Evaluation, type QuasiNewtonOptions, quasiNewton } from '../../src/optim/quasi-newton.ts';
import { runs } from '../lib/runs.ts';

const options: QuasiNewtonOptions = {
  learningRate: 1,
  lineSearch: 'strongWolfe',
  maxIterations: 20,
  maxEvaluations: undefined,
  historySize: 100,
  gradientTolerance: 1e-7,
  changeTolerance: 1e-9,
};

/** `½ Σ cᵢ (xᵢ − mᵢ)²`, and how often it was evaluated. */
function valley(curvatures: readonly number[], minimum: readonly number[]) {
  const asked: Float64Array[] = [];
  const at = (x: Float64Array): Evaluation => {
    asked.push(x);
    const gradient = x.map((y, i) => curvatures[i]! * (y - minimum[i]!));
    return { value: x.reduce((sum, y, i) => sum + 0.5 * gradient[i]! * (y - minimum[i]!), 0), gradient };
  };
  const descend = (x: Float64Array, chosen: Partial<QuasiNewtonOptions> = {}, memory: CurvatureMemory = { pairs: [] }) =>
    quasiNewton(x, at(x), at, memory, { ...options, ...chosen });
  return { asked, at, descend };
}
const numbers = fc.array(fc.double({ min: -5, max: 5, noNaN: true }), { minLength: 3, maxLength: 3 });
const curvatures = fc.array(fc.double({ min: 0.1, max: 10, noNaN: true }), { minLength: 3, maxLength: 3 });

test('it reaches the minimum of a quadratic function', () => {
  fc.assert(
    fc.property(curvatures, numbers, numbers, (c, minimum, start) => {
      const { x } = valley(c, minimum).descend(Float64Array.from(start), { maxIterations: 60 });
      x.forEach((y, i) => expect(y).toBeCloseTo(minimum[i]!, 3));
    }),
    { numRuns: runs(100) },
  );
});

test('going on from what is remembered is the same as not having stopped', () => {
  fc.assert(
    fc.property(curvatures, numbers, numbers, fc.integer({ min: 1, max: 5 }), (c, minimum, start, stop) => {
      const { asked, descend } = valley(c, minimum);
      const x = Float64Array.from(start);
      const unbounded = { maxEvaluations: 1000, gradientTolerance: 0, changeTolerance: 0 };
      const whole = descend(x, { ...unbounded, maxIterations: 8 });
      fc.pre(asked.length < 1000); // A search that rounding leads nowhere ends by its evaluations; one that goes on has as many again.
      const first = descend(x, { ...unbounded, maxIterations: stop });
      const second = descend(first.x, { ...unbounded, maxIterations: 8 - stop }, structuredClone(first.memory));
      expect(second.x).toEqual(whole.x);
      // A search that begins where no point is lower forgets the curvature; one that comes there keeps it.
      if (second.memory.step || whole.memory.step?.some((s) => s !== 0)) expect(second.memory).toEqual(whole.memory);
    }),
    { numRuns: runs(50) },
  );
});

test('it remembers no more pairs than it should, the latest', () => {
  const { descend } = valley([1, 20, 300], [0, 0, 0]);
  const start = Float64Array.of(3, 2, 1);
  const all = descend(start, { maxIterations: 6 }).memory.pairs;
  expect(all.length).toBe(5);
  expect(descend(start, { maxIterations: 6, historySize: 2 }).memory.pairs.length).toBe(2);
  expect(descend(start, { maxIterations: 1 }).memory.pairs).toEqual([]);
  for (const { step, change, curvature } of all)
    expect(curvature).toBeCloseTo(
      step.reduce((sum, s, i) => sum + s * change[i]!, 0),
      9,
    );
});

test('it stops where the gradient, the change or the counts say so', () => {
  const { asked, descend } = valley([1, 20, 300], [0, 0, 0]);
  const start = Float64Array.of(3, 2, 1);
  const evaluations = (chosen: Partial<QuasiNewtonOptions>, x = start) => {
    asked.length = 0;
    descend(x, chosen);
    return asked.length;
  };
  expect(evaluations({ gradientTolerance: 300 })).toBe(1);
  expect(evaluations({ gradientTolerance: 299 })).toBeGreaterThan(1);
  expect(evaluations({}, Float64Array.of(0, 0, 0))).toBe(1);
  expect(evaluations({ learningRate: 0 })).toBe(1);
  expect(evaluations({ changeTolerance: 1e9 })).toBe(1);
  expect(evaluations({ maxIterations: 1 })).toBe(2);
  expect(evaluations({ lineSearch: 'none', learningRate: 0.001, maxIterations: 4 })).toBe(4);
  expect(evaluations({ lineSearch: 'none', learningRate: 0.001, maxIterations: 100 })).toBeLessThanOrEqual(125);
  expect(evaluations({ lineSearch: 'none', learningRate: 0.001, maxIterations: 100, maxEvaluations: 7 })).toBe(7);
  expect(evaluations({ lineSearch: 'none', learningRate: 0.001, maxIterations: 8, maxEvaluations: 90 })).toBe(8);
  // The value changes by less than the tolerance, or the elements do.
  expect(evaluations({ lineSearch: 'none', learningRate: 1e-6, changeTolerance: 1 })).toBe(2);
});

test('the first step is no longer than 1 in all coordinates together', () => {
  const { asked, descend } = valley([100, 100, 100], [0, 0, 0]);
  descend(Float64Array.of(3, -2, 1), { lineSearch: 'none', maxIterations: 1 });
  const { x } = descend(Float64Array.of(3, -2, 1), { lineSearch: 'none', maxIterations: 1 });
  expect([...x].map((y) => y.toFixed(9))).toEqual([3 - 300 / 600, -2 + 200 / 600, 1 - 100 / 600].map((y) => y.toFixed(9)));
  expect(asked.length).toBe(2);
  const flat = valley([0.1, 0.1, 0.1], [0, 0, 0]).descend(Float64Array.of(3, -2, 1), {
    lineSearch: 'none',
    maxIterations: 1,
    learningRate: 0.5,
  });
  expect([...flat.x].map((y) => y.toFixed(9))).toEqual(['2.850000000', '-1.900000000', '0.950000000']);
});

test('where no point along the direction is lower it stays, and forgets the curvature', () => {
  const start = Float64Array.of(1, 2);
  const down: Evaluation = { value: 0, gradient: Float64Array.of(1, 1) };
  const memory = { pairs: [{ step: Float64Array.of(1, 0), change: Float64Array.of(1, 0), curvature: 1 }], gradient: start, step: start };
  const found = quasiNewton(start, down, () => ({ value: 1, gradient: Float64Array.of(-1, -1) }), memory, options);
  expect([...found.x]).toEqual([1, 2]);
  expect(found.memory).toEqual({ pairs: [] });
  // Nor does it move where there is no number to compare with.
  const none = quasiNewton(start, { value: NaN, gradient: Float64Array.of(NaN, 1) }, () => down, { pairs: [] }, options);
  expect([...none.x]).toEqual([1, 2]);
});

test('where no point is lower along a later direction of a call, what is remembered stays', () => {
  // The first evaluation falls enough; beyond it nothing does.
  const start = Float64Array.of(1);
  let left = 1;
  const at = (x: Float64Array): Evaluation =>
    left-- > 0 ? { value: 0.5, gradient: Float64Array.of(0.5 * Math.sign(x[0]!) || 0.5) } : { value: 9, gradient: Float64Array.of(-9) };
  const { memory } = quasiNewton(start, { value: 1, gradient: Float64Array.of(1) }, at, { pairs: [] }, options);
  expect(memory.pairs).toHaveLength(1);
  expect(memory.step).toEqual(Float64Array.of(-0));
});

test('a pair along which the function does not curve upwards is not remembered', () => {
  const down = (x: Float64Array): Evaluation => ({ value: -(x[0]! ** 2), gradient: Float64Array.of(-2 * x[0]!) });
  const start = Float64Array.of(1);
  const { memory } = quasiNewton(start, down(start), down, { pairs: [] }, { ...options, lineSearch: 'none', maxIterations: 5 });
  expect(memory.pairs).toEqual([]);
});
