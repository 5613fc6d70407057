/** Sums along an axis, in the order that `machine.ts` defines: four running sums, joined at the end. And extremes along an axis. */

import type { FloatDtype } from '../../base/dtype.ts';
import type { AxisSizes, Extreme } from '../machine.ts';
import { advance, assemble, type Code, i32, type Kernel, type Local, loopWhile, repeat, repeatWhile, type Scope } from './assembler.ts';
import { ALONE, type Division } from './division.ts';
import { storing } from './edges.ts';
import { type Lanes, vectors } from './lanes.ts';

/** Parameters of a kernel that reduces each row of `x` to a number of `out`. */
const ROW = ['rows', 'rowBytes', 'x', 'out', 'stride', 'outStride'] as const;

/** Parameters of a kernel that reduces the rows of each block of `x` to one row of `out`. */
const ROWS = ['blocks', 'count', 'rowBytes', 'x', 'out'] as const;

/** The two kernels of one reduction. */
export interface ReductionKernels {
  readonly row: Kernel;
  readonly rows: Kernel;
}

/** Addresses of the numbers to be reduced and of the result, and the bytes of a number. */
interface ReductionAddresses {
  readonly x: number;
  readonly out: number;
  readonly bytes: number;
}

/** Reduces the middle axis of `[before, count, after]` numbers. */
export function runReduction(
  { row, rows }: ReductionKernels,
  { before, count, after }: AxisSizes,
  { x, out, bytes }: ReductionAddresses,
  division: Division = ALONE,
): void {
  if (after === 1) division.of(row)(before, count * bytes, x, out, count * bytes, bytes);
  else division.of(rows)(before, count, after * bytes, x, out);
}

/** The sum of each row. Every lane is a running sum; float64 needs two vectors for four. */
export function sumRows(dtype: FloatDtype): Uint8Array<ArrayBuffer> {
  const v = vectors[dtype];
  const offsets = v.count === 4 ? [0] : [0, 16];
  const step = 16 * offsets.length;
  return assemble(ROW, ({ rows, rowBytes, x, out, stride, outStride }, scope) => {
    const [at, end, rest] = [scope.integer(), scope.integer(), scope.integer()];
    const sums = offsets.map((offset) => ({ offset, sum: scope.vector() }));
    const total = scope.vector();
    const fold = (by: number) => total.set(v.add(total, v.rotate(total, by)));
    return [
      rest.set(i32.and(rowBytes, i32.constant(step - 1))),
      repeat(rows, [
        sums.map(({ sum }) => sum.set(v.constant(0))),
        at.set(x),
        end.set(i32.add(x, i32.sub(rowBytes, rest))),
        loopWhile(i32.less(at, end), [sums.map(({ sum, offset }) => sum.set(v.add(sum, v.load(at, offset)))), advance(at, step)]),
        // What is left of the row, and 0 in the other lanes: a running sum is never −0, so 0 leaves it as it is.
        sums.map(({ sum, offset }) => sum.set(v.add(sum, v.and(v.load(at, offset), v.bytesBefore(rest, offset))))),
        total.set(sums.map(({ sum }): Code => sum).reduce(v.add)),
        v.count === 4 ? fold(8) : [],
        fold(v.bytes),
        v.storeFirst(out, total),
        advance(out, outStride),
        advance(x, stride),
      ]),
    ];
  });
}

/** How a vector of columns is stored, of which there may be fewer than it has. */
function storingColumns(v: Lanes, scope: Scope, column: Local, rowBytes: Local): ReturnType<typeof storing> {
  const left = scope.integer();
  const store = storing(v, scope, 1, left, i32.less(left, i32.constant(16)));
  return (address, vectors) => [left.set(i32.sub(rowBytes, column)), store(address, vectors)];
}

/** In each block the sum of its `count` rows, column by column. */
export function addRows(dtype: FloatDtype): Uint8Array<ArrayBuffer> {
  const v = vectors[dtype];
  return assemble(ROWS, ({ blocks, count, rowBytes, x, out }, scope) => {
    const [column, at, left] = [scope.integer(), scope.integer(), scope.integer()];
    const [a, b, c, d, next] = [scope.vector(), scope.vector(), scope.vector(), scope.vector(), scope.vector()];
    const store = storingColumns(v, scope, column, rowBytes);
    return repeat(blocks, [
      column.set(i32.constant(0)),
      repeatWhile(i32.less(column, rowBytes), [
        [a, b, c, d].map((sum) => sum.set(v.constant(0))),
        at.set(i32.add(x, column)),
        left.set(count),
        // The four sums take turns by rotating. However often they did, joining them gives the same.
        repeat(left, [next.set(v.add(a, v.load(at))), a.set(b), b.set(c), c.set(d), d.set(next), advance(at, rowBytes)]),
        a.set(v.add(v.add(a, c), v.add(b, d))),
        store(i32.add(out, column), [a]),
        advance(column, 16),
      ]),
      advance(out, rowBytes),
      x.set(i32.add(x, i32.mul(rowBytes, count))),
    ]);
  });
}

/** In each block the largest of its `count` rows, or the smallest, column by column. */
export function extremeOfRows(dtype: FloatDtype, which: Extreme): Uint8Array<ArrayBuffer> {
  const v = vectors[dtype];
  return assemble(ROWS, ({ blocks, count, rowBytes, x, out }, scope) => {
    const [column, at, left, best] = [scope.integer(), scope.integer(), scope.integer(), scope.vector()];
    const store = storingColumns(v, scope, column, rowBytes);
    return repeat(blocks, [
      column.set(i32.constant(0)),
      repeatWhile(i32.less(column, rowBytes), [
        at.set(i32.add(x, column)),
        best.set(v.load(at)),
        left.set(count),
        repeat(left, [best.set(v[which](best, v.load(at))), advance(at, rowBytes)]),
        store(i32.add(out, column), [best]),
        advance(column, 16),
      ]),
      advance(out, rowBytes),
      x.set(i32.add(x, i32.mul(rowBytes, count))),
    ]);
  });
}

/** The largest of each row, or the smallest. */
export function extremeOfRow(dtype: FloatDtype, which: Extreme): Uint8Array<ArrayBuffer> {
  const v = vectors[dtype];
  return assemble(ROW, ({ rows, rowBytes, x, out }, scope) => {
    const [at, end, rest, best] = [scope.integer(), scope.integer(), scope.integer(), scope.vector()];
    const better = (candidate: Code) => best.set(v[which](best, candidate));
    return [
      rest.set(i32.and(rowBytes, i32.constant(15))),
      repeat(rows, [
        best.set(v.loadSplat(x)),
        at.set(x),
        end.set(i32.add(x, i32.sub(rowBytes, rest))),
        loopWhile(i32.less(at, end), [better(v.load(at)), advance(at, 16)]),
        // What is left of the row, and the best so far in the other lanes.
        better(v.select(v.bytesBefore(rest, 0), v.load(at), best)),
        v.count === 4 ? better(v.rotate(best, 8)) : [],
        better(v.rotate(best, v.bytes)),
        v.storeFirst(out, best),
        advance(out, v.bytes),
        advance(x, rowBytes),
      ]),
    ];
  });
}
