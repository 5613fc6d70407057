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

/**
 * `aᵇ`. Where the formula of a slope would be 0 · ∞ it is 0: along `a` where `a⁰` is 1 whatever `a`, at 0 and NaN; along `b` where the power
 * is 0 and the logarithm infinite, at `0ᵇ` for `b ≥ 0` and `∞ᵇ` for `b < 0`. There the other side of the choice is finite too, since the
 * next derivative passes back through both.
 */
export const pow: Binary = binaryOp('pow', {
  nonFinite: 'power',
  forward: (a, b) => a.pow(b),
  backward: {
    a({ dy, a, b }) {
      const flat = a.abs().greater(0).where(0, b.equal(0));
      return flat.where(0, dy.mul(b).mul(a.pow(flat.where(0, b.sub(1)))));
    },
    b({ dy, a, b, y }) {
      const flat = b.less(0).where(a.equal(Infinity), b.greaterEqual(0).mul(a.equal(0)));
      return flat.where(0, dy.mul(y).mul(flat.where(1, a).log()));
    },
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
