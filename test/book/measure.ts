/**
 * Slopes measured with small steps.
 *
 * Three ways to measure a slope, and the largest error of each at some points. The chapter on finite differences states laws about these errors, and
 * its picture is drawn from them.
 */

import { Decimal } from 'decimal.js';
import { sin, Tensor } from '../../src/index.ts';

/** A function of each element by itself. */
export type Elementwise = (x: Tensor) => Tensor;

/** A forward difference: the slope between x and x + h. */
export const forward = (f: Elementwise, x: Tensor, h: number): Tensor => f(x.add(h)).sub(f(x)).div(h);

/** A central difference: the slope between two points at equal distances on both sides. */
export const central = (f: Elementwise, x: Tensor, h: number): Tensor =>
  f(x.add(h))
    .sub(f(x.sub(h)))
    .div(2 * h);

/** Richardson extrapolation: two central differences, combined so that the leading terms of their truncation errors cancel. */
export const richardson = (f: Elementwise, x: Tensor, h: number): Tensor =>
  central(f, x, h / 2)
    .mul(4)
    .sub(central(f, x, h))
    .div(3);

/** All three; the truncation error of each shrinks with the step to the power of its order. */
export const schemes = [
  { name: 'forward', order: 1, measure: forward },
  { name: 'central', order: 2, measure: central },
  { name: 'Richardson', order: 4, measure: richardson },
] as const;

/** The distance from 1 to the next number. */
export const epsilon = { float32: 2 ** -23, float64: 2 ** -52 } as const;

/** The function whose slope is measured in the picture: `eˣ sin x`. */
export const wave: Elementwise = (x) => x.exp().mul(sin(x));

const Exact = Decimal.clone({ precision: 40 });
const known = new Map<number, number>();

/** The exact slope of `wave`, `eˣ (sin x + cos x)`: computed to 40 digits and then rounded once. */
export function slopeOfWave(x: Tensor): Tensor {
  const slopes = Array.from(x.data, (value) => {
    if (!known.has(value)) {
      const at = new Exact(value);
      known.set(value, at.exp().mul(at.sin().add(at.cos())).toNumber());
    }
    return known.get(value)!;
  });
  return new Tensor(x.shape, Float64Array.from(slopes));
}

/** 32 equidistant points between `start` and `start + 1`, exact in binary and in decimal digits. */
export const pointsFrom = (start: number, dtype: 'float32' | 'float64' = 'float64'): Tensor =>
  Tensor.of(
    Array.from({ length: 32 }, (_, i) => start + (2 * i + 1) / 64),
    dtype,
  );

/** The largest relative error among some slopes of the wave. */
export function worstError(found: Tensor, x: Tensor): number {
  const wanted = slopeOfWave(x.cast('float64'));
  return found.cast('float64').sub(wanted).div(wanted).abs().max().item();
}
