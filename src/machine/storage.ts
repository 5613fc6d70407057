/**
 * Where the numbers of a tensor are, if not in an array of its own: the whole protocol.
 *
 * **Two kinds of storage.** Most tensors have none: their numbers are in a JavaScript array that nobody writes to.
 * - `KeptStorage` holds the numbers of a parameter in the memory of a machine, at one address for life, so that kernels read and change
 *   them there without copying. The array that a parameter shows as `data` is a view of that memory.
 * - `LazyMatmul` holds a product that is not formed yet: the gradient of a weight, as the sweep hands it to an optimizer. Where the
 *   optimizer's step is an update by that product, kernels do both at once and the gradient is never stored. Reading computes the product;
 *   the tensor then holds an array, and the storage is dropped.
 *
 * **What may move, and when.** Addresses never change. But when the memory grows, all views of it are detached and have length 0. It may
 * grow whenever a machine works: in `map`, `update`, `sum`, `extreme`, `matmul` and `keep`, hence in `read()` of a lazy product. So no view
 * is held across such a call: whoever needs several inputs calls `materialize` for all of them first and reads `data` after that, as
 * `perform` does. A tensor sees by its length that its view was detached, and reads its storage again.
 *
 * **Who may write.** Only `Parameter.assign` and `Parameter.update` change numbers in kept storage, and each call counts a version. The
 * factors of a lazy product must not change before it is formed; so they may be neither parameters nor lazy themselves
 * (`tensor/ops/matmul.ts` ensures that).
 *
 * **How long it lasts.** The memory of kept storage is freed after the storage was garbage collected. A view keeps its storage alive, so a
 * view never shows memory that was given to another parameter.
 */

import type { Data, FloatData, FloatDtype } from '../base/dtype.ts';
import type { Shape } from '../base/shape-types.ts';

/** Numbers that are not in an array of their own. */
export interface Storage {
  readonly dtype: FloatDtype;
  /** Whether the numbers are not computed yet. `read` computes them, and the storage is not needed after that. */
  readonly lazy: boolean;
  /** The numbers as an array. This may grow the memory, which detaches all views taken before. */
  read(): FloatData;
}

/** As much of a tensor as a machine needs to know. */
export interface Operand {
  readonly shape: Shape;
  /** The numbers; if there is storage, they are read from it. */
  readonly data: Data;
  readonly storage?: Storage | undefined;
}

/**
 * Makes sure that reading `x.data` afterwards neither computes anything nor moves the memory, and returns that array: a lazy product is
 * formed, and numbers whose view was detached are viewed anew.
 */
export const materialize = (x: Operand): Data => x.data;

/** As much of a memory as kept storage needs: it shows the numbers at an address. */
export interface ViewedMemory {
  view(dtype: FloatDtype, address: number, length: number): FloatData;
}

/** Numbers that stay at one address in the memory of a machine until they are garbage. */
export class KeptStorage implements Storage {
  readonly lazy = false;

  constructor(
    readonly memory: ViewedMemory,
    readonly address: number,
    readonly dtype: FloatDtype,
    readonly length: number,
  ) {}

  read(): FloatData {
    const view = this.memory.view(this.dtype, this.address, this.length);
    storageOf.set(view, this);
    return view;
  }
}

/** The storage of each view: as long as a view is held, so is its storage, and its memory is not freed. */
const storageOf = new WeakMap<FloatData, KeptStorage>();

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
