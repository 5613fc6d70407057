/** The logarithm of a running sum of exponentials. */

import { type FloatData, type FloatDtype, newData } from '../../base/dtype.ts';
import type { Shape } from '../../base/shape-types.ts';
import type { Op } from '../../tensor/op.ts';
import { perform, type Tensor } from '../../tensor/tensor.ts';
import { logAddExpOp } from '../elementwise/logarithmic.ts';
import { accumulated, along, cumsumOp, type Running, running, sampleOf, shifted } from './scan.ts';

/**
 * `yᵢ = log(e^yᵢ₋₁ + e^xᵢ)`. Its derivative is a recurrence in the opposite direction, of how much each sum has of the one before it and of
 * its own element. At infinities it is the limit, as that of `logSumExp`: those of `+∞` share the slope evenly, and where all elements are
 * `−∞` it is 0.
 */
export const logCumSumExpOp: Op<'x', Running> = {
  name: 'logCumSumExp',
  batching: 'axes',
  shape: ({ x }) => x.sizes,
  forward({ x, axis, reverse }, shape, machine) {
    const dtype = x.dtype as FloatDtype;
    let data = x.numbers.slice() as FloatData;
    // Each turn doubles the number of elements that are included.
    for (let by = 1; by < shape[axis]!; by *= 2) {
      const before = newData(dtype, x.size).fill(-Infinity);
      const step = by * stepOf(shape, axis);
      along(shape, { axis, reverse }, (place, nth) => {
        if (nth >= by) before[place] = data[reverse ? place + step : place - step]!;
      });
      data = machine.map(logAddExpOp.formula(dtype), shape, [
        { sizes: shape, data },
        { sizes: shape, data: before },
      ]);
    }
    return data;
  },
  backward: {
    x({ dy, x, y, axis, reverse }) {
      const run = { axis, reverse };
      const isInfinite = y.equal(Infinity);
      // How many infinities each sum has.
      const count = perform(cumsumOp, { x: x.equal(Infinity) }, run);
      const some = count.maximum(1);
      const before = shifted(y, run, -Infinity);
      // Where infinities are subtracted, something else is chosen; 0 in their place keeps NaN out.
      const finite = y.abs().equal(Infinity).where(0, y);
      const part = (from: Tensor, infinities: Tensor) =>
        isInfinite.where(infinities.div(some), isInfinite.where(-Infinity, from).sub(finite).exp());
      const kept = part(before, shifted(count, run));
      const passed = accumulated(y.equal(-Infinity).where(0, dy), kept, run);
      return passed.mul(part(x, x.equal(Infinity)));
    },
  },
  sample: sampleOf,
};

/** The distance between neighbours along an axis. */
const stepOf = (shape: Shape, axis: number): number => shape.slice(axis + 1).reduce((a, b) => a * b, 1);

/**
 * `log Σ eˣ` of each element and all before it along an axis, without overflow.
 * @param axis default the last
 * @throws ShapeError where there is no such axis.
 * @example logCumSumExp(Tensor.of([1000, 1000])).toArray().map((y) => y.toFixed(3)) // => ['1000.000', '1000.693']
 */
export const logCumSumExp = <S extends Shape>(x: Tensor<S>, axis = -1): Tensor<S> =>
  perform(logCumSumExpOp, { x }, { ...running('logCumSumExp', x, axis) });
