/** Convolutions and pooling of ONNX by loops over windows and their elements. */

import { Tensor } from '../../../src/index.ts';
import type { Attribute } from './decode.ts';

type Attributes = Readonly<Record<string, Attribute>>;

const sizeOf = (shape: readonly number[]): number => shape.reduce((a, b) => a * b, 1);

/** All places of a shape, in row-major order. */
function* placesOf(shape: readonly number[]): Generator<readonly number[]> {
  for (let i = 0; i < sizeOf(shape); i++) {
    const place: number[] = [];
    let rest = i;
    for (const size of shape.toReversed()) {
      place.unshift(rest % size);
      rest = Math.floor(rest / size);
    }
    yield place;
  }
}

/** The place among all in row-major order, or −1 outside. */
const indexOf = (place: readonly number[], shape: readonly number[]): number =>
  place.some((at, i) => at < 0 || at >= shape[i]!) ? -1 : place.reduce((index, at, i) => index * shape[i]! + at, 0);

function windowsOf(attributes: Attributes, size: readonly number[]) {
  const read = (name: string, fallback: number) => (attributes[name] as readonly number[] | undefined) ?? size.map(() => fallback);
  const [kernel, strides, dilations] = [read('kernel_shape', 1), read('strides', 1), read('dilations', 1)];
  const pads = (attributes['pads'] as readonly number[] | undefined) ?? [...size, ...size].map(() => 0);
  const counts = size.map(
    (n, i) => Math.floor((n + pads[i]! + pads[i + size.length]! - dilations[i]! * (kernel[i]! - 1) - 1) / strides[i]!) + 1,
  );
  /** Where an element of a window stands in the image. */
  const at = (window: readonly number[], tap: readonly number[]) =>
    window.map((w, i) => w * strides[i]! - pads[i]! + tap[i]! * dilations[i]!);
  return { kernel, counts, at };
}

function conv([x, w, bias]: readonly Tensor[], attributes: Attributes): Tensor {
  const [n, c, ...size] = x!.shape as [number, number, ...number[]];
  const [o, inner] = w!.shape as [number, number];
  const { kernel, counts, at } = windowsOf(attributes, size);
  const [windows, taps, pixels] = [[...placesOf(counts)], [...placesOf(kernel)], sizeOf(size)];
  const out = x!.data.constructor as new (length: number) => Float32Array;
  const y = new out(n * o * windows.length);
  const perGroup = o / (attributes['group'] as number);
  for (let image = 0; image < n; image++)
    for (let to = 0; to < o; to++)
      windows.forEach((window, which) => {
        let sum = bias?.data[to] ?? 0;
        for (let k = 0; k < inner; k++)
          taps.forEach((tap, t) => {
            const pixel = indexOf(at(window, tap), size);
            const channel = Math.floor(to / perGroup) * inner + k;
            if (pixel >= 0) sum += x!.data[(image * c + channel) * pixels + pixel]! * w!.data[(to * inner + k) * taps.length + t]!;
          });
        y[(image * o + to) * windows.length + which] = sum;
      });
  return new Tensor([n, o, ...counts], y);
}

function convTranspose([x, w]: readonly Tensor[], attributes: Attributes): Tensor {
  const [n, c, ...counts] = x!.shape as [number, number, ...number[]];
  const outputs = w!.shape[1]!;
  const group = attributes['group'] as number;
  const read = (name: string) => attributes[name] as readonly number[];
  const [kernel, strides, dilations, pads, added] = ['kernel_shape', 'strides', 'dilations', 'pads', 'output_padding'].map(read) as [readonly number[], readonly number[], readonly number[], readonly number[], readonly number[]]; // biome-ignore format: a line
  const size = counts.map((count, i) => (count - 1) * strides[i]! + dilations[i]! * (kernel[i]! - 1) + 1 - pads[i]! - pads[i + counts.length]! + added[i]!); // biome-ignore format: a line
  const { at } = windowsOf(attributes, size);
  const y = new Float64Array(n * outputs * group * sizeOf(size));
  const [windows, taps] = [[...placesOf(counts)], [...placesOf(kernel)]];
  for (let image = 0; image < n; image++)
    for (let from = 0; from < c; from++)
      for (let k = 0; k < outputs; k++)
        windows.forEach((window, which) => {
          taps.forEach((tap, t) => {
            const pixel = indexOf(at(window, tap), size);
            const to = Math.floor(from / (c / group)) * outputs + k;
            const product = x!.data[(image * c + from) * windows.length + which]! * w!.data[(from * outputs + k) * taps.length + t]!;
            if (pixel >= 0) y[(image * outputs * group + to) * sizeOf(size) + pixel]! += product;
          });
        });
  return new Tensor([n, outputs * group, ...size], y).cast(x!.dtype);
}

/** What stands in each window of each channel, and where in all of the tensor. */
function pooled(
  x: Tensor,
  attributes: Attributes,
  of: (window: readonly (readonly [value: number, index: number])[], taps: number) => void,
): number[] {
  const [n, c, ...size] = x.shape as [number, number, ...number[]];
  const { kernel, counts, at } = windowsOf(attributes, size);
  const taps = [...placesOf(kernel)];
  for (let channel = 0; channel < n * c; channel++)
    for (const window of placesOf(counts)) {
      const seen = taps.map((tap) => indexOf(at(window, tap), size)).filter((pixel) => pixel >= 0);
      of(
        seen.map((pixel) => [x.data[channel * sizeOf(size) + pixel]!, channel * sizeOf(size) + pixel] as const),
        taps.length,
      );
    }
  return [n, c, ...counts];
}

function maxPool([x]: readonly Tensor[], attributes: Attributes): readonly Tensor[] {
  const [values, indices]: [number[], number[]] = [[], []];
  const shape = pooled(x!, attributes, (window) => {
    const best = window.reduce((best, one) => (one[0] > best[0] ? one : best));
    values.push(best[0]);
    indices.push(best[1]);
  });
  return [new Tensor(shape, Float64Array.from(values)).cast(x!.dtype), new Tensor(shape, Int32Array.from(indices))];
}

/** Zeros beyond the edges count. */
function averagePool([x]: readonly Tensor[], attributes: Attributes): Tensor {
  if (attributes['count_include_pad'] !== 1) throw new Error('AveragePool: expected padding to count');
  const means: number[] = [];
  const shape = pooled(x!, attributes, (window, taps) => means.push(window.reduce((sum, [value]) => sum + value, 0) / taps));
  return new Tensor(shape, Float64Array.from(means)).cast(x!.dtype);
}

export const windowed = { Conv: conv, ConvTranspose: convTranspose, MaxPool: maxPool, AveragePool: averagePool };
