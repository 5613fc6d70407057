/** Attention of several heads as a layer: to the sequence itself, to another one, and going on from what was seen. */

import { calledAs } from '../base/called-as.ts';
import { ShapeError, ValueError } from '../base/errors.ts';
import { anything, boolean, extend, fraction, type OptionTable, optional, quote, readOptions, withoutDefault } from '../base/options.ts';
import { generatorOf } from '../base/random.ts';
import { formatShape, sameShape } from '../base/shape.ts';
import { concat } from '../functions/layout/concat.ts';
import {
  type AttentionMask,
  type AttentionOptions,
  attentionOfHeads,
  maskOptions,
  scaledDotProductAttention,
} from '../functions/nn/attention.ts';
import { headsOf, joined } from '../functions/nn/attention-op.ts';
import { type RotaryOptions, rotaryEmbedding, startOption } from '../functions/nn/positions.ts';
import { MATMUL_PART } from '../machine/machine.ts';
import { isSeen } from '../tensor/recorders.ts';
import { checkTensor, Tensor } from '../tensor/tensor.ts';
import { isTraining } from '../tensor/training-scope.ts';
import type { Initialization } from './initializers.ts';
import { checkInput, checkSizes, type LayerOptions, layerOptions } from './layer-options.ts';
import { Linear } from './linear.ts';

/** Options of `MultiHeadAttention`. */
export interface MultiHeadAttentionOptions extends LayerOptions {
  /** The probability with which an attention weight is dropped in training. Default 0. */
  readonly dropout?: number;
  /** The width of what keys are made of. Default the layer's width. */
  readonly keyWidth?: number;
  /** The width of what values are made of. Default the layer's width. */
  readonly valueWidth?: number;
  /** How many heads keys and values have, each for as many heads of queries; it divides `heads` (Ainslie et al. 2023). Default `heads`. */
  readonly keyValueHeads?: number;
  /** Whether queries and keys are turned by their positions, or how: the options of `rotaryEmbedding`. Default false. */
  readonly rotary?: boolean | Omit<RotaryOptions, 'start'>;
  /** Whether the four products have biases. Default true. */
  readonly bias?: boolean;
}

const constructorOptions: OptionTable<MultiHeadAttentionOptions> = /* @__PURE__ */ extend(layerOptions, {
  dropout: /* @__PURE__ */ optional(fraction, 0),
  keyWidth: /* @__PURE__ */ withoutDefault(anything),
  valueWidth: /* @__PURE__ */ withoutDefault(anything),
  keyValueHeads: /* @__PURE__ */ withoutDefault(anything),
  rotary: /* @__PURE__ */ optional(anything, false),
  bias: /* @__PURE__ */ optional(boolean, true),
});

/** The keys and values of what was seen, `[…, heads, time, width of a head]` each. */
export interface KeyValues {
  readonly keys: Tensor;
  readonly values: Tensor;
}

/** What a layer attends to, and what of it may be seen. */
export interface MultiHeadOptions extends AttentionMask {
  /** What the keys are made of, `[…, keys, keyWidth]`. Default `x`: self-attention. */
  readonly key?: Tensor | undefined;
  /** What the values are made of, `[…, keys, valueWidth]`. Default `key`. */
  readonly value?: Tensor | undefined;
  /** Keys and values that were made before, in the place of `key` and `value`. */
  readonly keyValues?: KeyValues | undefined;
}

/** What is masked of all that was seen so far. */
export type NextOptions = Pick<MultiHeadOptions, 'keep' | 'lengths'>;

const nextOptions: OptionTable<NextOptions> = {
  keep: /* @__PURE__ */ withoutDefault(anything),
  lengths: /* @__PURE__ */ withoutDefault(anything),
};
const keyValuesOptions: OptionTable<Pick<AttentionMask, 'start'>> = { start: startOption };

const multiHeadOptions: OptionTable<MultiHeadOptions> = /* @__PURE__ */ extend(maskOptions, {
  key: /* @__PURE__ */ withoutDefault(anything),
  value: /* @__PURE__ */ withoutDefault(anything),
  keyValues: /* @__PURE__ */ withoutDefault(anything),
});

