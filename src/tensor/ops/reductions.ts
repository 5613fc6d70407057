/** Reductions along axes: sums, extremes and their indices, and the logarithm of a sum of exponentials. */

import { type Data, type FloatDtype, newData } from '../../base/dtype.ts';
import { ShapeError } from '../../base/errors.ts';
import { around, broadcastsTo, formatShape, kept, sizeOf, without } from '../../base/shape.ts';
import type { Shape } from '../../base/shape-types.ts';
import { formula } from '../../formula/formula.ts';
import type { Extreme, Machine } from '../../machine/machine.ts';
import { extremes, pick, sumExactly, sumInto } from '../../machine/reduce.ts';
import { type Domain, type Draw, distinct, type Op } from '../op.ts';
import type { Tensor } from '../tensor.ts';
import { sumOfExponentials } from './softmax.ts';

/** Which axes are reduced (in ascending order, none negative), and whether they are kept, with size 1. */
export interface Along {
  readonly axes: readonly number[];
  readonly keepDims: boolean;
}

const shapeAlong = ({ x, axes, keepDims }: { readonly x: Tensor } & Along): Shape =>
  keepDims ? kept(x.sizes, axes) : axes.length === x.sizes.length ? [] : without(x.sizes, axes);

function sampleAlong(draw: Draw, domain?: Domain): { x: Tensor } & Along {
  const shape = [draw.size(), draw.size(), draw.size()];
  return { x: draw.tensor(shape, domain), axes: draw.axes(shape), keepDims: draw.oneOf(true, false) };
}

const total = (name: string, to: Shape, x: Tensor, machine: Machine): Data =>
  x.dtype === 'int32' ? sumExactly(name, to, x) : sumInto(to, x, machine);

/** The sum along some axes, in the order of additions that `machine.ts` defines, the last axis first. */
export const sum: Op<'x', Along> = {
  name: 'sum',
  batching: 'axes',
  dtypes: 'any',
  shape: shapeAlong,
  forward: ({ x, axes }, _, machine) => total('sum', axes.length === x.sizes.length ? [] : kept(x.sizes, axes), x, machine),
  directBackward: { x: ({ dy, x }) => (dy.size === 1 ? newData(x.dtype as FloatDtype, x.size).fill(dy.numbers[0]!) : undefined) },
  backward: {
    x({ dy, x, axes, keepDims }) {
      // Where the first axes were summed, the others align at the right as they are.
      const aligned = keepDims || axes.every((axis, i) => axis === i);
      return (aligned ? dy : dy.reshape(kept(x.sizes, axes))).broadcastTo(x.sizes);
    },
  },
  sample: (draw) => sampleAlong(draw),
};

/** Sums to a shape that broadcasts to this one: the adjoint of `broadcastTo`. */
export const sumTo: Op<'x', { to: Shape }> = {
  name: 'sumTo',
  dtypes: 'any',
  batching({ inputs: { x }, attributes: { to }, count }) {
    const ones = new Array<number>(x.x.rank - 1 - to.length).fill(1);
    return x.x.sumTo([count, ...ones, ...to]).reshape([count, ...to]);
  },
  shape({ x, to }) {
    if (broadcastsTo(to, x.sizes)) return to;
    throw new ShapeError(`sumTo: ${formatShape(to)} does not stretch to ${formatShape(x.sizes)}`);
  },
  forward: ({ x, to }, _, machine) => total('sumTo', to, x, machine),
  backward: { x: ({ dy, x }) => dy.broadcastTo(x.sizes) },
  sample(draw) {
    const [m, n] = [draw.size(), draw.size()];
    return { x: draw.tensor([m, n]), to: draw.oneOf<Shape>([1, n], [m, 1], [n], []) };
  },
};

/** The largest element along some axes. Elements that tie share the gradient evenly. */
export const max: Op<'x', Along> = extreme('max', 'largest');

/** The smallest element along some axes. Elements that tie share the gradient evenly. */
export const min: Op<'x', Along> = extreme('min', 'smallest');

function extreme(name: string, which: Extreme): Op<'x', Along> {
  return {
    name,
    batching: 'axes',
    dtypes: 'any',
    shape: shapeAlong,
    forward: ({ x, axes }, _, machine) => extremes(name, which, x, axes, machine),
    backward: {
      x({ dy, x, y, axes }) {
        const to = kept(x.sizes, axes);
        const attained = x.equal(y.reshape(to));
        return attained.mul(dy.reshape(to)).div(attained.sum(axes, { keepDims: true }));
      },
    },
    sample: (draw) => sampleAlong(draw, distinct),
  };
}

/** The index of the largest element along an axis, the first of those that tie; NaN counts as the largest. */
export const argmax: Op<'x', Along> = indexOf('argmax', 'largest');

/** The index of the smallest element along an axis, the first of those that tie; NaN counts as the smallest. */
export const argmin: Op<'x', Along> = indexOf('argmin', 'smallest');

function indexOf(name: string, which: Extreme): Op<'x', Along> {
  return {
    name,
    batching: 'axes',
    dtypes: 'any',
    shape: shapeAlong,
    forward({ x, axes: [axis] }) {
      const sizes = around(x.sizes, axis!);
      const found = newData('int32', sizes.before * sizes.after);
      pick(name, x, sizes, which, (to, _, index) => (found[to] = index));
      return found;
    },
    backward: { x: null },
    sample(draw) {
      const shape = [draw.size(), draw.size()];
      return { x: draw.tensor(shape, distinct), axes: [draw.axis(shape)], keepDims: draw.oneOf(true, false) };
    },
  };
}

/** Infinite elements are not subtracted: ∞ − ∞ would be NaN. */
const finite = /* @__PURE__ */ formula((largest) => largest.abs().less(Infinity).where(largest, 0));
const restore = /* @__PURE__ */ formula((total, peak) => total.log().add(peak));

/** The largest finite numbers. */
const LARGEST: { readonly [dtype in FloatDtype]: number } = { float32: 3.4028234663852886e38, float64: Number.MAX_VALUE };

/**
 * `log Σ eˣ` along some axes, without overflow: the largest element is subtracted first. The derivative is the softmax, which does not
 * suffer from the rounding of the result. Its limits are taken at infinities: those of `+∞` share the slope evenly, and where all elements
 * are `−∞` it is 0.
 */
export const logSumExp: Op<'x', Along> = {
  name: 'logSumExp',
  batching: 'axes',
  shape: shapeAlong,
  forward({ x, axes }, _, machine) {
    const dtype = x.dtype as FloatDtype;
    const shape = kept(x.sizes, axes);
    if (x.size === 0) return newData(dtype, sizeOf(shape)).fill(-Infinity);
    const { peak, total } = sumOfExponentials('logSumExp', x, axes, machine, finite);
    return machine.map(restore(dtype), shape, [total, peak]);
  },
  backward: {
    x({ dy, x, y, axes }) {
      const largest = LARGEST[x.dtype as FloatDtype];
      const slope = y.equal(-Infinity).where(0, dy);
      return x
        .clamp(-largest, largest)
        .softmax(axes)
        .mul(slope.reshape(kept(x.sizes, axes)));
    },
  },
  sample: (draw) => sampleAlong(draw),
};
