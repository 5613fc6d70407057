/** Quantiles along an axis. */

import { DtypeError, ShapeError, ValueError } from '../../base/errors.ts';
import { boolean, type OptionTable, oneOf, optional, quote, readOptions } from '../../base/options.ts';
import { formatShape, normalizeAxis, sizeOf } from '../../base/shape.ts';
import { checkFloats, Tensor } from '../../tensor/tensor.ts';
import { numbersOf } from '../../tensor/traced.ts';
import { moveAxis } from '../layout/rearrange.ts';
import { sort } from './order.ts';

/** What a quantile is that lies between two elements. */
export interface QuantileOptions {
  /**
   * Of the two elements that a quantile lies between: a mean weighted by the distances (`'linear'`), the `'lower'`, the `'higher'`, the
   * `'nearest'` (of two as near that with an even rank), or the `'midpoint'`. Default `'linear'`.
   */
  readonly interpolation?: 'linear' | 'lower' | 'higher' | 'nearest' | 'midpoint';
  /** Whether the axis is kept, with size 1. Default `false`. */
  readonly keepDims?: boolean;
}

const QUANTILE: OptionTable<QuantileOptions> = /* @__PURE__ */ (() => ({
  interpolation: optional(oneOf('linear', 'lower', 'higher', 'nearest', 'midpoint'), 'linear'),
  keepDims: optional(boolean, false),
}))();

/**
 * Quantiles of the elements along an axis: of `n` elements in ascending order, that of rank `q (n − 1)`, which counts from 0. NaN where any
 * element is NaN. The gradient goes to the elements it is made of.
 * @param q from 0 to 1: a number, or a vector of several, for which the results are stacked along a first axis
 * @param axis default all elements
 * @param options `interpolation`, default `'linear'`; `keepDims`, default `false`
 * @throws ShapeError where there is no element, ValueError for a `q` outside of 0 to 1.
 * @example quantile(Tensor.of([1, 2, 3, 4]), 0.5).item() // => 2.5
 * quantile(Tensor.of([[1, 2, 3], [4, 5, 6]]), Tensor.of([0, 1]), 1).toArray() // => [[1, 4], [3, 6]]
 */
export const quantile = (x: Tensor, q: number | Tensor, axis?: number, options?: QuantileOptions): Tensor =>
  quantiles('quantile', x, q, axis, options);

/**
 * Quantiles of those elements along an axis that are not NaN, as `quantile` has them; NaN where all are.
 * @param q from 0 to 1: a number, or a vector of several, for which the results are stacked along a first axis
 * @param axis default all elements
 * @param options `interpolation`, default `'linear'`; `keepDims`, default `false`
 * @throws ShapeError where there is no element, ValueError for a `q` outside of 0 to 1.
 * @example nanquantile(Tensor.of([1, NaN, 3]), 0.5).item() // => 2
 */
export const nanquantile = (x: Tensor, q: number | Tensor, axis?: number, options?: QuantileOptions): Tensor =>
  quantiles('nanquantile', x, q, axis, options);

function quantiles(
  name: 'quantile' | 'nanquantile',
  x: Tensor,
  q: number | Tensor,
  axis: number | undefined,
  options: QuantileOptions | undefined,
): Tensor {
  checkFloats(name, x);
  const { interpolation, keepDims } = readOptions<QuantileOptions>(name, options, QUANTILE) as Required<QuantileOptions>;
  const normal = axis === undefined ? 0 : normalizeAxis(name, axis, x.sizes);
  const lines = axis === undefined ? x.reshape([x.size]) : moveAxis(x, normal, -1);
  const count = lines.sizes.at(-1)!;
  if (count === 0) throw new ShapeError(`${name}: there are no elements along axis ${normal} of shape ${formatShape(x.sizes)}`);
  const shares = sharesOf(name, q, x);
  const sorted = sort(lines, -1).values;
  const numbers = sorted.equal(sorted).sum(-1, { keepDims: true }) as Tensor;
  // NaN is sorted to the end: its rank is the last one.
  const ranks = shares.mul(numbers.sub(1).maximum(0));
  const wanted = name === 'quantile' ? numbers.less(count).where(count - 1, ranks) : ranks;
  const found = interpolated(sorted, wanted, interpolation);
  const single = typeof q === 'number' || q.rank === 0;
  const kept = axis === undefined ? x.sizes.map(() => 1) : x.sizes.with(normal, 1);
  const rest = keepDims ? kept : axis === undefined ? [] : x.sizes.toSpliced(normal, 1);
  return single ? found.reshape(rest) : moveAxis(found, -1, 0).reshape([shares.size, ...rest]);
}

/** The shares of the elements that lie below, as a vector. */
function sharesOf(name: string, q: number | Tensor, x: Tensor): Tensor {
  const shares: Tensor = typeof q === 'number' ? Tensor.full([1], q, x.dtype) : q;
  if (!(shares instanceof Tensor)) throw new DtypeError(`${name}: expected q to be a number or a vector of them, got ${quote(q)}`);
  if (shares.rank > 1)
    throw new ShapeError(`${name}: expected q to be a number or a vector of them, got shape ${formatShape(shares.sizes)}`);
  for (const share of numbersOf(shares))
    if (!(share >= 0 && share <= 1)) throw new ValueError(`${name}: expected q to be from 0 to 1, got ${share}`);
  return (shares.dtype === x.dtype ? shares : shares.cast(x.dtype)).reshape([sizeOf(shares.sizes)]);
}

/** The elements at ranks along the last axis; between two of them as the interpolation has it. */
function interpolated(sorted: Tensor, ranks: Tensor, interpolation: Required<QuantileOptions>['interpolation']): Tensor {
  const at = (ranks: Tensor): Tensor => sorted.gather(-1, ranks.cast('int32'));
  if (interpolation === 'nearest') return at(ranks.round());
  if (interpolation === 'lower') return at(ranks.floor());
  if (interpolation === 'higher') return at(ranks.ceil());
  const [lower, higher] = [at(ranks.floor()), at(ranks.ceil())];
  const weight: Tensor = interpolation === 'midpoint' ? Tensor.full([], 0.5, ranks.dtype) : ranks.sub(ranks.floor());
  // Of equal infinities the difference would be NaN. The step starts from the nearer of the two, or from the one that is finite.
  const same = lower.equal(higher).mul(lower.abs().equal(Infinity));
  const step = same.where(0, higher).sub(same.where(0, lower));
  const near = lower.add(step.mul(weight));
  const far = higher.sub(step.mul(weight.sub(1).neg()));
  const isNear = higher.equal(Infinity).where(1, lower.equal(-Infinity).where(0, weight.less(0.5)));
  return isNear.where(near, far);
}