/**
 * Attention of several heads, each with queries, keys and values of its own (Vaswani et al. 2017, section 3.2.2):
 * `y = concat(head₁, …, headₙ) · output`, `headᵢ = softmax(qᵢ kᵢᵀ / √d) vᵢ`, `d = width / heads`.
 *
 * `x : […, queries, width]`, what is attended to `[…, keys, width]`, `y : […, queries, width]`. `query`, `key`, `value` and `output` are layers
 * `Linear`. The first three start from U(±√(6 / (width + 3 width))), the Xavier bound of all three as one matrix, and where their widths differ each
 * from its own; `output` from U(±1/√width); the biases from 0: all as in PyTorch, whose `in_proj_weight` is the three weights transposed, one below
 * another.
 * @example
 * const attention = new MultiHeadAttention(8, 2);
 * const x = Tensor.ones([1, 5, 8]);
 * attention.forward(x, { causal: true }).shape // => [1, 5, 8]
 * attention.forward(x, { key: Tensor.ones([1, 3, 8]), lengths: [2] }).shape // => [1, 5, 8]
 */
export class MultiHeadAttention {
  readonly width: number;
  readonly heads: number;
  readonly keyValueHeads: number;
  readonly dropout: number;
  readonly query: Linear;
  readonly key: Linear;
  readonly value: Linear;
  readonly output: Linear;
  /** Whether queries and keys are turned by their positions. */
  readonly rotary: boolean;
  readonly #rotary: Omit<RotaryOptions, 'start'> | undefined;

  /**
   * @param width of what it takes and gives, a multiple of `heads`
   * @throws ShapeError for sizes that do not fit; ValueError for options that are not known or out of range.
   */
  constructor(width: number, heads: number, options?: MultiHeadAttentionOptions) {
    const given = readOptions<MultiHeadAttentionOptions>('MultiHeadAttention', options, constructorOptions);
    const { keyWidth = width, valueWidth = width, keyValueHeads = heads, rotary } = given;
    checkHeads({ width, heads, keyWidth, valueWidth, keyValueHeads });
    [this.width, this.heads, this.keyValueHeads, this.dropout] = [width, heads, keyValueHeads, given.dropout!];
    const inner = (width / heads) * keyValueHeads;
    const alike = keyWidth === width && valueWidth === width && inner === width;
    const xavier = uniform((inputs, outputs) => Math.sqrt(6 / (inputs + (alike ? 3 : 1) * outputs)));
    const random = generatorOf('MultiHeadAttention', options ?? {});
    const linear = (inputs: number, outputs: number, initialization = xavier) =>
      new Linear(inputs, outputs, { bias: given.bias!, dtype: given.dtype!, random, initialization });
    this.query = linear(width, width);
    this.key = linear(keyWidth, inner);
    this.value = linear(valueWidth, inner);
    const fanIn = uniform((inputs) => 1 / Math.sqrt(inputs));
    this.output = linear(width, width, fanIn);
    this.#rotary = rotary === true ? {} : rotary === false ? undefined : rotary;
    this.rotary = this.#rotary !== undefined;
    // Wrong options, and an odd width, are refused here and not when something is attended to.
    this.#turned(Tensor.zeros([1, width / heads]), 0);
  }

  /**
   * Attends to `x` itself, or to what `key` and `value` name: memory, in cross-attention.
   * @param options `key`, `value`, or `keyValues` that were made before; `causal`, `start` and `lengths` as in `scaledDotProductAttention`; and `keep`: of
   *   as many axes as `x` less one it says which keys may be seen, `[…, keys]`; of as many, by which queries, `[…, queries, keys]`; of one more, by which
   *   heads, `[…, heads, queries, keys]`
   * @throws ShapeError where shapes do not fit.
   */
  forward(x: Tensor, options?: MultiHeadOptions): Tensor {
    checkSequence('MultiHeadAttention', 'x', x, this.query);
    const { key, value, keyValues, ...mask } = readOptions<MultiHeadOptions>('MultiHeadAttention', options, multiHeadOptions);
    if (keyValues !== undefined && (key ?? value) !== undefined)
      throw new ValueError('MultiHeadAttention: keyValues stand in the place of key and value; leave these out');
    if (keyValues !== undefined) return this.#attend(x, this.#checked(keyValues), mask);
    const [from, of] = [key ?? x, value ?? key ?? x];
    return this.#attendSideBySide(x, from, of, mask) ?? this.#attend(x, this.keyValues(from, of), mask);
  }

