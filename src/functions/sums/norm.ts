/** Lengths of vectors, distances and angles between them. */

import type { FloatDtype } from '../../base/dtype.ts';
import { ValueError } from '../../base/errors.ts';
import { formatShape, kept, normalizeAxes, normalizeAxis, without } from '../../base/shape.ts';
import type { Shape } from '../../base/shape-types.ts';
import { formula } from '../../formula/formula.ts';
import { extremes, sumInto } from '../../machine/reduce.ts';
import type { Op } from '../../tensor/op.ts';
import { type Axes, type KeepDims, perform, type Tensor } from '../../tensor/tensor.ts';

const square = /* @__PURE__ */ formula((x, largest) => {
  const part = x.div(largest);
  return part.mul(part);
});
/** The unit of measurement: the largest element, unless it is 0 or infinite. */
const unit = /* @__PURE__ */ formula((largest) => largest.equal(0).where(1, largest.equal(Infinity).where(1, largest)));
const size = /* @__PURE__ */ formula((x) => x.abs());
const length = /* @__PURE__ */ formula((total, largest) => total.sqrt().mul(largest));

/**
 * `√Σ x²` along some axes. Elements are measured in multiples of the largest, so that no square overflows or underflows. At 0, where the
 * length has a kink, the derivative is 0.
 */
export const normOp: Op<'x', { axes: readonly number[] }> = {
  name: 'norm',
  batching: 'axes',
  shape: ({ x, axes }) => without(x.shape, axes),
  forward({ x, axes }, _, machine) {
    const dtype = x.dtype as FloatDtype;
    const shape = kept(x.shape, axes);
    if (x.size === 0) return sumInto(shape, x, machine);
    const sizes = { shape: x.shape, data: machine.map(size(dtype), x.shape, [x]) };
    const largest = { shape, data: extremes('norm', 'largest', sizes, axes, machine) };
    const by = { shape, data: machine.map(unit(dtype), shape, [largest]) };
    const squares = { shape: x.shape, data: machine.map(square(dtype), x.shape, [x, by]) };
    return machine.map(length(dtype), shape, [{ shape, data: sumInto(shape, squares, machine) }, by]);
  },
  backward: {
    x({ dy, x, y, axes }) {
      const whole = y.reshape(kept(x.shape, axes));
      const isZero = whole.equal(0);
      return isZero.where(0, dy.reshape(whole.shape)).mul(x).div(isZero.where(1, whole));
    },
  },
  sample(draw) {
    const shape = [draw.size(), draw.size(), draw.size()];
    return { x: draw.tensor(shape, { from: 0.25, to: 2 }), axes: draw.axes(shape) };
  },
};

/** The order of a norm, and whether reduced axes are kept. */
export interface NormOptions extends KeepDims {
  /** Default 2, the Euclidean norm. */
  readonly order?: number;
}

/**
 * The length of vectors along one axis, several, or, by default, all: `(Σ |x|ᵖ)^(1/p)` for the `order` p; the largest `|x|` for ∞, the
 * smallest for −∞, the number of elements other than 0 for 0. The derivative at 0 is taken to be 0.
 * @param options `order`, default 2, and `keepDims`, default `false`
 * @throws ShapeError where there is no such axis, ValueError for an order that is no number.
 * @example norm(Tensor.of([3, 4])).item() // => 5
 * norm(Tensor.of([[3, 4]]), 1, { order: 1 }).toArray() // => [7]
 */
export function norm(x: Tensor, axes?: Axes, { order = 2, keepDims = false }: NormOptions = {}): Tensor {
  if (typeof order !== 'number' || Number.isNaN(order)) throw new ValueError(`norm: expected an order, a number such as 2, got ${order}`);
  const normal = normalizeAxes('norm', axes, x.shape);
  const options = { keepDims };
  if (order === 2) {
    const y = perform(normOp, { x }, { axes: normal });
    return keepDims ? y.reshape(kept(x.shape, normal)) : y;
  }
  if (order === Infinity) return x.abs().max(normal, options);
  if (order === -Infinity) return x.abs().min(normal, options);
  if (order === 0) return x.notEqual(0).sum(normal, options);
  if (order === 1) return x.abs().sum(normal, options);
  const total = x.abs().pow(order).sum(normal, options) as Tensor;
  const isZero = total.equal(0);
  return isZero.where(0, isZero.where(1, total).pow(1 / order));
}

/** How vectors are normalized. */
export interface NormalizeOptions {
  /** The order of the norm. Default 2. */
  readonly order?: number;
  /** The least number to divide by. Default 1e-12. */
  readonly epsilon?: number;
}

/**
 * `x` divided by its norm along an axis, or by `epsilon` where that is larger.
 * @param axis default the last
 * @throws ShapeError where there is no such axis.
 * @example normalize(Tensor.of([[0, 2]])).toArray() // => [[0, 1]]
 */
export function normalize<S extends Shape>(x: Tensor<S>, axis = -1, { order = 2, epsilon = 1e-12 }: NormalizeOptions = {}): Tensor<S> {
  const normal = normalizeAxis('normalize', axis, x.shape);
  return x.div(norm(x, normal, { order, keepDims: true }).clamp(epsilon, Infinity)) as Tensor;
}

/**
 * The cosine of the angle between vectors along an axis: `⟨a, b⟩ / (‖a‖ ‖b‖)`, where no length counts as less than `epsilon`.
 * @param axis default the last
 * @param options `epsilon`, default 1e-8
 * @throws ShapeError where there is no such axis.
 * @example cosineSimilarity(Tensor.of([[1, 0]]), Tensor.of([[1, 0]])).toArray() // => [1]
 */
export function cosineSimilarity(a: Tensor, b: Tensor, axis = -1, { epsilon = 1e-8 }: { readonly epsilon?: number } = {}): Tensor {
  const unit = (x: Tensor) => x.div(norm(x, normalizeAxis('cosineSimilarity', axis, x.shape), { keepDims: true }).clamp(epsilon, Infinity));
  return unit(a).mul(unit(b)).sum(axis);
}

/**
 * The distance between vectors along the last axis: the norm of `a − b`.
 * @param options `order` of the norm, default 2
 * @throws ShapeError where the shapes do not broadcast, ValueError for scalars.
 * @example pairwiseDistance(Tensor.of([[3, 4]]), Tensor.of([[0, 0]])).toArray() // => [5]
 */
export function pairwiseDistance(a: Tensor, b: Tensor, { order = 2 }: { readonly order?: number } = {}): Tensor {
  if (a.rank === 0) throw new ValueError(`pairwiseDistance: expected vectors, got shape ${formatShape(a.shape)}`);
  return norm(a.sub(b), -1, { order });
}
