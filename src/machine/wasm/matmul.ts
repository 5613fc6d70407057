/** Products of matrices in memory: which kernel computes them, and how it reads its factors. */

import { bytesIn, type FloatDtype } from '../../base/dtype.ts';
import { memoize } from '../../base/memoize.ts';
import { MATMUL_BLOCK, type Matrix } from '../machine.ts';
import type { Kernel } from './assembler.ts';
import { ALONE, type Division } from './division.ts';
import { multiplication, ROWS, runMultiplication, type Tile, VECTOR } from './matmul-kernels.ts';
import { rowMultiplication, runRowMultiplication } from './matmul-row.ts';
import type { Memory } from './memory.ts';
import { PANEL, type Packer } from './packing.ts';
import { layoutOf, stripsOf } from './strips.ts';

/** For so few rows it does not pay to pack the factors of a product. */
const FEW_ROWS = 16;

export class Matmul {
  readonly #memory: Memory;
  readonly #packer: Packer;
  readonly #rows = memoize((dtype: FloatDtype) => this.#memory.compile(rowMultiplication(dtype)));
  readonly #tiles: { readonly [dtype in FloatDtype]: Kernel[] } = { float32: [], float64: [] };

  constructor(memory: Memory, packer: Packer) {
    this.#memory = memory;
    this.#packer = packer;
  }

  /**
   * Writes the product of two matrices to an address.
   * @param within what it is a part of; it is not computed yet then, so scratch space is not released
   */
  multiply(dtype: FloatDtype, a: Matrix, b: Matrix, out: number, within?: Division): void {
    const mark = this.#memory.mark();
    if (a.rows === 1 && !b.transposed) this.#multiplyRow(dtype, a, b, out, within ?? ALONE);
    else this.#multiplyTiles(dtype, a, b, out, within);
    if (!within) this.#memory.release(mark);
  }

  #multiplyRow(dtype: FloatDtype, a: Matrix, b: Matrix, out: number, division: Division): void {
    const bytes = bytesIn[dtype];
    const rowBytes = b.columns * bytes;
    const sums = this.#memory.allocate(Math.ceil(rowBytes / PANEL) * PANEL);
    for (let first = 0; first < b.rows; first += MATMUL_BLOCK) {
      const k = Math.min(MATMUL_BLOCK, b.rows - first);
      const run = division.of(this.#rows(dtype));
      runRowMultiplication(run, { k, a: a.address + first * bytes, b: b.address + first * rowBytes, sums, out, adds: first > 0, rowBytes });
    }
  }

  #multiplyTiles(dtype: FloatDtype, a: Matrix, b: Matrix, out: number, within?: Division): void {
    const bytes = bytesIn[dtype];
    const rowBytes = b.columns * bytes;
    const operations = 2 * a.rows * a.columns * b.columns;
    const packs = a.rows > FEW_ROWS;
    const packsPanels = packs || b.transposed;
    // The fewer rows, the more columns a tile may have, if these are contiguous.
    const vectors = packsPanels || a.rows >= ROWS || rowBytes <= PANEL ? 2 : 4;
    const width = VECTOR * vectors;
    const division = within ?? this.#memory.divide(operations, 'product');
    const packed = packs ? this.#packer.packStrips(dtype, a, division) : undefined;
    const { address, panelStride, stepStride } = packsPanels
      ? this.#packer.packPanels(dtype, b, division)
      : { address: b.address, panelStride: width, stepStride: rowBytes };
    division.settle();
    for (const { strip, panel } of division.rectangles(Math.ceil(a.rows / ROWS), Math.ceil(rowBytes / width))) {
      division.chunk();
      for (const strips of stripsOf(a.rows, a.columns * bytes, strip)) {
        const layout = packed && strips.rows === ROWS ? packed(strips) : layoutOf(a, strips, bytes);
        runMultiplication(division.of(this.#kernelOf(dtype, { rows: strips.rows, vectors, contiguous: layout.contiguous })), {
          strips: strips.count,
          panels: panel.count,
          rest: (panel.first + panel.count) * width > rowBytes ? rowBytes % width : 0,
          k: a.columns,
          a: layout,
          b: { address: address + panel.first * panelStride, panelStride, stepStride },
          c: out + strips.first * rowBytes + panel.first * width,
          rowBytes,
        });
      }
    }
    division.finish();
  }

  #kernelOf(dtype: FloatDtype, tile: Tile): Kernel {
    const which = tile.rows + 8 * tile.vectors + (tile.contiguous ? 0 : 128);
    return (this.#tiles[dtype][which] ??= this.#memory.compile(multiplication(dtype, tile)));
  }
}
