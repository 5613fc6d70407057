/** Determinants, alone or in batches, with derivatives to any order, for singular matrices as well. */

import { convert, newData } from '../../base/dtype.ts';
import { sizeOf } from '../../base/shape.ts';
import { formula } from '../../formula/formula.ts';
import { type Elimination, eliminate, type Leading, leadingBlock } from '../../machine/factorizations/lu.ts';
import type { Draw, Op } from '../../tensor/op.ts';
import { checkTensor, perform, type Tensor } from '../../tensor/tensor.ts';
import { wholeOf } from '../../tensor/traced.ts';
import { stack } from '../layout/concat.ts';
import { inv, solve } from './linear-systems.ts';
import { batchOf, checkSquare, columns, drawBatch, drawRegular, eachMatrix, matrixOf, pattern, rows, scale } from './matrices.ts';

/** The determinant, with a derivative that is right for regular matrices only. */
export const detOp: Op<'a'> = {
  name: 'det',
  batching: 'matrices',
  shape: ({ a }) => shapeOf('det', a),
  forward: ({ a }) => ofPivots(a, (pivots, parity) => pivots.reduce((product, pivot) => product * pivot, parity)),
  // The matrix of cofactors.
  backward: {
    a: ({ dy, y, a }) =>
      inv(a)
        .transpose()
        .mul(scale(dy.mul(y))),
  },
  sample: (draw) => sampleOf(draw),
};

/** −1, 0 or 1. */
export const detSignOp: Op<'a'> = {
  name: 'detSign',
  batching: 'matrices',
  shape: ({ a }) => shapeOf('slogdet', a),
  forward: ({ a }) =>
    ofPivots(a, (pivots, parity) => pivots.reduce((sign, pivot) => sign * (pivot > 0 ? 1 : pivot < 0 ? -1 : pivot), parity)),
  backward: { a: null },
  sample: (draw) => sampleOf(draw),
};

const logSize = /* @__PURE__ */ formula((x) => x.abs().log());

/** `log |det a|`, which neither overflows nor underflows. */
export const logAbsDetOp: Op<'a'> = {
  name: 'logAbsDet',
  batching: 'matrices',
  shape: ({ a }) => shapeOf('slogdet', a),
  forward({ a }, shape, machine) {
    const [count, n] = [sizeOf(shape), a.shape.at(-1)!];
    const pivots = newData('float64', count * n);
    for (let which = 0; which < count; which++) pivots.set(pivotsOf(eliminate(matrixOf(a, which), n), n), which * n);
    const logs = machine.map(logSize('float64'), [count, n], [{ shape: [count, n], data: pivots }]);
    return convert('slogdet', machine.sum(logs, { before: count, count: n, after: 1 }), a.dtype);
  },
  backward: { a: ({ dy, a }) => inv(a).transpose().mul(scale(dy)) },
  sample: (draw) => sampleOf(draw),
};

/**
 * The determinant of each square matrix, of shape `[...]` for `a : [..., n, n]`. It has derivatives to any order, the first being the
 * matrix of cofactors, for singular matrices as well.
 * @throws ShapeError where the matrices are not square.
 * @example det(Tensor.of([[1, 2], [3, 4]])).item() // => -2
 */
export function det(a: Tensor): Tensor {
  checkTensor('det', 'a', a);
  const n = checkSquare('det', a.shape);
  // Each further derivative by the inverse loses as many digits as this number has: float64 has enough for three.
  const least = a.dtype === 'float32' ? 2 ** -8 : 2 ** -17;
  // Inside of a `vmap` the matrices of all examples: they go the same way.
  const whole = wholeOf(a);
  const blocks = Array.from({ length: a.dtype === 'int32' ? 0 : sizeOf(batchOf(whole.shape)) }, (_, i) =>
    leadingBlock(matrixOf(whole, i), n, least),
  );
  if (blocks.every(({ rank }) => rank === n)) return perform(detOp, { a });
  if (a.dtype === 'float32') return det(a.cast('float64')).cast('float32');
  if (a.rank === 2) return whole === a ? byBlocks(a, blocks[0]!) : withoutDivision(a);
  const count = sizeOf(batchOf(a.shape));
  const each = a.reshape([count, n, n]);
  return stack(Array.from({ length: count }, (_, i) => det(each.slice([i])))).reshape(batchOf(a.shape));
}

