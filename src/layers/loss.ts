import { readOptions } from '../base/options.ts';
import { plainCrossEntropy } from '../functions/losses/plain-cross-entropy.ts';
import { type Reduction, reductionOption } from '../functions/losses/reduction.ts';
import type { Tensor } from '../tensor/tensor.ts';

/** What a row of logits is compared with: its class, or a row of probabilities. */
export type Targets<N extends number, C extends number> = Tensor<readonly [N]> | Tensor<readonly [N, C]>;

/** Options of `SoftmaxCrossEntropy`. */
export interface SoftmaxCrossEntropyOptions<R extends Reduction = Reduction> {
  /** The mean over the rows, their sum, or one loss for each row. Default `'mean'`. */
  readonly reduction?: R;
}

/**
 * The cross-entropy of the softmax of `logits` against the targets: `log Σⱼ eˡʲ − l_target`, by default the mean over the rows.
 *
 * `logits : [rows, classes]`, `targets : [rows]` of int32 classes or `[rows, classes]` of probabilities in the logits' dtype. One operation from the
 * logits, so that no probability is rounded to 0 before its logarithm is taken. The gradient is `softmax(logits) − onehot(target)`, for the mean
 * divided by the number of rows.
 * @throws ShapeError, DtypeError, and ValueError for labels out of range.
 * @example new SoftmaxCrossEntropy().forward(Tensor.of([[0, 0]]), Tensor.of([1], 'int32')).item().toFixed(4) // => '0.6931'
 */
export class SoftmaxCrossEntropy<R extends Reduction = 'mean'> {
  readonly reduction: R;

  /** @throws ValueError for options that are not known. */
  constructor(options: SoftmaxCrossEntropyOptions<R> = {}) {
    const { reduction } = readOptions<SoftmaxCrossEntropyOptions>('SoftmaxCrossEntropy', options, reductionOption);
    this.reduction = reduction as R;
  }

  forward<N extends number, C extends number>(
    logits: Tensor<readonly [N, C]>,
    targets: Targets<NoInfer<N>, NoInfer<C>>,
  ): Tensor<R extends 'none' ? [N] : []> {
    return plainCrossEntropy(logits as Tensor, targets, this.reduction) as Tensor;
  }
}
