/**
 * What every operation is by definition, in decimal numbers of sixty digits. Derivatives are not here: they are found from these by differences
 * (`differences.ts`), so nothing is taken over from the rules that are measured.
 */

import { Decimal } from 'decimal.js';
import { perform, Tensor } from 'tapegrad';
import type { AnyOp } from '../../src/autograd/checks/samples.ts';
import { around, broadcastStrides, kept, sizeOf, stridesOf, walk } from '../../src/base/shape.ts';
import { exactly } from '../numerics/exactly.ts';
import { attention, attentionOfHeads } from './attention.ts';
import * as images from './images.ts';
import * as algebra from './linear-algebra.ts';
import * as sequences from './sequences.ts';
import * as special from './special-functions.ts';

Decimal.set({ precision: 60, minE: -9e15, maxE: 9e15, toExpNeg: -9e15 });

/** A tensor of decimal numbers. */
export interface Big {
  readonly shape: readonly number[];
  readonly data: readonly Decimal[];
}
/** The numbers of a tensor, exactly. */
export const bigOf = ({ shape, data }: Tensor): Big => ({ shape, data: Array.from(data, (x) => exactly(x)) });
export type Inputs = Readonly<Record<string, Big>>;
type Definition = (
  inputs: Inputs,
  attributes: any,
  shape: readonly number[],
  op: AnyOp,
  samples: Readonly<Record<string, Tensor>>,
) => Decimal[];

const zero = new Decimal(0);
const one = new Decimal(1);
const exp = (x: Decimal) => x.exp();
const two = (x: Decimal) => x.times(Decimal.ln(2)).exp();
const sum = (xs: readonly Decimal[]) => xs.reduce((a, b) => a.plus(b), zero);
const sigmoid = (x: Decimal) => one.div(x.neg().exp().plus(1));
const limit = (x: Decimal, low: Decimal, high: Decimal) => Decimal.min(Decimal.max(x, low), high);

/** Element by element, after broadcasting. */
const each =
  (f: (...xs: Decimal[]) => Decimal): Definition =>
  (inputs, _, shape) => {
    const xs = Object.values(inputs);
    const out: Decimal[] = [];
    walk(
      shape,
      xs.map((x) => broadcastStrides(x.shape, shape)),
      (here, there) => {
        out[here] = f(...xs.map((x, i) => x.data[there[i]!]!));
      },
    );
    return out;
  };

