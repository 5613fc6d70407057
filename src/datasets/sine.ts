import { finiteNumber, optional, readOptions } from '../base/options.ts';
import { Random } from '../base/random.ts';
import { sin } from '../functions/elementwise/trigonometric.ts';
import { Tensor } from '../tensor/tensor.ts';
import { Dataset } from './dataset.ts';
import { checkSize, type PointOptions, pointOptions } from './points.ts';

/** Options of `sine`. */
export interface SineOptions extends PointOptions {
  /** How many waves there are from −π to π. Default 1. */
  readonly waves?: number;
}

/**
 * A sine wave to fit: `y = sin(waves · x)` plus noise, for even `x` from −π to π.
 *
 * @param size how many points there are, `x : [size, 1]`, `y : [size, 1]`. Default 100
 * @param options `waves`, default 1; `noise` of `y`, default 0; `seed`, default 0; `dtype`, default float32
 * @throws ValueError for a size that is none, and for options that are not known or out of range
 * @example sine(3).y.toArray().flat().map((y) => y.toFixed(6)) // => ['-0.000000', '0.000000', '0.000000']
 */
export function sine(size: number = 100, options?: SineOptions): Dataset<[Tensor<[number, number]>, Tensor<[number, number]>]> {
  checkSize('sine', size, 1);
  const { seed, waves, noise, dtype } = readOptions<SineOptions>('sine', options, { ...pointOptions(), waves: optional(finiteNumber, 1) });
  // Symmetric to the bit; a single point is in the middle.
  const x = Float64Array.from({ length: size }, (_, i) => (Math.PI * (2 * i - (size - 1))) / Math.max(size - 1, 1));
  const random = new Random(seed);
  const waved = sin(new Tensor([size], x.map((t) => waves * t))).numbers; // biome-ignore format: one line
  const y = noise > 0 ? Float64Array.from(waved, (value) => value + random.normal(0, noise)) : Float64Array.from(waved);
  const column = (numbers: Float64Array) => new Tensor([size, 1], numbers).cast(dtype);
  return new Dataset(column(x), column(y));
}
