/** The kernels of pooling: what windows along lines have in each of their elements, several windows at a time. */

import type { FloatDtype } from '../../base/dtype.ts';
import { advance, assemble, type Code, either, i32, type Kernel, type Local, repeat, type Scope } from './assembler.ts';
import { storing } from './edges.ts';
import { type Lanes, vectors } from './lanes.ts';
import { isLast, VECTOR } from './matmul-kernels.ts';
import { everySecond, lessEqual } from './pool-lanes.ts';
import type { Images, Table } from './window-kernels.ts';

/** Windows of so many elements, at these places from the first on, along lines of images; neighbours are `stride` bytes apart. */
export interface PoolLines {
  readonly images: Pick<Images, 'count' | 'stride'>;
  readonly b: number;
  readonly lines: Table;
  readonly places: Table;
  readonly numbers: PlaceNumbers;
  readonly stride: number;
  readonly out: number;
  /** Where the elements themselves go, of kernels that say where those are. */
  readonly values: number;
  readonly columns: Columns;
}

/** How neighbouring windows lie: next to each other, two elements apart, or further. */
export type Spacing = 'next' | 'second' | 'apart';

/**
 * Where windows and their elements are in an image, as whole numbers as wide as a lane, by their addresses: the number of the first window of each line,
 * what is added for each element, and what for each window of a vector and then for all of them.
 */
export interface PlaceNumbers {
  readonly lines: number;
  readonly elements: number;
  readonly steps: number;
}

/** How many windows a line has, how many fit in a vector, and how many bytes the result of one takes. */
export interface Columns {
  readonly count: number;
  readonly lanes: number;
  readonly bytes: number;
}

// biome-ignore format: the parameters in their order
const POOL = [
  'images', 'imageStride', 'b', 'lineTable', 'lineCount', 'placeTable', 'taps',
  'lineNumbers', 'elementNumbers', 'steps', 'stride', 'out', 'values', 'panels', 'rest',
] as const;

export function runPool(run: Kernel, { images, b, lines, places, numbers, stride, out, values, columns }: PoolLines): void {
  const [panels, rest] = [Math.ceil(columns.count / columns.lanes), (columns.count % columns.lanes) * columns.bytes];
  // biome-ignore format: the parameters in their order
  run(
    images.count, images.stride, b, lines.address, lines.length, places.address, places.length,
    numbers.lines, numbers.elements, numbers.steps, stride, out, values, panels, rest,
  );
}

/** What a kernel does at the beginning of a line, and for each vector of windows: first, with each of their elements, and at the end. */
interface Parts {
  readonly beginLine: Code;
  readonly begin: Code;
  readonly element: Code;
  /** Stores what was found, and goes on to the next vector. */
  readonly end: Code;
  /** What is done after all windows, with `out` at the end of the results. */
  readonly finish?: Code;
  /** How many bytes that are, if all windows of the vector are there. */
  readonly bytes: number;
}

/** What the parts of a kernel know: the elements `x`, where the numbers of the line and of the element are, and how many bytes of a last vector are left. */
interface Known {
  readonly x: Local;
  readonly ofLine: Local;
  readonly ofElement: Local;
  readonly steps: Local;
  readonly out: Local;
  readonly values: Local;
  readonly rest: Local;
}

