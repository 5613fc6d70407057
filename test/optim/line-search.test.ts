/** Distances along a line that fulfil the strong Wolfe conditions. */

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type Point, strongWolfe } from '../../src/optim/line-search.ts';
import { runs } from '../lib/runs.ts';

/** A function of one number and its derivative, and where it is evaluated. */
function line(f: (t: number) => number, slope: (t: number) => number) {
  const asked: number[] = [];
  const at = (distance: number): Point => {
    asked.push(distance);
    return { distance, value: f(distance), slope: slope(distance), gradient: Float64Array.of(slope(distance)) };
  };
  const from = at(0);
  asked.length = 0;
  return { from, at, asked };
}

const isWolfe = (from: Point, { distance, value, slope }: Point) =>
  value <= from.value + 1e-4 * distance * from.slope && Math.abs(slope) <= 0.9 * Math.abs(from.slope);

/** Smooth functions that fall at 0 and rise far out: parabolas, quartics, waves on a parabola. */
const functions = fc
  .record({
    kind: fc.constantFrom('parabola', 'quartic', 'wave'),
    minimum: fc.double({ min: 0.01, max: 50, noNaN: true }),
    height: fc.double({ min: 0.1, max: 100, noNaN: true }),
    wave: fc.double({ min: 0, max: 0.9, noNaN: true }),
  })
  .map(({ kind, minimum: m, height: h, wave }) => {
    const u = (t: number) => (t - m) / m;
    if (kind === 'parabola') return { f: (t: number) => h * u(t) ** 2, slope: (t: number) => (2 * h * u(t)) / m };
    if (kind === 'quartic') return { f: (t: number) => h * u(t) ** 4, slope: (t: number) => (4 * h * u(t) ** 3) / m };
    return {
      f: (t: number) => h * (u(t) ** 2 + 0.1 * wave * Math.sin(10 * u(t))),
      slope: (t: number) => (h * (2 * u(t) + wave * Math.cos(10 * u(t)))) / m,
    };
  })
  .filter(({ slope }) => slope(0) < -1e-3);

test('the strong Wolfe conditions hold at the distance that is found, from any first try', () => {
  fc.assert(
    fc.property(functions, fc.double({ min: 1e-3, max: 1e3, noNaN: true }), ({ f, slope }, first) => {
      const { from, at, asked } = line(f, slope);
      const found = strongWolfe(from, first, 1e-12, 25, at);
      expect(isWolfe(from, found)).toBe(true);
      expect(asked[0]).toBe(first);
      expect(asked.at(-1)).toBe(found.distance);
      expect(asked.length).toBeLessThan(25);
      // A first try that fulfils them is taken as it is.
      expect(asked.length === 1).toBe(isWolfe(from, at(first)));
    }),
    { numRuns: runs(300) },
  );
});

test('infinite values and NaN are too far', () => {
  for (const beyond of [Infinity, Number.NaN]) {
    const { from, at } = line(
      (t) => (t > 0.5 ? beyond : (t - 0.25) ** 2),
      (t) => (t > 0.5 ? beyond : 2 * (t - 0.25)),
    );
    const found = strongWolfe(from, 8, 1e-9, 25, at);
    expect(found.distance).toBeLessThanOrEqual(0.5);
    expect(isWolfe(from, found)).toBe(true);
  }
});

test('a function that falls for ever is followed for as many points as it may, ten times as far at the most from one to the next', () => {
  const { from, at, asked } = line(
    (t) => -t,
    () => -1,
  );
  for (const most of [1, 2, 7, 25]) {
    asked.length = 0;
    strongWolfe(from, 1, 1e-9, most, at);
    expect(asked.length).toBe(most);
  }
  asked.length = 0;
  const found = strongWolfe(from, 1, 1e-9, 25, at);
  expect(asked.length).toBe(25);
  expect(found.distance).toBe(asked.at(-1));
  asked.slice(1).forEach((t, i) => expect(t).toBeLessThanOrEqual(10 * asked[i]! * (1 + 1e-12)));
  asked.slice(1).forEach((t, i) => expect(t).toBeGreaterThan(asked[i]!));
});

test('the search ends in the last interval where a point is as low as the one before, as in PyTorch 2.13', () => {
  const { from, at, asked } = line(
    (t) => (t === 0 ? 0 : -1),
    () => -1,
  );
  strongWolfe(from, 1, 1e-9, 3, at);
  const [first, second, third] = asked as [number, number, number];
  expect(second).toBeGreaterThan(first);
  expect(third).toBeGreaterThan(first);
  expect(third).toBeLessThan(second);
});

test.each([
  ['the lower end', { value: 0, slope: -1e-9 }, { value: 1, slope: -1e9 }, 0.1],
  ['the upper end', { value: 0, slope: -1e-20 }, { value: -1, slope: 1e-19 }, 0.9],
])('where the cubic is lowest at %s of an interval itself, a tenth of it away is the next point', (_, start, end, next) => {
  const gradient = Float64Array.of(0);
  const asked: number[] = [];
  const at = (distance: number): Point => {
    asked.push(distance);
    return { distance, gradient, ...(distance === 1 ? end : { value: 2, slope: 1 }) };
  };
  strongWolfe({ distance: 0, gradient, ...start }, 1, 1e-9, 2, at);
  expect(asked).toEqual([1, next]);
});

test('where no point falls enough the start is found, after the last point or when the interval is too narrow', () => {
  const rises = line(
    (t) => (t === 0 ? 0 : 1),
    () => -1,
  );
  expect(strongWolfe(rises.from, 1, 0, 25, rises.at)).toBe(rises.from);
  expect(rises.asked.length).toBe(25);
  rises.asked.length = 0;
  expect(strongWolfe(rises.from, 1, 0, 1, rises.at)).toBe(rises.from);
  expect(rises.asked).toEqual([1]);
  rises.asked.length = 0;
  expect(strongWolfe(rises.from, 1, 0.3, 25, rises.at)).toBe(rises.from);
  expect(rises.asked.length).toBeLessThan(6);
  expect(Math.min(...rises.asked)).toBeGreaterThan(0);
});

test('between two points it looks where the cubic through them is lowest, and at least a tenth away from an end the second time', () => {
  // A parabola: the cubic is it, so the second point is the minimum.
  const parabola = line(
    (t) => (t - 1) ** 2,
    (t) => 2 * (t - 1),
  );
  expect(strongWolfe(parabola.from, 16, 1e-9, 25, parabola.at).distance).toBeCloseTo(1, 12);
  expect(parabola.asked.length).toBe(2);
  // A kink at 0.001: the minimum of each cubic is next to the lower end.
  const kink = line(
    (t) => (t < 0.001 ? -t : 1000 * (t - 0.001) - 0.001),
    (t) => (t < 0.001 ? -1 : 1000),
  );
  strongWolfe(kink.from, 1, 1e-9, 25, kink.at);
  const [first, second, third] = kink.asked as [number, number, number];
  expect(second).toBeLessThan(0.1 * first);
  expect(third).toBeCloseTo(second + 0.1 * (first - second), 12);
});
