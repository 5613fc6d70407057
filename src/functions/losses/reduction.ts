/** How the losses of many examples become one. */

import { ShapeError, ValueError } from '../../base/errors.ts';
import { formatShape, sameShape } from '../../base/shape.ts';
import { checkTensor, type Tensor } from '../../tensor/tensor.ts';

/** How losses are reduced: to their mean, to their sum, or not at all. */
export type Reduction = 'mean' | 'sum' | 'none';
export const reductions: readonly Reduction[] = ['mean', 'sum', 'none'];

/** The reduction of losses. Default `'mean'`. */
export interface ReductionOptions<R extends Reduction = Reduction> {
  readonly reduction?: R;
}

/** Refuses what is no reduction, since JavaScript callers can pass anything. */
export function checkReduction(name: string, reduction: unknown): void {
  if (reductions.includes(reduction as Reduction)) return;
  throw new ValueError(`${name}: expected reduction 'mean', 'sum' or 'none', got ${JSON.stringify(reduction)}`);
}

/** The mean of losses, their sum, or all of them. */
export function reduceLosses(name: string, losses: Tensor, reduction: Reduction): Tensor {
  checkReduction(name, reduction);
  return reduction === 'none' ? losses : losses[reduction]();
}

/** Predictions and targets must have one shape: broadcasting here is nearly always a mistake. */
export function checkAlike(name: string, prediction: Tensor, target: Tensor): void {
  checkTensor(name, 'the prediction', prediction);
  checkTensor(name, 'the target', target);
  if (!sameShape(prediction.shape, target.shape))
    throw new ShapeError(
      `${name}: expected targets like the predictions, ${formatShape(prediction.shape)}, got ${formatShape(target.shape)}; ` +
        'reshape one of them',
    );
}
