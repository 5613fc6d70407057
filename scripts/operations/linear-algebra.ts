/** Linear algebra by definition, in decimal numbers: Gauss, Cholesky, Gram and Schmidt, Jacobi. */

import { Decimal } from 'decimal.js';
import { broadcastStrides, walk } from '../../src/base/shape.ts';
import type { Big } from './definitions.ts';

type Matrix = Decimal[][];
const zero = new Decimal(0);
const range = (n: number) => Array.from({ length: n }, (_, i) => i);
const dot = (a: readonly Decimal[], b: readonly Decimal[]) => a.reduce((total, x, i) => total.plus(x.times(b[i]!)), zero);
const turned = (a: Matrix): Matrix => (a[0] ?? []).map((_, j) => a.map((row) => row[j]!));
const times = (a: Matrix, b: Matrix): Matrix => a.map((row) => turned(b).map((column) => dot(row, column)));

/** Every matrix of a batch that is broadcast to some batch shape. */
function matrices({ shape, data }: Big, batch: readonly number[]): Matrix[] {
  const [m, n] = shape.slice(-2) as [number, number];
  const found: Matrix[] = [];
  walk(batch, [broadcastStrides(shape.slice(0, -2), batch)], (_, [which]) => {
    found.push(range(m).map((i) => data.slice((which * m + i) * n, (which * m + i + 1) * n)));
  });
  return found;
}

export function product(a: Big, b: Big, shape: readonly number[], turnA: boolean, turnB: boolean): Decimal[] {
  const batch = shape.slice(0, -2);
  const [left, right] = [matrices(a, batch), matrices(b, batch)];
  return left.flatMap((x, i) => times(turnA ? turned(x) : x, turnB ? turned(right[i]!) : right[i]!).flat());
}

/** `a⁻¹ b`, and the determinant of `a`, by elimination with the largest pivot. */
function eliminate(a: Matrix, b: Matrix): { x: Matrix; determinant: Decimal } {
  const n = a.length;
  const rows = a.map((row, i) => [...row, ...b[i]!]);
  let determinant = new Decimal(1);
  for (let k = 0; k < n; k++) {
    const best = range(n)
      .slice(k)
      .reduce((i, j) => (rows[j]![k]!.abs().gt(rows[i]![k]!.abs()) ? j : i));
    if (best !== k) {
      [rows[k], rows[best]] = [rows[best]!, rows[k]!];
      determinant = determinant.neg();
    }
    const pivot = rows[k]![k]!;
    determinant = determinant.times(pivot);
    rows[k] = rows[k]!.map((x) => x.div(pivot));
    for (let i = 0; i < n; i++) if (i !== k) rows[i] = rows[i]!.map((x, j) => x.minus(rows[i]![k]!.times(rows[k]![j]!)));
  }
  return { x: rows.map((row) => row.slice(n)), determinant };
}

const identity = (n: number): Matrix => range(n).map((i) => range(n).map((j) => new Decimal(i === j ? 1 : 0)));
const symmetric = (a: Matrix): Matrix => a.map((row, i) => row.map((x, j) => x.plus(a[j]![i]!).div(2)));

function cholesky(given: Matrix): Matrix {
  const a = symmetric(given);
  const l = a.map((row) => row.map(() => zero));
  a.forEach((row, i) => {
    for (let j = 0; j <= i; j++) {
      const rest = row[j]!.minus(dot(l[i]!.slice(0, j), l[j]!.slice(0, j)));
      l[i]![j] = i === j ? rest.sqrt() : rest.div(l[j]![j]!);
    }
  });
  return l;
}

/** `q` above `r`, with a positive diagonal. */
function qr(a: Matrix): Matrix {
  const columns = turned(a);
  const n = columns.length;
  const q: Matrix = [];
  const r = range(n).map(() => range(n).map(() => zero));
  columns.forEach((column, j) => {
    let rest = [...column];
    q.forEach((unit, i) => {
      r[i]![j] = dot(unit, column);
      rest = rest.map((x, k) => x.minus(r[i]![j]!.times(unit[k]!)));
    });
    r[j]![j] = dot(rest, rest).sqrt();
    q.push(rest.map((x) => x.div(r[j]![j]!)));
  });
  return [...turned(q), ...r];
}

