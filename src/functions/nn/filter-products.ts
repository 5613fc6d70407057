/** The definition of the adjoint of a correlation in the filters: lines of results times what each element of windows sees of the images. */

import { type FloatData, floatDtypeOf, newData } from '../../base/dtype.ts';
import { type FilterPart, piecesOf } from '../../machine/wasm/line-products.ts';
import type { ConvolutionSizes } from '../../machine/wasm/window-products.ts';
import { layOut } from './unfold.ts';

/** Sizes that the correlation and its adjoints have in common. */
export interface Sizes extends ConvolutionSizes {
  /** How many lines of windows there are, along all axes but the last, and how many windows in each. */
  readonly rows: number;
  readonly columns: number;
  /** How many elements a window has in one channel, and in all channels of a group: those of a filter. */
  readonly taps: number;
  readonly inner: number;
  /** How many numbers the columns of one example are. */
  readonly each: number;
}

/** How many numbers of products of single examples are held before they are added. */
const MOST_HELD = 8388608;

/** All elements of the filters, or parts of them, so that not too many products are held before they are added. */
export function partsOfFilters({ n, c, o, groups, inner, taps }: Sizes): FilterPart[] {
  const [filters, channels] = [o / groups, c / groups];
  const whole = { groups: [0, groups], filters: [0, filters], channels: [0, channels] } as const;
  if (n * o * inner <= MOST_HELD) return [whole];
  const parts: FilterPart[] = [];
  const some = Math.max(1, Math.min(filters, Math.floor(MOST_HELD / (n * taps))));
  const most = Math.max(1, Math.min(channels, Math.floor(MOST_HELD / (n * some * taps))));
  for (let group = 0; group < groups; group++) {
    for (let filter = 0; filter < filters; filter += some) {
      for (let channel = 0; channel < channels; channel += most) {
        parts.push({
          groups: [group, group + 1],
          filters: [filter, Math.min(filters, filter + some)],
          channels: [channel, Math.min(channels, channel + most)],
        });
      }
    }
  }
  return parts;
}

/**
 * For each example what the results `g` of some filters give with each element of windows in some channels: `[n, filters, channels · elements]`.
 *
 * The products along lines are added to a running sum for each lane of a vector of 16 bytes; those of a block of lines to the sums of the blocks before
 * it, and at the end the lanes are joined, as `sum` joins them.
 */
export function productsOfLines(x: FloatData, g: FloatData, sizes: Sizes, part: FilterPart): FloatData {
  const { n, c, o, groups, taps, image, windows, counts, rows, columns } = sizes;
  const size = rows * columns;
  const [filters, channels] = [part.filters[1] - part.filters[0], part.channels[1] - part.channels[0]];
  const [held, seen] = [
    newData(floatDtypeOf(x), n * (part.groups[1] - part.groups[0]) * filters * channels * taps),
    newData(floatDtypeOf(x), size),
  ];
  let to = 0;
  for (let example = 0; example < n; example++) {
    for (let group = part.groups[0]; group < part.groups[1]; group++) {
      const first = example * c + (group * c) / groups + part.channels[0];
      const filter = example * o + (group * o) / groups + part.filters[0];
      for (let tap = 0; tap < channels * taps; tap++) {
        seen.fill(0);
        layOut(x, image, windows, counts, { taps: [first * taps + tap, first * taps + tap + 1], lines: [0, rows] }, seen);
        for (let i = 0; i < filters; i++) {
          const results = g.subarray((filter + i) * size, (filter + i + 1) * size);
          held[to + i * channels * taps + tap] = productOfLines(results, seen, columns);
        }
      }
      to += filters * channels * taps;
    }
  }
  return held;
}

/** Lines of numbers times other such lines, added in lanes. */
function productOfLines(a: FloatData, b: FloatData, columns: number): number {
  const lanes = 16 / a.BYTES_PER_ELEMENT;
  const { pieces, length, inBlock } = piecesOf(columns, lanes);
  const dtype = floatDtypeOf(a);
  const [sums, totals, product] = [newData(dtype, lanes), newData(dtype, lanes), newData(dtype, 1)];
  for (let piece = 0; piece < (a.length / columns) * pieces; piece++) {
    const first = (piece % pieces) * length;
    const start = Math.floor(piece / pieces) * columns + first;
    for (let i = 0; i < Math.min(length, columns - first); i++) {
      product[0] = a[start + i]! * b[start + i]!;
      sums[i % lanes]! += product[0]!;
    }
    if ((piece + 1) % inBlock > 0 && piece + 1 < (a.length / columns) * pieces) continue;
    for (let lane = 0; lane < lanes; lane++) totals[lane]! += sums[lane]!;
    sums.fill(0);
  }
  for (let half = lanes / 2; half >= 1; half /= 2) for (let i = 0; i < half; i++) totals[i]! += totals[i + half]!;
  return totals[0]!;
}
