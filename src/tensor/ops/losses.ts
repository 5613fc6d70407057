/** Losses: how far predictions are from targets. Each gives the mean, the sum, or every single loss. */

import { ShapeError, ValueError } from '../errors.ts';
import { between, binary, type ElementwiseOp, elementwise } from '../op.ts';
import { broadcastShape, sameShape, show } from '../shape.ts';
import { checkTensor, perform, type Tensor, tensor } from '../tensor.ts';
import { softplus } from './activations.ts';
import { softmaxCrossEntropy } from './cross-entropy.ts';
import { cosineSimilarity, pairwiseDistance } from './norm.ts';
import { moveAxis } from './rearrange.ts';
import { take } from './selection.ts';

/** How losses become one: their mean (unless told), their sum, or not at all. */
export interface Reduced {
  readonly reduction?: 'mean' | 'sum' | 'none';
}

function reduce(name: string, losses: Tensor, reduction: 'mean' | 'sum' | 'none'): Tensor {
  if (reduction === 'none') return losses;
  if (reduction === 'mean' || reduction === 'sum') return losses[reduction]();
  throw new ValueError(`${name}: expected reduction 'mean', 'sum' or 'none', got ${JSON.stringify(reduction)}`);
}

/** Predictions and targets must be alike: broadcasting here is nearly always a mistake. */
function checkAlike(name: string, prediction: Tensor, target: Tensor): void {
  checkTensor(name, 'the prediction', prediction);
  checkTensor(name, 'the target', target);
  if (!sameShape(prediction.shape, target.shape))
    throw new ShapeError(
      `${name}: expected targets like the predictions, ${show(prediction.shape)}, got ${show(target.shape)}; reshape one of them`,
    );
}

/**
 * The mean of `(prediction − target)²`.
 * @throws ShapeError unless both have one shape.
 * @example mseLoss(Tensor.of([1, 2]), Tensor.of([1, 4])).item() // => 2
 */
export function mseLoss(prediction: Tensor, target: Tensor, { reduction = 'mean' }: Reduced = {}): Tensor {
  checkAlike('mseLoss', prediction, target);
  const error = prediction.sub(target);
  return reduce('mseLoss', error.mul(error), reduction);
}

/**
 * The mean of `|prediction − target|`.
 * @throws ShapeError unless both have one shape.
 * @example l1Loss(Tensor.of([1, 2]), Tensor.of([1, 4])).item() // => 1
 */
export function l1Loss(prediction: Tensor, target: Tensor, { reduction = 'mean' }: Reduced = {}): Tensor {
  checkAlike('l1Loss', prediction, target);
  return reduce('l1Loss', prediction.sub(target).abs(), reduction);
}

/** `½ x²` near 0, else `delta (|x| − ½ delta)`. */
export const huberOperation: ElementwiseOp<'x' | 'delta'> = /* @__PURE__ */ elementwise('huber', {
  forward: (x, delta) =>
    x!
      .abs()
      .less(delta!)
      .choose(x!.mul(x!).mul(0.5), delta!.mul(x!.abs().sub(delta!.mul(0.5)))),
  backward: {
    x: ({ dy, x, delta }) => dy.mul(x.abs().less(delta).choose(x, x.sign().mul(delta))),
    delta: ({ dy, x, delta }) => dy.mul(x.abs().less(delta).choose(0, x.abs().sub(delta))),
  },
  sample: (draw) => ({ x: draw.tensor([draw.size(), draw.size()], between), delta: draw.tensor([], { from: 0.5, to: 1 }) }),
});

/**
 * The mean of `½ error²` where `|error|` is below `delta` (1), else `delta (|error| − ½ delta)` (Huber 1964).
 * @throws ShapeError unless both have one shape.
 * @example huberLoss(Tensor.of([0.5, 3]), Tensor.of([0, 0]), { reduction: 'none' }).toArray() // => [0.125, 2.5]
 */
export function huberLoss(
  prediction: Tensor,
  target: Tensor,
  { delta = 1, reduction = 'mean' }: Reduced & { readonly delta?: number } = {},
): Tensor {
  checkAlike('huberLoss', prediction, target);
  if (!(delta > 0)) throw new ValueError(`huberLoss: expected a delta above 0, got ${delta}`);
  const x = prediction.sub(target);
  return reduce('huberLoss', perform(huberOperation, { x, delta: tensor(delta, x) }), reduction);
}

/**
 * `huberLoss` over `beta` (1): `½ error² / beta` near 0, else `|error| − ½ beta` (Girshick 2015).
 * @throws ShapeError unless both have one shape.
 * @example smoothL1Loss(Tensor.of([0.5, 3]), Tensor.of([0, 0]), { reduction: 'none' }).toArray() // => [0.125, 2.5]
 */
export const smoothL1Loss = (
  prediction: Tensor,
  target: Tensor,
  { beta = 1, reduction = 'mean' }: Reduced & { readonly beta?: number } = {},
): Tensor => (beta === 0 ? l1Loss(prediction, target, { reduction }) : huberLoss(prediction, target, { delta: beta, reduction }).div(beta));

