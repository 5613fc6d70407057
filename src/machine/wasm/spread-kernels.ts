/** The kernel of the adjoint of a convolution in the images: what windows along lines give each of their elements is added where these are. */

import type { FloatDtype } from '../../base/dtype.ts';
import { advance, assemble, type Code, i32, type Kernel, type Local, repeat } from './assembler.ts';
import { storing } from './edges.ts';
import { vectors } from './lanes.ts';
import { isLast, type Tile, VECTOR } from './matmul-kernels.ts';
import type { Images, Table } from './window-kernels.ts';

/**
 * For each of some images, and each turn, which has an element of the windows and some filters: `out[row, lines[line] + place + x] += Σ a[filter, row]
 * g[filter, line, x]`, a sum over those filters.
 */
export interface WindowSpread {
  readonly images: Images;
  readonly strips: number;
  /** The weights, those of a turn after those of the one before; and the distance from a filter to the next. */
  readonly a: number;
  readonly aStride: number;
  /** Results, and the distance from a filter to the next. */
  readonly g: number;
  readonly gStride: number;
  /** How long lines are, one after another. */
  readonly lineBytes: number;
  /** Three integers each: the place of the element, how many filters there are, and where their results begin. */
  readonly turns: Table;
  readonly out: number;
  readonly rowStride: number;
  readonly lines: Table;
}

// biome-ignore format: the parameters in their order
const WINDOW_SPREAD = [
  'images', 'imageStride', 'madeStride', 'strips', 'a', 'aStride', 'g', 'gStride', 'lineBytes',
  'turnTable', 'turnCount', 'out', 'rowStride', 'lineTable', 'lineCount', 'panels', 'rest',
] as const;

export function runWindowSpread(run: Kernel, vectors: number, spread: WindowSpread): void {
  const { images, strips, a, aStride, g, gStride, lineBytes, turns, out, rowStride, lines } = spread;
  const panel = VECTOR * vectors;
  // biome-ignore format: the parameters in their order
  run(
    images.count, images.stride, images.madeStride, strips, a, aStride, g, gStride, lineBytes,
    turns.address, turns.length / 3, out, rowStride, lines.address, lines.length, Math.ceil(lineBytes / panel), lineBytes % panel,
  );
}

export function windowSpread(dtype: FloatDtype, tile: Pick<Tile, 'rows' | 'vectors'>): Uint8Array<ArrayBuffer> {
  const v = vectors[dtype];
  return assemble(WINDOW_SPREAD, (parameters, scope) => {
    const { images, imageStride, madeStride, strips, a, aStride, g, gStride, lineBytes } = parameters;
    const { turnTable, turnCount, out, rowStride, lineTable, lineCount, panels, rest } = parameters;
    const integers = <Name extends string>(...names: Name[]) =>
      Object.fromEntries(names.map((name) => [name, scope.integer()])) as { readonly [name in Name]: Local };
    const { turn, turns, line, lines, panel, strip, left, restHere } = integers(
      'turn',
      'turns',
      'line',
      'lines',
      'panel',
      'strip',
      'left',
      'restHere',
    );
    const { ofTurn, ofLine, fromLine, fromStrip, fromA, fromG, to, at } = integers('ofTurn', 'ofLine', 'fromLine', 'fromStrip', 'fromA', 'fromG', 'to', 'at'); // biome-ignore format: a line
    const rows = Array.from({ length: tile.rows }, () => Array.from({ length: tile.vectors }, () => scope.vector()));
    const row = Array.from({ length: tile.vectors }, () => scope.vector());
    const x = scope.vector();
    const store = storing(v, scope, tile.vectors, restHere);
    const sumOfFilters: Code = [
      rows.flat().map((sum) => sum.set(v.constant(0))),
      [fromA.set(fromStrip), fromG.set(fromLine), left.set(i32.load(turn, 4))],
      repeat(left, [
        row.map((y, i) => y.set(v.load(fromG, VECTOR * i))),
        rows.map((sums, i) => [x.set(v.loadSplat(fromA, i * v.bytes)), sums.map((sum, j) => sum.set(v.add(sum, v.mul(x, row[j]!))))]),
        [advance(fromA, aStride), advance(fromG, gStride)],
      ]),
    ];
    const alongLine = repeat(panel, [
      [restHere.set(i32.mul(rest, isLast(panel))), at.set(to), fromStrip.set(ofTurn), strip.set(strips)],
      repeat(strip, [
        sumOfFilters,
        rows.map((sums) => [sums.map((sum, i) => sum.set(v.add(v.load(at, VECTOR * i), sum))), store(at, sums), advance(at, rowStride)]),
        advance(fromStrip, tile.rows * v.bytes),
      ]),
      [advance(to, VECTOR * tile.vectors), advance(fromLine, VECTOR * tile.vectors)],
    ]);
    const alongLines: Code = [
      [line.set(lineTable), lines.set(lineCount), ofLine.set(i32.add(g, i32.load(turn, 8)))],
      repeat(lines, [
        [to.set(i32.add(i32.add(out, i32.load(turn)), i32.load(line))), fromLine.set(ofLine), panel.set(panels)],
        alongLine,
        [advance(line, 4), advance(ofLine, lineBytes)],
      ]),
    ];
    return repeat(images, [
      [turn.set(turnTable), turns.set(turnCount), ofTurn.set(a)],
      repeat(turns, [alongLines, advance(ofTurn, i32.mul(aStride, i32.load(turn, 4))), advance(turn, 12)]),
      [advance(g, imageStride), advance(out, madeStride)],
    ]);
  });
}
