/** The trigonometric functions and their inverses. */

import type { Shape } from '../../base/shape-types.ts';
import { Formula } from '../../formula/formula.ts';
import * as arcs from '../../formula/inverse-trigonometry.ts';
import type { Elementwise } from '../../formula/methods.ts';
import * as trigonometry from '../../formula/trigonometry.ts';
import { binaryOp, type ElementwiseOp, nonzeros, unaryOp } from '../../tensor/op.ts';
import { perform, performBinary, type Tensor } from '../../tensor/tensor.ts';

type Unary = ElementwiseOp<'x'>;

export const sinOp: Unary = /* @__PURE__ */ unaryOp('sin', {
  forward: (x) => trigonometry.sine(x),
  backward: ({ dy, x }) => dy.mul(cos(x)),
});

export const cosOp: Unary = /* @__PURE__ */ unaryOp('cos', {
  forward: (x) => trigonometry.cosine(x),
  backward: ({ dy, x }) => dy.mul(sin(x)).neg(),
});

export const tanOp: Unary = /* @__PURE__ */ unaryOp('tan', {
  forward: (x) => trigonometry.tangent(x),
  backward: ({ dy, y }) => dy.mul(y.mul(y).add(1)),
  domain: { from: -1.25, to: 1.25 },
});

/** `1 − x²` as a product, without cancellation near ±1. */
export const asinOp: Unary = /* @__PURE__ */ unaryOp('asin', {
  nonFinite: 'domain',
  forward: (x) => arcs.arcsine(x),
  backward: ({ dy, x }) => dy.div(x.neg().add(1).mul(x.add(1)).sqrt()),
  domain: { from: -0.75, to: 0.75 },
});

export const acosOp: Unary = /* @__PURE__ */ unaryOp('acos', {
  nonFinite: 'domain',
  forward: (x) => arcs.arccosine(x),
  backward: ({ dy, x }) => dy.neg().div(x.neg().add(1).mul(x.add(1)).sqrt()),
  domain: { from: -0.75, to: 0.75 },
});

export const atanOp: Unary = /* @__PURE__ */ unaryOp('atan', {
  forward: (x) => arcs.arctangent(x),
  backward({ dy, x }) {
    // Far out, where the square may be infinite, 1 is below its precision.
    const large = x.abs().greater(2 ** 60);
    const [near, far] = [large.where(0, x), large.where(x, 1)];
    return large.where(dy.div(far).div(far), dy.div(near.mul(near).add(1)));
  },
});

/**
 * The derivatives of the angle by height and width, in multiples of the longer, so that no square overflows or underflows. At the origin,
 * which has no angle, and infinitely far out they are taken to be 0.
 */
function angleDerivatives<T extends Elementwise<T>>(a: T, b: T): { byHeight: T; byWidth: T } {
  const longest = a.abs().less(b.abs()).where(b, a);
  // NaN beside an infinity has no angle.
  const flat = longest.equal(0).add(longest.abs().equal(Infinity).mul(a.equal(a)).mul(b.equal(b)));
  const longer = flat.where(1, longest);
  const [height, width] = [flat.where(0, a).div(longer), flat.where(0, b).div(longer)];
  const over = flat.where(1, height.mul(height).add(width.mul(width))).mul(longer);
  return { byHeight: width.div(over), byWidth: height.neg().div(over) };
}

/** The angle of the point with height `a` and width `b`. */
export const atan2Op: ElementwiseOp<'a' | 'b'> = /* @__PURE__ */ binaryOp('atan2', {
  forward: (a, b) => arcs.arctangent2(a, b),
  backward: {
    a: ({ dy, a, b }) => dy.mul(angleDerivatives(a, b).byHeight),
    b: ({ dy, a, b }) => dy.mul(angleDerivatives(a, b).byWidth),
  },
  domains: { a: nonzeros, b: { from: 0.25, to: 2 } },
});

/**
 * The sine, of angles in radians; NaN for ±∞. A rule may also take the sine of a formula.
 * @example sin(Tensor.of([0, Math.PI / 2])).toArray() // => [0, 1]
 */
export function sin<T extends Elementwise<T>>(x: T): T;
export function sin<S extends Shape>(x: Tensor<S>): Tensor<S>;
export function sin(x: Tensor | Formula): Tensor | Formula {
  return x instanceof Formula ? trigonometry.sine(x) : perform(sinOp, { x });
}

/**
 * The cosine, of angles in radians; NaN for ±∞. A rule may also take the cosine of a formula.
 * @example cos(Tensor.of([0, Math.PI])).toArray() // => [1, -1]
 */
export function cos<T extends Elementwise<T>>(x: T): T;
export function cos<S extends Shape>(x: Tensor<S>): Tensor<S>;
export function cos(x: Tensor | Formula): Tensor | Formula {
  return x instanceof Formula ? trigonometry.cosine(x) : perform(cosOp, { x });
}

/**
 * The tangent, of angles in radians; NaN for ±∞.
 * @example tan(Tensor.of([0, Math.PI / 4])).toArray().map((y) => y.toFixed(4)) // => ['0.0000', '1.0000']
 */
export const tan = <S extends Shape>(x: Tensor<S>): Tensor<S> => perform(tanOp, { x });

/**
 * The angle from −π/2 to π/2 whose sine is `x`; NaN outside of −1 to 1.
 * @example asin(Tensor.of([0, 1])).toArray().map((y) => y.toFixed(4)) // => ['0.0000', '1.5708']
 */
export const asin = <S extends Shape>(x: Tensor<S>): Tensor<S> => perform(asinOp, { x });

/**
 * The angle from 0 to π whose cosine is `x`; NaN outside of −1 to 1.
 * @example acos(Tensor.of([1, 0])).toArray().map((y) => y.toFixed(4)) // => ['0.0000', '1.5708']
 */
export const acos = <S extends Shape>(x: Tensor<S>): Tensor<S> => perform(acosOp, { x });

/**
 * The angle from −π/2 to π/2 whose tangent is `x`.
 * @example atan(Tensor.of([0, Infinity])).toArray().map((y) => y.toFixed(4)) // => ['0.0000', '1.5708']
 */
export const atan = <S extends Shape>(x: Tensor<S>): Tensor<S> => perform(atanOp, { x });

/**
 * The angle from −π to π of the points `(x, y)`, counted from the first axis; zeros count with their signs, as in C. At the origin its
 * derivatives are taken to be 0.
 * @example atan2(Tensor.of([1, 0]), Tensor.of([0, -1])).toArray().map((angle: number) => angle.toFixed(4)) // => ['1.5708', '3.1416']
 */
export const atan2 = (y: Tensor, x: number | Tensor): Tensor => performBinary(atan2Op, y, x);
