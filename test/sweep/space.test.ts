/** What may be tried. */

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { between, randomSearch } from '../../src/sweep/index.ts';
import { configurationAt } from '../../src/sweep/space.ts';
import { runs } from '../lib/runs.ts';

const unit = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
const bound = fc.double({ min: -1e6, max: 1e6, noNaN: true });
const valueAt = (range: ReturnType<typeof between>, u: number) => configurationAt({ x: range }, [u])['x'] as number;

test('every number lies between the bounds, on a step where there are steps, and is whole where it has to be', () => {
  fc.assert(
    fc.property(bound, bound, unit, fc.double({ min: 1e-3, max: 1e3, noNaN: true }), (a, b, u, step) => {
      const [low, high] = [Math.min(a, b), Math.max(a, b)];
      for (const x of [valueAt(between(low, high), u), valueAt(between(low, high, { step }), u)]) {
        expect(x).toBeGreaterThanOrEqual(low);
        expect(x).toBeLessThanOrEqual(high + Math.abs(high) * 1e-12);
      }
      const x = valueAt(between(Math.floor(low), Math.floor(high), { integer: true }), u);
      expect(Number.isInteger(x) && x >= Math.floor(low) && x <= Math.floor(high)).toBe(true);
    }),
    { numRuns: runs(200) },
  );
});

test('with log each power of ten is as likely as another, and the bounds are kept', () => {
  fc.assert(
    fc.property(
      fc.double({ min: 1e-300, max: 1e300, noNaN: true }),
      fc.double({ min: 1, max: 1e6, noNaN: true }),
      unit,
      (low, ratio, u) => {
        const high = low * ratio;
        const x = valueAt(between(low, high, { log: true }), u);
        expect(x).toBeGreaterThanOrEqual(low);
        expect(x).toBeLessThanOrEqual(high);
        expect(Math.abs(Math.log(x / low) - u * Math.log(ratio))).toBeLessThan(1e-9);
      },
    ),
    { numRuns: runs(200) },
  );
  expect(valueAt(between(1e-4, 1, { log: true }), 0.5)).toBeCloseTo(0.01, 12);
});

test('whole numbers are equally likely, those at the ends too', () => {
  const count = 6000;
  for (const range of [between(1, 6, { integer: true }), between(2, 12, { integer: true, step: 2 })]) {
    const seen = new Map<number, number>();
    for (let i = 0; i < count; i++) {
      const x = valueAt(range, i / count);
      seen.set(x, (seen.get(x) ?? 0) + 1);
    }
    expect([...seen.values()]).toEqual(Array(6).fill(1000));
    expect([...seen.keys()][5]).toBe(range.high);
  }
});

test('steps reach the end where rounding would miss it', () => {
  const last = 1 - 2 ** -53;
  expect(valueAt(between(0, 0.3, { step: 0.1 }), last)).toBeCloseTo(0.3, 12);
  expect(valueAt(between(0, 0.35, { step: 0.1 }), last)).toBeCloseTo(0.3, 12);
});

test.each([
  [() => between(1, 0), 'between: expected high to be at least low, 1, got 0'],
  [() => between(0, 1, { log: true }), 'between: expected low to be above 0, since the logarithm is taken, got 0'],
  [() => between(0.5, 1, { integer: true }), 'between: expected low to be a whole number, got 0.5'],
  [() => between(0, Infinity), 'between: expected high to be a finite number, got Infinity'],
  [() => between(1, 2, { log: true, step: 1 }), 'between: expected no step together with log, got 1'],
  [() => between(1, 2, { integer: true, step: 0.5 }), 'between: expected step to be a whole number above 0, got 0.5'],
  [() => between(1, 2, { steps: 1 } as object), 'between: there is no option steps; did you mean step?'],
  [() => randomSearch({}, { trials: 1 }), 'randomSearch: expected lists of values, or ranges such as between(0, 1), by name, got {}'],
  [() => randomSearch({ x: [] }, { trials: 1 }), "randomSearch: expected 'x' to be a list of values or a range, got []"],
  [() => randomSearch({ x: [1, 1] }, { trials: 1 }), "randomSearch: expected different values of 'x', got [1,1]"],
  [
    () => randomSearch({ x: [NaN] }, { trials: 1 }),
    "randomSearch: expected the values of 'x' to be text, finite numbers, true, false or null, got NaN",
  ],
])('a space that is none is refused: %#', (make, message) => {
  expect(make).toThrow(message);
});
