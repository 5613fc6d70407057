/** Infinities, NaN and signed zeros: asked for, passed over, replaced. */

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import * as tapegrad from '../../../src/index.ts';
import { copysign, DtypeError, fmax, fmin, isClose, isInf, nanToNum, Tensor, ValueError } from '../../../src/index.ts';
import { refuses } from '../../lib/refuses.ts';
import { runs } from '../../lib/runs.ts';
import { hasSlopes } from '../../lib/scalars.ts';
import { float64, int32 } from '../../lib/tensors.ts';

const special = fc.constantFrom(0, -0, 1, -1, 2, 5e-324, Number.MAX_VALUE, Infinity, -Infinity, NaN);
const always = (holds: (a: number, b: number) => void) => fc.assert(fc.property(special, special, holds), { numRuns: runs(150) });

test('isNaN, isFinite and isInf answer for each number, in its dtype', () => {
  always((a) => {
    expect(tapegrad.isNaN(float64(a)).item()).toBe(Number(Number.isNaN(a)));
    expect(tapegrad.isFinite(float64(a)).item()).toBe(Number(Number.isFinite(a)));
    expect(isInf(float64(a)).item()).toBe(Number(Math.abs(a) === Infinity));
  });
  expect([tapegrad.isNaN, tapegrad.isFinite, isInf].map((f) => f(int32([1, 2])).toArray())).toEqual([
    [0, 0],
    [1, 1],
    [0, 0],
  ]);
  expect(tapegrad.isFinite(int32([1])).dtype).toBe('int32');
});

test('copysign has the size of the one and the sign of the other, of zeros too', () => {
  always((a, b) => {
    const negative = Object.is(b, -0) || b < 0;
    expect(copysign(float64(a), float64(b)).item()).toBe(negative ? -Math.abs(a) : Math.abs(a));
  });
});

test('fmax and fmin pass over NaN', () => {
  const known = (choose: (a: number, b: number) => number, a: number, b: number) =>
    Number.isNaN(a) ? b : Number.isNaN(b) ? a : choose(a, b);
  always((a, b) => {
    expect(fmax(float64(a), float64(b)).item() + 0).toBe(known(Math.max, a, b) + 0);
    expect(fmin(float64(a), float64(b)).item() + 0).toBe(known(Math.min, a, b) + 0);
  });
});

describe('a slope', () => {
  hasSlopes([
    ['copysign, of like signs', (a, b) => copysign(a!, b!), [2, 3], [1, 0]],
    ['copysign, of a negative number made negative', (a, b) => copysign(a!, b!), [-2, -3], [1, 0]],
    ['copysign, of unlike signs', (a, b) => copysign(a!, b!), [2, -0], [-1, 0]],
    ['copysign, of 0', (a, b) => copysign(a!, b!), [0, 1], [0, 0]],
    ['fmax, of two', (a, b) => fmax(a!, b!), [2, 1], [1, 0]],
    ['fmax, of two the other way', (a, b) => fmax(a!, b!), [1, 2], [0, 1]],
    ['fmax, beside NaN', (a, b) => fmax(a!, b!), [1, NaN], [1, 0]],
    ['fmax, of NaN', (a, b) => fmax(a!, b!), [NaN, 1], [0, 1]],
    ['fmin, of two', (a, b) => fmin(a!, b!), [2, 1], [0, 1]],
    ['fmin, of two the other way', (a, b) => fmin(a!, b!), [1, 2], [1, 0]],
    ['fmin, beside NaN', (a, b) => fmin(a!, b!), [1, NaN], [1, 0]],
    ['fmin, of NaN', (a, b) => fmin(a!, b!), [NaN, 1], [0, 1]],
    ['nanToNum, of a number', (x) => nanToNum(x!), [2], [1]],
    ['nanToNum, of NaN', (x) => nanToNum(x!), [NaN], [0]],
    ['nanToNum, of an infinity', (x) => nanToNum(x!), [-Infinity], [0]],
  ]);

  test('of fmax and fmin is shared where they tie, and passes to both where both are NaN', () => {
    for (const f of [fmax, fmin]) {
      const slopes = (a: number, b: number) =>
        tapegrad
          .vjp(f as never, float64(a), float64(b))[1](float64(1))
          .map((dx: Tensor) => dx.item());
      expect(slopes(2, 2)).toEqual([0.5, 0.5]);
      expect(slopes(NaN, NaN)).toEqual([1, 1]);
    }
  });
});

describe('nanToNum', () => {
  test('puts 0 and the ends of the dtype in the place of what is not finite, or what it is given', () => {
    const values = [1, NaN, Infinity, -Infinity, -0];
    expect(nanToNum(float64(values)).toArray()).toEqual([1, 0, Number.MAX_VALUE, -Number.MAX_VALUE, -0]);
    const largest = (2 - 2 ** -23) * 2 ** 127;
    expect(nanToNum(Tensor.of(values)).toArray()).toEqual([1, 0, largest, -largest, -0]);
    const given = { nan: 7, positiveInfinity: 8, negativeInfinity: 9 };
    expect(nanToNum(float64(values), given).toArray()).toEqual([1, 7, 8, 9, -0]);
  });
});

describe('isClose', () => {
  const close = (a: number, b: number, options?: tapegrad.IsCloseOptions) => isClose(float64(a), float64(b), options).item();

  test('is 1 within the tolerances, which are measured by the second', () => {
    expect([close(100, 100.001), close(100, 100.0011), close(0, 1e-8), close(0, 1.1e-8)]).toEqual([1, 0, 1, 0]);
    expect([close(1, 1.5, { relativeTolerance: 0.4 }), close(1.5, 1, { relativeTolerance: 0.4 })]).toEqual([1, 0]);
    expect([close(1, 2, { absoluteTolerance: 1, relativeTolerance: 0 }), close(1, 2.5, { absoluteTolerance: 1 })]).toEqual([1, 0]);
    expect(isClose(float64([1, 2]), 1).toArray()).toEqual([1, 0]);
  });

  test('is 1 for equal infinities and for no other, and for two NaN where asked for', () => {
    expect([close(Infinity, Infinity), close(Infinity, -Infinity), close(1, Infinity), close(Infinity, 1)]).toEqual([1, 0, 0, 0]);
    expect([close(NaN, NaN), close(NaN, 1)]).toEqual([0, 0]);
    const options = { equalNaN: true };
    expect([close(NaN, NaN, options), close(NaN, 1, options), close(1, NaN, options), close(1, 1, options)]).toEqual([1, 0, 0, 1]);
  });
});

describe('bad input is refused, by name', () => {
  const x = float64([1, 2]);
  refuses('%s', [
    ['nanToNum of int32', () => nanToNum(int32([1])), DtypeError, /^nanToNum: expected float32 or float64, got int32 of shape \[1\] for x/],
    ['nanToNum by text', () => nanToNum(x, { nan: '0' as never }), ValueError, /^nanToNum: expected nan to be a number, got '0'/],
    ['posinf', () => nanToNum(x, { posinf: 0 } as never), ValueError, /^nanToNum: there is no option posinf/],
    ['a tolerance below 0', () => isClose(x, x, { relativeTolerance: -1 }), ValueError, /^isClose: expected relativeTolerance/],
    ['rtol', () => isClose(x, x, { rtol: 1 } as never), ValueError, /^isClose: there is no option rtol; did you mean relativeTolerance/],
    ['isClose to text', () => isClose(x, '1' as never), DtypeError, /^isClose: expected a tensor/],
    ['isClose of int32', () => isClose(int32([1]), int32([1])), DtypeError, /^isClose: /],
  ] as never);
});