const elementwise: Record<string, (...xs: any[]) => Decimal> = {
  add: (a, b) => a.plus(b),
  sub: (a, b) => a.minus(b),
  mul: (a, b) => a.times(b),
  div: (a, b) => a.div(b),
  pow: (a, b) => a.ln().times(b).exp(),
  maximum: (a, b) => Decimal.max(a, b),
  minimum: (a, b) => Decimal.min(a, b),
  neg: (x) => x.neg(),
  reciprocal: (x) => one.div(x),
  abs: (x) => x.abs(),
  sign: (x) => new Decimal(x.comparedTo(0)),
  exp,
  expm1: (x) => x.exp().minus(1),
  log: (x) => x.ln(),
  log1p: (x) => x.plus(1).ln(),
  log2: (x) => x.ln().div(Decimal.ln(2)),
  log10: (x) => x.ln().div(Decimal.ln(10)),
  exp2: (x) => x.times(Decimal.ln(2)).exp(),
  sqrt: (x) => x.sqrt(),
  rsqrt: (x) => one.div(x.sqrt()),
  square: (x) => x.times(x),
  sin: (x) => x.sin(),
  cos: (x) => x.cos(),
  tan: (x) => x.sin().div(x.cos()),
  asin: (x) => x.asin(),
  acos: (x) => x.acos(),
  atan: (x) => x.atan(),
  atan2: (y, x) => y.div(x).atan(),
  sinh: (x) => x.exp().minus(x.neg().exp()).div(2),
  cosh: (x) => x.exp().plus(x.neg().exp()).div(2),
  tanh: (x) => sigmoid(x.times(2)).times(2).minus(1),
  asinh: (x) =>
    x
      .times(x)
      .plus(1)
      .sqrt()
      .plus(x.abs())
      .ln()
      .times(x.lt(0) ? -1 : 1),
  acosh: (x) => x.times(x).minus(1).sqrt().plus(x).ln(),
  atanh: (x) => x.plus(1).div(one.minus(x)).ln().div(2),
  ...special.elementwise,
  erfc: (x) => one.minus(special.erf(x)),
  sigmoid,
  relu: (x) => Decimal.max(x, 0),
  softplus: (x) => x.exp().plus(1).ln(),
  logSigmoid: (x) => sigmoid(x).ln(),
  silu: (x) => x.times(sigmoid(x)),
  geluTanh: (x) => x.times(sigmoid(Decimal.sqrt(new Decimal(8).div(Decimal.acos(-1))).times(x.plus(x.pow(3).times('0.044715'))))),
  elu: (x, alpha) => (x.gt(0) ? x : alpha.times(x.exp().minus(1))),
  softsign: (x) => x.div(x.abs().plus(1)),
  tanhshrink: (x) => x.minus(sigmoid(x.times(2)).times(2).minus(1)),
  leakyRelu: (x, slope) => (x.gt(0) ? x : x.times(slope)),
  hardtanh: limit,
  clamp: limit,
  hardswish: (x) => limit(x.plus(3), zero, new Decimal(6)).times(x).div(6),
  hardsigmoid: (x) => limit(x.plus(3), zero, new Decimal(6)).div(6),
  softshrink: (x, size) => (x.gt(size) ? x.minus(size) : x.lt(size.neg()) ? x.plus(size) : zero),
  logAddExp: (a, b) => a.exp().plus(b.exp()).ln(),
  xlogy: (a, b) => a.times(b.ln()),
  logit: (x) => x.div(one.minus(x)).ln(),
  huber: (x, delta) => (x.abs().lt(delta) ? x.times(x).div(2) : delta.times(x.abs().minus(delta.div(2)))),
  binaryCrossEntropy: (p, y) =>
    y
      .times(p.ln())
      .plus(one.minus(y).times(one.minus(p).ln()))
      .neg(),
  hypot: (a, b) => a.times(a).plus(b.times(b)).sqrt(),
  remainder: (a, b) => a.minus(b.times(a.div(b).floor())),
  fmod: (a, b) => a.minus(b.times(a.div(b).trunc())),
  floor: (x) => x.floor(),
  ceil: (x) => x.ceil(),
  trunc: (x) => x.trunc(),
  round: (x) => x.toDecimalPlaces(0, Decimal.ROUND_HALF_EVEN),
  stopGradient: (x) => x,
  inRange: (x) => x,
  probabilities: (x) => x,
  less: (a, b) => (a.lt(b) ? one : zero),
  lessEqual: (a, b) => (a.lte(b) ? one : zero),
  greater: (a, b) => (a.gt(b) ? one : zero),
  greaterEqual: (a, b) => (a.gte(b) ? one : zero),
  equal: (a, b) => (a.eq(b) ? one : zero),
  notEqual: (a, b) => (a.eq(b) ? zero : one),
  isNaN: () => zero,
  isFinite: () => one,
  isInf: () => zero,
  logicalAnd: (a, b) => (a.eq(0) || b.eq(0) ? zero : one),
  logicalOr: (a, b) => (a.eq(0) && b.eq(0) ? zero : one),
  logicalXor: (a, b) => (a.eq(0) === b.eq(0) ? zero : one),
  logicalNot: (x) => (x.eq(0) ? one : zero),
  copysign: (a, b) => (b.lt(0) ? a.abs().neg() : a.abs()),
  fmax: (a, b) => Decimal.max(a, b),
  fmin: (a, b) => Decimal.min(a, b),
  logAddExp2: (a, b) => two(a).plus(two(b)).ln().div(Decimal.ln(2)),
  frac: (x) => x.minus(x.trunc()),
  gelu: (x) => x.times(one.plus(special.erf(x.div(Decimal.sqrt(2))))).div(2),
  mish: (x) => x.times(sigmoid(x.exp().plus(1).ln().times(2)).times(2).minus(1)),
  celu: (x, alpha) => (x.gt(0) ? x : x.div(alpha).exp().minus(1).times(alpha)),
  where: (condition, yes, no) => (condition.eq(0) ? no : yes),
};

