/** Roundings and bounds, one number at a time: their values, and their slopes at the kinks. */

import { describe, expect, test } from 'vitest';
import { Tensor, ValueError } from '../../../src/index.ts';
import { hasSlopes, takesValues } from '../../lib/scalars.ts';

const clamp = (x: number, low: number, high: number) => Math.min(Math.max(x, low), high);
const even = (x: number) => {
  const below = Math.floor(x);
  return !Number.isFinite(x) || x - below < 0.5 || (x - below === 0.5 && below % 2 === 0) ? below : below + 1;
};

describe('a value', () => {
  takesValues({
    floor: [(x) => x.floor(), Math.floor],
    ceil: [(x) => x.ceil(), Math.ceil],
    trunc: [(x) => x.trunc(), Math.trunc],
    round: [(x) => x.round(), even],
    clamp: [(x) => x.clamp(-1, 3), (x) => clamp(x, -1, 3)],
    'clamp from below': [(x) => x.clamp(-1), (x) => Math.max(x, -1)],
    'clamp from above': [(x) => x.clamp(undefined, 3), (x) => Math.min(x, 3)],
    'clamp by NaN': [(x) => x.clamp(NaN, 3), () => NaN],
    'clamp by NaN from above': [(x) => x.clamp(-1, NaN), () => NaN],
  });

  test('that rounds to 0 keeps its sign', () => {
    const signs = (f: (x: Tensor) => Tensor) => [-0.25, -0, 0, 0.25].map((x) => Object.is(f(Tensor.of(x, 'float64')).item(), -0));
    expect(signs((x) => x.round())).toEqual([true, true, false, false]);
    expect(signs((x) => x.ceil())).toEqual([true, true, false, false]);
    expect(signs((x) => x.trunc())).toEqual([true, true, false, false]);
    for (const x of [2 ** 52 + 1, -(2 ** 53), 1e300]) expect(Tensor.of(x, 'float64').round().item()).toBe(x);
  });
});

test('a clamp without a bound is refused, and what is no bound', () => {
  const x = Tensor.of([1, 2]);
  expect(() => x.clamp(undefined)).toThrow(ValueError);
  expect(() => x.clamp(undefined)).toThrow(/^clamp: expected a bound below, above, or both/);
  expect(() => x.clamp(null as never, 3)).toThrow(/^clamp: expected a tensor for low, got null/);
});

describe('a slope', () => {
  hasSlopes([
    ['clamp, at the lower bound', (x, a, b) => x!.clamp(a!, b!), [-1, -1, 1], [1, 0, 0]],
    ['clamp, at the upper bound', (x, a, b) => x!.clamp(a!, b!), [1, -1, 1], [1, 0, 0]],
    ['clamp, below', (x, a, b) => x!.clamp(a!, b!), [-2, -1, 1], [0, 1, 0]],
    ['clamp, above', (x, a, b) => x!.clamp(a!, b!), [2, -1, 1], [0, 0, 1]],
    ['clamp, between bounds that are exchanged', (x, a, b) => x!.clamp(a!, b!), [0, 1, -1], [0, 0, 1]],
    ['clamp, between bounds that are one', (x, a, b) => x!.clamp(a!, b!), [0, 1, 1], [0, 0, 0]],
  ]);
});
