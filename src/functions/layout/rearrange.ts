/**
 * Elements reversed, shifted, repeated and split, and axes moved: functions composed of the primitive operations in
 * `tensor/ops/movement.ts`. What selects by index is in `index-select.ts` and `along-axis.ts`.
 */

import { ShapeError } from '../../base/errors.ts';
import { check, wholeNumber, wholeNumberFrom } from '../../base/options.ts';
import { checkShape, formatShape, normalizeAxes, normalizeAxis } from '../../base/shape.ts';
import type { Shape } from '../../base/shape-types.ts';
import { type Axes, checkTensor, type Tensor } from '../../tensor/tensor.ts';
import { checkList, concat } from './concat.ts';

/**
 * The elements in reverse order along one axis, several, or, by default, all.
 * @throws ShapeError where there is no such axis.
 * @example flip(Tensor.of([1, 2, 3])).toArray() // => [3, 2, 1]
 */
export function flip<S extends Shape>(x: Tensor<S>, axes?: Axes): Tensor<S> {
  checkTensor('flip', 'x', x);
  const turned = normalizeAxes('flip', axes, x.sizes);
  return x.slice(x.sizes.map((_, i) => (turned.includes(i) ? [null, null, -1] : null))) as Tensor;
}

/**
 * The elements shifted along an axis by `shift` places; those beyond the end reappear at the start.
 * @param shift one for all axes, or one for each
 * @param axes one axis, or several. Default: all elements in row-major order, as if there were one axis
 * @throws ShapeError where there is no such axis or no shift for it, ValueError for a fraction of a place.
 * @example roll(Tensor.of([1, 2, 3, 4]), 1, 0).toArray() // => [4, 1, 2, 3]
 * roll(Tensor.of([[1, 2], [3, 4]]), [1, 1], [0, 1]).toArray() // => [[4, 3], [2, 1]]
 * roll(Tensor.of([[1, 2], [3, 4]]), 1).toArray() // => [[4, 1], [2, 3]]
 */
export function roll<S extends Shape>(x: Tensor<S>, shift: number | readonly number[], axes?: Axes): Tensor<S> {
  checkTensor('roll', 'x', x);
  if (axes === undefined) return roll(x.reshape([x.size]) as Tensor, shift, 0).reshape(x.sizes) as Tensor;
  const along = typeof axes === 'number' ? [axes] : axes;
  normalizeAxes('roll', along, x.sizes);
  const shifts = Array.isArray(shift) ? (shift as readonly number[]) : along.map(() => shift as number);
  for (const each of shifts) check('roll', { shift: each }, wholeNumber);
  if (shifts.length !== along.length)
    throw new ShapeError(`roll: expected a shift for each of the axes ${formatShape(along)}, got ${formatShape(shifts)}`);
  // Not the tensor itself, which may be a parameter and change.
  return along.reduce<Tensor>((y, axis, i) => rollAlong(y, shifts[i]!, normalizeAxis('roll', axis, x.sizes)), x.reshape(x.sizes)) as Tensor;
}

function rollAlong(x: Tensor, shift: number, axis: number): Tensor {
  const count = x.sizes[axis]!;
  // A negative index counts from the end, as in any slice.
  const cut = count === 0 ? 0 : -shift % count;
  const part = (start: number, stop: number) => x.slice(x.sizes.map((_, i) => (i === axis ? [start, stop] : null)));
  return cut === 0 ? x : concat([part(cut, count), part(0, cut)], axis);
}

/**
 * The whole tensor repeated `repeats[i]` times along each axis `i`. For more repeats than axes, there are new axes in front.
 * @throws ShapeError for fewer repeats than axes.
 * @example tile(Tensor.of([1, 2]), [2]).toArray() // => [1, 2, 1, 2]
 */
export function tile(x: Tensor, repeats: readonly number[]): Tensor {
  checkTensor('tile', 'x', x);
  checkShape('tile', repeats);
  if (repeats.length < x.rank)
    throw new ShapeError(`tile: expected a repeat for each axis of shape ${formatShape(x.sizes)}, got ${formatShape(repeats)}`);
  const shape = [...repeats.slice(x.rank).map(() => 1), ...x.sizes];
  const result = shape.map((size, i) => size * repeats[i]!);
  checkShape('tile', result);
  // An axis for the repeats is inserted before each axis, and merged with it.
  const apart = x.reshape(shape.flatMap((size) => [1, size]));
  return apart.broadcastTo(shape.flatMap((size, i) => [repeats[i]!, size])).reshape(result);
}

/**
 * Each element repeated `repeats` times, one after another, along an axis.
 * @throws ShapeError where there is no such axis.
 * @example repeatInterleave(Tensor.of([1, 2]), 2, 0).toArray() // => [1, 1, 2, 2]
 */
