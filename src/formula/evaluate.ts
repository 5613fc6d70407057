/** A formula read with plain numbers, a block of elements at each step. This is the definition of every elementwise operation. */

import { type FloatData, type FloatDtype, newData } from '../base/dtype.ts';
import type { Operation } from './expression.ts';
import type { Formula } from './formula.ts';

/** How many elements take each step together: enough to make the choice of the step cheap, few enough to stay in the cache. */
const BLOCK = 128;

/** The values of one part of a formula for a block of elements: as numbers, and the same bytes as 32-bit words. */
interface Block {
  readonly numbers: FloatData;
  readonly words: Int32Array;
}

/** Computes the values of one part of a formula for `count` elements of the inputs, from `start` on. */
type Run = (count: number, start: number, inputs: readonly FloatData[]) => void;

/** Evaluates a formula into `out`. Each input is as long as `out`, or a single number for all elements. */
export type Evaluator = (inputs: readonly FloatData[], out: FloatData) => void;

const evaluators = new WeakMap<Formula, Evaluator>();

/** The formula as a function of arrays, one for each input. */
export function evaluatorOf(formula: Formula): Evaluator {
  let evaluator = evaluators.get(formula);
  if (!evaluator) evaluators.set(formula, (evaluator = read(formula)));
  return evaluator;
}

/** The value of a formula for single numbers, in float64: the same bits on every engine, unlike `Math.cos` and `**`. */
export function numberOf(rule: (dtype: FloatDtype) => Formula, ...xs: readonly number[]): number {
  const out = new Float64Array(1);
  evaluatorOf(rule('float64'))(
    xs.map((x) => Float64Array.of(x)),
    out,
  );
  return out[0]!;
}

function read(formula: Formula): Evaluator {
  const blocks = new Map<Formula, Block>();
  const usual = formula.inOrder();
  const run = runAll(usual, new Set(usual), blocks);
  const { numbers } = blocks.get(formula)!;
  return (inputs, out) => {
    for (let start = 0; start < out.length; start += BLOCK) {
      const count = Math.min(BLOCK, out.length - start);
      run(count, start, inputs);
      for (let i = 0; i < count; i++) out[start + i] = numbers[i]!;
    }
  };
}

/** All parts one after another. */
function runAll(parts: readonly Formula[], known: ReadonlySet<Formula>, blocks: Map<Formula, Block>): Run {
  const runs = parts.flatMap((part) => runOf(part, known, blocks) ?? []);
  return (count, start, inputs) => {
    for (const run of runs) run(count, start, inputs);
  };
}

/** How one part is computed; `undefined` for a constant, which is filled in once. */
function runOf(part: Formula, known: ReadonlySet<Formula>, blocks: Map<Formula, Block>): Run | undefined {
  const { dtype, step, value } = part;
  // An array of the formula's dtype rounds whatever is put into it.
  const numbers = newData(dtype, BLOCK);
  const to: Block = { numbers, words: new Int32Array(numbers.buffer, numbers.byteOffset, numbers.byteLength / 4) };
  blocks.set(part, to);
  if (step === 'constant') {
    numbers.fill(value);
    return undefined;
  }
  if (step === 'input') return (count, start, inputs) => copyIn(inputs[value]!, start, count, numbers);
  const blockOf = (operand: Formula | undefined) => (operand ? blocks.get(operand) : undefined) ?? to;
  if (step === 'rarely') {
    const [condition, , usual] = part.operands.map(blockOf) as [Block, Block, Block];
    const parts = part.rareIn(known);
    const rare = runAll(parts, new Set([...known, ...parts]), blocks);
    const chosen = blockOf(part.operands[1]);
    return (count, start, inputs) => {
      if (isNeeded(condition.numbers, count)) rare(count, start, inputs);
      for (let i = 0; i < count; i++) numbers[i] = condition.numbers[i] !== 0 ? chosen.numbers[i]! : usual.numbers[i]!;
    };
  }
  const [a, b, c, d] = [0, 1, 2, 3].map((operand) => blockOf(part.operands[operand])) as [Block, Block, Block, Block];
  const operands: Operands = { single: dtype === 'float32', to, a, b, c, d };
  return (count) => operate(step, count, operands);
}

