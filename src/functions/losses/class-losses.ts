/** Losses of probabilities, of one class against another or of many. */

import { ShapeError, ValueError } from '../../base/errors.ts';
import { broadcastShape, formatShape, sameShape } from '../../base/shape.ts';
import { binaryOp, type ElementwiseOp } from '../../tensor/op.ts';
import { checkTensor, perform, type Tensor } from '../../tensor/tensor.ts';
import { softplus } from '../elementwise/activations.ts';
import { moveAxis } from '../layout/rearrange.ts';
import { take } from '../layout/selection.ts';
import { softmaxCrossEntropy } from './cross-entropy.ts';
import { checkAlike, type Reduced, reduce } from './regression-losses.ts';

/** No logarithm is taken to be below −100, and no slope divides by less than 1e-12: PyTorch's limits. */
export const binaryCrossEntropyOp: ElementwiseOp<'a' | 'b'> = /* @__PURE__ */ binaryOp('binaryCrossEntropy', {
  forward: (p, y) =>
    y
      .mul(p.log().atLeast(-100))
      .add(y.neg().add(1).mul(p.neg().log1p().atLeast(-100)))
      .neg(),
  backward: {
    a({ dy, a: p, b: y }) {
      const spread = p.mul(p.neg().add(1));
      return dy.mul(p.sub(y)).div(spread.less(1e-12).where(1e-12, spread));
    },
    b({ dy, a: p }) {
      const [yes, no] = [p.log(), p.neg().log1p()];
      return no.less(-100).where(-100, no).sub(yes.less(-100).where(-100, yes)).mul(dy);
    },
  },
  domains: { a: { from: 0.25, to: 0.75 } },
});

/**
 * The mean of `−(y log p + (1 − y) log(1 − p))`, of probabilities. From logits, `binaryCrossEntropyWithLogits` is exact where this cannot be.
 * @throws ShapeError unless both have one shape.
 * @example binaryCrossEntropy(Tensor.of([0.5]), Tensor.of([1])).item().toFixed(4) // => '0.6931'
 */
export function binaryCrossEntropy(probability: Tensor, target: Tensor, { reduction = 'mean' }: Reduced = {}): Tensor {
  checkAlike('binaryCrossEntropy', probability, target);
  return reduce('binaryCrossEntropy', perform(binaryCrossEntropyOp, { a: probability, b: target }), reduction);
}

/**
 * The mean of `y · softplus(−x) + (1 − y) · softplus(x)`: the binary cross-entropy of `σ(x)`, without rounding a probability to 0 or 1.
 * @param options `positiveWeight` weighs the first term; it broadcasts
 * @throws ShapeError unless both have one shape.
 * @example binaryCrossEntropyWithLogits(Tensor.of([-1000]), Tensor.of([1])).item() // => 1000
 */
export function binaryCrossEntropyWithLogits(
  logits: Tensor,
  target: Tensor,
  { positiveWeight, reduction = 'mean' }: Reduced & { readonly positiveWeight?: Tensor } = {},
): Tensor {
  checkAlike('binaryCrossEntropyWithLogits', logits, target);
  if (positiveWeight) broadcastShape('binaryCrossEntropyWithLogits', logits.shape, positiveWeight.shape);
  const yes = target.mul(softplus(logits.neg()));
  const losses = (positiveWeight ? yes.mul(positiveWeight) : yes).add(target.neg().add(1).mul(softplus(logits)));
  return reduce('binaryCrossEntropyWithLogits', losses, reduction);
}

/**
 * The mean of `y (log y − x)`, for logarithms of probabilities `x` and probabilities `y`: how much of `y` is lost on who believes `x`.
 * @param options `logTarget`: the target is a logarithm as well; `reduction: 'batchmean'` divides the sum by the number of rows
 * @throws ShapeError unless both have one shape.
 * @example klDivLoss(Tensor.of([[0, 0]]), Tensor.of([[1, 1]])).item() // => 0
 */
export function klDivLoss(
  input: Tensor,
  target: Tensor,
  {
    logTarget = false,
    reduction = 'mean',
  }: { readonly logTarget?: boolean; readonly reduction?: 'mean' | 'sum' | 'none' | 'batchmean' } = {},
): Tensor {
  checkAlike('klDivLoss', input, target);
  // What has no probability adds nothing: 0 · log 0 is 0, and flat.
  const losses = logTarget ? target.exp().mul(target.sub(input)) : target.greater(0).where(target, 1).log().sub(input).mul(target);
  return reduction === 'batchmean' ? losses.sum().div(input.shape[0] ?? 1) : reduce('klDivLoss', losses, reduction);
}

/** How classes are weighed. */
export interface ClassOptions extends Reduced {
  /** A weight for each class; the mean divides by the weights of the targets. */
  readonly weight?: Tensor;
  /** A class that counts for nothing. */
  readonly ignoreIndex?: number;
}

