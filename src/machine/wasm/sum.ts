/** Sums along an axis, in the order that `machine.ts` defines: four running sums, joined at the end. And extremes along one. */

import type { FloatDtype } from '../../base/dtype.ts';
import type { Extreme } from '../machine.ts';
import { advance, assemble, type Code, i32, loopWhile, repeat, repeatWhile } from './assembler.ts';
import { vectors } from './lanes.ts';

/** `run(rows, rowBytes, x, out)`: the sum of each row. Every lane is a running sum; float64 needs two vectors for four. */
export function sumRows(dtype: FloatDtype): Uint8Array<ArrayBuffer> {
  const v = vectors[dtype];
  const offsets = v.count === 4 ? [0] : [0, 16];
  const stride = 16 * offsets.length;
  return assemble(4, (scope, rows, rowBytes, x, out) => {
    const [at, end, rest] = [scope.integer(), scope.integer(), scope.integer()];
    const sums = offsets.map((offset) => ({ offset, sum: scope.vector() }));
    const total = scope.vector();
    const fold = (by: number) => total.set(v.add(total, v.rotate(total, by)));
    return [
      rest.set(i32.and(rowBytes, i32.constant(stride - 1))),
      repeat(rows, [
        sums.map(({ sum }) => sum.set(v.constant(0))),
        at.set(x),
        end.set(i32.add(x, i32.sub(rowBytes, rest))),
        loopWhile(i32.less(at, end), [sums.map(({ sum, offset }) => sum.set(v.add(sum, v.load(at, offset)))), advance(at, stride)]),
        // What is left of the row, and 0 in the other lanes: a running sum is never −0, so 0 leaves it as it is.
        sums.map(({ sum, offset }) => sum.set(v.add(sum, v.and(v.load(at, offset), v.bytesBefore(rest, offset))))),
        total.set(sums.map(({ sum }): Code => sum).reduce(v.add)),
        v.count === 4 ? fold(8) : [],
        fold(v.bytes),
        v.store(out, total),
        advance(out, v.bytes),
        advance(x, rowBytes),
      ]),
    ];
  });
}

/** `run(blocks, count, rowBytes, x, out)`: in each block the sum of its `count` rows, column by column. */
export function addRows(dtype: FloatDtype): Uint8Array<ArrayBuffer> {
  const v = vectors[dtype];
  return assemble(5, (scope, blocks, count, rowBytes, x, out) => {
    const [column, at, left] = [scope.integer(), scope.integer(), scope.integer()];
    const [a, b, c, d, next] = [scope.vector(), scope.vector(), scope.vector(), scope.vector(), scope.vector()];
    return repeat(blocks, [
      column.set(i32.constant(0)),
      repeatWhile(i32.less(column, rowBytes), [
        [a, b, c, d].map((sum) => sum.set(v.constant(0))),
        at.set(i32.add(x, column)),
        left.set(count),
        // The four sums take turns by changing places. However often they did, joining them gives the same.
        repeat(left, [next.set(v.add(a, v.load(at))), a.set(b), b.set(c), c.set(d), d.set(next), advance(at, rowBytes)]),
        v.store(i32.add(out, column), v.add(v.add(a, c), v.add(b, d))),
        advance(column, 16),
      ]),
      advance(out, rowBytes),
      x.set(i32.add(x, i32.mul(rowBytes, count))),
    ]);
  });
}

/** `run(blocks, count, rowBytes, x, out)`: in each block the largest of its `count` rows, or the smallest, column by column. */
export function extremeOfRows(dtype: FloatDtype, which: Extreme): Uint8Array<ArrayBuffer> {
  const v = vectors[dtype];
  return assemble(5, (scope, blocks, count, rowBytes, x, out) => {
    const [column, at, left, best] = [scope.integer(), scope.integer(), scope.integer(), scope.vector()];
    return repeat(blocks, [
      column.set(i32.constant(0)),
      repeatWhile(i32.less(column, rowBytes), [
        at.set(i32.add(x, column)),
        best.set(v.load(at)),
        left.set(count),
        repeat(left, [best.set(v[which](best, v.load(at))), advance(at, rowBytes)]),
        v.store(i32.add(out, column), best),
        advance(column, 16),
      ]),
      advance(out, rowBytes),
      x.set(i32.add(x, i32.mul(rowBytes, count))),
    ]);
  });
}

/** `run(rows, rowBytes, x, out)`: the largest of each row, or the smallest. */
export function extremeOfRow(dtype: FloatDtype, which: Extreme): Uint8Array<ArrayBuffer> {
  const v = vectors[dtype];
  return assemble(4, (scope, rows, rowBytes, x, out) => {
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
        v.store(out, best),
        advance(out, v.bytes),
        advance(x, rowBytes),
      ]),
    ];
  });
}
