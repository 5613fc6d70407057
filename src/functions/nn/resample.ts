/** An axis resampled: each element of the result is a weighted sum of the elements of the axis near its position. And the adjoint of that. */

import { type Data, newData } from '../../base/dtype.ts';
import { around, sizeOf } from '../../base/shape.ts';
import type { Draw, Op } from '../../tensor/op.ts';
import { stored, totalsOf } from '../../tensor/ops/indexing.ts';
import { perform } from '../../tensor/tensor.ts';

/** How an axis is resampled. */
export interface Resampling {
  readonly axis: number;
  /** How many elements the axis has, and how many the resampled one has. */
  readonly from: number;
  readonly count: number;
  /** What is summed: the element at or before a position, the nearest one, the two around it, or the four around it. */
  readonly method: 'nearest' | 'nearest-exact' | 'linear' | 'cubic';
  /** How far apart, in elements of the axis, the positions of neighbours of the result are, as a fraction: so that positions are rounded but once. */
  readonly step: readonly [numerator: number, denominator: number];
  /** Whether the first element lies on the first one; else the edges of the two axes lie on each other, with elements half a step inside. */
  readonly aligned: boolean;
  /** Whether elements are averaged where neighbours of the result are more than one element apart. */
  readonly antialias: boolean;
}

/** For each element of a result, one after another, the elements of the axis of which it is a sum, and their weights. */
interface Terms {
  /** Where the terms of each element begin, and where those of the last end. */
  readonly starts: Data;
  readonly places: Data;
  readonly weights: Data;
}

/** Keys 1981, "Cubic convolution interpolation", with the slope of the curve between neighbours and beyond: at a distance from 0 to 2. */
function cubic(distance: number, slope: number): number {
  const x = Math.abs(distance);
  if (x <= 1) return ((slope + 2) * x - (slope + 3)) * x * x + 1;
  return x < 2 ? ((slope * x - 5 * slope) * x + 8 * slope) * x - 4 * slope : 0;
}

/** The slope of the curve of PyTorch and OpenCV; with `antialias` both, and Pillow, take the other one. */
const SLOPES = { usual: -0.75, antialias: -0.5 } as const;

/** The weights of cubic interpolation for the element before the one at or before a position, that one, and the two after it. */
const cubicWeights = (rest: number): readonly [number, number, number, number] => [
  cubic(rest + 1, SLOPES.usual),
  cubic(rest, SLOPES.usual),
  cubic(1 - rest, SLOPES.usual),
  cubic(2 - rest, SLOPES.usual),
];

/** The terms of one element, as pairs of place and weight. */
function termsAt(i: number, resampling: Resampling): [place: number, weight: number][] {
  const { from, method, step, aligned, antialias } = resampling;
  if (antialias) return averaged(i, resampling);
  const last = from - 1;
  if (method === 'nearest') return [[Math.min(Math.floor((i * step[0]) / step[1]), last), 1]];
  if (method === 'nearest-exact') return [[Math.min(Math.floor(((2 * i + 1) * step[0]) / (2 * step[1])), last), 1]];
  const position = aligned ? (i * step[0]) / step[1] : ((2 * i + 1) * step[0]) / (2 * step[1]) - 0.5;
  const within = method === 'linear' ? Math.max(position, 0) : position;
  const before = Math.floor(within);
  const rest = within - before;
  if (method === 'linear') return [[Math.min(before, last), 1 - rest], [Math.min(before + 1, last), rest]]; // biome-ignore format: a line
  return cubicWeights(rest).map((weight, k) => [Math.min(Math.max(before - 1 + k, 0), last), weight]);
}

/** The terms where neighbours of the result are far apart: the curve is as wide as the step, and the weights have the sum 1. */
function averaged(i: number, { from, method, step }: Resampling): [place: number, weight: number][] {
  const scale = step[0] / step[1];
  const width = Math.max(scale, 1);
  const reach = (method === 'linear' ? 1 : 2) * width;
  const centre = ((2 * i + 1) * step[0]) / (2 * step[1]);
  const first = Math.max(Math.trunc(centre - reach + 0.5), 0);
  const end = Math.min(Math.trunc(centre + reach + 0.5), from);
  const curve = (x: number) => (method === 'linear' ? Math.max(0, 1 - Math.abs(x)) : cubic(x, SLOPES.antialias));
  const weights = Array.from({ length: end - first }, (_, k) => curve((first + k - centre + 0.5) / width));
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  return weights.map((weight, k) => [first + k, weight / total]);
}

