/** Smooth activations. */

import { ShapeError, ValueError } from '../../base/errors.ts';
import { formatShape, normalizeAxis } from '../../base/shape.ts';
import type { Shape } from '../../base/shape-types.ts';
import { tanhRest } from '../../formula/exponential.ts';
import type { Elementwise } from '../../formula/methods.ts';
import { type ElementwiseOp, elementwiseOp, unaryOp } from '../../tensor/op.ts';
import { perform, type Tensor, tensor } from '../../tensor/tensor.ts';
import { erfc } from './error-function.ts';

type Unary = ElementwiseOp<'x'>;

/** `log(1 + eˣ)`, whose derivative `σ(x)` is `1 − e⁻ʸ`. */
export const softplusOp: Unary = /* @__PURE__ */ unaryOp('softplus', {
  forward: (x) => x.atLeast(0).add(x.abs().neg().exp().log1p()),
  backward: ({ dy, y }) => dy.mul(y.neg().expm1().neg()),
});

/** The shape of a softplus. */
export interface SoftplusOptions {
  /** The sharpness. Default 1. */
  readonly beta?: number;
  /** Where `beta · x` exceeds this, the result is `x` itself. Default ∞; PyTorch's is 20. */
  readonly threshold?: number;
}

/**
 * `log(1 + e^βx) / β`: a smooth `max(x, 0)`, without overflow and without loss of precision where it is small.
 * @param options `beta`, default 1, and `threshold`, default ∞
 * @throws ValueError for a `beta` that is not above 0.
 * @example softplus(Tensor.of([0, 1000, -1000])).toArray().map((y) => y.toFixed(4)) // => ['0.6931', '1000.0000', '0.0000']
 */
export function softplus<S extends Shape>(x: Tensor<S>, { beta = 1, threshold = Infinity }: SoftplusOptions = {}): Tensor<S> {
  if (!(beta > 0)) throw new ValueError(`softplus: expected a beta above 0, got ${beta}`);
  const scaled: Tensor = beta === 1 ? x : x.mul(beta);
  const y = perform(softplusOp, { x: scaled });
  const smooth = beta === 1 ? y : y.div(beta);
  return threshold === Infinity ? smooth : (scaled.greater(threshold).where(x, smooth) as Tensor);
}

export const logSigmoidOp: Unary = /* @__PURE__ */ unaryOp('logSigmoid', {
  // −0, so that a value that rounds to 0 keeps its sign.
  forward: (x) => x.atMost(-0).sub(x.abs().neg().exp().log1p()),
  backward: ({ dy, y }) => dy.mul(y.expm1().neg()),
});

/**
 * `log σ(x) = −log(1 + e⁻ˣ)`, without the logarithm of a probability that was rounded to 0 or 1.
 * @example logSigmoid(Tensor.of([0, -1000])).toArray().map((y) => y.toFixed(4)) // => ['-0.6931', '-1000.0000']
 */
export const logSigmoid = <S extends Shape>(x: Tensor<S>): Tensor<S> => perform(logSigmoidOp, { x });

export const siluOp: Unary = /* @__PURE__ */ unaryOp('silu', {
  forward: (x) => x.mul(x.sigmoid()),
  backward({ dy, x }) {
    const s = x.sigmoid();
    return dy.mul(s).mul(s.neg().add(1).mul(x).add(1));
  },
});

/**
 * `x σ(x)`, also called swish (Elfwing et al. 2018).
 * @example silu(Tensor.of([0, 100])).toArray() // => [0, 100]
 */
export const silu = <S extends Shape>(x: Tensor<S>): Tensor<S> => perform(siluOp, { x });

/**
 * `x tanh(softplus(x))` (Misra 2019).
 * @example mish(Tensor.of([0, 100])).toArray() // => [0, 100]
 */
export const mish = <S extends Shape>(x: Tensor<S>): Tensor<S> => x.mul(softplus(x).tanh()) as Tensor;

/** The slope is `√(8/π)`. */
const GELU = { slope: 1.5957691216057308, cubic: 0.044715 };

/** `x σ(2u)`, which is `x (1 + tanh u) / 2` without its cancellation. */
export const geluTanh: Unary = /* @__PURE__ */ unaryOp('geluTanh', {
  forward: (x) => x.mul(x.mul(x).mul(x).mul(GELU.cubic).add(x).mul(GELU.slope).sigmoid()),
  backward({ dy, x }) {
    const xx = x.mul(x);
    const s = xx.mul(x).mul(GELU.cubic).add(x).mul(GELU.slope).sigmoid();
    const slope = xx
      .mul(3 * GELU.cubic)
      .add(1)
      .mul(GELU.slope);
    return dy.mul(s).mul(s.neg().add(1).mul(slope).mul(x).add(1));
  },
});

/** How the normal distribution is computed. */
export interface GeluOptions {
  readonly approximate?: 'none' | 'tanh';
}

/**
 * `x Φ(x)`, where `Φ` is the cumulative distribution function of the normal distribution (Hendrycks and Gimpel 2016).
 * @param options `approximate`, default `'none'`; `'tanh'` computes `x (1 + tanh(√(2/π) (x + 0.044715 x³))) / 2` instead
 * @throws ValueError for another approximation.
 * @example gelu(Tensor.of([0, 100, -100])).toArray() // => [0, 100, -0]
 */
