/** Piecewise linear activations, with PyTorch's derivatives at the kinks. */

import { ShapeError } from '../../base/errors.ts';
import { check, type Requirement, refuseUnknown } from '../../base/options.ts';
import { formatShape } from '../../base/shape.ts';
import type { Shape } from '../../base/shape-types.ts';
import { between, type ElementwiseOp, elementwiseOp, unaryOp } from '../../tensor/op.ts';
import { limited } from '../../tensor/ops/rounding.ts';
import { checkFloats, checkTensor, perform, type Tensor, tensor } from '../../tensor/tensor.ts';
import { checkUnlessTensor, numberButNaN } from './operands.ts';

type Unary = ElementwiseOp<'x'>;

export const leakyReluOp: ElementwiseOp<'x' | 'slope'> = /* @__PURE__ */ elementwiseOp('leakyRelu', {
  forward: (x, slope) => x!.greater(0).where(x!, x!.mul(slope!)),
  backward: {
    x: ({ dy, x, slope }) => dy.mul(x.greater(0).where(1, slope)),
    slope({ dy, x }) {
      const straight = x.greater(0);
      return straight.where(0, dy.mul(straight.where(0, x)));
    },
  },
  sample: (draw) => ({ x: draw.tensor([draw.size(), draw.size()], between), slope: draw.tensor([], { from: 0.25, to: 0.75 }) }),
});

/**
 * `x` above 0, else `slope · x`; at 0 the derivative is `slope`.
 * @param slope a number, or a tensor that broadcasts and is learned. Default 0.01
 * @example leakyRelu(Tensor.of([2, -2]), 0.5).toArray() // => [2, -1]
 */
export function leakyRelu<S extends Shape>(x: Tensor<S>, slope: number | Tensor = 0.01): Tensor<S> {
  checkFloats('leakyRelu', x);
  return perform(leakyReluOp, { x, slope: tensor(slope, x, 'leakyRelu') });
}

/**
 * `leakyRelu` with a slope that is learned: one for all, or one for each channel, along axis 1 (He et al. 2015).
 * @throws ShapeError unless `weight` is `[1]` or `[channels]`.
 * @example prelu(Tensor.of([[2, -2]]), Tensor.of([0.5, 0.25])).toArray() // => [[2, -0.5]]
 */
export function prelu<S extends Shape>(x: Tensor<S>, weight: Tensor): Tensor<S> {
  checkFloats('prelu', x);
  checkTensor('prelu', 'weight', weight);
  if (weight.size === 1) return leakyRelu(x, weight.reshape([]));
  if (weight.rank !== 1 || x.sizes[1] !== weight.size)
    throw new ShapeError(
      'prelu: expected a weight of shape [1], or [channels] for axis 1 of x, ' +
        `got ${formatShape(weight.sizes)} for x ${formatShape(x.sizes)}`,
    );
  return leakyRelu(x, weight.reshape([-1, ...x.sizes.slice(2).map(() => 1)]));
}

export const hardtanhOp: ElementwiseOp<'x' | 'low' | 'high'> = /* @__PURE__ */ elementwiseOp('hardtanh', {
  forward: (x, low, high) => limited(x!, low!, high!),
  backward: {
    x: ({ dy, x, low, high }) => x.lessEqual(low).add(x.greaterEqual(high)).where(0, dy),
    low: ({ dy, x, low, high }) => x.lessEqual(low).mul(low.less(high)).where(dy, 0),
    high: ({ dy, x, low, high }) => x.greaterEqual(high).add(high.less(low)).where(dy, 0),
  },
  sample: (draw) => ({
    x: draw.tensor([draw.size(), draw.size()], between),
    low: draw.tensor([], { from: -1, to: -0.25 }),
    high: draw.tensor([], { from: 0.25, to: 1 }),
  }),
});

/** The range of a hard tangent. */
export interface HardtanhOptions {
  /** A number, or a tensor that is learned. Default −1. */
  readonly low?: number | Tensor;
  /** A number, or a tensor that is learned. Default 1. */
  readonly high?: number | Tensor;
}

/**
 * `x` limited to the range from `low` to `high`; at the bounds no gradient passes to `x`, unlike in `clamp`.
 * @param options `low`, default −1, and `high`, default 1
 * @example hardtanh(Tensor.of([-3, 0.5, 3])).toArray() // => [-1, 0.5, 1]
 */
export function hardtanh<S extends Shape>(x: Tensor<S>, options?: HardtanhOptions): Tensor<S> {
  checkFloats('hardtanh', x);
  refuseUnknown('hardtanh', options, ['low', 'high']);
  const { low = -1, high = 1 } = options ?? {};
  return perform(hardtanhOp, { x, low: tensor(low, x, 'hardtanh'), high: tensor(high, x, 'hardtanh') });
}

