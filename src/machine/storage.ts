/**
 * Where the numbers of a tensor are, if not in an array of its own: the whole protocol.
 *
 * **Two kinds of storage.** Most tensors have none: their numbers are in a JavaScript array that nobody writes to.
 * - `KeptStorage` holds the numbers of a parameter where a machine can change them. A machine with a memory of its own keeps them there, as
 *   long as there is room, so that kernels read and change them without copying; else they are in an array.
 * - `LazyMatmul` holds a product that is not formed yet: the gradient of a weight, as the sweep hands it to an optimizer. Where the
 *   optimizer's step is an update by that product, kernels do both at once and the gradient is never stored. Reading computes the product;
 *   the tensor then holds an array, and the storage is dropped. Products that only the library sees, of a layer before its bias and of the gradients
 *   between two layers in a step, are lazy as well: `map` forms them in scratch space, in one call with the formula that reads them.
 *
 * **Nobody sees the memory.** `read` gives a copy, so an array that a tensor shows never changes, and belongs to that tensor alone.
 *
 * **What may move, and when.** Kept numbers may move to another address, or out of the memory, whenever a machine begins to work, and never
 * while it does (`KeptNumbers.use`). So a machine forms lazy products first, then calls `use` for what it will read, and asks for addresses
 * after that.
 *
 * **Who may write.** Only `Parameter.assign` and `Parameter.update` change numbers in kept storage, and each call counts a version. The
 * factors of a lazy product must not change before it is formed; so they may be neither parameters nor lazy themselves
 * (`tensor/ops/matmul.ts` ensures that), unless it is formed before any parameter changes, as those that only the library sees are.
 *
 * **How long it lasts.** The memory is a cache. Kept numbers leave it when their storage was garbage collected; and because that may be
 * late, or never in a program that does not await, those that were not used for longest leave it for arrays when there are too many.
 */

import { type Data, type FloatData, type FloatDtype, floatDtypeOf, floats } from '../base/dtype.ts';
import type { Shape } from '../base/shape-types.ts';

/** Numbers that are not in an array of their own. */
export interface Storage {
  readonly dtype: FloatDtype;
  /** Whether the numbers are not computed yet. `read` computes them, and the storage is not needed after that. */
  readonly lazy: boolean;
  /** The numbers, in a new array. */
  read(): FloatData;
}

/** As much of a tensor as a machine needs to know. */
export interface Operand {
  readonly sizes: Shape;
  /** The numbers; if there is storage, they are read from it. */
  readonly data: Data;
  /** The same for those who only read them: an array that may share its buffer with others. Default `data`. */
  readonly numbers?: Data;
  readonly storage?: Storage | undefined;
}

/** The numbers of an operand, to be read only. A lazy product is formed. */
export const materialize = (x: Operand): Data => x.numbers ?? x.data;

/** The dtype of an operand that is known to hold floats, without reading its numbers. */
export const floatDtypeOfOperand = (x: Operand): FloatDtype => x.storage?.dtype ?? floatDtypeOf(floats(materialize(x)));

/** Where kept numbers are at present: at an address, or, while they are not in the memory, in an array. */
export interface Place {
  readonly id: number;
  readonly dtype: FloatDtype;
  readonly length: number;
  address: number;
  array: FloatData | undefined;
  /** When they were used last, on the clock of the memory. */
  used: number;
}

/** As much of a memory as kept storage needs: it shows the numbers at an address. */
export interface ViewedMemory {
  view(dtype: FloatDtype, address: number, length: number): FloatData;
}

/** Numbers that a machine may change. */
export class KeptStorage implements Storage {
  readonly lazy = false;
  readonly dtype: FloatDtype;
  // Private, since where the numbers are is no part of a model that somebody compares or prints.
  readonly #place: Place;
  readonly #memory: ViewedMemory | undefined;

  /** @param memory the memory that they may be in; none where they are always in an array */
  constructor(place: Place, memory?: ViewedMemory) {
    this.dtype = place.dtype;
    this.#place = place;
    this.#memory = memory;
  }

  get place(): Place {
    return this.#place;
  }

  get memory(): ViewedMemory | undefined {
    return this.#memory;
  }

  read(): FloatData {
    return this.#present().slice();
  }

  /** Copies as many numbers here. */
  write(numbers: FloatData): void {
    this.#present().set(numbers);
  }

  #present(): FloatData {
    const { array, dtype, address, length } = this.place;
    return array ?? this.#memory!.view(dtype, address, length);
  }
}

/**
 * Products of matrices to be formed. Each is `a b`, with `a : [m, k]` and `b : [k, n]`; a transposed factor is stored as `[k, m]` or
 * `[n, k]`. A factor holds one matrix, or several of them one after another.
 */
export interface MatmulTask {
  readonly a: Operand;
  readonly b: Operand;
  readonly m: number;
  readonly k: number;
  readonly n: number;
  readonly transposeA: boolean;
  readonly transposeB: boolean;
  /** For each matrix of the result: which matrix of `a`, and which of `b`, are its factors. */
  readonly pairs: readonly MatrixPair[];
}

export interface MatrixPair {
  readonly a: number;
  readonly b: number;
}

/** The pair of a product of two single matrices. */
export const SINGLE: readonly MatrixPair[] = [{ a: 0, b: 0 }];

/** A product that is formed when it is read. */
export class LazyMatmul implements Storage {
  readonly lazy = true;

  constructor(
    readonly task: MatmulTask,
    readonly dtype: FloatDtype,
    readonly machine: { matmul(task: MatmulTask): FloatData },
  ) {}

  read(): FloatData {
    return this.machine.matmul(this.task);
  }
}
