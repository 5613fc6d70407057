/** The kernels of pooling: what windows along lines have in each of their elements, several windows at a time. */

import type { FloatDtype } from '../../base/dtype.ts';
import { advance, assemble, type Code, i32, type Kernel, type Local, repeat, type Scope } from './assembler.ts';
import { type Lanes, vectors } from './lanes.ts';
import { VECTOR } from './matmul-kernels.ts';
import type { Table } from './window-kernels.ts';

/** Windows of so many elements, at these places from the first on, along lines; neighbours are `stride` bytes apart. */
export interface PoolLines {
  readonly b: number;
  readonly lines: Table;
  readonly places: Table;
  /** Where the numbers 0, 1, 2 … are, one for each element of a window. */
  readonly indices: number;
  readonly stride: number;
  readonly out: number;
  /** How many vectors a line of the result has. */
  readonly panels: number;
}

const POOL = ['b', 'line', 'lines', 'places', 'taps', 'indices', 'stride', 'out', 'panels'] as const;

export const runPool = (run: Kernel, { b, lines, places, indices, stride, out, panels }: PoolLines): void =>
  run(b, lines.address, lines.length, places.address, places.length, indices, stride, out, panels);

/** The code around that of an element: for all lines, all vectors of windows, and all elements of these. */
function pool(
  dtype: FloatDtype,
  write: (v: Lanes, scope: Scope, x: Local, index: Code) => { readonly begin: Code; readonly element: Code; readonly result: Code },
): Uint8Array<ArrayBuffer> {
  const v = vectors[dtype];
  return assemble(POOL, ({ b, line, lines, places, taps, indices, stride, out, panels }, scope) => {
    const [from, at, panel, place, index, left] = Array.from({ length: 6 }, () => scope.integer()) as [
      Local,
      Local,
      Local,
      Local,
      Local,
      Local,
    ];
    const x = scope.vector();
    const { begin, element, result } = write(v, scope, x, v.loadSplat(index));
    return repeat(lines, [
      from.set(i32.add(b, i32.load(line))),
      panel.set(panels),
      repeat(panel, [
        [place.set(places), index.set(indices), left.set(taps)],
        begin,
        repeat(left, [
          at.set(i32.add(from, i32.load(place))),
          x.set(v.loadSplat(at)),
          Array.from({ length: v.count - 1 }, (_, lane) => [advance(at, stride), x.set(v.loadLane(at, x, lane + 1))]),
          element,
          advance(place, 4),
          advance(index, v.bytes),
        ]),
        v.store(out, result),
        advance(out, VECTOR),
        advance(from, i32.mul(stride, i32.constant(v.count))),
      ]),
      advance(line, 4),
    ]);
  });
}

/** Which element of each window is the largest, the first of those that tie; −1 where all are −∞. NaN counts as the largest. */
export const largestOfWindows = (dtype: FloatDtype): Uint8Array<ArrayBuffer> =>
  pool(dtype, (v, scope, x, index) => {
    const [best, which, better] = [scope.vector(), scope.vector(), scope.vector()];
    const firstNaN = v.without(v.notEqual(x, x), v.notEqual(best, best));
    return {
      begin: [best.set(v.constant(-Infinity)), which.set(v.constant(-1))],
      element: [
        better.set(v.or(v.less(best, x), firstNaN)),
        best.set(v.select(better, x, best)),
        which.set(v.select(better, index, which)),
      ],
      result: which,
    };
  });

/** The sums of windows, in the order of `sum`: four running sums, joined at the end. */
export const sumsOfWindows = (dtype: FloatDtype): Uint8Array<ArrayBuffer> =>
  pool(dtype, (v, scope, x) => {
    const [a, b, c, d, next] = [scope.vector(), scope.vector(), scope.vector(), scope.vector(), scope.vector()];
    return {
      begin: [a, b, c, d].map((sum) => sum.set(v.constant(0))),
      // The four sums take turns by rotating. However often they did, joining them gives the same.
      element: [next.set(v.add(a, x)), a.set(b), b.set(c), c.set(d), d.set(next)],
      result: v.add(v.add(a, c), v.add(b, d)),
    };
  });
