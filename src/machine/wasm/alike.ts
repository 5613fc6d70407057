/** Inputs of a formula that are all in arrays, each as long as the result or a single number: for these hardly anything has to be found out. */

import { type FloatData, type FloatDtype, floats, newData } from '../../base/dtype.ts';
import type { Formula } from '../../formula/formula.ts';
import type { Operand } from '../storage.ts';
import type { Kernel } from './assembler.ts';
import type { Memory } from './memory.ts';

/** More inputs, or more numbers, are not worth a way of their own. */
const INPUTS = 3;

/** The numbers of an operand that are in an array. */
const numbersOf = (x: Operand): FloatData => floats(x.numbers ?? x.data);

/**
 * Which inputs are single numbers, as the bits of a number, the first input's the highest; −1 where an input is kept, lazy or broadcast otherwise, and where
 * there are many.
 */
export function singleAmong(inputs: readonly Operand[], size: number): number {
  const { length } = inputs;
  if (length > INPUTS) return -1;
  let single = 0;
  for (let i = 0; i < length; i++) {
    const x = inputs[i]!;
    if (x.storage !== undefined) return -1;
    const count = numbersOf(x).length;
    if (count === size) single = 2 * single;
    else if (count === 1) single = 2 * single + 1;
    else return -1;
  }
  return single;
}

/** Runs the kernel of a formula on such inputs. */
export function mapAlike(memory: Memory, run: Kernel, dtype: FloatDtype, size: number, inputs: readonly Operand[]): FloatData {
  const mark = memory.mark();
  const bytes = size * (dtype === 'float32' ? 4 : 8);
  const a = memory.copyIn(numbersOf(inputs[0]!));
  const b = inputs.length > 1 ? memory.copyIn(numbersOf(inputs[1]!)) : 0;
  const c = inputs.length > 2 ? memory.copyIn(numbersOf(inputs[2]!)) : 0;
  const out = memory.allocate(bytes);
  run(1, bytes, out, a, 0, b, 0, c, 0);
  return memory.copyOut(dtype, out, size, mark);
}

/** So few numbers are computed sooner than they are copied to where kernels find them. */
const FEW = 32;

/** The value of a formula that is one step of such inputs, of few numbers, as `evaluate.ts` defines it; `undefined` for any other. */
export function oneStep({ dtype, step, operands }: Formula, size: number, inputs: readonly Operand[]): FloatData | undefined {
  const [left, right] = operands;
  if (size > FEW || right === undefined || inputs.length !== 2 || left!.step !== 'input' || right.step !== 'input') return undefined;
  const a = numbersOf(inputs[left!.value]!);
  const b = numbersOf(inputs[right.value]!);
  const [nextA, nextB] = [a.length === 1 ? 0 : 1, b.length === 1 ? 0 : 1];
  // An array of the formula's dtype rounds whatever is put into it.
  const out = newData(dtype, size);
  if (step === 'mul') for (let i = 0; i < size; i++) out[i] = a[i * nextA]! * b[i * nextB]!;
  else if (step === 'add') for (let i = 0; i < size; i++) out[i] = a[i * nextA]! + b[i * nextB]!;
  else if (step === 'sub') for (let i = 0; i < size; i++) out[i] = a[i * nextA]! - b[i * nextB]!;
  else return undefined;
  return out;
}
