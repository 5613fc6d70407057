/** Initial weights with a structure: orthogonal, sparse, or such that a layer gives what it takes. */

import { newData } from '../base/dtype.ts';
import { ShapeError, ValueError } from '../base/errors.ts';
import { extend, fraction, numberFrom, type OptionTable, optional, wholeNumberFrom } from '../base/options.ts';
import { formatShape, sizeOf } from '../base/shape.ts';
import type { Mutable, Shape } from '../base/shape-types.ts';
import { qr } from '../functions/linalg/decompositions.ts';
import { Tensor } from '../tensor/tensor.ts';
import { normal, readWeight, type WeightOptions, weightOptions, type XavierOptions, xavierOptions } from './initial-weights.ts';

/** Options of `sparseNormal`. */
export interface SparseOptions extends WeightOptions {
  /** The fraction of zeros in each column. Default 0.9. */
  readonly sparsity?: number;
  /** That of the other numbers. Default 0.01. */
  readonly standardDeviation?: number;
}

/** Options of `identityWeight`. */
export interface IdentityOptions extends WeightOptions {
  /** The groups of a convolution. Default 1. */
  readonly groups?: number;
}

const sparseOptions: OptionTable<SparseOptions> = /* @__PURE__ */ extend(weightOptions, {
  sparsity: /* @__PURE__ */ optional(fraction, 0.9),
  standardDeviation: /* @__PURE__ */ optional(/* @__PURE__ */ numberFrom(0), 0.01),
});
const identityOptions: OptionTable<IdentityOptions> = /* @__PURE__ */ extend(weightOptions, {
  groups: /* @__PURE__ */ optional(/* @__PURE__ */ wholeNumberFrom(1), 1),
});

/**
 * A weight whose rows or columns, whichever are fewer, are orthogonal and of length `gain`, each such matrix equally likely: the `q` of a normal
 * matrix (Saxe et al. 2013).
 * @param shape at least two axes; those after the first count as one
 * @param options `gain`, default 1; `dtype`, default float32; `seed` or `random`
 * @throws ShapeError for less than two axes; ValueError, DtypeError for options.
 * @example
 * const q = orthogonal([2, 2], { seed: 1, dtype: 'float64' });
 * q.timesTransposed(q).sub(Tensor.eye(2, 'float64')).abs().max().item() < 1e-15 // => true
 */
export function orthogonal<const T extends Shape>(shape: T, options?: XavierOptions): Tensor<Mutable<T>> {
  const { gain: factor, dtype, random } = readWeight('orthogonal', shape, options, xavierOptions);
  const size = sizeOf(shape);
  if (size === 0) return Tensor.zeros(shape, dtype);
  const [rows, columns] = [shape[0]!, size / shape[0]!];
  const tall: Tensor = normal([Math.max(rows, columns), Math.min(rows, columns)], 1, { random, dtype: 'float64' });
  const { q } = qr(tall);
  return (rows < columns ? q.transpose() : q).mul(factor).reshape(shape).cast(dtype) as Tensor;
}

/**
 * A matrix of normal numbers of which a fraction of each column is 0, at random places: each output has few inputs (Martens 2010).
 * @param shape `[inputs, outputs]`
 * @param options `sparsity`, the fraction of zeros in each column, rounded up, default 0.9; `standardDeviation`, default 0.01; `dtype`, default
 *   float32; `seed` or `random`
 * @throws ShapeError for what is no matrix; ValueError, DtypeError for options.
 * @example sparseNormal([10, 3], { sparsity: 0.8, seed: 1 }).notEqual(0).sum(0).toArray() // => [2, 2, 2]
 */
export function sparseNormal<const T extends Shape>(shape: T, options?: SparseOptions): Tensor<Mutable<T>> {
  const { sparsity, standardDeviation, dtype, random } = readWeight('sparseNormal', shape, options, sparseOptions);
  if (shape.length > 2) throw new ShapeError(`sparseNormal: expected [inputs, outputs], got ${formatShape(shape)}`);
  const [rows, columns] = shape as readonly number[] as [number, number];
  const { data } = normal(shape, standardDeviation, { random, dtype });
  const zeros = Math.ceil(sparsity * rows);
  for (let column = 0; column < columns; column++)
    for (const row of random.permutation(rows).subarray(0, zeros)) data[row * columns + column] = 0;
  return new Tensor([...shape], data);
}

/**
 * A weight by which a layer gives what it takes, as far as it has outputs: a matrix with ones on its diagonal; for a convolution `[outputs,
 * inputs, …window]` a one in the middle of the window from each channel to itself (in each of its groups).
 * @param options `groups`, default 1; `dtype`, default float32
 * @throws ShapeError for less than two axes; ValueError for groups that do not divide the outputs, or of a matrix; DtypeError.
 * @example identityWeight([2, 3]).toArray() // => [[1, 0, 0], [0, 1, 0]]
 * identityWeight([1, 1, 3]).toArray() // => [[[0, 1, 0]]]
 */
export function identityWeight<const T extends Shape>(shape: T, options?: IdentityOptions): Tensor<Mutable<T>> {
  const { groups, dtype } = readWeight('identityWeight', shape, options, identityOptions);
  const [first, second] = shape as readonly number[] as [number, number];
  const window = shape.slice(2);
  if (first % groups !== 0 || (groups > 1 && window.length === 0))
    throw new ValueError(
      `identityWeight: expected groups that divide the outputs of a convolution, got ${groups} for ${formatShape(shape)}`,
    );
  const data = newData(dtype, sizeOf(shape));
  const middle = window.reduce((place, size) => place * size + (size >> 1), 0);
  const each = first / groups;
  if (data.length > 0)
    for (let output = 0; output < first; output++)
      if (output % each < second) data[(output * second + (output % each)) * sizeOf(window) + middle] = 1;
  return new Tensor([...shape], data);
}
