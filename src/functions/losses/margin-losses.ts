/** Losses that are 0 beyond a margin, and losses of pairs and triplets. On the edge of a margin the derivative is taken to be 0. */

import { ShapeError } from '../../base/errors.ts';
import { finiteNumber, type OptionTable, optional, readOptions } from '../../base/options.ts';
import { formatShape, sameShape } from '../../base/shape.ts';
import { checkTensor, type Tensor } from '../../tensor/tensor.ts';
import { softplus } from '../elementwise/activations.ts';
import { cosineSimilarity, pairwiseDistance } from '../sums/similarity.ts';
import { checkAlike, checkDtypes, type ReductionOptions, reduceLosses, reductionOption } from './reduction.ts';

/** The margin beyond which a loss is 0, and how losses are reduced. */
export interface MarginOptions extends ReductionOptions {
  readonly margin?: number;
}

const marginOptions = (margin: number): OptionTable<MarginOptions> => ({ ...reductionOption, margin: optional(finiteNumber, margin) });

function checkVectors(name: string, x: Tensor): void {
  if (x.rank === 0) throw new ShapeError(`${name}: expected vectors, [..., features], got a scalar`);
}

/**
 * The mean of `max(0, −y (a − b) + margin)`: `a` should be larger than `b` where the target `y` is 1, smaller where it is −1.
 * @param a scores
 * @param b scores, in the shape of `a`
 * @param target 1 or −1, in the shape of `a`
 * @param options `margin`, default 0, and `reduction`, default `'mean'`
 * @throws ShapeError unless all have one shape.
 * @example marginRankingLoss(Tensor.of([2]), Tensor.of([1]), Tensor.of([-1])).item() // => 1
 */
export function marginRankingLoss(a: Tensor, b: Tensor, target: Tensor, options?: MarginOptions): Tensor {
  const name = 'marginRankingLoss';
  const { margin, reduction } = readOptions(name, options, marginOptions(0));
  checkAlike(name, a, b);
  checkAlike(name, a, target);
  return reduceLosses(target.neg().mul(a.sub(b)).add(margin).relu(), reduction);
}

/**
 * The mean of `x` where the target is 1, and of `max(0, margin − x)` where it is −1, or any other number. NaN is passed on.
 * @param prediction distances `x`
 * @param target 1 or −1, in the shape of the prediction
 * @param options `margin`, default 1, and `reduction`, default `'mean'`
 * @throws ShapeError unless both have one shape.
 * @example hingeEmbeddingLoss(Tensor.of([0.25, 0.25]), Tensor.of([1, -1]), { reduction: 'none' }).toArray() // => [0.25, 0.75]
 */
export function hingeEmbeddingLoss(prediction: Tensor, target: Tensor, options?: MarginOptions): Tensor {
  const { margin, reduction } = readOptions('hingeEmbeddingLoss', options, marginOptions(1));
  checkAlike('hingeEmbeddingLoss', prediction, target);
  return reduceLosses(chosen(target, prediction, prediction.neg().add(margin).relu()), reduction);
}

/**
 * The mean of `log(1 + e^−yx)`, for predictions `x` and targets `y`.
 * @param target 1 or −1, in the shape of the prediction
 * @throws ShapeError unless both have one shape.
 * @example softMarginLoss(Tensor.of([0]), Tensor.of([1])).item().toFixed(4) // => '0.6931'
 */
export function softMarginLoss(prediction: Tensor, target: Tensor, options?: ReductionOptions): Tensor {
  const { reduction } = readOptions('softMarginLoss', options, reductionOption);
  checkAlike('softMarginLoss', prediction, target);
  return reduceLosses(softplus(target.mul(prediction).neg()), reduction);
}

/**
 * The mean of `max(0, ‖a − p‖ − ‖a − n‖ + margin)`: an anchor should be nearer to the positive example than to the negative one.
 * @param anchor `[…, features]`
 * @param positive in the shape of the anchor
 * @param negative in the shape of the anchor
 * @param options `margin`, default 1, and `reduction`, default `'mean'`
 * @throws ShapeError unless all have one shape.
 * @example tripletMarginLoss(Tensor.of([[0, 0]]), Tensor.of([[3, 4]]), Tensor.of([[3, 4]])).item() // => 1
 */
export function tripletMarginLoss(anchor: Tensor, positive: Tensor, negative: Tensor, options?: MarginOptions): Tensor {
  const name = 'tripletMarginLoss';
  const { margin, reduction } = readOptions(name, options, marginOptions(1));
  checkAlike(name, anchor, positive);
  checkAlike(name, anchor, negative);
  checkVectors(name, anchor);
  const difference = pairwiseDistance(anchor, positive).sub(pairwiseDistance(anchor, negative));
  return reduceLosses(difference.add(margin).relu(), reduction);
}

/**
 * The mean of `1 − cos(a, b)` where the target is 1, and of `max(0, cos(a, b) − margin)` where it is −1, or any other number.
 * NaN is passed on.
 * @param a vectors, `[…, features]`
 * @param b vectors, in the shape of `a`
 * @param target 1 or −1 for each pair, `[…]`
 * @param options `margin`, default 0, and `reduction`, default `'mean'`
 * @throws ShapeError unless the shapes fit.
 * @example cosineEmbeddingLoss(Tensor.of([[1, 0]]), Tensor.of([[1, 0]]), Tensor.of([1])).item() // => 0
 */
export function cosineEmbeddingLoss(a: Tensor, b: Tensor, target: Tensor, options?: MarginOptions): Tensor {
  const name = 'cosineEmbeddingLoss';
  const { margin, reduction } = readOptions(name, options, marginOptions(0));
  checkAlike(name, a, b);
  checkVectors(name, a);
  checkTensor(name, 'the target', target);
  if (!sameShape(target.sizes, a.sizes.slice(0, -1)))
    throw new ShapeError(
      `${name}: expected a target for each pair, ${formatShape(a.sizes.slice(0, -1))}, got ${formatShape(target.sizes)}`,
    );
  checkDtypes(name, a, target, 'target');
  const cosine = cosineSimilarity(a, b);
  return reduceLosses(chosen(target, cosine.neg().add(1), cosine.sub(margin).relu()), reduction);
}

/** One loss where the target is 1, another where it is not, and NaN where it is NaN. */
const chosen = (target: Tensor, one: Tensor, other: Tensor): Tensor => target.equal(target).where(target.equal(1).where(one, other), NaN);
