/** How far an operation and its derivatives are from their definition. */

import { Decimal } from 'decimal.js';
import { perform, Random, Tensor, vjp } from 'tapegrad';
import { type AnyOp, type Sample, sampleOf, smooth } from '../../src/autograd/operation-properties.ts';
import type { Domain, Draw } from '../../src/tensor/op.ts';
import { exactly } from '../numerics/exactly.ts';
import { type Big, definitions } from './definitions.ts';

export const orders = ['value', 'first', 'second'] as const;
export type Order = (typeof orders)[number];
type Dtype = 'float32' | 'float64';

/** The largest error in ulps and how many numbers were judged, or the word for why there is nothing to judge. */
export type Finding = { readonly ulps: number; readonly judged: number } | string;

/** Arguments at random: real numbers that float32 has, so that both dtypes get the same. */
function drawing(random: Random, most: number): Draw {
  const whole = (from: number, to: number) => from + Math.floor(random.float() * (to - from + 1));
  const number = ({ from, to, awayFromZero, between }: Domain): number => {
    if (between) return whole(Math.ceil(from * 4), Math.floor(to * 4)) / 4 + 0.125;
    if (from === to) return from;
    const x = Math.fround(from + (to - from) * random.float());
    return x < from || x > to || (awayFromZero && Math.abs(x) < 0.125) ? number({ from, to, ...(awayFromZero && { awayFromZero }) }) : x;
  };
  const reals: Domain = { from: -2, to: 2 };
  const fill = (shape: readonly number[], next: (i: number) => number) =>
    Float64Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, i) => next(i));
  return {
    size: () => whole(1, most),
    axis: (shape) => whole(0, shape.length - 1),
    axes: (shape) => [...shape.keys()].filter(() => random.float() < 0.6),
    oneOf: (...choices) => choices[whole(0, choices.length - 1)]!,
    tensor(shape, domain = reals) {
      const order = random.permutation(64);
      return new Tensor(
        shape,
        fill(shape, (i) => (domain.distinct ? order[i]! + Math.fround(random.float() / 2) : number(domain))),
      );
    },
    indices: (shape, below) => new Tensor(shape, Int32Array.from(fill(shape, () => whole(0, below - 1)))),
  };
}

/**
 * In units of the last place at the true number, or at a thousandth of the largest beside it or of 1, which all that goes in is near: what cancels is
 * judged by what it was made of.
 */
function ulpsBetween(found: ArrayLike<number>, truth: readonly Decimal[], dtype: Dtype): number {
  const largest = truth.reduce((most, y) => Decimal.max(most, y.abs()), new Decimal(0)).toNumber();
  let worst = 0;
  truth.forEach((y, i) => {
    const scale = Math.max(Math.abs(y.toNumber()), largest / 1024, 2 ** -10);
    const ulp = 2 ** (Math.floor(Math.log2(scale)) - (dtype === 'float32' ? 23 : 52));
    const error = exactly(found[i]!).minus(y).abs().div(ulp).toNumber();
    worst = Math.max(worst, Number.isNaN(error) ? Infinity : error);
  });
  return worst;
}

const scattered = (x: Tensor, random: Random): Tensor =>
  new Tensor(
    x.shape,
    Float64Array.from({ length: x.size }, () => Math.fround(random.uniform(0.25, 1) * (random.float() < 0.5 ? -1 : 1))),
  );
const bigOf = ({ shape, data }: Tensor): Big => ({ shape, data: Array.from(data, (x) => exactly(x)) });
const STEPS = { first: new Decimal('1e-20'), second: new Decimal('1e-14') };