/** A row of ascending eigenvalues above the vectors, the largest number of each positive. */
function eigh(given: Matrix): Matrix {
  const n = given.length;
  let [a, v] = [symmetric(given), identity(n)];
  for (let sweep = 0; sweep < 12; sweep++) {
    for (let p = 0; p < n; p++) {
      for (let q = p + 1; q < n; q++) {
        if (a[p]![q]!.isZero()) continue;
        const theta = a[q]![q]!.minus(a[p]![p]!).div(a[p]![q]!.times(2));
        const t = new Decimal(theta.lt(0) ? -1 : 1).div(theta.abs().plus(theta.times(theta).plus(1).sqrt()));
        const c = new Decimal(1).div(t.times(t).plus(1).sqrt());
        const s = t.times(c);
        const turn = identity(n);
        [turn[p]![p], turn[q]![q], turn[p]![q], turn[q]![p]] = [c, c, s, s.neg()];
        a = times(turned(turn), times(a, turn));
        v = times(v, turn);
      }
    }
  }
  const pairs = turned(v)
    .map((vector, i) => ({ value: a[i]![i]!, vector }))
    .sort((x, y) => x.value.comparedTo(y.value));
  const signed = pairs.map(({ vector }) => {
    const largest = vector.reduce((best, x) => (x.abs().gt(best.abs().plus('1e-30')) ? x : best));
    return vector.map((x) => (largest.lt(0) ? x.neg() : x));
  });
  return [pairs.map(({ value }) => value), ...turned(signed)];
}

/** The determinant by expansion, with the rows of some directions in the place of as many rows of the matrix, in every way that there is. */
function expanded(a: Matrix, directions: readonly Matrix[]): Decimal {
  if (directions.length > a.length) return zero;
  if (a.length === 0) return new Decimal(1);
  const minor = (x: Matrix, column: number) => x.slice(1).map((row) => row.filter((_, j) => j !== column));
  const signed = (row: readonly Decimal[], others: readonly Matrix[]) =>
    row.reduce(
      (total, x, j) =>
        total.plus(
          x.times(j % 2 === 0 ? 1 : -1).times(
            expanded(
              minor(a, j),
              others.map((other) => minor(other, j)),
            ),
          ),
        ),
      zero,
    );
  return directions.reduce(
    (total, direction, k) => total.plus(signed(direction[0]!, directions.toSpliced(k, 1))),
    signed(a[0]!, directions),
  );
}

/** The cofactors of a matrix, or their derivative in some directions. */
function cofactors(a: Matrix, directions: readonly Matrix[]): Matrix {
  const without = (x: Matrix, i: number, j: number) => x.toSpliced(i, 1).map((row) => row.toSpliced(j, 1));
  return a.map((row, i) =>
    row.map((_, j) =>
      expanded(
        without(a, i, j),
        directions.map((x) => without(x, i, j)),
      ).times((i + j) % 2 === 0 ? 1 : -1),
    ),
  );
}

/** `u` above a row of singular values, descending, above `v`, from the eigenvectors of `aᵀ a` or `a aᵀ`, whichever is smaller. */
function svd(a: Matrix): Matrix {
  const [m, n] = [a.length, a[0]?.length ?? 0];
  const tall = m >= n;
  const [values, ...columns] = eigh(tall ? times(turned(a), a) : times(a, turned(a)));
  const own = turned(columns).toReversed();
  const s = values!.map((x) => x.sqrt()).toReversed();
  const other = own.map((vector, i) => (tall ? a : turned(a)).map((row) => dot(row, vector).div(s[i]!)));
  const [u, v] = tall ? [other, own] : [own, other];
  const signs = v.map((vector) => (vector.reduce((best, x) => (x.abs().gt(best.abs().plus('1e-30')) ? x : best)).lt(0) ? -1 : 1));
  const signed = (vectors: Matrix) => turned(vectors.map((vector, i) => vector.map((x) => x.times(signs[i]!))));
  return [...signed(u), s, ...signed(v)];
}

/** `(aᵀ a)⁻¹ aᵀ`, or `aᵀ (a aᵀ)⁻¹`: of matrices whose rows or columns are independent. */
function pinv(a: Matrix): Matrix {
  const b = turned(a);
  return a.length >= b.length ? eliminate(times(b, a), b).x : turned(eliminate(times(a, b), a).x);
}

/** By its series, of a matrix that is halved until this converges fast. */
function matrixExp(a: Matrix): Matrix {
  const small = a.map((row) => row.map((x) => x.div(2 ** 10)));
  let [term, total] = [identity(a.length), identity(a.length)];
  for (let i = 1; i < 40; i++) {
    term = times(term, small).map((row) => row.map((x) => x.div(i)));
    total = total.map((row, r) => row.map((x, c) => x.plus(term[r]![c]!)));
  }
  for (let i = 0; i < 10; i++) total = times(total, total);
  return total;
}

/** The factors without an exchange of rows, in one matrix. */
function luFactors(given: Matrix): Matrix {
  const a = given.map((row) => [...row]);
  for (let k = 0; k < Math.min(a.length, a[0]?.length ?? 0); k++) {
    for (const row of a.slice(k + 1)) {
      row[k] = row[k]!.div(a[k]![k]!);
      for (let j = k + 1; j < row.length; j++) row[j] = row[j]!.minus(row[k]!.times(a[k]![j]!));
    }
  }
  return a;
}

