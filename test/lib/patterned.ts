/** Numbers without a pattern to the eye, the same in every language: how golden values were made elsewhere. */

import { type Parameter, Tensor } from '../../src/index.ts';

/** `((i + by) · 29 mod 13) / 8 − 0.7` in a shape, float64. */
export function patterned(shape: readonly number[], by: number): Tensor {
  const length = shape.reduce((a, b) => a * b, 1);
  return new Tensor(
    shape,
    Float64Array.from({ length }, (_, i) => (((i + by) * 29) % 13) / 8 - 0.7),
  );
}

/** Sets the weight and the bias of a layer of products: half of the numbers from `by` on, and from `by + 1` on. */
export function setLinear({ weight, bias }: { readonly weight: Parameter; readonly bias: Parameter | undefined }, by: number): void {
  weight.assign(patterned(weight.shape, by).mul(0.5));
  bias?.assign(patterned(bias.shape, by + 1).mul(0.5));
}