/**
 * `min(max(x, 0), 6)`
 * @example relu6(Tensor.of([-3, 3, 9])).toArray() // => [0, 3, 6]
 */
export function relu6<S extends Shape>(x: Tensor<S>): Tensor<S> {
  checkFloats('relu6', x);
  return hardtanh(x, { low: 0, high: 6 });
}

export const hardswishOp: Unary = /* @__PURE__ */ unaryOp('hardswish', {
  // Below −3 it is 0, at −∞ too; from 3 on `x`, of which six times may be too large.
  forward: (x) => x.less(3).where(x.add(3).atLeast(0).mul(x.atLeast(-3)).div(6), x),
  backward({ dy, x }) {
    const bent = x.abs().greaterEqual(3).where(0, x);
    return x.lessEqual(-3).where(0, x.greaterEqual(3).where(dy, dy.mul(bent.div(3).add(0.5))));
  },
  domain: { from: -5, to: 5, between: true },
});

/**
 * `x · relu6(x + 3) / 6`: a piecewise approximation of silu (Howard et al. 2019). Its derivative at −3 is 0 and at 3 is 1, as in PyTorch 2.13.
 * @example hardswish(Tensor.of([-4, 0, 4])).toArray() // => [-0, 0, 4]
 */
export const hardswish = <S extends Shape>(x: Tensor<S>): Tensor<S> => perform(hardswishOp, { x });

export const hardsigmoidOp: Unary = /* @__PURE__ */ unaryOp('hardsigmoid', {
  forward: (x) => x.add(3).atLeast(0).atMost(6).div(6),
  backward: ({ dy, x }) => x.abs().greaterEqual(3).where(0, dy.div(6)),
  domain: { from: -5, to: 5, between: true },
});

/**
 * `relu6(x + 3) / 6`: a piecewise linear approximation of the sigmoid.
 * @example hardsigmoid(Tensor.of([-4, 0, 4])).toArray() // => [0, 0.5, 1]
 */
export const hardsigmoid = <S extends Shape>(x: Tensor<S>): Tensor<S> => perform(hardsigmoidOp, { x });

/** Of how much is taken away: infinity takes all. */
const fromZero: Requirement = { words: 'a number from 0', holds: (x) => typeof x === 'number' && x >= 0 };

export const softshrinkOp: ElementwiseOp<'x' | 'size'> = /* @__PURE__ */ elementwiseOp('softshrink', {
  forward(x, size) {
    const shrunk = x!.greater(size!).where(x!.sub(size!), x!.less(size!.neg()).where(x!.add(size!), x!.mul(0)));
    return size!.less(0).where(NaN, size!.equal(size!).where(shrunk, NaN));
  },
  backward: {
    x: ({ dy, x, size }) => x.abs().lessEqual(size).where(0, dy),
    size: ({ dy, x, size }) => x.abs().lessEqual(size).where(0, dy.mul(x.sign()).neg()),
  },
  sample: (draw) => ({ x: draw.tensor([draw.size(), draw.size()], between), size: draw.tensor([], { from: 0.25, to: 1 }) }),
});

/**
 * `x` moved towards 0 by `size`, and 0 where `|x|` is less: the proximal operator of `size · |x|`.
 * @param size a number from 0, or a tensor that is learned; where that is below 0 the result is NaN. Default 0.5
 * @throws ValueError for a number below 0.
 * @example softshrink(Tensor.of([2, 0.25, -2])).toArray() // => [1.5, 0, -1.5]
 */
export function softshrink<S extends Shape>(x: Tensor<S>, size: number | Tensor = 0.5): Tensor<S> {
  checkFloats('softshrink', x);
  checkUnlessTensor('softshrink', { size }, fromZero);
  return perform(softshrinkOp, { x, size: tensor(size, x, 'softshrink') });
}

/**
 * `x` where `|x|` exceeds `size`, else 0.
 * @param size a number from 0. Default 0.5
 * @throws ValueError for another size.
 * @example hardshrink(Tensor.of([2, 0.25, -2])).toArray() // => [2, 0, -2]
 */
export function hardshrink<S extends Shape>(x: Tensor<S>, size = 0.5): Tensor<S> {
  checkFloats('hardshrink', x);
  check('hardshrink', { size }, fromZero);
  return x.abs().lessEqual(size).where(0, x) as Tensor;
}

/**
 * `x` where it exceeds `limit`, else `value`. NaN stays NaN.
 * @throws ValueError for a limit that is NaN.
 * @example threshold(Tensor.of([2, -2]), 0, 7).toArray() // => [2, 7]
 */
export function threshold<S extends Shape>(x: Tensor<S>, limit: number, value: number): Tensor<S> {
  checkFloats('threshold', x);
  check('threshold', { limit }, numberButNaN);
  check('threshold', { value }, { words: 'a number', holds: (given) => typeof given === 'number' });
  return x.lessEqual(limit).where(value, x) as Tensor;
}
