/**
 * The logarithm of the gamma function, and its derivatives: digamma and the polygamma functions, each of which is the derivative of the one
 * before.
 */

import { check, type Requirement } from '../../base/options.ts';
import type { Shape } from '../../base/shape-types.ts';
import { formula } from '../../formula/formula.ts';
import { cosPi, sinPi } from '../../formula/half-turns.ts';
import { logOfGamma } from '../../formula/log-gamma.ts';
import { type Op, positives } from '../../tensor/op.ts';
import { checkFloats, perform, type Tensor } from '../../tensor/tensor.ts';
import { mapped, rounded, wide } from './in-float64.ts';

const logGamma = /* @__PURE__ */ formula((x) => logOfGamma(x));
const logarithm = /* @__PURE__ */ formula((x) => x.log());
const sine = /* @__PURE__ */ formula((x) => sinPi(x));
const cosine = /* @__PURE__ */ formula((x) => cosPi(x));

export const lgammaOp: Op<'x'> = {
  name: 'lgamma',
  batching: 'matrices',
  shape: ({ x }) => x.sizes,
  forward: ({ x }, _, machine) => rounded(mapped(logGamma, wide(x), machine), x),
  backward: { x: ({ dy, x }) => dy.mul(digamma(x)) },
  sample: (draw) => ({ x: draw.tensor([draw.size(), draw.size()], positives) }),
};

/** Below this, values follow from those of `1 − x`. */
const MIRRORED = -0.5;

/** The derivative of this order of digamma, which is that of order 0. */
export const polygammaOp: Op<'x', { order: number }> = {
  name: 'polygamma',
  batching: 'matrices',
  shape: ({ x }) => x.sizes,
  forward({ x, order }, _, machine) {
    const numbers = wide(x);
    const logs = order === 0 ? mapped(logarithm, numbers, machine) : numbers;
    const positive = (x: number, log: number): number => (order === 0 ? digammaOf(x, log) : (order % 2 === 0 ? -1 : 1) * zetaOf(order, x));
    if (!numbers.some((x) => x < 0))
      return rounded(
        numbers.map((x, i) => positive(x, logs[i]!)),
        x,
      );
    const others = numbers.map((x) => 1 - x);
    const otherLogs = order === 0 ? mapped(logarithm, others, machine) : others;
    const [sines, cosines] = [mapped(sine, numbers, machine), mapped(cosine, numbers, machine)];
    const slopes = slopesOfCotangent(order);
    const out = numbers.map((x, i) => {
      if (!(x < MIRRORED)) return positive(x, logs[i]!);
      // Poles, at which signs differ from side to side but for odd orders.
      if (sines[i] === 0) return order % 2 === 0 ? NaN : Infinity;
      const mirrored = positive(others[i]!, otherLogs[i]!);
      return (order % 2 === 0 ? mirrored : -mirrored) - slopes(cosines[i]! / sines[i]!);
    });
    return rounded(out, x);
  },
  backward: { x: ({ dy, x, order }) => dy.mul(perform(polygammaOp, { x }, { order: order + 1 })) },
  sample: (draw) => ({ x: draw.tensor([draw.size(), draw.size()], positives), order: draw.oneOf(0, 1, 2) }),
};

/** The root of digamma among the positive numbers, as a double-double. */
const ROOT = { high: 1.4616321449683622, low: 9.549995429965697e-17 };
/** `digamma(x) / (x − root)` for `1 ≤ x < 2`, as a polynomial in `2x − 3`: interpolated at Chebyshev's 24 nodes. */
const ABOUT_ROOT = [
  0.9510558760318328, -0.21181371064073024, 0.06013562106019684, -0.018550615381739702, 0.005936795278301875, -0.0019350666647392832,
  0.0006368880303847901, -0.00021074841284590126, 6.99501882655044e-5, -2.325823275895313e-5, 7.741234441368395e-6, -2.578133701610713e-6,
  8.589062683365892e-7, -2.8621216825577647e-7, 9.543261570760428e-8, -3.1807298477301726e-8, 1.0528133851878114e-8, -3.509235492410718e-9,
  1.2466690231864029e-9, -4.1555064115551965e-10, 8.748420037436287e-11, -2.9161179626023815e-11, 2.916093601085364e-11,
  -9.720300404202244e-12,
];
/** `B₂, B₄, …` */
const BERNOULLI = /* @__PURE__ */ (() => [
  1 / 6,
  -1 / 30,
  1 / 42,
  -1 / 30,
  5 / 66,
  -691 / 2730,
  7 / 6,
  -3617 / 510,
  43867 / 798,
  -174611 / 330,
])();

