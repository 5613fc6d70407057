/** Rows of a table that is learned. */

import { ShapeError } from '../../base/errors.ts';
import { formatShape } from '../../base/shape.ts';
import { checkTensor, type Tensor } from '../../tensor/tensor.ts';
import { stopGradient } from '../elementwise/stop-gradient.ts';
import { checkRange, indexSelect } from '../layout/index-select.ts';

/** How rows of a table are learned. */
export interface EmbeddingOptions {
  /** The index of a row that gets no gradient. Default none. */
  readonly paddingIndex?: number;
}

/**
 * The rows of a table that int32 indices name.
 * @param weight `[count, width]`
 * @param indices int32, of any shape
 * @returns `[...indices.shape, width]`
 * @throws ShapeError, and ValueError for an index out of range.
 * @example embedding(Tensor.of([[1, 2], [3, 4]]), Tensor.of([[1], [0]], 'int32')).toArray() // => [[[3, 4]], [[1, 2]]]
 */
export function embedding(weight: Tensor, indices: Tensor, { paddingIndex }: EmbeddingOptions = {}): Tensor {
  checkTensor('embedding', 'weight', weight);
  if (weight.rank !== 2) throw new ShapeError(`embedding: expected a table of shape [count, width], got ${formatShape(weight.shape)}`);
  checkTensor('embedding', 'the indices', indices);
  checkRange('embedding', weight.shape, indices, 0);
  const found = indexSelect(weight, 0, indices.reshape([-1]));
  const padding = paddingIndex === undefined ? undefined : indices.reshape([-1, 1]).equal(paddingIndex);
  return (padding ? padding.where(stopGradient(found), found) : found).reshape([...indices.shape, weight.shape[1]!]);
}
