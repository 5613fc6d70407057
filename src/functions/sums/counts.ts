/** What is asked of all elements: whether any, whether all, how many; and sums of those that are not NaN. */

import { normalizeAxes } from '../../base/shape.ts';
import { keepsDims } from '../../tensor/composed.ts';
import { type Axes, checkFloats, checkTensor, type KeepDims, type Tensor } from '../../tensor/tensor.ts';

interface Along {
  readonly axes: readonly number[];
  readonly options: { readonly keepDims: boolean };
}

function along(where: string, x: Tensor, axes: Axes | undefined, options: KeepDims | undefined): Along {
  checkTensor(where, 'x', x);
  return { axes: normalizeAxes(where, axes, x.sizes), options: { keepDims: keepsDims(where, options) } };
}

/**
 * 1 where any element is not 0, else 0, in the dtype of `x`: along one axis, several, or, by default, all. Of nothing it is 0. NaN is not 0.
 * @param options `keepDims`, default `false`
 * @throws ShapeError where there is no such axis.
 * @example any(Tensor.of([[0, 0], [0, 3]]), 1).toArray() // => [0, 1]
 */
export function any(x: Tensor, axes?: Axes, options?: KeepDims): Tensor {
  const run = along('any', x, axes, options);
  return x.notEqual(0).sum(run.axes, run.options).notEqual(0);
}

/**
 * 1 where no element is 0, else 0, in the dtype of `x`: along one axis, several, or, by default, all. Of nothing it is 1. NaN is not 0.
 * @param options `keepDims`, default `false`
 * @throws ShapeError where there is no such axis.
 * @example all(Tensor.of([[1, 0], [2, 3]]), 1).toArray() // => [0, 1]
 */
export function all(x: Tensor, axes?: Axes, options?: KeepDims): Tensor {
  const run = along('all', x, axes, options);
  return x.equal(0).sum(run.axes, run.options).equal(0);
}

/**
 * How many elements are not 0, as int32: along one axis, several, or, by default, all. NaN is not 0.
 * @param options `keepDims`, default `false`
 * @throws ShapeError where there is no such axis.
 * @example countNonzero(Tensor.of([0, 2, 3])).item() // => 2
 */
export function countNonzero(x: Tensor, axes?: Axes, options?: KeepDims): Tensor {
  const run = along('countNonzero', x, axes, options);
  return x.notEqual(0).cast('int32').sum(run.axes, run.options);
}

/**
 * The sum of the elements that are not NaN: along one axis, several, or, by default, all. No gradient goes to NaN.
 * @param options `keepDims`, default `false`
 * @throws ShapeError where there is no such axis.
 * @example nansum(Tensor.of([1, NaN, 3])).item() // => 4
 */
export function nansum(x: Tensor, axes?: Axes, options?: KeepDims): Tensor {
  const run = along('nansum', x, axes, options);
  return x.equal(x).where(x, 0).sum(run.axes, run.options);
}

/**
 * The mean of the elements that are not NaN: along one axis, several, or, by default, all; NaN where there are none.
 * @param options `keepDims`, default `false`
 * @throws ShapeError where there is no such axis.
 * @example nanmean(Tensor.of([1, NaN, 3])).item() // => 2
 */
export function nanmean(x: Tensor, axes?: Axes, options?: KeepDims): Tensor {
  const run = along('nanmean', x, axes, options);
  checkFloats('nanmean', x);
  return nansum(x, run.axes, run.options).div(x.equal(x).sum(run.axes, run.options));
}
