/** Lengths of vectors. */

import { calledAs } from '../../base/called-as.ts';
import { ShapeError, ValueError } from '../../base/errors.ts';
import { anyNumber, boolean, numberFrom, type OptionTable, optional, readOptions } from '../../base/options.ts';
import { formatShape, kept, normalizeAxes, normalizeAxis, without } from '../../base/shape.ts';
import type { Shape } from '../../base/shape-types.ts';
import { normOp as euclidean } from '../../tensor/ops/lengths.ts';
import { type Axes, checkFloats, checkTensor, type KeepDims, perform, type Tensor } from '../../tensor/tensor.ts';
import { stopGradient } from '../elementwise/stop-gradient.ts';

/** The order of a norm, and whether reduced axes are kept. */
export interface NormOptions extends KeepDims {
  /** Default 2, the Euclidean norm. */
  readonly order?: number;
}

const NORM: OptionTable<NormOptions> = /* @__PURE__ */ (() => ({
  order: optional(anyNumber, 2),
  keepDims: optional(boolean, false),
}))();

/**
 * The length of vectors along one axis, several, or, by default, all: `(Σ |x|ᵖ)^(1/p)` for the `order` p; the largest `|x|` for ∞, the
 * smallest for −∞, the number of elements other than 0 for 0. Elements are measured in multiples of the largest, so no power overflows.
 *
 * The derivative of a length that is 0 is taken to be 0, and for orders below 1, where it would be infinite, that by an element that is 0.
 * The second derivative of a squared length at 0 is NaN: for that write `x.mul(x).sum()`.
 * @param options `order`, default 2, and `keepDims`, default `false`
 * @throws ShapeError where there is no such axis, ValueError for an order that is no number.
 * @example norm(Tensor.of([3, 4])).item() // => 5
 * norm(Tensor.of([[3, 4]]), 1, { order: 1 }).toArray() // => [7]
 */
export function norm(x: Tensor, axes?: Axes, options?: NormOptions): Tensor {
  checkTensor('norm', 'x', x);
  checkFloats('norm', x);
  const { order, keepDims } = readOptions('norm', options, NORM) as Required<NormOptions>;
  if (Number.isNaN(order)) throw new ValueError('norm: expected order to be a number, got NaN');
  const normal = normalizeAxes('norm', axes, x.sizes);
  if (order < 0 && normal.some((axis) => x.sizes[axis] === 0))
    throw new ShapeError(`norm: there is no smallest element along an axis of size 0, in shape ${formatShape(x.sizes)}`);
  if (order === 2) {
    const y = perform(euclidean, { x }, { axes: normal });
    return keepDims ? y.reshape(kept(x.sizes, normal)) : y;
  }
  // Of nothing the sum is the length, whatever the order.
  if (order === 1 || x.size === 0) return x.abs().sum(normal, { keepDims });
  if (order === Infinity) return x.abs().max(normal, { keepDims });
  if (order === -Infinity) return x.abs().min(normal, { keepDims });
  if (order === 0) return x.notEqual(0).sum(normal, { keepDims });
  return powerNorm(x, normal, { order, keepDims });
}

/** `(Σ |x|ᵖ)^(1/p)`, in multiples of the largest element, or of the smallest for orders below 0: the sum is at least 1, and finite. */
function powerNorm(x: Tensor, axes: readonly number[], { order, keepDims }: { order: number; keepDims: boolean }): Tensor {
  const sizes = x.abs();
  // The length does not change with the unit.
  const still = stopGradient(sizes);
  const largest: Tensor = order > 0 ? still.max(axes, { keepDims: true }) : still.min(axes, { keepDims: true });
  const isZero = largest.equal(0);
  const unit = isZero.add(largest.equal(Infinity)).where(1, largest);
  const parts = sizes.div(unit);
  const absent = isZero.add(parts.equal(0));
  // Below 1 the slope of a power at 0 is infinite.
  const powers = order > 1 ? parts.pow(order) : absent.where(0, absent.where(1, parts).pow(order));
  const total = powers.sum(axes, { keepDims: true }) as Tensor;
  // Where all elements are 0, the length is as flat as the Euclidean one.
  const none = order > 0 ? perform(euclidean, { x }, { axes }).reshape(total.sizes) : 0;
  const y = isZero.where(
    none,
    isZero
      .where(1, total)
      .pow(1 / order)
      .mul(unit),
  );
  return keepDims ? y : y.reshape(without(x.sizes, axes));
}

/** How vectors are normalized. */
export interface NormalizeOptions {
  /** The order of the norm. Default 2. */
  readonly order?: number;
  /** The least number to divide by. Default 1e-12. */
  readonly epsilon?: number;
}

const NORMALIZE: OptionTable<NormalizeOptions> = /* @__PURE__ */ (() => ({
  order: optional(anyNumber, 2),
  epsilon: optional(numberFrom(0), 1e-12),
}))();

/**
 * `x` divided by its norm along an axis, or by `epsilon` where that is larger.
 * @param axis default the last
 * @throws ShapeError where there is no such axis.
 * @example normalize(Tensor.of([[0, 2]])).toArray() // => [[0, 1]]
 */
export function normalize<S extends Shape>(x: Tensor<S>, axis = -1, options?: NormalizeOptions): Tensor<S> {
  checkTensor('normalize', 'x', x);
  checkFloats('normalize', x);
  const { order, epsilon } = readOptions('normalize', options, NORMALIZE) as Required<NormalizeOptions>;
  const normal = normalizeAxis('normalize', axis, x.sizes);
  // The length of a vector of zeros, which is not what it is divided by, is left out: its second derivative is NaN.
  const isZero: Tensor = stopGradient(x).notEqual(0).sum(normal, { keepDims: true }).equal(0);
  const whole = calledAs('normalize', 'norm', () => norm(isZero.where(1, x), normal, { order, keepDims: true }));
  return x.div(isZero.where(0, whole).clamp(epsilon, Infinity)) as Tensor;
}
