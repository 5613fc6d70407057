/** Sums, means and maxima over bags of rows of a table that is learned. */

import { DtypeError, ShapeError, ValueError } from '../../base/errors.ts';
import { anything, extend, type OptionTable, oneOf, optional, quote, readOptions, withoutDefault } from '../../base/options.ts';
import { formatShape, sameShape } from '../../base/shape.ts';
import { checkTensor, Tensor } from '../../tensor/tensor.ts';
import { take } from '../layout/index-select.ts';
import { type EmbeddingOptions, embedding, embeddingOptions } from './embedding.ts';

/** What is made of the rows of a bag. */
export type BagMode = 'sum' | 'mean' | 'max';

/** How bags are made, and what is made of them. */
export interface EmbeddingBagOptions extends EmbeddingOptions {
  /** The index of a row that gets no gradient, and that counts in no bag. Default none. */
  readonly paddingIndex?: number;
  /** Default `'mean'`. */
  readonly mode?: BagMode;
  /** Where each bag begins in a list of indices: int32, from 0, ascending. Default: each row of a matrix of indices is a bag. */
  readonly offsets?: Tensor | undefined;
  /** A factor for each index, in a sum. Default none. */
  readonly perSampleWeights?: Tensor | undefined;
}

export const bagMode = /* @__PURE__ */ optional(/* @__PURE__ */ oneOf('sum', 'mean', 'max'), 'mean' as BagMode);

const embeddingBagOptions: OptionTable<EmbeddingBagOptions> = /* @__PURE__ */ extend(embeddingOptions, {
  mode: bagMode,
  offsets: /* @__PURE__ */ withoutDefault(anything),
  perSampleWeights: /* @__PURE__ */ withoutDefault(anything),
});

/**
 * The sum, mean or maximum, element by element, of those rows of a table that each bag of int32 indices names. What is made of an empty bag
 * is 0. Elements that tie for a maximum share its gradient.
 * @param weight `[count, width]`
 * @param indices `[bags, size]`, or a list of all indices, with `offsets`
 * @param options `mode`, default `'mean'`; `offsets`, `paddingIndex` and `perSampleWeights`, the shape of `indices`, default none
 * @returns `[bags, width]`
 * @throws ShapeError, DtypeError; ValueError for an index out of range, offsets that do not ascend from 0, and weights without a sum.
 * @example
 * const table = Tensor.of([[1, 2], [3, 4], [5, 6]]);
 * embeddingBag(table, Tensor.of([[0, 2], [1, 1]], 'int32')).toArray() // => [[3, 4], [3, 4]]
 * embeddingBag(table, Tensor.of([0, 1, 2], 'int32'), { mode: 'sum', offsets: Tensor.of([0, 1], 'int32') }).toArray() // => [[1, 2], [8, 10]]
 */
export function embeddingBag(weight: Tensor, indices: Tensor, options?: EmbeddingBagOptions): Tensor {
  const name = 'embeddingBag';
  const { mode, offsets, paddingIndex, perSampleWeights } = readOptions<EmbeddingBagOptions>(name, options, embeddingBagOptions);
  checkTensor(name, 'weight', weight);
  checkIndices(name, 'indices', indices, offsets === undefined ? '[bags, size]' : '[count]');
  if (perSampleWeights !== undefined) checkWeights(name, perSampleWeights, weight, indices, mode);
  const places = offsets === undefined ? undefined : placesOf(name, offsets, indices);
  const rows = places ? take(indices, places.indices) : indices;
  const factors = places && perSampleWeights ? take(perSampleWeights, places.indices) : perSampleWeights;
  const found = embedding(weight, rows, paddingIndex === undefined ? {} : { paddingIndex });
  const padding = paddingIndex === undefined ? undefined : rows.notEqual(paddingIndex);
  const keep = places && padding ? places.keep.mul(padding) : (places?.keep ?? padding);
  return pooled(factors ? found.mul(factors.unsqueeze(-1)) : found, keep?.cast(weight.dtype).unsqueeze(-1), mode!);
}

/** What is made of `[bags, size, width]`, of which a mask `[bags, size, 1]` may leave rows out. */
function pooled(rows: Tensor, keep: Tensor | undefined, mode: BagMode): Tensor {
  const [bags, size, width] = rows.sizes as [number, number, number];
  if (size === 0) return Tensor.zeros([bags, width], rows.dtype);
  if (mode === 'sum') return (keep ? keep.where(rows, 0) : rows).sum(1);
  if (!keep) return mode === 'mean' ? rows.mean(1) : rows.max(1);
  const count: Tensor = keep.sum(1);
  if (mode === 'mean') return keep.where(rows, 0).sum(1).div(count.maximum(1));
  return count.where(keep.where(rows, -Infinity).max(1), 0);
}

/** The bags of a list as rows of a matrix: which place of the list each element is, and which elements are there. */
function placesOf(name: string, offsets: Tensor, { size: total }: Tensor): { readonly indices: Tensor; readonly keep: Tensor } {
  checkIndices(name, 'offsets', offsets, '[count]');
  const starts = offsets.numbers;
  if (!starts.every((start, i) => (i === 0 ? start === 0 : start >= starts[i - 1]!) && start <= total))
    throw new ValueError(
      `${name}: expected offsets that ascend from 0 to at most ${total}, the number of indices, got ${quote([...starts])}`,
    );
  if (starts.length === 0 && total > 0) throw new ValueError(`${name}: expected an offset for the bag of ${total} indices, got none`);
  const sizes = Array.from(starts, (start, bag) => (starts[bag + 1] ?? total) - start);
  const longest = sizes.reduce((a, b) => Math.max(a, b), 0);
  const element = Tensor.arange(longest, 'int32').reshape([1, longest]) as Tensor;
  const keep = element.less(Tensor.fromTypedArray(Int32Array.from(sizes)).unsqueeze(-1));
  return { indices: keep.where(element.add(offsets.unsqueeze(-1)), 0), keep };
}

function checkIndices(name: string, what: string, x: unknown, shape: '[bags, size]' | '[count]'): asserts x is Tensor {
  checkTensor(name, what, x);
  if (x.dtype === 'int32' && x.rank === (shape === '[count]' ? 1 : 2)) return;
  const got = `${x.dtype} ${formatShape(x.sizes)}`;
  if (x.dtype !== 'int32') throw new DtypeError(`${name}: expected ${what} in int32, got ${got}; convert them with cast('int32')`);
  const hint = what === 'indices' ? (shape === '[count]' ? ', since there are offsets' : '; a list of indices needs offsets') : '';
  throw new ShapeError(`${name}: expected ${what} of shape ${shape}, got ${got}${hint}`);
}

function checkWeights(name: string, factors: unknown, weight: Tensor, indices: Tensor, mode: BagMode | undefined): void {
  checkTensor(name, 'perSampleWeights', factors);
  if (mode !== 'sum') throw new ValueError(`${name}: expected mode: 'sum' beside perSampleWeights, got ${quote(mode)}`);
  if (factors.dtype === weight.dtype && sameShape(factors.sizes, indices.sizes)) return;
  throw new ShapeError(
    `${name}: expected perSampleWeights in ${weight.dtype} of shape ${formatShape(indices.sizes)}, as the indices, got ${factors.dtype} ${formatShape(factors.sizes)}`,
  );
}
