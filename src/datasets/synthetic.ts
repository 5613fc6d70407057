import type { FloatDtype } from '../base/dtype.ts';
import { ValueError } from '../base/errors.ts';
import { Random } from '../base/random.ts';
import { Tensor } from '../tensor/tensor.ts';
import { Dataset } from './dataset.ts';

/** What to draw. All have the course's values unless told. */
export interface SyntheticOptions {
  /** The matrix `A` of the boundary `xᵀ A x = threshold`. */
  readonly quad?: readonly [readonly [number, number], readonly [number, number]];
  readonly threshold?: number;
  readonly seed?: number;
  readonly trainSize?: number;
  readonly validationSize?: number;
  readonly dtype?: FloatDtype;
}

/**
 * Points of the plane in two classes, inside and outside of an ellipse: the course's `load_synth`.
 *
 * `x ~ N(0, 1)²` from NumPy's `RandomState(0)`, class 1 where `xᵀ A x > 0.6` with `A = [[1, −0.05], [1, 0.4]]`; of 70,000 points the first 60,000 are
 * for training, the last 10,000 for validation. In float64, to the bit where the C library rounds its logarithm correctly (see `exactLog`).
 *
 * @returns `{ train, validation }`, with `x : [size, 2]` and `y : [size]`
 * @example synthetic({ trainSize: 10, validationSize: 5 }).train.x.slice([0]).toArray() // => [1.764052345967664, 0.4001572083672233]
 */
export function synthetic({
  quad = [
    [1, -0.05],
    [1, 0.4],
  ],
  threshold = 0.6,
  seed = 0,
  trainSize = 60_000,
  validationSize = 10_000,
  dtype = 'float64',
}: SyntheticOptions = {}): { train: Dataset; validation: Dataset } {
  for (const [name, size] of Object.entries({ trainSize, validationSize })) {
    if (!(Number.isInteger(size) && size >= 0))
      throw new ValueError(`synthetic: expected a ${name} that is a whole number from 0, got ${size}`);
  }
  const size = trainSize + validationSize;
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
