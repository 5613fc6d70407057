/** The cumulative distribution of the standard normal distribution: itself, its logarithm, its inverse, and the inverse of the error function. */

import type { Shape } from '../../base/shape-types.ts';
import { twoProduct } from '../../formula/double-double.ts';
import { expOfSum } from '../../formula/exponential.ts';
import { Formula } from '../../formula/formula.ts';
import type { Elementwise } from '../../formula/methods.ts';
import { type ElementwiseOp, unaryOp } from '../../tensor/op.ts';
import { perform, type Tensor } from '../../tensor/tensor.ts';
import { aboutOne, ERF_OF_ONE, farComplement, near, tailExponent } from './error-function.ts';

type Unary = ElementwiseOp<'x'>;

/** 1 / √(2π). */
const DENSITY = 0.3989422804014327;

/** Beyond this, which is 1.25 √2, the rational functions of the far tail hold, for `|x| / √2`. */
const FAR = 1.7677669529663689;

/** The density `e^(−x²/2) / √(2π)`; 0 beyond ±40, and so are its slopes. */
function density<T extends Elementwise<T>>(x: T): T {
  const bounded = x.less(-40).where(-40, x.greater(40).where(40, x));
  return bounded.mul(bounded).mul(-0.5).exp().mul(DENSITY);
}

/** The same of a formula, with what is rounded off the square. */
function densityOf(x: Formula): Formula {
  const bounded = x.abs().atMost(40);
  const square = twoProduct(bounded, bounded);
  return expOfSum(square.high.mul(-0.5), square.low.mul(-0.5)).mul(DENSITY);
}

/** What lies beyond `|x|` on one side, at most ½. */
function tailOf(x: Formula): Formula {
  const size = x.abs().mul(Math.SQRT1_2);
  const central = size.add(near(size).mul(size)).neg().add(1);
  const about = size.constant(1 - ERF_OF_ONE).sub(aboutOne(size));
  const bounded = x.abs().atMost(39);
  const square = twoProduct(bounded, bounded);
  const large = farComplement(size.atLeast(1.25).atMost(28), { high: square.high.mul(0.5), low: square.low.mul(0.5) });
  const outside = x.abs().less(39).where(large, x.equal(x).where(0, x));
  return size.less(0.84375).where(central, size.less(1.25).where(about, outside)).mul(0.5);
}

export const ndtrOp: Unary = /* @__PURE__ */ unaryOp('ndtr', {
  forward(x) {
    const tail = tailOf(x);
    return x.greater(0).where(tail.neg().add(1), tail);
  },
  backward: ({ dy, x }) => dy.mul(density(x)),
});

/**
 * The share of a standard normal distribution below each element, `½ erfc(−x / √2)`, without loss of precision where it is small. The
 * derivative is the density.
 * @example ndtr(Tensor.of([0, -100, 100])).toArray() // => [0.5, 0, 1]
 */
export const ndtr = <S extends Shape>(x: Tensor<S>): Tensor<S> => perform(ndtrOp, { x });

export const logNdtrOp: Unary = /* @__PURE__ */ unaryOp('logNdtr', {
  forward(x) {
    const tail = tailOf(x);
    const size = x.abs().atLeast(FAR).mul(Math.SQRT1_2);
    const rest = tailExponent(size).sub(0.5625).sub(size.log()).sub(Math.LN2);
    const low = rest.sub(x.mul(x).mul(0.5));
    return x.less(-FAR).where(low, x.greater(0).where(tail.neg().log1p().add(0), tail.log()));
  },
  backward: ({ dy, x }) => dy.mul(inverseMills(x)),
});

/**
 * The logarithm of the share of a standard normal distribution below each element, without underflow: near `−x²/2` for negative `x`.
 * @example logNdtr(Tensor.of([0, 100])).toArray() // => [-0.6931471824645996, 0]
 */
export const logNdtr = <S extends Shape>(x: Tensor<S>): Tensor<S> => perform(logNdtrOp, { x });

/** The density divided by the share below, the slope of `logNdtr`. */
export const inverseMillsOp: Unary = /* @__PURE__ */ unaryOp('inverseMills', {
  forward: inverseMillsOf,
  backward: ({ dy, x, y }) => dy.mul(y).mul(millsExcess(x)).neg(),
});

function inverseMillsOf(x: Formula): Formula {
  const size = x.abs().atLeast(FAR).mul(Math.SQRT1_2);
  const low = tailExponent(size)
    .neg()
    .add(0.5625)
    .exp()
    .mul(size)
    .mul(2 * DENSITY);
  const tail = tailOf(x);
  const other = densityOf(x).div(x.greater(0).where(tail.neg().add(1), tail));
  return x.less(-FAR).where(low, other);
}

function inverseMills<T extends Elementwise<T>>(x: T): T {
  return (x instanceof Formula ? inverseMillsOf(x) : perform(inverseMillsOp, { x: x as unknown as Tensor })) as unknown as T;
}

/** `x + inverseMills(x)`, which is small where `x` is negative and large. */
export const millsExcessOp: Unary = /* @__PURE__ */ unaryOp('millsExcess', {
  forward: millsExcessOf,
  backward: ({ dy, x, y }) => dy.mul(y.mul(inverseMills(x)).neg().add(1)),
});

