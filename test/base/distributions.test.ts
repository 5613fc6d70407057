/** Random numbers keep within their bounds, however those are rounded. */

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { rounding } from '../../src/base/dtype.ts';
import { nextAbove, nextBelow } from '../../src/base/neighbours.ts';
import { Random } from '../../src/base/random.ts';
import { DtypeError, Tensor, ValueError } from '../../src/index.ts';

/** A generator whose next number is as large, or as small, as can be. */
class Extreme extends Random {
  constructor(readonly next: number) {
    super(0);
  }
  override float(): number {
    return this.next;
  }
}
const LARGEST = 1 - 2 ** -53;
const dtypes = ['float32', 'float64'] as const;
const parts = fc.constantFrom(0, 2 ** -53, 0.5, 1 - 2 ** -25, 1 - 2 ** -30, LARGEST);
/** Ends of every size, and close to each other. */
const ranges = fc
  .tuple(fc.double({ min: -1e30, max: 1e30, noNaN: true }), fc.constantFrom(1e-9, 1e-6, 0.1, 1, 1e6), fc.integer({ min: -6, max: 30 }))
  .map(([low, part, digits]) => [low, low + Math.abs(low) * part + 10 ** -digits] as const)
  .filter(([low, high]) => low < high);

test.each(dtypes)('a uniform number of %s is never below the lower end, and below the upper end', (dtype) => {
  fc.assert(
    fc.property(ranges, parts, ([low, high], part) => {
      const round = rounding[dtype];
      const least = round(low) < low ? nextAbove(round(low), dtype) : round(low);
      const draw = () => Tensor.uniform([1], { low, high, dtype, random: new Extreme(part) }).item();
      if (least >= high) return void expect(draw).toThrow(`Tensor.uniform: ${dtype} has no number from ${low} to below ${high}`);
      const x = draw();
      expect(x).toBeGreaterThanOrEqual(low);
      expect(x).toBeLessThan(high);
      // It is rounded, but for what the ends forbid.
      const nearest = round(low + (high - low) * part);
      if (nearest >= low && nearest < high) expect(x).toBe(nearest);
      else expect([least, nextBelow(round(high), dtype), round(high)]).toContain(x);
    }),
  );
});

test('a uniform number of a generator is never at its upper end', () => {
  fc.assert(
    fc.property(ranges, parts, ([low, high], part) => {
      const x = new Extreme(part).uniform(low, high);
      expect(x >= low && x < high).toBe(true);
    }),
  );
  expect(new Extreme(LARGEST).uniform(1, 1 + 2 ** -52)).toBe(1);
  expect(new Extreme(0.75).uniform(0, Number.MIN_VALUE)).toBe(0);
  expect(new Extreme(0.75).uniform(-Number.MIN_VALUE, 0)).toBe(-Number.MIN_VALUE);
});

test('an element that would be rounded to the upper end is the largest below it', () => {
  const random = new Extreme(LARGEST);
  expect(Tensor.uniform([1], { random }).item()).toBe(1 - 2 ** -24);
  expect(Tensor.uniform([1], { random, dtype: 'float64' }).item()).toBe(LARGEST);
  expect(Tensor.uniform([1], { random, low: -1, high: 0 }).item()).toBe(-(2 ** -53));
  // 0.1 is not of float32; the nearest there is above it.
  expect(Tensor.uniform([1], { random, high: 0.1 }).item()).toBe(nextBelow(Math.fround(0.1), 'float32'));
  // The nearest to 0.7 is below it.
  expect(Tensor.uniform([1], { random, high: 0.7 }).item()).toBe(Math.fround(0.7));
  expect(Tensor.uniform([1], { random: new Extreme(0), low: 0.7 }).item()).toBe(nextAbove(Math.fround(0.7), 'float32'));
  expect(Tensor.uniform([1], { random: new Extreme(0), low: 0.1 }).item()).toBe(Math.fround(0.1));
});

