/** The softmax along some axes, and its logarithm; neither overflows. */

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

/** The axes that one sum of exponentials runs along, in ascending order, none negative. */
interface Lines {
  readonly axes: readonly number[];
}

/** `eˣ / Σ eˣ`: positive numbers that sum to 1 along some axes. */
export const softmax: Op<'x', Lines> = {
  name: 'softmax',
  batching: 'axes',
  shape: ({ x }) => x.sizes,
  forward: ({ x, axes }, _, machine) => fromSums('softmax', share, x, axes, machine),
  backward: { x: ({ dy, y, axes }) => y.mul(dy.sub(dy.mul(y).sum(axes, { keepDims: true }))) },
  sample: (draw) => sampleOf(draw),
};

/** `x − log Σ eˣ`, the logarithm of the softmax. */
export const logSoftmax: Op<'x', Lines> = {
  name: 'logSoftmax',
  batching: 'axes',
  shape: ({ x }) => x.sizes,
  forward: ({ x, axes }, _, machine) => fromSums('logSoftmax', logShare, x, axes, machine),
  backward: { x: ({ dy, y, axes }) => dy.sub(y.exp().mul(dy.sum(axes, { keepDims: true }))) },
  sample: (draw) => sampleOf(draw),
};

/** For each line of numbers the largest of them, and the sum of the exponentials of their differences to it. */
export interface SumsOfExponentials {
  readonly peak: Operand;
  readonly total: Operand;
}

/**
 * The stable softmax's two numbers for each line along some axes, which are kept with size 1: the largest element, `peak`, and
 * `total = Σ e^(x − peak)`, which is at least 1. Every function of a softmax is computed from these. `adjust` changes the peak before it is
 * subtracted.
 */
export function sumOfExponentials(name: string, x: Tensor, axes: readonly number[], machine: Machine, adjust?: Rule): SumsOfExponentials {
  const dtype = x.dtype as FloatDtype;
  const shape = kept(x.sizes, axes);
  const largest = { sizes: shape, data: extremes(name, 'largest', x, axes, machine) };
  const peak = adjust ? { sizes: shape, data: machine.map(adjust(dtype), shape, [largest]) } : largest;
  const exponentials = { sizes: x.sizes, data: machine.map(exponential(dtype), x.sizes, [x, peak]) };
  return { peak, total: { sizes: shape, data: sumInto(shape, exponentials, machine) } };
}

/** A formula of each element, the largest element along the axes, and the sum of exponentials. */
function fromSums(name: string, rule: Rule, x: Tensor, axes: readonly number[], machine: Machine) {
  const dtype = x.dtype as FloatDtype;
  if (x.size === 0) return newData(dtype, 0);
  const { peak, total } = sumOfExponentials(name, x, axes, machine);
  return machine.map(rule(dtype), x.sizes, [x, peak, total]);
}

function sampleOf(draw: Parameters<Op['sample']>[0]): { x: Tensor } & Lines {
  const shape = [draw.size(), draw.size(), draw.size()];
  return { x: draw.tensor(shape), axes: draw.axes(shape) };
}
