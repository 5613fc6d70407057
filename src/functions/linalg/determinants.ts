/** Determinants, alone or in batches, with derivatives to any order, for singular matrices as well. */

import { calledAs } from '../../base/called-as.ts';
import { convert, newData } from '../../base/dtype.ts';
import { broadcastShape, broadcastStrides, sizeOf, walk } from '../../base/shape.ts';
import { formula } from '../../formula/formula.ts';
import { adjugate } from '../../machine/factorizations/adjugate.ts';
import { type Elimination, eliminate } from '../../machine/factorizations/lu.ts';
import type { Draw, Op } from '../../tensor/op.ts';
import { perform, type Tensor } from '../../tensor/tensor.ts';
import { inv } from './linear-systems.ts';
import { batchOf, checkSquare, drawBatch, drawRegular, eachMatrix, matrixOf, scale } from './matrices.ts';

/** The determinant. Its derivative is the matrix of cofactors, for singular matrices as well. */
export const detOp: Op<'a'> = {
  name: 'det',
  batching: 'matrices',
  shape: ({ a }) => shapeOf('det', a),
  forward: ({ a }) => ofPivots(a, (pivots, parity) => pivots.reduce((product, pivot) => product * pivot, parity)),
  backward: { a: ({ dy, a }) => perform(cofactorsOp, { 0: a }).mul(scale(dy)) },
  sample: (draw) => sampleOf(draw),
};

/**
 * The matrix of cofactors of input 0, or its derivative in the directions of the inputs 1, 2, …: linear in each of these. Which way it is computed
 * depends on the matrix, so that is decided here, for each by itself.
 */
export const cofactorsOp: Op<`${number}`> = {
  name: 'cofactors',
  batching: 'matrices',
  shape(parts) {
    const shapes = Object.values(parts).map(({ sizes: shape }) => shape);
    for (const shape of shapes) checkSquare('det', shape);
    return shapes.reduce((all, shape) => [...broadcastShape('det', batchOf(all), batchOf(shape)), ...shape.slice(-2)]);
  },
  forward(parts, shape) {
    const inputs = Object.values(parts);
    const n = shape.at(-1)!;
    const out = newData(inputs[0]!.dtype, sizeOf(shape));
    const batch = batchOf(shape);
    walk(
      batch,
      inputs.map((x) => broadcastStrides(batchOf(x.sizes), batch)),
      (here, there) => {
        const [a, ...directions] = inputs.map((x, i) => matrixOf(x, there[i]!)) as [Float64Array, ...Float64Array[]];
        const found = adjugate(a, n, directions);
        for (let i = 0; i < n; i++) for (let j = 0; j < n; j++) out[(here * n + i) * n + j] = found[j * n + i]!;
      },
    );
    return out;
  },
  // The derivative of the cofactors in a direction, paired with another, is the same the other way round.
  backward: (input) => (given) => {
    const { dy, y: _, ...parts } = given;
    return perform(cofactorsOp, { ...parts, [input === '0' ? Object.keys(parts).length : input]: dy });
  },
  sample(draw) {
    // Cofactors of n rows are polynomials of degree n − 1: further derivatives are 0.
    const n = Math.min(3, draw.size() + 1);
    const a = drawRegular(draw, [...drawBatch(draw), n, n]);
    const directions = Array.from({ length: draw.oneOf(...[0, 1, 2].slice(0, n)) }, () => drawRegular(draw, a.sizes));
    return Object.fromEntries([a, ...directions].entries());
  },
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
    const [count, n] = [sizeOf(shape), a.sizes.at(-1)!];
    const pivots = newData('float64', count * n);
    for (let which = 0; which < count; which++) pivots.set(pivotsOf(eliminate(matrixOf(a, which), n), n), which * n);
    const logs = machine.map(logSize('float64'), [count, n], [{ sizes: [count, n], data: pivots }]);
    return convert('slogdet', machine.sum(logs, { before: count, count: n, after: 1 }), a.dtype);
  },
  backward: {
    a: ({ dy, a }) =>
      calledAs('slogdet', 'inv', () => inv(a))
        .transpose()
        .mul(scale(dy)),
  },
  sample: (draw) => sampleOf(draw),
};

/**
 * The determinant of each square matrix, of shape `[...]` for `a : [..., n, n]`. It has derivatives to any order, the first being the
 * matrix of cofactors, for singular matrices as well.
 * @throws ShapeError where the matrices are not square.
 * @example det(Tensor.of([[1, 2], [3, 4]])).item() // => -2
 */
export const det = (a: Tensor): Tensor => perform(detOp, { a });

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

function shapeOf(name: string, a: Tensor) {
  checkSquare(name, a.sizes);
  return batchOf(a.sizes);
}

/** The diagonal of `U`. */
const pivotsOf = ({ factors }: Elimination, n: number): number[] => Array.from({ length: n }, (_, i) => factors[i * n + i]!);

/** One number for each matrix, made of its pivots and of the parity of its rows' order. */
function ofPivots(a: Tensor, make: (pivots: number[], parity: number) => number) {
  const n = a.sizes.at(-1)!;
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
