/** Remainders of division, fractional parts, and the hypotenuse. */

import { type Data, newData } from '../../base/dtype.ts';
import { ValueError } from '../../base/errors.ts';
import { broadcastShape, broadcastStrides, sizeOf, walk } from '../../base/shape.ts';
import type { Shape } from '../../base/shape-types.ts';
import type { Elementwise } from '../../formula/methods.ts';
import { between, binaryOp, type Draw, type ElementwiseOp, nonzeros, type Op, unaryOp } from '../../tensor/op.ts';
import { perform, performBinary, type Tensor } from '../../tensor/tensor.ts';

type Binary = Op<'a' | 'b'>;

/**
 * `a % b` of float32 numbers, which takes a tenth of the time: for a quotient of up to 28 bits, the product with 24 bits more is exact in
 * float64, and the division rounds to no whole number that it is not.
 */
function shortRemainder(a: number, b: number): number {
  const quotient = a / b;
  if (Math.abs(quotient) < 2 ** 28) {
    const rest = a - b * Math.trunc(quotient);
    if (rest === rest) return rest === 0 ? a * 0 : rest;
  }
  return a % b;
}

/** How many numbers an input moves on by for each of the result; −1 where it broadcasts otherwise. */
const stepOf = ({ size }: Tensor, out: Data): number => (size === out.length ? 1 : size === 1 ? 0 : -1);

/**
 * A remainder by JavaScript's `%`, which is exact for every quotient; a formula, which divides, would have to take away the quotient in
 * parts. float32 holds the remainder of two of its numbers. The whole quotient is constant between jumps.
 * @param of the result, from `a % b` and `b`
 */
/* @__NO_SIDE_EFFECTS__ */
const exactRemainder = (name: string, of: (rest: number, b: number) => number): Binary => ({
  name,
  nonFinite: 'division',
  dtypes: 'any',
  batching: 'matrices',
  shape: ({ a, b }) => broadcastShape(name, a.sizes, b.sizes),
  forward({ a, b }, shape) {
    const [x, y, out] = [a.numbers, b.numbers, newData(a.dtype, sizeOf(shape))];
    if (a.dtype === 'int32' && y.includes(0)) throw new ValueError(`${name}: int32 has no remainder of a division by 0`);
    // As a rule both are of one shape, or one is a number.
    const [stepA, stepB] = [stepOf(a, out), stepOf(b, out)];
    if (stepA < 0 || stepB < 0)
      walk(shape, [broadcastStrides(a.sizes, shape), broadcastStrides(b.sizes, shape)], (here, [i, j]) => {
        out[here] = of(x[i]! % y[j]!, y[j]!);
      });
    else if (a.dtype === 'float32')
      for (let i = 0; i < out.length; i++) out[i] = of(shortRemainder(x[i * stepA]!, y[i * stepB]!), y[i * stepB]!);
    else for (let i = 0; i < out.length; i++) out[i] = of(x[i * stepA]! % y[i * stepB]!, y[i * stepB]!);
    return out;
  },
  backward: {
    a: ({ dy }) => dy,
    b: ({ dy, a, b, y }) => dy.mul(a.sub(y).div(b).round()).neg(),
  },
  sample(draw: Draw) {
    const [m, n] = [draw.size(), draw.size()];
    const [a, b] = draw.oneOf<readonly [Shape, Shape]>(
      [[m, n], [n]],
      [[], [m, n]],
      [
        [m, n],
        [m, n],
      ],
    );
    return { a: draw.tensor(a, between), b: draw.tensor(b, nonzeros) };
  },
});

export const fmodOp: Binary = /* @__PURE__ */ exactRemainder('fmod', (rest) => rest);

/** A remainder of the other sign is `b` too small; one of 0 has the sign of `b`. */
export const remainderOp: Binary = /* @__PURE__ */ exactRemainder('remainder', (rest, b) => {
  if (rest === 0) return b < 0 ? -0 : 0;
  return rest < 0 === b < 0 ? rest : rest + b;
});

/**
 * A component of the unit vector that points where `part` and `other` lead, in multiples of the longer, so that no square overflows or
 * underflows: the slope of a length. Infinite ones count as ±1 beside a finite one. At the origin it is taken to be 0, as a root that has
 * no slope there: the derivative of what is multiplied by it is then NaN and not 0, which would be wrong for a squared length.
 */
function direction<T extends Elementwise<T>>(part: T, other: T): T {
  const [size, otherSize] = [part.abs(), other.abs()];
  const long = size.less(otherSize).where(otherSize, size);
  const origin = long.equal(0);
  const unit = (x: T, isLong: T): T => isLong.where(x.sign(), isLong.where(0, x).div(origin.where(1, long)));
  // Of two that are as long only one is the longer: the other changes beside it.
  const isLong = size.equal(long);
  const [p, q] = [unit(part, isLong), unit(other, isLong.where(otherSize.equal(Infinity), 1))];
  const length = origin.where(1, p.mul(p).add(q.mul(q))).sqrt();
  return origin.where(origin.where(size, 1).sqrt(), p.div(length));
}

export const fracOp: ElementwiseOp<'x'> = /* @__PURE__ */ unaryOp('frac', {
  forward: (x) => x.sub(x.less(0).where(x.neg().floor().neg(), x.floor())),
  backward: ({ dy }) => dy,
  domain: between,
});

/** In multiples of the longer side, so that no square overflows or underflows. */
export const hypotOp: ElementwiseOp<'a' | 'b'> = /* @__PURE__ */ binaryOp('hypot', {
  forward(a, b) {
    const [long, short] = [a.abs().atLeast(b.abs()), a.abs().atMost(b.abs())];
    const part = long.equal(short).where(1, short.div(long));
    const length = part.mul(part).add(1).sqrt().mul(long);
    // Where one side is infinite so is the length, whatever the other, as in C.
    const known = a.equal(a).mul(b.equal(b)).where(length, NaN);
    return a.abs().equal(Infinity).add(b.abs().equal(Infinity)).where(Infinity, known);
  },
  backward: {
    a: ({ dy, a, b }) => dy.mul(direction(a, b)),
    b: ({ dy, a, b }) => dy.mul(direction(b, a)),
  },
  domains: { a: nonzeros, b: nonzeros },
});

/**
 * The remainder `a − b ⌊a / b⌋`, with the sign of `b`, as Python's `%`; exact, unless `b` has to be added, which rounds once.
 * @throws ValueError for int32 divided by 0.
 * @example remainder(Tensor.of([5, -5]), 3).toArray() // => [2, 1]
 */
export const remainder = (a: Tensor, b: number | Tensor): Tensor => performBinary(remainderOp, a, b);

/**
 * The remainder `a − b trunc(a / b)`, with the sign of `a`, as JavaScript's `%`; exact.
 * @throws ValueError for int32 divided by 0.
 * @example fmod(Tensor.of([5, -5]), 3).toArray() // => [2, -2]
 */
export const fmod = (a: Tensor, b: number | Tensor): Tensor => performBinary(fmodOp, a, b);

/**
 * The fractional part, `x − trunc(x)`; NaN for ±∞.
 * @example frac(Tensor.of([1.5, -1.25])).toArray() // => [0.5, -0.25]
 */
export const frac = <S extends Shape>(x: Tensor<S>): Tensor<S> => perform(fracOp, { x });

/**
 * `√(a² + b²)`, without overflow. At the origin its derivative is taken to be 0.
 * @example hypot(Tensor.of([3]), 4).toArray() // => [5]
 */
export const hypot = (a: Tensor, b: number | Tensor): Tensor => performBinary(hypotOp, a, b);
