/**
 * Elements by index along an axis as in NumPy, where indices and values broadcast. Without broadcasting there are `gather` and `scatter`.
 */

import { calledAs } from '../../base/called-as.ts';
import { ShapeError } from '../../base/errors.ts';
import { broadcastShape, broadcastsTo, formatShape, normalizeAxis, sameShape } from '../../base/shape.ts';
import type { Shape } from '../../base/shape-types.ts';
import { checkTensor, type Tensor, tensor } from '../../tensor/tensor.ts';
import { scatter } from './scatter.ts';

/** The axis, counted from the front, if there are as many axes of indices as of `x`. */
function checkAxis(name: string, x: Tensor, axis: number, indices: Tensor): number {
  checkTensor(name, 'x', x);
  checkTensor(name, 'the indices', indices);
  const normal = normalizeAxis(name, axis, x.sizes);
  if (indices.rank === x.rank) return normal;
  throw new ShapeError(
    `${name}: expected indices with as many axes as ${formatShape(x.sizes)}, got shape ${formatShape(indices.sizes)}; ` +
      'add axes with unsqueeze',
  );
}

const broadcast = (x: Tensor, to: Shape): Tensor => (sameShape(x.sizes, to) ? x : x.broadcastTo(to));

/**
 * The elements that int32 `indices` name along an axis: for axis 0 `y[i, j] = x[indices[i, j], j]`. `x` and the indices broadcast along all
 * other axes. With `argsort`, `argmax` … it gives the elements that these find.
 * @param indices as many axes as `x`
 * @throws ShapeError, and ValueError for an index out of range.
 * @example takeAlongAxis(Tensor.of([[1, 2], [3, 4]]), 1, Tensor.of([[1]], 'int32')).toArray() // => [[2], [4]]
 */
export function takeAlongAxis(x: Tensor, axis: number, indices: Tensor): Tensor {
  const normal = checkAxis('takeAlongAxis', x, axis, indices);
  const others = broadcastShape('takeAlongAxis', x.sizes.with(normal, 1), indices.sizes.with(normal, 1));
  const along = (part: Tensor) => broadcast(part, others.with(normal, part.sizes[normal]!));
  return calledAs('takeAlongAxis', 'gather', () => along(x).gather(normal, along(indices)));
}

/**
 * `x`, with elements replaced: for axis 0 `y[indices[i, j], j] = values[i, j]`; of several for one place the last in row-major order stays.
 * What is replaced has no gradient. The indices broadcast to `x` along all other axes, and the values to the indices.
 * @param indices int32, as many axes as `x`
 * @param values a number, or a tensor that broadcasts
 * @throws ShapeError, and ValueError for an index out of range.
 * @example putAlongAxis(Tensor.of([[1, 2], [3, 4]]), 1, Tensor.of([[0]], 'int32'), 9).toArray() // => [[9, 2], [9, 4]]
 */
export function putAlongAxis<S extends Shape>(x: Tensor<S>, axis: number, indices: Tensor, values: number | Tensor): Tensor<S> {
  const name = 'putAlongAxis';
  const normal = checkAxis(name, x, axis, indices);
  const shape = x.sizes.with(normal, indices.sizes[normal]!);
  const source = tensor(values, x, 'putAlongAxis');
  checkTensor(name, 'the values', source);
  for (const [what, part] of [
    ['indices', indices],
    ['values', source],
  ] as const)
    if (!broadcastsTo(part.sizes, shape))
      throw new ShapeError(
        `${name}: expected ${what} that broadcast to ${formatShape(shape)}, the shape of x but along axis ${normal}, ` +
          `got ${formatShape(part.sizes)}`,
      );
  return calledAs(name, 'scatter', () => scatter(x, normal, broadcast(indices, shape), broadcast(source, shape)));
}
