/** Where the numbers of operands are while kernels work: where they are kept, or else in scratch space, copied or multiplied there. */

import { bytesIn, type FloatDtype, floats } from '../../base/dtype.ts';
import { sizeOf } from '../../base/shape.ts';
import { MATMUL_PART } from '../machine.ts';
import { KeptStorage, LazyMatmul, type MatmulTask, materialize, type Operand, type Place, type Storage } from '../storage.ts';
import type { Division } from './division.ts';
import type { KeptNumbers } from './kept.ts';
import type { Matmul } from './matmul.ts';
import type { Memory } from './memory.ts';

/** From so many products on, these are divided among threads, and not each of them. */
const MANY_PAIRS = 8;

export class OperandAddresses {
  readonly #memory: Memory;
  readonly #kept: KeptNumbers;
  readonly #matmul: Matmul;
  readonly #most: number;

  /** @param most how many bytes a product may have that is formed in scratch space, with its factors */
  constructor(memory: Memory, kept: KeptNumbers, matmul: Matmul, most: number) {
    this.#memory = memory;
    this.#kept = kept;
    this.#matmul = matmul;
    this.#most = most;
  }

  /**
   * Forms what is lazy, and makes what is kept ready for being read or changed: after that it stays where it is.
   * @param inScratch whether products may be formed in scratch space alone, by `addressOf`, where they are not too large for that
   */
  prepare(inputs: readonly Operand[], inScratch = false): void {
    let stored = false;
    for (const x of inputs) {
      if (x.storage === undefined) continue;
      if (x.storage.lazy && !(inScratch && this.fitsInScratch(x.storage))) materialize(x);
      stored = true;
    }
    if (stored) for (const x of inputs) this.#use(x);
  }

  #use({ storage }: Operand): void {
    if (storage instanceof LazyMatmul) {
      this.#use(storage.task.a);
      this.#use(storage.task.b);
    } else if (storage instanceof KeptStorage && storage.memory === this.#memory) this.#kept.use(storage.place);
  }

  /** Whether numbers are a product that `addressOf` forms in scratch space. */
  fitsInScratch(storage: Storage | undefined): storage is LazyMatmul {
    if (!(storage instanceof LazyMatmul)) return false;
    const { task, dtype } = storage;
    return task.k > 0 && task.k <= MATMUL_PART && numbersIn(task) * bytesIn[dtype] <= this.#most;
  }

  /** Where this machine has numbers in its memory. */
  placeOf({ storage }: Operand): Place | undefined {
    return storage instanceof KeptStorage && storage.memory === this.#memory && !storage.place.array ? storage.place : undefined;
  }

  /** The address of numbers: where they are kept, or else of a copy in scratch space. A lazy product is computed there. */
  addressOf(x: Operand): number {
    const { storage } = x;
    if (storage === undefined) return this.#memory.copyIn(floats(materialize(x)));
    if (this.fitsInScratch(storage)) return this.multiply(storage.task, storage.dtype);
    return this.placeOf(x)?.address ?? this.#memory.copyIn(floats(materialize(x)));
  }

  // An array of the right length: one that grows takes room for seventeen.
  addressesOf(inputs: readonly Operand[]): readonly number[] {
    const addresses = new Array<number>(inputs.length);
    for (let i = 0; i < inputs.length; i++) addresses[i] = this.addressOf(inputs[i]!);
    return addresses;
  }

  /** The address of products in scratch space. */
  multiply({ a, b, m, k, n, transposeA, transposeB, pairs }: MatmulTask, dtype: FloatDtype): number {
    const bytes = bytesIn[dtype];
    const [startA, startB] = [this.addressOf(a), this.addressOf(b)];
    const out = this.#memory.allocate(pairs.length * m * n * bytes);
    const multiply = (i: number, division?: Division) => {
      const pair = pairs[i]!;
      const left = { address: startA + pair.a * m * k * bytes, rows: m, columns: k, transposed: transposeA };
      const right = { address: startB + pair.b * k * n * bytes, rows: k, columns: n, transposed: transposeB };
      this.#matmul.multiply(dtype, left, right, out + i * m * n * bytes, division);
    };
    const { team } = this.#memory;
    if (team && pairs.length >= MANY_PAIRS) team.each(pairs.length, 2 * m * k * n, multiply);
    else for (let i = 0; i < pairs.length; i++) multiply(i);
    return out;
  }
}

/** How many numbers a product reads and makes. */
export const numbersIn = ({ a, b, m, n, pairs }: MatmulTask): number => sizeOf(a.sizes) + sizeOf(b.sizes) + pairs.length * m * n;
