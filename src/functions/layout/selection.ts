/** Elements chosen by a mask, and where elements are that are not 0. How many there are depends on the numbers, so `vmap` cannot map the mask. */

import { newData } from '../../base/dtype.ts';
import { broadcastShape, sizeOf } from '../../base/shape.ts';
import { checkTensor, perform, Tensor } from '../../tensor/tensor.ts';
import { indexSelectOp } from './index-select.ts';

/** The places, in row-major order, of the elements that are not 0. NaN is not 0. */
function placesOf(mask: Tensor): Tensor<[number]> {
  const { numbers } = mask;
  let count = 0;
  for (let i = 0; i < numbers.length; i++) if (numbers[i] !== 0) count++;
  const places = newData('int32', count);
  for (let i = 0, next = 0; i < numbers.length; i++) if (numbers[i] !== 0) places[next++] = i;
  return new Tensor([count], places);
}

/**
 * The elements of `x` where a mask is not 0, one after another in row-major order. `x` and the mask broadcast. The gradient goes back to
 * where each element came from.
 * @param mask of any dtype, such as a comparison gives; NaN is not 0
 * @returns `[count]`
 * @throws ShapeError where the shapes do not broadcast.
 * @example
 * const x = Tensor.of([[1, -2], [3, -4]]);
 * maskedSelect(x, x.greater(0)).toArray() // => [1, 3]
 */
export function maskedSelect(x: Tensor, mask: Tensor): Tensor<[number]> {
  checkTensor('maskedSelect', 'x', x);
  checkTensor('maskedSelect', 'the mask', mask);
  const shape = broadcastShape('maskedSelect', x.sizes, mask.sizes);
  const line = x.broadcastTo(shape).reshape([sizeOf(shape)]);
  return perform(indexSelectOp, { x: line, indices: placesOf(mask.broadcastTo(shape)) }, { axis: 0 });
}

/**
 * The int32 indices of the elements that are not 0, in row-major order: a row for each, with an index for each axis. NaN is not 0.
 * `unbind(nonzero(x), 1)` has the indices of each axis by themselves, as `indexPut` takes them.
 * @returns `[count, rank]`
 * @example nonzero(Tensor.of([[0, 5], [7, 0]])).toArray() // => [[0, 1], [1, 0]]
 */
export function nonzero(x: Tensor): Tensor<[number, number]> {
  checkTensor('nonzero', 'x', x);
  const { size: count, numbers: places } = placesOf(x);
  const rows = newData('int32', count * x.rank);
  for (let i = 0; i < count; i++) {
    let place = places[i]!;
    for (let axis = x.rank - 1; axis >= 0; axis--) {
      const size = x.sizes[axis]!;
      rows[i * x.rank + axis] = place % size;
      place = Math.floor(place / size);
    }
  }
  return new Tensor([count, x.rank], rows);
}
