/** The front door: everything of `tapegrad` but the datasets, which have their own, `tapegrad/datasets`. */

export { type CheckOperationOptions, checkOperation } from './autograd/checks/check-operation.ts';
export { type Comparison, compareDerivatives } from './autograd/checks/compare-derivatives.ts';
export { type GradcheckOptions, gradcheck, gradgradcheck } from './autograd/checks/gradcheck.ts';
export type { Entry, Value } from './autograd/entries.ts';
export { Gradients } from './autograd/gradients.ts';
export { type BackwardOptions, type RecordOptions, Tape } from './autograd/tape.ts';
export { checkpoint } from './autograd/transforms/checkpoint.ts';
export { type CustomRule, type CustomRuleArguments, customVjp, onGradient } from './autograd/transforms/custom-vjp.ts';
export { grad, hessian, hvp, jacobian, jvp, valueAndGrad, vjp } from './autograd/transforms/derivatives.ts';
export type { Tensors } from './autograd/transforms/mapping.ts';
export { perExampleGradients } from './autograd/transforms/per-example-gradients.ts';
export type { Like, TensorFunction } from './autograd/transforms/tensor-function.ts';
export { type VmapOptions, vmap } from './autograd/transforms/vmap.ts';
export { toDot } from './autograd/view/dot.ts';
export { type ExplainOptions, type Explanation, explain, type GradientPath } from './autograd/view/explain.ts';
export { type HTMLOptions, toHTML } from './autograd/view/html.ts';
export { toMermaid } from './autograd/view/mermaid.ts';
export { type SweepStep, steps } from './autograd/view/steps.ts';
export type { DtypeOptions } from './base/create.ts';
export type { Data, Dtype, FloatData, FloatDtype } from './base/dtype.ts';
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
export type { Option, Requirement, WithDefaults } from './base/options.ts';
export { defaultRandom, manualSeed, Random, type Randomness, type RandomState } from './base/random.ts';
export type {
  Broadcast,
  Fits,
  Multiplies,
  Mutable,
  Nested,
  Product,
  Reduced,
  Resolved,
  Shape,
  ShapeOf,
  Transpose,
  Without,
} from './base/shape-types.ts';
export type { Range } from './base/slicing.ts';
export { type Formula, formula } from './formula/formula.ts';
export type { Elementwise } from './formula/methods.ts';
export {
  celu,
  elu,
  type GeluOptions,
  gelu,
  glu,
  logSigmoid,
  mish,
  type SoftplusOptions,
  selu,
  silu,
  softplus,
  softsign,
  tanhshrink,
} from './functions/elementwise/activations.ts';
export { relu, sigmoid, tanh } from './functions/elementwise/basic-activations.ts';
export { i0, i0e, i1, i1e } from './functions/elementwise/bessel.ts';
export { erf, erfc } from './functions/elementwise/error-function.ts';
export {
  copysign,
  fmax,
  fmin,
  type IsCloseOptions,
  isClose,
  isFinite,
  isInf,
  isNaN,
  type NanToNumOptions,
  nanToNum,
} from './functions/elementwise/floating-point.ts';
export { digamma, lgamma, polygamma } from './functions/elementwise/gamma-functions.ts';
export { acosh, asinh, atanh, cosh, sinh } from './functions/elementwise/hyperbolic.ts';
export { type LogitOptions, logAddExp, logAddExp2, logit, xlogy } from './functions/elementwise/logarithmic.ts';
export { logicalAnd, logicalNot, logicalOr, logicalXor } from './functions/elementwise/logical.ts';
export { erfinv, logNdtr, ndtr, ndtri } from './functions/elementwise/normal-distribution.ts';
export {
  type HardtanhOptions,
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
export { sinc } from './functions/elementwise/sinc.ts';
export { stopGradient } from './functions/elementwise/stop-gradient.ts';
export { acos, asin, atan, atan2, cos, sin, tan } from './functions/elementwise/trigonometric.ts';
export { putAlongAxis, takeAlongAxis } from './functions/layout/along-axis.ts';
export { concat, stack } from './functions/layout/concat.ts';
export { diag, diagonal, trace, tril, triu } from './functions/layout/diagonals.ts';
export { indexAdd, indexSelect, take } from './functions/layout/index-select.ts';
export { type Padding, pad } from './functions/layout/pad.ts';
export { chunk, flip, meshgrid, moveAxis, repeatInterleave, roll, split, tile, unbind } from './functions/layout/rearrange.ts';
export { type IndexPutOptions, indexPut, setSlice } from './functions/layout/replace.ts';
export { scatter, scatterAdd } from './functions/layout/scatter.ts';
export { maskedSelect, nonzero } from './functions/layout/selection.ts';
export { cholesky, eigh, qr } from './functions/linalg/decompositions.ts';
export { det, slogdet } from './functions/linalg/determinants.ts';
export { einsum, outer } from './functions/linalg/einsum.ts';
export { type FourierOptions, irfft, rfft } from './functions/linalg/fourier.ts';
export { inv, solve, solveTriangular, type TriangleOptions } from './functions/linalg/linear-systems.ts';
export { matrixExp, matrixPower } from './functions/linalg/matrix-functions.ts';
export { cond, type MatrixNormOptions, type MatrixNormOrder, matrixNorm } from './functions/linalg/matrix-norms.ts';
export { lstsq, matrixRank, pinv, type RankOptions } from './functions/linalg/pseudo-inverse.ts';
export { type SvdOptions, svd, svdvals } from './functions/linalg/singular-values.ts';
export { blockDiag, cross, kron, type VanderOptions, vander } from './functions/linalg/structured.ts';
export { lu } from './functions/linalg/triangular-factors.ts';
export {
  type BinaryCrossEntropyOptions,
  type BinaryCrossEntropyWithLogitsOptions,
  binaryCrossEntropy,
  binaryCrossEntropyWithLogits,
} from './functions/losses/binary-cross-entropy.ts';
export type { ClassOptions } from './functions/losses/class-targets.ts';
export { type ClassTargets, type CrossEntropyOptions, crossEntropy, type OfClasses } from './functions/losses/cross-entropy.ts';
export { type CtcOptions, ctcLoss } from './functions/losses/ctc.ts';
export {
  cosineEmbeddingLoss,
  hingeEmbeddingLoss,
  type MarginOptions,
  marginRankingLoss,
  softMarginLoss,
  tripletMarginLoss,
} from './functions/losses/margin-losses.ts';
export {
  type MultilabelSoftMarginOptions,
  type MultiMarginOptions,
  multilabelMarginLoss,
  multilabelSoftMarginLoss,
  multiMarginLoss,
} from './functions/losses/multi-class-margins.ts';
export { type DivergenceOptions, klDivLoss, nllLoss } from './functions/losses/nll.ts';
export type { Reduction, ReductionOptions } from './functions/losses/reduction.ts';
export {
  type GaussianOptions,
  gaussianNLLLoss,
  type HuberOptions,
  huberLoss,
  l1Loss,
  mseLoss,
  type PoissonOptions,
  poissonNLLLoss,
  type SmoothL1Options,
  smoothL1Loss,
} from './functions/losses/regression-losses.ts';
export {
  adaptiveAvgPool1d,
  adaptiveAvgPool2d,
  adaptiveAvgPool3d,
  adaptiveMaxPool1d,
  adaptiveMaxPool2d,
  adaptiveMaxPool3d,
} from './functions/nn/adaptive-pooling.ts';
export { type AttentionMask, type AttentionOptions, scaledDotProductAttention } from './functions/nn/attention.ts';
export {
  type ChannelOptions,
  type Convolution1dOptions,
  type ConvolutionOptions,
  conv1d,
  conv2d,
  conv3d,
  convTranspose1d,
  convTranspose2d,
  convTranspose3d,
  type NamedPadding,
  type TransposedConvolution1dOptions,
  type TransposedConvolutionOptions,
} from './functions/nn/convolution.ts';
export { alphaDropout, channelDropout, dropout } from './functions/nn/dropout.ts';
export { type EmbeddingOptions, embedding } from './functions/nn/embedding.ts';
export { type BagMode, type EmbeddingBagOptions, embeddingBag } from './functions/nn/embedding-bag.ts';
export { affineGrid, type GridOptions, type GridSampleOptions, gridSample } from './functions/nn/grid-sample.ts';
export { type InterpolateOptions, interpolate } from './functions/nn/interpolate.ts';
export { maskedSoftmax } from './functions/nn/masked-softmax.ts';
export {
  type BatchNormOptions,
  batchNorm,
  groupNorm,
  instanceNorm,
  layerNorm,
  type NormalizationOptions,
  rmsNorm,
  type Statistics,
} from './functions/nn/normalization.ts';
export { pixelShuffle, pixelUnshuffle } from './functions/nn/pixel-shuffle.ts';
export {
  type AveragePool1dOptions,
  type AveragePoolOptions,
  avgPool1d,
  avgPool2d,
  avgPool3d,
  type DivisorOptions,
  type LargestOfWindows,
  maxPool1d,
  maxPool1dWithIndices,
  maxPool2d,
  maxPool2dWithIndices,
  maxPool3d,
  maxPool3dWithIndices,
  type Pool1dOptions,
  type PoolOptions,
} from './functions/nn/pooling.ts';
export {
  type PositionOptions,
  type RotaryOptions,
  rotaryEmbedding,
  type SinusoidalOptions,
  sinusoidalEncoding,
} from './functions/nn/positions.ts';
export type { RecurrentWeights } from './functions/nn/recurrence.ts';
export {
  type SpectralNormOptions,
  type SpectralVectors,
  spectralNorm,
  type WeightNormOptions,
  weightNorm,
} from './functions/nn/reparametrization.ts';
export { fold, unfold } from './functions/nn/unfold.ts';
export { maxUnpool1d, maxUnpool2d, maxUnpool3d, type UnpoolOptions } from './functions/nn/unpooling.ts';
export type { Pair, Triple, Window1dOptions, WindowOptions } from './functions/nn/windows.ts';
export { bucketize, type SearchOptions, searchsorted } from './functions/sums/bins.ts';
export { all, any, countNonzero, nanmean, nansum } from './functions/sums/counts.ts';
export { cummax, cummin } from './functions/sums/cumulative-extremes.ts';
export { type BincountOptions, bincount, type Histogram, type HistogramOptions, histogram } from './functions/sums/histogram.ts';
export { logCumSumExp } from './functions/sums/log-cum-sum-exp.ts';
export { nanmax, nanmin, nanstd, nanvar } from './functions/sums/nan-aware.ts';
export { type NormalizeOptions, type NormOptions, norm, normalize } from './functions/sums/norm.ts';
export { argsort, median, nanmedian, type Order, type Sorted, sort, type TopkOptions, topk } from './functions/sums/order.ts';
export { nanquantile, type QuantileOptions, quantile } from './functions/sums/quantiles.ts';
export { cumprod, cumsum, diff, linearRecurrence, prod } from './functions/sums/scan.ts';
export { type ScatterReduceOptions, type ScatterReduction, scatterReduce } from './functions/sums/scatter-reduce.ts';
export {
  type CdistOptions,
  type CosineOptions,
  cdist,
  cosineSimilarity,
  type DistanceOptions,
  pairwiseDistance,
} from './functions/sums/similarity.ts';
export { type Unique, unique } from './functions/sums/unique.ts';
export { ReLU, Sigmoid, Softmax, Tanh } from './layers/activations.ts';
export {
  AdaptiveAvgPool1d,
  AdaptiveAvgPool2d,
  AdaptiveAvgPool3d,
  AdaptiveMaxPool1d,
  AdaptiveMaxPool2d,
  AdaptiveMaxPool3d,
} from './layers/adaptive-pooling.ts';
export {
  type KeyValues,
  MultiHeadAttention,
  type MultiHeadAttentionOptions,
  type MultiHeadOptions,
  type NextOptions,
} from './layers/attention.ts';
export { BatchNorm, type BatchNormLayerOptions } from './layers/batch-norm.ts';
export { Bilinear, type BilinearOptions } from './layers/bilinear.ts';
export { GroupNorm, type GroupNormOptions, InstanceNorm, type InstanceNormOptions } from './layers/channel-norms.ts';
export {
  type ChannelLayerOptions,
  Conv1d,
  Conv2d,
  Conv3d,
  type ConvolutionLayerOptions,
  ConvTranspose1d,
  ConvTranspose2d,
  ConvTranspose3d,
  type TransposedConvolutionLayerOptions,
} from './layers/convolution.ts';
export { AlphaDropout, ChannelDropout, Dropout } from './layers/dropout.ts';
export { Embedding, EmbeddingBag, type EmbeddingBagLayerOptions, type EmbeddingLayerOptions } from './layers/embeddings.ts';
export {
  gain,
  type KaimingOptions,
  kaimingNormal,
  kaimingUniform,
  type Nonlinearity,
  type NonlinearityOptions,
  type WeightOptions,
  type XavierOptions,
  xavierNormal,
  xavierUniform,
} from './layers/initial-weights.ts';
export type { Initialization } from './layers/initializers.ts';
export { Sequential } from './layers/layer.ts';
export type { LayerOptions } from './layers/layer-options.ts';
export { Linear, type LinearOptions } from './layers/linear.ts';
export { SoftmaxCrossEntropy, type SoftmaxCrossEntropyOptions, type Targets } from './layers/loss.ts';
export { LayerNorm, type LayerNormOptions, RMSNorm, type RMSNormOptions } from './layers/norms.ts';
export { AvgPool1d, AvgPool2d, AvgPool3d, MaxPool1d, MaxPool2d, MaxPool3d } from './layers/pooling.ts';
export { LearnedEncoding, SinusoidalEncoding, type StartOptions } from './layers/position-encodings.ts';
export {
  GRU,
  type GRUOptions,
  LSTM,
  type LSTMOptions,
  type Recurrent,
  RNN,
  type RNNOptions,
  type SequenceOptions,
  type StackOptions,
} from './layers/recurrent.ts';
export {
  type CellOptions,
  GRUCell,
  type GRUCellOptions,
  LSTMCell,
  type LSTMState,
  type RecurrentCell,
  RNNCell,
  type RNNCellOptions,
} from './layers/recurrent-cells.ts';
export {
  SpectralNorm,
  type SpectralNormLayerOptions,
  type WeightedLayer,
  WeightNorm,
  type WeightNormLayerOptions,
} from './layers/reparametrized.ts';
export { Flatten, Unflatten } from './layers/reshaping.ts';
export { Residual, type ResidualOptions } from './layers/residual.ts';
export { PixelShuffle, PixelUnshuffle, Upsample } from './layers/resizing.ts';
export { loadStateDict, namedBuffers, namedParameters, parameters, stateDict } from './layers/state.ts';
export { type IdentityOptions, identityWeight, orthogonal, type SparseOptions, sparseNormal } from './layers/structured-weights.ts';
export { type Costs, type LayerSummary, type Summary, summary } from './layers/summary.ts';
export { TransformerDecoder, TransformerEncoder, type TransformerOptions } from './layers/transformer.ts';
export type { BlockSettings, TransformerBlock, TransformerLayerOptions } from './layers/transformer-block.ts';
export {
  type DecoderKeyValues,
  type DecoderMask,
  type DecoderNextOptions,
  TransformerDecoderLayer,
  TransformerEncoderLayer,
} from './layers/transformer-layers.ts';
export { type TruncatedNormalOptions, truncatedNormal } from './layers/truncated-normal.ts';
export { MaxUnpool1d, MaxUnpool2d, MaxUnpool3d } from './layers/unpooling.ts';
export type { Chained, HasWidth, InputWidth, Layer, LayerOrFunction, Through, WithWidth } from './layers/widths.ts';
export { type Backend, type BackendName, backend, useBackend } from './machine/backend.ts';
export { type Threads, threads, threadsReady, useThreads } from './machine/threads/threads.ts';
export { type AreaOptions, type AveragePrecisionOptions, averagePrecision, rocAUC } from './metrics/areas.ts';
export { type ClassificationReport, classificationReport, type ReportOptions, type Scores } from './metrics/classification-report.ts';
export { accuracy, confusionMatrix } from './metrics/confusion-matrix.ts';
export { type CurveOptions, type PrecisionRecallCurve, precisionRecallCurve, type RocCurve, rocCurve } from './metrics/curves.ts';
export { type PerplexityOptions, perplexity } from './metrics/perplexity.ts';
export { type ClassAverage, type ClassScoreOptions, type FBetaOptions, fBeta, precision, recall } from './metrics/precision-recall.ts';
export { type BrierOptions, brierScore, type Calibration, type CalibrationOptions, calibration, logLoss } from './metrics/probabilities.ts';
export {
  type ErrorOptions,
  explainedVariance,
  meanAbsoluteError,
  meanSquaredError,
  r2Score,
  type VarianceOptions,
} from './metrics/regression.ts';
export { Collected, RunningMean } from './metrics/running.ts';
export { type TopKAccuracyOptions, topKAccuracy } from './metrics/top-k-accuracy.ts';
export { Adadelta, type AdadeltaOptions } from './optim/adadelta.ts';
export { Adagrad, type AdagradOptions } from './optim/adagrad.ts';
export { Adam, type AdamOptions, AdamW, type AdamWOptions } from './optim/adam.ts';
export { Adamax } from './optim/adamax.ts';
export { type Cycle, type CyclicOptions, cyclic, type OneCycleOptions, oneCycle } from './optim/cycles.ts';
export { LBFGS, type LBFGSOptions } from './optim/lbfgs.ts';
export { Lion, type LionOptions } from './optim/lion.ts';
export type { DecoupledMomentOptions, MomentOptions } from './optim/moments.ts';
export { NAdam, type NAdamOptions } from './optim/nadam.ts';
export { Optimizer, type OptimizerOptions } from './optim/optimizer.ts';
export { loadOptimizerState, optimizerState } from './optim/optimizer-state.ts';
export {
  biasesAndNorms,
  type GroupedOptions,
  type ParameterGroup,
  type ParameterGroupInput,
  ParameterGroups,
} from './optim/parameter-groups.ts';
export { type PlateauState, ReduceOnPlateau, type ReduceOnPlateauOptions } from './optim/plateau.ts';
export { RAdam } from './optim/radam.ts';
export { RMSprop, type RMSpropOptions } from './optim/rmsprop.ts';
export { Rprop, type RpropOptions } from './optim/rprop.ts';
export type { OptimizerState, SavedOptions } from './optim/saved-options.ts';
export type { Frozen, OptimizerOption, OptimizerOptionTable, OptionsAtStep } from './optim/scheduled-options.ts';
export {
  type ConstantWarmupOptions,
  type CosineAnnealingOptions,
  type CosineWarmRestartsOptions,
  constantWarmup,
  cosineAnnealing,
  cosineWarmRestarts,
  type ExponentialDecayOptions,
  exponentialDecay,
  followedBy,
  type LinearWarmupOptions,
  linearWarmup,
  type MultiStepDecayOptions,
  multiStepDecay,
  type PolynomialDecayOptions,
  polynomialDecay,
  type Schedule,
  type StepDecayOptions,
  stepDecay,
} from './optim/schedules.ts';
export { SGD, type SGDOptions } from './optim/sgd.ts';
export { Buffer } from './tensor/buffer.ts';
export { binaryOp, elementwiseOp, unaryOp } from './tensor/described-ops.ts';
export type {
  Batched,
  BatchedCall,
  Batching,
  BatchingFamily,
  BinaryDescription,
  Derivative,
  Derivatives,
  Domain,
  Draw,
  ElementwiseDerivative,
  ElementwiseDescription,
  ElementwiseOp,
  ElementwiseRuleArguments,
  NonFiniteCause,
  NonFiniteFamily,
  Op,
  OpArguments,
  OpDescription,
  PullBack,
  RuleArguments,
  UnaryDescription,
} from './tensor/op.ts';
export { Parameter } from './tensor/parameter.ts';
export type { PlainData } from './tensor/plain-data.ts';
export {
  bernoulli,
  type ChoiceOptions,
  categorical,
  choice,
  type MultinomialOptions,
  multinomial,
  type RandomBetaOptions,
  type RandomExponentialOptions,
  type RandomGammaOptions,
  type RandomIntegersOptions,
  randomBeta,
  randomExponential,
  randomGamma,
  randomIntegers,
} from './tensor/sampling.ts';
export { type Axes, type Correction, type Drawing, type KeepDims, type NestedArray, perform, Tensor, where } from './tensor/tensor.ts';
export { evaluation, isTraining, type TrainingOptions, training } from './tensor/training-scope.ts';
export { type Accumulated, accumulate } from './training/accumulate.ts';
export { EarlyStopping, type EarlyStoppingOptions, type StoppingState } from './training/early-stopping.ts';
export { type EpochRecord, type FitOptions, type FitResult, fit } from './training/fit.ts';
export { type LoadRunOptions, loadRunState } from './training/load-run-state.ts';
export { evaluate, type Means, type Measured, type Metric, type RunningMetric } from './training/measure.ts';
export { Progress, type ProgressOptions } from './training/progress.ts';
export { type Batches, Run, type RunParts, type SummedLoss } from './training/run.ts';
export { type RunState, runState } from './training/run-state.ts';
export { type TrainingStep, type TrainOptions, train } from './training/train.ts';
export { serveTraining, trainInWorker, type WorkerContext, type WorkerLike, type WorkerTrainingOptions } from './training/worker.ts';
