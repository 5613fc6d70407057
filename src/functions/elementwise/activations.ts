/** Smooth activations. */

import { ShapeError } from '../../base/errors.ts';
import { numberAbove, type OptionTable, oneOf, optional, readOptions } from '../../base/options.ts';
import { formatShape, normalizeAxis } from '../../base/shape.ts';
import type { Shape } from '../../base/shape-types.ts';
import { tanhRest } from '../../formula/exponential.ts';
import type { Elementwise } from '../../formula/methods.ts';
import { type ElementwiseOp, elementwiseOp, unaryOp } from '../../tensor/op.ts';
import { checkFloats, perform, type Tensor, tensor } from '../../tensor/tensor.ts';
import { erfc } from './error-function.ts';
import { checkUnlessTensor, numberButNaN } from './operands.ts';

type Unary = ElementwiseOp<'x'>;

/** `log(1 + eˣ)`, whose derivative `σ(x)` is `1 − e⁻ʸ`. */
export const softplusOp: Unary = /* @__PURE__ */ unaryOp('softplus', {
  forward: (x) => x.atLeast(0).add(x.abs().neg().exp().log1p()),
  backward: ({ dy, y }) => dy.mul(y.neg().expm1().neg()),
});

const SOFTPLUS: OptionTable<SoftplusOptions> = {
  beta: /* @__PURE__ */ optional(/* @__PURE__ */ numberAbove(0), 1),
  threshold: /* @__PURE__ */ optional(numberButNaN, Infinity),
};

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
export function softplus<S extends Shape>(x: Tensor<S>, options?: SoftplusOptions): Tensor<S> {
  checkFloats('softplus', x);
  const { beta, threshold } = readOptions('softplus', options, SOFTPLUS);
  const scaled: Tensor = beta === 1 ? x : x.mul(beta);
  const y = perform(softplusOp, { x: scaled });
  const smooth = beta === 1 ? y : y.div(beta);
  // Scaled numbers may be infinite where `x` is not; from 1000 on they are their own softplus.
  const straight = beta === 1 ? threshold : Math.min(threshold, 1000);
  return straight === Infinity ? smooth : (scaled.greater(straight).where(x, smooth) as Tensor);
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

/** `x` limited to ±`size`, beyond which what is computed from it does not change any more: there `∞ · 0` would be NaN. */
const bounded = <T extends Elementwise<T>>(x: T, size: number): T => x.less(-size).where(-size, x.greater(size).where(size, x));

/** Beyond ±800, `σ(x)` is 0 or 1, and so is `eˣ`, in any dtype. */
const FAR = 800;

export const siluOp: Unary = /* @__PURE__ */ unaryOp('silu', {
  forward: (x) => x.atLeast(-FAR).mul(x.sigmoid()),
  backward({ dy, x }) {
    const near = bounded(x, FAR);
    const s = near.sigmoid();
    return dy.mul(s).mul(s.neg().add(1).mul(near).add(1));
  },
});

/**
 * `x σ(x)`, also called swish (Elfwing et al. 2018).
 * @example silu(Tensor.of([0, 100])).toArray() // => [0, 100]
 */
export const silu = <S extends Shape>(x: Tensor<S>): Tensor<S> => perform(siluOp, { x });

/** `tanh(softplus(x))`, and the softplus. */
function gate<T extends Elementwise<T>>(x: T): { t: T; soft: T } {
  const negative = x.less(0);
  // Not `|x|`, whose slope at 0 is neither side's: on one side all derivatives are right.
  const soft = negative.where(0, x).add(negative.where(x, x.neg()).exp().log1p());
  return { t: soft.tanh(), soft };
}

export const mishOp: Unary = /* @__PURE__ */ unaryOp('mish', {
  forward: (x) => x.atLeast(-FAR).mul(gate(x).t),
  backward({ dy, x }) {
    const near = bounded(x, FAR);
    const { t, soft } = gate(near);
    return dy.mul(t).add(dy.mul(near).mul(t.mul(t).neg().add(1)).mul(soft.neg().expm1().neg()));
  },
});

/**
 * `x tanh(softplus(x))` (Misra 2019).
 * @example mish(Tensor.of([0, 100])).toArray() // => [0, 100]
 */
export const mish = <S extends Shape>(x: Tensor<S>): Tensor<S> => perform(mishOp, { x });

/** The slope is `√(8/π)`. Beyond ±40 all share of the normal distribution is 0 or 1. */
const GELU = { slope: 1.5957691216057308, cubic: 0.044715, far: 40 };

/** `x Φ(x)`, and its derivative `Φ(x) + x φ(x)`, each times a half. */
export const geluOp: Unary = /* @__PURE__ */ unaryOp('gelu', {
  // Half of `x` first: twice the largest number is infinite.
  forward: (x) =>
    x
      .atLeast(-GELU.far)
      .mul(0.5)
      .mul(erfc(x.mul(-Math.SQRT1_2))),
  backward({ dy, x }) {
    const near = bounded(x, GELU.far);
    const z = near.mul(-Math.SQRT1_2);
    const half = dy.mul(0.5);
    const density = z.mul(z).neg().exp();
    return half.mul(erfc(z)).add(
      half
        .mul(near)
        .mul(density)
        .mul(-2 / Math.sqrt(Math.PI))
        .mul(-Math.SQRT1_2),
    );
  },
});

/** `x σ(2u)`, which is `x (1 + tanh u) / 2` without its cancellation. */
export const geluTanh: Unary = /* @__PURE__ */ unaryOp('geluTanh', {
  forward: (x) => x.atLeast(-GELU.far).mul(x.mul(x).mul(x).mul(GELU.cubic).add(x).mul(GELU.slope).sigmoid()),
  backward({ dy, x }) {
    const near = bounded(x, GELU.far);
    const xx = near.mul(near);
    const s = xx.mul(near).mul(GELU.cubic).add(near).mul(GELU.slope).sigmoid();
    const slope = xx
      .mul(3 * GELU.cubic)
      .add(1)
      .mul(GELU.slope);
    return dy.mul(s).mul(s.neg().add(1).mul(slope).mul(near).add(1));
  },
});

const GELU_OPTIONS: OptionTable<GeluOptions> = {
  approximate: /* @__PURE__ */ optional(/* @__PURE__ */ oneOf('none', 'tanh'), 'none'),
};

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
export function gelu<S extends Shape>(x: Tensor<S>, options?: GeluOptions): Tensor<S> {
  checkFloats('gelu', x);
  const { approximate } = readOptions('gelu', options, GELU_OPTIONS);
  return perform(approximate === 'tanh' ? geluTanh : geluOp, { x });
}

/**
 * The first half along an axis times the sigmoid of the second half (Dauphin et al. 2016).
 * @param axis default the last
 * @throws ShapeError where the size of the axis is odd.
 * @example glu(Tensor.of([3, 0])).toArray() // => [1.5]
 */
export function glu(x: Tensor, axis = -1): Tensor {
  checkFloats('glu', x);
  const normal = normalizeAxis('glu', axis, x.sizes);
  const half = x.sizes[normal]! / 2;
  if (!Number.isInteger(half))
    throw new ShapeError(`glu: expected an even size along axis ${normal} of shape ${formatShape(x.sizes)}, got ${2 * half}`);
  const part = (start: number) => x.slice(x.sizes.map((_, i) => (i === normal ? [start, start + half] : null)));
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
    x({ dy, x, alpha }) {
      const straight = x.greater(0);
      return straight.where(dy, below(x).exp().mul(dy).mul(straight.where(1, alpha)));
    },
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
export function elu<S extends Shape>(x: Tensor<S>, alpha: number | Tensor = 1): Tensor<S> {
  checkFloats('elu', x);
  return perform(eluOp, { x, alpha: tensor(alpha, x, 'elu') });
}

/** `x / alpha` where `x` is not above 0; where that is far below 0 no less: `eᵗ` is 0 there, and `t eᵗ` would be `∞ · 0`. */
function scaled<T extends Elementwise<T>>(x: T, alpha: T): T {
  const far = x.less(alpha.mul(-FAR));
  return far.where(-FAR, far.where(0, below(x)).div(x.greater(0).where(1, alpha)));
}

export const celuOp: ElementwiseOp<'x' | 'alpha'> = /* @__PURE__ */ elementwiseOp('celu', {
  forward(x, alpha) {
    const scale = alpha!.equal(0).where(NaN, alpha!);
    return x!.greater(0).where(x!, scale.mul(below(x!).div(scale).expm1()));
  },
  backward: {
    x: ({ dy, x, alpha }) => x.greater(0).where(dy, scaled(x, alpha).exp().mul(dy)),
    alpha({ dy, x, alpha }) {
      const t = scaled(x, alpha);
      return dy.mul(t.expm1().sub(t.mul(t.exp())));
    },
  },
  sample: (draw) => ({
    x: draw.tensor([draw.size(), draw.size()], { from: -2, to: 2, between: true }),
    alpha: draw.tensor([], { from: 0.5, to: 2 }),
  }),
});

/**
 * `x` above 0, else `alpha (e^(x / alpha) − 1)`, whose derivative is 1 on both sides of 0 (Barron 2017).
 * @param alpha a number other than 0, or a tensor that is learned; where that is 0 the result is NaN. Default 1
 * @throws ValueError for the number 0.
 * @example celu(Tensor.of([1, -1000]), 2).toArray() // => [1, -2]
 */
export function celu<S extends Shape>(x: Tensor<S>, alpha: number | Tensor = 1): Tensor<S> {
  checkFloats('celu', x);
  checkUnlessTensor('celu', { alpha }, { words: 'a number other than 0', holds: (given) => given !== 0 });
  return perform(celuOp, { x, alpha: tensor(alpha, x, 'celu') });
}

/** The constants from the paper's appendix. */
const SELU = { alpha: 1.6732632423543772, scale: 1.0507009873554805 };

/**
 * `scale · elu(x, alpha)` with the constants that keep activations at mean 0 and variance 1 (Klambauer et al. 2017).
 * @example selu(Tensor.of([0, 1])).toArray().map((y) => y.toFixed(4)) // => ['0.0000', '1.0507']
 */
export function selu<S extends Shape>(x: Tensor<S>): Tensor<S> {
  checkFloats('selu', x);
  return elu(x, SELU.alpha).mul(SELU.scale) as Tensor;
}

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
  forward: (x) =>
    x
      .abs()
      .equal(Infinity)
      .where(x.sign(), x.div(x.abs().add(1))),
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
