/** Arithmetic, element by element. Broadcasting is undone by the sweep, so these rules are the textbook's. */

import { between, binaryOp, type ElementwiseOp, nonzeros, positives, unaryOp } from '../op.ts';

type Unary = ElementwiseOp<'x'>;
type Binary = ElementwiseOp<'a' | 'b'>;

export const add: Binary = binaryOp('add', {
  dtypes: 'any',
  notation: 'a + b',
  forward: (a, b) => a.add(b),
  backward: {
    a: ({ dy }) => dy,
    b: ({ dy }) => dy,
  },
});

export const sub: Binary = binaryOp('sub', {
  dtypes: 'any',
  notation: 'a − b',
  forward: (a, b) => a.sub(b),
  backward: {
    a: ({ dy }) => dy,
    b: ({ dy }) => dy.neg(),
  },
});

export const mul: Binary = binaryOp('mul', {
  dtypes: 'any',
  notation: 'a · b',
  forward: (a, b) => a.mul(b),
  backward: {
    a: ({ dy, b }) => dy.mul(b),
    b: ({ dy, a }) => dy.mul(a),
  },
});

/** Of int32 the quotient is rounded down, exactly: float64 rounds no fraction of theirs away. */
export const div: Binary = binaryOp('div', {
  dtypes: 'any',
  notation: 'a / b',
  nonFinite: 'division',
  forward: (a, b) => a.div(b),
  backward: {
    a: ({ dy, b }) => dy.div(b),
    b: ({ dy, b, y }) => dy.mul(y).div(b).neg(),
  },
  domains: { b: nonzeros },
});

/** `aᵇ`. Where the formula of a slope would be 0 · ∞ it is 0: along `a` at `0⁰`, along `b` at `0ᵇ` for `b ≥ 0`. */
export const pow: Binary = binaryOp('pow', {
  nonFinite({ a: { data } }, pass) {
    if (data.some((x) => x < 0)) return 'a power of a negative number, which only whole exponents have';
    return data.includes(0) ? `${pass === 'backward' ? 'the slope of ' : ''}a negative power at 0` : undefined;
  },
  forward: (a, b) => a.pow(b),
  backward: {
    a: ({ dy, a, b }) =>
      a
        .equal(0)
        .mul(b.equal(0))
        .where(0, dy.mul(b).mul(a.pow(b.sub(1)))),
    b: ({ dy, a, b, y }) => a.equal(0).mul(b.greaterEqual(0)).where(0, dy.mul(y).mul(a.log())),
  },
  domains: { a: positives },
});

/** The larger; a tie halves the gradient, and a NaN passes it to both, as in PyTorch. */
export const maximum: Binary = binaryOp('maximum', {
  dtypes: 'any',
  forward: (a, b) => b.equal(b).where(a.atLeast(b), b),
  backward: {
    a: ({ dy, a, b }) => a.equal(b).where(dy.mul(0.5), a.less(b).where(0, dy)),
    b: ({ dy, a, b }) => a.equal(b).where(dy.mul(0.5), a.greater(b).where(0, dy)),
  },
  domains: { b: between },
});

/** The smaller; a tie halves the gradient, and a NaN passes it to both. */
export const minimum: Binary = binaryOp('minimum', {
  dtypes: 'any',
  forward: (a, b) => b.equal(b).where(a.atMost(b), b),
  backward: {
    a: ({ dy, a, b }) => a.equal(b).where(dy.mul(0.5), a.greater(b).where(0, dy)),
    b: ({ dy, a, b }) => a.equal(b).where(dy.mul(0.5), a.less(b).where(0, dy)),
  },
  domains: { b: between },
});

export const neg: Unary = unaryOp('neg', {
  dtypes: 'any',
  notation: '−x',
  forward: (x) => x.neg(),
  backward: ({ dy }) => dy.neg(),
});

export const reciprocal: Unary = unaryOp('reciprocal', {
  nonFinite: 'division',
  forward: (x) => x.reciprocal(),
  backward: ({ dy, y }) => dy.mul(y).mul(y).neg(),
  domain: nonzeros,
});
