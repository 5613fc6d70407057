/** What all blocks of transformers are made of. */

import {
  anything,
  boolean,
  extend,
  fraction,
  numberFrom,
  type OptionTable,
  optional,
  readOptions,
  withoutDefault,
} from '../base/options.ts';
import { generatorOf } from '../base/random.ts';
import { relu } from '../functions/elementwise/basic-activations.ts';

import type { Tensor } from '../tensor/tensor.ts';
import { type KeyValues, MultiHeadAttention, type MultiHeadAttentionOptions, type NextOptions } from './attention.ts';
import { Dropout } from './dropout.ts';
import { checkIsLayer, Sequential } from './layer.ts';
import { checkSizes, type LayerOptions, layerOptions } from './layer-options.ts';
import { Linear } from './linear.ts';
import { LayerNorm } from './norms.ts';
import type { LayerOrFunction } from './widths.ts';

/** Options of the blocks of transformers. */
export interface TransformerLayerOptions extends LayerOptions, Pick<MultiHeadAttentionOptions, 'keyValueHeads' | 'rotary'> {
  /** The width between the two products of the feed-forward part. Default `4 · width`. */
  readonly hidden?: number;
  /** The probability with which attention weights, and elements of the results of all parts, are dropped in training. Default 0.1. */
  readonly dropout?: number;
  /** Between the two products of the feed-forward part. Default `relu`. */
  readonly activation?: LayerOrFunction;
  /** Whether to normalize what each part takes, `x + part(norm(x))`, and not the sum, `norm(x + part(x))`. Default false. */
  readonly normFirst?: boolean;
  /** What is added to the variances. Default 1e-5. */
  readonly epsilon?: number;
  /** Whether products and normalizations have biases. Default true. */
  readonly bias?: boolean;
}

export const blockOptions: OptionTable<TransformerLayerOptions> = /* @__PURE__ */ extend(layerOptions, {
  keyValueHeads: /* @__PURE__ */ withoutDefault(anything),
  rotary: /* @__PURE__ */ optional(anything, false),
  hidden: /* @__PURE__ */ withoutDefault(anything),
  dropout: /* @__PURE__ */ optional(fraction, 0.1),
  activation: /* @__PURE__ */ withoutDefault(anything),
  normFirst: /* @__PURE__ */ optional(boolean, false),
  epsilon: /* @__PURE__ */ optional(/* @__PURE__ */ numberFrom(0), 1e-5),
  bias: /* @__PURE__ */ optional(boolean, true),
});
/** The options of a block with their defaults, and the generator that all of its weights come from. */
export interface BlockSettings extends Required<Omit<TransformerLayerOptions, 'seed' | 'keyValueHeads'>> {
  readonly keyValueHeads: number;
}

export function settingsFrom(name: string, width: number, heads: number, options: TransformerLayerOptions | undefined): BlockSettings {
  const { keyValueHeads = heads, activation = relu, seed, ...given } = readOptions(name, options, blockOptions);
  checkSizes(name, { width, heads });
  const { hidden = 4 * width } = given;
  checkSizes(name, { hidden });
  checkIsLayer(`${name}: activation`, activation);
  return { ...given, keyValueHeads, hidden, activation, random: generatorOf(name, options ?? {}) } as BlockSettings;
}

const settingsOf = ({ bias, dtype, random }: BlockSettings) => ({ bias, dtype, random });

export const attentionOf = (width: number, heads: number, given: BlockSettings): MultiHeadAttention => {
  const { keyValueHeads, rotary, dropout } = given;
  return new MultiHeadAttention(width, heads, { keyValueHeads, rotary, dropout, ...settingsOf(given) });
};

export const normOf = (width: number, { epsilon, bias, dtype }: BlockSettings): LayerNorm => new LayerNorm(width, { epsilon, bias, dtype });

/** What the blocks of encoders and decoders share: attention to the sequence itself, and a feed-forward part. */
export abstract class TransformerBlock {
  readonly attention: MultiHeadAttention;
  readonly attentionNorm: LayerNorm;
  readonly feedForward: Sequential;
  readonly feedForwardNorm: LayerNorm;
  readonly dropout: Dropout;
  readonly normFirst: boolean;

  protected constructor(width: number, heads: number, given: BlockSettings) {
    const { hidden, activation, dropout, normFirst } = given;
    this.attention = attentionOf(width, heads, given);
    this.attentionNorm = normOf(width, given);
    this.dropout = new Dropout(dropout);
    const linear = (inputs: number, outputs: number) => new Linear(inputs, outputs, settingsOf(given));
    this.feedForward = new Sequential(linear(width, hidden), activation, this.dropout, linear(hidden, width)) as Sequential;
    this.feedForwardNorm = normOf(width, given);
    this.normFirst = normFirst;
  }

  /** A part beside what it takes, normalized before it or after the sum. */
  protected beside(x: Tensor, norm: LayerNorm, part: (x: Tensor) => Tensor): Tensor {
    const dropped = (h: Tensor) => this.dropout.forward(part(h));
    return this.normFirst ? x.add(dropped(norm.forward(x))) : norm.forward(x.add(dropped(x)));
  }

  protected fed(x: Tensor): Tensor {
    return this.beside(x, this.feedForwardNorm, (h) => this.feedForward.forward(h));
  }

  /** The part that attends to the sequence itself, for the next elements of one; and the keys and values so far. */
  protected attendedNext(x: Tensor, past: KeyValues | undefined, options: NextOptions | undefined): readonly [Tensor, KeyValues] {
    let all: KeyValues | undefined;
    const y = this.beside(x, this.attentionNorm, (h) => {
      const [result, keyValues] = this.attention.next(h, past, options);
      all = keyValues;
      return result;
    });
    return [y, all!];
  }
}
