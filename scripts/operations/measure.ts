/** How far an operation and its derivatives are from their definition. */

import { Decimal } from 'decimal.js';
import { perform, Random, Tensor, vjp } from 'tapegrad';
import { type AnyOp, type Sample, sampleOf, smooth } from '../../src/autograd/checks/samples.ts';
import type { Domain, Draw } from '../../src/tensor/op.ts';
import { exactly } from '../numerics/exactly.ts';
import { type Case, definitionOf, type TensorFunction } from './composed.ts';
import { type Big, bigOf, definitions } from './definitions.ts';

export const orders = ['value', 'first', 'second'] as const;
export type Order = (typeof orders)[number];
type Dtype = 'float32' | 'float64';

/** The largest error in ulps and how many numbers were judged, or a word for why there is none. */
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
 * The largest error in ulps of the true number. The ulp is at least that of a thousandth of the largest number of the tensor, or of 1: where large
 * terms cancel, the error is compared with the terms.
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
const STEPS = { first: new Decimal('1e-20'), second: new Decimal('1e-14') };

/** A function at some arguments, and its definition in decimal numbers; both take the arguments that have a derivative. */
interface Subject {
  readonly f: TensorFunction;
  readonly xs: readonly Tensor[];
  readonly definition: (xs: readonly Big[]) => readonly Decimal[];
}

const as = (x: Tensor, dtype: Dtype): Tensor => (x.dtype === 'int32' ? x : x.cast(dtype));

/** An operation at arguments of its own choice. */
function operationAt(op: AnyOp, draw: Draw, dtype: Dtype): Subject {
  const sample = sampleOf(op.sample(draw));
  const { inputs, attributes } = sample;
  const { shape } = perform(op, inputs, attributes);
  const { xs } = smooth(op, sample);
  const names = Object.keys(inputs).filter((name) => xs.includes(inputs[name]!));
  const own: Sample = {
    inputs: Object.fromEntries(Object.entries(inputs).map(([name, x]) => [name, as(x, dtype)])),
    attributes: op.name === 'cast' ? { to: dtype } : attributes,
  };
  const floats = Object.entries(inputs).filter(([, x]) => x.dtype !== 'int32');
  return {
    f: smooth(op, own).f,
    xs,
    definition: (at) => {
      const numbers = floats.map(([name, x]) => [name, at[names.indexOf(name)] ?? bigOf(x)]);
      return definitions[op.name]!(Object.fromEntries(numbers), attributes, shape, op, inputs);
    },
  };
}

/** A composed function at arguments at random. */
function composedAt([f, ...all]: Case): Subject {
  const xs = all.filter(({ dtype }) => dtype !== 'int32');
  const smooth: TensorFunction = (...own) => f(...all.map((x) => own[xs.indexOf(x)] ?? x));
  return { f: smooth, xs, definition: definitionOf(smooth, xs) };
}

/** The results of the library in a dtype and the true ones, for each order. */
function judge(
  { f, xs, definition }: Subject,
  random: Random,
  dtype: Dtype,
  deepest: Order,
): Map<Order, { found: ArrayLike<number>; truth: readonly Decimal[] }> {
  const results = new Map<Order, { found: ArrayLike<number>; truth: readonly Decimal[] }>();
  const own = xs.map((x) => as(x, dtype));
  const y = f(...own);
  const start = xs.map(bigOf);
  results.set('value', { found: y.data, truth: definition(start) });
  if (xs.length === 0 || deepest === 'value') return results;
  const [dy, vs] = [scattered(y, random), xs.map((x) => scattered(x, random))];
  /** `⟨dy, f⟩` where each argument is moved by some multiples of directions. */
  const at = (moves: readonly (readonly [which: number, place: number | 'along', by: Decimal])[]): Decimal => {
    const moved = [...start];
    for (const [which, place, by] of moves) {
      const { shape, data } = moved[which]!;
      moved[which] = {
        shape,
        data: data.map((x, i) => (place === 'along' ? x.plus(by.times(exactly(vs[which]!.data[i]!))) : place === i ? x.plus(by) : x)),
      };
    }
    return definition(moved).reduce((total, y, i) => total.plus(y.times(exactly(dy.data[i]!))), new Decimal(0));
  };
  const all = xs.flatMap((x, which) => Array.from({ length: x.size }, (_, place) => [which, place] as const));
  const slopes = (...here: Tensor[]) => vjp(f, ...here)[1](as(dy, dtype));
  const h = STEPS.first;
  results.set('first', {
    found: slopes(...own).flatMap((dx) => [...dx.data]),
    truth: all.map(([which, place]) =>
      at([[which, place, h]])
        .minus(at([[which, place, h.neg()]]))
        .div(h.times(2)),
    ),
  });
  if (deepest === 'first') return results;
  const mixed = (...here: Tensor[]) =>
    slopes(...here)
      .map((dx, i) => dx.mul(as(vs[i]!, dtype)).sum() as Tensor)
      .reduce((a, b) => a.add(b) as Tensor);
  const k = STEPS.second;
  const along = (by: Decimal) => xs.map((_, which) => [which, 'along', by] as const);
  results.set('second', {
    found: vjp(mixed, ...own)[1](Tensor.ones([], dtype)).flatMap((dx) => [...dx.data]),
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

type Findings = Readonly<Record<Order, Finding>>;

/** The largest errors over some arguments, small ones for the higher orders. */
function worstOver(subject: (draw: Draw) => Subject, dtype: Dtype): Findings {
  const random = new Random(7);
  const worst = new Map<Order, { ulps: number; judged: number }>();
  for (let run = 0; run < 12; run++) {
    const deepest: Order = run < 4 ? 'second' : run < 8 ? 'first' : 'value';
    const most = deepest === 'second' ? 2 : deepest === 'first' ? 3 : 5;
    for (const [order, { found, truth }] of judge(subject(drawing(random, most)), random, dtype, deepest)) {
      const before = worst.get(order) ?? { ulps: 0, judged: 0 };
      worst.set(order, { ulps: Math.max(before.ulps, ulpsBetween(found, truth, dtype)), judged: before.judged + truth.length });
    }
  }
  return Object.fromEntries(orders.map((order) => [order, worst.get(order) ?? 'no derivative'])) as Findings;
}

/** The largest errors of an operation. */
export function measure(op: AnyOp, dtype: Dtype): Findings {
  const { inputs, attributes } = sampleOf(op.sample(drawing(new Random(1), 2)));
  if (perform(op, inputs, attributes).dtype === 'int32' || op.name === 'oneHot')
    return { value: 'whole numbers', first: 'no derivative', second: 'no derivative' };
  if (!definitions[op.name])
    throw new Error(`operations: ${op.name} has no definition in decimal numbers; add one to scripts/operations/definitions.ts`);
  return worstOver((draw) => operationAt(op, draw, dtype), dtype);
}

/** The largest errors of a function that is composed of operations. */
export const measureComposed = (drawCase: (draw: Draw) => Case, dtype: Dtype): Findings =>
  worstOver((draw) => composedAt(drawCase(draw)), dtype);
