/** Special functions in decimal numbers of sixty digits, by their series. */

import { Decimal } from 'decimal.js';
import type { Big } from './definitions.ts';

const one = new Decimal(1);
const pi = (): Decimal => Decimal.acos(-1);

/** The sum of terms until they are negligible beside 1; each follows from the one before. */
function series(first: Decimal, next: (term: Decimal, k: number) => Decimal): Decimal {
  let [term, total] = [first, first];
  for (let k = 1; k < 5 || term.abs().gt('1e-58'); k++) {
    term = next(term, k);
    total = total.plus(term);
  }
  return total;
}

/** `2/√π Σ (−1)ⁿ x²ⁿ⁺¹ / (n! (2n + 1))`: for the arguments here sixty digits are enough. */
export function erf(x: Decimal): Decimal {
  let [power, total] = [x, x];
  for (let n = 1; power.abs().gt('1e-58'); n++) {
    power = power.times(x).times(x).neg().div(n);
    total = total.plus(power.div(2 * n + 1));
  }
  return total.times(2).div(Decimal.sqrt(pi()));
}

/** By Newton's method from 0, which comes nearer from one side. */
function erfinv(x: Decimal): Decimal {
  let y = new Decimal(0);
  for (let step = one; step.abs().gt('1e-50'); ) {
    step = x.minus(erf(y)).times(pi().sqrt()).div(2).times(y.times(y).exp());
    y = y.plus(step);
  }
  return y;
}

const ndtr = (x: Decimal): Decimal => one.plus(erf(x.div(Decimal.sqrt(2)))).div(2);
const inverseMills = (x: Decimal): Decimal => x.times(x).div(-2).exp().div(pi().times(2).sqrt()).div(ndtr(x));

/** `B₂, B₄, …, B₆₀`, from `Σ C(m + 1, j) Bⱼ = 0`. */
const bernoulli: readonly Decimal[] = (() => {
  const all = [one];
  for (let m = 1; m <= 60; m++) {
    let [total, choose] = [new Decimal(0), one];
    for (let j = 0; j < m; j++) {
      total = total.plus(choose.times(all[j]!));
      choose = choose.times(m + 1 - j).div(j + 1);
    }
    all.push(total.neg().div(m + 1));
  }
  return all.filter((_, i) => i > 0 && i % 2 === 0);
})();

/** So far up are the asymptotic series of gamma functions as exact as sixty digits. */
const UP = 60;
const factorial = (n: number): Decimal => Array.from({ length: n }, (_, i) => i + 1).reduce((a, b) => a.times(b), one);
const upFrom = (x: Decimal): Decimal[] => Array.from({ length: UP }, (_, k) => x.plus(k));

function lgamma(x: Decimal): Decimal {
  const at = x.plus(UP);
  const rest = bernoulli.reduce((sum, b, i) => sum.plus(b.div((2 * i + 2) * (2 * i + 1)).div(at.pow(2 * i + 1))), new Decimal(0));
  const far = at.minus('0.5').times(at.ln()).minus(at).plus(pi().times(2).ln().div(2)).plus(rest);
  return far.minus(
    upFrom(x)
      .reduce((a, b) => a.times(b), one)
      .ln(),
  );
}

function polygamma(x: Decimal, n: number): Decimal {
  const at = x.plus(UP);
  const leading =
    n === 0
      ? at.ln()
      : factorial(n - 1)
          .div(at.pow(n))
          .neg();
  const far = bernoulli.reduce(
    (sum, b, i) =>
      sum.plus(
        b
          .times(factorial(2 * i + 1 + n))
          .div(factorial(2 * i + 2))
          .div(at.pow(2 * i + 2 + n)),
      ),
    factorial(n).div(at.pow(n + 1).times(2)),
  );
  const near = upFrom(x).reduce((sum, at) => sum.plus(factorial(n).div(at.pow(n + 1))), new Decimal(0));
  const sum = leading.minus(far).minus(near);
  return n % 2 === 0 ? sum : sum.neg();
}

const besselI = (x: Decimal, n: number): Decimal =>
  series(x.div(2).pow(n).div(factorial(n)), (term, k) =>
    term
      .times(x)
      .times(x)
      .div(4)
      .div(k * (k + n)),
  );

/** `πⁿ Σ (−1)ᵏ (πx)²ᵏ⁻ⁿ / ((2k − n)! (2k + 1))` */
function sinc(x: Decimal, n: number): Decimal {
  const z = pi().times(x);
  const first = Math.ceil(n / 2);
  let power = (n % 2 === 0 ? one : z).times(first % 2 === 0 ? 1 : -1);
  let total = power.div(2 * first + 1);
  for (let k = first + 1; k < first + 5 || power.abs().gt('1e-58'); k++) {
    power = power
      .times(z)
      .times(z)
      .neg()
      .div((2 * k - n) * (2 * k - n - 1));
    total = total.plus(power.div(2 * k + 1));
  }
  return total.times(pi().pow(n));
}

export const elementwise: Record<string, (x: Decimal) => Decimal> = {
  erf,
  erfinv,
  ndtr,
  ndtri: (x) => erfinv(x.times(2).minus(1)).times(Decimal.sqrt(2)),
  logNdtr: (x) => ndtr(x).ln(),
  inverseMills,
  millsExcess: (x) => inverseMills(x).plus(x),
  lgamma,
};

type OfOrder = (inputs: Readonly<Record<string, Big>>, attributes: { readonly order: number }) => Decimal[];
const each =
  (f: (x: Decimal, order: number) => Decimal): OfOrder =>
  ({ x }, { order }) =>
    x!.data.map((number) => f(number, order));

/** Operations that have an order. */
export const ofOrder: Record<string, OfOrder> = {
  polygamma: each(polygamma),
  sinc: each(sinc),
  besselI: each(besselI),
  besselIScaled: each((x, order) => besselI(x, order).times(x.abs().neg().exp())),
};
