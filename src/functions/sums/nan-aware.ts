/** Extremes and spreads of the elements that are not NaN. Sums and means of them are in `counts.ts`. */

import { calledAs } from '../../base/called-as.ts';
import { boolean, numberFrom, type OptionTable, optional, readOptions } from '../../base/options.ts';
import { kept, normalizeAxes, without } from '../../base/shape.ts';
import { keepsDims } from '../../tensor/composed.ts';
import { normOp } from '../../tensor/ops/lengths.ts';
import { type Axes, type Correction, checkFloats, checkTensor, type KeepDims, type Tensor, where } from '../../tensor/tensor.ts';
import { nanmean } from './counts.ts';

/**
 * The largest element that is not NaN: along one axis, several, or, by default, all; NaN where there are none. Elements that tie share the
 * gradient evenly, and none goes to NaN.
 * @param options `keepDims`, default `false`
 * @throws ShapeError where there is no such axis, and where there is no element.
 * @example nanmax(Tensor.of([1, NaN, 3])).item() // => 3
 */
export const nanmax = (x: Tensor, axes?: Axes, options?: KeepDims): Tensor => extreme('nanmax', x, axes, options);

/**
 * The smallest element that is not NaN: along one axis, several, or, by default, all; NaN where there are none. Elements that tie share the
 * gradient evenly, and none goes to NaN.
 * @param options `keepDims`, default `false`
 * @throws ShapeError where there is no such axis, and where there is no element.
 * @example nanmin(Tensor.of([1, NaN, 3])).item() // => 1
 */
export const nanmin = (x: Tensor, axes?: Axes, options?: KeepDims): Tensor => extreme('nanmin', x, axes, options);

function extreme(name: 'nanmax' | 'nanmin', x: Tensor, axes: Axes | undefined, options: KeepDims | undefined): Tensor {
  checkTensor(name, 'x', x);
  const normal = normalizeAxes(name, axes, x.sizes);
  const keepDims = keepsDims(name, options);
  const find = (of: Tensor): Tensor => (name === 'nanmax' ? of.max(normal, { keepDims }) : of.min(normal, { keepDims }));
  return calledAs(name, name.slice(3), () => {
    if (x.dtype === 'int32') return find(x);
    const isNumber = x.equal(x);
    const found = find(isNumber.where(x, name === 'nanmax' ? -Infinity : Infinity));
    return where(isNumber.sum(normal, { keepDims }), found, NaN);
  });
}

const SPREAD: OptionTable<KeepDims & Correction> = /* @__PURE__ */ (() => ({
  keepDims: optional(boolean, false),
  correction: optional(numberFrom(0), 1),
}))();

interface Spread {
  /** Less their mean; 0 where they are NaN. */
  readonly differences: Tensor;
  /** How many numbers there are, less the correction; NaN where that leaves nothing. */
  readonly freedom: Tensor;
  readonly axes: readonly number[];
}

function spreadOf(name: string, x: Tensor, axes: Axes | undefined, correction: number): Spread {
  const normal = normalizeAxes(name, axes, x.sizes);
  const isNumber = x.equal(x);
  const centred = (of: Tensor): Tensor => isNumber.where(of.sub(nanmean(of, normal, { keepDims: true })), NaN);
  // Twice: what the first mean was rounded by is in the second.
  const differences = isNumber.where(centred(centred(x)), 0);
  const freedom = isNumber.sum(normal, { keepDims: true }).sub(correction) as Tensor;
  return { differences, freedom: freedom.greater(0).where(freedom, NaN), axes: normal };
}

/**
 * The variance of the elements that are not NaN: along one axis, several, or, by default, all. NaN where there are no more of them than the
 * correction.
 * @param options `keepDims`, default `false`; `correction`, default 1
 * @throws ShapeError where there is no such axis, DtypeError for int32.
 * @example nanvar(Tensor.of([1, NaN, 3])).item() // => 2
 */
export function nanvar(x: Tensor, axes?: Axes, options?: KeepDims & Correction): Tensor {
  checkFloats('nanvar', x);
  const { keepDims, correction } = readOptions<KeepDims & Correction>('nanvar', options, SPREAD);
  const { differences, freedom, axes: normal } = spreadOf('nanvar', x, axes, correction!);
  const variance = differences.mul(differences).sum(normal, { keepDims: true }).div(freedom);
  return keepDims ? variance : dropped(variance, x, normal);
}

/**
 * The standard deviation of the elements that are not NaN: along one axis, several, or, by default, all. NaN where there are no more of them
 * than the correction. Equal numbers have a slope of 0.
 * @param options `keepDims`, default `false`; `correction`, default 1
 * @throws ShapeError where there is no such axis, DtypeError for int32.
 * @example nanstd(Tensor.of([1, NaN, 3]), 0, { correction: 0 }).item() // => 1
 */
export function nanstd(x: Tensor, axes?: Axes, options?: KeepDims & Correction): Tensor {
  checkFloats('nanstd', x);
  const { keepDims, correction } = readOptions<KeepDims & Correction>('nanstd', options, SPREAD);
  const { differences, freedom, axes: normal } = spreadOf('nanstd', x, axes, correction!);
  const deviation = differences.apply(normOp, { axes: normal }).reshape(kept(x.sizes, normal)).div(freedom.sqrt());
  return keepDims ? deviation : dropped(deviation, x, normal);
}

const dropped = (y: Tensor, x: Tensor, axes: readonly number[]): Tensor => y.reshape(without(x.sizes, axes));
