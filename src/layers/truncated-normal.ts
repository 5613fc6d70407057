import { uniformNumbers } from '../base/distributions.ts';
import { newData, rounding } from '../base/dtype.ts';
import { ValueError } from '../base/errors.ts';
import { exactLog } from '../base/exact-log.ts';
import { extend, finiteNumber, numberAbove, type OptionTable, optional } from '../base/options.ts';
import type { Random } from '../base/random.ts';
import { sizeOf } from '../base/shape.ts';
import type { Mutable, Shape } from '../base/shape-types.ts';
import { Tensor } from '../tensor/tensor.ts';
import { readWeight, type WeightOptions, weightOptions } from './initial-weights.ts';

/** Options of `truncatedNormal`. */
export interface TruncatedNormalOptions extends WeightOptions {
  /** The mean before numbers are cut off. Default 0. */
  readonly mean?: number;
  /** The standard deviation before numbers are cut off. Default 1. */
  readonly standardDeviation?: number;
  /** The least number. Default −2. */
  readonly low?: number;
  /** The largest number. Default 2. */
  readonly high?: number;
}

const truncatedNormalOptions: OptionTable<TruncatedNormalOptions> = /* @__PURE__ */ extend(weightOptions, {
  mean: /* @__PURE__ */ optional(finiteNumber, 0),
  standardDeviation: /* @__PURE__ */ optional(/* @__PURE__ */ numberAbove(0), 1),
  low: /* @__PURE__ */ optional(finiteNumber, -2),
  high: /* @__PURE__ */ optional(finiteNumber, 2),
});

/**
 * Random numbers, normally distributed, of which those outside of a range are drawn again: the range is in numbers, not in standard deviations.
 * @param shape any
 * @param options `mean`, default 0; `standardDeviation`, default 1; `low`, default −2, and `high`, default 2, both included; `dtype`, default
 *   float32; `seed` or `random`
 * @throws ValueError for a range without a number; ShapeError, DtypeError.
 * @example truncatedNormal([100], { standardDeviation: 5, seed: 1 }).abs().max().item() <= 2 // => true
 */
export function truncatedNormal<const T extends Shape>(shape: T, options?: TruncatedNormalOptions): Tensor<Mutable<T>> {
  const { mean, standardDeviation, low, high, dtype, random } = readWeight('truncatedNormal', shape, options, truncatedNormalOptions, 0);
  // Refuses a range in which the dtype has no number, which would be drawn for ever.
  if (low < high || rounding[dtype](low) !== low) uniformNumbers('truncatedNormal', low, high, dtype);
  if (low > high) throw new ValueError(`truncatedNormal: expected low to be at most high, got ${low} and ${high}`);
  const draw = truncated((low - mean) / standardDeviation, (high - mean) / standardDeviation, random);
  const data = newData(dtype, sizeOf(shape));
  for (let i = 0; i < data.length; i++) {
    do data[i] = low === high ? low : mean + standardDeviation * draw();
    while (!(data[i]! >= low && data[i]! <= high));
  }
  return new Tensor([...shape], data);
}

/**
 * Draws standard normal numbers between two bounds by rejection, in a way that accepts at least about half, wherever the bounds are (Robert 1995,
 * "Simulation of truncated normal variables").
 */
function truncated(from: number, to: number, random: Random): () => number {
  if (to < 0) {
    const draw = truncated(-to, -from, random);
    return () => -draw();
  }
  const repeat = (propose: () => number, accepts: (x: number) => boolean) => () => {
    for (;;) {
      const x = propose();
      if (x >= from && x <= to && accepts(x)) return x;
    }
  };
  const log = () => exactLog(1 - random.float());
  // The density at its highest within the bounds, in logarithms and without its constant.
  const peak = from > 0 ? from * from : 0;
  const rate = (Math.max(from, 0) + Math.sqrt(peak + 4)) / 2;
  if (rate * (to - from) < 2) {
    const width = to - from;
    return repeat(() => from + width * random.float(), (x) => 2 * log() <= peak - x * x); // biome-ignore format: what is proposed, and when accepted
  }
  if (from < 0.5) return repeat(() => random.normal(), () => true); // biome-ignore format: what is proposed, and when accepted
  return repeat(() => from - log() / rate, (x) => 2 * log() <= -(x - rate) * (x - rate)); // biome-ignore format: what is proposed, and when accepted
}
