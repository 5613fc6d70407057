/** A block of an encoder, and one of a decoder. */

import { anything, boolean, extend, type OptionTable, optional, readOptions, withoutDefault } from '../base/options.ts';
import { type AttentionMask, maskOptions } from '../functions/nn/attention.ts';
import { checkTensor, type Tensor } from '../tensor/tensor.ts';
import type { KeyValues, MultiHeadAttention, MultiHeadOptions, NextOptions } from './attention.ts';
import type { LayerNorm } from './norms.ts';
import { attentionOf, normOf, settingsFrom, TransformerBlock, type TransformerLayerOptions } from './transformer-block.ts';

/**
 * A block of an encoder, or of a language model: attention of a sequence to itself, and a feed-forward network at each position, each beside what it takes
 * (Vaswani et al. 2017, section 3.1; Xiong et al. 2020 for `normFirst`).
 *
 * `h = norm(x + attention(x))`, `y = norm(h + linear(activation(linear(h))))`; with `normFirst` `h = x + attention(norm(x))`,
 * `y = h + linear(activation(linear(norm(h))))`. `x`, `y : […, time, width]`. The numbers are those of PyTorch's layer of that name with the same weights,
 * where the default of `hidden` is 2048.
 * @example
 * const block = new TransformerEncoderLayer(16, 4, { normFirst: true, activation: gelu });
 * block.forward(Tensor.zeros([2, 5, 16]), { causal: true }).shape // => [2, 5, 16]
 */
export class TransformerEncoderLayer extends TransformerBlock {
  /**
   * @param width of what it takes and gives, a multiple of `heads`
   * @throws ShapeError for sizes that do not fit; ValueError for options that are not known or out of range.
   */
  constructor(width: number, heads: number, options?: TransformerLayerOptions) {
    super(width, heads, settingsFrom('TransformerEncoderLayer', width, heads, options));
  }

  /**
   * @param mask what may be seen: `causal`, `start`, `keep` and `lengths` as in `MultiHeadAttention`. Default: all
   * @throws ShapeError where shapes do not fit.
   */
  forward(x: Tensor, mask?: AttentionMask): Tensor {
    checkTensor('TransformerEncoderLayer', 'x', x);
    const given = readOptions('TransformerEncoderLayer', mask, maskOptions);
    return this.fed(this.beside(x, this.attentionNorm, (h) => this.attention.forward(h, given as AttentionMask)));
  }

  /**
   * Goes on with a sequence, as `MultiHeadAttention.next` does: what comes later is not seen.
   * @param past what the last call returned beside the outputs. Default none
   * @returns `[y, keyValues]`
   * @example new TransformerEncoderLayer(8, 2).next(Tensor.zeros([1, 1, 8]))[1].keys.shape // => [1, 2, 1, 4]
   */
  next(x: Tensor, past?: KeyValues, options?: NextOptions): readonly [y: Tensor, keyValues: KeyValues] {
    checkTensor('TransformerEncoderLayer.next', 'x', x);
    const [h, keyValues] = this.attendedNext(x, past, options);
    return [this.fed(h), keyValues];
  }
}

/** What a block of a decoder may see. */
export interface DecoderMask extends Omit<AttentionMask, 'start'> {
  /** Whether an element sees only those up to its own position. Default true. */
  readonly causal?: boolean;
  /** `keep`, of the memory. */
  readonly memoryKeep?: Tensor | undefined;
  /** `lengths`, of the memory. */
  readonly memoryLengths?: Tensor | readonly number[];
}

type MemoryMask = { readonly [Name in 'memoryKeep' | 'memoryLengths']: DecoderMask[Name] | undefined };

const memoryOptions: OptionTable<Pick<DecoderMask, keyof MemoryMask>> = {
  memoryKeep: /* @__PURE__ */ withoutDefault(anything),
  memoryLengths: /* @__PURE__ */ withoutDefault(anything),
};
const decoderOptions: OptionTable<DecoderMask> = /* @__PURE__ */ extend(memoryOptions, {
  causal: /* @__PURE__ */ optional(boolean, true),
  keep: /* @__PURE__ */ withoutDefault(anything),
  lengths: /* @__PURE__ */ withoutDefault(anything),
});
/** What a block of a decoder may see of what was seen so far, and of the memory. */
export type DecoderNextOptions = Omit<DecoderMask, 'causal'>;

