/**
 * Slopes measured with small steps.
 *
 * Three ways to measure a slope, and how far each is off where it is off furthest. The chapter on finite differences states laws about these numbers,
 * and its picture is drawn from them.
 */

import { Decimal } from 'decimal.js';
import { Tensor } from '../../src/index.ts';

/** A function of each element by itself. */
export type Elementwise = (x: Tensor) => Tensor;

/** From one point to the next. */
export const forward = (f: Elementwise, x: Tensor, h: number): Tensor => f(x.add(h)).sub(f(x)).div(h);

/** Between two points at equal distances on both sides. */
export const central = (f: Elementwise, x: Tensor, h: number): Tensor =>
  f(x.add(h))
    .sub(f(x.sub(h)))
    .div(2 * h);

/** Two central differences, mixed so that the largest parts of their errors cancel. */
export const richardson = (f: Elementwise, x: Tensor, h: number): Tensor =>
  central(f, x, h / 2)
    .mul(4)
    .sub(central(f, x, h))
    .div(3);

/** The three of them; the error of each shrinks with the step to the power of its order. */
export const schemes = [
  { name: 'forward', order: 1, measure: forward },
  { name: 'central', order: 2, measure: central },
  { name: 'Richardson', order: 4, measure: richardson },
] as const;

/** The distance from 1 to the next number. */
export const epsilon = { float32: 2 ** -23, float64: 2 ** -52 } as const;

/** What is measured in the picture: `eˣ sin x`. */
export const wave: Elementwise = (x) => x.exp().mul(x.sin());

const Exact = Decimal.clone({ precision: 40 });
const known = new Map<number, number>();

/** Its slope, `eˣ (sin x + cos x)`, to 40 digits and then rounded once. */
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

/** 32 points that are exact in binary and in decimal digits, from a number on. */
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
