import { crossEntropy } from '../functions/losses/cross-entropy.ts';
import { checkReduction, type Reduction } from '../functions/losses/reduction.ts';
import type { Tensor } from '../tensor/tensor.ts';

/** What to aim at: a class for each row, or a row of probabilities. */
export type Targets<N extends number, C extends number> = Tensor<readonly [N]> | Tensor<readonly [N, C]>;

/**
 * How surprised the softmax of `logits` is by the targets: `log Σⱼ eˡʲ − l_target`, the mean over the rows unless told.
 *
 * `logits : [rows, classes]`, `targets : [rows]` of int32 classes or `[rows, classes]` of probabilities. One operation from the logits, so that no
 * probability is rounded to 0 before its logarithm is taken. The slope is `softmax(logits) − onehot(target)`, over the number of rows.
 * @throws ShapeError, DtypeError, ValueError for labels out of range.
 * @example new SoftmaxCrossEntropy().forward(Tensor.of([[0, 0]]), Tensor.of([1], 'int32')).item().toFixed(4) // => '0.6931'
 */
export class SoftmaxCrossEntropy<R extends Reduction = 'mean'> {
  readonly reduction: R;

  constructor({ reduction = 'mean' as R }: { readonly reduction?: R } = {}) {
    checkReduction('SoftmaxCrossEntropy', reduction);
    this.reduction = reduction;
  }

  forward<N extends number, C extends number>(
    logits: Tensor<readonly [N, C]>,
    targets: Targets<NoInfer<N>, NoInfer<C>>,
  ): Tensor<R extends 'none' ? [N] : []> {
    return crossEntropy(logits as Tensor, targets, { reduction: this.reduction }) as Tensor;
  }
}