/**
 * The sign of each determinant and the logarithm of its size, `det a = sign · e^logAbsDet`, both of shape `[...]` for `a : [..., n, n]`.
 * The sign has no derivative, the logarithm none where a matrix is singular: there it is −∞, and the sign 0.
 * @throws ShapeError where the matrices are not square.
 * @example slogdet(Tensor.of([[0, 1], [1, 0]])).sign.item() // => -1
 * slogdet(Tensor.of([[0, 1], [1, 0]])).logAbsDet.item() // => 0
 */
export const slogdet = (a: Tensor): { sign: Tensor; logAbsDet: Tensor } => ({
  sign: perform(detSignOp, { a }),
  logAbsDet: perform(logAbsDetOp, { a }),
});

/**
 * `det a = det b₁₁ · det(b₂₂ − b₂₁ b₁₁⁻¹ b₁₂)`, up to its sign, where rows and columns are permuted so that `b₁₁` is regular. The second
 * factor has as few rows as the rank lacks. The identity holds about `a` as well, so it can be differentiated.
 */
function byBlocks(a: Tensor, { rank, parity, ...order }: Leading): Tensor {
  if (rank === 0) return withoutDivision(a);
  const n = a.shape[0]!;
  const toRows = pattern([n, n], a.dtype, (i, j) => (order.rows[i] === j ? 1 : 0));
  const toColumns = pattern([n, n], a.dtype, (i, j) => (order.columns[j] === i ? 1 : 0));
  const b = toRows.matmul(a).matmul(toColumns);
  const [above, below] = [rows(b, 0, rank), rows(b, rank, n)];
  const regular = columns(above, 0, rank);
  const rest = columns(below, rank, n).sub(columns(below, 0, rank).matmul(solve(regular, columns(above, rank, n))));
  // The rest may consist of rounding errors, which must not be divided by.
  const last = n - rank <= 3 ? withoutDivision(rest) : det(rest);
  return perform(detOp, { a: regular }).mul(last).mul(parity);
}

/** The determinant by sums and products alone (R. S. Bird, 2011), which have all their derivatives even where all is 0. */
function withoutDivision(a: Tensor): Tensor {
  const n = a.shape[0]!;
  const above = pattern([n, n], a.dtype, (i, j) => (i < j ? 1 : 0));
  const identity = pattern([n, n], a.dtype, (i, j) => (i === j ? 1 : 0));
  let x = a;
  for (let step = 1; step < n; step++) {
    const later = above.matmul(x.mul(identity).sum(1));
    x = x.mul(above).sub(identity.mul(later)).matmul(a).neg();
  }
  return x.slice([0, 0]);
}

function shapeOf(name: string, a: Tensor) {
  checkSquare(name, a.shape);
  return batchOf(a.shape);
}

/** The diagonal of `U`. */
const pivotsOf = ({ factors }: Elimination, n: number): number[] => Array.from({ length: n }, (_, i) => factors[i * n + i]!);

/** One number for each matrix, made of its pivots and of the parity of its rows' order. */
function ofPivots(a: Tensor, make: (pivots: number[], parity: number) => number) {
  const n = a.shape.at(-1)!;
  return eachMatrix(a, 1, (matrix) => {
    const eliminated = eliminate(matrix, n);
    // Adding 0 makes 0 of −0.
    return [make(pivotsOf(eliminated, n), eliminated.parity) + 0];
  });
}

function sampleOf(draw: Draw): { a: Tensor } {
  const n = draw.size();
  return { a: drawRegular(draw, [...drawBatch(draw), n, n]) };
}