  /**
   * Goes on with a sequence: the outputs for its next elements, which see those before, and the keys and values of all so far. One element after another
   * gives what the whole sequence gives at once with `causal: true`, but for rounding; nothing is computed twice.
   * @param past the keys and values of the elements before, as the last call returned them. Default none
   * @param options `keep` and `lengths`, of all keys so far
   * @returns `[y, keyValues]`
   * @example
   * import type { KeyValues } from 'tapegrad';
   * const attention = new MultiHeadAttention(4, 2);
   * let past: KeyValues | undefined;
   * for (const x of [Tensor.ones([1, 1, 4]), Tensor.zeros([1, 1, 4])]) past = attention.next(x, past)[1];
   * past?.keys.shape // => [1, 2, 2, 2]
   */
  next(x: Tensor, past?: KeyValues, options?: NextOptions): readonly [y: Tensor, keyValues: KeyValues] {
    checkSequence('MultiHeadAttention.next', 'x', x, this.query);
    const mask = readOptions<NextOptions>('MultiHeadAttention.next', options, nextOptions);
    const start = past === undefined ? 0 : this.#checked(past).keys.sizes.at(-2)!;
    const now = this.keyValues(x, x, { start });
    const all = past ? { keys: concat([past.keys, now.keys], -2), values: concat([past.values, now.values], -2) } : now;
    return [this.#attend(x, all, { ...mask, causal: true, start }), all];
  }

  /**
   * The keys and values of something, to attend to it more than once: `forward(x, { keyValues })`.
   * @param value default `key`
   * @param options `start`, the position of the first, for `rotary`. Default 0
   * @example new MultiHeadAttention(8, 2).keyValues(Tensor.ones([1, 5, 8])).keys.shape // => [1, 2, 5, 4]
   */
  keyValues(key: Tensor, value: Tensor = key, options?: Pick<AttentionMask, 'start'>): KeyValues {
    checkSequence('MultiHeadAttention', 'key', key, this.key);
    checkSequence('MultiHeadAttention', 'value', value, this.value);
    const { start } = readOptions('MultiHeadAttention.keyValues', options, keyValuesOptions);
    const keys = headsOf(this.key.forward(key), this.keyValueHeads);
    return { keys: this.#turned(keys, start!), values: headsOf(this.value.forward(value), this.keyValueHeads) };
  }

  /** The same bits with the heads left side by side, where nobody sees that; `undefined` where it cannot be. */
  #attendSideBySide(x: Tensor, key: Tensor, value: Tensor, { keep, ...mask }: AttentionMask): Tensor | undefined {
    const layers = [this.key, this.value, this.query];
    const isOwn = (layer: Linear) => layer.forward === Linear.prototype.forward && layer.weight.sizes[1] === this.width;
    if (isSeen() || this.rotary || (this.dropout > 0 && isTraining()) || !layers.every(isOwn)) return undefined;
    checkSequence('MultiHeadAttention', 'key', key, this.key);
    checkSequence('MultiHeadAttention', 'value', value, this.value);
    const time = key.sizes.at(-2)!;
    const fits = (rows: Tensor, count: number) => sameShape(rows.sizes.slice(0, -1), [...x.sizes.slice(0, -2), count]);
    if (!fits(key, time) || !fits(value, time) || Math.max(time, this.width) > MATMUL_PART) return undefined;
    const masks = { ...mask, ...(keep && { keep: overHeads(keep, x.rank) }) };
    const [k, v, q] = [this.key.forward(key), this.value.forward(value), this.query.forward(x)] as [Tensor, Tensor, Tensor];
    return this.output.forward(asAttention(() => attentionOfHeads(q, k, v, this.heads, masks)));
  }

  #attend(x: Tensor, { keys, values }: KeyValues, { keep, ...mask }: AttentionMask): Tensor {
    const queries = this.#turned(headsOf(this.query.forward(x), this.heads), mask.start ?? 0);
    const [groups, inGroup] = [this.keyValueHeads, this.heads / this.keyValueHeads];
    const options = { ...mask, dropout: this.dropout, ...(keep && { keep: overHeads(keep, x.rank) }) };
    if (inGroup === 1) return this.output.forward(joined(attended(queries, keys, values, options)));
    // One head of keys and values for a group of heads of queries: the heads become two axes.
    const grouped = (h: Tensor, inEach: number) =>
      h.reshape([...h.sizes.slice(0, -3), h.sizes.at(-3)! / inEach, inEach, ...h.sizes.slice(-2)]);
    const own = options.keep && { keep: grouped(options.keep, options.keep.sizes.at(-3) === 1 ? 1 : inGroup) };
    const y = attended(grouped(queries, inGroup), grouped(keys, 1), grouped(values, 1), { ...options, ...own });
    return this.output.forward(joined(y.reshape([...y.sizes.slice(0, -4), groups * inGroup, ...y.sizes.slice(-2)])));
  }

