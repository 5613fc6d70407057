/** Remainders of division, fractional parts, and the hypotenuse. */

import type { Shape } from '../../base/shape-types.ts';
import { twoProduct } from '../../formula/double-double.ts';
import type { Formula } from '../../formula/formula.ts';
import { between, binaryOp, type ElementwiseOp, nonzeros } from '../../tensor/op.ts';
import { perform, type Tensor, tensor } from '../../tensor/tensor.ts';

type Binary = ElementwiseOp<'a' | 'b'>;

/** `a − b q`, with the product as a double-double number. */
function subtractProduct(a: Formula, b: Formula, q: Formula): Formula {
  const { high, low } = twoProduct(b, q);
  return a.sub(high).sub(low);
}

/** The integer quotient is constant between jumps. Where the division rounded up to an integer, `b` is added back. */
export const remainderOp: Binary = /* @__PURE__ */ binaryOp('remainder', {
  nonFinite: 'division',
  forward(a, b) {
    const rest = subtractProduct(a, b, a.div(b).floor());
    return rest
      .less(0)
      .equal(b.less(0))
      .where(rest, rest.equal(0).where(rest, rest.add(b)));
  },
  backward: {
    a: ({ dy }) => dy,
    b: ({ dy, a, b, y }) => dy.mul(a.sub(y).div(b)).neg(),
  },
  domains: { a: between, b: nonzeros },
});

export const fmodOp: Binary = /* @__PURE__ */ binaryOp('fmod', {
  nonFinite: 'division',
  forward(a, b) {
    const [size, by] = [a.abs(), b.abs()];
    const rest = subtractProduct(size, by, size.div(by).floor());
    const left = rest.less(0).where(rest.add(by), rest);
    // A remainder of 0 has the sign of `a`.
    return left.equal(0).where(a.mul(0), a.less(0).where(left.neg(), left));
  },
  backward: {
    a: ({ dy }) => dy,
    b: ({ dy, a, b, y }) => dy.mul(a.sub(y).div(b)).neg(),
  },
  domains: { a: between, b: nonzeros },
});

/** In multiples of the longer side, so that no square overflows or underflows. */
export const hypotOp: Binary = /* @__PURE__ */ binaryOp('hypot', {
  forward(a, b) {
    const [long, short] = [a.abs().atLeast(b.abs()), a.abs().atMost(b.abs())];
    const part = long.equal(short).where(1, short.div(long));
    const length = part.mul(part).add(1).sqrt().mul(long);
    return a.equal(a).mul(b.equal(b)).where(length, NaN);
  },
  backward: {
    a: ({ dy, a, y }) => y.equal(0).where(0, dy).mul(a).div(y.equal(0).where(1, y)),
    b: ({ dy, b, y }) => y.equal(0).where(0, dy).mul(b).div(y.equal(0).where(1, y)),
  },
  domains: { a: nonzeros, b: nonzeros },
});

/**
 * The remainder `a − b ⌊a / b⌋`, with the sign of `b`, as Python's `%`.
 * @example remainder(Tensor.of([5, -5]), 3).toArray() // => [2, 1]
 */
export const remainder = (a: Tensor, b: number | Tensor): Tensor => perform(remainderOp, { a, b: tensor(b, a) });

/**
 * The remainder `a − b trunc(a / b)`, with the sign of `a`, as JavaScript's `%`.
 * @example fmod(Tensor.of([5, -5]), 3).toArray() // => [2, -2]
 */
export const fmod = (a: Tensor, b: number | Tensor): Tensor => perform(fmodOp, { a, b: tensor(b, a) });

/**
 * The fractional part, `x − trunc(x)`.
 * @example frac(Tensor.of([1.5, -1.25])).toArray() // => [0.5, -0.25]
 */
export const frac = <S extends Shape>(x: Tensor<S>): Tensor<S> => x.sub(x.trunc()) as Tensor;

/**
 * `√(a² + b²)`, without overflow. At the origin its derivative is taken to be 0.
 * @example hypot(Tensor.of([3]), 4).toArray() // => [5]
 */
export const hypot = (a: Tensor, b: number | Tensor): Tensor => perform(hypotOp, { a, b: tensor(b, a) });