/** The code around that of an element: for all images, all lines, all vectors of windows, and all elements of these. */
function pool(dtype: FloatDtype, spacing: Spacing, write: (v: Lanes, scope: Scope, known: Known) => Parts): Uint8Array<ArrayBuffer> {
  const v = vectors[dtype];
  return assemble(POOL, (parameters, scope) => {
    const { images, imageStride, b, lineTable, lineCount, placeTable, taps, lineNumbers, elementNumbers } = parameters;
    const { steps, stride, out, values, panels, rest } = parameters;
    const integers = <Name extends string>(...names: Name[]) =>
      Object.fromEntries(names.map((name) => [name, scope.integer()])) as { readonly [name in Name]: Local };
    const { from, at, panel, place, left } = integers('from', 'at', 'panel', 'place', 'left');
    const { line, lines, ofLine, ofElement, restHere } = integers('line', 'lines', 'ofLine', 'ofElement', 'restHere');
    const x = scope.vector();
    const known = { x, ofLine, ofElement, steps, out, values, rest: restHere };
    const { beginLine, begin, element, end, finish = [], bytes } = write(v, scope, known);
    const load = {
      next: x.set(v.load(at)),
      second: x.set(everySecond(v)(v.load(at), v.load(at, VECTOR))),
      apart: [
        x.set(v.loadSplat(at)),
        Array.from({ length: v.count - 1 }, (_, lane) => [advance(at, stride), x.set(v.loadLane(at, x, lane + 1))]),
      ],
    };
    const vectorOfWindows: Code = [
      [place.set(placeTable), ofElement.set(elementNumbers), left.set(taps), restHere.set(i32.mul(rest, isLast(panel)))],
      begin,
      repeat(left, [at.set(i32.add(from, i32.load(place))), load[spacing], element, [advance(place, 4), advance(ofElement, v.bytes)]]),
      end,
      either(restHere, advance(out, restHere), advance(out, bytes)),
      advance(from, i32.mul(stride, i32.constant(v.count))),
    ];
    const everyImage = repeat(images, [
      [line.set(lineTable), lines.set(lineCount), ofLine.set(lineNumbers)],
      repeat(lines, [
        [from.set(i32.add(b, i32.load(line))), panel.set(panels)],
        beginLine,
        repeat(panel, vectorOfWindows),
        [advance(line, 4), advance(ofLine, v.bytes)],
      ]),
      advance(b, imageStride),
    ]);
    return [everyImage, finish];
  });
}

/**
 * Where in its image the largest element of each window is, the first of those that tie, in int32; and that element. NaN counts as the largest. Behind
 * these numbers follows a vector with a negative one if some window sees only −∞: its place is −1. Where elements are
 * rectified first, as `relu` does, and the largest is none above 0, its place is −1 as well, since no gradient goes there; none is blind.
 */
export const largestOfWindows = (dtype: FloatDtype, spacing: Spacing, rectified: boolean): Uint8Array<ArrayBuffer> =>
  pool(dtype, spacing, (v, scope, { x, ofLine, ofElement, steps, out, values, rest }) => {
    const vector = () => scope.vector();
    const [best, which, better, here, found, blind] = [vector(), vector(), vector(), vector(), vector(), vector()];
    const firstNaN = v.without(v.notEqual(x, x), v.notEqual(best, best));
    const none = v.equal(v.constant(0), v.constant(0));
    const single = vectors.float32;
    const restOfValues = scope.integer();
    const storePlaces =
      v.count === 4 ? storing(v, scope, 1, rest)(out, [found]) : either(rest, single.storeFirst(out, found), single.storeHalf(out, found));
    return {
      beginLine: here.set(v.addWhole(v.loadSplat(ofLine), v.load(steps))),
      begin: [best.set(v.constant(-Infinity)), which.set(none)],
      element: [
        rectified ? x.set(v.atLeast(x, v.constant(0))) : [],
        better.set(v.or(v.less(best, x), firstNaN)),
        best.set(v.select(better, x, best)),
        which.set(v.select(better, v.addWhole(here, v.loadSplat(ofElement)), which)),
      ],
      end: [
        rectified ? which.set(v.or(which, lessEqual(v)(best, v.constant(0)))) : [],
        found.set(v.low(which)),
        here.set(v.addWhole(here, v.load(steps, VECTOR))),
        storePlaces,
        restOfValues.set(v.count === 4 ? rest : i32.add(rest, rest)),
        storing(v, scope, 1, restOfValues)(values, [best]),
        either(
          rest,
          [advance(values, restOfValues), blind.set(v.or(blind, v.and(found, v.bytesBefore(rest, 0))))],
          [advance(values, VECTOR), blind.set(v.or(blind, found))],
        ),
      ],
      finish: v.store(out, blind),
      bytes: 4 * v.count,
    };
  });

/** The sums of windows, in the order of `sum`: four running sums, joined at the end. */
export const sumsOfWindows = (dtype: FloatDtype, spacing: Spacing): Uint8Array<ArrayBuffer> =>
  pool(dtype, spacing, (v, scope, { x, out, rest }) => {
    const [a, b, c, d, next] = Array.from({ length: 5 }, () => scope.vector()) as [Local, Local, Local, Local, Local];
    return {
      beginLine: [],
      begin: [a, b, c, d].map((sum) => sum.set(v.constant(0))),
      // The four sums take turns by rotating. However often they did, joining them gives the same.
      element: [next.set(v.add(a, x)), a.set(b), b.set(c), c.set(d), d.set(next)],
      end: [next.set(v.add(v.add(a, c), v.add(b, d))), storing(v, scope, 1, rest)(out, [next])],
      bytes: VECTOR,
    };
  });
