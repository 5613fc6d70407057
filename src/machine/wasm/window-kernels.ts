/** The kernel of convolutions. It reads images where they are: a table says where the elements of windows are, so nothing is laid out. */

import type { FloatDtype } from '../../base/dtype.ts';
import { advance, assemble, type Code, i32, type Kernel, type Local, repeat, type Scope, TOTALS, when } from './assembler.ts';
import { storing } from './edges.ts';
import { type Lanes, vectors } from './lanes.ts';
import { isLast, type StripLayout, type Tile, VECTOR } from './matmul-kernels.ts';

/** An address of a table of integers, and how many there are. */
export interface Table {
  readonly address: number;
  readonly length: number;
}

/** So many images, one after another: how far apart they are, and how far apart what is made of them, in bytes. */
export interface Images {
  readonly count: number;
  readonly stride: number;
  readonly madeStride: number;
}

/**
 * Rows of a matrix, times the elements of windows along lines: `c[row, line, x] = Σ a[row, k] b[lines[line] + places[k] + x]`, for each of some images.
 * The sums are added in blocks, as many products each as `blocks` says, and so are the blocks, and then the number of the row at `bias`, unless that is 0.
 */
export interface WindowProduct {
  readonly images: Images;
  readonly strips: number;
  readonly a: StripLayout;
  readonly b: number;
  readonly lines: Table;
  readonly blocks: Table;
  readonly places: Table;
  readonly bias: number;
  readonly c: number;
  /** The distances of rows and of lines of the result, and the length of a line, in bytes. */
  readonly rowStride: number;
  readonly lineStride: number;
  readonly lineBytes: number;
}

const WINDOW_PRODUCT = [
  'images',
  'imageStride',
  'madeStride',
  'strips',
  'a',
  'aStripStride',
  'aRowStride',
  'aStepStride',
  'b',
  'lineTable',
  'lineCount',
  'blocks',
  'blockCount',
  'places',
  'bias',
  'c',
  'rowStride',
  'lineStride',
  'panels',
  'rest',
] as const;

export function runWindowProduct(run: Kernel, vectors: number, product: WindowProduct): void {
  const { images, strips, a, b, lines, blocks, places, bias, c, rowStride, lineStride, lineBytes } = product;
  const panel = VECTOR * vectors;
  const panels = Math.ceil(lineBytes / panel);
  const rest = lineBytes % panel;
  // Lists that are spread would take longer than many a product.
  // biome-ignore format: the parameters in their order, factor by factor
  run(
    images.count, images.stride, images.madeStride,
    strips, a.address, a.stripStride, a.rowStride, a.stepStride,
    b, lines.address, lines.length, blocks.address, blocks.length, places.address,
    bias, c, rowStride, lineStride, panels, rest,
  );
}

/** The kernel of a product with windows. */
export function windowProduct(dtype: FloatDtype, tile: Tile): Uint8Array<ArrayBuffer> {
  const v = vectors[dtype];
  return assemble(WINDOW_PRODUCT, (parameters, scope) => {
    const {
      images,
      imageStride,
      madeStride,
      strips,
      a,
      aStripStride,
      b,
      lineTable,
      lineCount,
      bias,
      c,
      rowStride,
      lineStride,
      panels,
      rest,
    } = parameters;
    const [line, lines, toLine] = [scope.integer(), scope.integer(), scope.integer()];
    const [to, at, from, fromA] = [scope.integer(), scope.integer(), scope.integer(), scope.integer()];
    const [panel, strip, restHere] = [scope.integer(), scope.integer(), scope.integer()];
    const { rows, addUp } = placedSums(v, scope, tile, parameters);
    const width = VECTOR * tile.vectors;
    const store = storing(v, scope, tile.vectors, restHere);
    const fromBias = scope.integer();
    const each = scope.vector();
    const addBias = when(bias, [
      rows.map((sums, i) => [each.set(v.loadSplat(fromBias, i * v.bytes)), sums.map((sum) => sum.set(v.add(sum, each)))]),
      advance(fromBias, tile.rows * v.bytes),
    ]);
    const alongLine = repeat(panel, [
      restHere.set(i32.mul(rest, isLast(panel))),
      at.set(to),
      [fromA.set(a), fromBias.set(bias), strip.set(strips)],
      repeat(strip, [
        [addUp(fromA, from), addBias],
        rows.map((sums) => [store(at, sums), advance(at, rowStride)]),
        advance(fromA, aStripStride),
      ]),
      advance(to, width),
      advance(from, width),
    ]);
    return repeat(images, [
      [line.set(lineTable), lines.set(lineCount), toLine.set(c)],
      repeat(lines, [
        [from.set(i32.add(b, i32.load(line))), to.set(toLine), panel.set(panels)],
        alongLine,
        advance(line, 4),
        advance(toLine, lineStride),
      ]),
      advance(b, imageStride),
      advance(c, madeStride),
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
