/** Products of matrices, as they are or transposed, alone or in batches. The three are each other's derivatives. */

import { ShapeError } from '../../base/errors.ts';
import { broadcastShape, broadcastStrides, formatShape, walk } from '../../base/shape.ts';
import type { Shape } from '../../base/shape-types.ts';
import { LazyMatmul, type Lying, lazyMatmuls, type MatmulTask, type Side } from '../../machine/machine.ts';
import type { Op } from '../op.ts';
import type { Tensor } from '../tensor.ts';

type Multiplication = Op<'a' | 'b'>;

/** `a b` */
export const matmul: Multiplication = product(
  'matmul',
  { a: 'upright', b: 'upright' },
  {
    a: ({ dy, b }) => dy.timesTransposed(b),
    b: ({ dy, a }) => a.transposedTimes(dy),
  },
);

/** `a bᵀ` */
export const timesTransposed: Multiplication = product(
  'timesTransposed',
  { a: 'upright', b: 'onItsSide' },
  {
    a: ({ dy, b }) => dy.matmul(b),
    b: ({ dy, a }) => dy.transposedTimes(a),
  },
);

/** `aᵀ b` */
export const transposedTimes: Multiplication = product(
  'transposedTimes',
  { a: 'onItsSide', b: 'upright' },
  {
    a: ({ dy, b }) => b.timesTransposed(dy),
    b: ({ dy, a }) => a.matmul(dy),
  },
);

/** Rows and columns of a matrix after it was laid upright. */
const sizes = (shape: Shape, side: Side): readonly [number, number] => {
  const [rows, columns] = shape.slice(-2) as [number, number];
  return side === 'upright' ? [rows, columns] : [columns, rows];
};

/* @__NO_SIDE_EFFECTS__ */
function product(name: string, lying: Lying, backward: Multiplication['backward']): Multiplication {
  return {
    name,
    batching: lying.a === 'upright' ? 'product' : 'matrices',
    shape({ a, b }) {
      if (a.rank < 2 || b.rank < 2)
        throw new ShapeError(`${name}: expected matrices, or batches of them, got ${formatShape(a.shape)} and ${formatShape(b.shape)}`);
      const [[m, k], [l, n]] = [sizes(a.shape, lying.a), sizes(b.shape, lying.b)];
      if (k !== l) throw new ShapeError(`${name}: inner sizes ${k} and ${l} differ, in ${formatShape(a.shape)} × ${formatShape(b.shape)}`);
      return a.rank === 2 && b.rank === 2 ? [m, n] : [...broadcastShape(name, a.shape.slice(0, -2), b.shape.slice(0, -2)), m, n];
    },
    forward({ a, b }, shape, machine) {
      const factors = factorsOf(a, b, shape, lying);
      // What can change must be multiplied at once.
      return lazyMatmuls() && !a.storage && !b.storage ? new LazyMatmul(factors, machine) : machine.matmul(factors);
    },
    backward,
    sample(draw) {
      const [m, k, n] = [draw.size(), draw.size(), draw.size()];
      const count = draw.size();
      const [left, right] = draw.oneOf<readonly [Shape, Shape]>(
        [[], []],
        [[count], [count]],
        [[count], []],
        [[], [count]],
        [[count, 1], [2]],
      );
      const side = (batch: Shape, [rows, columns]: readonly [number, number], side: Side) => [...batch, ...sizes([rows, columns], side)];
      return { a: draw.tensor(side(left, [m, k], lying.a)), b: draw.tensor(side(right, [k, n], lying.b)) };
    },
  };
}

const SINGLE = [[0, 0]] as const;

function factorsOf(a: Tensor, b: Tensor, shape: Shape, lying: Lying): MatmulTask {
  const [m, n] = shape.slice(-2) as [number, number];
  const k = sizes(a.shape, lying.a)[1];
  if (shape.length === 2) return { a, b, m, k, n, lying, pairs: SINGLE };
  const batch = shape.slice(0, -2);
  const pairs: [number, number][] = [];
  walk(batch, [broadcastStrides(a.shape.slice(0, -2), batch), broadcastStrides(b.shape.slice(0, -2), batch)], (_, [whichA, whichB]) => {
    pairs.push([whichA, whichB]);
  });
  return { a, b, m, k, n, lying, pairs };
}
