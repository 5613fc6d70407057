/** Stacks of blocks: the encoder and the decoder of a transformer. */

import { ValueError } from '../base/errors.ts';
import { boolean, extend, type OptionTable, quote, readOptions, withoutDefault } from '../base/options.ts';
import type { AttentionMask } from '../functions/nn/attention.ts';
import { checkTensor, type Tensor } from '../tensor/tensor.ts';
import type { KeyValues, NextOptions } from './attention.ts';
import { checkSizes } from './layer-options.ts';
import type { LayerNorm } from './norms.ts';
import { type BlockSettings, blockOptions, normOf, settingsFrom, type TransformerLayerOptions } from './transformer-block.ts';
import {
  type DecoderKeyValues,
  type DecoderMask,
  type DecoderNextOptions,
  TransformerDecoderLayer,
  TransformerEncoderLayer,
} from './transformer-layers.ts';

/** Options of stacks of blocks. */
export interface TransformerOptions extends TransformerLayerOptions {
  /** Whether the result of the last block is normalized. Default: where `normFirst` leaves it unnormalized. */
  readonly finalNorm?: boolean;
}

const stackOptions: OptionTable<TransformerOptions> = /* @__PURE__ */ extend(blockOptions, {
  finalNorm: /* @__PURE__ */ withoutDefault(boolean),
});

/**
 * Blocks of an encoder, one after another, each with weights of its own; with `forward(x, { causal: true })` the middle of a language model.
 *
 * `x`, `y : […, time, width]`.
 * @example
 * const encoder = new TransformerEncoder(2, 16, 4, { normFirst: true });
 * encoder.forward(Tensor.zeros([3, 5, 16]), { lengths: [5, 2, 3] }).shape // => [3, 5, 16]
 */
export class TransformerEncoder {
  readonly layers: readonly TransformerEncoderLayer[];
  readonly norm: LayerNorm | undefined;

  /**
   * @param depth how many blocks there are
   * @param width of what it takes and gives, a multiple of `heads`
   * @param options those of `TransformerEncoderLayer`, and `finalNorm`
   * @throws ShapeError for sizes that do not fit; ValueError for options that are not known or out of range.
   */
  constructor(depth: number, width: number, heads: number, options?: TransformerOptions) {
    const { layers, norm } = stackOf(
      'TransformerEncoder',
      depth,
      width,
      heads,
      options,
      (given) => new TransformerEncoderLayer(width, heads, given),
    );
    [this.layers, this.norm] = [layers, norm];
  }

  /**
   * @param mask what may be seen, in each block: `causal`, `start`, `keep` and `lengths` as in `MultiHeadAttention`. Default: all
   * @throws ShapeError where shapes do not fit.
   */
  forward(x: Tensor, mask?: AttentionMask): Tensor {
    checkTensor('TransformerEncoder', 'x', x);
    return normalized(
      this.norm,
      this.layers.reduce((h, layer) => layer.forward(h, mask), x),
    );
  }

  /**
   * Goes on with a sequence, as `MultiHeadAttention.next` does: what comes later is not seen.
   * @param past what the last call returned beside the outputs. Default none
   * @returns `[y, keyValues]`, with the keys and values of each block
   * @example
   * import type { KeyValues } from 'tapegrad';
   * const model = new TransformerEncoder(2, 8, 2);
   * let past: readonly KeyValues[] | undefined;
   * for (const x of [Tensor.zeros([1, 1, 8]), Tensor.ones([1, 1, 8])]) past = model.next(x, past)[1];
   * past?.map(({ keys }) => keys.shape) // => [[1, 2, 2, 4], [1, 2, 2, 4]]
   */
  next(x: Tensor, past?: readonly KeyValues[], options?: NextOptions): readonly [y: Tensor, keyValues: readonly KeyValues[]] {
    checkTensor('TransformerEncoder.next', 'x', x);
    checkPast('TransformerEncoder.next', past, this.layers.length);
    const [y, keyValues] = through(this.layers, x, (layer, h, i) => layer.next(h, past?.[i], options));
    return [normalized(this.norm, y), keyValues];
  }
}