/** Predictions `[n, classes, …]` as rows, and targets as a list. */
function rows(name: string, x: Tensor, target: Tensor): { x: Tensor; target: Tensor } {
  checkTensor(name, 'the prediction', x);
  checkTensor(name, 'the target', target);
  const positions = x.shape.toSpliced(1, 1);
  if (x.rank < 2 || (!sameShape(target.shape, positions) && !sameShape(target.shape, x.shape)))
    throw new ShapeError(
      `${name}: expected int32 classes of shape ${formatShape(positions)} or probabilities of shape ${formatShape(x.shape)}, for predictions ${formatShape(x.shape)}, got ${formatShape(target.shape)}`,
    );
  const lines = (y: Tensor) => (y.rank > 2 ? moveAxis(y, 1, -1).reshape([-1, y.shape[1]!]) : y);
  return { x: lines(x), target: target.rank === x.rank ? lines(target) : target.reshape([-1]) };
}

/** The losses of rows of log-probabilities, and what each weighs. */
function picked(
  name: string,
  logarithms: Tensor,
  classes: Tensor,
  { weight, ignoreIndex }: ClassOptions,
): { losses: Tensor; weights: Tensor; counts: Tensor } {
  const counts = ignoreIndex === undefined ? classes.equal(classes) : classes.notEqual(ignoreIndex);
  const safe = counts.where(classes, 0);
  const last = logarithms.shape[1]! - 1;
  const misfit = safe.data.findIndex((label) => !(label >= 0 && label <= last));
  if (misfit >= 0)
    throw new ValueError(
      `${name}: label ${safe.data[misfit]} at place ${misfit} is none of the ${last + 1} classes, 0 to ${last}, of predictions ${formatShape(logarithms.shape)}`,
    );
  const each = weight ? take(weight, safe) : counts.cast(logarithms.dtype);
  const weights = counts.where(each, 0);
  const found = logarithms.gather(1, safe.reshape([-1, 1])).reshape([-1]);
  return { losses: counts.where(found.neg().mul(each), 0), weights, counts };
}

/** The mean is over what the targets weigh. */
const settle = (name: string, losses: Tensor, weights: Tensor, shape: readonly number[], reduction: 'mean' | 'sum' | 'none'): Tensor =>
  reduction === 'mean' ? losses.sum().div(weights.sum()) : reduce(name, losses.reshape(shape), reduction);

/**
 * The negative logarithm of the probability of each row's class, its mean unless told.
 * @param logarithms `[n, classes, …]`: logarithms of probabilities, as `logSoftmax(1)` gives
 * @param classes `[n, …]`, int32
 * @throws ShapeError, and ValueError for a class out of range.
 * @example nllLoss(Tensor.of([[-1, -2]]), Tensor.of([1], 'int32')).item() // => 2
 */
export function nllLoss(logarithms: Tensor, classes: Tensor, options: ClassOptions = {}): Tensor {
  const { x, target } = rows('nllLoss', logarithms, classes);
  const { losses, weights } = picked('nllLoss', x, target, options);
  return settle('nllLoss', losses, weights, classes.shape, options.reduction ?? 'mean');
}

/**
 * The cross-entropy of the softmax of logits: `log Σⱼ e^xⱼ − x_target`, its mean unless told.
 *
 * @param logits `[n, classes, …]`
 * @param target `[n, …]` of int32 classes, or probabilities in the shape of the logits
 * @param options `labelSmoothing`: the share of each target that goes to all classes alike; a mean over nothing but ignored targets is NaN, and flat
 * @throws ShapeError, DtypeError, and ValueError for a class out of range.
 * @example crossEntropy(Tensor.of([[0, 0]]), Tensor.of([1], 'int32')).item().toFixed(4) // => '0.6931'
 */
export function crossEntropy(logits: Tensor, target: Tensor, options: ClassOptions & { readonly labelSmoothing?: number } = {}): Tensor {
  const { weight, ignoreIndex, labelSmoothing = 0, reduction = 'mean' } = options;
  if (!(labelSmoothing >= 0 && labelSmoothing <= 1))
    throw new ValueError(`crossEntropy: expected labelSmoothing from 0 to 1, got ${labelSmoothing}`);
  const name = 'crossEntropy';
  const { x, target: wanted } = rows(name, logits, target);
  const shape = logits.shape.toSpliced(1, 1);
  if (!weight && ignoreIndex === undefined && labelSmoothing === 0)
    return reduce(name, reduction === 'none' ? softmaxCrossEntropy(x, wanted).reshape(shape) : softmaxCrossEntropy(x, wanted), reduction);
  const logarithms = x.logSoftmax(1);
  const surprises = (weight ? logarithms.mul(weight) : logarithms).neg();
  const classes = x.shape[1]!;
  if (wanted.rank === 2) {
    const smoothed = wanted.mul(1 - labelSmoothing).add(labelSmoothing / classes);
    return reduce(name, smoothed.mul(surprises).sum(1).reshape(shape), reduction);
  }
  const { losses, weights, counts } = picked(name, logarithms, wanted, options);
  const spread = counts.where(surprises.sum(1), 0).mul(labelSmoothing / classes);
  return settle(name, labelSmoothing === 0 ? losses : losses.mul(1 - labelSmoothing).add(spread), weights, shape, reduction);
}
