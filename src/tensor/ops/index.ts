/** The table of every primitive operation, by the name it goes by. The tests walk it: what is listed here is checked. */

export {
  eluOperation as elu,
  geluTanh,
  logSigmoidOperation as logSigmoid,
  siluOperation as silu,
  softplusOperation as softplus,
  softsignOperation as softsign,
  tanhshrinkOperation as tanhshrink,
} from './activations.ts';
export { add, div, maximum, minimum, mul, neg, pow, reciprocal, sub } from './arithmetic.ts';
export { binaryCrossEntropyOperation as binaryCrossEntropy } from './class-losses.ts';
export { choose, equal, greater, greaterEqual, less, lessEqual, notEqual } from './comparison.ts';
export { concatenation as concat } from './concat.ts';
export { softmaxCrossEntropyOfClasses, softmaxCrossEntropyOfRows } from './cross-entropy.ts';
export { choleskyFactor as cholesky, eigensystem as eigh, orthogonalTriangular as qr } from './decompositions.ts';
export { determinantSign, logAbsoluteDeterminant, regularDeterminant as determinant } from './determinants.ts';
export { complementaryErrorFunction as erfc, errorFunction as erf } from './error-function.ts';
export { abs, cos, exp, expm1, log, log1p, relu, sigmoid, sign, sin, sqrt, tanh } from './functions.ts';
export {
  hyperbolicCosineOf as cosh,
  hyperbolicSineOf as sinh,
  inverseHyperbolicCosine as acosh,
  inverseHyperbolicSine as asinh,
  inverseHyperbolicTangent as atanh,
} from './hyperbolic.ts';
export { gather, lastNamed, oneHot, scatter } from './indexing.ts';
export { inversion as inverse, solution as solve, triangularSolution as triangularSolve } from './linear-systems.ts';
export { logAddExpOperation as logAddExp, logitOperation as logit, xlogyOperation as xlogy } from './logarithms.ts';
export { huberOperation as huber } from './losses.ts';
export { matmul, timesTransposed, transposedTimes } from './matmul.ts';
export { broadcastTo, cast, permute, reshape, slice, unslice } from './movement.ts';
export { normOperation as norm } from './norm.ts';
export { argsortOperation as argsort } from './order.ts';
export {
  hardsigmoidOperation as hardsigmoid,
  hardswishOperation as hardswish,
  hardtanhOperation as hardtanh,
  leakyReluOperation as leakyRelu,
  softshrinkOperation as softshrink,
} from './piecewise.ts';
export {
  exp2Operation as exp2,
  log2Operation as log2,
  log10Operation as log10,
  rsqrtOperation as rsqrt,
  squareOperation as square,
} from './powers.ts';
export { amax, amin, argmax, argmin, logSumExp, sum, sumTo } from './reduction.ts';
export { fmodOperation as fmod, hypotOperation as hypot, remainderOperation as remainder } from './remainders.ts';
export { ceil, clamp, floor, round, trunc } from './rounding.ts';
export { cumprodOperation as cumprod, cumsumOperation as cumsum, prodOperation as prod, recurrence as linearRecurrence } from './scan.ts';
export {
  indexAddOperation as indexAdd,
  indexSelectOperation as indexSelect,
  stopGradientOperation as stopGradient,
} from './selection.ts';
export { logSoftmax, softmax } from './softmax.ts';
export {
  acosOperation as acos,
  asinOperation as asin,
  atan2Operation as atan2,
  atanOperation as atan,
  tanOperation as tan,
} from './trigonometric.ts';
export { foldOperation as fold, unfoldOperation as unfold } from './unfold.ts';