/** The terms of all elements. Those of weight 0 are left out: an infinity that does not count stays where it is. */
function termsOf(resampling: Resampling): Terms {
  const { count, step, antialias } = resampling;
  const most = count * (antialias ? 4 * Math.ceil(Math.max(step[0] / step[1], 1)) + 2 : 4);
  const [starts, places, weights] = [newData('int32', count + 1), newData('int32', most), newData('float64', most)];
  let terms = 0;
  for (let i = 0; i < count; i++) {
    for (const [place, weight] of termsAt(i, resampling)) {
      if (weight === 0) continue;
      places[terms] = place;
      weights[terms++] = weight;
    }
    starts[i + 1] = terms;
  }
  return { starts, places, weights };
}

/** `y[i] = Σ w[i, j] x[j]` along an axis. The adjoint of `resampleAdjoint`. */
export const resampleOp: Op<'x', Resampling> = {
  name: 'resample',
  batching: 'axes',
  shape: ({ x, axis, count }) => x.sizes.with(axis, count),
  forward({ x, ...resampling }, shape) {
    const { before, after } = around(x.sizes, resampling.axis);
    const { from, count } = resampling;
    const { numbers } = x;
    const out = newData(x.dtype, sizeOf(shape));
    const { starts, places, weights } = termsOf(resampling);
    for (let block = 0; block < before; block++)
      for (let i = 0; i < count; i++) {
        const [begin, end] = [starts[i]!, starts[i + 1]!];
        const to = (block * count + i) * after;
        for (let k = 0; k < after; k++) {
          // Begun with the first, since 0 + −0 is 0.
          let total = weights[begin]! * numbers[(block * from + places[begin]!) * after + k]!;
          for (let t = begin + 1; t < end; t++) total += weights[t]! * numbers[(block * from + places[t]!) * after + k]!;
          out[to + k] = total;
        }
      }
    return out;
  },
  backward: {
    x: ({ dy, axis, from, count, method, step, aligned, antialias }) =>
      perform(resampleAdjointOp, { x: dy }, { axis, from, count, method, step, aligned, antialias }),
  },
  sample(draw) {
    const { shape, ...resampling } = sampleOf(draw);
    return { x: draw.tensor(shape), ...resampling };
  },
};

/** `y[j] = Σ w[i, j] x[i]` along an axis. The adjoint of `resample`. */
export const resampleAdjointOp: Op<'x', Resampling> = {
  name: 'resampleAdjoint',
  batching: 'axes',
  shape: ({ x, axis, from }) => x.sizes.with(axis, from),
  forward({ x, ...resampling }, shape) {
    const { before, after } = around(x.sizes, resampling.axis);
    const { from, count } = resampling;
    const { numbers } = x;
    const out = totalsOf(sizeOf(shape));
    const { starts, places, weights } = termsOf(resampling);
    for (let block = 0; block < before; block++)
      for (let i = 0; i < count; i++) {
        const first = (block * count + i) * after;
        for (let t = starts[i]!; t < starts[i + 1]!; t++) {
          const to = (block * from + places[t]!) * after;
          for (let k = 0; k < after; k++) out[to + k]! += weights[t]! * numbers[first + k]!;
        }
      }
    return stored('resampleAdjoint', out, x.dtype);
  },
  backward: {
    x: ({ dy, axis, from, count, method, step, aligned, antialias }) =>
      perform(resampleOp, { x: dy }, { axis, from, count, method, step, aligned, antialias }),
  },
  sample(draw) {
    const { shape, ...resampling } = sampleOf(draw);
    return { x: draw.tensor(shape.with(resampling.axis, resampling.count)), ...resampling };
  },
};

function sampleOf(draw: Draw): Resampling & { readonly shape: readonly number[] } {
  const shape = [draw.size() + 1, draw.size() + 1];
  const axis = draw.oneOf(0, 1);
  const [from, count] = [shape[axis]!, draw.size() + 1];
  const [method, antialias] = draw.oneOf(
    ['nearest', false] as const,
    ['nearest-exact', false] as const,
    ['linear', false] as const,
    ['cubic', false] as const,
    ['linear', true] as const,
    ['cubic', true] as const,
  );
  const aligned = !antialias && draw.oneOf(true, false);
  return { shape, axis, from, count, method, step: aligned ? [from - 1, count - 1] : [from, count], aligned, antialias };
}
