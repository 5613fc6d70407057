/** Products of matrices, of either factor or of its transpose, alone or in batches. The three are each other's derivatives. */

import type { FloatDtype } from '../../base/dtype.ts';
import { ShapeError } from '../../base/errors.ts';
import { broadcastShape, broadcastStrides, formatShape, walk } from '../../base/shape.ts';
import type { Shape } from '../../base/shape-types.ts';
import type { Machine } from '../../machine/machine.ts';
import { KeptStorage, LazyMatmul, type MatmulTask, type MatrixPair, SINGLE } from '../../machine/storage.ts';
import type { BatchedCall, LazyDerivative, Op } from '../op.ts';
import type { Tensor } from '../tensor.ts';

type Multiplication = Op<'a' | 'b'>;

/** `a b` */
export const matmul: Multiplication = product(
  'matmul',
  'a @ b',
  { transposeA: false, transposeB: false },
  {
    a: ({ dy, b }) => dy.timesTransposed(b),
    b: ({ dy, a }) => a.transposedTimes(dy),
  },
);

/** `a bᵀ` */
export const timesTransposed: Multiplication = product(
  'timesTransposed',
  'a @ bᵀ',
  { transposeA: false, transposeB: true },
  {
    a: ({ dy, b }) => dy.matmul(b),
    b: ({ dy, a }) => dy.transposedTimes(a),
  },
);

/** `aᵀ b` */
export const transposedTimes: Multiplication = product(
  'transposedTimes',
  'aᵀ @ b',
  { transposeA: true, transposeB: false },
  {
    a: ({ dy, b }) => b.timesTransposed(dy),
    b: ({ dy, a }) => a.matmul(dy),
  },
);

type Transposition = Pick<MatmulTask, 'transposeA' | 'transposeB'>;

/**
 * A rule of a product, which is a product itself. Handed tensors it multiplies them; handed `LazyFactor`s it says what is to be multiplied.
 */
type ProductRule = <T extends Factor<T, Result>, Result>(given: { readonly dy: T; readonly a: T; readonly b: T }) => Result;

interface Factor<T, Result> {
  matmul(b: T): Result;
  timesTransposed(b: T): Result;
  transposedTimes(b: T): Result;
}

/** Many matrices times one are more rows times it. */
function rowsOrMatrices({ inputs: { a, b }, shape, count, perform }: BatchedCall<'a' | 'b'>): Tensor | 'matrices' {
  if (!a.batched || b.batched || shape.length > 2) return 'matrices';
  const [examples, rows, columns] = a.x.sizes as [number, number, number];
  return perform({ a: a.x.reshape([examples * rows, columns]), b: b.x }).reshape([count, ...shape]);
}

/* @__NO_SIDE_EFFECTS__ */
function product(
  name: string,
  notation: string,
  transposition: Transposition,
  rules: { readonly a: ProductRule; readonly b: ProductRule },
): Multiplication {
  const { transposeA, transposeB } = transposition;
  return {
    name,
    notation,
    batching: transposeA ? 'matrices' : rowsOrMatrices,
    shape({ a, b }) {
      if (a.rank < 2 || b.rank < 2)
        throw new ShapeError(`${name}: expected matrices, or batches of them, got ${formatShape(a.sizes)} and ${formatShape(b.sizes)}`);
      const [k, l] = [columnsOf(a.sizes, transposeA), rowsOf(b.sizes, transposeB)];
      if (k !== l) throw new ShapeError(`${name}: inner sizes ${k} and ${l} differ, in ${formatShape(a.sizes)} × ${formatShape(b.sizes)}`);
      const [m, n] = [rowsOf(a.sizes, transposeA), columnsOf(b.sizes, transposeB)];
      return a.rank === 2 && b.rank === 2 ? [m, n] : [...broadcastShape(name, a.sizes.slice(0, -2), b.sizes.slice(0, -2)), m, n];
    },
    forward: ({ a, b }, shape, machine) => machine.matmul(taskOf(a, b, shape, transposition)),
    backward: rules,
    lazyBackward: { a: lazily(rules.a), b: lazily(rules.b) },
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
      return {
        a: draw.tensor([...left, ...(transposeA ? [k, m] : [m, k])]),
        b: draw.tensor([...right, ...(transposeB ? [n, k] : [k, n])]),
      };
    },
  };
}

/** How many rows the matrices of a shape have, as they count in a product. */
const rowsOf = (shape: Shape, transposed: boolean): number => shape[shape.length - (transposed ? 1 : 2)]!;

/** How many columns they have. */
const columnsOf = (shape: Shape, transposed: boolean): number => rowsOf(shape, !transposed);

function taskOf(a: Tensor, b: Tensor, shape: Shape, { transposeA, transposeB }: Transposition): MatmulTask {
  const [m, n] = [rowsOf(shape, false), columnsOf(shape, false)];
  const k = columnsOf(a.sizes, transposeA);
  if (shape.length === 2) return { a, b, m, k, n, transposeA, transposeB, pairs: SINGLE };
  const batch = shape.slice(0, -2);
  const pairs: MatrixPair[] = [];
  walk(batch, [broadcastStrides(a.sizes.slice(0, -2), batch), broadcastStrides(b.sizes.slice(0, -2), batch)], (_, [whichA, whichB]) => {
    pairs.push({ a: whichA, b: whichB });
  });
  return { a, b, m, k, n, transposeA, transposeB, pairs };
}

/** A rule whose product is formed when it is read, where that is possible. */
function lazily(rule: ProductRule): LazyDerivative<'a' | 'b'> {
  return ({ dy, a, b }, machine, usedBeforeParametersChange = false) => {
    const factor = (x: Tensor) => new LazyFactor(x, machine, usedBeforeParametersChange);
    return rule<LazyFactor, LazyMatmul | undefined>({ dy: factor(dy), a: factor(a), b: factor(b) });
  };
}

class LazyFactor implements Factor<LazyFactor, LazyMatmul | undefined> {
  constructor(
    readonly x: Tensor,
    readonly machine: Machine,
    readonly mayBeParameter: boolean,
  ) {}

  matmul(b: LazyFactor): LazyMatmul | undefined {
    return this.#times(b, { transposeA: false, transposeB: false });
  }
  timesTransposed(b: LazyFactor): LazyMatmul | undefined {
    return this.#times(b, { transposeA: false, transposeB: true });
  }
  transposedTimes(b: LazyFactor): LazyMatmul | undefined {
    return this.#times(b, { transposeA: true, transposeB: false });
  }

  #times({ x: b }: LazyFactor, transposition: Transposition): LazyMatmul | undefined {
    const a = this.x;
    // What has storage could change before the product is formed; what is a batch may have to be summed.
    if (!isFixed(a, this.mayBeParameter) || !isFixed(b, this.mayBeParameter) || a.rank > 2 || b.rank > 2) return undefined;
    const shape = [rowsOf(a.sizes, transposition.transposeA), columnsOf(b.sizes, transposition.transposeB)];
    return new LazyMatmul(taskOf(a, b, shape, transposition), a.dtype as FloatDtype, this.machine);
  }
}

const isFixed = ({ storage }: Tensor, mayBeParameter: boolean): boolean =>
  storage === undefined || (mayBeParameter && storage instanceof KeptStorage);
