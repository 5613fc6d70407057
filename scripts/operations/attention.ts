/** Scaled dot-product attention in decimal numbers. */

import { Decimal } from 'decimal.js';
import { broadcastStrides, walk } from '../../src/base/shape.ts';
import type { Big, Inputs } from './definitions.ts';
import * as algebra from './linear-algebra.ts';

/** `softmax(scale · q kᵀ) v` over what `keep` lets each query see. */
export function attention({ q, k, v, keep }: Inputs, scale: number, shape: readonly number[]): Decimal[] {
  const leading = shape.slice(0, -2);
  const scores = [...leading, q!.shape.at(-2)!, k!.shape.at(-2)!];
  const products = algebra.product(q!, k!, scores, false, true).map((x) => x.times(scale));
  const weights: Decimal[] = [];
  walk(scores, [broadcastStrides(keep?.shape ?? [1], scores)], (here, [there]) => {
    weights[here] = products[here]!.exp().times(keep?.data[there] ?? 1);
  });
  const keys = scores.at(-1)!;
  const shares = weights.map((weight, place) => {
    const first = place - (place % keys);
    const total = weights.slice(first, first + keys).reduce((a, b) => a.plus(b), new Decimal(0));
    return total.isZero() ? total : weight.div(total);
  });
  return algebra.product({ shape: scores, data: shares }, v!, shape, false, false);
}

/** The same of heads that lie side by side in each row, `[…, time, heads · width]`, and so in the result. */
export function attentionOfHeads({ q, k, v, ...mask }: Inputs, scale: number, heads: number, shape: readonly number[]): Decimal[] {
  const [leading, time, values] = [shape.slice(0, -2), shape.at(-2)!, shape.at(-1)! / heads];
  const apart = ({ shape, data }: Big): Big => {
    const [rows, width] = [shape.at(-2)!, shape.at(-1)! / heads];
    return { shape: [...shape.slice(0, -2), heads, rows, width], data: exchanged(data, [rows, heads, width]) };
  };
  const y = attention({ q: apart(q!), k: apart(k!), v: apart(v!), ...mask }, scale, [...leading, heads, time, values]);
  return exchanged(y, [heads, time, values]);
}

/** Blocks of `[a, b, c]` as `[b, a, c]`. */
const exchanged = (data: readonly Decimal[], [a, b, c]: readonly [number, number, number]): Decimal[] =>
  data.map((_, place) => {
    const [block, row, column, last] = [
      Math.floor(place / (a * b * c)),
      Math.floor(place / (a * c)) % b,
      Math.floor(place / c) % a,
      place % c,
    ];
    return data[((block * a + column) * b + row) * c + last]!;
  });
