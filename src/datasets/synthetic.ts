import type { FloatDtype } from '../base/dtype.ts';
import { finiteNumber, oneOf, optional, type Requirement, readOptions, wholeNumberFrom } from '../base/options.ts';
import { Random, seedOption } from '../base/random.ts';
import { checkShape } from '../base/shape.ts';
import { Tensor } from '../tensor/tensor.ts';
import { Dataset } from './dataset.ts';

/** Options of `synthetic`. The defaults are the course's values. */
export interface SyntheticOptions {
  /** The matrix `A` of the boundary `xᵀ A x = threshold`. Default [[1, −0.05], [1, 0.4]]. */
  readonly quad?: readonly [readonly [number, number], readonly [number, number]];
  /** The larger, the fewer points are in class 1. Default 0.6. */
  readonly threshold?: number;
  /** Default 0. */
  readonly seed?: number;
  /** How many points to train with. Default 60 000. */
  readonly trainSize?: number;
  /** How many points to validate with. Default 10 000. */
  readonly validationSize?: number;
  /** Default float64. */
  readonly dtype?: FloatDtype;
}

const matrix: Requirement = {
  words: 'two rows of two numbers',
  holds: (x) =>
    Array.isArray(x) && x.length === 2 && x.every((row) => Array.isArray(row) && row.length === 2 && row.every(Number.isFinite)),
};

/**
 * Points of the plane in two classes, inside and outside of an ellipse: the course's `load_synth`.
 *
 * `x ~ N(0, 1)²` from NumPy's `RandomState(0)`, class 1 where `xᵀ A x > 0.6` with `A = [[1, −0.05], [1, 0.4]]`; of 70,000 points the first
 * 60,000 are for training, the last 10,000 for validation. In float64, to the bit where the C library rounds its logarithm correctly (see
 * `exactLog`).
 *
 * @throws ValueError for options that are not known or out of range.
 * @returns `{ train, validation }`, with `x : [size, 2]` and `y : [size]`
 * @example synthetic({ trainSize: 10, validationSize: 5 }).train.x.slice([0]).toArray() // => [1.764052345967664, 0.4001572083672233]
 */
export function synthetic(options: SyntheticOptions = {}): { train: Dataset; validation: Dataset } {
  const { quad, threshold, seed, trainSize, validationSize, dtype } = readOptions<SyntheticOptions>('synthetic', options, {
    quad: optional(matrix, [
      [1, -0.05],
      [1, 0.4],
    ]),
    threshold: optional(finiteNumber, 0.6),
    seed: optional(seedOption, 0),
    trainSize: optional(wholeNumberFrom(0), 60_000),
    validationSize: optional(wholeNumberFrom(0), 10_000),
    dtype: optional(oneOf('float32', 'float64'), 'float64'),
  });
  const size = trainSize + validationSize;
  checkShape('synthetic', [size, 2]);
  const random = new Random(seed);
  const points = Tensor.normal([size, 2], { random, dtype: 'float64' });
  const [[a, b], [c, d]] = quad;
  const classes = Int32Array.from({ length: size }, (_, i) => {
    const [x, y] = [points.data[2 * i]!, points.data[2 * i + 1]!];
    return Number(x * a * x + x * b * y + y * c * x + y * d * y > threshold);
  });
  const all = new Dataset(points.cast(dtype), new Tensor([size], classes));
  return { train: all.slice(0, trainSize), validation: all.slice(trainSize) };
}
