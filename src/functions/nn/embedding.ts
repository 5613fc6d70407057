/** Rows of a table that is learned. */

import { DtypeError, ShapeError, ValueError } from '../../base/errors.ts';
import { anything, type OptionTable, quote, readOptions, withoutDefault } from '../../base/options.ts';
import { formatShape } from '../../base/shape.ts';
import { checkTensor, type Tensor } from '../../tensor/tensor.ts';
import { inRange } from '../elementwise/in-range.ts';
import { stopGradient } from '../elementwise/stop-gradient.ts';
import { indexSelect } from '../layout/index-select.ts';

/** How rows of a table are learned. */
export interface EmbeddingOptions {
  /** The index of a row that gets no gradient. Default none. */
  readonly paddingIndex?: number;
}

export const embeddingOptions: OptionTable<EmbeddingOptions> = { paddingIndex: /* @__PURE__ */ withoutDefault(anything) };

/**
 * The rows of a table that int32 indices name.
 * @param weight `[count, width]`
 * @param indices int32, of any shape
 * @param options `paddingIndex`, default none
 * @returns `[...indices.shape, width]`
 * @throws ShapeError, and ValueError for an index out of range.
 * @example embedding(Tensor.of([[1, 2], [3, 4]]), Tensor.of([[1], [0]], 'int32')).toArray() // => [[[3, 4]], [[1, 2]]]
 */
export function embedding(weight: Tensor, indices: Tensor, options?: EmbeddingOptions): Tensor {
  const name = 'embedding';
  const { paddingIndex } = readOptions(name, options, embeddingOptions);
  checkTensor(name, 'weight', weight);
  checkTensor(name, 'the indices', indices);
  if (weight.rank !== 2) throw new ShapeError(`${name}: expected a table of shape [count, width], got ${formatShape(weight.sizes)}`);
  if (indices.dtype !== 'int32')
    throw new DtypeError(
      `${name}: expected int32 indices, got ${indices.dtype} of shape ${formatShape(indices.sizes)}; convert with cast('int32')`,
    );
  const [count, width] = weight.sizes as [number, number];
  if (paddingIndex !== undefined && !(Number.isInteger(paddingIndex) && paddingIndex >= 0 && paddingIndex < count))
    throw new ValueError(`${name}: expected a paddingIndex from 0 to ${count - 1}, got ${quote(paddingIndex)}`);
  const places = inRange(name, 'indices', indices.reshape([indices.size]), 0, count - 1);
  const found = indexSelect(weight, 0, places);
  const padding = paddingIndex === undefined ? undefined : places.reshape([indices.size, 1]).equal(paddingIndex);
  return (padding ? padding.where(stopGradient(found), found) : found).reshape([...indices.sizes, width]);
}
