/**
 * Elements reversed, shifted, repeated and split, and axes moved: functions composed of the primitive operations in
 * `tensor/ops/movement.ts`. What selects by index is in `index-select.ts` and `along-axis.ts`.
 */

import { ShapeError, ValueError } from '../../base/errors.ts';
import { checkShape, formatShape, normalizeAxes, normalizeAxis } from '../../base/shape.ts';
import type { Shape } from '../../base/shape-types.ts';
import type { Axes, Tensor } from '../../tensor/tensor.ts';
import { concat } from './concat.ts';

/**
 * The elements in reverse order along one axis, several, or, by default, all.
 * @throws ShapeError where there is no such axis.
 * @example flip(Tensor.of([1, 2, 3])).toArray() // => [3, 2, 1]
 */
export function flip<S extends Shape>(x: Tensor<S>, axes?: Axes): Tensor<S> {
  const turned = normalizeAxes('flip', axes, x.shape);
  return x.slice(x.shape.map((_, i) => (turned.includes(i) ? [null, null, -1] : null))) as Tensor;
}

/**
 * The elements shifted along an axis by `shift` places; those beyond the end reappear at the start.
 * @throws ShapeError where there is no such axis, ValueError for a fraction of a place.
 * @example roll(Tensor.of([1, 2, 3, 4]), 1, 0).toArray() // => [4, 1, 2, 3]
 */
export function roll<S extends Shape>(x: Tensor<S>, shift: number, axis: number): Tensor<S> {
  if (!Number.isInteger(shift)) throw new ValueError(`roll: expected a whole number of places, got ${shift}`);
  const normal = normalizeAxis('roll', axis, x.shape);
  const count = x.shape[normal]!;
  // A negative index counts from the end, as in any slice.
  const cut = count === 0 ? 0 : -shift % count;
  const part = (start: number, stop: number) => (x as Tensor).slice(x.shape.map((_, i) => (i === normal ? [start, stop] : null)));
  return cut === 0 ? x : (concat([part(cut, count), part(0, cut)], normal) as Tensor);
}

/**
 * The whole tensor repeated `repeats[i]` times along each axis `i`. For more repeats than axes, there are new axes in front.
 * @throws ShapeError for fewer repeats than axes.
 * @example tile(Tensor.of([1, 2]), [2]).toArray() // => [1, 2, 1, 2]
 */
export function tile(x: Tensor, repeats: readonly number[]): Tensor {
  if (repeats.length < x.rank)
    throw new ShapeError(`tile: expected a repeat for each axis of shape ${formatShape(x.shape)}, got ${formatShape(repeats)}`);
  checkShape('tile', repeats);
  const shape = [...repeats.slice(x.rank).map(() => 1), ...x.shape];
  // An axis for the repeats is inserted before each axis, and merged with it.
  const apart = x.reshape(shape.flatMap((size) => [1, size]));
  return apart.broadcastTo(shape.flatMap((size, i) => [repeats[i]!, size])).reshape(shape.map((size, i) => size * repeats[i]!));
}

/**
 * Each element repeated `repeats` times, one after another, along an axis.
 * @throws ShapeError where there is no such axis.
 * @example repeatInterleave(Tensor.of([1, 2]), 2, 0).toArray() // => [1, 1, 2, 2]
 */
export function repeatInterleave(x: Tensor, repeats: number, axis: number): Tensor {
  const normal = normalizeAxis('repeatInterleave', axis, x.shape);
  checkShape('repeatInterleave', [repeats]);
  const apart = x.reshape(x.shape.toSpliced(normal + 1, 0, 1));
  return apart.broadcastTo(apart.shape.with(normal + 1, repeats)).reshape(x.shape.with(normal, x.shape[normal]! * repeats));
}

/**
 * One axis moved to another position; the others keep their order.
 * @throws ShapeError where there is no such axis.
 * @example moveAxis(Tensor.zeros([2, 3, 4]), 0, -1).shape // => [3, 4, 2]
 */
export function moveAxis(x: Tensor, from: number, to: number): Tensor {
  const [source, target] = [normalizeAxis('moveAxis', from, x.shape), normalizeAxis('moveAxis', to, x.shape)];
  const others = [...x.shape.keys()].filter((axis) => axis !== source);
  return x.permute(others.toSpliced(target, 0, source));
}

/**
 * The parts of a tensor along an axis, one after another: all of one size (the last may be smaller), or of the sizes listed.
 * @param axis default 0, as in `concat`, which is the inverse
 * @throws ShapeError unless listed sizes add up to the axis, ValueError for a size below 1.
 * @example split(Tensor.of([1, 2, 3]), 2, 0).map((part) => part.toArray()) // => [[1, 2], [3]]
 */
export function split(x: Tensor, sizes: number | readonly number[], axis = 0): Tensor[] {
  const normal = normalizeAxis('split', axis, x.shape);
  const count = x.shape[normal]!;
  if (typeof sizes === 'number' && !(Number.isInteger(sizes) && sizes > 0))
    throw new ValueError(`split: expected a size from 1, got ${sizes}`);
  if (typeof sizes !== 'number') checkShape('split', sizes);
  const parts =
    typeof sizes === 'number' ? Array.from({ length: Math.ceil(count / sizes) }, (_, i) => Math.min(sizes, count - i * sizes)) : sizes;
  if (parts.reduce((a, b) => a + b, 0) !== count)
    throw new ShapeError(
      `split: sizes ${formatShape(parts)} do not make up axis ${normal} of shape ${formatShape(x.shape)}, which has ${count}`,
    );
  let start = 0;
  return parts.map((size) => {
    start += size;
    return x.slice(x.shape.map((_, i) => (i === normal ? [start - size, start] : null)));
  });
}
