/**
 * The discrete Fourier transform of any length, on numbers in plain arrays, always in float64. Nothing here knows a tensor. Only arithmetic that
 * every engine rounds alike is used; sines and cosines are this package's own.
 */

import { evaluatorOf } from '../../formula/evaluate.ts';
import { formula } from '../../formula/formula.ts';
import * as trigonometry from '../../formula/trigonometry.ts';

/** Complex numbers, their parts in arrays of their own. */
export interface Complex {
  readonly real: Float64Array;
  readonly imaginary: Float64Array;
}

/** `Σₜ xₜ e^(−2πi kt/n)` for `k` from 0 to `n − 1`, where `n` numbers are given. */
export type Transform = (x: Complex) => Complex;

/** A prime factor up to here is a sum for each element of the result; beyond it a convolution is quicker. */
const DIRECT = 64;

/** The last transform that was asked for: as a rule the next one has the same length. */
let last: { readonly n: number; readonly transform: Transform } | undefined;

/** The transform of a length. */
export function transformOf(n: number): Transform {
  if (last?.n !== n) last = { n, transform: made(n) };
  return last.transform;
}

/** The transform of a length. Its sines and cosines are computed once, for however many calls. */
function made(n: number): Transform {
  const roots = rootsOf(n);
  const convolved = new Map<number, Transform>();
  const factors = factorsOf(n);
  for (const prime of factors) if (prime > DIRECT && !convolved.has(prime)) convolved.set(prime, bluestein(prime));
  return (x) => mixed(x, { first: 0, step: 1, n }, factors, roots, convolved);
}

/** Which elements of an array are meant: `n` of them, from `first` on, a `step` apart. */
interface Part {
  readonly first: number;
  readonly step: number;
  readonly n: number;
}

/** By the first factor: as many shorter transforms, of elements so far apart, combined (Cooley & Tukey 1965). */
function mixed(
  x: Complex,
  { first, step, n }: Part,
  [radix, ...others]: readonly number[],
  roots: Complex,
  convolved: ReadonlyMap<number, Transform>,
): Complex {
  if (radix === undefined) return { real: x.real.slice(first, first + n), imaginary: x.imaginary.slice(first, first + n) };
  const whole = others.length === 0 && convolved.get(radix);
  if (whole) return whole(picked(x, { first, step, n }));
  const length = n / radix;
  const parts = Array.from({ length: radix }, (_, r) =>
    mixed(x, { first: first + r * step, step: step * radix, n: length }, others, roots, convolved),
  );
  return combined(parts, length, roots);
}

function picked(x: Complex, { first, step, n }: Part): Complex {
  const pick = (from: Float64Array) => Float64Array.from({ length: n }, (_, i) => from[first + i * step]!);
  return { real: pick(x.real), imaginary: pick(x.imaginary) };
}

/** `Σᵣ yᵣ[k] wʳᵏ`, of the transforms `yᵣ` of the parts, each of which begins again after its length. */
function combined(parts: readonly Complex[], length: number, roots: Complex): Complex {
  const n = parts.length * length;
  const whole = roots.real.length;
  const stride = whole / n;
  const { real: cosines, imaginary: sines } = roots;
  const [real, imaginary] = [new Float64Array(n), new Float64Array(n)];
  parts.forEach(({ real: a, imaginary: b }, r) => {
    let turn = 0;
    let from = 0;
    for (let k = 0; k < n; k++) {
      real[k]! += a[from]! * cosines[turn]! + b[from]! * sines[turn]!;
      imaginary[k]! += b[from]! * cosines[turn]! - a[from]! * sines[turn]!;
      turn += r * stride;
      if (turn >= whole) turn -= whole;
      if (++from === length) from = 0;
    }
  });
  return { real, imaginary };
}

