/** Small made-up datasets of points of a plane. Those of scikit-learn have its points for the same seed. */

import { numberAbove, numberFrom, optional, readOptions, wholeNumberFrom } from '../base/options.ts';
import { Random } from '../base/random.ts';
import { Tensor } from '../tensor/tensor.ts';
import { Dataset } from './dataset.ts';
import {
  checkSize,
  circle,
  datasetOf,
  evenly,
  type PointOptions,
  pointOptions,
  pointsInSquare,
  type ShuffledOptions,
  shuffledOptions,
  zipped,
} from './points.ts';

/** Options of `circles`. */
export interface CirclesOptions extends ShuffledOptions {
  /** The radius of the inner circle, from 0 to below 1. Default 0.8. */
  readonly factor?: number;
}

/** Options of `spirals`. */
export interface SpiralsOptions extends ShuffledOptions {
  /** How many arms there are, each a class. Default 2. */
  readonly arms?: number;
  /** How many times an arm winds around the centre. Default 1. */
  readonly turns?: number;
}

/** Options of `checkerboard`. */
export interface CheckerboardOptions extends PointOptions {
  /** How many squares a side has. Default 4. */
  readonly squares?: number;
}

/**
 * Two half circles that reach into each other: scikit-learn's `make_moons`.
 *
 * Class 0 is `(cos t, sin t)`, class 1 `(1 − cos t, ½ − sin t)`, for even `t` from 0 to π.
 *
 * @param size how many points there are, `x : [size, 2]`, `y : [size]`. Default 100
 * @param options `noise`, default 0; `shuffle`, default true; `seed`, default 0, scikit-learn's `random_state`; `dtype`, default float32
 * @throws ValueError for a size that is none, and for options that are not known or out of range
 * @example moons(4, { shuffle: false }).y.toArray() // => [0, 0, 1, 1]
 */
export function moons(size: number = 100, options?: ShuffledOptions): Dataset {
  checkSize('moons', size);
  const { seed, ...read } = readOptions<ShuffledOptions>('moons', options, shuffledOptions());
  const outer = circle(evenly(Math.floor(size / 2), Math.PI, true));
  const inner = circle(evenly(size - Math.floor(size / 2), Math.PI, true));
  const classes = [
    zipped(outer.x.length, (i) => outer.x[i]!, (i) => outer.y[i]!),
    zipped(inner.x.length, (i) => 1 - inner.x[i]!, (i) => 1 - inner.y[i]! - 0.5),
  ]; // biome-ignore format: one line each
  return datasetOf(classes, new Random(seed), read);
}

/**
 * A circle in another: scikit-learn's `make_circles`.
 *
 * Class 0 lies on the circle of radius 1, class 1 on that of radius `factor`, both at even angles.
 *
 * @param size how many points there are, `x : [size, 2]`, `y : [size]`. Default 100
 * @param options `factor`, default 0.8; `noise`, default 0; `shuffle`, default true; `seed`, default 0, scikit-learn's `random_state`; `dtype`,
 *   default float32
 * @throws ValueError for a size that is none, and for options that are not known or out of range
 * @example circles(4, { shuffle: false, factor: 0.5 }).x.slice([2]).toArray() // => [0.5, 0]
 */
export function circles(size: number = 100, options?: CirclesOptions): Dataset {
  checkSize('circles', size);
  const { seed, factor, ...read } = readOptions<CirclesOptions>('circles', options, {
    ...shuffledOptions(),
    factor: optional(numberFrom(0, 1), 0.8),
  });
  const classes = [1, factor].map((radius, label) => {
    const count = label ? size - Math.floor(size / 2) : Math.floor(size / 2);
    const { x, y } = circle(evenly(count, 2 * Math.PI, false));
    return zipped(count, (i) => x[i]! * radius, (i) => y[i]! * radius); // biome-ignore format: one line
  });
  return datasetOf(classes, new Random(seed), read);
}

/**
 * Arms that wind around each other, which no few straight lines can part.
 *
 * Arm `k` is `r (cos a, sin a)` with `a = 2π (turns · r + k / arms)`, for even `r` from 0 to 1, without 0.
 *
 * @param size how many points there are, `x : [size, 2]`, `y : [size]`. Default 200
 * @param options `arms`, default 2; `turns`, default 1; `noise`, default 0; `shuffle`, default true; `seed`, default 0; `dtype`, default float32
 * @throws ValueError for a size that is none, and for options that are not known or out of range
 * @example spirals(6, { arms: 3, shuffle: false }).y.toArray() // => [0, 0, 1, 1, 2, 2]
 */
export function spirals(size: number = 200, options?: SpiralsOptions): Dataset {
  checkSize('spirals', size);
  const { seed, arms, turns, ...read } = readOptions<SpiralsOptions>('spirals', options, {
    ...shuffledOptions(),
    arms: optional(wholeNumberFrom(1), 2),
    turns: optional(numberAbove(0), 1),
  });
  const classes = Array.from({ length: arms }, (_, arm) => {
    const count = Math.floor(size / arms) + Number(arm < size % arms);
    const radius = (i: number) => (i + 1) / count;
    const { x, y } = circle(Float64Array.from({ length: count }, (_, i) => 2 * Math.PI * (turns * radius(i) + arm / arms)));
    return zipped(count, (i) => radius(i) * x[i]!, (i) => radius(i) * y[i]!); // biome-ignore format: one line
  });
  return datasetOf(classes, new Random(seed), read);
}

/**
 * What one layer cannot learn: class 1 where just one of two things holds.
 *
 * @param size undefined for the four corners `(0, 0)`, `(0, 1)`, `(1, 0)`, `(1, 1)`, of classes 0, 1, 1, 0; otherwise how many points there are at
 *   random between −1 and 1, of class 1 where the signs of both coordinates differ
 * @param options `noise`, default 0; `seed`, default 0; `dtype`, default float32
 * @returns `x : [size, 2]`, `y : [size]`
 * @throws ValueError for a size that is none, and for options that are not known or out of range
 * @example xor().y.toArray() // => [0, 1, 1, 0]
 */
export function xor(size?: number, options?: PointOptions): Dataset {
  const read = readOptions<PointOptions>('xor', options, pointOptions());
  if (size !== undefined) return pointsInSquare('xor', size, [-1, 1], read, (x, y) => Number(x < 0 !== y < 0));
  const corners = Float64Array.of(0, 0, 0, 1, 1, 0, 1, 1);
  const random = new Random(read.seed);
  const noisy = read.noise > 0 ? corners.map((x) => x + random.normal(0, read.noise)) : corners;
  return new Dataset(new Tensor([4, 2], noisy).cast(read.dtype), new Tensor([4], Int32Array.of(0, 1, 1, 0)));
}

/**
 * Points at random in the unit square, of the colour of a checkerboard's square: class `(⌊squares · x⌋ + ⌊squares · y⌋) mod 2`.
 *
 * @param size how many points there are, `x : [size, 2]`, `y : [size]`. Default 400
 * @param options `squares` along a side, default 4; `noise`, default 0; `seed`, default 0; `dtype`, default float32
 * @throws ValueError for a size that is none, and for options that are not known or out of range
 * @example checkerboard(3).x.shape // => [3, 2]
 */
export function checkerboard(size: number = 400, options?: CheckerboardOptions): Dataset {
  const { squares, ...read } = readOptions<CheckerboardOptions>('checkerboard', options, {
    ...pointOptions(),
    squares: optional(wholeNumberFrom(1), 4),
  });
  return pointsInSquare('checkerboard', size, [0, 1], read, (x, y) => (Math.floor(squares * x) + Math.floor(squares * y)) % 2);
}
