/** Losses that are content once there is a margin. */

import type { Tensor } from '../../tensor/tensor.ts';
import { softplus } from '../elementwise/activations.ts';
import { cosineSimilarity, pairwiseDistance } from '../sums/norm.ts';
import { type Reduced, reduce } from './regression-losses.ts';

/**
 * The mean of `max(0, −y (a − b) + margin)`: `a` should be the larger where `y` is 1, the smaller where it is −1.
 * @example marginRankingLoss(Tensor.of([2]), Tensor.of([1]), Tensor.of([-1])).item() // => 1
 */
export const marginRankingLoss = (
  a: Tensor,
  b: Tensor,
  y: Tensor,
  { margin = 0, reduction = 'mean' }: Reduced & { readonly margin?: number } = {},
): Tensor => reduce('marginRankingLoss', y.neg().mul(a.sub(b)).add(margin).relu(), reduction);

/**
 * The mean of `x` where `y` is 1, and of `max(0, margin − x)` where it is −1.
 * @example hingeEmbeddingLoss(Tensor.of([0.25, 0.25]), Tensor.of([1, -1]), { reduction: 'none' }).toArray() // => [0.25, 0.75]
 */
export const hingeEmbeddingLoss = (
  x: Tensor,
  y: Tensor,
  { margin = 1, reduction = 'mean' }: Reduced & { readonly margin?: number } = {},
): Tensor => reduce('hingeEmbeddingLoss', y.equal(1).where(x, x.neg().add(margin).relu()), reduction);

/**
 * The mean of `log(1 + e^−yx)`, for targets 1 and −1.
 * @example softMarginLoss(Tensor.of([0]), Tensor.of([1])).item().toFixed(4) // => '0.6931'
 */
export const softMarginLoss = (x: Tensor, y: Tensor, { reduction = 'mean' }: Reduced = {}): Tensor =>
  reduce('softMarginLoss', softplus(y.mul(x).neg()), reduction);

/**
 * The mean of `max(0, ‖a − p‖ − ‖a − n‖ + margin)`: an anchor should be nearer to the positive than to the negative.
 * @example tripletMarginLoss(Tensor.of([[0, 0]]), Tensor.of([[3, 4]]), Tensor.of([[3, 4]])).item() // => 1
 */
export const tripletMarginLoss = (
  anchor: Tensor,
  positive: Tensor,
  negative: Tensor,
  { margin = 1, reduction = 'mean' }: Reduced & { readonly margin?: number } = {},
): Tensor =>
  reduce('tripletMarginLoss', pairwiseDistance(anchor, positive).sub(pairwiseDistance(anchor, negative)).add(margin).relu(), reduction);

/**
 * The mean of `1 − cos(a, b)` where `y` is 1, and of `max(0, cos(a, b) − margin)` where it is −1.
 * @example cosineEmbeddingLoss(Tensor.of([[1, 0]]), Tensor.of([[1, 0]]), Tensor.of([1])).item() // => 0
 */
export function cosineEmbeddingLoss(
  a: Tensor,
  b: Tensor,
  y: Tensor,
  { margin = 0, reduction = 'mean' }: Reduced & { readonly margin?: number } = {},
): Tensor {
  const cosine = cosineSimilarity(a, b, -1);
  return reduce('cosineEmbeddingLoss', y.equal(1).where(cosine.neg().add(1), cosine.sub(margin).relu()), reduction);
}
