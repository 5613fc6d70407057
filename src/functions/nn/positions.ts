/** What tells a sequence its positions: waves that are added, and rotations of queries and keys. */

import type { FloatDtype } from '../../base/dtype.ts';
import { ShapeError } from '../../base/errors.ts';
import { extend, numberAbove, type Option, type OptionTable, oneOf, optional, readOptions, wholeNumberFrom } from '../../base/options.ts';
import { checkShape, formatShape } from '../../base/shape.ts';
import type { Shape } from '../../base/shape-types.ts';
import type { Range } from '../../base/slicing.ts';
import { unrecorded } from '../../tensor/recorders.ts';
import { checkFloats, Tensor } from '../../tensor/tensor.ts';
import { cos, sin } from '../elementwise/trigonometric.ts';
import { concat, stack } from '../layout/concat.ts';

/** Which positions there are, and how fast their waves are. */
export interface PositionOptions {
  /** The wavelengths go from 2π to 2π times this. Default 10000. */
  readonly base?: number;
  /** The position of the first. Default 0. */
  readonly start?: number;
}

/** Options of `sinusoidalEncoding`. */
export interface SinusoidalOptions extends PositionOptions {
  /** Default float32. */
  readonly dtype?: FloatDtype;
}

/** Options of `rotaryEmbedding`. */
export interface RotaryOptions extends PositionOptions {
  /**
   * Which features are a pair: neighbours, `(0, 1), (2, 3), …`, as in the paper and in GPT-J; or those half the width apart, `(0, n/2), (1, n/2 + 1), …`,
   * as in GPT-NeoX and Llama. Weights that were trained with one mean nothing with the other. Default `'neighbours'`.
   */
  readonly pairs?: 'neighbours' | 'halves';
}

/** The options of positions one by one, for layers that pass them on. */
export const baseOption: Option<number> = /* @__PURE__ */ optional(/* @__PURE__ */ numberAbove(0), 10000);
export const startOption: Option<number> = /* @__PURE__ */ optional(/* @__PURE__ */ wholeNumberFrom(0), 0);

const positionOptions: OptionTable<PositionOptions> = { base: baseOption, start: startOption };
const sinusoidalOptions: OptionTable<SinusoidalOptions> = /* @__PURE__ */ extend(positionOptions, {
  dtype: /* @__PURE__ */ optional(/* @__PURE__ */ oneOf('float32', 'float64'), 'float32'),
});
const rotaryOptions: OptionTable<RotaryOptions> = /* @__PURE__ */ extend(positionOptions, {
  pairs: /* @__PURE__ */ optional(/* @__PURE__ */ oneOf('neighbours', 'halves'), 'neighbours'),
});

/** `position · base^(−2i / width)` for each position and each pair `i` of features, in float64. */
function angles(time: number, width: number, { base, start }: Required<PositionOptions>): Tensor {
  const pairs = Math.ceil(width / 2);
  const exponents = Tensor.arange(pairs, { dtype: 'float64' }).mul(-2).div(width);
  const frequencies = Tensor.full([pairs], base, { dtype: 'float64' }).pow(exponents);
  return Tensor.arange(start, start + time, { dtype: 'float64' })
    .unsqueeze(1)
    .mul(frequencies);
}

/**
 * Waves of many lengths, by which positions can be told apart (Vaswani et al. 2017, section 3.5): `[time, width]`, at position `p` in features `2i` and
 * `2i + 1` the sine and the cosine of `p / base^(2i / width)`. They are computed in float64 and rounded once.
 * @param options `base`, default 10000; `start`, the first position, default 0; `dtype`, default float32
 * @throws ShapeError for sizes that are none, ValueError for options out of range.
 * @example sinusoidalEncoding(2, 3).toArray().map((row) => row.map((x) => x.toFixed(4))) // => [['0.0000', '1.0000', '0.0000'], ['0.8415', '0.5403', '0.0022']]
 */
export function sinusoidalEncoding<const T extends number, const W extends number>(
  time: T,
  width: W,
  options?: SinusoidalOptions,
): Tensor<[T, W]> {
  const { dtype, ...waves } = readOptions('sinusoidalEncoding', options, sinusoidalOptions);
  checkShape('sinusoidalEncoding', [time, width]);
  if (width === 0) return Tensor.zeros([time, width], { dtype }) as Tensor;
  return unrecorded(() => {
    const phases = angles(time, width, waves);
    const both = stack([sin(phases), cos(phases)], 2).reshape([time, 2 * phases.sizes[1]!]);
    return both.slice([null, [0, width]]).cast(dtype) as Tensor;
  });
}

/**
 * Turns each pair of features by an angle that grows with the position (Su et al. 2021): `(a, b)` becomes `(a cos φ − b sin φ, a sin φ + b cos φ)` with
 * `φ = p / base^(2i / width)` for pair `i` at position `p`. The product of a query and a key then depends on their distance alone.
 *
 * `x : […, time, width]`, such as queries or keys `[batch, heads, time, width]`. Sines and cosines are computed in float64 and rounded once.
 * @param options `base`, default 10000; `start`, the first position, default 0; `pairs`, `'neighbours'` by default or `'halves'`
 * @throws ShapeError for an odd width, ValueError for options out of range.
 * @example
 * rotaryEmbedding(Tensor.of([[1, 0], [1, 0]]), { pairs: 'halves' }).toArray().map((row) => row.map((x) => x.toFixed(4)))
 * // => [['1.0000', '0.0000'], ['0.5403', '0.8415']]
 */
export function rotaryEmbedding<S extends Shape>(x: Tensor<S>, options?: RotaryOptions): Tensor<S> {
  const { pairs, ...waves } = readOptions('rotaryEmbedding', options, rotaryOptions);
  checkFloats('rotaryEmbedding', x);
  const whole: Tensor = x;
  const [time, width] = whole.sizes.slice(-2) as [number, number];
  if (whole.rank < 2 || width % 2 !== 0)
    throw new ShapeError(`rotaryEmbedding: expected […, time, width] with an even width, got ${formatShape(whole.sizes)}`);
  if (whole.size === 0) return whole.mul(1);
  const [cosine, sine] = unrecorded(() => {
    const phases = angles(time, width, waves);
    return [cos(phases).cast(whole.dtype), sin(phases).cast(whole.dtype)];
  }) as [Tensor, Tensor];
  const turned = (a: Tensor, b: Tensor) => [a.mul(cosine).sub(b.mul(sine)), a.mul(sine).add(b.mul(cosine))];
  const all: Range[] = whole.sizes.map(() => null);
  const half = width / 2;
  if (pairs === 'halves') {
    const part = (from: number, to: number) => whole.slice(all.with(-1, [from, to]));
    return concat(turned(part(0, half), part(half, width)), -1) as Tensor;
  }
  const split = whole.reshape([...whole.sizes.slice(0, -1), half, 2]);
  return stack(turned(split.slice([...all, 0]), split.slice([...all, 1])), -1).reshape(whole.sizes) as Tensor;
}
