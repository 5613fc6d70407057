/** Dropout: activations set to 0 at random in training, by masks that are made anew from a key wherever they are needed and never stored. */

import { newData } from '../../base/dtype.ts';
import { ShapeError } from '../../base/errors.ts';
import { check, fraction } from '../../base/options.ts';
import { type PhiloxKey, philoxWords } from '../../base/philox.ts';
import { defaultRandom } from '../../base/random.ts';
import { broadcastsTo, formatShape, sizeOf } from '../../base/shape.ts';
import type { Shape } from '../../base/shape-types.ts';
import type { Op } from '../../tensor/op.ts';
import { checkFloats, perform, type Tensor } from '../../tensor/tensor.ts';
import { isTraining } from '../../tensor/training-scope.ts';

/**
 * Which elements stay: element `i` of the mask does if word `i` of the key is below `keep · 2³²`. The mask broadcasts over x; axes along which it is the
 * same stand at its end.
 */
interface Mask {
  readonly keep: number;
  readonly key: PhiloxKey;
  readonly mask: Shape;
}

/**
 * `x / keep` where the mask has a 1, else 0. What is dropped is 0 whatever it was, NaN and infinities too. It is linear and its own adjoint: the same mask
 * falls on the gradient.
 */
export const dropoutOp: Op<'x', Mask> = {
  name: 'dropout',
  // All examples get the same mask, as they get the same of all that is drawn.
  batching: ({ inputs, attributes, perform }) => perform({ x: inputs.x.x }, attributes),
  shape({ x, mask }) {
    if (!broadcastsTo(mask, x.sizes))
      throw new ShapeError(`dropout: expected a mask that broadcasts to x ${formatShape(x.sizes)}, got ${formatShape(mask)}`);
    return x.sizes;
  },
  forward({ x, keep, key, mask }) {
    const { numbers } = x;
    const words = philoxWords(key, sizeOf(mask));
    const out = newData(x.dtype, x.size);
    const [bound, scale] = [keep * 2 ** 32, 1 / keep];
    // How many elements in a row each element of the mask counts for.
    let run = 1;
    for (let axis = 1; axis <= mask.length && mask.at(-axis) === 1; axis++) run *= x.sizes.at(-axis)!;
    const size = sizeOf(mask);
    for (let i = 0; i < out.length; i++) {
      const place = run === 1 ? i : Math.floor(i / run);
      if (words[place < size ? place : place % size]! < bound) out[i] = numbers[i]! * scale;
    }
    return out;
  },
  backward: { x: ({ dy, keep, key, mask }) => perform(dropoutOp, { x: dy }, { keep, key, mask }) },
  sample(draw) {
    const shape = [draw.size(), draw.size()];
    return { x: draw.tensor(shape), keep: draw.oneOf(0.3, 0.5, 1), key: [draw.size(), 7], mask: draw.oneOf(shape, [shape[0]!, 1]) };
  },
};

/** A mask for what is computed now; none in evaluation, and where nothing would be dropped. */
function drawMask(where: string, x: Tensor, p: number, shapeOf: (shape: Shape) => Shape): Mask | undefined {
  checkFloats(where, x);
  check(where, { p }, fraction);
  const mask = shapeOf(x.sizes);
  if (!isTraining() || p === 0) return undefined;
  const random = defaultRandom();
  return { keep: 1 - p, key: [random.integer(2 ** 32), random.integer(2 ** 32)], mask };
}

/**
 * In training, sets each element to 0 with fraction `p` and divides the others by `1 − p`, so that means stay (Srivastava et al. 2014); in evaluation
 * `x` itself.
 *
 * The mask comes from one draw of the default generator, a key from which each of its elements is made, in the sweep once more: it is not stored.
 * @param p from 0 to 1. Default 0.5
 * @throws DtypeError for int32; ValueError for a `p` out of range.
 * @example
 * manualSeed(1);
 * training(() => dropout(Tensor.ones([4]), 0.5)).toArray() // => [2, 0, 0, 0]
 * dropout(Tensor.ones([4]), 0.5).toArray() // => [1, 1, 1, 1]
 */
export function dropout<S extends Shape>(x: Tensor<S>, p: number = 0.5): Tensor<S> {
  const mask = drawMask('dropout', x, p, (shape) => shape);
  return (mask ? perform(dropoutOp, { x }, mask) : x) as Tensor<S>;
}

/**
 * In training, sets each channel of each example to 0 with fraction `p` and divides the others by `1 − p` (Tompson et al. 2015); in evaluation `x`
 * itself. Neighbours in an image are alike, so that dropping single elements would drop little.
 * @param x `[n, channels, …]`
 * @param p from 0 to 1. Default 0.5
 * @throws ShapeError for less than two axes; DtypeError for int32; ValueError for a `p` out of range.
 * @example
 * manualSeed(1);
 * training(() => channelDropout(Tensor.ones([1, 2, 3]), 0.5)).toArray() // => [[[2, 2, 2], [0, 0, 0]]]
 */
export function channelDropout<S extends Shape>(x: Tensor<S>, p: number = 0.5): Tensor<S> {
  const mask = drawMask('channelDropout', x, p, (shape) => {
    if (shape.length < 2) throw new ShapeError(`channelDropout: expected [n, channels, …], got ${formatShape(shape)}`);
    return shape.map((size, axis) => (axis < 2 ? size : 1));
  });
  return (mask ? perform(dropoutOp, { x }, mask) : x) as Tensor<S>;
}

/** What SELU tends to for large negative numbers: −λα (Klambauer et al. 2017, equation 2). */
const SATURATED = -1.7580993408473766;

/**
 * In training, sets each element to what SELU saturates at, −1.7581, with fraction `p`, and scales and shifts all such that mean 0 and variance 1 stay
 * (Klambauer et al. 2017, "Self-normalizing neural networks"); in evaluation `x` itself.
 * @param p from 0 to 1. Default 0.5
 * @throws DtypeError for int32; ValueError for a `p` out of range.
 * @example
 * manualSeed(1);
 * training(() => alphaDropout(Tensor.zeros([2], 'float64'), 0.5)).toArray().map((y) => y.toFixed(4)) // => ['0.7792', '-0.7792']
 */
export function alphaDropout<S extends Shape>(x: Tensor<S>, p: number = 0.5): Tensor<S> {
  const mask = drawMask('alphaDropout', x, p, (shape) => shape);
  if (!mask) return x;
  const { keep } = mask;
  if (keep === 0) return perform(dropoutOp, { x }, mask) as Tensor<S>;
  const scale = 1 / Math.sqrt(keep * (1 + p * SATURATED * SATURATED));
  // What stays is x, what does not is the saturated value: x, shifted so that this is 0, dropped, and shifted back.
  const kept = perform(dropoutOp, { x: x.sub(SATURATED) }, mask)
    .mul(keep)
    .add(SATURATED);
  return kept.mul(scale).add(-scale * p * SATURATED) as Tensor as Tensor<S>;
}