const decoderNextOptions: OptionTable<DecoderNextOptions> = /* @__PURE__ */ extend(memoryOptions, {
  keep: /* @__PURE__ */ withoutDefault(anything),
  lengths: /* @__PURE__ */ withoutDefault(anything),
});

/** The keys and values that a block of a decoder has: of its own sequence so far, and of the memory. */
export interface DecoderKeyValues {
  readonly own: KeyValues;
  readonly memory: KeyValues;
}

/**
 * A block of a decoder: attention of a sequence to itself and to a memory, such as what an encoder gave, and a feed-forward network at each position, each
 * beside what it takes, normalized as in `TransformerEncoderLayer` (Vaswani et al. 2017, section 3.1).
 *
 * `x`, `y : […, time, width]`, the memory `[…, keys, width]`. By default an element does not see those after it; PyTorch, whose numbers these are, has to
 * be told so.
 * @example
 * const block = new TransformerDecoderLayer(16, 4);
 * block.forward(Tensor.zeros([2, 5, 16]), Tensor.zeros([2, 7, 16]), { memoryLengths: [7, 4] }).shape // => [2, 5, 16]
 */
export class TransformerDecoderLayer extends TransformerBlock {
  readonly crossAttention: MultiHeadAttention;
  readonly crossNorm: LayerNorm;

  /**
   * @param width of what it takes and gives, a multiple of `heads`
   * @throws ShapeError for sizes that do not fit; ValueError for options that are not known or out of range.
   */
  constructor(width: number, heads: number, options?: TransformerLayerOptions) {
    const given = settingsFrom('TransformerDecoderLayer', width, heads, options);
    super(width, heads, given);
    this.crossAttention = attentionOf(width, heads, { ...given, rotary: false });
    this.crossNorm = normOf(width, given);
  }

  /**
   * @param options `causal`, default true, `keep` and `lengths` of the sequence as in `MultiHeadAttention`; `memoryKeep` and `memoryLengths` of the memory
   * @throws ShapeError where shapes do not fit.
   */
  forward(x: Tensor, memory: Tensor, options?: DecoderMask): Tensor {
    checkTensor('TransformerDecoderLayer', 'x', x);
    checkTensor('TransformerDecoderLayer', 'the memory', memory);
    const { memoryKeep, memoryLengths, ...own } = readOptions('TransformerDecoderLayer', options, decoderOptions);
    const h = this.beside(x, this.attentionNorm, (h) => this.attention.forward(h, own as AttentionMask));
    return this.#fedFrom(h, this.crossAttention.keyValues(memory), { memoryKeep, memoryLengths });
  }

  /**
   * Goes on with a sequence, as `MultiHeadAttention.next` does. The keys and values of the memory are made in the first call only.
   * @param past what the last call returned beside the outputs. Default none
   * @returns `[y, keyValues]`
   * @example
   * const block = new TransformerDecoderLayer(8, 2);
   * block.next(Tensor.zeros([1, 1, 8]), Tensor.zeros([1, 3, 8]))[1].memory.keys.shape // => [1, 2, 3, 4]
   */
  next(
    x: Tensor,
    memory: Tensor,
    past?: DecoderKeyValues,
    options?: DecoderNextOptions,
  ): readonly [y: Tensor, keyValues: DecoderKeyValues] {
    checkTensor('TransformerDecoderLayer.next', 'x', x);
    checkTensor('TransformerDecoderLayer.next', 'the memory', memory);
    const { memoryKeep, memoryLengths, ...mask } = readOptions('TransformerDecoderLayer.next', options, decoderNextOptions);
    const [h, own] = this.attendedNext(x, past?.own, mask as NextOptions);
    const known = past?.memory ?? this.crossAttention.keyValues(memory);
    return [this.#fedFrom(h, known, { memoryKeep, memoryLengths }), { own, memory: known }];
  }

  #fedFrom(x: Tensor, memory: KeyValues, { memoryKeep, memoryLengths }: MemoryMask): Tensor {
    const mask = { keep: memoryKeep, lengths: memoryLengths, keyValues: memory } as MultiHeadOptions;
    return this.fed(this.beside(x, this.crossNorm, (h) => this.crossAttention.forward(h, mask)));
  }
}