/** Lines of a length, each multiplied by a matrix of cosines and sines of whole shares of a turn. */
function turning({ data, shape }: Big, to: number, weight: (from: number, to: number) => Decimal): Decimal[] {
  const length = shape.at(-1)!;
  return range(data.length / length).flatMap((line) =>
    range(to).map((k) =>
      dot(
        data.slice(line * length, (line + 1) * length),
        range(length).map((t) => weight(t, k)),
      ),
    ),
  );
}
const cosine = (t: number, n: number): Decimal =>
  Decimal.acos(-1)
    .times(2 * (t % n))
    .div(n)
    .cos();
const sine = (t: number, n: number): Decimal =>
  Decimal.acos(-1)
    .times(2 * (t % n))
    .div(n)
    .sin();

const eachMatrix =
  (make: (a: Matrix) => Decimal[]) =>
  ({ a }: Readonly<Record<string, Big>>): Decimal[] =>
    matrices(a!, a!.shape.slice(0, -2)).flatMap(make);
const solving = ({ a, b }: Readonly<Record<string, Big>>, prepare: (a: Matrix) => Matrix, shape: readonly number[]): Decimal[] => {
  const batch = shape.slice(0, -2);
  const [left, right] = [matrices(a!, batch), matrices(b!, batch)];
  return left.flatMap((x, i) => eliminate(prepare(x), right[i]!).x.flat());
};

export const definitions = {
  inv: eachMatrix((a) => eliminate(a, identity(a.length)).x.flat()),
  det: eachMatrix((a) => [eliminate(a, identity(a.length)).determinant]),
  detSign: eachMatrix((a) => [new Decimal(eliminate(a, identity(a.length)).determinant.comparedTo(0))]),
  logAbsDet: eachMatrix((a) => [eliminate(a, identity(a.length)).determinant.abs().ln()]),
  cholesky: eachMatrix((a) => cholesky(a).flat()),
  qr: eachMatrix((a) => qr(a).flat()),
  eigh: eachMatrix((a) => eigh(a).flat()),
  eighVectors: ({ decomposition }: Readonly<Record<string, Big>>): Decimal[] =>
    matrices(decomposition!, decomposition!.shape.slice(0, -2)).flatMap((matrix) => matrix.slice(1).flat()),
  ofDistinct: ({ x }: Readonly<Record<string, Big>>): Decimal[] => [...x!.data],
  svd: eachMatrix((a) => svd(a).flat()),
  svdVectors: ({ decomposition }: Readonly<Record<string, Big>>, { rows }: { rows: number }): Decimal[] =>
    matrices(decomposition!, decomposition!.shape.slice(0, -2)).flatMap((matrix) => matrix.toSpliced(rows, 1).flat()),
  ofDistinctSingular: ({ x }: Readonly<Record<string, Big>>): Decimal[] => [...x!.data],
  complement: (): Decimal[] => [],
  undetermined: (_: unknown, __: unknown, shape: readonly number[]): Decimal[] => range(shape.reduce((m, n) => m * n, 1)).map(() => zero),
  pinv: eachMatrix((a) => pinv(a).flat()),
  matrixExp: eachMatrix((a) => matrixExp(a).flat()),
  luFactors: eachMatrix((a) => luFactors(a).flat()),
  luPermutation: eachMatrix((a) => identity(a.length).flat()),
  rfft({ x }: Readonly<Record<string, Big>>): Decimal[] {
    const n = x!.shape.at(-1)!;
    const half = Math.floor(n / 2) + 1;
    return turning(x!, 2 * half, (t, k) => (k < half ? cosine(t * k, n) : sine(t * (k - half), n).neg()));
  },
  rfftAdjoint({ x }: Readonly<Record<string, Big>>, { length: n }: { length: number }): Decimal[] {
    const half = Math.floor(n / 2) + 1;
    return turning(x!, n, (k, t) => (k < half ? cosine(t * k, n) : sine(t * (k - half), n).neg()));
  },
  cofactors(inputs: Readonly<Record<string, Big>>, _: unknown, shape: readonly number[]): Decimal[] {
    const [first, ...directions] = Object.values(inputs).map((x) => matrices(x, shape.slice(0, -2)));
    return first!.flatMap((a, which) =>
      cofactors(
        a,
        directions.map((each) => each[which]!),
      ).flat(),
    );
  },
  solve: (inputs: Readonly<Record<string, Big>>, _: unknown, shape: readonly number[]) => solving(inputs, (a) => a, shape),
  solveTriangular: (
    inputs: Readonly<Record<string, Big>>,
    { upper, transposed }: { upper: boolean; transposed: boolean },
    shape: readonly number[],
  ) =>
    solving(
      inputs,
      (a) => {
        const part = a.map((row, i) => row.map((x, j) => ((upper ? j >= i : j <= i) ? x : zero)));
        return transposed ? turned(part) : part;
      },
      shape,
    ),
};
