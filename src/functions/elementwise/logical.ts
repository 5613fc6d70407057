/** Conditions put together. They are numbers: whatever is not 0 is true, NaN too, and 1 is written for true. No gradient passes. */

import { between, binaryOp, type ElementwiseOp, unaryOp } from '../../tensor/op.ts';
import { perform, performBinary, type Tensor } from '../../tensor/tensor.ts';

/* @__NO_SIDE_EFFECTS__ */
const condition = (name: string, forward: Parameters<typeof binaryOp>[1]['forward']): ElementwiseOp<'a' | 'b'> =>
  binaryOp(name, { forward, backward: { a: null, b: null }, domains: { a: between, b: between }, dtypes: 'any' });

export const logicalAndOp: ElementwiseOp<'a' | 'b'> = /* @__PURE__ */ condition('logicalAnd', (a, b) => a.notEqual(0).mul(b.notEqual(0)));
export const logicalOrOp: ElementwiseOp<'a' | 'b'> = /* @__PURE__ */ condition('logicalOr', (a, b) =>
  a.notEqual(0).where(1, b.notEqual(0)),
);
export const logicalXorOp: ElementwiseOp<'a' | 'b'> = /* @__PURE__ */ condition('logicalXor', (a, b) =>
  a.notEqual(0).notEqual(b.notEqual(0)),
);
export const logicalNotOp: ElementwiseOp<'x'> = /* @__PURE__ */ unaryOp('logicalNot', {
  forward: (x) => x.equal(0),
  backward: null,
  domain: between,
  dtypes: 'any',
});

/**
 * 1 where neither is 0, else 0, in the dtype of both.
 * @example logicalAnd(Tensor.of([0, 1, 2]), Tensor.of([1, 0, 3])).toArray() // => [0, 0, 1]
 */
export const logicalAnd = (a: Tensor, b: number | Tensor): Tensor => performBinary(logicalAndOp, a, b);

/**
 * 1 where one of them is not 0, or both, else 0, in the dtype of both.
 * @example logicalOr(Tensor.of([0, 1, 0]), Tensor.of([0, 0, 3])).toArray() // => [0, 1, 1]
 */
export const logicalOr = (a: Tensor, b: number | Tensor): Tensor => performBinary(logicalOrOp, a, b);

/**
 * 1 where just one of them is not 0, else 0, in the dtype of both.
 * @example logicalXor(Tensor.of([0, 1, 2]), Tensor.of([1, 0, 3])).toArray() // => [1, 1, 0]
 */
export const logicalXor = (a: Tensor, b: number | Tensor): Tensor => performBinary(logicalXorOp, a, b);

/**
 * 1 where it is 0, else 0, in its dtype.
 * @example logicalNot(Tensor.of([0, 1, -2])).toArray() // => [1, 0, 0]
 */
export const logicalNot = (x: Tensor): Tensor => perform(logicalNotOp, { x });
