/**
 * Cumulative sums and products along an axis, computed in float64 from one end to the other and rounded when they are stored; and products
 * of all.
 */

import { calledAs } from '../../base/called-as.ts';
import { convert, type Dtype, newData } from '../../base/dtype.ts';
import { ShapeError } from '../../base/errors.ts';
import { around, formatShape, kept, normalizeAxes, normalizeAxis, sameShape, sizeOf, without } from '../../base/shape.ts';
import type { Shape } from '../../base/shape-types.ts';
import type { Range } from '../../base/slicing.ts';
import { keepsDims } from '../../tensor/composed.ts';
import type { Op } from '../../tensor/op.ts';
import { stored, totalsOf } from '../../tensor/ops/indexing.ts';
import { type Axes, checkTensor, type KeepDims, perform, Tensor } from '../../tensor/tensor.ts';
import { concat } from '../layout/concat.ts';

/** The axis of a scan, and whether it runs from the end to the start. */
export interface Running {
  readonly axis: number;
  readonly reverse: boolean;
}

/** Visits the elements of each line along an axis in order; `next` gets the place of each, and its number along the line. */
export function along(shape: Shape, { axis, reverse }: Running, next: (place: number, nth: number) => void): void {
  const { before, count, after } = around(shape, axis);
  for (let block = 0; block < before; block++) {
    for (let column = 0; column < after; column++) {
      const first = block * count * after + column;
      for (let nth = 0; nth < count; nth++) next(first + (reverse ? count - 1 - nth : nth) * after, nth);
    }
  }
}

/** The elements shifted by some places in the direction of the scan; `fill` comes in, and what leaves is dropped. */
export function shifted(x: Tensor, { axis, reverse }: Running, fill = 0, by = 1): Tensor {
  const count = x.sizes[axis]!;
  if (count === 0) return x;
  const rest = x.slice(x.sizes.map((_, i) => (i === axis ? (reverse ? [by, count] : [0, count - by]) : null)));
  const edge = Tensor.full(x.sizes.with(axis, by), fill, x.dtype);
  return concat(reverse ? [rest, edge] : [edge, rest], axis);
}

export const sampleOf = (draw: Parameters<Op['sample']>[0]): { x: Tensor } & Running => {
  const shape = [draw.size(), draw.size(), draw.size()];
  return { x: draw.tensor(shape), axis: draw.axis(shape), reverse: draw.oneOf(false, true) };
};

/** `yᵢ = xᵢ + yᵢ₋₁`. The scan in the opposite direction is its adjoint. */
export const cumsumOp: Op<'x', Running> = {
  name: 'cumsum',
  batching: 'axes',
  dtypes: 'any',
  shape: ({ x }) => x.sizes,
  forward({ x, axis, reverse }) {
    const out = totalsOf(x.size);
    let total = 0;
    along(x.sizes, { axis, reverse }, (place, nth) => {
      total = (nth === 0 ? 0 : total) + x.numbers[place]!;
      out[place] = total;
    });
    return stored('cumsum', out, x.dtype);
  },
  backward: { x: ({ dy, axis, reverse }) => perform(cumsumOp, { x: dy }, { axis, reverse: !reverse }) },
  sample: sampleOf,
};

/** `yᵢ = aᵢ yᵢ₋₁ + bᵢ`, from `y₋₁ = 0`. Its gradient is such a recurrence in the opposite direction. */
export const linearRecurrenceOp: Op<'a' | 'b', Running> = {
  name: 'linearRecurrence',
  batching: 'axes',
  shape({ a, b }) {
    if (sameShape(a.sizes, b.sizes)) return a.sizes;
    throw new ShapeError(`linearRecurrence: expected a factor for each element, got ${formatShape(a.sizes)} for ${formatShape(b.sizes)}`);
  },
  forward({ a, b, axis, reverse }) {
    const out = newData(a.dtype, a.size);
    let y = 0;
    along(a.sizes, { axis, reverse }, (place, nth) => {
      y = nth === 0 ? b.numbers[place]! : a.numbers[place]! * y + b.numbers[place]!;
      out[place] = y;
    });
    return out;
  },
  backward: {
    a: ({ dy, a, y, axis, reverse }) => accumulated(dy, a, { axis, reverse }).mul(shifted(y, { axis, reverse })),
    b: ({ dy, a, axis, reverse }) => accumulated(dy, a, { axis, reverse }),
  },
  sample(draw) {
    const { x, ...attributes } = sampleOf(draw);
    return { a: x, b: draw.tensor(x.sizes), ...attributes };
  },
};

/** The gradient of each place, with what later places pass back to it: `gᵢ = dyᵢ + aᵢ₊₁ gᵢ₊₁`. */
export const accumulated = (dy: Tensor, a: Tensor, { axis, reverse }: Running): Tensor =>
  perform(linearRecurrenceOp, { a: shifted(a, { axis, reverse: !reverse }), b: dy }, { axis, reverse: !reverse });

/** The largest number up to which float64 holds every whole number. */
const EXACT = 9007199254740992;

/** A product. One of int32 that is too large stays so, and not infinite, whatever it is multiplied by but 0. */
function times(a: number, b: number, dtype: Dtype): number {
  const product = a * b;
  return dtype === 'int32' ? Math.max(-EXACT, Math.min(EXACT, product)) : product;
}

/**
 * `yᵢ = xᵢ yᵢ₋₁`. Its derivatives divide by no factor, so zeros do no harm: the product before each place, times what later places pass
 * back.
 */
