/** The softmax along an axis, and its logarithm; both safe for large inputs. */

import { type FloatDtype, newData } from '../../base/dtype.ts';
import { kept } from '../../base/shape.ts';
import { type Formula, formula } from '../../formula/formula.ts';
import type { Machine } from '../../machine/machine.ts';
import { extremes, sumInto } from '../../machine/reduce.ts';
import type { Op } from '../op.ts';
import type { Tensor } from '../tensor.ts';

const weight = formula((x, peak) => x.sub(peak).exp());
const share = formula((x, peak, total) => x.sub(peak).exp().div(total));
const logShare = formula((x, peak, total) => x.sub(peak).sub(total.log()));

/** `eˣ / Σ eˣ`: positive numbers along an axis that sum to 1. */
export const softmax: Op<'x', { axis: number }> = {
  name: 'softmax',
  batching: 'axes',
  shape: ({ x }) => x.shape,
  forward: ({ x, axis }, _, machine) => shares(share, x, axis, machine),
  backward: { x: ({ dy, y, axis }) => y.mul(dy.sub(dy.mul(y).sum([axis], { keepDims: true }))) },
  sample: (draw) => sampleOf(draw),
};

/** `x − log Σ eˣ`, the logarithm of the softmax. */
export const logSoftmax: Op<'x', { axis: number }> = {
  name: 'logSoftmax',
  batching: 'axes',
  shape: ({ x }) => x.shape,
  forward: ({ x, axis }, _, machine) => shares(logShare, x, axis, machine),
  backward: { x: ({ dy, y, axis }) => dy.sub(y.exp().mul(dy.sum([axis], { keepDims: true }))) },
  sample: (draw) => sampleOf(draw),
};

/** What a formula makes of each element, the largest along the axis, and the total of `e` to the power of what lies below it. */
function shares(rule: (dtype: FloatDtype) => Formula, x: Tensor, axis: number, machine: Machine) {
  const dtype = x.dtype as FloatDtype;
  if (x.size === 0) return newData(dtype, 0);
  const shape = kept(x.shape, [axis]);
  const peak = { shape, data: extremes('softmax', 'largest', x, [axis], machine) };
  const weights = { shape: x.shape, data: machine.map(weight(dtype), x.shape, [x, peak]) };
  const total = { shape, data: sumInto(shape, weights, machine) };
  return machine.map(rule(dtype), x.shape, [x, peak, total]);
}

function sampleOf(draw: Parameters<Op['sample']>[0]): { x: Tensor; axis: number } {
  const shape = [draw.size(), draw.size(), draw.size()];
  return { x: draw.tensor(shape), axis: draw.axis(shape) };
}
