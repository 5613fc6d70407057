/** Products of vectors and matrices that are more than sums of products, and matrices with a structure. */

import { DtypeError, ShapeError } from '../../base/errors.ts';
import { boolean, check, type OptionTable, optional, quote, readOptions, wholeNumberFrom, withoutDefault } from '../../base/options.ts';
import { broadcastShape, formatShape, normalizeAxis } from '../../base/shape.ts';
import { checkTensor, Tensor } from '../../tensor/tensor.ts';
import { concat } from '../layout/concat.ts';
import { roll } from '../layout/rearrange.ts';
import { cumprod } from '../sums/scan.ts';

/**
 * The cross product of vectors of three numbers along an axis, `a × b`, which is orthogonal to both. The shapes broadcast.
 * @param axis of the shape that both broadcast to. Default the last
 * @throws ShapeError where the shapes do not broadcast, or the axis has another size than 3.
 * @example cross(Tensor.of([1, 0, 0]), Tensor.of([0, 1, 0])).toArray() // => [0, 0, 1]
 */
export function cross(a: Tensor, b: Tensor, axis = -1): Tensor {
  checkTensor('cross', 'a', a);
  checkTensor('cross', 'b', b);
  checkOneDtype('cross', [a, b]);
  const shape = broadcastShape('cross', a.sizes, b.sizes);
  const along = normalizeAxis('cross', axis, shape) - shape.length;
  for (const x of [a, b])
    if (x.sizes.at(along) !== 3)
      throw new ShapeError(
        `cross: expected vectors of 3 along axis ${axis}, got shapes ${formatShape(a.sizes)} and ${formatShape(b.sizes)}`,
      );
  const next = (x: Tensor, by: number): Tensor => roll(x, -by, along);
  return next(a, 1)
    .mul(next(b, 2))
    .sub(next(a, 2).mul(next(b, 1)));
}

/**
 * The Kronecker product: for matrices `[m, n]` and `[p, q]` the matrix `[m p, n q]` whose block `i, j` is `a[i, j] b`. In general each size is the product of
 * the sizes; the shape with fewer axes gets axes of size 1 in front.
 * @example kron(Tensor.of([[1, 2]]), Tensor.of([[1, 1]])).toArray() // => [[1, 1, 2, 2]]
 */
export function kron(a: Tensor, b: Tensor): Tensor {
  checkTensor('kron', 'a', a);
  checkTensor('kron', 'b', b);
  checkOneDtype('kron', [a, b]);
  const rank = Math.max(a.rank, b.rank);
  const filled = ({ sizes }: Tensor): number[] => [...new Array<number>(rank - sizes.length).fill(1), ...sizes];
  const [m, n] = [filled(a), filled(b)];
  const left = a.reshape(m.flatMap((size) => [size, 1]));
  const right = b.reshape(n.flatMap((size) => [1, size]));
  return left.mul(right).reshape(m.map((size, i) => size * n[i]!));
}

/**
 * The matrix with some matrices along its diagonal, and zeros elsewhere. A vector counts as a row, a number as a matrix of one element.
 * @throws ShapeError for more than two axes, and for no matrices; DtypeError for several dtypes.
 * @example blockDiag([Tensor.of([[1, 2]]), Tensor.of(3)]).toArray() // => [[1, 2, 0], [0, 0, 3]]
 */
export function blockDiag(matrices: readonly Tensor[]): Tensor {
  if (!Array.isArray(matrices) || matrices.length === 0)
    throw new ShapeError(`blockDiag: expected a list of matrices, such as [a, b], got ${quote(matrices)}`);
  for (const [i, x] of matrices.entries()) {
    checkTensor('blockDiag', `matrix ${i}`, x);
    if (x.rank > 2) throw new ShapeError(`blockDiag: expected matrices, got shape ${formatShape(x.sizes)} for matrix ${i}`);
  }
  checkOneDtype('blockDiag', matrices);
  const blocks = matrices.map((x): Tensor => (x.rank === 2 ? x : x.reshape([1, x.size])));
  const width = blocks.reduce((total, x) => total + x.sizes[1]!, 0);
  let before = 0;
  return concat(
    blocks.map((x) => {
      const zeros = (size: number): Tensor => Tensor.zeros([x.sizes[0]!, size], { dtype: x.dtype });
      const line = concat([zeros(before), x, zeros(width - before - x.sizes[1]!)], 1);
      before += x.sizes[1]!;
      return line;
    }),
  );
}

/** The form of a Vandermonde matrix. */
export interface VanderOptions {
  /** How many powers, from 0 on. Default as many as there are numbers. */
  readonly columns?: number;
  /** Whether the powers descend, as NumPy has it by default. Default false. */
  readonly descending?: boolean;
}

const VANDER: OptionTable<VanderOptions> = {
  columns: /* @__PURE__ */ withoutDefault(/* @__PURE__ */ wholeNumberFrom(0)),
  descending: /* @__PURE__ */ optional(boolean, false),
};

/**
 * The Vandermonde matrix: the powers `1, x, x², …` of each number, `[..., n]` to `[..., n, columns]`. Times coefficients it is a polynomial at each number.
 * @param options `columns`, default `n`; `descending`, default false
 * @throws ShapeError for a scalar.
 * @example vander(Tensor.of([2, 3]), { columns: 3 }).toArray() // => [[1, 2, 4], [1, 3, 9]]
 */
export function vander(x: Tensor, options?: VanderOptions): Tensor {
  checkTensor('vander', 'x', x);
  const { columns, descending } = readOptions('vander', options, VANDER);
  if (x.rank === 0) throw new ShapeError('vander: expected numbers along an axis, got a scalar');
  const count = columns ?? x.sizes.at(-1)!;
  check('vander', { columns: count }, wholeNumberFrom(0));
  const one = Tensor.ones([...x.sizes, Math.min(count, 1)], { dtype: x.dtype }) as Tensor;
  if (count < 2) return one;
  const powers = cumprod(concat([one, x.unsqueeze(-1).broadcastTo([...x.sizes, count - 1])], -1));
  return descending ? powers.slice([...x.sizes.map(() => null), [null, null, -1]]) : powers;
}

function checkOneDtype(name: string, tensors: readonly Tensor[]): void {
  const [first, ...others] = tensors.map(({ dtype }) => dtype);
  const other = others.find((dtype) => dtype !== first);
  if (other !== undefined)
    throw new DtypeError(`${name}: expected tensors of one dtype, got ${first} and ${other}; convert one with cast('${first}')`);
}