export const cumprodOp: Op<'x', Running> = {
  name: 'cumprod',
  batching: 'axes',
  dtypes: 'any',
  shape: ({ x }) => x.sizes,
  forward({ x, axis, reverse }) {
    const out = totalsOf(x.size);
    let total = 1;
    along(x.sizes, { axis, reverse }, (place, nth) => {
      total = times(nth === 0 ? 1 : total, x.numbers[place]!, x.dtype);
      out[place] = total;
    });
    return stored('cumprod', out, x.dtype);
  },
  backward: { x: ({ dy, x, axis, reverse }) => productBefore(x, { axis, reverse }).mul(accumulated(dy, x, { axis, reverse })) },
  sample: sampleOf,
};

/** The product of all elements before each. */
const productBefore = (x: Tensor, running: Running): Tensor => perform(cumprodOp, { x: shifted(x, running, 1) }, { ...running });

/** The product along one axis. The derivative by each element is the product of all others: of those before and of those after. */
export const prodOp: Op<'x', { axis: number }> = {
  name: 'prod',
  batching: 'axes',
  dtypes: 'any',
  shape: ({ x, axis }) => without(x.sizes, [axis]),
  forward({ x, axis }, shape) {
    const { count, after } = around(x.sizes, axis);
    const totals = new Float64Array(sizeOf(shape)).fill(1);
    along(x.sizes, { axis, reverse: false }, (place) => {
      const to = Math.floor(place / (count * after)) * after + (place % after);
      totals[to] = times(totals[to]!, x.numbers[place]!, x.dtype);
    });
    return convert('prod', totals, x.dtype);
  },
  backward: {
    x({ dy, x, axis }) {
      const others = productBefore(x, { axis, reverse: false }).mul(productBefore(x, { axis, reverse: true }));
      return dy.reshape(x.sizes.with(axis, 1)).mul(others);
    },
  },
  sample(draw) {
    const { x, axis } = sampleOf(draw);
    return { x, axis };
  },
};

export function running(where: string, x: Tensor, axis: number): Running {
  checkTensor(where, 'x', x);
  return { axis: normalizeAxis(where, axis, x.sizes), reverse: false };
}

/** A scan along each of some axes in turn. */
function scanned(op: Op<'x', Running>, x: Tensor, axes: Axes): Tensor {
  checkTensor(op.name, 'x', x);
  const normal = normalizeAxes(op.name, axes, x.sizes);
  if (normal.length === 0) return x.reshape(x.sizes);
  return normal.reduceRight((y, axis) => perform(op, { x: y }, { axis, reverse: false }), x);
}

/**
 * The sum of each element and all before it along an axis; along several, of all that are before it along each of them. For all elements in
 * row-major order, as NumPy has it by default, write `cumsum(x.flatten())`.
 * @param axes default the last
 * @throws ShapeError where there is no such axis.
 * @example cumsum(Tensor.of([1, 2, 3])).toArray() // => [1, 3, 6]
 * cumsum(Tensor.of([[1, 2], [3, 4]]), [0, 1]).toArray() // => [[1, 3], [4, 10]]
 */
export const cumsum = <S extends Shape>(x: Tensor<S>, axes: Axes = -1): Tensor<S> => scanned(cumsumOp, x, axes);

/**
 * The product of each element and all before it along an axis, or along several. Derivatives are right where factors are 0.
 * @param axes default the last
 * @throws ShapeError where there is no such axis.
 * @example cumprod(Tensor.of([1, 2, 3])).toArray() // => [1, 2, 6]
 */
export const cumprod = <S extends Shape>(x: Tensor<S>, axes: Axes = -1): Tensor<S> => scanned(cumprodOp, x, axes);

/**
 * Each element less the one before it along an axis, which becomes one shorter. The inverse of `cumsum`, but for the first element.
 * @param axis default the last
 * @throws ShapeError where there is no such axis.
 * @example diff(Tensor.of([1, 4, 9])).toArray() // => [3, 5]
 */
export function diff(x: Tensor, axis = -1): Tensor {
  const { axis: normal } = running('diff', x, axis);
  const part = (range: Range) => x.slice(x.sizes.map((_, i) => (i === normal ? range : null)));
  return calledAs('diff', 'sub', () => part([1, null]).sub(part([0, -1])));
}

/**
 * `yᵢ = aᵢ yᵢ₋₁ + bᵢ` along an axis, from `y₀ = b₀`: a filter, or a linear recurrent network.
 * @param axis default the last
 * @throws ShapeError where the shapes of `a` and `b` differ or there is no such axis.
 * @example linearRecurrence(Tensor.of([0.5, 0.5, 0.5]), Tensor.of([8, 0, 2])).toArray() // => [8, 4, 4]
 */
export const linearRecurrence = <S extends Shape>(a: Tensor<S>, b: Tensor<S>, axis = -1): Tensor<S> =>
  perform(linearRecurrenceOp, { a, b }, running('linearRecurrence', a, axis));

/**
 * The product along one axis, several, or, by default, all. Derivatives are right where factors are 0.
 * @param options `keepDims`, default `false`
 * @throws ShapeError where there is no such axis.
 * @example prod(Tensor.of([[1, 2], [3, 4]]), 1).toArray() // => [2, 12]
 */
export function prod(x: Tensor, axes?: Axes, options?: KeepDims): Tensor {
  checkTensor('prod', 'x', x);
  const normal = normalizeAxes('prod', axes, x.sizes);
  const keepDims = keepsDims('prod', options);
  if (normal.length === 0) return x.reshape(x.sizes);
  const y = normal.reduceRight((product, axis) => perform(prodOp, { x: product }, { axis }), x);
  return keepDims ? y.reshape(kept(x.sizes, normal)) : y;
}
