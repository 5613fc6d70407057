/** Distances from a mean, and lengths of vectors: what deviations and norms are made of. */

import { type FloatData, type FloatDtype, newData } from '../../base/dtype.ts';
import { kept, sizeOf, without } from '../../base/shape.ts';
import type { Shape } from '../../base/shape-types.ts';
import { formula } from '../../formula/formula.ts';
import type { Machine } from '../../machine/machine.ts';
import { extremes, sumInto } from '../../machine/reduce.ts';
import type { Operand } from '../../machine/storage.ts';
import type { Domain, Draw, Op } from '../op.ts';
import type { Tensor } from '../tensor.ts';

/** The axes that are summed over, in ascending order, none negative. */
interface Over {
  readonly axes: readonly number[];
}

function sampleOver(draw: Draw, domain?: Domain): { x: Tensor } & Over {
  const shape = [draw.size(), draw.size(), draw.size()];
  return { x: draw.tensor(shape, domain), axes: draw.axes(shape) };
}

const quotient = /* @__PURE__ */ formula((total, count) => total.div(count));
const difference = /* @__PURE__ */ formula((x, mean) => x.sub(mean));

/**
 * `x − mean(x)` along some axes. The mean is rounded before it is subtracted, so the mean of what is left is subtracted as well: of numbers
 * that are large beside their differences the first alone would leave a part. It is a projection, and its own adjoint.
 */
export const centre: Op<'x', Over> = {
  name: 'centre',
  batching: 'axes',
  shape: ({ x }) => x.sizes,
  forward({ x, axes }, _, machine) {
    const dtype = x.dtype as FloatDtype;
    const shape = kept(x.sizes, axes);
    const count = { sizes: [], data: newData(dtype, 1).fill(x.size / sizeOf(shape)) };
    const centred = (from: Operand): FloatData => {
      const total = { sizes: shape, data: sumInto(shape, from, machine) };
      return machine.map(difference(dtype), x.sizes, [from, { sizes: shape, data: machine.map(quotient(dtype), shape, [total, count]) }]);
    };
    return centred({ sizes: x.sizes, data: centred(x) });
  },
  backward: { x: ({ dy, axes }) => dy.apply(centre, { axes }) },
  sample: (draw) => sampleOver(draw),
};

const square = /* @__PURE__ */ formula((x, largest) => {
  const part = x.div(largest);
  return part.mul(part);
});
/** The unit of measurement: the largest element, unless it is 0 or infinite. */
const unit = /* @__PURE__ */ formula((largest) => largest.equal(0).where(1, largest.equal(Infinity).where(1, largest)));
const size = /* @__PURE__ */ formula((x) => x.abs());
const length = /* @__PURE__ */ formula((total, largest) => total.sqrt().mul(largest));
/** Where a length is 0, the quotient is. */
const slope = /* @__PURE__ */ formula((gradient, x, whole) => {
  const isZero = whole.equal(0);
  return isZero.where(0, gradient).mul(x).div(isZero.where(1, whole));
});

/** `√Σ x²`. Elements are measured in multiples of the largest, so that no square overflows or underflows. */
function lengthsOf(x: Operand, shape: Shape, axes: readonly number[], dtype: FloatDtype, machine: Machine): FloatData {
  if (sizeOf(x.sizes) === 0) return sumInto(shape, x, machine);
  const absolute = { sizes: x.sizes, data: machine.map(size(dtype), x.sizes, [x]) };
  const largest = { sizes: shape, data: extremes('norm', 'largest', absolute, axes, machine) };
  const by = { sizes: shape, data: machine.map(unit(dtype), shape, [largest]) };
  const squares = { sizes: x.sizes, data: machine.map(square(dtype), x.sizes, [x, by]) };
  return machine.map(length(dtype), shape, [{ sizes: shape, data: sumInto(shape, squares, machine) }, by]);
}

/** `√Σ x²` along some axes. At 0, where the length has a kink, the derivative is 0. */
export const normOp: Op<'x', Over> = {
  name: 'norm',
  batching: 'axes',
  shape: ({ x, axes }) => without(x.sizes, axes),
  forward: ({ x, axes }, _, machine) => lengthsOf(x, kept(x.sizes, axes), axes, x.dtype as FloatDtype, machine),
  backward: { x: ({ dy, x, axes }) => x.apply(normSlope, dy.reshape(kept(x.sizes, axes)), { axes }) },
  sample: (draw) => sampleOver(draw, { from: 0.25, to: 2 }),
};

/**
 * `gradient · x / ‖x‖`, the derivative of a length, and 0 where the length is 0. There its own derivative is 0 too, as if the length were
 * flat; but where the gradient vanishes with the length, as that of `‖x‖²` does, nothing here tells how fast, so it is NaN.
 */
export const normSlope: Op<'x' | 'gradient', Over> = {
  name: 'normSlope',
  batching: 'axes',
  shape: ({ x }) => x.sizes,
  forward({ x, gradient, axes }, _, machine) {
    const dtype = x.dtype as FloatDtype;
    const whole = { sizes: gradient.sizes, data: lengthsOf(x, gradient.sizes, axes, dtype, machine) };
    return machine.map(slope(dtype), x.sizes, [gradient, x, whole]);
  },
  backward: {
    x({ dy, x, gradient, axes }) {
      const whole = x.apply(normOp, { axes }).reshape(gradient.sizes);
      const isZero = whole.equal(0);
      const safe = isZero.where(1, whole);
      const direction = x.div(safe);
      const part = dy.mul(isZero.where(0, gradient));
      const across = part.sub(direction.mul(direction.mul(part).sum(axes, { keepDims: true }))).div(safe);
      return across.add(dy.mul(isZero.mul(gradient.equal(0)).where(NaN, 0)));
    },
    gradient({ dy, x, gradient, axes }) {
      // Of any gradient, 1.
      const ones = gradient.equal(gradient).where(1, 1);
      return dy.mul(x.apply(normSlope, ones, { axes })).sum(axes, { keepDims: true });
    },
  },
  sample(draw) {
    const { x, axes } = sampleOver(draw, { from: 0.25, to: 2 });
    return { x, gradient: draw.tensor(kept(x.sizes, axes)), axes };
  },
};
