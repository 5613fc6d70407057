/** The cardinal sine and its derivatives. */

import type { Shape } from '../../base/shape-types.ts';
import { formula } from '../../formula/formula.ts';
import { cosPi, sinPi } from '../../formula/half-turns.ts';
import type { Op } from '../../tensor/op.ts';
import { perform, type Tensor } from '../../tensor/tensor.ts';
import { mapped, rounded, wide } from './in-float64.ts';

const sine = /* @__PURE__ */ formula((x) => sinPi(x));
const cosine = /* @__PURE__ */ formula((x) => cosPi(x));

/** The derivative of this order of `sin(πx) / (πx)`. */
export const sincOp: Op<'x', { order: number }> = {
  name: 'sinc',
  batching: 'matrices',
  shape: ({ x }) => x.sizes,
  forward({ x, order }, _, machine) {
    const numbers = wide(x);
    const [sines, cosines] = [mapped(sine, numbers, machine), mapped(cosine, numbers, machine)];
    let scale = 1;
    for (let k = 0; k < order; k++) scale *= Math.PI;
    return rounded(
      numbers.map((x, i) => scale * slope(x * Math.PI, order, sines[i]!, cosines[i]!)),
      x,
    );
  },
  backward: { x: ({ dy, x, order }) => dy.mul(perform(sincOp, { x }, { order: order + 1 })) },
  sample: (draw) => ({ x: draw.tensor([draw.size(), draw.size()]), order: draw.oneOf(0, 1, 2) }),
};

/**
 * The derivative of an order `n` of `s(z) = sin z / z`, for a given sine and cosine of `z`: since `z s = sin z`, the next one follows from
 * `z s⁽ⁿ⁾ + n s⁽ⁿ⁻¹⁾ = sin⁽ⁿ⁾ z`; near 0, where that would cancel, by the series. Far out it is 0.
 */
function slope(z: number, n: number, sine: number, cosine: number): number {
  if (Math.abs(z) === Infinity) return 0;
  if (Math.abs(z) < (n === 0 ? 2 ** -30 : 1 + 0.6 * n)) return series(z, n);
  let y = sine / z;
  for (let k = 1; k <= n; k++) {
    const wave = k % 2 === 0 ? sine : cosine;
    y = ((k % 4 < 2 ? wave : -wave) - k * y) / z;
  }
  return y;
}

/** `Σ (−1)ᵏ z²ᵏ⁻ⁿ / ((2k − n)! (2k + 1))`, from the first `k` with `2k ≥ n` on. */
function series(z: number, n: number): number {
  const first = Math.ceil(n / 2);
  let power = (first % 2 === 0 ? 1 : -1) * (n % 2 === 0 ? 1 : z);
  const terms: number[] = [];
  for (let k = first; k < first + 14 + n; k++) {
    terms.push(power / (2 * k + 1));
    power *= (-z * z) / ((2 * k - n + 1) * (2 * k - n + 2));
  }
  return terms.reduceRight((sum, term) => sum + term, 0);
}

/**
 * The cardinal sine `sin(πx) / (πx)` of each element: 1 at 0, and 0 at all other whole numbers and at ±∞.
 * @example sinc(Tensor.of([0, 1, 2])).toArray() // => [1, 0, 0]
 */
export const sinc = <S extends Shape>(x: Tensor<S>): Tensor<S> => perform(sincOp, { x }, { order: 0 });
