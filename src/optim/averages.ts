/** What adaptive optimizers share: running averages, and a gradient with weight decay in it. */

import type { Dtype } from '../base/dtype.ts';
import { formula } from '../formula/formula.ts';
import { materialize } from '../machine/storage.ts';
import { Parameter } from '../tensor/parameter.ts';
import { scalar, Tensor } from '../tensor/tensor.ts';

/** `β · mean + (1 − β) · x`; `rest` is `1 − β`, which float32 would round. */
const averaged = /* @__PURE__ */ formula((mean, x, beta, rest) => mean.mul(beta).add(x.mul(rest)));
const averagedSquare = /* @__PURE__ */ formula((mean, x, beta, rest) => mean.mul(beta).add(x.mul(x).mul(rest)));

/** Zeros of a parameter's shape and dtype, to be updated as it is. */
export const zerosLike = (w: Parameter): Parameter => new Parameter(Tensor.zeros(w.sizes, w.dtype));

/** Numbers as tensors of a parameter's dtype: what its formulas take. */
export const scalars = (w: Parameter, ...numbers: readonly number[]): Tensor[] => numbers.map((x) => remembered(x, w.dtype));

/** The scalars that were made last: a step takes the same few numbers for each of its parameters. */
const latest: { readonly x: number; readonly dtype: Dtype; readonly made: Tensor }[] = [];
let oldest = 0;

function remembered(x: number, dtype: Dtype): Tensor {
  for (const scalar of latest) if (scalar.dtype === dtype && Object.is(scalar.x, x)) return scalar.made;
  const made = scalar(x, dtype);
  latest[oldest] = { x, dtype, made };
  oldest = (oldest + 1) % 16;
  return made;
}

/** Moves a running average towards a tensor. */
export const average = (mean: Parameter, x: Tensor, beta: number): void => mean.update(averaged, x, ...scalars(mean, beta, 1 - beta));

/** Moves a running average towards the square of a tensor. */
export const averageSquare = (mean: Parameter, x: Tensor, beta: number): void =>
  mean.update(averagedSquare, x, ...scalars(mean, beta, 1 - beta));

/** A gradient with a part of the parameter in it. A lazy product is formed here, once, since several updates use it. */
export function decayed(w: Parameter, gradient: Tensor, decay: number): Tensor {
  if (decay > 0) return gradient.add(w.mul(scalar(decay, w.dtype)));
  materialize(gradient);
  return gradient;
}
