/** What IEEE 754 adds to the real numbers, infinities, NaN and the signs of zeros: asked for, passed over, or replaced. */

import { boolean, numberFrom, type OptionTable, optional, type Requirement, readOptions, withoutDefault } from '../../base/options.ts';
import type { Shape } from '../../base/shape-types.ts';
import type { Formula } from '../../formula/formula.ts';
import type { Elementwise } from '../../formula/methods.ts';
import { between, binaryOp, type ElementwiseOp, nonzeros, unaryOp } from '../../tensor/op.ts';
import { checkFloats, perform, performBinary, type Tensor, tensor } from '../../tensor/tensor.ts';
import { logicalAnd, logicalOr } from './logical.ts';

type Unary = ElementwiseOp<'x'>;
type Binary = ElementwiseOp<'a' | 'b'>;

/** 1 where something holds, else 0, in the dtype of `x`. */
/* @__NO_SIDE_EFFECTS__ */
const question = (name: string, forward: (x: Formula) => Formula): Unary =>
  unaryOp(name, { forward, backward: null, domain: between, dtypes: 'any' });

export const isNaNOp: Unary = /* @__PURE__ */ question('isNaN', (x) => x.notEqual(x));
export const isFiniteOp: Unary = /* @__PURE__ */ question('isFinite', (x) => x.abs().less(Infinity));
export const isInfOp: Unary = /* @__PURE__ */ question('isInf', (x) => x.abs().equal(Infinity));

/**
 * 1 where it is NaN, else 0, in its dtype.
 * @example isNaN(Tensor.of([1, NaN, Infinity])).toArray() // => [0, 1, 0]
 */
// biome-ignore lint/suspicious/noShadowRestrictedNames: what NumPy, PyTorch and JAX call it
export const isNaN = (x: Tensor): Tensor => perform(isNaNOp, { x });

/**
 * 1 where it is neither infinite nor NaN, else 0, in its dtype.
 * @example isFinite(Tensor.of([1, NaN, Infinity])).toArray() // => [1, 0, 0]
 */
// biome-ignore lint/suspicious/noShadowRestrictedNames: what NumPy, PyTorch and JAX call it
export const isFinite = (x: Tensor): Tensor => perform(isFiniteOp, { x });

/**
 * 1 where it is ∞ or −∞, else 0, in its dtype.
 * @example isInf(Tensor.of([1, NaN, -Infinity])).toArray() // => [0, 0, 1]
 */
export const isInf = (x: Tensor): Tensor => perform(isInfOp, { x });

/** 1 where the sign is minus, that of a zero as well. The reciprocal tells a negative zero from a positive one. */
const negative = <T extends Elementwise<T>>(x: T): T => x.equal(0).where(x.reciprocal(), x).less(0);

export const copySignOp: Binary = /* @__PURE__ */ binaryOp('copysign', {
  forward: (a, b) => negative(b).where(a.abs().neg(), a.abs()),
  backward: {
    a: ({ dy, a, b }) => dy.mul(a.sign()).mul(negative(b).where(-1, 1)),
    b: null,
  },
  domains: { a: nonzeros, b: between },
});

/**
 * `|a|` with the sign of `b`, that of a zero too; NaN counts as positive. The derivative by `a` at 0 is taken to be 0.
 * @example copysign(Tensor.of([1, -2]), Tensor.of([-0, 3])).toArray() // => [-1, 2]
 */
export const copysign = (a: Tensor, b: number | Tensor): Tensor => performBinary(copySignOp, a, b);

/** What passes to `a` of two of which the better is chosen: all where it is, half in a tie, and all where both are NaN. */
const share = <T extends Elementwise<T>>(dy: T, a: T, b: T, worse: T): T => {
  const passedOver = a.equal(a).where(worse, b.equal(b));
  return a.equal(b).where(dy.mul(0.5), passedOver.where(0, dy));
};

export const fmaxOp: Binary = /* @__PURE__ */ binaryOp('fmax', {
  forward: (a, b) => a.equal(a).where(b.equal(b).where(a.atLeast(b), a), b),
  backward: {
    a: ({ dy, a, b }) => share(dy, a, b, a.less(b)),
    b: ({ dy, a, b }) => share(dy, b, a, b.less(a)),
  },
  domains: { b: between },
});

export const fminOp: Binary = /* @__PURE__ */ binaryOp('fmin', {
  forward: (a, b) => a.equal(a).where(b.equal(b).where(a.atMost(b), a), b),
  backward: {
    a: ({ dy, a, b }) => share(dy, a, b, a.greater(b)),
    b: ({ dy, a, b }) => share(dy, b, a, b.greater(a)),
  },
  domains: { b: between },
});

