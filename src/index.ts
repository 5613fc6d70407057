/** The front door: everything of `tapegrad` but the datasets, which have their own, `tapegrad/datasets`. */

export { checkOperation, type OperationCheck } from './autograd/checks/check-operation.ts';
export { type Comparison, compareDerivatives } from './autograd/checks/compare-derivatives.ts';
export { type Gradcheck, gradcheck, gradgradcheck } from './autograd/checks/gradcheck.ts';
export { Gradients } from './autograd/gradients.ts';
export { type Entry, type Recording, type Sweep, Tape, type Value } from './autograd/tape.ts';
export { checkpoint } from './autograd/transforms/checkpoint.ts';
export { type CustomRuleArguments, customVjp, onGradient } from './autograd/transforms/custom-vjp.ts';
export { grad, hessian, hvp, jacobian, jvp, valueAndGrad, vjp } from './autograd/transforms/derivatives.ts';
export { perExampleGradients } from './autograd/transforms/per-example-gradients.ts';
export { type MapOptions, vmap } from './autograd/transforms/vmap.ts';
export { toDot } from './autograd/view/dot.ts';
export type { Explanation, Path, Step } from './autograd/view/explain.ts';
export { type PageOptions, toHTML } from './autograd/view/html.ts';
export { toMermaid } from './autograd/view/mermaid.ts';
export type { Data, Dtype, FloatDtype } from './base/dtype.ts';
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
} from './base/errors.ts';
export { defaultRandom, manualSeed, Random, type Randomness, type RandomState } from './base/random.ts';
export type { Shape } from './base/shape-types.ts';
export type { Range } from './base/slicing.ts';
export { type Formula, formula } from './formula/formula.ts';
export type { Elementwise } from './formula/methods.ts';
export { celu, elu, gelu, glu, logSigmoid, mish, selu, silu, softplus, softsign, tanhshrink } from './functions/elementwise/activations.ts';
export { erf, erfc } from './functions/elementwise/error-function.ts';
export { acosh, asinh, atanh, cosh, sinh } from './functions/elementwise/hyperbolic.ts';
export { logAddExp, logit, xlogy } from './functions/elementwise/logarithmic.ts';
export {
  hardshrink,
  hardsigmoid,
  hardswish,
  hardtanh,
  leakyRelu,
  prelu,
  relu6,
  softshrink,
  threshold,
} from './functions/elementwise/piecewise.ts';
export { exp2, log2, log10, rsqrt, square } from './functions/elementwise/powers.ts';
export { fmod, frac, hypot, remainder } from './functions/elementwise/remainders.ts';
export { acos, asin, atan, atan2, tan } from './functions/elementwise/trigonometric.ts';
export { concat, stack } from './functions/layout/concat.ts';
export { diag, diagonal, trace, tril, triu } from './functions/layout/diagonals.ts';
export { flip, moveAxis, type Padding, pad, repeatInterleave, roll, split, tile } from './functions/layout/rearrange.ts';
export { embedding, indexAdd, indexSelect, putAlongAxis, stopGradient, take } from './functions/layout/selection.ts';
export { cholesky, eigh, qr } from './functions/linalg/decompositions.ts';
export { det, slogdet } from './functions/linalg/determinants.ts';
export { einsum, outer } from './functions/linalg/einsum.ts';
export { inv, solve, solveTriangular } from './functions/linalg/linear-systems.ts';
export { binaryCrossEntropy, binaryCrossEntropyWithLogits, crossEntropy, klDivLoss, nllLoss } from './functions/losses/class-losses.ts';
export { softmaxCrossEntropy } from './functions/losses/cross-entropy.ts';
export {
  cosineEmbeddingLoss,
  hingeEmbeddingLoss,
  marginRankingLoss,
  softMarginLoss,
  tripletMarginLoss,
} from './functions/losses/margin-losses.ts';
export { gaussianNLLLoss, huberLoss, l1Loss, mseLoss, poissonNLLLoss, smoothL1Loss } from './functions/losses/regression-losses.ts';
export { type ConvolutionOptions, conv1d, conv2d, convTranspose1d, convTranspose2d } from './functions/nn/convolution.ts';
export { batchNorm, groupNorm, instanceNorm, layerNorm, rmsNorm, type Statistics } from './functions/nn/normalization.ts';
export {
  adaptiveAvgPool1d,
  adaptiveAvgPool2d,
  adaptiveMaxPool1d,
  adaptiveMaxPool2d,
  avgPool1d,
  avgPool2d,
  maxPool1d,
  maxPool2d,
} from './functions/nn/pooling.ts';
export { fold, unfold } from './functions/nn/unfold.ts';
export { cosineSimilarity, norm, normalize, pairwiseDistance } from './functions/sums/norm.ts';
export { argsort, median, type Sorted, sort, topk } from './functions/sums/order.ts';
export { cumprod, cumsum, linearRecurrence, logCumSumExp, prod } from './functions/sums/scan.ts';
export type { Initialization } from './layers/initializers.ts';
export { Linear, type LinearOptions } from './layers/linear.ts';
export { ReLU } from './layers/relu.ts';
export { type Layer, Sequential } from './layers/sequential.ts';
export { Sigmoid } from './layers/sigmoid.ts';
export { Softmax } from './layers/softmax.ts';
export { type Reduction, SoftmaxCrossEntropy, type Targets } from './layers/softmax-cross-entropy.ts';
export { loadStateDict, parameters, stateDict } from './layers/state.ts';
export { Tanh } from './layers/tanh.ts';
export { type KernelsReport, kernels, useKernels } from './machine/backend.ts';
export { type ClassificationReport, classificationReport, type ReportOptions, type Scores } from './metrics/classification-report.ts';
export { accuracy, confusionMatrix } from './metrics/confusion-matrix.ts';
export { Adagrad, type AdagradOptions } from './optim/adagrad.ts';
export { Adam, type AdamOptions, AdamW } from './optim/adam.ts';
export { Adamax } from './optim/adamax.ts';
export type { MomentOptions } from './optim/moments.ts';
export { Optimizer } from './optim/optimizer.ts';
export { RAdam } from './optim/radam.ts';
export { RMSprop, type RMSpropOptions } from './optim/rmsprop.ts';
export {
  type Cycle,
  type CyclicOptions,
  cosineAnnealing,
  cyclic,
  followedBy,
  linearWarmup,
  type OneCycleOptions,
  oneCycle,
  polynomialDecay,
  type Schedule,
  stepDecay,
} from './optim/schedules.ts';
export { SGD, type SGDOptions } from './optim/sgd.ts';
export {
  type Batched,
  type BatchedCall,
  type Batching,
  type BatchingFamily,
  binaryOp,
  type Derivative,
  type Derivatives,
  type Domain,
  type Draw,
  type ElementwiseDerivative,
  type ElementwiseOp,
  type ElementwiseRuleArguments,
  elementwiseOp,
  type NonFiniteCause,
  type NonFiniteFamily,
  type Op,
  type OpArguments,
  type OpDescription,
  type RuleArguments,
  unaryOp,
} from './tensor/op.ts';
export { Parameter } from './tensor/parameter.ts';
export { type Axes, type KeepDims, perform, Tensor, where } from './tensor/tensor.ts';
