/** Products of matrices in memory: which kernel computes them, and how it reads its factors. */

import { bytesIn, type FloatDtype } from '../../base/dtype.ts';
import { memoize } from '../../base/memoize.ts';
import { listOf, type Rules } from '../../formula/formula.ts';
import { MATMUL_BLOCK, type Matrix } from '../machine.ts';
import type { Kernel } from './assembler.ts';
import { ALONE, type Division, type Part } from './division.ts';
import {
  multiplication,
  type Packing,
  type PanelLayout,
  packColumns,
  packRows,
  ROWS,
  runMultiplication,
  runPacking,
  type StripLayout,
  type Tile,
  VECTOR,
} from './matmul-kernels.ts';
import { rowMultiplication, runRowMultiplication } from './matmul-row.ts';
import { ROLES, type Role, runUpdate, update } from './matmul-update.ts';
import type { Memory } from './memory.ts';

/** The bytes of a row that a tile of two vectors covers. */
const PANEL = 2 * VECTOR;

/** For so few rows it does not pay to pack the factors of a product. */
const FEW_ROWS = 16;

/** So few bytes are packed sooner than that is divided. */
const FEW_BYTES = 131072;

/** So many bytes leave space for others in the second-level cache of any processor. */
const SECOND_CACHE = 262144;

/** So many bytes stay in the first-level cache of any processor. */
const FIRST_CACHE = 16384;

/** An input of a formula that changes a matrix: its role, and its address, if it is in memory. */
export interface UpdateInput {
  readonly role: Role;
  readonly address: number;
}