/**
 * The larger of each two elements; where one is NaN, the other, unlike `maximum`. A tie halves the gradient.
 * @example fmax(Tensor.of([1, NaN]), 3).toArray() // => [3, 3]
 */
export const fmax = (a: Tensor, b: number | Tensor): Tensor => performBinary(fmaxOp, a, b);

/**
 * The smaller of each two elements; where one is NaN, the other, unlike `minimum`. A tie halves the gradient.
 * @example fmin(Tensor.of([1, NaN]), 3).toArray() // => [1, 3]
 */
export const fmin = (a: Tensor, b: number | Tensor): Tensor => performBinary(fminOp, a, b);

const anyNumber: Requirement = { words: 'a number', holds: (x) => typeof x === 'number' };

/** What replaces the numbers that are not finite. */
export interface NanToNumOptions {
  /** In the place of NaN. Default 0. */
  readonly nan?: number;
  /** In the place of ∞. Default the largest number of the dtype. */
  readonly positiveInfinity?: number;
  /** In the place of −∞. Default the least number of the dtype. */
  readonly negativeInfinity?: number;
}

const NAN_TO_NUM: OptionTable<NanToNumOptions> = {
  nan: /* @__PURE__ */ optional(anyNumber, 0),
  positiveInfinity: /* @__PURE__ */ withoutDefault(anyNumber),
  negativeInfinity: /* @__PURE__ */ withoutDefault(anyNumber),
};

/**
 * `x`, with other numbers in the place of NaN and ±∞, through which no gradient passes.
 * @param options `nan`, default 0; `positiveInfinity` and `negativeInfinity`, default the largest and the least number of the dtype
 * @throws ValueError for what is no number.
 * @example nanToNum(Tensor.of([1, NaN, Infinity]), { positiveInfinity: 9 }).toArray() // => [1, 0, 9]
 */
export function nanToNum<S extends Shape>(x: Tensor<S>, options?: NanToNumOptions): Tensor<S> {
  checkFloats('nanToNum', x);
  const { nan, positiveInfinity, negativeInfinity } = readOptions('nanToNum', options, NAN_TO_NUM);
  const largest = x.dtype === 'float32' ? 3.4028234663852886e38 : Number.MAX_VALUE;
  const bounded = x.equal(Infinity).where(positiveInfinity ?? largest, x.equal(-Infinity).where(negativeInfinity ?? -largest, x));
  return isNaN(x).where(nan, bounded) as Tensor;
}

/** How near is close. */
export interface IsCloseOptions {
  /** By how much they may differ, relative to `|b|`. Default 1e-5. */
  readonly relativeTolerance?: number;
  /** By how much they may differ besides. Default 1e-8. */
  readonly absoluteTolerance?: number;
  /** Whether NaN is close to NaN. Default false. */
  readonly equalNaN?: boolean;
}

const IS_CLOSE: OptionTable<IsCloseOptions> = {
  relativeTolerance: /* @__PURE__ */ optional(/* @__PURE__ */ numberFrom(0), 1e-5),
  absoluteTolerance: /* @__PURE__ */ optional(/* @__PURE__ */ numberFrom(0), 1e-8),
  equalNaN: /* @__PURE__ */ optional(boolean, false),
};

/**
 * 1 where `|a − b| ≤ absoluteTolerance + relativeTolerance · |b|`, and where two infinities are equal, else 0.
 * @param options `relativeTolerance`, default 1e-5, `absoluteTolerance`, default 1e-8, and `equalNaN`, default false
 * @throws ValueError for a tolerance below 0.
 * @example isClose(Tensor.of([1, 1, NaN]), Tensor.of([1.000001, 1.1, NaN])).toArray() // => [1, 0, 0]
 */
export function isClose(a: Tensor, b: number | Tensor, options?: IsCloseOptions): Tensor {
  checkFloats('isClose', a);
  const other = tensor(b, a, 'isClose');
  checkFloats('isClose', other);
  const { relativeTolerance, absoluteTolerance, equalNaN } = readOptions('isClose', options, IS_CLOSE);
  const near = a.sub(other).abs().lessEqual(other.abs().mul(relativeTolerance).add(absoluteTolerance));
  const close = logicalOr(a.equal(other), logicalAnd(near, isFinite(other)));
  return equalNaN ? logicalOr(close, logicalAnd(isNaN(a), isNaN(other))) : close;
}
