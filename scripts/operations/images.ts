/** Correlations of images with filters by definition, in decimal numbers: sums over all places where a filter meets an image. */

import { Decimal } from 'decimal.js';
import { sizeOf } from '../../src/base/shape.ts';
import type { Correlation } from '../../src/functions/nn/correlation.ts';
import type { Pooling } from '../../src/functions/nn/window-sums.ts';
import type { Windows } from '../../src/functions/nn/windows.ts';
import type { Big } from './definitions.ts';

type Inputs = Readonly<Record<string, Big>>;

/** All places below some counts, in row-major order. */
const places = (counts: readonly number[]): number[][] =>
  counts.reduce<number[][]>((all, count) => all.flatMap((place) => Array.from({ length: count }, (_, i) => [...place, i])), [[]]);

/** The number of a place in row-major order, `undefined` where it is outside. */
const numberOf = (sizes: readonly number[], place: readonly number[]): number | undefined =>
  place.every((at, axis) => at >= 0 && at < sizes[axis]!) ? place.reduce((sum, at, axis) => sum * sizes[axis]! + at, 0) : undefined;

/** The pixel that an element of a window sees, `undefined` beyond the edges. */
const pixelOf = (size: readonly number[], { stride, padding, dilation }: Windows, window: readonly number[], element: readonly number[]) =>
  numberOf(
    size,
    window.map((at, axis) => at * stride[axis]! - padding[axis]! + element[axis]! * dilation[axis]!),
  );

/** Visits each element of each image that each result sees by each element of a filter: the places in the three. */
function meet(
  [n, c, ...size]: readonly number[],
  [, o, ...counts]: readonly number[],
  { groups, ...windows }: Correlation,
  at: (image: number, result: number, filter: number) => void,
): void {
  const inner = c! / groups;
  for (const [example, out, part] of places([n!, o!, inner]) as [number, number, number][])
    for (const window of places(counts))
      for (const element of places(windows.kernel)) {
        const pixel = pixelOf(size, windows, window, element);
        if (pixel === undefined) continue;
        const channel = Math.floor(out / (o! / groups)) * inner + part;
        at(
          (example * c! + channel) * sizeOf(size) + pixel,
          (example * o! + out) * sizeOf(counts) + numberOf(counts, window)!,
          (out * inner + part) * sizeOf(windows.kernel) + numberOf(windows.kernel, element)!,
        );
      }
}

const zeros = (shape: readonly number[]): Decimal[] => Array.from({ length: sizeOf(shape) }, () => new Decimal(0));

function largest({ x }: Inputs, { counts, ...windows }: Pooling): Decimal[] {
  const [n, c, ...size] = x!.shape as [number, number, ...number[]];
  return places([n * c, ...counts]).map(([channel, ...window]) => {
    const first = channel! * sizeOf(size);
    const seen = places(windows.kernel).flatMap((element) => pixelOf(size, windows, window, element) ?? []);
    return new Decimal(seen.reduce((best, pixel) => (x!.data[first + pixel]!.gt(x!.data[first + best]!) ? pixel : best)));
  });
}

export const definitions = {
  conv({ x, weight }: Inputs, correlation: Correlation, shape: readonly number[]): Decimal[] {
    const out = zeros(shape);
    meet(x!.shape, shape, correlation, (image, result, filter) => {
      out[result] = out[result]!.plus(x!.data[image]!.times(weight!.data[filter]!));
    });
    return out;
  },
  convBias({ bias, ...inputs }: Inputs, correlation: Correlation, shape: readonly number[]): Decimal[] {
    const pixels = sizeOf(shape.slice(2));
    return definitions.conv(inputs, correlation, shape).map((y, i) => y.plus(bias!.data[Math.floor(i / pixels) % shape[1]!]!));
  },
  convTranspose({ x, weight }: Inputs, correlation: Correlation, shape: readonly number[]): Decimal[] {
    const out = zeros(shape);
    meet(shape, x!.shape, correlation, (image, result, filter) => {
      out[image] = out[image]!.plus(x!.data[result]!.times(weight!.data[filter]!));
    });
    return out;
  },
  convWeight({ x, g }: Inputs, correlation: Correlation, shape: readonly number[]): Decimal[] {
    const out = zeros(shape);
    meet(x!.shape, g!.shape, correlation, (image, result, filter) => {
      out[filter] = out[filter]!.plus(x!.data[image]!.times(g!.data[result]!));
    });
    return out;
  },
  largestOfWindows: largest,
};