/** How deep the continued fraction goes: to the last digit of float64 from −3 on. */
const DEPTH = 60;

/** Below −3 by the continued fraction `1 / (u + 2 / (u + 3 / (u + …)))` of Laplace, `u = −x`, in which nothing cancels. */
function millsExcessOf(x: Formula): Formula {
  const size = x.neg().atLeast(3);
  let fraction = size;
  for (let k = DEPTH; k >= 2; k--) fraction = fraction.constant(k).div(fraction).add(size);
  return x.less(-3).rarely(fraction.reciprocal(), inverseMillsOf(x).add(x));
}

function millsExcess<T extends Elementwise<T>>(x: T): T {
  return (x instanceof Formula ? millsExcessOf(x) : perform(millsExcessOp, { x: x as unknown as Tensor })) as unknown as T;
}

/** Coefficients of PPND16 in Wichura 1988, "Algorithm AS 241: The Percentage Points of the Normal Distribution". */
const PERCENTAGE = {
  central: {
    numerator: [
      3.3871328727963665, 133.14166789178438, 1971.5909503065513, 13731.69376550946, 45921.95393154987, 67265.7709270087, 33430.57558358813,
      2509.0809287301227,
    ],
    denominator: [
      1, 42.31333070160091, 687.1870074920579, 5394.196021424751, 21213.794301586597, 39307.89580009271, 28729.085735721943,
      5226.495278852854,
    ],
  },
  middle: {
    numerator: [
      1.4234371107496835, 4.630337846156546, 5.769497221460691, 3.6478483247632045, 1.2704582524523684, 0.2417807251774506,
      0.022723844989269184, 0.0007745450142783414,
    ],
    denominator: [
      1, 2.053191626637759, 1.6763848301838038, 0.6897673349851, 0.14810397642748008, 0.015198666563616457, 0.0005475938084995345,
      1.0507500716444169e-9,
    ],
  },
  far: {
    numerator: [
      6.657904643501103, 5.463784911164114, 1.7848265399172913, 0.29656057182850487, 0.026532189526576124, 0.0012426609473880784,
      2.7115555687434876e-5, 2.0103343992922881e-7,
    ],
    denominator: [
      1, 0.599832206555888, 0.1369298809227358, 0.014875361290850615, 0.0007868691311456133, 1.8463183175100548e-5, 1.421511758316446e-7,
      2.0442631033899397e-15,
    ],
  },
};

const quotient = (at: Formula, { numerator, denominator }: (typeof PERCENTAGE)['far']): Formula =>
  at.polynomial(numerator).div(at.polynomial(denominator));

/** The point below which a share lies that is by `central` more than ½; `tail` is what is beyond it or below it, whichever is less. */
function pointOf(central: Formula, tail: Formula): Formula {
  const inner = central.mul(quotient(central.mul(central).neg().add(0.180625), PERCENTAGE.central));
  const root = tail.log().neg().sqrt();
  const size = root.lessEqual(5).where(quotient(root.sub(1.6), PERCENTAGE.middle), quotient(root.sub(5), PERCENTAGE.far));
  const outer = central.less(0).where(size.neg(), size);
  const edge = central.less(0).where(-Infinity, Infinity);
  return central
    .abs()
    .lessEqual(0.425)
    .where(inner, tail.greater(0).where(outer, tail.equal(0).where(edge, NaN)));
}

export const ndtriOp: Unary = /* @__PURE__ */ unaryOp('ndtri', {
  nonFinite: 'domain',
  forward: (x) => pointOf(x.sub(0.5), x.greater(0.5).where(x.neg().add(1), x)),
  backward: ({ dy, y }) => dy.mul(y.mul(y).mul(0.5).exp()).mul(Math.sqrt(2 * Math.PI)),
  domain: { from: 0.0625, to: 0.9375 },
});

/**
 * The inverse of `ndtr`: the point below which a share of a standard normal distribution lies; −∞ for 0, ∞ for 1, NaN outside.
 * @example ndtri(Tensor.of([0, 0.5, 1])).toArray() // => [-Infinity, 0, Infinity]
 */
export const ndtri = <S extends Shape>(x: Tensor<S>): Tensor<S> => perform(ndtriOp, { x });

export const erfinvOp: Unary = /* @__PURE__ */ unaryOp('erfinv', {
  nonFinite: 'domain',
  forward: (x) => pointOf(x.mul(0.5), x.abs().neg().add(1).mul(0.5)).mul(Math.SQRT1_2),
  backward: ({ dy, y }) => dy.mul(y.mul(y).exp()).mul(Math.sqrt(Math.PI) / 2),
  domain: { from: -0.875, to: 0.875 },
});

/**
 * The inverse of the error function, of each element: ±∞ for ±1, NaN outside.
 * @example erfinv(Tensor.of([0, 1, -1])).toArray() // => [0, Infinity, -Infinity]
 */
export const erfinv = <S extends Shape>(x: Tensor<S>): Tensor<S> => perform(erfinvOp, { x });
