export type { Data, Dtype, FloatDtype } from './dtype.ts';
export type { Elementwise } from './elementwise.ts';
export {
  DataError,
  DerivativeError,
  DtypeError,
  MemoryError,
  ShapeError,
  StateError,
  TapeError,
  TapegradError,
  ValueError,
} from './errors.ts';
export { type Formula, formula } from './formula.ts';
export { type KernelsReport, kernels, useKernels } from './kernels/index.ts';
export { binary, type Derivative, type Domain, type Draw, type ElementwiseDerivative, elementwise, type Op, unary } from './op.ts';
export { concat, stack } from './ops/concat.ts';
export { softmaxCrossEntropy } from './ops/cross-entropy.ts';
export { erf } from './ops/error-function.ts';
export { Parameter } from './parameter.ts';
export { defaultRandom, Random, type Randomness, type RandomState, seed } from './random.ts';
export type { Range } from './ranges.ts';
export type { Shape } from './shape-types.ts';
export { type Axes, type KeepDims, perform, Tensor, where } from './tensor.ts';
