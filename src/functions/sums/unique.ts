/** What occurs in a tensor, each once. */

import { newData } from '../../base/dtype.ts';
import { normalizeAxis, sizeOf } from '../../base/shape.ts';
import { checkTensor, perform, Tensor } from '../../tensor/tensor.ts';
import { indexSelectOp } from '../layout/index-select.ts';
import { moveAxis } from '../layout/rearrange.ts';

/** What occurs, where, and how often. */
export interface Unique {
  /** Each once, in ascending order. */
  readonly values: Tensor;
  /** For each element, or each row along the axis, the int32 index among the values. */
  readonly inverse: Tensor;
  /** How often each occurs, as int32. */
  readonly counts: Tensor<[number]>;
}

/**
 * What occurs in a tensor, each once in ascending order: its elements, or its rows along an axis, which are ordered by their first element,
 * then by their second, and so on. NaN counts as the largest, and no NaN is equal to another. The gradient of a value goes to where it
 * occurs first.
 * @param axis default none: all elements
 * @returns `{ values, inverse, counts }`: `take(values, inverse)` is `x`
 * @throws ShapeError where there is no such axis.
 * @example
 * const { values, inverse, counts } = unique(Tensor.of([3, 1, 3]));
 * values.toArray() // => [1, 3]
 * inverse.toArray() // => [1, 0, 1]
 * counts.toArray() // => [1, 2]
 * unique(Tensor.of([[2, 1], [0, 5], [2, 1]]), 0).values.toArray() // => [[0, 5], [2, 1]]
 */
export function unique(x: Tensor, axis?: number): Unique {
  checkTensor('unique', 'x', x);
  const normal = axis === undefined ? 0 : normalizeAxis('unique', axis, x.sizes);
  const rows = axis === undefined ? x.reshape([x.size]) : moveAxis(x, normal, 0);
  const count = rows.sizes[0]!;
  const width = sizeOf(rows.sizes.slice(1));
  const compare = comparing(rows, width);
  const order = Int32Array.from({ length: count }, (_, i) => i).sort((i, j) => compare(i, j) || i - j);
  const inverse = newData('int32', count);
  const firsts: number[] = [];
  const counts: number[] = [];
  order.forEach((row, i) => {
    const isNew = i === 0 || compare(order[i - 1]!, row) !== 0 || hasNaN(rows, width, row);
    if (isNew) {
      firsts.push(row);
      counts.push(0);
    }
    counts[counts.length - 1]!++;
    inverse[row] = firsts.length - 1;
  });
  const list = (numbers: readonly number[]) => new Tensor<[number]>([numbers.length], Int32Array.from(numbers));
  const values = perform(indexSelectOp, { x: rows, indices: list(firsts) }, { axis: 0 });
  return {
    values: axis === undefined ? values : moveAxis(values, 0, normal),
    inverse: new Tensor(axis === undefined ? x.sizes : [count], inverse),
    counts: list(counts),
  };
}

/** The order of two rows: that of the first elements that differ. NaN comes last. */
function comparing({ numbers }: Tensor, width: number): (i: number, j: number) => number {
  return (i, j) => {
    for (let k = 0; k < width; k++) {
      const [a, b] = [numbers[i * width + k]!, numbers[j * width + k]!];
      const order = a < b ? -1 : a > b ? 1 : Number(a !== a) - Number(b !== b);
      if (order !== 0) return order;
    }
    return 0;
  };
}

const hasNaN = ({ numbers }: Tensor, width: number, row: number): boolean =>
  numbers.subarray(row * width, (row + 1) * width).some((x: number) => x !== x);
