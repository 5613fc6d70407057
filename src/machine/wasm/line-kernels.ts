/** The kernel of the adjoint of a convolution in the filters: lines of results times what each element of windows sees of images, read where they are. */

import type { FloatDtype } from '../../base/dtype.ts';
import { advance, assemble, type Code, i32, type Kernel, type Local, repeat, repeatWhile, TOTALS, when } from './assembler.ts';
import { vectors } from './lanes.ts';
import { VECTOR } from './matmul-kernels.ts';
import type { Images, Table } from './window-kernels.ts';

/**
 * Lines of several results, times what elements of windows see of an image: `out[row, i] = Σ g[row, line, x] b[lines[line] + places[i] + x]`, for each
 * of some images and their results, which are `gStride` apart. Each lane is a running sum; those of a block of lines are added to the sums of the blocks before it, and at the end the lanes are joined.
 */
export interface LineProduct {
  readonly images: Images;
  readonly g: number;
  readonly gStride: number;
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
  'images',
  'imageStride',
  'madeStride',
  'g',
  'gStride',
  'gRowStride',
  'b',
  'lines',
  'lineCount',
  'linesInBlock',
  'lineBytes',
  'placeTable',
  'turnCount',
  'out',
  'outRowStride',
] as const;

/** Computes as many elements as `places` has, of so many at a time. */
export function runLineProduct(run: Kernel, width: number, product: LineProduct): void {
  const { images, g, gStride, gRowStride, b, lines, linesInBlock, lineBytes, places, out, outRowStride } = product;
  // biome-ignore format: the parameters in their order
  run(
    images.count, images.stride, images.madeStride, g, gStride, gRowStride,
    b, lines.address, lines.length, linesInBlock, lineBytes,
    places.address, places.length / width, out, outRowStride,
  );
}

/** The kernel of such a product, for so many rows of results and so many elements of windows at a time. */
export function lineProduct(dtype: FloatDtype, rows: number, width: number): Uint8Array<ArrayBuffer> {
  const v = vectors[dtype];
  return assemble(LINE_PRODUCT, (parameters, scope) => {
    const { images, imageStride, madeStride, g, gStride, gRowStride, b, lines, lineCount, linesInBlock, lineBytes } = parameters;
    const { placeTable, turnCount, out, outRowStride } = parameters;
    const integers = (length: number) => Array.from({ length }, () => scope.integer());
    const [line, left, some, end, to, places, turns, at] = integers(8) as [Local, Local, Local, Local, Local, Local, Local, Local];
    const [fromG, fromB, starts] = [integers(rows), integers(width), integers(width)];
    const sums = Array.from({ length: rows }, () => Array.from({ length: width }, () => scope.vector()));
    const seen = Array.from({ length: width }, () => scope.vector());
    const y = scope.vector();
    const all = sums.flat();
    const zero = all.map((sum) => sum.set(v.constant(0)));
    const join = (sum: Local) => [v.count === 4 ? [8] : [], v.bytes].flat().map((by) => sum.set(v.add(sum, v.rotate(sum, by))));
    const addLine: Code = [
      fromB.map((from, i) => from.set(i32.add(starts[i]!, i32.load(line)))),
      end.set(i32.add(fromG[0]!, lineBytes)),
      repeatWhile(i32.less(fromG[0]!, end), [
        seen.map((x, i) => x.set(v.load(fromB[i]!))),
        sums.map((sums, row) => [y.set(v.load(fromG[row]!)), sums.map((sum, i) => sum.set(v.add(sum, v.mul(y, seen[i]!))))]),
        [...fromG, ...fromB].map((from) => advance(from, VECTOR)),
      ]),
      advance(line, 4),
    ];
    const turn: Code = [
      starts.map((start, i) => start.set(i32.add(b, i32.load(places, 4 * i)))),
      fromG.map((from, i) => from.set(i === 0 ? g : i32.add(fromG[i - 1]!, gRowStride))),
      [line.set(lines), left.set(lineCount)],
      zero,
      all.map((sum, i) => v.store(TOTALS, sum, VECTOR * i)),
      repeatWhile(left, [
        some.set(linesInBlock),
        when(i32.less(left, some), some.set(left)),
        left.set(i32.sub(left, some)),
        repeat(some, addLine),
        all.map((sum, i) => v.store(TOTALS, v.add(v.load(TOTALS, VECTOR * i), sum), VECTOR * i)),
        zero,
      ]),
      to.set(at),
      all.map((sum, i) => [sum.set(v.load(TOTALS, VECTOR * i)), join(sum)]),
      sums.map((sums) => [sums.map((sum, i) => v.storeFirst(to, sum, i * v.bytes)), advance(to, outRowStride)]),
      advance(places, 4 * width),
      advance(at, width * v.bytes),
    ];
    return repeat(images, [
      [places.set(placeTable), turns.set(turnCount), at.set(out)],
      repeat(turns, turn),
      [advance(g, gStride), advance(b, imageStride), advance(out, madeStride)],
    ]);
  });
}