/** One sample: what the library finds in some dtype beside what is true, for each order. */
function judge(
  op: AnyOp,
  sample: Sample,
  random: Random,
  dtype: Dtype,
  deepest: Order,
): Map<Order, { found: ArrayLike<number>; truth: Decimal[] }> {
  const { inputs, attributes } = sample;
  const exact = perform(op, inputs, attributes);
  const floats = Object.fromEntries(
    Object.entries(inputs)
      .filter(([, x]) => x.dtype !== 'int32')
      .map(([name, x]) => [name, bigOf(x)]),
  );
  const value = (at: Record<string, Big>) => definitions[op.name]!(at, attributes, exact.shape, op, inputs);
  const as = (x: Tensor) => (x.dtype === 'int32' ? x : x.cast(dtype));
  const own: Sample = {
    inputs: Object.fromEntries(Object.entries(inputs).map(([name, x]) => [name, as(x)])),
    attributes: 'to' in attributes && op.name === 'cast' ? { to: dtype } : attributes,
  };
  const results = new Map<Order, { found: ArrayLike<number>; truth: Decimal[] }>();
  results.set('value', { found: perform(op, own.inputs, own.attributes).data, truth: value(floats) });
  const { f, xs } = smooth(op, own);
  if (xs.length === 0 || deepest === 'value') return results;
  const [dy, vs] = [scattered(exact, random), xs.map((x) => scattered(x, random))];
  const names = Object.keys(inputs).filter((name) => xs.includes(own.inputs[name]!));
  /** `⟨dy, f⟩` where each input is moved by some multiples of directions. */
  const at = (moves: readonly (readonly [which: number, place: number | 'along', by: Decimal])[]): Decimal => {
    const moved = { ...floats };
    for (const [which, place, by] of moves) {
      const name = names[which]!;
      const { shape, data } = moved[name]!;
      moved[name] = {
        shape,
        data: data.map((x, i) => (place === 'along' ? x.plus(by.times(exactly(vs[which]!.data[i]!))) : place === i ? x.plus(by) : x)),
      };
    }
    return value(moved).reduce((total, y, i) => total.plus(y.times(exactly(dy.data[i]!))), new Decimal(0));
  };
  const all = xs.flatMap((x, which) => Array.from({ length: x.size }, (_, place) => [which, place] as const));
  const slopes = (...here: Tensor[]) => vjp(f, ...here)[1](as(dy));
  const h = STEPS.first;
  results.set('first', {
    found: slopes(...xs).flatMap((dx) => [...dx.data]),
    truth: all.map(([which, place]) =>
      at([[which, place, h]])
        .minus(at([[which, place, h.neg()]]))
        .div(h.times(2)),
    ),
  });
  if (deepest === 'first') return results;
  const mixed = (...here: Tensor[]) =>
    slopes(...here)
      .map((dx, i) => dx.mul(as(vs[i]!)).sum() as Tensor)
      .reduce((a, b) => a.add(b) as Tensor);
  const k = STEPS.second;
  const along = (by: Decimal) => xs.map((_, which) => [which, 'along', by] as const);
  results.set('second', {
    found: vjp(mixed, ...xs)[1](Tensor.ones([], dtype)).flatMap((dx) => [...dx.data]),
    truth: all.map(([which, place]) =>
      [
        [k, k, 1],
        [k, k.neg(), -1],
        [k.neg(), k, -1],
        [k.neg(), k.neg(), 1],
      ]
        .reduce(
          (total, [a, b, sign]) => total.plus(at([[which, place, a as Decimal], ...along(b as Decimal)]).times(sign as number)),
          new Decimal(0),
        )
        .div(k.times(k).times(4)),
    ),
  });
  return results;
}

/** What is found for an operation: the largest errors over some samples, small ones for the higher orders. */
export function measure(op: AnyOp, dtype: Dtype): Readonly<Record<Order, Finding>> {
  if (perform(op, ...argumentsOf(op, new Random(1), 2)).dtype === 'int32')
    return { value: 'whole numbers', first: 'no derivative', second: 'no derivative' };
  if (op.name === 'oneHot') return { value: 'whole numbers', first: 'no derivative', second: 'no derivative' };
  if (!definitions[op.name])
    throw new Error(`operations: ${op.name} has no definition in decimal numbers; add one to scripts/operations/definitions.ts`);
  const random = new Random(7);
  const worst = new Map<Order, { ulps: number; judged: number }>();
  for (let run = 0; run < 12; run++) {
    const deepest: Order = run < 4 ? 'second' : run < 8 ? 'first' : 'value';
    const sample = sampleOf(op.sample(drawing(random, deepest === 'second' ? 2 : deepest === 'first' ? 3 : 5)));
    for (const [order, { found, truth }] of judge(op, sample, random, dtype, deepest)) {
      const before = worst.get(order) ?? { ulps: 0, judged: 0 };
      worst.set(order, { ulps: Math.max(before.ulps, ulpsBetween(found, truth, dtype)), judged: before.judged + truth.length });
    }
  }
  return Object.fromEntries(orders.map((order) => [order, worst.get(order) ?? 'no derivative'])) as Record<Order, Finding>;
}

function argumentsOf(op: AnyOp, random: Random, most: number): [Record<string, Tensor>, object] {
  const { inputs, attributes } = sampleOf(op.sample(drawing(random, most)));
  return [inputs, attributes];
}
