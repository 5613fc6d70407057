/** Factors of a product copied to scratch space, in the order in which tiles read them: the strips of `a`, the panels of `b`. */

import { bytesIn, type FloatDtype } from '../../base/dtype.ts';
import { memoize } from '../../base/memoize.ts';
import type { Matrix } from '../machine.ts';
import { advance, assemble, type Kernel, repeat } from './assembler.ts';
import type { Division } from './division.ts';
import { vectors } from './lanes.ts';
import { type PanelLayout, ROWS, type StripLayout, VECTOR } from './matmul-kernels.ts';
import type { Memory } from './memory.ts';
import type { Strips } from './strips.ts';

/** The bytes of a row that a tile of two vectors covers. */
export const PANEL: number = 2 * VECTOR;

/** So few bytes are packed sooner than that is divided. */
const FEW_BYTES = 131072;

export class Packer {
  readonly #memory: Memory;
  readonly #kernels = memoize((dtype: FloatDtype) => ({
    rowsOfStrips: this.#memory.compile(packRows(dtype, ROWS)),
    columnsOfStrips: this.#memory.compile(packColumns(dtype, ROWS)),
    rowsOfPanels: this.#memory.compile(packRows(dtype, PANEL / bytesIn[dtype])),
    columnsOfPanels: this.#memory.compile(packColumns(dtype, PANEL / bytesIn[dtype])),
  }));

  constructor(memory: Memory) {
    this.#memory = memory;
  }

  /** Packs the columns of each full strip one after another; returns how some of the strips are read then. */
  packStrips(dtype: FloatDtype, { address, rows, columns, transposed }: Matrix, division: Division): (strips: Strips) => StripLayout {
    const bytes = bytesIn[dtype];
    const to = this.#memory.allocate((rows - (rows % ROWS)) * columns * bytes);
    const { rowsOfStrips, columnsOfStrips } = this.#kernels(dtype);
    const run = transposed ? columnsOfStrips : rowsOfStrips;
    const rowBytes = (transposed ? rows : columns) * bytes;
    const packing = { parts: Math.floor(rows / ROWS), k: columns, from: address, rowBytes, to };
    runPackingInParts(division, run, packing, { from: ROWS * (transposed ? bytes : rowBytes), to: ROWS * columns * bytes });
    return ({ first }) => ({
      address: to + first * columns * bytes,
      stripStride: ROWS * columns * bytes,
      rowStride: bytes,
      stepStride: ROWS * bytes,
      contiguous: true,
    });
  }

  /** Packs the rows of each panel one after another. */
  packPanels(dtype: FloatDtype, { address, rows, columns, transposed }: Matrix, division: Division): PanelLayout {
    const bytes = bytesIn[dtype];
    const panels = Math.ceil((columns * bytes) / PANEL);
    const to = this.#memory.allocate(panels * PANEL * rows);
    const { rowsOfPanels, columnsOfPanels } = this.#kernels(dtype);
    const run = transposed ? rowsOfPanels : columnsOfPanels;
    const rowBytes = (transposed ? rows : columns) * bytes;
    const packing = { parts: panels, k: rows, from: address, rowBytes, to };
    runPackingInParts(division, run, packing, { from: transposed ? (PANEL / bytes) * rowBytes : PANEL, to: PANEL * rows });
    return { address: to, panelStride: PANEL * rows, stepStride: PANEL };
  }
}

/** Packs a matrix, whose parts are so far from each other. */
function runPackingInParts(
  division: Division,
  run: Kernel,
  packing: Packing,
  stride: { readonly from: number; readonly to: number },
): void {
  for (const { first, count } of division.parts(packing.parts, packing.parts * stride.to < FEW_BYTES ? 0 : 0.5)) {
    division.chunk();
    runPacking(division.of(run), {
      ...packing,
      parts: count,
      from: packing.from + first * stride.from,
      to: packing.to + first * stride.to,
    });
  }
}

/** A matrix to be packed in so many parts, strips or panels, each with `k` steps; the length of its stored rows, and where the copy goes. */
interface Packing {
  readonly parts: number;
  readonly k: number;
  readonly from: number;
  readonly rowBytes: number;
  readonly to: number;
}

const PACKING = ['parts', 'k', 'from', 'rowBytes', 'to'] as const;

const runPacking = (run: Kernel, { parts, k, from, rowBytes, to }: Packing): void => run(parts, k, from, rowBytes, to);

/** Packs neighbouring rows, a number of each in turn. */
function packRows(dtype: FloatDtype, rows: number): Uint8Array<ArrayBuffer> {
  const v = vectors[dtype];
  return assemble(PACKING, ({ parts, k, from, rowBytes, to }, scope) => {
    const left = scope.integer();
    const sources = Array.from({ length: rows }, () => scope.integer());
    return repeat(parts, [
      sources.map((source) => [source.set(from), advance(from, rowBytes)]),
      left.set(k),
      repeat(left, [sources.map((source, i) => [v.copy(to, source, i * v.bytes), advance(source, v.bytes)]), advance(to, rows * v.bytes)]),
    ]);
  });
}

/** Packs neighbouring columns, row after row. */
function packColumns(dtype: FloatDtype, columns: number): Uint8Array<ArrayBuffer> {
  const v = vectors[dtype];
  const bytes = columns * v.bytes;
  const offsets = Array.from({ length: bytes / 16 }, (_, i) => 16 * i);
  return assemble(PACKING, ({ parts, k, from, rowBytes, to }, scope) => {
    const [source, left] = [scope.integer(), scope.integer()];
    return repeat(parts, [
      source.set(from),
      left.set(k),
      repeat(left, [offsets.map((offset) => v.store(to, v.load(source, offset), offset)), advance(to, bytes), advance(source, rowBytes)]),
      advance(from, bytes),
    ]);
  });
}