/** The transform of a prime length, as a convolution with `e^(πi k²/n)`, which has a length of powers of two (Bluestein 1970). */
function bluestein(n: number): Transform {
  let length = 1;
  while (length < 2 * n - 1) length *= 2;
  const transform = made(length);
  const turns = rootsOf(2 * n);
  // The square of k, without whole turns.
  const chirp = chosen(turns, n, (k) => (k * k) % (2 * n));
  const kernel: Complex = { real: new Float64Array(length), imaginary: new Float64Array(length) };
  for (let k = 0; k < n; k++) {
    for (const place of [k, (length - k) % length]) {
      kernel.real[place] = chirp.real[k]!;
      kernel.imaginary[place] = chirp.imaginary[k]!;
    }
  }
  const spectrum = transform(kernel);
  return (x) => {
    const padded: Complex = { real: new Float64Array(length), imaginary: new Float64Array(length) };
    multiplyInto(padded, x, conjugate(chirp), n);
    const product: Complex = { real: new Float64Array(length), imaginary: new Float64Array(length) };
    multiplyInto(product, transform(padded), spectrum, length);
    // The inverse transform is the conjugate of that of the conjugate, divided by the length.
    const back = conjugate(transform(conjugate(product)));
    const y: Complex = { real: new Float64Array(n), imaginary: new Float64Array(n) };
    multiplyInto(y, back, conjugate(chirp), n);
    return { real: y.real.map((part) => part / length), imaginary: y.imaginary.map((part) => part / length) };
  };
}

const chosen = (x: Complex, n: number, at: (k: number) => number): Complex => ({
  real: Float64Array.from({ length: n }, (_, k) => x.real[at(k)]!),
  imaginary: Float64Array.from({ length: n }, (_, k) => x.imaginary[at(k)]!),
});

const conjugate = ({ real, imaginary }: Complex): Complex => ({ real, imaginary: imaginary.map((part) => -part) });

function multiplyInto(y: Complex, a: Complex, b: Complex, n: number): void {
  for (let i = 0; i < n; i++) {
    y.real[i] = a.real[i]! * b.real[i]! - a.imaginary[i]! * b.imaginary[i]!;
    y.imaginary[i] = a.real[i]! * b.imaginary[i]! + a.imaginary[i]! * b.real[i]!;
  }
}

const sine = /* @__PURE__ */ formula((x) => trigonometry.sine(x));
const cosine = /* @__PURE__ */ formula((x) => trigonometry.cosine(x));

/** `cos 2πj/n` and `sin 2πj/n`, of angles up to an eighth of a turn; the others are these, exchanged or negated. */
function rootsOf(n: number): Complex {
  // What four times a whole number is beyond whole quarters is a multiple of this.
  const unit = n % 4 === 0 ? 4 : n % 2 === 0 ? 2 : 1;
  const angles = Float64Array.from({ length: Math.floor(n / 2 / unit) + 1 }, (_, i) => ((i * unit) / n) * (Math.PI / 2));
  const [sines, cosines] = [sine, cosine].map((rule) => {
    const out = new Float64Array(angles.length);
    evaluatorOf(rule('float64'))([angles], out);
    return out;
  }) as [Float64Array, Float64Array];
  const [real, imaginary] = [new Float64Array(n), new Float64Array(n)];
  for (let j = 0; j < n; j++) {
    const quarters = Math.floor((4 * j) / n);
    // In units of a quarter turn divided by n.
    const rest = 4 * j - quarters * n;
    const small = 2 * rest <= n;
    const place = (small ? rest : n - rest) / unit;
    const [c, s] = small ? [cosines[place]!, sines[place]!] : [sines[place]!, cosines[place]!];
    [real[j], imaginary[j]] = quarters === 0 ? [c, s] : quarters === 1 ? [0 - s, c] : quarters === 2 ? [0 - c, 0 - s] : [s, 0 - c];
  }
  return { real, imaginary };
}

/** Fours first, which need no product that is not exact; then the primes in ascending order. */
function factorsOf(n: number): readonly number[] {
  const factors: number[] = [];
  let left = n;
  for (; left % 4 === 0; left /= 4) factors.push(4);
  for (let prime = 2; left > 1; prime++) {
    if (prime * prime > left) prime = left;
    for (; left % prime === 0; left /= prime) factors.push(prime);
  }
  return factors;
}
