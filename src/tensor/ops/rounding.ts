/** Rounding to integers, and limiting to a range. */

import type { Formula } from '../../formula/formula.ts';
import { between, type ElementwiseOp, elementwiseOp, unaryOp } from '../op.ts';

type Unary = ElementwiseOp<'x'>;

/** Constant but for jumps, so no gradient passes. */
/* @__NO_SIDE_EFFECTS__ */
const jumps = (name: string, forward: Parameters<typeof unaryOp>[1]['forward']): Unary =>
  unaryOp(name, { forward, backward: null, domain: between });

/** The sign is kept even where the result is a zero. */
export const floor: Unary = jumps('floor', (x) => x.floor());
export const ceil: Unary = jumps('ceil', (x) => x.neg().floor().neg());
export const trunc: Unary = jumps('trunc', (x) => x.less(0).where(x.neg().floor().neg(), x.floor()));

/** Halves round to the even integer: `below` is even if twice the floor of its half is `below` again. */
export const round: Unary = jumps('round', (x) => {
  const below = x.floor();
  const rest = x.sub(below);
  const even = below.mul(0.5).floor().mul(2).equal(below);
  const up = rest.greater(0.5).where(1, rest.equal(0.5).where(even.where(0, 1), 0));
  const near = below.add(up);
  // Integers, signed zeros and infinities are returned as they are; what rounds to 0 from below is −0.
  return x.equal(below).where(x, near.equal(0).where(x.mul(0), near));
});

/** `x`, or the limit where it falls short of it, or exceeds it; NaN where either is NaN. */
export const limited = (x: Formula, low: Formula, high: Formula): Formula => {
  const raised = low.equal(low).where(x.atLeast(low), low);
  return high.equal(high).where(raised.atMost(high), high);
};

/** `x` limited to a range. At the bounds themselves the gradient passes to `x`, as in PyTorch. */
export const clamp: ElementwiseOp<'x' | 'low' | 'high'> = elementwiseOp('clamp', {
  dtypes: 'any',
  forward: (x, low, high) => limited(x!, low!, high!),
  backward: {
    x: ({ dy, x, low, high }) => x.less(low).add(x.greater(high)).where(0, dy),
    low: ({ dy, x, low, high }) => x.less(low).mul(low.less(high)).where(dy, 0),
    high: ({ dy, x, low, high }) => x.greater(high).add(high.less(low)).where(dy, 0),
  },
  sample: (draw) => ({
    x: draw.tensor([draw.size(), draw.size()], between),
    low: draw.tensor([], { from: -1, to: -0.25 }),
    high: draw.tensor([], { from: 0.25, to: 1 }),
  }),
});
