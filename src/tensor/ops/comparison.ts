/** Comparisons, 1 for true and 0 for false in the dtype of the operands, and the choice by a condition. NaN equals nothing. */

import { between, binaryOp, type ElementwiseOp, elementwiseOp } from '../op.ts';

type Binary = ElementwiseOp<'a' | 'b'>;

/** Constant but for jumps, so no gradient passes; samples keep away from the jumps. */
/* @__NO_SIDE_EFFECTS__ */
function comparison(name: string, forward: Parameters<typeof binaryOp>[1]['forward']): Binary {
  return binaryOp(name, { forward, backward: { a: null, b: null }, domains: { b: between }, dtypes: 'any' });
}

export const less: Binary = comparison('less', (a, b) => a.less(b));
export const lessEqual: Binary = comparison('lessEqual', (a, b) => a.lessEqual(b));
export const greater: Binary = comparison('greater', (a, b) => a.greater(b));
export const greaterEqual: Binary = comparison('greaterEqual', (a, b) => a.greaterEqual(b));
export const equal: Binary = comparison('equal', (a, b) => a.equal(b));
export const notEqual: Binary = comparison('notEqual', (a, b) => a.notEqual(b));

/** `condition ? yes : no` for each element. The gradient goes to the one that was chosen. */
export const whereOp: ElementwiseOp<'condition' | 'yes' | 'no'> = elementwiseOp('where', {
  forward: (condition, yes, no) => condition!.where(yes!, no!),
  backward: {
    condition: null,
    yes: ({ dy, condition }) => condition.where(dy, 0),
    no: ({ dy, condition }) => condition.where(0, dy),
  },
  dtypes: 'any',
  sample(draw) {
    const [m, n] = [draw.size(), draw.size()];
    return {
      condition: draw.tensor([m, n], { from: -1, to: 1 }),
      yes: draw.tensor(draw.oneOf([m, n], [n], [])),
      no: draw.tensor(draw.oneOf([m, n], [m, 1], [])),
    };
  },
});
