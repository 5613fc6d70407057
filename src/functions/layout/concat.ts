/** Tensors joined along an axis that they have, or along a new one. */

import { calledAs } from '../../base/called-as.ts';
import { newData } from '../../base/dtype.ts';
import { ShapeError } from '../../base/errors.ts';
import { quote } from '../../base/options.ts';
import { around, formatShape, normalizeAxis, sameShape, sizeOf } from '../../base/shape.ts';
import type { Op, RuleArguments } from '../../tensor/op.ts';
import { checkTensor, perform, type Tensor } from '../../tensor/tensor.ts';

/** One tensor after another along an axis. The inputs are named 0, 1, 2, … */
export const concatOp: Op<`${number}`, { axis: number }> = {
  name: 'concat',
  batching: 'axes',
  dtypes: 'any',
  shape({ axis, ...parts }) {
    const [first, ...others] = Object.values(parts).map(({ sizes: shape }) => shape);
    others.forEach((shape, i) => {
      if (shape.length === first!.length && sameShape(shape.with(axis, 0), first!.with(axis, 0))) return;
      throw new ShapeError(
        `concat: tensor ${i + 1} of shape ${formatShape(shape)} does not follow ${formatShape(first!)} along axis ${axis}; ` +
          'all other sizes must agree',
      );
    });
    return first!.with(
      axis,
      Object.values(parts).reduce((total, { sizes: shape }) => total + shape[axis]!, 0),
    );
  },
  forward({ axis, ...parts }, shape) {
    const tensors: readonly Tensor[] = Object.values(parts);
    const out = newData(tensors[0]!.dtype, sizeOf(shape));
    const row = shape[axis]! * around(shape, axis).after;
    let column = 0;
    for (const { sizes: shape, numbers: data } of tensors) {
      const { before, count, after } = around(shape, axis);
      const width = count * after;
      for (let i = 0; i < before; i++) out.set(data.subarray(i * width, (i + 1) * width), i * row + column);
      column += width;
    }
    return out;
  },
  backward: (input) => (scene) => {
    const { dy, axis } = scene;
    const [start, end] = startsOf(scene).slice(Number(input), Number(input) + 2) as [number, number];
    return dy.slice(dy.sizes.map((_, i) => (i === axis ? [start, end] : null)));
  },
  sample(draw) {
    const shape = [draw.size(), draw.size()];
    const axis = draw.axis(shape);
    return { 0: draw.tensor(shape), 1: draw.tensor(shape.with(axis, draw.size())), 2: draw.tensor(shape), axis };
  },
};

/** Where each part starts along the axis, and where the last one ends, by the result that they were joined to: counted once for all parts. */
const starts = /* @__PURE__ */ new WeakMap<Tensor, readonly number[]>();

function startsOf(scene: RuleArguments<`${number}`, { axis: number }>): readonly number[] {
  const known = starts.get(scene.y);
  if (known) return known;
  const found = [0];
  for (let part = 0; scene[`${part}`]; part++) found.push(found[part]! + scene[`${part}`]!.sizes[scene.axis]!);
  starts.set(scene.y, found);
  return found;
}

/**
 * Tensors joined one after another along an axis. All other sizes must agree.
 * @param axis default 0
 * @throws ShapeError where they do not, or there are none.
 * @example concat([Tensor.of([[1, 2]]), Tensor.of([[3, 4]])]).toArray() // => [[1, 2], [3, 4]]
 * concat([Tensor.of([[1, 2]]), Tensor.of([[3, 4]])], 1).toArray() // => [[1, 2, 3, 4]]
 */
export function concat(tensors: readonly Tensor[], axis = 0): Tensor {
  checkList('concat', tensors);
  return perform(concatOp, { ...tensors }, { axis: normalizeAxis('concat', axis, tensors[0]!.sizes) });
}

/**
 * Tensors of one shape joined along a new axis.
 * @param axis the new axis's position in the result. Default 0
 * @throws ShapeError where the shapes differ, or there are none.
 * @example stack([Tensor.of([1, 2]), Tensor.of([3, 4])]).toArray() // => [[1, 2], [3, 4]]
 * stack([Tensor.of([1, 2]), Tensor.of([3, 4])], 1).toArray() // => [[1, 3], [2, 4]]
 */
export function stack(tensors: readonly Tensor[], axis = 0): Tensor {
  checkList('stack', tensors);
  const first = tensors[0]!.sizes;
  const misfit = tensors.findIndex(({ sizes: shape }) => !sameShape(shape, first));
  if (misfit >= 0)
    throw new ShapeError(
      `stack: expected tensors of one shape, got ${formatShape(first)} and, as tensor ${misfit}, ${formatShape(tensors[misfit]!.sizes)}`,
    );
  const at = normalizeAxis('stack', axis, [...first, 1]);
  const apart = tensors.map((x) => x.reshape(first.toSpliced(at, 0, 1)));
  return calledAs('stack', 'concat', () => concat(apart, at));
}

/** Refuses what is no list of tensors, and an empty one. */
export function checkList(name: string, tensors: readonly Tensor[]): void {
  if (!Array.isArray(tensors)) throw new ShapeError(`${name}: expected a list of tensors, ${name}([a, b]), got ${quote(tensors)}`);
  if (tensors.length === 0) throw new ShapeError(`${name}: expected at least one tensor, got none`);
  tensors.forEach((x, i) => {
    checkTensor(name, `part ${i}`, x);
  });
}
