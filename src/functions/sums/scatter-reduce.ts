/** Elements combined by index along an axis with what is there: added, multiplied, averaged, or the largest or smallest kept. */

import { calledAs } from '../../base/called-as.ts';
import { boolean, check, type OptionTable, oneOf, optional, readOptions } from '../../base/options.ts';
import { normalizeAxis } from '../../base/shape.ts';
import type { Shape } from '../../base/shape-types.ts';
import type { Range } from '../../base/slicing.ts';
import { distinct, type Op } from '../../tensor/op.ts';
import { checkIndexed, checkOneEach, placesOf, sampleOfIndices } from '../../tensor/ops/indexing.ts';
import { checkTensor, perform, Tensor, where } from '../../tensor/tensor.ts';
import { numbersOf } from '../../tensor/traced.ts';
import { concat } from '../layout/concat.ts';
import { flip } from '../layout/rearrange.ts';
import { scatter } from '../layout/scatter.ts';
import { argsort } from './order.ts';

/** For each index, how many before it in row-major order name the same place of a tensor of shape `to`. */
export const occurrenceOp: Op<'x', { to: Shape; axis: number }> = {
  name: 'occurrence',
  batching: 'axes',
  indices: ['x'],
  shape: ({ x, to, axis }) => checkIndexed('occurrence', to, x.sizes, axis),
  forward({ x, to, axis }) {
    const seen = new Map<number, number>();
    return Int32Array.from(placesOf('occurrence', to, x, axis), (place) => {
      const before = seen.get(place) ?? 0;
      seen.set(place, before + 1);
      return before;
    });
  },
  backward: { x: null },
  sample(draw) {
    const { to, axis, indices } = sampleOfIndices(draw);
    return { x: indices, to, axis };
  },
};

/** The largest, or the smallest, of each element of `x` and those of `source` whose index names it. Those that tie share the gradient evenly. */
export const scatterExtremeOp: Op<'x' | 'indices' | 'source', { axis: number; largest: boolean }> = {
  name: 'scatterExtreme',
  batching: 'axes',
  dtypes: 'any',
  indices: ['indices'],
  shape({ x, indices, source, axis }) {
    checkIndexed('scatterExtreme', x.sizes, indices.sizes, axis);
    checkOneEach('scatterExtreme', indices.sizes, source.sizes);
    return x.sizes;
  },
  forward({ x, indices, source, axis, largest }) {
    const out = x.numbers.slice();
    const { numbers } = source;
    placesOf('scatterExtreme', x.sizes, indices, axis).forEach((place, i) => {
      const [candidate, best] = [numbers[i]!, out[place]!];
      // NaN stays, and comes before every number.
      if (best === best && (candidate !== candidate || (largest ? candidate > best : candidate < best))) out[place] = candidate;
    });
    return out;
  },
  backward: {
    x({ dy, x, y, indices, source, axis }) {
      return x
        .equal(y)
        .mul(dy)
        .div(tiesOf(x, y, indices, source, axis));
    },
    indices: null,
    source({ dy, x, y, indices, source, axis }) {
      const share = dy.div(tiesOf(x, y, indices, source, axis)).gather(axis, indices);
      return source.equal(y.gather(axis, indices)).mul(share);
    },
  },
  sample(draw) {
    const { to, axis, indices } = sampleOfIndices(draw);
    // All at once, so that no two of them are nearly equal.
    const all = draw.tensor([to[0]! * to[1]! + indices.size], distinct);
    const x = all.slice([[0, to[0]! * to[1]!]]).reshape(to);
    const source = all.slice([[to[0]! * to[1]!, null]]).reshape(indices.sizes);
    return { x, indices, source, axis, largest: draw.oneOf(false, true) };
  },
};

/** How many of the elements that were compared are what came out. */
const tiesOf = (x: Tensor, y: Tensor, indices: Tensor, source: Tensor, axis: number): Tensor =>
  x.equal(y).add(source.equal(y.gather(axis, indices)).scatterSum(x.sizes, axis, indices));

/** How elements for one place are combined. */
export type ScatterReduction = 'sum' | 'prod' | 'mean' | 'amax' | 'amin';

/** Whether elements of `x` count where others are combined with them. */
export interface ScatterReduceOptions {
  /** Default `true`. */
  readonly includeSelf?: boolean;
}

const SCATTER_REDUCE: OptionTable<ScatterReduceOptions> = /* @__PURE__ */ (() => ({ includeSelf: optional(boolean, true) }))();

