/** The modified Bessel functions of the first kind, of whole order, as they are and scaled by `e^−|x|`. */

import type { Shape } from '../../base/shape-types.ts';
import { formula } from '../../formula/formula.ts';
import type { Op } from '../../tensor/op.ts';
import { checkFloats, perform, type Tensor } from '../../tensor/tensor.ts';
import { mapped, rounded, wide } from './in-float64.ts';

/** A root of `eˣ`, since the whole may overflow where its product with a small number does not. */
const halfExponential = /* @__PURE__ */ formula((x) => x.abs().mul(0.5).exp());

/** `I_order(x)`, whose derivative is `(I_order−1(x) + I_order+1(x)) / 2`; `I₋₁` is `I₁`. */
export const besselIOp: Op<'x', { order: number }> = {
  name: 'besselI',
  batching: 'matrices',
  shape: ({ x }) => x.sizes,
  forward({ x, order }, _, machine) {
    const numbers = wide(x);
    const halves = mapped(halfExponential, numbers, machine);
    return rounded(
      numbers.map((x, i) => (Math.abs(x) === Infinity ? signed(Infinity, x, order) : scaled(x, order) * halves[i]! * halves[i]!)),
      x,
    );
  },
  backward: {
    x({ dy, x, order }) {
      const next = perform(besselIOp, { x }, { order: order + 1 });
      return dy.mul(order === 0 ? next : next.add(perform(besselIOp, { x }, { order: order - 1 })).mul(0.5));
    },
  },
  sample: (draw) => ({ x: draw.tensor([draw.size(), draw.size()]), order: draw.oneOf(0, 1, 2) }),
};

/** `e^−|x| I_order(x)`. The kink of `|x|` at 0 is taken to have the slope 0. */
export const besselIScaledOp: Op<'x', { order: number }> = {
  name: 'besselIScaled',
  batching: 'matrices',
  shape: ({ x }) => x.sizes,
  forward: ({ x, order }) =>
    rounded(
      wide(x).map((x) => scaled(x, order)),
      x,
    ),
  backward: {
    x({ dy, x, y, order }) {
      const next = perform(besselIScaledOp, { x }, { order: order + 1 });
      const slope = order === 0 ? next : next.add(perform(besselIScaledOp, { x }, { order: order - 1 })).mul(0.5);
      return dy.mul(slope.sub(x.sign().mul(y)));
    },
  },
  sample: (draw) => ({ x: draw.tensor([draw.size(), draw.size()], { from: 0.2, to: 3 }), order: draw.oneOf(0, 1, 2) }),
};

/** What is odd for odd orders. */
const signed = (y: number, x: number, order: number): number => (order % 2 === 1 && (x < 0 || Object.is(x, -0)) ? -y : y);

/** `e^−|x| I_n(x)` */
function scaled(x: number, n: number): number {
  const size = Math.abs(x);
  if (size !== size) return NaN;
  if (size < 2 ** -30) return signed(firstTerm(size, n) * (1 - size), x, n);
  return signed(size < 40 + n * n ? byRecurrence(size, n) : byAsymptoticSeries(size, n), x, n);
}

/** `(x/2)ⁿ / n!`, beside which other terms are negligible where `x` is small. */
function firstTerm(x: number, n: number): number {
  let y = 1;
  for (let k = 1; k <= n; k++) y *= x / 2 / k;
  return y;
}

/**
 * Backward from orders so high that they are negligible, `I_k−1 = I_k+1 + (2k / x) I_k` (Miller), to a multiple of all orders; which one
 * tells `I₀ + 2 (I₁ + I₂ + …) = eˣ`. All terms are positive, so nothing cancels.
 */
function byRecurrence(x: number, n: number): number {
  const start = n + 2 * Math.ceil(10 + 4 * Math.sqrt(x) + x / 8);
  let [above, here, total, found] = [0, 2 ** -1000, 0, 0];
  for (let k = start; k > 0; k--) {
    if (k === n) found = here;
    total += here;
    [above, here] = [here, above + ((2 * k) / x) * here];
    // So that nothing overflows where x is small.
    if (here > 2 ** 900) [above, here, total, found] = [above * 2 ** -1000, here * 2 ** -1000, total * 2 ** -1000, found * 2 ** -1000];
  }
  return (n === 0 ? here : found) / (here + 2 * total);
}

/** `1 / √(2πx) Σ (−1)ᵏ Π (4n² − (2j − 1)²) / (k! (8x)ᵏ)`: from 40 on the terms become smaller than an ulp. */
function byAsymptoticSeries(x: number, n: number): number {
  let [term, sum] = [1, 1];
  for (let k = 1; k < 40; k++) {
    term *= ((2 * k - 1) * (2 * k - 1) - 4 * n * n) / (8 * k * x);
    sum += term;
    if (Math.abs(term) < 2 ** -60) break;
  }
  return sum / Math.sqrt(2 * Math.PI) / Math.sqrt(x);
}

/**
 * The modified Bessel function of the first kind and of order 0, of each element. The derivative is `i1`.
 * @example i0(Tensor.of([0, 1], 'float64')).toArray() // => [1, 1.2660658777520084]
 */
export function i0<S extends Shape>(x: Tensor<S>): Tensor<S> {
  checkFloats('i0', x);
  return perform(besselIOp, { x }, { order: 0 });
}

/**
 * The modified Bessel function of the first kind and of order 1, of each element.
 * @example i1(Tensor.of([0, 1], 'float64')).toArray() // => [0, 0.565159103992485]
 */
export function i1<S extends Shape>(x: Tensor<S>): Tensor<S> {
  checkFloats('i1', x);
  return perform(besselIOp, { x }, { order: 1 });
}

/**
 * `e^−|x| i0(x)` of each element, which does not overflow. At 0 the derivative is taken to be 0.
 * @example i0e(Tensor.of([0, Infinity])).toArray() // => [1, 0]
 */
export function i0e<S extends Shape>(x: Tensor<S>): Tensor<S> {
  checkFloats('i0e', x);
  return perform(besselIScaledOp, { x }, { order: 0 });
}

/**
 * `e^−|x| i1(x)` of each element, which does not overflow.
 * @example i1e(Tensor.of([0, Infinity])).toArray() // => [0, 0]
 */
export function i1e<S extends Shape>(x: Tensor<S>): Tensor<S> {
  checkFloats('i1e', x);
  return perform(besselIScaledOp, { x }, { order: 1 });
}