/**
 * A sum of some elements of the inputs for each element of the result. Which, a tensor with a single 1 among zeros tells: put through the operation it
 * comes out as whole numbers, exactly.
 */
const linear: Definition = (inputs, attributes, shape, op, samples) => {
  const out = shape.reduce((a, b) => a * b, 1);
  const total: Decimal[] = Array.from({ length: out }, () => zero);
  for (const [name, { shape: own, data }] of Object.entries(inputs)) {
    data.forEach((x, i) => {
      const zeros = Object.fromEntries(
        Object.entries(samples).map(([key, y]) => [key, key in inputs ? Tensor.zeros(y.shape, 'float64') : y]),
      );
      const unit = new Float64Array(data.length);
      unit[i] = 1;
      const weights = perform(op, { ...zeros, [name]: new Tensor(own, unit) }, attributes);
      weights.data.forEach((w, j) => {
        if (w !== 0) total[j] = total[j]!.plus(x.times(w));
      });
    });
  }
  return total;
};
const linearNames = [
  'reshape',
  'permute',
  'slice',
  'unslice',
  'broadcastTo',
  'sumTo',
  'sum',
  'cumsum',
  'gather',
  'scatter',
  'scatterSum',
  'indexSelect',
  'indexAdd',
  'concat',
  'cast',
  'unfold',
  'fold',
  'sumWindows',
  'spreadWindows',
  'resample',
  'resampleAdjoint',
  'atPlaces',
  'toPlaces',
];

/** What some axes become one line by line; `make` gives one number for each line, or as many as it has. */
function lines({ shape, data }: Big, axes: readonly number[], make: (line: Decimal[]) => Decimal[]): Decimal[] {
  const to = kept(shape, axes);
  const groups = new Map<number, number[]>();
  walk(shape, [broadcastStrides(to, shape)], (here, [there]) => groups.set(there, [...(groups.get(there) ?? []), here]));
  const results = [...groups].map(([place, members]) => ({ place, members, made: make(members.map((i) => data[i]!)) }));
  const out: Decimal[] = [];
  for (const { place, members, made } of results) {
    if (made.length === 1) out[place] = made[0]!;
    else made.forEach((y, i) => (out[members[i]!] = y));
  }
  return out;
}
const along =
  (make: (line: Decimal[]) => Decimal[]): Definition =>
  ({ x }, { axes, axis }) =>
    lines(x!, axes ?? [axis], make);
const softmax = (line: Decimal[]) => {
  const total = sum(line.map(exp));
  return line.map((x) => x.exp().div(total));
};
/** Rows of the last axes, less their means where these are taken, by their root mean squares; and then scaled and moved. */
function normalized({ x, weight, bias }: Inputs, last: number, epsilon: number, centres: boolean): Decimal[] {
  const size = sizeOf(x!.shape.slice(x!.shape.length - last));
  return x!.data.map((_, place) => {
    const row = x!.data.slice(place - (place % size), place - (place % size) + size);
    const mean = centres ? sum(row).div(size) : zero;
    const square = sum(row.map((one) => one.minus(mean).pow(2))).div(size);
    const y = x!.data[place]!.minus(mean).div(square.plus(epsilon).sqrt());
    return y.times(weight?.data[place % size] ?? one).plus(bias?.data[place % size] ?? zero);
  });
}
const running =
  (next: (total: Decimal, x: Decimal) => Decimal, first: Decimal): Definition =>
  ({ x }, { axis, reverse }) =>
    lines(x!, [axis], (line) => {
      let total = first;
      const made = (reverse ? line.toReversed() : line).map((x) => (total = next(total, x)));
      return reverse ? made.toReversed() : made;
    });

