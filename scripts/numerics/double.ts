/**
 * One function of float64 at many inputs, easy ones and hard ones, against decimal.js at 50 digits; and the power, in both dtypes.
 * Prints the result as JSON: `double.ts exp 50000`.
 */

import { Decimal } from 'decimal.js';
import { Tensor } from 'tapegrad';
import { exactly } from './exactly.ts';
import { apply, type Finding, type Name, randomly, ulp } from './functions.ts';

const [name, points] = [process.argv[2] as Name | 'pow', Number(process.argv[3] ?? 50_000)];
const dtype = (process.argv[4] ?? 'float64') as 'float32' | 'float64';
const random = randomly(1);
const between = (low: number, high: number) => () => low + (high - low) * random();
/** Any number between two powers of two, of either sign. */
const sized = (low: number, high: number) => () => (random() < 0.5 ? -1 : 1) * 2 ** between(low, high)();
const positive = (low: number, high: number) => () => 2 ** between(low, high)();
const angles = [
  between(-4, 4),
  between(-1000, 1000),
  sized(-30, 20),
  sized(20, 1023.9),
  () => Math.round(between(0, 1e6)()) * (Math.PI / 2),
];

/** The ranges of inputs: near zero and far from it, near the limits between the formulas of a function, and where results are subnormal. */
const ranges: { readonly [name in Name]: readonly (() => number)[] } = {
  exp: [between(-745, 709.7), between(-1, 1), sized(-60, 0), between(-745.2, -708)],
  expm1: [between(-40, 709.7), between(-1, 1), sized(-60, 0), between(0.3, 1.1), sized(-1074, -1000)],
  log: [positive(-1074, 1023.9), between(0.5, 2), () => 1 + sized(-50, -2)(), positive(-1074, -1021)],
  log1p: [positive(-60, 1023.9), between(-0.9999, 1), sized(-60, -1), between(-0.5, 3), () => -1 + positive(-53, -1)()],
  sin: angles,
  cos: angles,
  tanh: [between(-20, 20), between(-1, 1), sized(-60, 0), between(0.5, 0.75)],
  sigmoid: [between(-745, 40), between(-1, 1), between(-40, 40), between(-745, -708)],
  erf: [between(-6, 6), between(-1, 1), sized(-60, 0), between(0.8, 1.3), between(2.7, 3)],
  erfc: [between(-6, 27), between(-1, 1.5), sized(-60, 0), between(0.2, 0.9), between(26, 27.2), between(1.2, 3)],
  exp2: [between(-1074, 1023.9), between(-1, 1), sized(-60, 0), between(-1075, -1020)],
  log2: [positive(-1074, 1023.9), between(0.5, 2), () => 1 + sized(-50, -2)(), positive(-1074, -1021)],
  log10: [positive(-1074, 1023.9), between(0.5, 2), () => 1 + sized(-50, -2)(), () => 10 ** Math.round(between(-300, 300)())],
  tan: angles,
  asin: [between(-1, 1), between(0.4, 0.6), between(0.97, 1), sized(-60, 0)],
  acos: [between(-1, 1), between(0.4, 0.6), between(0.97, 1), between(-0.6, -0.4), sized(-60, 0)],
  atan: [between(-4, 4), between(0.3, 3), sized(-60, 70)],
  sinh: [between(-30, 30), between(-1, 1), sized(-60, 0), between(700, 710.4), between(20, 24)],
  cosh: [between(-30, 30), between(-1, 1), between(700, 710.4), between(20, 24)],
  asinh: [between(-4, 4), sized(-60, 0), sized(0, 1000), between(1.9, 2.1)],
  acosh: [between(1, 3), positive(0, 1000), () => 1 + positive(-50, 0)()],
  atanh: [between(-1, 1), sized(-60, -1), between(0.4, 0.6), () => 1 - positive(-53, -1)()],
  softplus: [between(-40, 40), between(-1, 1), between(-745, -700), sized(-60, 10)],
  logSigmoid: [between(-40, 40), between(-1, 1), between(0, 745), sized(-60, 10)],
  sqrt: [positive(-1074, 1023.9), between(0, 4)],
  reciprocal: [sized(-1021, 1021), between(-4, 4)],
};

Decimal.set({ precision: 50, minE: -9e15, maxE: 9e15, toExpNeg: -9e15 });
const wide = Decimal.clone({ precision: 700, minE: -9e15, maxE: 9e15 });
const TURN = wide.acos(-1).times(2);
const one = new Decimal(1);

/** An angle reduced to one turn, in enough digits for its sine. */
const withinTurn = (x: number) => new Decimal(exactly(x, wide).mod(TURN).toSignificantDigits(120).toString());

/** A function near zero, by the first terms of its series: the usual formula would cancel. */
const nearZero = (x: number, ...coefficients: readonly [number, number][]) =>
  coefficients.reduce((sum, [over, power]) => sum.plus(exactly(x).pow(power).div(over)), exactly(x));

