/** A layer of convolution, `relu`, and a layer of max pooling in one pass, to the same bits, where nobody sees what lies between. */

import { type ConvolutionOptions, convolutionWindows } from '../functions/nn/convolution.ts';
import { pooledConvolve } from '../functions/nn/pooled-convolution.ts';
import { type PoolOptions, poolWindows } from '../functions/nn/pooling.ts';
import type { Pair } from '../functions/nn/windows.ts';
import type { ElementwiseOp } from '../tensor/op.ts';
import { reluOp } from '../tensor/ops/elementary.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { areJoinable } from './joined.ts';
import type { LayerOrFunction } from './widths.ts';

/** What a convolution of images tells of itself. */
interface Convolution {
  readonly weight: Tensor;
  readonly bias: Tensor | undefined;
  readonly windows: Omit<ConvolutionOptions, 'bias'>;
}

/** What max pooling is. */
interface MaxPooling {
  readonly kernel: Pair;
  readonly options: PoolOptions;
}

/** What max pooling makes of what an activation makes of what a layer gives; `undefined` where that has to be done one after another. */
export function joinedConvolution(
  layer: LayerOrFunction,
  activation: ElementwiseOp<'x'>,
  x: Tensor,
  { kernel, options }: MaxPooling,
): Tensor | undefined {
  const found = (layer as { 'tapegrad.asConvolution'?(): Convolution | undefined })['tapegrad.asConvolution']?.();
  if (activation !== reluOp || !found || options.ceilMode) return undefined;
  const { weight, bias, windows } = found;
  const { groups = 1, stride = 1, padding = 0, dilation = 1 } = windows;
  if (!bias || padding === 'same' || !fitEachOther(x, weight, bias, groups)) return undefined;
  const convolution = convolutionWindows('Conv2d', 2, weight.sizes.slice(2), { stride, padding: padding as Pair, dilation });
  const pooling = poolWindows('MaxPool2d', 2, kernel, { padding: 0, dilation: 1, ...options, stride: options.stride ?? kernel });
  return pooledConvolve(x, { weight, bias }, { ...convolution, groups }, pooling);
}

/** Whether images, filters and bias fit each other. */
function fitEachOther(x: Tensor, weight: Tensor, bias: Tensor, groups: number): boolean {
  return (
    areJoinable(x, weight, bias) &&
    x.rank === 4 &&
    weight.rank === 4 &&
    x.sizes[1] === weight.sizes[1]! * groups &&
    weight.sizes[0] === bias.size &&
    bias.size % groups === 0
  );
}
