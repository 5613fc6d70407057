/** The softmax along an axis, and its logarithm; neither overflows. */

import { type FloatDtype, newData } from '../../base/dtype.ts';
import { kept } from '../../base/shape.ts';
import { type Formula, formula } from '../../formula/formula.ts';
import type { Machine } from '../../machine/machine.ts';
import { extremes, sumInto } from '../../machine/reduce.ts';
import type { Operand } from '../../machine/storage.ts';
import type { Op } from '../op.ts';
import type { Tensor } from '../tensor.ts';

/** A formula of one element in either dtype. */
type Rule = (dtype: FloatDtype) => Formula;

const exponential = /* @__PURE__ */ formula((x, peak) => x.sub(peak).exp());
const share = /* @__PURE__ */ formula((x, peak, total) => x.sub(peak).exp().div(total));
const logShare = /* @__PURE__ */ formula((x, peak, total) => x.sub(peak).sub(total.log()));

/** `eˣ / Σ eˣ`: positive numbers along an axis that sum to 1. */
export const softmax: Op<'x', { axis: number }> = {
  name: 'softmax',
  batching: 'axes',
  shape: ({ x }) => x.shape,
  forward: ({ x, axis }, _, machine) => fromSums(share, x, axis, machine),
  backward: { x: ({ dy, y, axis }) => y.mul(dy.sub(dy.mul(y).sum([axis], { keepDims: true }))) },
  sample: (draw) => sampleOf(draw),
};

/** `x − log Σ eˣ`, the logarithm of the softmax. */
export const logSoftmax: Op<'x', { axis: number }> = {
  name: 'logSoftmax',
  batching: 'axes',
  shape: ({ x }) => x.shape,
  forward: ({ x, axis }, _, machine) => fromSums(logShare, x, axis, machine),
  backward: { x: ({ dy, y, axis }) => dy.sub(y.exp().mul(dy.sum([axis], { keepDims: true }))) },
  sample: (draw) => sampleOf(draw),
};

/**
 * The stable softmax's two numbers for each line along some axes, which are kept with size 1: the largest element, `peak`, and
 * `total = Σ e^(x − peak)`, which is at least 1. Every function of a softmax is computed from these. `adjust` changes the peak before it is
 * subtracted.
 */
export function sumOfExponentials(
  name: string,
  x: Tensor,
  axes: readonly number[],
  machine: Machine,
  adjust?: Rule,
): { readonly peak: Operand; readonly total: Operand } {
  const dtype = x.dtype as FloatDtype;
  const shape = kept(x.shape, axes);
  const largest = { shape, data: extremes(name, 'largest', x, axes, machine) };
  const peak = adjust ? { shape, data: machine.map(adjust(dtype), shape, [largest]) } : largest;
  const exponentials = { shape: x.shape, data: machine.map(exponential(dtype), x.shape, [x, peak]) };
  return { peak, total: { shape, data: sumInto(shape, exponentials, machine) } };
}

/** A formula of each element, the largest element along the axis, and the sum of exponentials. */
function fromSums(rule: Rule, x: Tensor, axis: number, machine: Machine) {
  const dtype = x.dtype as FloatDtype;
  if (x.size === 0) return newData(dtype, 0);
  const { peak, total } = sumOfExponentials('softmax', x, [axis], machine);
  return machine.map(rule(dtype), x.shape, [x, peak, total]);
}

function sampleOf(draw: Parameters<Op['sample']>[0]): { x: Tensor; axis: number } {
  const shape = [draw.size(), draw.size(), draw.size()];
  return { x: draw.tensor(shape), axis: draw.axis(shape) };
}
