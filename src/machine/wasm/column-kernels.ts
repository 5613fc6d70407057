/** The kernels of windows as columns: lines of what an element of windows sees, copied from where images have them, or added to these. */

import type { FloatDtype } from '../../base/dtype.ts';
import { advance, assemble, type Code, i32, type Kernel, type Local, repeat } from './assembler.ts';
import { storing } from './edges.ts';
import { vectors } from './lanes.ts';
import { isLast, VECTOR } from './matmul-kernels.ts';
import type { Images, Table } from './window-kernels.ts';

/**
 * For each of some images, each element of windows, and each line, so many numbers: in columns one after another, `columns[place, line, x]`, and in the
 * image at `image[places[place] + lines[line] + x]`.
 */
export interface WindowColumns {
  /** How far apart images are, and how far apart their columns. */
  readonly images: Images;
  readonly image: number;
  readonly columns: number;
  /** From the columns of an element to those of the next; 0 where all have the same. */
  readonly placeStride: number;
  readonly places: Table;
  readonly lines: Table;
  readonly lineBytes: number;
}

// biome-ignore format: the parameters in their order
const WINDOW_COLUMNS = [
  'images', 'imageStride', 'madeStride', 'image', 'columns', 'placeStride', 'placeTable', 'placeCount', 'lineTable', 'lineCount',
  'lineBytes', 'panels', 'rest',
] as const;

/** How many vectors are copied at a time. */
const AT_ONCE = 2;

export function runWindowColumns(run: Kernel, { images, image, columns, placeStride, places, lines, lineBytes }: WindowColumns): void {
  const panel = AT_ONCE * VECTOR;
  // biome-ignore format: the parameters in their order
  run(
    images.count, images.stride, images.madeStride, image, columns, placeStride, places.address, places.length, lines.address, lines.length,
    lineBytes, Math.ceil(lineBytes / panel), lineBytes % panel,
  );
}

/** The kernel that copies from images to columns, or that adds columns to images. */
export function windowColumns(dtype: FloatDtype, way: 'copy' | 'add'): Uint8Array<ArrayBuffer> {
  const v = vectors[dtype];
  return assemble(WINDOW_COLUMNS, (parameters, scope) => {
    const { images, imageStride, madeStride, image, columns, placeStride, placeTable, placeCount, lineTable, lineCount } = parameters;
    const { lineBytes, panels, rest } = parameters;
    const integers = <Name extends string>(...names: Name[]) =>
      Object.fromEntries(names.map((name) => [name, scope.integer()])) as { readonly [name in Name]: Local };
    const { place, places, line, lines, panel, restHere } = integers('place', 'places', 'line', 'lines', 'panel', 'restHere');
    const { ofPlace, ofLine, inImage, inColumns } = integers('ofPlace', 'ofLine', 'inImage', 'inColumns');
    const numbers = Array.from({ length: AT_ONCE }, () => scope.vector());
    const store = storing(v, scope, AT_ONCE, restHere);
    const move: Code =
      way === 'copy'
        ? [numbers.map((x, i) => x.set(v.load(inImage, VECTOR * i))), store(inColumns, numbers)]
        : [numbers.map((x, i) => x.set(v.add(v.load(inImage, VECTOR * i), v.load(inColumns, VECTOR * i)))), store(inImage, numbers)];
    const alongLine = repeat(panel, [
      restHere.set(i32.mul(rest, isLast(panel))),
      move,
      [advance(inImage, AT_ONCE * VECTOR), advance(inColumns, AT_ONCE * VECTOR)],
    ]);
    return repeat(images, [
      [place.set(placeTable), places.set(placeCount), ofPlace.set(columns)],
      repeat(places, [
        [line.set(lineTable), lines.set(lineCount), ofLine.set(ofPlace)],
        repeat(lines, [
          [inImage.set(i32.add(i32.add(image, i32.load(place)), i32.load(line))), inColumns.set(ofLine), panel.set(panels)],
          alongLine,
          [advance(line, 4), advance(ofLine, lineBytes)],
        ]),
        [advance(place, 4), advance(ofPlace, placeStride)],
      ]),
      [advance(image, imageStride), advance(columns, madeStride)],
    ]);
  });
}
