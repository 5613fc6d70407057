/**
 * The kernels of convolutions. Both read images where they are: a table says where the elements of windows are, so nothing is laid out. The first
 * multiplies a matrix with the windows, the second lines of results with what each element of the windows sees of them.
 */

import type { FloatDtype } from '../../base/dtype.ts';
import { advance, assemble, type Code, i32, type Kernel, type Local, repeat, repeatWhile, type Scope, TOTALS, when } from './assembler.ts';
import { storing } from './edges.ts';
import { type Lanes, vectors } from './lanes.ts';
import { isLast, type StripLayout, type Tile, VECTOR } from './matmul-kernels.ts';

/** An address of a table of integers, and how many there are. */
export interface Table {
  readonly address: number;
  readonly length: number;
}

/**
 * Rows of a matrix, times the elements of windows along lines: `c[row, line, x] = Σ a[row, k] b[lines[line] + places[k] + x]`. The sums are added
 * in blocks, as many products each as `blocks` says, and so are the blocks.
 */
export interface WindowProduct {
  readonly strips: number;
  readonly a: StripLayout;
  readonly b: number;
  readonly lines: Table;
  readonly blocks: Table;
  readonly places: Table;
  readonly c: number;
  /** The distances of rows and of lines of the result, and the length of a line, in bytes. */
  readonly rowStride: number;
  readonly lineStride: number;
  readonly lineBytes: number;
}

const WINDOW_PRODUCT = [
  'strips',
  'a',
  'aStripStride',
  'aRowStride',
  'aStepStride',
  'b',
  'line',
  'lines',
  'blocks',
  'blockCount',
  'places',
  'c',
  'rowStride',
  'lineStride',
  'panels',
  'rest',
] as const;

export function runWindowProduct(run: Kernel, vectors: number, product: WindowProduct): void {
  const { strips, a, b, lines, blocks, places, c, rowStride, lineStride, lineBytes } = product;
  const panel = VECTOR * vectors;
  const panels = Math.ceil(lineBytes / panel);
  const rest = lineBytes % panel;
  // Lists that are spread would take longer than many a product.
  // biome-ignore format: the parameters in their order, factor by factor
  run(
    strips, a.address, a.stripStride, a.rowStride, a.stepStride,
    b, lines.address, lines.length, blocks.address, blocks.length, places.address,
    c, rowStride, lineStride, panels, rest,
  );
}

/** The kernel of a product with windows. */
export function windowProduct(dtype: FloatDtype, tile: Tile): Uint8Array<ArrayBuffer> {
  const v = vectors[dtype];
  return assemble(WINDOW_PRODUCT, (parameters, scope) => {
    const { strips, a, aStripStride, b, line, lines, c, rowStride, lineStride, panels, rest } = parameters;
    const [to, at, from, fromA] = [scope.integer(), scope.integer(), scope.integer(), scope.integer()];
    const [panel, strip, restHere] = [scope.integer(), scope.integer(), scope.integer()];
    const { rows, addUp } = placedSums(v, scope, tile, parameters);
    const width = VECTOR * tile.vectors;
    const store = storing(v, scope, tile.vectors, restHere);
    return repeat(lines, [
      from.set(i32.add(b, i32.load(line))),
      to.set(c),
      panel.set(panels),
      repeat(panel, [
        restHere.set(i32.mul(rest, isLast(panel))),
        at.set(to),
        fromA.set(a),
        strip.set(strips),
        repeat(strip, [addUp(fromA, from), rows.map((sums) => [store(at, sums), advance(at, rowStride)]), advance(fromA, aStripStride)]),
        advance(to, width),
        advance(from, width),
      ]),
      advance(line, 4),
      advance(c, lineStride),
    ]);
  });
}

/** Parameters that say how the sums of a tile find what they multiply. */
interface PlacedParameters {
  readonly aRowStride: Local;
  readonly aStepStride: Local;
  readonly blocks: Local;
  readonly blockCount: Local;
  readonly places: Local;
}

/** The sums of a tile, as vectors in rows, and the code that adds all products of the strip `a` with windows at `b`. */
function placedSums(v: Lanes, scope: Scope, { rows: count, vectors, contiguous }: Tile, parameters: PlacedParameters) {
  const { aRowStride, aStepStride, blocks, blockCount, places } = parameters;
  const rows = Array.from({ length: count }, () => Array.from({ length: vectors }, () => scope.vector()));
  const row = Array.from({ length: vectors }, () => scope.vector());
  const x = scope.vector();
  const [fromB, place, block, left, steps] = [scope.integer(), scope.integer(), scope.integer(), scope.integer(), scope.integer()];
  const fromA = Array.from({ length: contiguous ? 1 : count }, () => scope.integer());
  const element = (i: number) => (contiguous ? v.loadSplat(fromA[0]!, i * v.bytes) : v.loadSplat(fromA[i]!));
  const sums = rows.flat();
  const zero = sums.map((sum) => sum.set(v.constant(0)));
  const totals = TOTALS;
  const several = i32.less(i32.constant(1), blockCount);
  const addUp = (a: Local, b: Local): Code => [
    fromA.map((from, i) => from.set(i === 0 ? a : i32.add(fromA[i - 1]!, aRowStride))),
    [place.set(places), block.set(blocks), left.set(blockCount)],
    zero,
    when(
      several,
      sums.map((sum, i) => v.store(totals, sum, VECTOR * i)),
    ),
    repeat(left, [
      steps.set(i32.load(block)),
      repeat(steps, [
        fromB.set(i32.add(b, i32.load(place))),
        row.map((y, i) => y.set(v.load(fromB, VECTOR * i))),
        rows.map((sums, i) => [x.set(element(i)), sums.map((sum, j) => sum.set(v.add(sum, v.mul(x, row[j]!))))]),
        fromA.map((from) => advance(from, aStepStride)),
        advance(place, 4),
      ]),
      advance(block, 4),
      when(several, [sums.map((sum, i) => v.store(totals, v.add(v.load(totals, VECTOR * i), sum), VECTOR * i)), zero]),
    ]),
    when(
      several,
      sums.map((sum, i) => sum.set(v.load(totals, VECTOR * i))),
    ),
  ];
  return { rows, addUp };
}