const truth: { readonly [name in Name]: (x: number) => Decimal } = {
  exp: (x) => exactly(x).exp(),
  expm1: (x) => (Math.abs(x) < 1e-8 ? nearZero(x, [2, 2], [6, 3]) : exactly(x).exp().minus(1)),
  log: (x) => exactly(x).ln(),
  log1p: (x) => (Math.abs(x) < 1e-8 ? nearZero(x, [-2, 2], [3, 3]) : exactly(x).plus(1).ln()),
  sin: (x) => withinTurn(x).sin(),
  cos: (x) => withinTurn(x).cos(),
  tanh: (x) => (Math.abs(x) < 1e-8 ? nearZero(x, [-3, 3]) : exactly(x).tanh()),
  sigmoid: (x) => one.div(exactly(-x).exp().plus(1)),
  erf: (x) => errorFunction(exactly(x)),
  erfc: (x) => (x < 1 ? one.minus(errorFunction(exactly(x))) : complement(exactly(x))),
  exp2: (x) => exactly(x).times(Decimal.ln(2)).exp(),
  log2: (x) => exactly(x).ln().div(Decimal.ln(2)),
  log10: (x) => exactly(x).ln().div(Decimal.ln(10)),
  tan: (x) => withinTurn(x).tan(),
  asin: (x) => (Math.abs(x) < 1e-8 ? nearZero(x, [6, 3]) : exactly(x).asin()),
  acos: (x) => exactly(x).acos(),
  atan: (x) => (Math.abs(x) < 1e-8 ? nearZero(x, [-3, 3]) : exactly(x).atan()),
  sinh: (x) => (Math.abs(x) < 1e-8 ? nearZero(x, [6, 3]) : exactly(x).exp().minus(exactly(-x).exp()).div(2)),
  cosh: (x) => exactly(x).exp().plus(exactly(-x).exp()).div(2),
  asinh: (x) =>
    Math.abs(x) < 1e-8
      ? nearZero(x, [-6, 3])
      : exactly(Math.abs(x))
          .pow(2)
          .plus(1)
          .sqrt()
          .plus(exactly(Math.abs(x)))
          .ln()
          .times(Math.sign(x)),
  acosh: (x) => exactly(x).pow(2).minus(1).sqrt().plus(exactly(x)).ln(),
  atanh: (x) =>
    Math.abs(x) < 1e-8
      ? nearZero(x, [3, 3])
      : exactly(x)
          .plus(1)
          .div(one.minus(exactly(x)))
          .ln()
          .div(2),
  softplus: (x) => lnOfOnePlus(exactly(x).exp()),
  logSigmoid: (x) => lnOfOnePlus(exactly(-x).exp()).neg(),
  sqrt: (x) => exactly(x).sqrt(),
  reciprocal: (x) => one.div(exactly(x)),
};

/** `2/√π e^−x² Σ 2ⁿ x²ⁿ⁺¹ / (2n + 1)!!`, whose terms are all of one sign. */
function errorFunction(x: Decimal): Decimal {
  const square = x.times(x);
  let [term, sum] = [x, x];
  for (let n = 1; term.abs().gt(sum.abs().times(1e-30)); n++) {
    term = term
      .times(square)
      .times(2)
      .div(2 * n + 1);
    sum = sum.plus(term);
  }
  return sum
    .times(2)
    .div(Decimal.sqrt(Decimal.acos(-1)))
    .times(Decimal.exp(square.neg()));
}

/** `ln(1 + t)`, by its series where `1 + t` would lose digits. */
const lnOfOnePlus = (t: Decimal): Decimal => (t.lt(1e-20) ? t.minus(t.times(t).div(2)) : t.plus(1).ln());

/** `1 − erf x` for `x` from 1 by Laplace's continued fraction, from deep inside outward. */
function complement(x: Decimal): Decimal {
  let fraction = x;
  for (let k = 400; k > 0; k--) fraction = x.plus(new Decimal(k).div(2).div(fraction));
  return x
    .times(x)
    .neg()
    .exp()
    .div(fraction)
    .div(Decimal.sqrt(Decimal.acos(-1)));
}

let [worst, at, judged, nearest]: [number, readonly number[], number, number] = [0, [], 0, 0];

function judge(found: number, wanted: Decimal, inputs: readonly number[]): void {
  const rounded = dtype === 'float32' ? Math.fround(wanted.toNumber()) : wanted.toNumber();
  judged++;
  if (Object.is(found, rounded)) nearest++;
  const error = Number.isFinite(rounded)
    ? wanted
        .minus(exactly(found))
        .abs()
        .div(exactly(ulp(wanted.toNumber(), dtype)))
        .toNumber()
    : found === rounded
      ? 0
      : Infinity;
  if (!(error <= worst)) [worst, at] = [error, inputs];
}

if (name === 'pow') {
  const round = dtype === 'float32' ? Math.fround : (x: number) => x;
  const [most, least] = dtype === 'float32' ? [127, -149] : [1023, -1074];
  const pairs = Array.from({ length: points }, (_, i): [number, number] => {
    if (i % 3 === 0) return [round(between(0, 10)()), round(between(-10, 10)())];
    // A base of any size, or next to 1, and an exponent that makes a large or small number of it.
    const base = round(i % 3 === 1 ? positive(least, most)() : 1 + sized(-20, -1)());
    return [base, round(between(least, most)() / Math.log2(base))];
  });
  const tensorOf = (which: 0 | 1) => {
    const numbers = pairs.map((pair) => pair[which]);
    return new Tensor([points], dtype === 'float32' ? Float32Array.from(numbers) : Float64Array.from(numbers));
  };
  const [a, b] = [tensorOf(0), tensorOf(1)];
  const found = a.pow(b).data;
  pairs.forEach(([base, exponent], i) => {
    if (base > 0 && Number.isFinite(exponent)) judge(found[i]!, exactly(base).ln().times(exactly(exponent)).exp(), [base, exponent]);
  });
} else {
  const inputs = Float64Array.from({ length: points }, (_, i) => ranges[name][i % ranges[name].length]!());
  // Of all float64 this comes nearest to a multiple of π/2.
  inputs[0] = name === 'sin' || name === 'cos' || name === 'tan' ? 5.319372648326541e255 : inputs[0]!;
  const found = apply(name, new Tensor([points], inputs)).data;
  inputs.forEach((x, i) => judge(found[i]!, truth[name](x), [x]));
}
const finding: Finding = { name, dtype, worst, at, judged, nearest };
console.log(JSON.stringify({ ...finding, worst: String(worst), at: finding.at.map(String) }));
