/** What all losses share: how they are reduced, and that predictions and targets are alike. */

import { DtypeError, ShapeError } from '../../base/errors.ts';
import { type Option, oneOf, optional } from '../../base/options.ts';
import { broadcastsTo, formatShape, sameShape } from '../../base/shape.ts';
import { checkFloats, checkTensor, type Tensor } from '../../tensor/tensor.ts';

/** How losses are reduced: to their mean, to their sum, or not at all. */
export type Reduction = 'mean' | 'sum' | 'none';

/** The reduction of losses. Default `'mean'`. */
export interface ReductionOptions<R extends Reduction = Reduction> {
  readonly reduction?: R;
}

/** The option that every loss has. */
export const reductionOption: { readonly reduction: Option<Reduction> } = {
  reduction: /* @__PURE__ */ optional(/* @__PURE__ */ oneOf('mean', 'sum', 'none'), 'mean'),
};

/** The mean of losses, their sum, or all of them. */
export const reduceLosses = (losses: Tensor, reduction: Reduction): Tensor => (reduction === 'none' ? losses : losses[reduction]());

/** Predictions and targets must have one shape: broadcasting here is nearly always a mistake. They have one dtype as well. */
export function checkAlike(name: string, prediction: Tensor, target: Tensor): void {
  checkFloats(name, prediction, 'the prediction');
  checkTensor(name, 'the target', target);
  if (!sameShape(prediction.sizes, target.sizes))
    throw new ShapeError(
      `${name}: expected targets like the predictions, ${formatShape(prediction.sizes)}, got ${formatShape(target.sizes)}; ` +
        'reshape one of them',
    );
  checkDtypes(name, prediction, target, 'target');
}

/** What is given beside predictions may be smaller: it must broadcast to their shape, and have their dtype. */
export function checkStretches(name: string, prediction: Tensor, part: Tensor, what: string): void {
  checkTensor(name, `the ${what}`, part);
  if (!broadcastsTo(part.sizes, prediction.sizes))
    throw new ShapeError(
      `${name}: expected a ${what} that broadcasts to the predictions, ${formatShape(prediction.sizes)}, got ${formatShape(part.sizes)}`,
    );
  checkDtypes(name, prediction, part, what);
}

/** Refuses what has another dtype than the prediction, by the name of the function that was called. */
export function checkDtypes(name: string, { dtype }: Tensor, part: Tensor, what: string): void {
  if (part.dtype !== dtype)
    throw new DtypeError(
      `${name}: expected a ${what} in ${dtype}, the dtype of the prediction, got ${part.dtype}; convert one with cast('${dtype}')`,
    );
}