/** No logarithm is taken to be below −100, and no slope divides by less than 1e-12: PyTorch's limits. */
export const binaryCrossEntropyOperation: ElementwiseOp<'a' | 'b'> = /* @__PURE__ */ binary('binaryCrossEntropy', {
  forward: (p, y) =>
    y
      .mul(p.log().atLeast(-100))
      .add(y.neg().add(1).mul(p.neg().log1p().atLeast(-100)))
      .neg(),
  backward: {
    a({ dy, a: p, b: y }) {
      const spread = p.mul(p.neg().add(1));
      return dy.mul(p.sub(y)).div(spread.less(1e-12).choose(1e-12, spread));
    },
    b({ dy, a: p }) {
      const [yes, no] = [p.log(), p.neg().log1p()];
      return no.less(-100).choose(-100, no).sub(yes.less(-100).choose(-100, yes)).mul(dy);
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
  return reduce('binaryCrossEntropy', perform(binaryCrossEntropyOperation, { a: probability, b: target }), reduction);
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
  const losses = logTarget ? target.exp().mul(target.sub(input)) : target.greater(0).choose(target, 1).log().sub(input).mul(target);
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
      `${name}: expected int32 classes of shape ${show(positions)} or probabilities of shape ${show(x.shape)}, for predictions ${show(x.shape)}, got ${show(target.shape)}`,
    );
  const lines = (y: Tensor) => (y.rank > 2 ? moveAxis(y, 1, -1).reshape([-1, y.shape[1]!]) : y);
  return { x: lines(x), target: target.rank === x.rank ? lines(target) : target.reshape([-1]) };
}

/** The losses of rows of log-probabilities, and what each weighs. */
function picked(
  logarithms: Tensor,
  classes: Tensor,
  { weight, ignoreIndex }: ClassOptions,
): { losses: Tensor; weights: Tensor; counts: Tensor } {
  const counts = ignoreIndex === undefined ? classes.equal(classes) : classes.notEqual(ignoreIndex);
  const safe = counts.choose(classes, 0);
  const each = weight ? take(weight, safe) : counts.cast(logarithms.dtype);
  const weights = counts.choose(each, 0);
  const found = logarithms.gather(1, safe.reshape([-1, 1])).reshape([-1]);
  return { losses: counts.choose(found.neg().mul(each), 0), weights, counts };
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
  const { losses, weights } = picked(x, target, options);
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
  const { losses, weights, counts } = picked(logarithms, wanted, options);
  const spread = counts.choose(surprises.sum(1), 0).mul(labelSmoothing / classes);
  return settle(name, labelSmoothing === 0 ? losses : losses.mul(1 - labelSmoothing).add(spread), weights, shape, reduction);
}

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
): Tensor => reduce('hingeEmbeddingLoss', y.equal(1).choose(x, x.neg().add(margin).relu()), reduction);

/**
 * The mean of `log(1 + e^−yx)`, for targets 1 and −1.
 * @example softMarginLoss(Tensor.of([0]), Tensor.of([1])).item().toFixed(4) // => '0.6931'
 */
export const softMarginLoss = (x: Tensor, y: Tensor, { reduction = 'mean' }: Reduced = {}): Tensor =>
  reduce('softMarginLoss', softplus(y.mul(x).neg()), reduction);

/**
 * The mean of `eˣ − y x`, where `x` is the logarithm of the rate at which `y` are counted; or of `x − y log(x + epsilon)`, with `logInput: false`.
 * @example poissonNLLLoss(Tensor.of([0]), Tensor.of([2])).item() // => 1
 */
export const poissonNLLLoss = (
  x: Tensor,
  y: Tensor,
  { logInput = true, epsilon = 1e-8, reduction = 'mean' }: Reduced & { readonly logInput?: boolean; readonly epsilon?: number } = {},
): Tensor => reduce('poissonNLLLoss', logInput ? x.exp().sub(y.mul(x)) : x.sub(y.mul(x.add(epsilon).log())), reduction);

/**
 * The mean of `½ (log v + (x − y)² / v)`, for a variance `v` of at least `epsilon` (1e-6).
 * @example gaussianNLLLoss(Tensor.of([3]), Tensor.of([1]), Tensor.of([1])).item() // => 2
 */
export function gaussianNLLLoss(
  x: Tensor,
  y: Tensor,
  variance: Tensor,
  { epsilon = 1e-6, reduction = 'mean' }: Reduced & { readonly epsilon?: number } = {},
): Tensor {
  const bounded = variance.clamp(epsilon, Infinity);
  const error = x.sub(y);
  return reduce('gaussianNLLLoss', bounded.log().add(error.mul(error).div(bounded)).mul(0.5), reduction);
}

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
  return reduce('cosineEmbeddingLoss', y.equal(1).choose(cosine.neg().add(1), cosine.sub(margin).relu()), reduction);
}
