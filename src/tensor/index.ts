export type { Batch, Batched, Batching } from './batch.ts';
export type { Data, Dtype, FloatDtype } from './dtype.ts';
export type { Elementwise } from './elementwise.ts';
export {
  DataError,
  DerivativeError,
  DtypeError,
  MemoryError,
  NonFiniteError,
  ShapeError,
  StateError,
  TapeError,
  TapegradError,
  ValueError,
} from './errors.ts';
export { type Formula, formula } from './formula.ts';
export { type KernelsReport, kernels, useKernels } from './kernels/index.ts';
export {
  binary,
  type Derivative,
  type Domain,
  type Draw,
  type ElementwiseDerivative,
  elementwise,
  type Op,
  unary,
} from './op.ts';
export { celu, elu, gelu, glu, logSigmoid, mish, selu, silu, softplus, softsign, tanhshrink } from './ops/activations.ts';
export { binaryCrossEntropy, binaryCrossEntropyWithLogits, crossEntropy, klDivLoss, nllLoss } from './ops/class-losses.ts';
export { concat, stack } from './ops/concat.ts';
export { type ConvolutionOptions, conv1d, conv2d, convTranspose1d, convTranspose2d } from './ops/convolution.ts';
export { softmaxCrossEntropy } from './ops/cross-entropy.ts';
export { cholesky, eigh, qr } from './ops/decompositions.ts';
export { determinant, slogdet } from './ops/determinants.ts';
export { diag, diagonal, trace, tril, triu } from './ops/diagonals.ts';
export { einsum, outer } from './ops/einsum.ts';
export { erf, erfc } from './ops/error-function.ts';
export { acosh, asinh, atanh, cosh, sinh } from './ops/hyperbolic.ts';
export { inverse, solve, triangularSolve } from './ops/linear-systems.ts';
export { logAddExp, logit, xlogy } from './ops/logarithms.ts';
export { gaussianNLLLoss, huberLoss, l1Loss, mseLoss, poissonNLLLoss, smoothL1Loss } from './ops/losses.ts';
export { cosineEmbeddingLoss, hingeEmbeddingLoss, marginRankingLoss, softMarginLoss, tripletMarginLoss } from './ops/margin-losses.ts';
export { cosineSimilarity, norm, normalize, pairwiseDistance } from './ops/norm.ts';
export { batchNorm, groupNorm, instanceNorm, layerNorm, rmsNorm, type Statistics } from './ops/normalization.ts';
export { argsort, median, type Sorted, sort, topK } from './ops/order.ts';
export { hardshrink, hardsigmoid, hardswish, hardtanh, leakyRelu, prelu, relu6, softshrink, threshold } from './ops/piecewise.ts';
export {
  adaptiveAvgPool1d,
  adaptiveAvgPool2d,
  adaptiveMaxPool1d,
  adaptiveMaxPool2d,
  avgPool1d,
  avgPool2d,
  maxPool1d,
  maxPool2d,
} from './ops/pooling.ts';
export { exp2, log2, log10, rsqrt, square } from './ops/powers.ts';
export { flip, moveAxis, type Padding, pad, repeatInterleave, roll, split, tile } from './ops/rearrange.ts';
export { fmod, frac, hypot, remainder } from './ops/remainders.ts';
export { cumprod, cumsum, linearRecurrence, logCumSumExp, prod } from './ops/scan.ts';
export { embedding, indexAdd, indexSelect, putAlongAxis, stopGradient, take } from './ops/selection.ts';
export { acos, asin, atan, atan2, tan } from './ops/trigonometric.ts';
export { fold, unfold } from './ops/unfold.ts';
export { Parameter } from './parameter.ts';
export { defaultRandom, Random, type Randomness, type RandomState, seed } from './random.ts';
export type { Range } from './ranges.ts';
export type { Shape } from './shape-types.ts';
export { type Axes, type KeepDims, perform, Tensor, where } from './tensor.ts';
