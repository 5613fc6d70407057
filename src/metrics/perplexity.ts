import { ShapeError } from '../base/errors.ts';
import { optional, readOptions, wholeNumber } from '../base/options.ts';
import { formatShape } from '../base/shape.ts';
import { crossEntropy } from '../functions/losses/cross-entropy.ts';
import { checkTensor, type Tensor } from '../tensor/tensor.ts';

/** Options of `perplexity`. */
export interface PerplexityOptions {
  /** The class of targets that do not count, such as padding. Default −100. */
  readonly ignoreIndex?: number;
}

/**
 * As how many equally likely classes the right one is hard to guess: `exp` of the mean cross-entropy, in float64. 1 where each is foreseen, and
 * the number of classes where all are taken to be equally likely.
 *
 * @param logits `[…, classes]` in float32 or float64, before any softmax
 * @param targets the right classes, `[…]` in int32
 * @param options `ignoreIndex`, default −100
 * @throws ShapeError, DtypeError; ValueError for a class out of range, and for options that are not known
 * @example perplexity(Tensor.zeros([2, 8]), Tensor.of([3, 5], 'int32')).toFixed(6) // => '8.000000'
 */
export function perplexity(logits: Tensor, targets: Tensor, options?: PerplexityOptions): number {
  const { ignoreIndex } = readOptions<PerplexityOptions>('perplexity', options, { ignoreIndex: optional(wholeNumber, -100) });
  checkTensor('perplexity', 'logits', logits);
  checkTensor('perplexity', 'targets', targets);
  const { shape } = logits;
  if (shape.length < 2 || formatShape(shape.slice(0, -1)) !== formatShape(targets.shape) || targets.size === 0)
    throw new ShapeError(
      `perplexity: expected logits […, classes] and a target for each, got ${formatShape(shape)} and ${formatShape(targets.shape)}`,
    );
  const rows = logits.cast('float64').reshape([targets.size, shape.at(-1)!]);
  return crossEntropy(rows, targets.reshape([targets.size]), { ignoreIndex })
    .exp()
    .item();
}