/** What changes nothing when it is combined. */
const NEUTRAL: Readonly<Record<ScatterReduction, number>> = { sum: 0, mean: 0, prod: 1, amax: -Infinity, amin: Infinity };
const LIMITS: Readonly<Partial<Record<ScatterReduction, number>>> = { amax: -(2 ** 31), amin: 2 ** 31 - 1 };

/**
 * `x`, with elements combined by index: for axis 0 `y[indices[i, j], j]` is the sum, the product, the mean, the largest or the smallest of
 * the element that is there and all `source[i, j]` of this place. The mean of int32 is rounded down. Derivatives of products are right
 * where factors are 0; of the largest and the smallest, those that tie share the gradient evenly.
 * @param indices int32, as many axes as `x`
 * @param source of the indices' shape
 * @param reduction `'sum'`, `'prod'`, `'mean'`, `'amax'` or `'amin'`
 * @param options `includeSelf`, default `true`: `false` leaves out the elements of `x` that any index names
 * @throws ShapeError, and ValueError for an index out of range.
 * @example
 * const [x, indices, source] = [Tensor.of([1, 2, 3]), Tensor.of([0, 0, 2], 'int32'), Tensor.of([5, 6, 7])];
 * scatterReduce(x, 0, indices, source, 'amax').toArray() // => [6, 2, 7]
 * scatterReduce(x, 0, indices, source, 'sum', { includeSelf: false }).toArray() // => [11, 2, 7]
 */
export function scatterReduce<S extends Shape>(
  x: Tensor<S>,
  axis: number,
  indices: Tensor,
  source: Tensor,
  reduction: ScatterReduction,
  options?: ScatterReduceOptions,
): Tensor<S> {
  const name = 'scatterReduce';
  for (const [what, given] of Object.entries({ x, 'the indices': indices, 'the source': source })) checkTensor(name, what, given);
  check(name, { reduction }, oneOf('sum', 'prod', 'mean', 'amax', 'amin'));
  const { includeSelf } = readOptions<ScatterReduceOptions>(name, options, SCATTER_REDUCE);
  const normal = normalizeAxis(name, axis, x.sizes);
  const named = ['scatterSum', 'scatterExtreme', 'occurrence', 'scatter', 'add', 'mul'];
  const run = (): Tensor => {
    const counts = Tensor.ones(source.sizes, x.dtype).scatterSum(x.sizes, normal, indices);
    const neutral = (x.dtype === 'int32' && LIMITS[reduction]) || NEUTRAL[reduction];
    const start = includeSelf ? x : where(counts.greater(0), neutral, x);
    if (reduction === 'prod') return product(start, normal, indices, source);
    if (reduction === 'amax' || reduction === 'amin')
      return perform(scatterExtremeOp, { x: start, indices, source }, { axis: normal, largest: reduction === 'amax' });
    const total = start.add(source.scatterSum(x.sizes, normal, indices));
    return reduction === 'sum' ? total : total.div(counts.add(includeSelf ? 1 : 0).maximum(1));
  };
  return named.reduce<() => Tensor>((inner, operation) => () => calledAs(name, operation, inner), run)();
}

/**
 * A product for each place: elements for one place are made neighbours, and multiplied by two, those products by two, and so on. No factor is
 * divided by, and the time does not depend on how many places there are, nor on whether one has most of the elements.
 */
function product(x: Tensor, axis: number, indices: Tensor, source: Tensor): Tensor {
  const unsorted = perform(occurrenceOp, { x: indices }, { to: x.sizes, axis });
  let most = 0;
  for (const n of numbersOf(unsorted)) most = Math.max(most, n + 1);
  if (most === 0) return x.mul(1);
  const order = argsort(indices, axis);
  const nth = unsorted.gather(axis, order);
  const part = (of: Tensor, range: Range) => of.slice(of.sizes.map((_, i) => (i === axis ? range : null)));
  let products = source.gather(axis, order);
  for (let step = 1; step < most; step *= 2) {
    const [here, there] = [part(nth, [0, -step]), part(nth, [step, null])];
    const isFirstOfTwo = here
      .div(2 * step)
      .mul(2 * step)
      .equal(here)
      .mul(there.equal(here.add(step)));
    const other = isFirstOfTwo.where(part(products, [step, null]), 1);
    products = concat([part(products, [0, -step]).mul(other), part(products, [-step, null])], axis);
  }
  // Of several for one place the last stays: the first, which has the whole product.
  const all = scatter(Tensor.ones(x.sizes, x.dtype), axis, flip(indices.gather(axis, order), axis), flip(products, axis));
  return x.mul(all);
}
