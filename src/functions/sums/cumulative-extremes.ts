/** The largest and the smallest element so far along an axis. */

import { newData } from '../../base/dtype.ts';
import { type Draw, distinct, type Op } from '../../tensor/op.ts';
import { perform, type Tensor } from '../../tensor/tensor.ts';
import type { Sorted } from './order.ts';
import { along, running } from './scan.ts';

/** The index along an axis of the best of each element and all before it: of those that tie the first, and of NaN the first. */
export const cumulativeExtremeOp: Op<'x', { axis: number; largest: boolean }> = {
  name: 'cumulativeExtreme',
  batching: 'axes',
  dtypes: 'any',
  shape: ({ x }) => x.sizes,
  forward({ x, axis, largest }) {
    const found = newData('int32', x.size);
    let [best, index] = [0, 0];
    along(x.sizes, { axis, reverse: false }, (place, nth) => {
      const candidate = x.numbers[place]!;
      const isBetter = largest ? candidate > best : candidate < best;
      if (nth === 0 || (best === best && (isBetter || candidate !== candidate))) [best, index] = [candidate, nth];
      found[place] = index;
    });
    return found;
  },
  backward: { x: null },
  sample(draw: Draw) {
    const shape = [draw.size(), draw.size()];
    return { x: draw.tensor(shape, distinct), axis: draw.axis(shape), largest: draw.oneOf(false, true) };
  },
};

/**
 * The largest of each element and all before it along an axis, and its index: of those that tie the first; NaN from the first one on. The
 * gradient goes to that element.
 * @param axis default the last
 * @throws ShapeError where there is no such axis.
 * @example cummax(Tensor.of([1, 3, 2])).values.toArray() // => [1, 3, 3]
 */
export const cummax = (x: Tensor, axis = -1): Sorted => extremes('cummax', x, axis, true);

/**
 * The smallest of each element and all before it along an axis, and its index: of those that tie the first; NaN from the first one on. The
 * gradient goes to that element.
 * @param axis default the last
 * @throws ShapeError where there is no such axis.
 * @example cummin(Tensor.of([3, 1, 2])).indices.toArray() // => [0, 1, 1]
 */
export const cummin = (x: Tensor, axis = -1): Sorted => extremes('cummin', x, axis, false);

function extremes(name: string, x: Tensor, axis: number, largest: boolean): Sorted {
  const { axis: normal } = running(name, x, axis);
  const indices = perform(cumulativeExtremeOp, { x }, { axis: normal, largest });
  return { values: x.gather(normal, indices), indices };
}
