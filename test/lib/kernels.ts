/** The kernels beside their definitions, and numbers of every kind to hold both against each other. */

import fc from 'fast-check';
import { type FloatData, type FloatDtype, newData } from '../../src/base/dtype.ts';
import type { Kept, Machine } from '../../src/machine/machine.ts';
import type { MatmulTask, Operand, Storage } from '../../src/machine/storage.ts';
import { WasmMachine } from '../../src/machine/wasm/wasm-machine.ts';
import { anyNumbers } from './samples.ts';

/** The kernels. Their definition is `machine/plain.ts`, and for formulas `formula/evaluate.ts`. */
export const fast = new WasmMachine();

export type Transposition = Pick<MatmulTask, 'transposeA' | 'transposeB'>;

/** A product of matrices in these arrays. */
export function taskOf(
  { m, k, n }: Pick<MatmulTask, 'm' | 'k' | 'n'>,
  { transposeA, transposeB }: Transposition,
  a: FloatData,
  b: FloatData,
): MatmulTask {
  const [left, right] = [
    { sizes: transposeA ? [k, m] : [m, k], data: a },
    { sizes: transposeB ? [n, k] : [k, n], data: b },
  ];
  return { a: left, b: right, m, k, n, transposeA, transposeB, pairs: [{ a: 0, b: 0 }] };
}

/** Numbers in storage, as an operand. */
export const stored = <S extends Storage>(shape: readonly number[], storage: S): Operand & { readonly storage: S } => ({
  sizes: shape,
  storage,
  get data() {
    return storage.read();
  },
});

/** The same numbers in storage that a machine may change. */
export const kept = (on: Machine, x: Operand): Kept => stored(x.sizes, on.keep(x.data as FloatData));

export const transpositions: fc.Arbitrary<Transposition> = fc.record({ transposeA: fc.boolean(), transposeB: fc.boolean() });

/** Sizes of an axis: enough for several vectors of lanes, and a rest. */
export const sizes = (min = 0): fc.Arbitrary<number> => fc.integer({ min, max: 21 });

/** Arrays of a dtype: some numbers of every kind, and an array of any size that repeats them. */
export const arraysOf = (dtype: FloatDtype) => ({
  seeds: fc.array(anyNumbers[dtype], { minLength: 1, maxLength: 50 }),
  dataOf: (size: number, seed: readonly number[]): FloatData => newData(dtype, size).map((_, i) => seed[(i * 7 + (i >> 3)) % seed.length]!),
});