/** Digamma of `x ≥ −½`, whose logarithm is known. From 10 on by its asymptotic series; below it is moved to between 1 and 2. */
function digammaOf(x: number, log: number): number {
  if (x === Infinity) return Infinity;
  if (x >= 10) {
    const [reciprocal, square] = [1 / x, 1 / (x * x)];
    let rest = 0;
    for (let k = BERNOULLI.length; k >= 1; k--) rest = (rest + BERNOULLI[k - 1]! / (2 * k)) * square;
    return log - (reciprocal / 2 + rest);
  }
  let sum = 0;
  let at = x;
  for (; at < 1; at++) sum -= 1 / at;
  // The smallest term comes first.
  for (; at >= 2; at--) sum += 1 / (at - 1);
  return sum + aboutRoot(at);
}

function aboutRoot(x: number): number {
  const at = 2 * x - 3;
  let y = 0;
  for (let k = ABOUT_ROOT.length - 1; k >= 0; k--) y = y * at + ABOUT_ROOT[k]!;
  return (x - ROOT.high - ROOT.low) * y;
}

/**
 * `n! ζ(n + 1, x) = n! Σ 1 / (x + k)ⁿ⁺¹` for `x ≥ −½` and `n ≥ 1`: terms up to where the asymptotic series holds, that of Euler and Maclaurin,
 * and its sum from there on.
 */
function zetaOf(n: number, x: number): number {
  const terms = Math.max(0, Math.ceil(12 + n - x));
  const at = x + terms;
  const [reciprocal, factorial] = [1 / at, product(1, n)];
  const power = powerOf(reciprocal, n);
  let total = 0;
  for (let k = BERNOULLI.length; k >= 1; k--) {
    // (2k + n − 1)! / (2k)!, of which n! / n is taken out.
    const ratio = product(2 * k + 1, 2 * k + n - 1) / product(1, n - 1);
    total = (total + BERNOULLI[k - 1]! * ratio) * reciprocal * reciprocal;
  }
  let sum = power * (total / n + 1 / n + reciprocal / 2);
  for (let k = terms - 1; k >= 0; k--) sum += powerOf(1 / (x + k), n + 1);
  return factorial * sum;
}

/** `from (from + 1) … to`; 1 where there is no factor. */
function product(from: number, to: number): number {
  let y = 1;
  for (let k = from; k <= to; k++) y *= k;
  return y;
}

function powerOf(x: number, n: number): number {
  let y = 1;
  for (let k = 0; k < n; k++) y *= x;
  return y;
}

/** The derivative of this order of `π cot πx`, as a function of the cotangent: `P₀ = c`, `Pₖ₊₁ = −(1 + c²) Pₖ′`, times `πⁿ⁺¹`. */
function slopesOfCotangent(order: number): (cotangent: number) => number {
  let coefficients = [0, 1];
  for (let k = 0; k < order; k++) {
    const slopes = coefficients.slice(1).map((c, i) => -c * (i + 1));
    coefficients = Array.from({ length: slopes.length + 2 }, (_, i) => (slopes[i] ?? 0) + (slopes[i - 2] ?? 0));
  }
  const scale = powerOf(Math.PI, order + 1);
  return (cotangent) => scale * coefficients.reduceRight((y, c) => y * cotangent + c, 0);
}

/**
 * `ln |Γ(x)|` of each element: ∞ at 0 and at negative whole numbers. The derivative is `digamma`.
 * @example lgamma(Tensor.of([1, 2, 3, 0])).toArray() // => [0, 0, 0.6931471824645996, Infinity]
 */
export const lgamma = <S extends Shape>(x: Tensor<S>): Tensor<S> => perform(lgammaOp, { x });

/**
 * `Γ′(x) / Γ(x)`, the derivative of `ln Γ`, of each element: ∓∞ at ±0, NaN at negative whole numbers. The derivative is `polygamma(x, 1)`.
 * @example digamma(Tensor.of([1], 'float64')).toArray() // => [-0.5772156649015329]
 */
export function digamma<S extends Shape>(x: Tensor<S>): Tensor<S> {
  checkFloats('digamma', x);
  return perform(polygammaOp, { x }, { order: 0 });
}

const orderOfDerivative: Requirement = {
  words: 'a whole number from 0 to 100',
  holds: (x) => Number.isInteger(x) && (x as number) >= 0 && (x as number) <= 100,
};

/**
 * The derivative of some order of `digamma`, of each element.
 * @param order a whole number from 0 to 100: the factorials of much larger ones are beyond float64
 * @throws ValueError for another order.
 * @example polygamma(Tensor.of([1], 'float64'), 1).toArray() // => [1.6449340668482264]
 */
export function polygamma<S extends Shape>(x: Tensor<S>, order: number): Tensor<S> {
  checkFloats('polygamma', x);
  check('polygamma', { order }, orderOfDerivative);
  return perform(polygammaOp, { x }, { order });
}