const others: Record<string, Definition> = {
  max: along((line) => [Decimal.max(...line)]),
  min: along((line) => [Decimal.min(...line)]),
  prod: along((line) => [line.reduce((a, b) => a.times(b), one)]),
  logSumExp: along((line) => [sum(line.map(exp)).ln()]),
  centre: along((line) => line.map((x) => x.minus(sum(line).div(line.length)))),
  logCumSumExp: running((total, x) => total.exp().plus(x.exp()).ln(), new Decimal('-1e9')),
  normSlope({ x, gradient }, { axes }) {
    const along = (make: (line: Decimal[]) => Decimal[]) => lines(x!, axes, make);
    const slopes = along((line) => line.map((v) => v.div(sum(line.map((w) => w.times(w))).sqrt())));
    const out: Decimal[] = [];
    walk(x!.shape, [broadcastStrides(gradient!.shape, x!.shape)], (here, [there]) => {
      out[here] = slopes[here]!.times(gradient!.data[there]!);
    });
    return out;
  },
  norm: along((line) => [sum(line.map((x) => x.times(x))).sqrt()]),
  softmax: along((line) => softmax(line)),
  logSoftmax: along((line) => softmax(line).map((p) => p.ln())),
  maskedSoftmax({ x, keep }, { axes }) {
    const weights: Decimal[] = [];
    walk(x!.shape, [broadcastStrides(keep!.shape, x!.shape)], (here, [there]) => {
      weights[here] = x!.data[here]!.exp().times(keep!.data[there]!);
    });
    return lines({ shape: x!.shape, data: weights }, axes, (line) => {
      const total = sum(line);
      return total.isZero() ? line : line.map((weight) => weight.div(total));
    });
  },
  cumprod: running((total, x) => total.times(x), one),
  ...sequences,
  layerNorm: (inputs, { last, epsilon }) => normalized(inputs, last, epsilon, true),
  rmsNorm: (inputs, { last, epsilon }) => normalized(inputs, last, epsilon, false),
  scaledDotProductAttention: (inputs, { scale, heads }, shape) =>
    heads === undefined ? attention(inputs, scale, shape) : attentionOfHeads(inputs, scale, heads, shape),
  linearRecurrence({ a, b }, { axis, reverse }) {
    const { before, count, after } = around(a!.shape, axis);
    const out: Decimal[] = [];
    for (let block = 0; block < before; block++) {
      for (let column = 0; column < after; column++) {
        let y = zero;
        for (let i = 0; i < count; i++) {
          const place = (block * count + (reverse ? count - 1 - i : i)) * after + column;
          out[place] = y = (i === 0 ? zero : a!.data[place]!.times(y)).plus(b!.data[place]!);
        }
      }
    }
    return out;
  },
  crossEntropyOfClasses({ logits }, _, __, ___, { classes }) {
    const columns = logits!.shape[1]!;
    return [...classes!.data].map((label, row) =>
      softmax(logits!.data.slice(row * columns, (row + 1) * columns))
        [label]!.ln()
        .neg(),
    );
  },
  crossEntropyOfRows({ logits, targets }) {
    const columns = logits!.shape[1]!;
    const part = (x: Big, row: number) => x.data.slice(row * columns, (row + 1) * columns);
    return Array.from({ length: logits!.shape[0]! }, (_, row) =>
      sum(softmax(part(logits!, row)).map((p, i) => p.ln().neg().times(part(targets!, row)[i]!))),
    );
  },
  // Which elements stay, the operation says of ones.
  dropout({ x }, attributes, shape, op) {
    const { data } = perform(op, { x: Tensor.ones(shape, 'float64') }, attributes);
    return x!.data.map((xi, i) => (data[i] === 0 ? zero : xi.div(attributes.keep)));
  },
  matmul: ({ a, b }, _, shape) => algebra.product(a!, b!, shape, false, false),
  timesTransposed: ({ a, b }, _, shape) => algebra.product(a!, b!, shape, false, true),
  transposedTimes: ({ a, b }, _, shape) => algebra.product(a!, b!, shape, true, false),
  scatterExtreme({ x, source }, { axis, largest }, _, __, { indices }) {
    const out = [...x!.data];
    const { after } = around(x!.shape, axis);
    walk(indices!.shape, [stridesOf(x!.shape).with(axis, 0)], (here, [there]) => {
      const place = there + indices!.data[here]! * after;
      const both = [out[place]!, source!.data[here]!] as const;
      out[place] = largest ? Decimal.max(...both) : Decimal.min(...both);
    });
    return out;
  },
  ...special.ofOrder,
  ...algebra.definitions,
  ...images.definitions,
};

export const definitions: Readonly<Record<string, Definition>> = {
  ...Object.fromEntries(Object.entries(elementwise).map(([name, f]) => [name, each(f)])),
  ...Object.fromEntries(linearNames.map((name) => [name, linear])),
  ...others,
};
