/** Rows of a table as layers: one for each index, or one for each bag of indices. */

import type { FloatDtype } from '../base/dtype.ts';
import { ValueError } from '../base/errors.ts';
import { anything, extend, type OptionTable, optional, quote, readOptions, withoutDefault } from '../base/options.ts';
import { generatorOf } from '../base/random.ts';
import { embedding } from '../functions/nn/embedding.ts';
import { type BagMode, bagMode, type EmbeddingBagOptions, embeddingBag } from '../functions/nn/embedding-bag.ts';
import { Parameter } from '../tensor/parameter.ts';
import { checkTensor, Tensor } from '../tensor/tensor.ts';
import { type Initialization, initialize } from './initializers.ts';
import { checkLayerDtype, checkSizes, type LayerOptions, layerOptions } from './layer-options.ts';

/** Options of `Embedding`. */
export interface EmbeddingLayerOptions extends LayerOptions {
  /** The index of a row that starts from 0 and is not learned, for padding. Default none. */
  readonly paddingIndex?: number;
  /** What the table starts from. Default `'standardNormal'`, N(0, 1). */
  readonly initialization?: Initialization;
}

/** Options of `EmbeddingBag`. */
export interface EmbeddingBagLayerOptions extends EmbeddingLayerOptions {
  /** What is made of the rows of a bag. Default `'mean'`. */
  readonly mode?: BagMode;
}

const embeddingLayerOptions: OptionTable<EmbeddingLayerOptions> = /* @__PURE__ */ extend(layerOptions, {
  paddingIndex: /* @__PURE__ */ withoutDefault(anything),
  initialization: /* @__PURE__ */ optional(anything, 'standardNormal'),
});
const embeddingBagLayerOptions: OptionTable<EmbeddingBagLayerOptions> = /* @__PURE__ */ extend(embeddingLayerOptions, { mode: bagMode });

/** A table, whose row for padding, if there is one, is 0 whatever it is initialized by. */
function tableOf(
  where: string,
  count: number,
  width: number,
  options: EmbeddingLayerOptions,
  given: EmbeddingLayerOptions | undefined,
): Parameter {
  const { paddingIndex, initialization, dtype } = options;
  checkSizes(where, { count, width });
  checkLayerDtype(where, dtype);
  if (paddingIndex !== undefined && !(Number.isInteger(paddingIndex) && paddingIndex >= 0 && paddingIndex < count))
    throw new ValueError(`${where}: expected a paddingIndex from 0 to ${count - 1}, got ${quote(paddingIndex)}`);
  const table = initialize(where, initialization!, count, width, generatorOf(where, given ?? {}), dtype as FloatDtype);
  if (paddingIndex === undefined) return new Parameter(table);
  const isPadding = Tensor.arange(count, 'int32').reshape([count, 1]).equal(paddingIndex);
  return new Parameter(isPadding.where(0, table));
}

/**
 * `y = weight[indices]`: a row of a table that is learned for each index, such as a vector for each word.
 *
 * `indices`: int32, of any shape; `weight : [count, width]`, from N(0, 1); `y : [...indices.shape, width]`. The row of `paddingIndex` starts
 * from 0, gets no gradient, and so stays 0 under every optimizer. Gradients are dense: rows that a batch does not name have a gradient of 0,
 * so that an optimizer with moments or weight decay still moves them. Vectors that were trained elsewhere are an initialization too:
 * `{ initialization: () => vectors }`.
 * @example new Embedding(100, 8).forward(Tensor.of([[1, 2, 99]], 'int32')).shape // => [1, 3, 8]
 * @example new Embedding(3, 2, { paddingIndex: 0 }).weight.toArray()[0] // => [0, 0]
 */
export class Embedding {
  readonly count: number;
  readonly width: number;
  readonly paddingIndex: number | undefined;
  readonly weight: Parameter;

  /**
   * @param count how many rows there are
   * @throws ShapeError for sizes that are not whole numbers from 1; ValueError for options that are not known or out of range; what
   * `initialization` may cause.
   */
  constructor(count: number, width: number, options?: EmbeddingLayerOptions) {
    const read = readOptions<EmbeddingLayerOptions>('Embedding', options, embeddingLayerOptions);
    this.weight = tableOf('Embedding', count, width, read as EmbeddingLayerOptions, options);
    this.count = count;
    this.width = width;
    this.paddingIndex = read.paddingIndex;
  }

  /** @throws DtypeError for indices that are not int32, ValueError for one out of range. */
  forward(indices: Tensor): Tensor {
    checkTensor('Embedding', 'the indices', indices);
    const { paddingIndex } = this;
    return embedding(this.weight, indices, paddingIndex === undefined ? {} : { paddingIndex });
  }
}

/**
 * The sum, mean or maximum of the rows of a table that each bag of indices names, such as the words of a text in any order.
 *
 * `indices : [bags, size]`, int32, or a list of all with `offsets`, as in `embeddingBag`; `weight : [count, width]`, from N(0, 1);
 * `y : [bags, width]`. The row of `paddingIndex` starts from 0, is not learned, and counts in no bag.
 * @example new EmbeddingBag(100, 8, { paddingIndex: 0 }).forward(Tensor.of([[1, 2, 0], [3, 0, 0]], 'int32')).shape // => [2, 8]
 */
export class EmbeddingBag {
  readonly count: number;
  readonly width: number;
  readonly mode: BagMode;
  readonly paddingIndex: number | undefined;
  readonly weight: Parameter;

  /**
   * @param count how many rows there are
   * @throws ShapeError for sizes that are not whole numbers from 1; ValueError for options that are not known or out of range; what
   * `initialization` may cause.
   */
  constructor(count: number, width: number, options?: EmbeddingBagLayerOptions) {
    const read = readOptions<EmbeddingBagLayerOptions>('EmbeddingBag', options, embeddingBagLayerOptions);
    this.weight = tableOf('EmbeddingBag', count, width, read as EmbeddingLayerOptions, options);
    this.count = count;
    this.width = width;
    this.mode = read.mode!;
    this.paddingIndex = read.paddingIndex;
  }

  /**
   * @param options `offsets` and `perSampleWeights`, default none
   * @throws what `embeddingBag` throws.
   * @example
   * const bag = new EmbeddingBag(100, 8, { mode: 'sum' });
   * bag.forward(Tensor.of([1, 2, 3], 'int32'), { offsets: Tensor.of([0, 2], 'int32') }).shape // => [2, 8]
   */
  forward(indices: Tensor, options?: Pick<EmbeddingBagOptions, 'offsets' | 'perSampleWeights'>): Tensor {
    const { offsets, perSampleWeights } = readOptions('EmbeddingBag', options, {
      offsets: withoutDefault(anything),
      perSampleWeights: withoutDefault(anything),
    });
    const { mode, paddingIndex } = this;
    return embeddingBag(this.weight, indices, {
      mode,
      ...(paddingIndex !== undefined && { paddingIndex }),
      ...(offsets !== undefined && { offsets }),
      ...(perSampleWeights !== undefined && { perSampleWeights }),
    });
  }
}