  /** Keys and values that are as it makes them. */
  #checked(given: KeyValues): KeyValues {
    const { keys, values } = (given ?? {}) as Partial<KeyValues>;
    if (!(keys instanceof Tensor && values instanceof Tensor && keys.rank > 2 && values.rank === keys.rank))
      throw new ValueError(`MultiHeadAttention: expected keys and values that it made, { keys, values }, got ${quote(given)}`);
    const [heads, width] = [this.keyValueHeads, this.width / this.heads];
    for (const [what, x] of Object.entries({ keys, values }))
      if (x.sizes.at(-3) !== heads || x.sizes.at(-1) !== width)
        throw new ShapeError(
          `MultiHeadAttention: expected […, ${heads}, time, ${width}] for the ${what} that it made, got ${formatShape(x.sizes)}`,
        );
    return { keys, values };
  }

  #turned(heads: Tensor, start: number): Tensor {
    return this.#rotary === undefined ? heads : rotaryEmbedding(heads, { ...this.#rotary, start });
  }
}

/** A weight from U(±b), where the bound depends on its sizes. */
const uniform =
  (boundOf: (inputs: number, outputs: number) => number): Exclude<Initialization, string> =>
  (shape, options) => {
    const bound = boundOf(...(shape as readonly [number, number]));
    return Tensor.uniform(shape, { low: -bound, high: bound, ...options });
  };

function checkHeads(sizes: Readonly<Record<'width' | 'heads' | 'keyWidth' | 'valueWidth' | 'keyValueHeads', number>>): void {
  checkSizes('MultiHeadAttention', sizes);
  const { width, heads, keyValueHeads } = sizes;
  if (width % heads !== 0) throw new ShapeError(`MultiHeadAttention: expected a width that ${heads} heads divide, got ${width}`);
  if (heads % keyValueHeads !== 0)
    throw new ShapeError(`MultiHeadAttention: expected keyValueHeads to divide ${heads} heads, got ${keyValueHeads}`);
}

/** Refuses what is no sequence that a product takes. */
function checkSequence(where: string, what: string, x: unknown, { weight }: Linear): asserts x is Tensor {
  checkInput(where, what, x, weight.dtype);
  const [width] = weight.sizes as readonly [number, number];
  if (x.rank < 2 || x.sizes.at(-1) !== width)
    throw new ShapeError(`${where}: expected […, time, ${width}] for ${what}, got ${formatShape(x.sizes)}`);
}

const attended = (q: Tensor, k: Tensor, v: Tensor, options: AttentionOptions): Tensor =>
  asAttention(() => scaledDotProductAttention(q, k, v, options));

const asAttention = (f: () => Tensor): Tensor => calledAs('MultiHeadAttention', 'scaledDotProductAttention', f);

/** A mask of keys, or of queries and keys, or of heads, queries and keys, for all heads. */
function overHeads(keep: Tensor, rank: number): Tensor {
  checkTensor('MultiHeadAttention', 'keep', keep);
  const missing = rank + 1 - keep.rank;
  if (missing < 0 || missing > 2)
    throw new ShapeError(
      `MultiHeadAttention: expected keep as […, keys], […, queries, keys] or […, heads, queries, keys], of ${rank - 1} to ${rank + 1} axes, got ${formatShape(keep.sizes)}`,
    );
  const [leading, last] = [keep.sizes.slice(0, rank - 2), keep.sizes.slice(rank - 2)];
  return keep.reshape([...leading, ...Array(missing).fill(1), ...last]);
}