function copyIn(input: FloatData, start: number, count: number, to: FloatData): void {
  if (input.length === 1) to.fill(input[0]!, 0, count);
  else for (let i = 0; i < count; i++) to[i] = input[start + i]!;
}

function isNeeded(condition: FloatData, count: number): boolean {
  for (let i = 0; i < count; i++) if (condition[i] !== 0) return true;
  return false;
}

/** Where the high word of a float64 lies among its two. */
const HIGH: number = /* @__PURE__ */ (() => new Uint8Array(Int32Array.of(1).buffer)[0]!)();

/** The blocks that an operation reads and writes; those that it does not read are any. */
interface Operands {
  readonly single: boolean;
  readonly to: Block;
  readonly a: Block;
  readonly b: Block;
  readonly c: Block;
  readonly d: Block;
}

/** What each operation means. Its results are rounded to the dtype of the formula as they are stored. */
function operate(operation: Exclude<Operation, 'rarely'>, count: number, operands: Operands): void {
  const { single } = operands;
  const { numbers: to, words } = operands.to;
  const { numbers: a, words: aWords } = operands.a;
  const { numbers: b } = operands.b;
  const { numbers: yes } = operands.c;
  const { numbers: no } = operands.d;
  switch (operation) {
    case 'add':
      for (let i = 0; i < count; i++) to[i] = a[i]! + b[i]!;
      break;
    case 'sub':
      for (let i = 0; i < count; i++) to[i] = a[i]! - b[i]!;
      break;
    case 'mul':
      for (let i = 0; i < count; i++) to[i] = a[i]! * b[i]!;
      break;
    case 'div':
      for (let i = 0; i < count; i++) to[i] = a[i]! / b[i]!;
      break;
    case 'neg':
      for (let i = 0; i < count; i++) to[i] = -a[i]!;
      break;
    case 'abs':
      for (let i = 0; i < count; i++) to[i] = Math.abs(a[i]!);
      break;
    case 'sqrt':
      for (let i = 0; i < count; i++) to[i] = Math.sqrt(a[i]!);
      break;
    case 'floor':
      for (let i = 0; i < count; i++) to[i] = Math.floor(a[i]!);
      break;
    case 'atMost':
      for (let i = 0; i < count; i++) to[i] = b[i]! < a[i]! ? b[i]! : a[i]!;
      break;
    case 'atLeast':
      for (let i = 0; i < count; i++) to[i] = a[i]! < b[i]! ? b[i]! : a[i]!;
      break;
    case 'whereLess':
      for (let i = 0; i < count; i++) to[i] = a[i]! < b[i]! ? yes[i]! : no[i]!;
      break;
    case 'whereEqual':
      for (let i = 0; i < count; i++) to[i] = a[i]! === b[i]! ? yes[i]! : no[i]!;
      break;
    // A float32 is a sign, 8 bits of exponent and 23 of significand; a float64 has 11 and 20 in its high word, and 32 more in its low.
    case 'powerOfTwo':
      if (single) for (let i = 0; i < count; i++) words[i] = (a[i]! + 127) << 23;
      else
        for (let i = 0; i < count; i++) {
          words[2 * i + HIGH] = (a[i]! + 1023) << 20;
          words[2 * i + 1 - HIGH] = 0;
        }
      break;
    case 'ilogb':
      if (single) for (let i = 0; i < count; i++) to[i] = (aWords[i]! >>> 23) - 127;
      else for (let i = 0; i < count; i++) to[i] = (aWords[2 * i + HIGH]! >>> 20) - 1023;
      break;
    case 'significand':
      if (single) for (let i = 0; i < count; i++) words[i] = (aWords[i]! & 0x007fffff) | 0x3f800000;
      else
        for (let i = 0; i < count; i++) {
          words[2 * i + HIGH] = (aWords[2 * i + HIGH]! & 0x000fffff) | 0x3ff00000;
          words[2 * i + 1 - HIGH] = aWords[2 * i + 1 - HIGH]!;
        }
      break;
  }
}