export function gelu<S extends Shape>(x: Tensor<S>, { approximate = 'none' }: GeluOptions = {}): Tensor<S> {
  if (approximate === 'tanh') return perform(geluTanh, { x });
  if (approximate !== 'none') throw new ValueError(`gelu: expected approximate 'none' or 'tanh', got ${JSON.stringify(approximate)}`);
  return erfc(x.mul(-Math.SQRT1_2)).mul(x).mul(0.5) as Tensor;
}

/**
 * The first half along an axis times the sigmoid of the second half (Dauphin et al. 2016).
 * @param axis default the last
 * @throws ShapeError where the size of the axis is odd.
 * @example glu(Tensor.of([3, 0])).toArray() // => [1.5]
 */
export function glu(x: Tensor, axis = -1): Tensor {
  const normal = normalizeAxis('glu', axis, x.shape);
  const half = x.shape[normal]! / 2;
  if (!Number.isInteger(half))
    throw new ShapeError(`glu: expected an even size along axis ${normal} of shape ${formatShape(x.shape)}, got ${2 * half}`);
  const part = (start: number) => x.slice(x.shape.map((_, i) => (i === normal ? [start, start + half] : null)));
  return part(0).mul(part(half).sigmoid());
}

/**
 * `x` where it is not above 0, else 0: the exponential of large numbers would be infinite, and its derivative NaN even where it is not
 * chosen.
 */
const below = <T extends Elementwise<T>>(x: T): T => x.greater(0).where(0, x);

export const eluOp: ElementwiseOp<'x' | 'alpha'> = /* @__PURE__ */ elementwiseOp('elu', {
  forward: (x, alpha) => x!.greater(0).where(x!, alpha!.mul(x!.expm1())),
  backward: {
    x: ({ dy, x, alpha }) => x.greater(0).where(dy, below(x).exp().mul(dy).mul(alpha)),
    alpha: ({ dy, x }) => below(x).expm1().mul(dy),
  },
  sample: (draw) => ({
    x: draw.tensor([draw.size(), draw.size()], { from: -2, to: 2, between: true }),
    alpha: draw.tensor([], { from: 0.5, to: 2 }),
  }),
});

/**
 * `x` above 0, else `alpha (eˣ − 1)` (Clevert et al. 2015).
 * @param alpha a number, or a tensor that is learned. Default 1
 * @example elu(Tensor.of([1, -100])).toArray() // => [1, -1]
 */
export const elu = <S extends Shape>(x: Tensor<S>, alpha: number | Tensor = 1): Tensor<S> => perform(eluOp, { x, alpha: tensor(alpha, x) });

/**
 * `x` above 0, else `alpha (e^(x / alpha) − 1)`, whose derivative is 1 on both sides of 0 (Barron 2017).
 * @param alpha a number, or a tensor that is learned. Default 1
 * @example celu(Tensor.of([1, -1000]), 2).toArray() // => [1, -2]
 */
export const celu = <S extends Shape>(x: Tensor<S>, alpha: number | Tensor = 1): Tensor<S> =>
  elu((x as Tensor).div(alpha), 1).mul(alpha) as Tensor;

/** The constants from the paper's appendix. */
const SELU = { alpha: 1.6732632423543772, scale: 1.0507009873554805 };

/**
 * `scale · elu(x, alpha)` with the constants that keep activations at mean 0 and variance 1 (Klambauer et al. 2017).
 * @example selu(Tensor.of([0, 1])).toArray().map((y) => y.toFixed(4)) // => ['0.0000', '1.0507']
 */
export const selu = <S extends Shape>(x: Tensor<S>): Tensor<S> => elu(x, SELU.alpha).mul(SELU.scale) as Tensor;

/** Near 0 computed from the series of `tanh x − x`, since `x − tanh x` would cancel. */
export const tanhshrinkOp: Unary = /* @__PURE__ */ unaryOp('tanhshrink', {
  forward: (x) =>
    x
      .abs()
      .less(0.625)
      .where(x.mul(tanhRest(x.mul(x))).neg(), x.sub(x.tanh())),
  backward({ dy, x }) {
    const t = x.tanh();
    return dy.mul(t).mul(t);
  },
});

/**
 * `x − tanh x`
 * @example tanhshrink(Tensor.of([0, 100])).toArray() // => [0, 99]
 */
export const tanhshrink = <S extends Shape>(x: Tensor<S>): Tensor<S> => perform(tanhshrinkOp, { x });

export const softsignOp: Unary = /* @__PURE__ */ unaryOp('softsign', {
  forward: (x) => x.div(x.abs().add(1)),
  backward({ dy, x }) {
    const size = x.abs().add(1);
    return dy.div(size).div(size);
  },
  domain: { from: -2, to: 2, awayFromZero: true },
});

/**
 * `x / (1 + |x|)`
 * @example softsign(Tensor.of([1, -3])).toArray() // => [0.5, -0.75]
 */
export const softsign = <S extends Shape>(x: Tensor<S>): Tensor<S> => perform(softsignOp, { x });
