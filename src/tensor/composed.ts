/** Methods of tensors that are composed of other methods and take more than a line. */

import { ShapeError, ValueError } from '../base/errors.ts';
import { formatShape, normalizeAxes, sizeOf } from '../base/shape.ts';
import type { Axes, Correction, KeepDims, Tensor } from './tensor.ts';

/** The sum, divided by the number of elements. */
export function mean(x: Tensor, axes: Axes | undefined, options: KeepDims | undefined): Tensor {
  const count = countAlong(x, normalizeAxes('mean', axes, x.shape));
  return x.sum(axes, options).div(count);
}

/** The sum of squared differences from the mean, divided by the number of elements less a correction. */
export function variance(
  name: string,
  x: Tensor,
  axes: Axes | undefined,
  { correction = 1, ...options }: KeepDims & Correction = {},
): Tensor {
  if (!(correction >= 0 && correction < Infinity)) throw new ValueError(`${name}: expected a correction from 0, finite, got ${correction}`);
  const normal = normalizeAxes(name, axes, x.shape);
  const centred = x.sub(x.mean(normal, { keepDims: true }));
  return centred
    .mul(centred)
    .sum(normal, options)
    .div(Math.max(0, countAlong(x, normal) - correction));
}

const countAlong = (x: Tensor, axes: readonly number[]): number => sizeOf(axes.map((axis) => x.shape[axis]!));

/**
 * The product of matrices and vectors by one of matrices: vectors become rows or columns, and back; a batch of matrices times a single one
 * is one large matrix times it.
 */
export function multiply(a: Tensor, b: Tensor, product: (a: Tensor, b: Tensor) => Tensor): Tensor {
  if (a.rank === 2 && b.rank === 2) return product(a, b);
  if (a.rank === 0 || b.rank === 0)
    throw new ShapeError(
      `matmul: expected matrices or vectors, got shapes ${formatShape(a.shape)} and ${formatShape(b.shape)}; to scale, use mul`,
    );
  if (a.rank === 1) return dropAxis(multiply(a.reshape([1, a.size]), b, product), b.rank === 1 ? -1 : -2);
  if (b.rank === 1) return dropAxis(multiply(a, b.reshape([b.size, 1]), product), -1);
  if (b.rank > 2) return product(a, b);
  // Not −1: of no elements it could be any number.
  const rows = a.reshape([sizeOf(a.shape.slice(0, -1)), a.shape.at(-1)!]);
  return product(rows, b).reshape([...a.shape.slice(0, -1), b.shape[1]!]);
}

const dropAxis = (x: Tensor, axis: number): Tensor => x.reshape(x.shape.toSpliced(axis, 1));
