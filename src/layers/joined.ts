/**
 * A linear layer and the activation after it in one kernel, to the same bits, where nobody sees what lies between them: neither the program, which gets
 * the result alone, nor a tape that it can look at.
 */

import { fusedRule } from '../autograd/fuse.ts';
import { EMPTY, type FloatDtype } from '../base/dtype.ts';
import { StateError } from '../base/errors.ts';
import { memoize } from '../base/memoize.ts';
import type { Shape } from '../base/shape-types.ts';
import { formula } from '../formula/formula.ts';
import { machine } from '../machine/backend.ts';
import { LazyMatmul, SINGLE, type Storage } from '../machine/storage.ts';
import type { ElementwiseOp, Op, RuleArguments } from '../tensor/op.ts';
import { add } from '../tensor/ops/arithmetic.ts';
import { matmul } from '../tensor/ops/matmul.ts';
import { Parameter } from '../tensor/parameter.ts';
import { callRecorders, isRecording, isSeen } from '../tensor/recorders.ts';
import { Tensor } from '../tensor/tensor.ts';

type Activation = ElementwiseOp<'x'>;

/** The sum with the bias and the activation as one formula. */
const activated = /* @__PURE__ */ memoize(({ rule }: Activation) => formula((product, bias) => rule(product.add(bias))));

type Affine = RuleArguments<'x' | 'weight' | 'bias', object>;
const factors = ({ x, weight, y, dy }: Affine) => ({ a: matrixOf(x), b: weight, y, dy: matrixOf(dy) });

/** All rows of a tensor below each other: one product of many rows is faster than many of few. */
const matrixOf = (x: Tensor): Tensor => {
  const columns = x.sizes[x.rank - 1]!;
  return x.rank === 2 ? x : x.reshape([x.size / columns, columns]);
};

/** What the product of a layer and the sum with its bias pass back: the same as those two one after another. */
const linear = {
  name: 'linear',
  backward: {
    x: ({ dy, weight, x }: Affine) => matrixOf(dy).timesTransposed(weight).reshape(x.sizes),
    weight: ({ dy, x }: Affine) => matrixOf(x).transposedTimes(matrixOf(dy)),
    bias: ({ dy }: Affine) => dy,
  },
  lazyBackward: {
    x: (given: Affine, ...rest) => matmul.lazyBackward!.a!(factors(given), ...rest),
    weight: (given: Affine, ...rest) => matmul.lazyBackward!.b!(factors(given), ...rest),
  },
} as Pick<Op<'x' | 'weight' | 'bias'>, 'name' | 'backward' | 'lazyBackward'> as Op<'x' | 'weight' | 'bias'>;

/** Stands for numbers that are never computed. */
const nowhere = (dtype: FloatDtype): Storage => ({
  dtype,
  lazy: false,
  read() {
    throw new StateError('numbers that nobody was to see were never computed');
  },
});

/** `activation(x · weight + bias)`; `undefined` where somebody sees what lies between, and for all that does not fit. */
export function joinedLinear(x: Tensor, weight: Tensor, bias: Tensor, activation?: Activation): Tensor | undefined {
  if (isSeen() || !fitEachOther(x, weight, bias)) return undefined;
  const isRecorded = isRecording();
  // What the derivative of the activation needs has to be computed.
  if (isRecorded && activation && !isReadFromResult(activation)) return undefined;
  const dtype = x.dtype as FloatDtype;
  const [k, n] = weight.sizes as [number, number];
  const m = x.size / k;
  const shape: Shape = [...x.sizes.slice(0, -1), n];
  const product = new LazyMatmul({ a: x, b: weight, m, k, n, transposeA: false, transposeB: false, pairs: SINGLE }, dtype, machine());
  const rule = activation ? activated(activation) : add.formula;
  const y = new Tensor(shape, machine().map(rule(dtype), shape, [new Tensor(shape, EMPTY[dtype], product), bias]));
  if (isRecorded) {
    const between = activation ? new Tensor(shape, EMPTY[dtype], nowhere(dtype)) : y;
    callRecorders(linear, { x, weight, bias }, none, between);
    if (activation) callRecorders(activation as unknown as Op, { x: between }, none, y);
  }
  return y;
}

const none = {};

/** Whether numbers are at hand, and weights and biases are parameters of their dtype: what every layer asks that is joined with others. */
export const areJoinable = (x: Tensor, weight: Tensor, bias: Tensor): boolean =>
  weight instanceof Parameter &&
  bias instanceof Parameter &&
  (x.storage === undefined || x instanceof Parameter) &&
  x.dtype === weight.dtype &&
  x.dtype === bias.dtype &&
  bias.rank === 1;

function fitEachOther(x: Tensor, weight: Tensor, bias: Tensor): boolean {
  return (
    areJoinable(x, weight, bias) &&
    x.rank > 1 &&
    weight.rank === 2 &&
    x.sizes[x.rank - 1] === weight.sizes[0] &&
    weight.sizes[1] === bias.size
  );
}

/** Whether the derivative is computed from the result alone, not from the argument. */
const isReadFromResult = (activation: Activation): boolean => fusedRule(activation as unknown as Op, 'x')?.names.includes('x') === false;
