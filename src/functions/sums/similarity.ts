/** Distances and angles between vectors, which broadcast against each other. */

import { DtypeError, ShapeError } from '../../base/errors.ts';
import { boolean, numberFrom, type OptionTable, optional, type Requirement, readOptions } from '../../base/options.ts';
import { broadcastShape, formatShape, normalizeAxis } from '../../base/shape.ts';
import { checkFloats, checkTensor, type Tensor } from '../../tensor/tensor.ts';
import { stopGradient } from '../elementwise/stop-gradient.ts';
import { norm } from './norm.ts';

/** How cosines are computed. */
export interface CosineOptions {
  /** The least number that a length counts as. Default 1e-8. */
  readonly epsilon?: number;
}

const cosineOptions: OptionTable<CosineOptions> = { epsilon: /* @__PURE__ */ optional(/* @__PURE__ */ numberFrom(0), 1e-8) };

/**
 * The cosine of the angle between vectors along an axis, from −1 to 1: `⟨a, b⟩ / (‖a‖ ‖b‖)`, where no length counts as less than `epsilon`.
 * @param axis of the shape that both broadcast to. Default the last
 * @param options `epsilon`, default 1e-8
 * @throws ShapeError where the shapes do not broadcast, or there is no such axis.
 * @example cosineSimilarity(Tensor.of([[1, 0]]), Tensor.of([[1, 0]])).toArray() // => [1]
 */
export function cosineSimilarity(a: Tensor, b: Tensor, axis = -1, options?: CosineOptions): Tensor {
  const name = 'cosineSimilarity';
  const { epsilon } = readOptions(name, options, cosineOptions);
  const shape = checkVectors(name, a, b);
  const along = normalizeAxis(name, axis, shape);
  const unit = (x: Tensor): Tensor => {
    // Lengths are those of the vectors that are compared: of an axis that stretches, or that only the other has, there are as many elements.
    const whole = x.broadcastTo(shape);
    return whole.div(norm(whole, along, { keepDims: true }).clamp(epsilon, Infinity));
  };
  // Beyond 1 by rounding; there is no choice between it and 1, so the derivative is not changed.
  return limited(unit(a).mul(unit(b)).sum(along));
}

/** `x` from −1 to 1: what rounding took beyond is taken away, as a constant. */
function limited(x: Tensor): Tensor {
  const still = stopGradient(x);
  return x.sub(still.sub(still.clamp(-1, 1)));
}

/** How distances are computed. */
export interface DistanceOptions {
  /** The order of the norm. Default 2. */
  readonly order?: number;
  /** Whether the last axis is kept, with size 1. Default `false`. */
  readonly keepDims?: boolean;
}

const anyOrder: Requirement = { words: 'a number', holds: (x) => typeof x === 'number' && !Number.isNaN(x) };
const distanceOptions: OptionTable<DistanceOptions> = {
  order: /* @__PURE__ */ optional(anyOrder, 2),
  keepDims: /* @__PURE__ */ optional(boolean, false),
};

/**
 * The distance between vectors along the last axis: the norm of `a − b`. Unlike PyTorch's it adds no 1e-6 to the difference, so that equal points
 * are at a distance of 0; there the derivative is taken to be 0, where PyTorch's is that of the added number.
 * @param options `order` of the norm, default 2; `keepDims`, default `false`
 * @throws ShapeError where the shapes do not broadcast, and for scalars.
 * @example pairwiseDistance(Tensor.of([[3, 4]]), Tensor.of([[0, 0]])).toArray() // => [5]
 */
export function pairwiseDistance(a: Tensor, b: Tensor, options?: DistanceOptions): Tensor {
  const name = 'pairwiseDistance';
  const { order, keepDims } = readOptions(name, options, distanceOptions);
  if (checkVectors(name, a, b).length === 0) throw new ShapeError(`${name}: expected vectors, got shapes [] and []`);
  return norm(a.sub(b), -1, { order, keepDims });
}

/** The order of the norm by which distances are measured. */
export interface CdistOptions {
  /** From 0 to ∞. Default 2. */
  readonly order?: number;
}

const cdistOptions: OptionTable<CdistOptions> = {
  order: /* @__PURE__ */ optional({ words: 'a number from 0', holds: (x) => typeof x === 'number' && x >= 0 }, 2),
};

/**
 * The distances of all pairs of a vector of `a : [..., p, d]` and one of `b : [..., r, d]`: `[..., p, r]`, the norms of their differences. Leading axes
 * broadcast. Differences are formed before they are squared, so near points keep their digits. Between equal points the derivative is taken to be 0, as in
 * PyTorch; for the order ∞ coordinates that tie share it.
 * @param options `order` of the norm, default 2: 1 for sums of sizes, ∞ for the largest, 0 for the number of coordinates that differ
 * @throws ShapeError where the shapes do not fit.
 * @example cdist(Tensor.of([[0, 0]]), Tensor.of([[3, 4], [0, 1]])).toArray() // => [[5, 1]]
 */
export function cdist(a: Tensor, b: Tensor, options?: CdistOptions): Tensor {
  const { order } = readOptions('cdist', options, cdistOptions);
  for (const [what, x] of Object.entries({ a, b })) {
    checkFloats('cdist', x, what);
    if (x.rank < 2) throw new ShapeError(`cdist: expected vectors [..., p, d] for ${what}, got shape ${formatShape(x.sizes)}`);
  }
  if (a.sizes.at(-1) !== b.sizes.at(-1))
    throw new ShapeError(`cdist: expected vectors of one length, got shapes ${formatShape(a.sizes)} and ${formatShape(b.sizes)}`);
  const [left, right] = [a.unsqueeze(-2), b.unsqueeze(-3)];
  checkVectors('cdist', left, right);
  return norm(left.sub(right), -1, { order });
}

/** The shape that two tensors of floats broadcast to. */
function checkVectors(name: string, a: Tensor, b: Tensor): readonly number[] {
  checkTensor(name, 'a', a);
  checkTensor(name, 'b', b);
  if (a.dtype !== b.dtype || a.dtype === 'int32')
    throw new DtypeError(
      `${name}: expected two tensors of one dtype, float32 or float64, got ${a.dtype} ${formatShape(a.sizes)} and ${b.dtype} ${formatShape(b.sizes)}`,
    );
  return broadcastShape(name, a.sizes, b.sizes);
}