/**
 * Blocks of a decoder, one after another, each with weights of its own.
 *
 * `x`, `y : […, time, width]`, the memory `[…, keys, width]`.
 * @example
 * const [encoder, decoder] = [new TransformerEncoder(2, 16, 4), new TransformerDecoder(2, 16, 4)];
 * decoder.forward(Tensor.zeros([3, 5, 16]), encoder.forward(Tensor.zeros([3, 7, 16]))).shape // => [3, 5, 16]
 */
export class TransformerDecoder {
  readonly layers: readonly TransformerDecoderLayer[];
  readonly norm: LayerNorm | undefined;

  /**
   * @param depth how many blocks there are
   * @param width of what it takes and gives, a multiple of `heads`
   * @param options those of `TransformerDecoderLayer`, and `finalNorm`
   * @throws ShapeError for sizes that do not fit; ValueError for options that are not known or out of range.
   */
  constructor(depth: number, width: number, heads: number, options?: TransformerOptions) {
    const { layers, norm } = stackOf(
      'TransformerDecoder',
      depth,
      width,
      heads,
      options,
      (given) => new TransformerDecoderLayer(width, heads, given),
    );
    [this.layers, this.norm] = [layers, norm];
  }

  /**
   * @param options what may be seen, in each block, as in `TransformerDecoderLayer`
   * @throws ShapeError where shapes do not fit.
   */
  forward(x: Tensor, memory: Tensor, options?: DecoderMask): Tensor {
    checkTensor('TransformerDecoder', 'x', x);
    return normalized(
      this.norm,
      this.layers.reduce((h, layer) => layer.forward(h, memory, options), x),
    );
  }

  /**
   * Goes on with a sequence, as `MultiHeadAttention.next` does. The keys and values of the memory are made in the first call only.
   * @param past what the last call returned beside the outputs. Default none
   * @returns `[y, keyValues]`, with the keys and values of each block
   * @example
   * const [decoder, memory] = [new TransformerDecoder(1, 8, 2), Tensor.zeros([1, 3, 8])];
   * const [, past] = decoder.next(Tensor.zeros([1, 1, 8]), memory);
   * decoder.next(Tensor.ones([1, 1, 8]), memory, past)[0].shape // => [1, 1, 8]
   */
  next(
    x: Tensor,
    memory: Tensor,
    past?: readonly DecoderKeyValues[],
    options?: DecoderNextOptions,
  ): readonly [y: Tensor, keyValues: readonly DecoderKeyValues[]] {
    checkTensor('TransformerDecoder.next', 'x', x);
    checkPast('TransformerDecoder.next', past, this.layers.length);
    const [y, keyValues] = through(this.layers, x, (layer, h, i) => layer.next(h, memory, past?.[i], options));
    return [normalized(this.norm, y), keyValues];
  }
}

const normalized = (norm: LayerNorm | undefined, x: Tensor): Tensor => (norm ? norm.forward(x) : x);

/** Blocks of a number, and the norm of what the last one gives, if there is to be one. */
function stackOf<Block>(
  name: string,
  depth: number,
  width: number,
  heads: number,
  options: TransformerOptions | undefined,
  make: (options: BlockSettings) => Block,
): { readonly layers: readonly Block[]; readonly norm: LayerNorm | undefined } {
  checkSizes(name, { depth });
  const { finalNorm, ...own } = readOptions(name, options, stackOptions);
  const given = settingsFrom(name, width, heads, own as TransformerLayerOptions);
  const layers = Array.from({ length: depth }, () => make(given));
  return { layers, norm: (finalNorm ?? given.normFirst) ? normOf(width, given) : undefined };
}

/** Goes through blocks that each return what they keep beside their results. */
function through<Block, Kept>(
  layers: readonly Block[],
  x: Tensor,
  next: (layer: Block, h: Tensor, i: number) => readonly [Tensor, Kept],
): readonly [Tensor, readonly Kept[]] {
  let y = x;
  const kept = layers.map((layer, i) => {
    const [h, keep] = next(layer, y, i);
    y = h;
    return keep;
  });
  return [y, kept];
}

function checkPast(where: string, past: unknown, depth: number): void {
  if (past !== undefined && !(Array.isArray(past) && past.length === depth))
    throw new ValueError(`${where}: expected the keys and values of ${depth} blocks, as the last call returned them, got ${quote(past)}`);
}
