/** The discrete Fourier transform of real numbers and its inverse. Complex numbers are pairs of real tensors. */

import { type Data, newData } from '../../base/dtype.ts';
import { DtypeError, ShapeError } from '../../base/errors.ts';
import { type OptionTable, oneOf, optional, readOptions, wholeNumberFrom, withoutDefault } from '../../base/options.ts';
import { formatShape, normalizeAxis, sameShape } from '../../base/shape.ts';
import { type Complex, transformOf } from '../../machine/factorizations/mixed-radix.ts';
import type { Op } from '../../tensor/op.ts';
import { checkFloats, perform, Tensor } from '../../tensor/tensor.ts';
import { concat } from '../layout/concat.ts';
import { moveAxis } from '../layout/rearrange.ts';

/** How many different frequencies `n` real numbers have. */
const halfOf = (n: number): number => Math.floor(n / 2) + 1;

/** The frequencies whose sine is 0 throughout: that of 0, and the middle one of an even number. */
const withoutSine = (n: number): readonly number[] => (n % 2 === 0 ? [0, n / 2] : [0]);

/** `[..., n]` to `[..., 2 h]`, `h = ⌊n/2⌋ + 1`: of `Σₜ xₜ e^(−2πi kt/n)` the real parts, then the imaginary ones. */
export const rfftOp: Op<'x'> = {
  name: 'rfft',
  batching: ({ inputs: { x }, perform }) => perform({ x: x.x }),
  shape: ({ x }) => [...x.sizes.slice(0, -1), 2 * halfOf(x.sizes.at(-1)!)],
  forward({ x }) {
    const n = x.sizes.at(-1)!;
    const half = halfOf(n);
    const transform = transformOf(n);
    return eachLine(x, n, 2 * half, (line, out) => {
      const { real, imaginary } = transform({ real: line, imaginary: new Float64Array(n) });
      out.set(real.subarray(0, half));
      out.set(imaginary.subarray(0, half), half);
      for (const k of withoutSine(n)) out[half + k] = 0;
    });
  },
  backward: { x: ({ dy, x }) => perform(rfftAdjointOp, { x: dy }, { length: x.sizes.at(-1)! }) },
  sample: (draw) => ({ x: draw.tensor([draw.size(), 1 + draw.size()]) }),
};

/** The adjoint of `rfft`: `Σₖ aₖ cos 2πkt/n − bₖ sin 2πkt/n`, of the halves `a` and `b` of each line. */
export const rfftAdjointOp: Op<'x', { length: number }> = {
  name: 'rfftAdjoint',
  batching: ({ inputs: { x }, perform }) => perform({ x: x.x }),
  shape: ({ x, length }) => [...x.sizes.slice(0, -1), length],
  forward({ x, length: n }) {
    const half = halfOf(n);
    const transform = transformOf(n);
    return eachLine(x, 2 * half, n, (line, out) => {
      const whole: Complex = { real: new Float64Array(n), imaginary: new Float64Array(n) };
      whole.real.set(line.subarray(0, half));
      // The transform turns the other way for numbers of the other sign.
      for (let k = 0; k < half; k++) whole.imaginary[k] = 0 - line[half + k]!;
      for (const k of withoutSine(n)) whole.imaginary[k] = 0;
      out.set(transform(whole).real);
    });
  },
  backward: { x: ({ dy }) => perform(rfftOp, { x: dy }) },
  sample(draw) {
    const length = 1 + draw.size();
    return { x: draw.tensor([draw.size(), 2 * halfOf(length)]), length };
  },
};

/** The results of a function of each line of `length` numbers, in float64, which puts as many as `to` into the array that it is handed. */
function eachLine(x: Tensor, length: number, to: number, make: (line: Float64Array, out: Float64Array) => void): Data {
  const count = x.size / length;
  const out = newData(x.dtype, count * to);
  const made = new Float64Array(to);
  for (let which = 0; which < count; which++) {
    make(Float64Array.from(x.numbers.subarray(which * length, (which + 1) * length)), made);
    out.set(made, which * to);
  }
  return out;
}

/** How long the signal is, and how the transform is scaled. */
export interface FourierOptions {
  /**
   * How many numbers the signal has. `rfft` cuts it or fills it up with zeros; default as many as there are. `irfft` takes as many frequencies as that needs;
   * default `2 (h − 1)` for `h` frequencies: say it where the signal has an odd number.
   */
  readonly length?: number;
  /** What is divided by the length: `'backward'`, the inverse; `'forward'`, the transform; `'ortho'`, each by its root. Default `'backward'`. */
  readonly norm?: 'backward' | 'forward' | 'ortho';
}

const OPTIONS: OptionTable<FourierOptions> = {
  length: /* @__PURE__ */ withoutDefault(/* @__PURE__ */ wholeNumberFrom(1)),
  norm: /* @__PURE__ */ optional(/* @__PURE__ */ oneOf('backward', 'forward', 'ortho'), 'backward'),
};

