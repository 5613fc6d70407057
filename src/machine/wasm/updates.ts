/** Formulas that change kept numbers where they are: parameters, by the steps of optimizers. */

import { bytesIn } from '../../base/dtype.ts';
import { sizeOf } from '../../base/shape.ts';
import type { Shape } from '../../base/shape-types.ts';
import { listOf, type Rules } from '../../formula/formula.ts';
import type { Kept, Matrix } from '../machine.ts';
import { elementwiseParts } from '../parts.ts';
import type { LazyMatmul, Operand, Place } from '../storage.ts';
import type { FormulaRows } from './formula-rows.ts';
import type { Memory } from './memory.ts';
import type { OperandAddresses } from './operand-addresses.ts';
import type { ProductUpdates, UpdateInput } from './product-updates.ts';

/** What updates are made with. */
interface Parts {
  readonly operands: OperandAddresses;
  readonly formulas: FormulaRows;
  readonly products: ProductUpdates;
}

export class Updates {
  readonly #memory: Memory;
  readonly #parts: Parts;
  readonly #most: number;

  /** @param most how many bytes of a target are changed at once */
  constructor(memory: Memory, parts: Parts, most: number) {
    this.#memory = memory;
    this.#parts = parts;
    this.#most = most;
  }

  /** Whether it was possible; else nothing has changed. */
  update(rules: Rules, targets: readonly Kept[], others: readonly Operand[]): boolean {
    const { operands } = this.#parts;
    const inputs = [...targets, ...others];
    const { place } = targets[0]!.storage;
    const product = this.#productAmong(others, place);
    operands.prepare(inputs, product !== undefined);
    // With other inputs, what a row writes beyond its end could be read by the next row.
    if (!targets.every((target) => operands.placeOf(target)) || !allLike(inputs, place.length)) return false;
    if (product) this.#updateByProduct(rules, targets[0]!, inputs, product);
    else this.#updateInPlace(rules, targets[0]!, inputs);
    return true;
  }

  #updateInPlace(rules: Rules, { sizes, storage }: Kept, inputs: readonly Operand[]): void {
    const { address, length, dtype } = storage.place;
    const bytes = bytesIn[dtype];
    const most = this.#most / bytes;
    if (length > most) {
      for (const part of elementwiseParts(sizes, inputs, most)) this.#run(rules, part.shape, part.inputs, address + part.start * bytes);
    } else this.#run(rules, sizes, inputs, address);
  }

  #run(rules: Rules, shape: Shape, inputs: readonly Operand[], out: number): void {
    const mark = this.#memory.mark();
    this.#parts.formulas.run({ rules, shape, inputs, out });
    this.#memory.release(mark);
  }

  /** The product among some operands by which a matrix can be updated without an array for it. */
  #productAmong(others: readonly Operand[], place: Place): Operand | undefined {
    for (const x of others) {
      if (!this.#parts.operands.fitsInScratch(x.storage)) continue;
      const { m, n, pairs } = x.storage.task;
      if (pairs.length === 1 && m * n === place.length) return x;
    }
    return undefined;
  }

  /** By formulas of a kept matrix and of a lazy product, to the same bits as if the product were formed first. */
  #updateByProduct(rules: Rules, target: Kept, inputs: readonly Operand[], product: Operand): void {
    const { operands, products } = this.#parts;
    const { a, b, m, k, n, transposeA, transposeB } = (product.storage as LazyMatmul).task;
    if (transposeB || listOf(rules).length > 2) {
      this.#run(rules, product.sizes, inputs, target.storage.place.address);
      return;
    }
    const mark = this.#memory.mark();
    const left: Matrix = { address: operands.addressOf(a), rows: m, columns: k, transposed: transposeA };
    const right: Matrix = { address: operands.addressOf(b), rows: k, columns: n, transposed: false };
    const roles = inputs.map((x, i): UpdateInput => {
      if (x === product) return { role: 'product', address: 0 };
      const role = i === 0 ? 'target' : sizeOf(x.sizes) === 1 && m * n > 1 ? 'uniform' : 'varying';
      return { role, address: operands.addressOf(x) };
    });
    products.update(rules, roles, left, right);
    this.#memory.release(mark);
  }
}

/** Whether each has so many numbers, or a single one. */
function allLike(inputs: readonly Operand[], length: number): boolean {
  for (const { sizes } of inputs) {
    const size = sizeOf(sizes);
    if (size !== length && size !== 1) return false;
  }
  return true;
}