export class Matmul {
  readonly #memory: Memory;
  readonly #packing = memoize((dtype: FloatDtype) => ({
    rowsOfStrips: this.#memory.compile(packRows(dtype, ROWS)),
    columnsOfStrips: this.#memory.compile(packColumns(dtype, ROWS)),
    rowsOfPanels: this.#memory.compile(packRows(dtype, PANEL / bytesIn[dtype])),
    columnsOfPanels: this.#memory.compile(packColumns(dtype, PANEL / bytesIn[dtype])),
  }));
  readonly #rows = memoize((dtype: FloatDtype) => this.#memory.compile(rowMultiplication(dtype)));
  readonly #tiles: { readonly [dtype in FloatDtype]: Kernel[] } = { float32: [], float64: [] };
  readonly #updates = new WeakMap<Rules, Map<number, Kernel>>();

  constructor(memory: Memory) {
    this.#memory = memory;
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
    const packed = packs ? this.#packStrips(dtype, a, division) : undefined;
    const { address, panelStride, stepStride } = packsPanels
      ? this.#packPanels(dtype, b, division)
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

  /** Changes a matrix, the target among the inputs of a formula, in place; the product among them is `a b`, which is never stored. */
  update(rules: Rules, inputs: readonly UpdateInput[], a: Matrix, b: Matrix): void {
    const { dtype } = listOf(rules)[0]!;
    const bytes = bytesIn[dtype];
    const rowBytes = b.columns * bytes;
    const mark = this.#memory.mark();
    const packs = b.rows * rowBytes > FIRST_CACHE;
    const unpacked = { address: b.address, panelStride: PANEL, stepStride: rowBytes };
    const division = this.#memory.divide(2 * a.rows * a.columns * b.columns, 'update');
    const { address, panelStride, stepStride } = packs ? this.#packPanels(dtype, b, division) : unpacked;
    division.settle();
    const target = inputs.find(({ role }) => role === 'target')!;
    const panels = Math.ceil(rowBytes / PANEL);
    // Whole rows of the target, since processors fetch what comes next in a row, also where it is another's.
    for (const part of division.parts(Math.ceil(a.rows / ROWS), 1)) {
      division.chunk();
      for (const strips of stripsOf(a.rows, packs ? a.columns * bytes : 0, part)) {
        const layout = layoutOf(a, strips, bytes);
        const offset = strips.first * rowBytes;
        runUpdate(division.of(this.#updateKernelOf(rules, inputs, { rows: strips.rows, contiguous: layout.contiguous })), {
          strips: strips.count,
          panels,
          // All rows are updated for as many panels as stay in the first-level cache together.
          atOnce: packs ? Math.max(1, Math.floor(FIRST_CACHE / (PANEL * b.rows))) : panels,
          rest: rowBytes % PANEL,
          k: a.columns,
          a: layout,
          b: { address, panelStride, stepStride },
          target: target.address + offset,
          rowBytes,
          others: inputs.flatMap((x) => (x.role === 'uniform' ? x.address : x.role === 'varying' ? x.address + offset : [])),
        });
      }
    }
    division.finish();
    this.#memory.release(mark);
  }

  /** Packs the columns of each full strip one after another; returns how some of the strips are read then. */
  #packStrips(dtype: FloatDtype, { address, rows, columns, transposed }: Matrix, division: Division): (strips: Strips) => StripLayout {
    const bytes = bytesIn[dtype];
    const to = this.#memory.allocate((rows - (rows % ROWS)) * columns * bytes);
    const { rowsOfStrips, columnsOfStrips } = this.#packing(dtype);
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
  #packPanels(dtype: FloatDtype, { address, rows, columns, transposed }: Matrix, division: Division): PanelLayout {
    const bytes = bytesIn[dtype];
    const panels = Math.ceil((columns * bytes) / PANEL);
    const to = this.#memory.allocate(panels * PANEL * rows);
    const { rowsOfPanels, columnsOfPanels } = this.#packing(dtype);
    const run = transposed ? rowsOfPanels : columnsOfPanels;
    const rowBytes = (transposed ? rows : columns) * bytes;
    const packing = { parts: panels, k: rows, from: address, rowBytes, to };
    runPackingInParts(division, run, packing, { from: transposed ? (PANEL / bytes) * rowBytes : PANEL, to: PANEL * rows });
    return { address: to, panelStride: PANEL * rows, stepStride: PANEL };
  }

  #kernelOf(dtype: FloatDtype, tile: Tile): Kernel {
    const which = tile.rows + 8 * tile.vectors + (tile.contiguous ? 0 : 128);
    return (this.#tiles[dtype][which] ??= this.#memory.compile(multiplication(dtype, tile)));
  }

  #updateKernelOf(rules: Rules, inputs: readonly UpdateInput[], strip: Omit<Tile, 'vectors'>): Kernel {
    let kernels = this.#updates.get(rules);
    if (!kernels) this.#updates.set(rules, (kernels = new Map()));
    let which = strip.rows + (strip.contiguous ? 0 : 8);
    for (const { role } of inputs) which = 4 * which + ROLES.indexOf(role);
    let kernel = kernels.get(which);
    if (!kernel) {
      const roles = inputs.map(({ role }) => role);
      kernels.set(which, (kernel = this.#memory.compile(update(rules, roles, strip))));
    }
    return kernel;
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

/** Neighbouring rows of a factor: `count` strips of `rows` rows, from row `first` on. */
export interface Strips {
  readonly rows: number;
  readonly count: number;
  readonly first: number;
}

/**
 * As many full strips as there are, and a lower one of the rows that are left. Rows of so many bytes come in groups that stay in the second-level cache
 * while all panels pass by.
 * @param part only some of the strips
 */
export function stripsOf(rows: number, rowBytes: number, part: Part = { first: 0, count: Math.ceil(rows / ROWS) }): readonly Strips[] {
  const end = Math.min(rows, (part.first + part.count) * ROWS);
  const rest = end % ROWS;
  const group = ROWS * Math.max(1, Math.floor(SECOND_CACHE / (ROWS * rowBytes)));
  const strips: Strips[] = [];
  for (let first = part.first * ROWS; first < end - rest; first += group) {
    strips.push({ rows: ROWS, count: Math.min(group, end - rest - first) / ROWS, first });
  }
  if (rest > 0) strips.push({ rows: rest, count: 1, first: end - rest });
  return strips;
}

/** How strips of a factor are read that is not packed. */
function layoutOf({ address, rows, columns, transposed }: Matrix, strips: Strips, bytes: number): StripLayout {
  const rowStride = transposed ? bytes : columns * bytes;
  const stepStride = transposed ? rows * bytes : bytes;
  return {
    address: address + strips.first * rowStride,
    stripStride: strips.rows * rowStride,
    rowStride,
    stepStride,
    contiguous: transposed,
  };
}
