/** What made-up datasets have in common: options, angles, and points of classes as a dataset. */

import type { FloatDtype } from '../base/dtype.ts';
import { boolean, check, numberFrom, type OptionTable, oneOf, optional, wholeNumberFrom } from '../base/options.ts';
import { Random, seedOption } from '../base/random.ts';
import { checkShape } from '../base/shape.ts';
import { cos, sin } from '../functions/elementwise/trigonometric.ts';
import { Tensor } from '../tensor/tensor.ts';
import { Dataset } from './dataset.ts';

/** Options of all made-up datasets. */
export interface PointOptions {
  /** The standard deviation of what is added to each coordinate. Default 0. */
  readonly noise?: number;
  /** The seed of all that is at random. Default 0. */
  readonly seed?: number;
  /** Default float32. */
  readonly dtype?: FloatDtype;
}

/** Options of datasets that are made class by class. */
export interface ShuffledOptions extends PointOptions {
  /** Whether the points are shuffled. Default true; otherwise they come class by class. */
  readonly shuffle?: boolean;
}

/** The points of some classes, each `[points, 2]` in float64. */
type ClassesOfPoints = readonly Float64Array[];

/** The table of `PointOptions`. */
export const pointOptions = (): OptionTable<PointOptions> => ({
  noise: optional(numberFrom(0), 0),
  seed: optional(seedOption, 0),
  dtype: optional(oneOf('float32', 'float64'), 'float32'),
});

/** The table of `ShuffledOptions`. */
export const shuffledOptions = (): OptionTable<ShuffledOptions> => ({ ...pointOptions(), shuffle: optional(boolean, true) });

/** Refuses a number of points that none is. */
export function checkSize(name: string, size: number, columns = 2): void {
  check(name, { size }, wholeNumberFrom(1));
  checkShape(name, [size, columns]);
}

/** So many numbers from a first to a last one, as NumPy's `linspace` rounds them. */
export function evenly(count: number, last: number, endpoint: boolean): Float64Array {
  const gaps = endpoint ? count - 1 : count;
  const step = last / gaps;
  return Float64Array.from({ length: count }, (_, i) => (endpoint && i === gaps && i > 0 ? last : i === 0 ? 0 : i * step));
}

/** The sines and cosines of angles, the same on every engine. */
export function circle(angles: Float64Array): { readonly x: Tensor['numbers']; readonly y: Tensor['numbers'] } {
  const tensor = new Tensor([angles.length], angles);
  return { x: cos(tensor).numbers, y: sin(tensor).numbers };
}

/** Points by their coordinates. */
export const zipped = (count: number, x: (i: number) => number, y: (i: number) => number): Float64Array =>
  Float64Array.from({ length: 2 * count }, (_, i) => (i % 2 ? y(i >> 1) : x(i >> 1)));

/** Points class by class as a dataset, shuffled, and with noise. */
export function datasetOf(
  classes: ClassesOfPoints,
  random: Random,
  { shuffle, noise, dtype }: Required<Omit<ShuffledOptions, 'seed'>>,
  width = 2,
): Dataset {
  const labels = Int32Array.from(classes.flatMap((points, label) => Array<number>(points.length / width).fill(label)));
  const size = labels.length;
  const all = new Float64Array(size * width);
  let start = 0;
  for (const points of classes) {
    all.set(points, start);
    start += points.length;
  }
  const order = shuffle ? random.permutation(size) : undefined;
  const points = order ? all.map((_, i) => all[order[Math.floor(i / width)]! * width + (i % width)]!) : all;
  const noisy = noise > 0 ? points.map((x) => x + random.normal(0, noise)) : points;
  return new Dataset(
    new Tensor([size, width], noisy).cast(dtype),
    new Tensor([size], order ? labels.map((_, i) => labels[order[i]!]!) : labels),
  );
}

/** Points at random in a square, of classes by a rule. */
export function pointsInSquare(
  name: string,
  size: number,
  side: readonly [number, number],
  read: Required<PointOptions>,
  classOf: (x: number, y: number) => number,
): Dataset {
  checkSize(name, size);
  const random = new Random(read.seed);
  const points = Float64Array.from({ length: 2 * size }, () => random.uniform(...side));
  const labels = Int32Array.from({ length: size }, (_, i) => classOf(points[2 * i]!, points[2 * i + 1]!));
  const noisy = read.noise > 0 ? points.map((x) => x + random.normal(0, read.noise)) : points;
  return new Dataset(new Tensor([size, 2], noisy).cast(read.dtype), new Tensor([size], labels));
}