/**
 * The discrete Fourier transform of real numbers along an axis, for the frequencies `k` from 0 to `⌊n/2⌋`: the real and the imaginary parts of
 * `Σₜ xₜ e^(−2πi kt/n)`. Those of the other frequencies are the same, with the other sign of the imaginary part. Any length is quick; it is computed in
 * float64.
 * @param axis default the last
 * @param options `length`, default that of the axis, and `norm`, default `'backward'`, which does not scale
 * @returns `real` and `imaginary`, of the shape of `x` with `⌊n/2⌋ + 1` along the axis
 * @throws ShapeError where there is no such axis, or nothing along it.
 * @example rfft(Tensor.of([1, 2, 3, 4])).real.toArray() // => [10, -2, -2]
 * rfft(Tensor.of([1, 2, 3, 4])).imaginary.toArray() // => [0, 2, 0]
 */
export function rfft(x: Tensor, axis = -1, options?: FourierOptions): { real: Tensor; imaginary: Tensor } {
  checkFloats('rfft', x);
  const along = normalizeAxis('rfft', axis, x.sizes);
  const { length, norm } = readOptions('rfft', options, OPTIONS);
  const n = length ?? x.sizes[along]!;
  if (n === 0) throw new ShapeError(`rfft: there is nothing to transform along axis ${axis} of ${formatShape(x.sizes)}`);
  const y = scaled(
    perform(rfftOp, { x: ofLength(moveAxis(x, along, -1), n) }),
    norm === 'forward' ? n : norm === 'ortho' ? Math.sqrt(n) : 1,
  );
  const half = halfOf(n);
  return { real: moveAxis(part(y, 0, half), -1, along), imaginary: moveAxis(part(y, half, 2 * half), -1, along) };
}

/**
 * The inverse of `rfft`: the `n` real numbers whose frequencies from 0 to `⌊n/2⌋` these are, `(1/n) Σₖ wₖ (aₖ cos 2πkt/n − bₖ sin 2πkt/n)` for real parts `a`
 * and imaginary parts `b`, where `w` is 2, but 1 for the frequencies 0 and `n/2`, whose imaginary parts do not count.
 * @param axis default the last
 * @param options `length`, default `2 (h − 1)` for `h` frequencies, and `norm`, default `'backward'`, which divides by the length
 * @throws ShapeError where the shapes differ, there is no such axis, or the length would be 0.
 * @example irfft(Tensor.of([10, -2, -2]), Tensor.of([0, 2, 0])).toArray() // => [1, 2, 3, 4]
 */
export function irfft(real: Tensor, imaginary: Tensor, axis = -1, options?: FourierOptions): Tensor {
  checkFloats('irfft', real, 'real');
  checkFloats('irfft', imaginary, 'imaginary');
  if (!sameShape(real.sizes, imaginary.sizes))
    throw new ShapeError(`irfft: expected parts of one shape, got ${formatShape(real.sizes)} and ${formatShape(imaginary.sizes)}`);
  if (real.dtype !== imaginary.dtype)
    throw new DtypeError(
      `irfft: expected parts of one dtype, got ${real.dtype} and ${imaginary.dtype}; convert one with cast('${real.dtype}')`,
    );
  const along = normalizeAxis('irfft', axis, real.sizes);
  const { length, norm } = readOptions('irfft', options, OPTIONS);
  const n = length ?? 2 * (real.sizes[along]! - 1);
  if (n < 1) throw new ShapeError(`irfft: expected a length of at least 1, got ${n} for ${formatShape(real.sizes)}; say it: { length: … }`);
  const half = halfOf(n);
  const parts = concat(
    [real, imaginary].map((x) => ofLength(moveAxis(x, along, -1), half)),
    -1,
  );
  const weights = newData(real.dtype, 2 * half).map((_, i) => (i % half === 0 || 2 * (i % half) === n ? 1 : 2));
  const y = perform(rfftAdjointOp, { x: parts.mul(new Tensor([2 * half], weights)) }, { length: n });
  return moveAxis(scaled(y, norm === 'backward' ? n : norm === 'ortho' ? Math.sqrt(n) : 1), -1, along);
}

const scaled = (x: Tensor, by: number): Tensor => (by === 1 ? x : x.div(by));

/** Some numbers of each line. */
const part = (x: Tensor, from: number, to: number): Tensor => x.slice([...x.sizes.slice(0, -1).map(() => null), [from, to]]);

/** Lines of a length: cut, or filled up with zeros. */
function ofLength(x: Tensor, length: number): Tensor {
  const size = x.sizes.at(-1)!;
  if (size >= length) return size === length ? x : part(x, 0, length);
  return concat([x, Tensor.zeros([...x.sizes.slice(0, -1), length - size], { dtype: x.dtype })], -1);
}