/**
 * Lines of several results, times what elements of windows see of an image: `out[row, i] = Σ g[row, line, x] b[lines[line] + places[i] + x]`. Each
 * lane is a running sum; those of a block of lines are added to the sums of the blocks before it, and at the end the lanes are joined.
 */
export interface LineProduct {
  readonly g: number;
  readonly gRowStride: number;
  readonly b: number;
  readonly lines: Table;
  /** How many lines make a block, and the length of each in bytes, a whole number of vectors. */
  readonly linesInBlock: number;
  readonly lineBytes: number;
  readonly places: Table;
  readonly out: number;
  readonly outRowStride: number;
}

const LINE_PRODUCT = [
  'g',
  'gRowStride',
  'b',
  'lines',
  'lineCount',
  'linesInBlock',
  'lineBytes',
  'places',
  'turns',
  'out',
  'outRowStride',
] as const;

/** Computes as many elements as `places` has, of so many at a time. */
export function runLineProduct(run: Kernel, width: number, product: LineProduct): void {
  const { g, gRowStride, b, lines, linesInBlock, lineBytes, places, out, outRowStride } = product;
  // biome-ignore format: the parameters in their order
  run(
    g, gRowStride,
    b, lines.address, lines.length, linesInBlock, lineBytes,
    places.address, places.length / width, out, outRowStride,
  );
}

/** The kernel of such a product, for so many rows of results and so many elements of windows at a time. */
export function lineProduct(dtype: FloatDtype, rows: number, width: number): Uint8Array<ArrayBuffer> {
  const v = vectors[dtype];
  return assemble(
    LINE_PRODUCT,
    ({ g, gRowStride, b, lines, lineCount, linesInBlock, lineBytes, places, turns, out, outRowStride }, scope) => {
      const integers = (length: number) => Array.from({ length }, () => scope.integer());
      const [line, left, some, end, to] = integers(5) as [Local, Local, Local, Local, Local];
      const [fromG, fromB, starts] = [integers(rows), integers(width), integers(width)];
      const sums = Array.from({ length: rows }, () => Array.from({ length: width }, () => scope.vector()));
      const seen = Array.from({ length: width }, () => scope.vector());
      const y = scope.vector();
      const all = sums.flat();
      const zero = all.map((sum) => sum.set(v.constant(0)));
      const totals = TOTALS;
      const join = (sum: Local) => [v.count === 4 ? [8] : [], v.bytes].flat().map((by) => sum.set(v.add(sum, v.rotate(sum, by))));
      return repeat(turns, [
        starts.map((start, i) => start.set(i32.add(b, i32.load(places, 4 * i)))),
        fromG.map((from, i) => from.set(i === 0 ? g : i32.add(fromG[i - 1]!, gRowStride))),
        [line.set(lines), left.set(lineCount)],
        zero,
        all.map((sum, i) => v.store(totals, sum, VECTOR * i)),
        repeatWhile(left, [
          some.set(linesInBlock),
          when(i32.less(left, some), some.set(left)),
          left.set(i32.sub(left, some)),
          repeat(some, [
            fromB.map((from, i) => from.set(i32.add(starts[i]!, i32.load(line)))),
            end.set(i32.add(fromG[0]!, lineBytes)),
            repeatWhile(i32.less(fromG[0]!, end), [
              seen.map((x, i) => x.set(v.load(fromB[i]!))),
              sums.map((sums, row) => [y.set(v.load(fromG[row]!)), sums.map((sum, i) => sum.set(v.add(sum, v.mul(y, seen[i]!))))]),
              [...fromG, ...fromB].map((from) => advance(from, VECTOR)),
            ]),
            advance(line, 4),
          ]),
          all.map((sum, i) => v.store(totals, v.add(v.load(totals, VECTOR * i), sum), VECTOR * i)),
          zero,
        ]),
        to.set(out),
        all.map((sum, i) => [sum.set(v.load(totals, VECTOR * i)), join(sum)]),
        sums.map((sums) => [sums.map((sum, i) => v.storeFirst(to, sum, i * v.bytes)), advance(to, outRowStride)]),
        advance(places, 4 * width),
        advance(out, width * v.bytes),
      ]);
    },
  );
}
