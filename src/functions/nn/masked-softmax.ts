/** The softmax over what may be seen: what is hidden has weight 0, and where all is hidden all weights are 0. */

import { type FloatDtype, newData } from '../../base/dtype.ts';
import { ShapeError } from '../../base/errors.ts';
import { broadcastsTo, formatShape, kept, normalizeAxes } from '../../base/shape.ts';
import type { Shape } from '../../base/shape-types.ts';
import { formula } from '../../formula/formula.ts';
import { extremes, sumInto } from '../../machine/reduce.ts';
import type { Op } from '../../tensor/op.ts';
import { type Axes, checkFloats, checkTensor, perform, type Tensor } from '../../tensor/tensor.ts';
import { inRange } from '../elementwise/in-range.ts';

const seen = /* @__PURE__ */ formula((x, keep) => keep.where(x, -Infinity));
const exponential = /* @__PURE__ */ formula((x, keep, peak) => keep.where(x.sub(peak).exp(), 0));
const share = /* @__PURE__ */ formula((x, keep, peak, total) => keep.where(x.sub(peak).exp().div(total), 0));

/** `keep eˣ / Σ keep eˣ` along some axes. The mask is chosen by after the exponential, so no number stands for what is hidden. */
export const maskedSoftmaxOp: Op<'x' | 'keep', { axes: readonly number[] }> = {
  name: 'maskedSoftmax',
  batching: 'axes',
  shape({ x, keep }) {
    if (keep.rank === x.rank && broadcastsTo(keep.sizes, x.sizes)) return x.sizes;
    throw new ShapeError(
      `maskedSoftmax: expected a mask that broadcasts to x ${formatShape(x.sizes)}, got keep ${formatShape(keep.sizes)}`,
    );
  },
  forward({ x, keep, axes }, shape, machine) {
    const dtype = x.dtype as FloatDtype;
    if (x.size === 0) return newData(dtype, 0);
    const lines = kept(shape, axes);
    const visible = { sizes: shape, data: machine.map(seen(dtype), shape, [x, keep]) };
    const peak = { sizes: lines, data: extremes('maskedSoftmax', 'largest', visible, axes, machine) };
    const exponentials = { sizes: shape, data: machine.map(exponential(dtype), shape, [x, keep, peak]) };
    const total = { sizes: lines, data: sumInto(lines, exponentials, machine) };
    return machine.map(share(dtype), shape, [x, keep, peak, total]);
  },
  backward: {
    x: ({ dy, y, axes }) => y.mul(dy.sub(dy.mul(y).sum(axes, { keepDims: true }))),
    keep: null,
  },
  sample(draw) {
    const shape = [draw.size(), draw.size(), draw.size()];
    const x = draw.tensor(shape);
    const mask = draw.oneOf<Shape>(shape, shape.with(0, 1), shape.with(2, 1));
    return { x, keep: draw.indices(mask, 2).cast(x.dtype), axes: draw.axes(shape) };
  },
};

/**
 * The softmax of what may be seen, `keep eˣ / Σ keep eˣ`, along an axis or along several together. Default the last axis.
 *
 * Where nothing may be seen all is 0, and so is the gradient. What is hidden may be any number, NaN too.
 * @param keep 1 for what may be seen, 0 for what may not, of any dtype; it broadcasts to `x`
 * @throws ShapeError where it does not, ValueError for a mask of other numbers, such as one that is meant to be added.
 * @example maskedSoftmax(Tensor.of([[1, 1, 9], [1, 2, 3]]), Tensor.of([[1, 1, 0], [0, 0, 0]])).toArray() // => [[0.5, 0.5, 0], [0, 0, 0]]
 */
export function maskedSoftmax<S extends Shape>(x: Tensor<S>, keep: Tensor, axes: Axes = -1): Tensor<S> {
  checkFloats('maskedSoftmax', x);
  const mask = aligned(checkMask('maskedSoftmax', keep, x.sizes).cast(x.dtype), x.rank);
  return perform(maskedSoftmaxOp, { x, keep: mask }, { axes: normalizeAxes('maskedSoftmax', axes, x.sizes) });
}

/** Axes of size 1 in front. */
export const aligned = (x: Tensor, rank: number): Tensor =>
  x.rank === rank ? x : x.reshape([...Array(rank - x.rank).fill(1), ...x.sizes]);

/**
 * A mask, 1 for what may be seen and 0 for what may not, that broadcasts to a shape.
 * @throws DtypeError, ShapeError and ValueError for anything else.
 */
export function checkMask(where: string, keep: Tensor, shape: Shape): Tensor {
  checkTensor(where, 'keep', keep);
  if (!broadcastsTo(keep.sizes, shape))
    throw new ShapeError(`${where}: expected a mask that broadcasts to ${formatShape(shape)}, got keep ${formatShape(keep.sizes)}`);
  return inRange(where, 'keep, 1 for what may be seen and 0 for what may not,', keep, 0, 1);
}
