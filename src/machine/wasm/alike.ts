/**
 * Formulas whose inputs are all in arrays, each as long as the result or a single number. For these hardly anything has to be found out, and where
 * numbers are few that takes longer than the arithmetic.
 */

import { bytesIn, type FloatData, type FloatDtype, floats, newData } from '../../base/dtype.ts';
import type { Formula } from '../../formula/formula.ts';
import type { Operand } from '../storage.ts';
import type { Kernel } from './assembler.ts';
import type { Memory } from './memory.ts';

/** More inputs are not worth a way of their own. */
const INPUTS = 4;

/** So few numbers are computed sooner than they are copied to where kernels find them. */
const FEW = 32;

/** The numbers of an operand that are in an array. */
const numbersOf = (x: Operand): FloatData => floats(x.numbers ?? x.data);

/**
 * Which inputs are single numbers, as the bits of a number, the highest for the first; −1 where one is in storage or is broadcast otherwise, and where
 * there are none or many.
 */
export function singleAmong(inputs: readonly Operand[], size: number): number {
  const { length } = inputs;
  if (length === 0 || length > INPUTS) return -1;
  let single = 0;
  for (let i = 0; i < length; i++) {
    const x = inputs[i]!;
    if (x.storage !== undefined) return -1;
    const count = numbersOf(x).length;
    if (count !== size && count !== 1) return -1;
    single = 2 * single + (count === size ? 0 : 1);
  }
  return single;
}

/** Inputs of a kernel, each of which has `size` numbers or one, as its result has. */
interface Alike {
  readonly dtype: FloatDtype;
  readonly size: number;
  readonly inputs: readonly Operand[];
}

/** Runs a kernel on such inputs. */
export function runAlike(memory: Memory, run: Kernel, { dtype, size, inputs }: Alike): FloatData {
  const bytes = size * bytesIn[dtype];
  const mark = memory.mark();
  const addressOf = (i: number) => (i < inputs.length ? memory.copyIn(numbersOf(inputs[i]!)) : 0);
  const [a, b, c, d] = [addressOf(0), addressOf(1), addressOf(2), addressOf(3)];
  const out = memory.allocate(bytes);
  // One row, of which no stride is needed. A kernel ignores what it has no parameter for.
  run(1, bytes, out, a, 0, b, 0, c, 0, d, 0);
  return memory.copyOut(dtype, out, size, mark);
}

/** A formula that is one step of two such inputs, of few numbers, as `evaluate.ts` defines it; `undefined` for any other. */
export function oneStep({ dtype, step, operands }: Formula, size: number, inputs: readonly Operand[]): FloatData | undefined {
  const [left, right] = operands;
  if (size > FEW || operands.length !== 2 || left!.step !== 'input' || right!.step !== 'input') return undefined;
  const [a, b] = [numbersOf(inputs[left!.value]!), numbersOf(inputs[right!.value]!)];
  const [nextA, nextB] = [a.length === 1 ? 0 : 1, b.length === 1 ? 0 : 1];
  // An array of the formula's dtype rounds whatever is put into it.
  const out = newData(dtype, size);
  if (step === 'mul') for (let i = 0; i < size; i++) out[i] = a[i * nextA]! * b[i * nextB]!;
  else if (step === 'add') for (let i = 0; i < size; i++) out[i] = a[i * nextA]! + b[i * nextB]!;
  else if (step === 'sub') for (let i = 0; i < size; i++) out[i] = a[i * nextA]! - b[i * nextB]!;
  else return undefined;
  return out;
}
