/** The table of every primitive operation, by the name it goes by. The tests walk it: what is listed here is checked. */

export { add, div, maximum, minimum, mul, neg, pow, reciprocal, sub } from './arithmetic.ts';
export { choose, equal, greater, greaterEqual, less, lessEqual, notEqual } from './comparison.ts';
export { concatenation as concat } from './concat.ts';
export { softmaxCrossEntropyOfClasses, softmaxCrossEntropyOfRows } from './cross-entropy.ts';
export { errorFunction as erf } from './error-function.ts';
export { abs, cos, exp, expm1, log, log1p, relu, sigmoid, sign, sin, sqrt, tanh } from './functions.ts';
export { gather, oneHot, scatter } from './indexing.ts';
export { matmul, timesTransposed, transposedTimes } from './matmul.ts';
export { broadcastTo, cast, permute, reshape, slice, unslice } from './movement.ts';
export { amax, amin, argmax, argmin, logSumExp, sum, sumTo } from './reduction.ts';
export { logSoftmax, softmax } from './softmax.ts';