export function repeatInterleave(x: Tensor, repeats: number, axis: number): Tensor {
  checkTensor('repeatInterleave', 'x', x);
  const normal = normalizeAxis('repeatInterleave', axis, x.sizes);
  checkShape('repeatInterleave', [repeats]);
  const result = x.sizes.with(normal, x.sizes[normal]! * repeats);
  checkShape('repeatInterleave', result);
  const apart = x.reshape(x.sizes.toSpliced(normal + 1, 0, 1));
  return apart.broadcastTo(apart.sizes.with(normal + 1, repeats)).reshape(result);
}

/**
 * One axis moved to another position; the others keep their order.
 * @throws ShapeError where there is no such axis.
 * @example moveAxis(Tensor.zeros([2, 3, 4]), 0, -1).shape // => [3, 4, 2]
 */
export function moveAxis(x: Tensor, from: number, to: number): Tensor {
  checkTensor('moveAxis', 'x', x);
  const [source, target] = [normalizeAxis('moveAxis', from, x.sizes), normalizeAxis('moveAxis', to, x.sizes)];
  const others = [...x.sizes.keys()].filter((axis) => axis !== source);
  return x.permute(others.toSpliced(target, 0, source));
}

/**
 * The coordinates of a grid: of vectors of sizes `m`, `n`, … as many tensors of shape `[m, n, …]`, of which the first changes along the
 * first axis, the second along the second, and so on.
 * @throws ShapeError for what is no vector, or no list.
 * @example meshgrid([Tensor.of([1, 2]), Tensor.of([3, 4])]).map((x) => x.toArray()) // => [[[1, 1], [2, 2]], [[3, 4], [3, 4]]]
 */
export function meshgrid(vectors: readonly Tensor[]): Tensor[] {
  checkList('meshgrid', vectors);
  const misfit = vectors.find((x) => x.rank !== 1);
  if (misfit) throw new ShapeError(`meshgrid: expected vectors, got shape ${formatShape(misfit.sizes)}`);
  const sizes = vectors.map((x) => x.size);
  checkShape('meshgrid', sizes);
  return vectors.map((x, axis) => x.reshape(sizes.map((size, i) => (i === axis ? size : 1))).broadcastTo(sizes));
}

/**
 * The parts of a tensor along an axis, one after another: all of one size (the last may be smaller), or of the sizes listed. Of an axis
 * without elements there is one part.
 * @param axis default 0, as in `concat`, which is the inverse
 * @throws ShapeError unless listed sizes add up to the axis, ValueError for a size below 1.
 * @example split(Tensor.of([1, 2, 3]), 2, 0).map((part) => part.toArray()) // => [[1, 2], [3]]
 */
export function split(x: Tensor, sizes: number | readonly number[], axis = 0): Tensor[] {
  return parts('split', x, sizes, axis);
}

/**
 * At most `count` parts of one size along an axis; the last may be smaller, and there are fewer where fewer hold all, but one at least.
 * @param axis default 0
 * @throws ShapeError where there is no such axis, ValueError for a count below 1.
 * @example chunk(Tensor.of([1, 2, 3]), 2).map((part) => part.toArray()) // => [[1, 2], [3]]
 */
export function chunk(x: Tensor, count: number, axis = 0): Tensor[] {
  checkTensor('chunk', 'x', x);
  check('chunk', { count }, wholeNumberFrom(1));
  const size = x.sizes[normalizeAxis('chunk', axis, x.sizes)]!;
  return parts('chunk', x, Math.max(1, Math.ceil(size / count)), axis);
}

/**
 * The elements of a tensor along an axis, which they do not have any more. `stack` is the inverse.
 * @param axis default 0
 * @throws ShapeError where there is no such axis.
 * @example unbind(Tensor.of([[1, 2], [3, 4]])).map((row) => row.toArray()) // => [[1, 2], [3, 4]]
 */
export function unbind(x: Tensor, axis = 0): Tensor[] {
  checkTensor('unbind', 'x', x);
  const normal = normalizeAxis('unbind', axis, x.sizes);
  return Array.from({ length: x.sizes[normal]! }, (_, i) => x.slice(x.sizes.map((_, j) => (j === normal ? i : null))));
}

function parts(name: string, x: Tensor, sizes: number | readonly number[], axis: number): Tensor[] {
  checkTensor(name, 'x', x);
  const normal = normalizeAxis(name, axis, x.sizes);
  const count = x.sizes[normal]!;
  if (typeof sizes === 'number') check(name, { sizes }, wholeNumberFrom(1));
  else checkShape(name, sizes);
  const each =
    typeof sizes === 'number'
      ? Array.from({ length: Math.max(1, Math.ceil(count / sizes)) }, (_, i) => Math.min(sizes, count - i * sizes))
      : sizes;
  if (each.reduce((a, b) => a + b, 0) !== count)
    throw new ShapeError(
      `${name}: sizes ${formatShape(each)} do not make up axis ${normal} of shape ${formatShape(x.sizes)}, which has ${count}`,
    );
  let start = 0;
  return each.map((size) => {
    start += size;
    return x.slice(x.sizes.map((_, i) => (i === normal ? [start - size, start] : null)));
  });
}
