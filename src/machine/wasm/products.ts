/** Products of matrices that lie in memory: which kernel does them, and how it reads its factors. */

import { bytesIn, type FloatDtype } from '../../base/dtype.ts';
import { memoize } from '../../base/memoize.ts';
import type { Formula } from '../../formula/formula.ts';
import type { Side } from '../machine.ts';
import { type Column, interleave, product, ROLES, ROWS, type Role, rowTimes, stack, type Tile, update } from './matmul.ts';
import type { Kernel, Memory } from './memory.ts';

/** The bytes of a row that a tile of two vectors covers. */
const PANEL = 32;

/** For so few rows it does not pay to pack the factors of a product. */
const FEW_ROWS = 16;

/** So many bytes leave room for others in the second cache of any processor. */
const SECOND_CACHE = 262144;

/** So many bytes stay in the first cache of any processor. */
const FIRST_CACHE = 16384;

/** One matrix lying in memory: its address, its size as it counts in a product, and whether it lies on its side. */
export interface Matrix {
  readonly at: number;
  readonly rows: number;
  readonly columns: number;
  readonly side: Side;
}

/** How a kernel finds the elements of a factor: where to begin, how far apart strips or panels, rows and steps are, in bytes. */
interface Reading {
  readonly at: number;
  readonly next: number;
  readonly row: number;
  readonly step: number;
  readonly column: Column;
}

/** An input of a formula that changes a matrix: what it is, and its address, if it is in memory. */
export interface Input {
  readonly role: Role;
  readonly at: number;
}

