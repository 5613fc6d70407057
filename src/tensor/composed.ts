/** Methods of tensors that are composed of other methods and take more than a line. */

import { checkFloatDtype, type Dtype } from '../base/dtype.ts';
import { ShapeError, ValueError } from '../base/errors.ts';
import { boolean, check, numberFrom, optional, readOptions, wholeNumberFrom } from '../base/options.ts';
import { formatShape, kept, normalizeAxes, sizeOf } from '../base/shape.ts';
import { oneHot as rows } from './ops/indexing.ts';
import { centre, normOp } from './ops/lengths.ts';
import type { Axes, Correction, KeepDims, Tensor } from './tensor.ts';

const KEEP_DIMS = /* @__PURE__ */ (() => ({ keepDims: optional(boolean, false) }))();
const SPREAD = /* @__PURE__ */ (() => ({ ...KEEP_DIMS, correction: optional(numberFrom(0), 1) }))();

/** Whether options ask for reduced axes to be kept. */
export const keepsDims = (where: string, options: KeepDims | undefined): boolean =>
  options !== undefined && readOptions<KeepDims>(where, options, KEEP_DIMS).keepDims === true;

/** The sum, divided by the number of elements. */
export function mean(x: Tensor, axes: Axes | undefined, options: KeepDims | undefined): Tensor {
  checkFloatDtype('mean', x);
  const normal = normalizeAxes('mean', axes, x.sizes);
  return x.sum(normal, { keepDims: keepsDims('mean', options) }).div(countAlong(x, normal));
}

/** Numbers less their mean along some axes, which has axes of size 1 in their place. */
export const centred = (x: Tensor, axes: readonly number[]): Tensor => x.apply(centre, { axes });

/** The sum of squared differences from the mean, divided by the number of elements less a correction. */
export function variance(x: Tensor, axes: Axes | undefined, options: (KeepDims & Correction) | undefined): Tensor {
  const { normal, keepDims, freedom } = spread('var', x, axes, options);
  const differences = centred(x, normal);
  return differences.mul(differences).sum(normal, { keepDims }).div(freedom);
}

/** The root of the variance, as a length: no square overflows or underflows, and equal numbers have a slope of 0. */
export function deviation(x: Tensor, axes: Axes | undefined, options: (KeepDims & Correction) | undefined): Tensor {
  const { normal, keepDims, freedom } = spread('std', x, axes, options);
  const differences = centred(x, normal);
  // With no degree of freedom neither the deviation nor its slope exists: 0 / 0. The length of no numbers at all is 0, though.
  const length = (freedom > 0 ? differences : differences.div(0)).apply(normOp, { axes: normal });
  const y = length.div(freedom > 0 ? Math.sqrt(freedom) : Math.min(countAlong(x, normal), 1));
  return keepDims ? y.reshape(kept(x.sizes, normal)) : y;
}

function spread(where: string, x: Tensor, axes: Axes | undefined, options: (KeepDims & Correction) | undefined) {
  checkFloatDtype(where, x);
  const { keepDims, correction } = readOptions<KeepDims & Correction>(where, options, SPREAD);
  const normal = normalizeAxes(where, axes, x.sizes);
  return { normal, keepDims, freedom: Math.max(0, countAlong(x, normal) - correction!) };
}

/** A row for each class; without a number of classes there are as many as the largest needs. */
export function oneHot(x: Tensor, classes: number | undefined, dtype: Dtype): Tensor {
  if (classes !== undefined) check('oneHot', { classes }, wholeNumberFrom(0));
  else if (x.size === 0) throw new ValueError(`oneHot: expected a number of classes, since shape ${formatShape(x.sizes)} holds no class`);
  return x.apply(rows, { classes: classes ?? 1 + x.max().item(), dtype });
}

const countAlong = (x: Tensor, axes: readonly number[]): number => sizeOf(axes.map((axis) => x.sizes[axis]!));

/**
 * The product of matrices and vectors by one of matrices: vectors become rows or columns, and back; a batch of matrices times a single one
 * is one large matrix times it.
 */
export function multiply(a: Tensor, b: Tensor, product: (a: Tensor, b: Tensor) => Tensor): Tensor {
  if (a.rank === 2 && b.rank === 2) return product(a, b);
  if (a.rank === 0 || b.rank === 0)
    throw new ShapeError(
      `matmul: expected matrices or vectors, got shapes ${formatShape(a.sizes)} and ${formatShape(b.sizes)}; to scale, use mul`,
    );
  if (a.rank === 1) return dropAxis(multiply(a.reshape([1, a.size]), b, product), b.rank === 1 ? -1 : -2);
  if (b.rank === 1) return dropAxis(multiply(a, b.reshape([b.size, 1]), product), -1);
  if (b.rank > 2) return product(a, b);
  // Not −1: of no elements it could be any number.
  const rows = a.reshape([sizeOf(a.sizes.slice(0, -1)), a.sizes.at(-1)!]);
  return product(rows, b).reshape([...a.sizes.slice(0, -1), b.sizes[1]!]);
}

const dropAxis = (x: Tensor, axis: number): Tensor => x.reshape(x.sizes.toSpliced(axis, 1));