test('a range of one number is that number, and draws as many', () => {
  const [one, other] = [new Random(3), new Random(3)];
  expect(Tensor.uniform([2], { low: 0.7, high: 0.7, random: one }).toArray()).toEqual([Math.fround(0.7), Math.fround(0.7)]);
  expect(new Random(1).uniform(5, 5)).toBe(5);
  other.float();
  other.float();
  expect(one.float()).toBe(other.float());
});

test('initial weights are within their bounds, and normal numbers finite, whatever is drawn', () => {
  for (const float of [0, 2 ** -53, 0.5, 0.5 + 2 ** -53, LARGEST]) {
    const drawn = [float, 0.75, 0.25];
    class Listed extends Random {
      #at = 0;
      override float(): number {
        return drawn[this.#at++ % 3]!;
      }
    }
    expect(Number.isFinite(new Listed(0).normal())).toBe(true);
  }
});

test.each<[string, () => unknown, string]>([
  [
    'text for an end',
    () => new Random(1).uniform('1' as never, 2),
    "Random.uniform: expected a finite range of float64 from low to high, got '1' to 2",
  ],
  [
    'text for the other end',
    () => new Random(1).uniform(1, '2' as never),
    "Random.uniform: expected a finite range of float64 from low to high, got 1 to '2'",
  ],
  [
    'ends the wrong way round',
    () => new Random(1).uniform(2, 1),
    'Random.uniform: expected a finite range of float64 from low to high, got 2 to 1',
  ],
  ['an infinite range', () => new Random(1).uniform(0, Infinity), 'got 0 to Infinity'],
  ['ends too far from each other', () => new Random(1).uniform(-1e308, 1e308), 'got -1e+308 to 1e+308'],
  [
    'an end that float32 does not have',
    () => Tensor.uniform([1], { high: 1e300 }),
    'Tensor.uniform: expected a finite range of float32 from low to high, got 0 to 1e+300',
  ],
  ['the other', () => Tensor.uniform([0], { low: -1e300 }), 'got -1e+300 to 1'],
  [
    'nothing for an end',
    () => Tensor.uniform([0], { low: null as never }),
    'Tensor.uniform: expected a finite range of float32 from low to high, got null to 1',
  ],
  [
    'text for a deviation',
    () => new Random(1).normal(0, '1' as never),
    "Random.normal: expected a finite float64 for the mean and one from 0 for the standardDeviation, got 0 and '1'",
  ],
  [
    'text for a mean',
    () => Tensor.normal([0], { mean: '0' as never }),
    "Tensor.normal: expected a finite float32 for the mean and one from 0 for the standardDeviation, got '0' and 1",
  ],
  ['a negative deviation', () => new Random(1).normal(0, -1), 'got 0 and -1'],
  ['an infinite mean', () => new Random(1).normal(Infinity), 'got Infinity and 1'],
  ['a deviation that float32 does not have', () => Tensor.normal([1], { standardDeviation: 1e300 }), 'got 0 and 1e+300'],
  [
    'a permutation of text',
    () => Tensor.permutation('3' as never),
    "Tensor.permutation: expected a permutation of a whole number from 0 to below 2³¹, got '3'",
  ],
  [
    'a permutation of fewer than none',
    () => Tensor.permutation(-1),
    'Tensor.permutation: expected a permutation of a whole number from 0 to below 2³¹, got -1',
  ],
  [
    'a permutation of too many',
    () => new Random(1).permutation(2 ** 31),
    'Random.permutation: expected a permutation of a whole number from 0 to below 2³¹, got 2147483648',
  ],
])('%s is refused', (_, draw, message) => {
  expect(draw).toThrow(ValueError);
  expect(draw).toThrow(message);
});

test('a deviation of 0 is allowed, and int32 has neither distribution', () => {
  expect(Tensor.normal([2], { mean: 3, standardDeviation: 0 }).toArray()).toEqual([3, 3]);
  for (const name of ['uniform', 'normal'] as const) {
    expect(() => Tensor[name]([1], { dtype: 'int32' })).toThrow(DtypeError);
    expect(() => Tensor[name]([1], { dtype: 'int32' })).toThrow(`Tensor.${name}: expected float32 or float64, got int32`);
  }
});