export class Products {
  readonly #memory: Memory;
  readonly #packing = memoize((dtype: FloatDtype) => ({
    strips: { upright: this.#memory.compile(interleave(dtype, ROWS)), onItsSide: this.#memory.compile(stack(dtype, ROWS)) },
    panels: {
      upright: this.#memory.compile(stack(dtype, PANEL / bytesIn[dtype])),
      onItsSide: this.#memory.compile(interleave(dtype, PANEL / bytesIn[dtype])),
    },
  }));
  readonly #rows = memoize((dtype: FloatDtype) => this.#memory.compile(rowTimes(dtype)));
  readonly #tiles: { readonly [dtype in FloatDtype]: Kernel[] } = { float32: [], float64: [] };
  readonly #updates = new WeakMap<Formula, Map<number, Kernel>>();

  constructor(memory: Memory) {
    this.#memory = memory;
  }

  /** The product of two matrices, to an address. */
  multiply(dtype: FloatDtype, a: Matrix, b: Matrix, out: number): void {
    const bytes = bytesIn[dtype];
    const rowBytes = b.columns * bytes;
    if (a.rows === 1 && b.side === 'upright') {
      this.#rows(dtype)(b.rows, a.at, b.at, out, rowBytes);
      return;
    }
    const mark = this.#memory.mark();
    const packs = a.rows > FEW_ROWS;
    const packsPanels = packs || b.side === 'onItsSide';
    // The fewer rows, the more columns a tile may have, if these lie one after another.
    const vectors = packsPanels || a.rows >= ROWS || rowBytes <= PANEL ? 2 : 4;
    const panels = packsPanels ? this.#packPanels(dtype, b) : { at: b.at, next: 16 * vectors, step: rowBytes };
    const packed = packs ? this.#packStrips(dtype, a) : undefined;
    for (const strips of stripsOf(a.rows, a.columns * bytes)) {
      const from = packed && strips.rows === ROWS ? packed(strips) : readDirectly(a, strips, bytes);
      const run = this.#tiling(dtype, strips.rows, vectors, from.column);
      const to = out + strips.first * rowBytes;
      // biome-ignore format: as the kernel lists them
      run(strips.count, Math.ceil(rowBytes / (16 * vectors)), a.columns, from.at, from.next, from.row, from.step, panels.at, panels.next, panels.step,
        to, rowBytes);
    }
    this.#memory.release(mark);
  }

  /** Changes a matrix, the target among the inputs of a formula, where it lies; the product among them is `a b`, which is never stored. */
  update(formula: Formula, inputs: readonly Input[], a: Matrix, b: Matrix): void {
    const { dtype } = formula;
    const bytes = bytesIn[dtype];
    const rowBytes = b.columns * bytes;
    const mark = this.#memory.mark();
    const packs = b.rows * rowBytes > FIRST_CACHE;
    const panels = packs ? this.#packPanels(dtype, b) : { at: b.at, next: PANEL, step: rowBytes };
    const [full, rest] = [Math.floor(rowBytes / PANEL), rowBytes % PANEL];
    // As many panels have their turn with all rows as stay in the first cache together; the last turn has the rest of each row as well.
    const most = Math.max(1, Math.floor(FIRST_CACHE / (PANEL * b.rows)));
    const turns = packs ? Array.from({ length: Math.max(1, Math.ceil(full / most)) }, (_, i) => i * most) : [0];
    for (const strips of stripsOf(a.rows, packs ? a.columns * bytes : 0)) {
      const from = readDirectly(a, strips, bytes);
      const run = this.#updating(formula, inputs, { rows: strips.rows, vectors: 2, column: from.column });
      for (const panel of turns) {
        const count = packs ? Math.min(most, full - panel) : full;
        const restOfRow = panel + count === full ? rest : 0;
        const offset = strips.first * rowBytes + panel * PANEL;
        const [target, ...others] = inputs.flatMap(({ role, at }) => (role === 'product' ? [] : role === 'stays' ? at : at + offset)) as [
          number,
        ];
        // biome-ignore format: as the kernel lists them
        run(strips.count, count, restOfRow, a.columns, from.at, from.next, from.row, from.step, panels.at + panel * panels.next, panels.next,
          panels.step, target, rowBytes, ...others);
      }
    }
    this.#memory.release(mark);
  }

  /** Packs the elements of each full strip of rows one column after another, and tells how some of the strips are read then. */
  #packStrips(dtype: FloatDtype, { at, rows, columns, side }: Matrix): (strips: Strips) => Reading {
    const bytes = bytesIn[dtype];
    const strips = Math.floor(rows / ROWS);
    const to = this.#memory.room(strips * ROWS * columns * bytes);
    this.#packing(dtype).strips[side](strips, columns, at, (side === 'upright' ? columns : rows) * bytes, to);
    return ({ first }) => ({
      at: to + first * columns * bytes,
      next: ROWS * columns * bytes,
      row: bytes,
      step: ROWS * bytes,
      column: 'together',
    });
  }

  /** The elements of each panel of columns one row after another. */
  #packPanels(dtype: FloatDtype, { at, rows, columns, side }: Matrix): Pick<Reading, 'at' | 'next' | 'step'> {
    const bytes = bytesIn[dtype];
    const panels = Math.ceil((columns * bytes) / PANEL);
    const to = this.#memory.room(panels * PANEL * rows);
    this.#packing(dtype).panels[side](panels, rows, at, (side === 'upright' ? columns : rows) * bytes, to);
    return { at: to, next: PANEL * rows, step: PANEL };
  }

  #tiling(dtype: FloatDtype, rows: number, vectors: number, column: Column): Kernel {
    const which = rows + 8 * vectors + (column === 'apart' ? 128 : 0);
    return (this.#tiles[dtype][which] ??= this.#memory.compile(product(dtype, { rows, vectors, column })));
  }

  #updating(formula: Formula, inputs: readonly Input[], tile: Tile): Kernel {
    let kernels = this.#updates.get(formula);
    if (!kernels) this.#updates.set(formula, (kernels = new Map()));
    let which = tile.rows + (tile.column === 'apart' ? 8 : 0);
    for (const { role } of inputs) which = 4 * which + ROLES.indexOf(role);
    let kernel = kernels.get(which);
    if (!kernel)
      kernels.set(
        which,
        (kernel = this.#memory.compile(
          update(
            formula,
            inputs.map(({ role }) => role),
            tile,
          ),
        )),
      );
    return kernel;
  }
}

/** Some neighbouring rows of a factor, `count` times. */
interface Strips {
  readonly rows: number;
  readonly count: number;
  readonly first: number;
}

/**
 * As many full strips as there are, and a lower one of what is left. Rows of so many bytes come in groups that stay in the second cache while all
 * panels pass by.
 */
function stripsOf(rows: number, rowBytes: number): readonly Strips[] {
  const rest = rows % ROWS;
  const group = ROWS * Math.max(1, Math.floor(SECOND_CACHE / (ROWS * rowBytes)));
  const strips: Strips[] = [];
  for (let first = 0; first < rows - rest; first += group) {
    strips.push({ rows: ROWS, count: Math.min(group, rows - rest - first) / ROWS, first });
  }
  if (rest > 0) strips.push({ rows: rest, count: 1, first: rows - rest });
  return strips;
}

/** How strips are read from a factor as it lies. */
const readDirectly = ({ at, rows, columns, side }: Matrix, strips: Strips, bytes: number): Reading =>
  side === 'upright'
    ? { at: at + strips.first * columns * bytes, next: strips.rows * columns * bytes, row: columns * bytes, step: bytes, column: 'apart' }
    : { at: at + strips.first * bytes, next: strips.rows * bytes, row: bytes, step: rows * bytes, column: 'together' };
