/** Matrices that are changed by a formula of themselves and of a product: which kernel does both, and how it reads the factors. */

import { bytesIn } from '../../base/dtype.ts';
import { listOf, type Rules } from '../../formula/formula.ts';
import type { Matrix } from '../machine.ts';
import type { Kernel } from './assembler.ts';
import { ROWS, type Tile } from './matmul-kernels.ts';
import { ROLES, type Role, runUpdate, update } from './matmul-update.ts';
import type { Memory } from './memory.ts';
import { PANEL, type Packer } from './packing.ts';
import { layoutOf, stripsOf } from './strips.ts';

/** So many bytes stay in the first-level cache of any processor. */
const FIRST_CACHE = 16384;

/** An input of a formula that changes a matrix: its role, and its address, if it is in memory. */
export interface UpdateInput {
  readonly role: Role;
  readonly address: number;
}

export class ProductUpdates {
  readonly #memory: Memory;
  readonly #packer: Packer;
  readonly #kernels = new WeakMap<Rules, Map<number, Kernel>>();

  constructor(memory: Memory, packer: Packer) {
    this.#memory = memory;
    this.#packer = packer;
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
    const { address, panelStride, stepStride } = packs ? this.#packer.packPanels(dtype, b, division) : unpacked;
    division.settle();
    const panels = Math.ceil(rowBytes / PANEL);
    const target = inputs.find(({ role }) => role === 'target')!;
    // In parts of whole rows, since processors fetch what comes next in a row, also where it is another's.
    for (const part of division.parts(Math.ceil(a.rows / ROWS), 1)) {
      division.chunk();
      for (const strips of stripsOf(a.rows, packs ? a.columns * bytes : 0, part)) {
        const layout = layoutOf(a, strips, bytes);
        const offset = strips.first * rowBytes;
        runUpdate(division.of(this.#kernelOf(rules, inputs, { rows: strips.rows, contiguous: layout.contiguous })), {
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

  #kernelOf(rules: Rules, inputs: readonly UpdateInput[], strip: Omit<Tile, 'vectors'>): Kernel {
    let kernels = this.#kernels.get(rules);
    if (!kernels) this.#kernels.set(rules, (kernels = new Map()));
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
