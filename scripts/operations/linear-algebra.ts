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
