/** A formula read with plain numbers, a block of elements at each step. This is the definition of every elementwise operation. */

import { type FloatData, type FloatDtype, newData } from '../base/dtype.ts';
import type { Formula, Operation } from './formula.ts';

/** So many elements take each step together: enough to make the choice of the step cheap, few enough to stay in the cache. */
const BLOCK = 128;

/** What a step of a formula left behind, for a block of elements: as numbers, and as the same in whole words. */
interface Lanes {
  readonly numbers: FloatData;
  readonly words: Int32Array;
}

/** Does one step for `count` elements: `to = operation(a, b, c, d)`. */
type Run = (count: number, start: number, inputs: readonly FloatData[]) => void;

/** Reads a formula: fills `out` with what it makes of its inputs, each as long as `out`, or a single number for all. */
export type Evaluator = (inputs: readonly FloatData[], out: FloatData) => void;

const evaluators = new WeakMap<Formula, Evaluator>();

/** The formula as a function of arrays, one for each input. */
export function evaluatorOf(formula: Formula): Evaluator {
  let evaluator = evaluators.get(formula);
  if (!evaluator) evaluators.set(formula, (evaluator = read(formula)));
  return evaluator;
}

/** What a formula makes of single numbers, in float64: the same bits on every engine, which `Math.cos` and `**` do not have. */
export function numberOf(rule: (dtype: FloatDtype) => Formula, ...xs: readonly number[]): number {
  const out = new Float64Array(1);
  evaluatorOf(rule('float64'))(
    xs.map((x) => Float64Array.of(x)),
    out,
  );
  return out[0]!;
}

function read(formula: Formula): Evaluator {
  const places = new Map<Formula, Lanes>();
  const usual = formula.inOrder();
  const run = inTurn(usual, new Set(usual), places);
  const { numbers } = places.get(formula)!;
  return (inputs, out) => {
    for (let start = 0; start < out.length; start += BLOCK) {
      const count = Math.min(BLOCK, out.length - start);
      run(count, start, inputs);
      for (let i = 0; i < count; i++) out[start + i] = numbers[i]!;
    }
  };
}

/** All parts one after another. */
function inTurn(parts: readonly Formula[], known: ReadonlySet<Formula>, places: Map<Formula, Lanes>): Run {
  const runs = parts.flatMap((part) => runOf(part, known, places) ?? []);
  return (count, start, inputs) => {
    for (const run of runs) run(count, start, inputs);
  };
}

/** What one part does, if anything is to be done: a constant is filled in once. */
function runOf(part: Formula, known: ReadonlySet<Formula>, places: Map<Formula, Lanes>): Run | undefined {
  const { dtype, step, value } = part;
  // An array of the formula's dtype rounds whatever is put into it.
  const numbers = newData(dtype, BLOCK);
  const to: Lanes = { numbers, words: new Int32Array(numbers.buffer, numbers.byteOffset, numbers.byteLength / 4) };
  places.set(part, to);
  if (step === 'constant') {
    numbers.fill(value);
    return undefined;
  }
  if (step === 'input') return (count, start, inputs) => copyIn(inputs[value]!, start, count, numbers);
  const placeOf = (operand: Formula | undefined) => (operand ? places.get(operand) : undefined) ?? to;
  if (step === 'rarely') {
    const [condition, , usual] = part.operands.map(placeOf) as [Lanes, Lanes, Lanes];
    const parts = part.rareIn(known);
    const rare = inTurn(parts, new Set([...known, ...parts]), places);
    const chosen = placeOf(part.operands[1]);
    return (count, start, inputs) => {
      if (isNeeded(condition.numbers, count)) rare(count, start, inputs);
      for (let i = 0; i < count; i++) numbers[i] = condition.numbers[i] !== 0 ? chosen.numbers[i]! : usual.numbers[i]!;
    };
  }
  const [a, b, c, d] = [0, 1, 2, 3].map((operand) => placeOf(part.operands[operand])) as [Lanes, Lanes, Lanes, Lanes];
  return (count) => operate(step, dtype === 'float32', count, to, a, b, c.numbers, d.numbers);
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

/** What each operation means. Its results are rounded to the dtype of the formula as they are stored. */
function operate(
  operation: Exclude<Operation, 'rarely'>,
  single: boolean,
  count: number,
  { numbers: to, words }: Lanes,
  { numbers: a, words: aWords }: Lanes,
  { numbers: b }: Lanes,
  yes: FloatData,
  no: FloatData,
): void {
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
    // A float32 is a sign, 8 bits of exponent and 23 of the mantissa; a float64 has 11 and 20 in its high word, and 32 more in its low.
    case 'powerOfTwo':
      if (single) for (let i = 0; i < count; i++) words[i] = (a[i]! + 127) << 23;
      else
        for (let i = 0; i < count; i++) {
          words[2 * i + HIGH] = (a[i]! + 1023) << 20;
          words[2 * i + 1 - HIGH] = 0;
        }
      break;
    case 'exponent':
      if (single) for (let i = 0; i < count; i++) to[i] = (aWords[i]! >>> 23) - 127;
      else for (let i = 0; i < count; i++) to[i] = (aWords[2 * i + HIGH]! >>> 20) - 1023;
      break;
    case 'mantissa':
      if (single) for (let i = 0; i < count; i++) words[i] = (aWords[i]! & 0x007fffff) | 0x3f800000;
      else
        for (let i = 0; i < count; i++) {
          words[2 * i + HIGH] = (aWords[2 * i + HIGH]! & 0x000fffff) | 0x3ff00000;
          words[2 * i + 1 - HIGH] = aWords[2 * i + 1 - HIGH]!;
        }
      break;
  }
}
