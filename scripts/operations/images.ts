/** Correlations of images with filters by definition, in decimal numbers: sums over all places where a filter meets an image. */

import { Decimal } from 'decimal.js';
import { sizeOf } from '../../src/base/shape.ts';
import type { Correlation } from '../../src/functions/nn/correlation.ts';
import type { Pooling } from '../../src/functions/nn/window-sums.ts';
import type { Big } from './definitions.ts';

type Inputs = Readonly<Record<string, Big>>;

/** Visits each element of each image that each result sees by each element of a filter: the places in the three. */
function meet(
  [n, c, height, width]: readonly number[],
  [, o, rows, columns]: readonly number[],
  { kernel: [kh, kw], stride, padding, dilation, groups }: Correlation,
  at: (image: number, result: number, filter: number) => void,
): void {
  const inner = c! / groups;
  for (let example = 0; example < n!; example++)
    for (let out = 0; out < o!; out++)
      for (let i = 0; i < rows!; i++)
        for (let j = 0; j < columns!; j++)
          for (let part = 0; part < inner; part++)
            for (let p = 0; p < kh; p++)
              for (let q = 0; q < kw; q++) {
                const [y, x] = [i * stride[0] - padding[0] + p * dilation[0], j * stride[1] - padding[1] + q * dilation[1]];
                if (y < 0 || y >= height! || x < 0 || x >= width!) continue;
                const channel = Math.floor(out / (o! / groups)) * inner + part;
                at(
                  ((example * c! + channel) * height! + y) * width! + x,
                  ((example * o! + out) * rows! + i) * columns! + j,
                  ((out * inner + part) * kh + p) * kw + q,
                );
              }
}

const zeros = (shape: readonly number[]): Decimal[] => Array.from({ length: sizeOf(shape) }, () => new Decimal(0));

function largest({ x }: Inputs, { kernel, stride, padding, dilation, counts }: Pooling): Decimal[] {
  const [n, c, height, width] = x!.shape as [number, number, number, number];
  const found: Decimal[] = [];
  for (let plane = 0; plane < n * c; plane++)
    for (let i = 0; i < counts[0]; i++)
      for (let j = 0; j < counts[1]; j++) {
        let best = -1;
        for (let p = 0; p < kernel[0]; p++)
          for (let q = 0; q < kernel[1]; q++) {
            const [y, z] = [i * stride[0] - padding[0] + p * dilation[0], j * stride[1] - padding[1] + q * dilation[1]];
            if (y < 0 || y >= height || z < 0 || z >= width) continue;
            const here = (plane * height + y) * width + z;
            if (best < 0 || x!.data[here]!.gt(x!.data[best]!)) best = here;
          }
        found.push(new Decimal(best - plane * height * width));
      }
  return found;
}

export const definitions = {
  conv2d({ x, weight }: Inputs, correlation: Correlation, shape: readonly number[]): Decimal[] {
    const out = zeros(shape);
    meet(x!.shape, shape, correlation, (image, result, filter) => {
      out[result] = out[result]!.plus(x!.data[image]!.times(weight!.data[filter]!));
    });
    return out;
  },
  convTranspose2d({ x, weight }: Inputs, correlation: Correlation, shape: readonly number[]): Decimal[] {
    const out = zeros(shape);
    meet(shape, x!.shape, correlation, (image, result, filter) => {
      out[image] = out[image]!.plus(x!.data[result]!.times(weight!.data[filter]!));
    });
    return out;
  },
  conv2dWeight({ x, g }: Inputs, correlation: Correlation, shape: readonly number[]): Decimal[] {
    const out = zeros(shape);
    meet(x!.shape, g!.shape, correlation, (image, result, filter) => {
      out[filter] = out[filter]!.plus(x!.data[image]!.times(g!.data[result]!));
    });
    return out;
  },
  largestOfWindows: largest,
};
