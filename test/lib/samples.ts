/** Random arguments of operations, as the operations themselves declare them. */

import fc from 'fast-check';
import { drawFrom } from '../../src/autograd/checks/draw.ts';
import { type Sample, sampleOf } from '../../src/autograd/checks/samples.ts';
import { type FloatDtype, rounding } from '../../src/base/dtype.ts';
import type { Domain, Op } from '../../src/tensor/op.ts';

/** Options of samples: their dtype, their sizes, and their numbers, which by default come from the domain of each argument. */
interface Wishes {
  readonly dtype?: FloatDtype;
  readonly sizes?: { readonly min: number; readonly max: number };
  readonly numbers?: fc.Arbitrary<number>;
}

/** Random valid arguments of an operation; whatever fails is shrunk. */
export const samples = (op: Op<any, any>, { dtype = 'float64', sizes = { min: 1, max: 3 }, numbers }: Wishes = {}): fc.Arbitrary<Sample> =>
  fc.gen().map((g): Sample => {
    const whole = (min: number, max: number) => g(fc.integer, { min, max });
    const drawing = {
      sizes,
      dtype,
      ...(numbers && {
        element: (domain: Domain) =>
          within(
            domain,
            g(() => numbers),
          ),
      }),
    };
    return sampleOf(op.sample(drawFrom(whole, drawing)) as Record<string, unknown>);
  });

/** A number, unless it is outside of a domain that admits no other. */
const within = ({ strict, from, to }: Domain, x: number): number => (strict && !(x >= from && x <= to) ? (from + to) / 2 : x);

/** Both zeros, infinities, NaN, the ends of the normal and of the subnormal numbers, and numbers near the limits of the exponential. */
export const specialNumbers: { readonly [dtype in FloatDtype]: readonly number[] } = {
  float32: [
    0,
    -0,
    1,
    -1,
    Infinity,
    -Infinity,
    NaN,
    2 ** -149,
    -(2 ** -149),
    2 ** -126,
    2 ** -127,
    3.4028234663852886e38,
    88.8,
    -87.4,
    -103.9,
    0.5,
    2,
    3,
    -3,
    1.5,
    16777217,
  ],
  float64: [
    0,
    -0,
    1,
    -1,
    Infinity,
    -Infinity,
    NaN,
    2 ** -1074,
    -(2 ** -1074),
    2 ** -1022,
    2 ** -1023,
    Number.MAX_VALUE,
    709.9,
    -708.5,
    -745.1,
    0.5,
    2,
    3,
    -3,
    1.5,
    2 ** 53 + 2,
  ],
};

/** Numbers of every kind: special ones, subnormals, huge ones, and any bits at all. */
export const anyNumbers: { readonly [dtype in FloatDtype]: fc.Arbitrary<number> } = {
  float32: fc.oneof(
    fc.constantFrom(...specialNumbers.float32.map(rounding.float32)),
    fc.float(),
    fc.float({ min: -100, max: 100 }),
    fc.float({ min: Math.fround(-1e-38), max: Math.fround(1e-38) }),
  ),
  float64: fc.oneof(
    fc.constantFrom(...specialNumbers.float64),
    fc.double(),
    fc.double({ min: -750, max: 750 }),
    fc.double({ min: -1e-307, max: 1e-307 }),
  ),
};
