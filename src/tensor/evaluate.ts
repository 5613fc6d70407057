/** A formula read with plain numbers. This is the definition of every elementwise operation. */

import { newData } from './dtype.ts';
import type { Formula, Operation } from './formula.ts';

/** What each operation means. Its result is then rounded to the dtype of the formula. */
function operate(operation: Operation, a: number, b: number, yes: number, no: number): number {
  switch (operation) {
    case 'add':
      return a + b;
    case 'sub':
      return a - b;
    case 'mul':
      return a * b;
    case 'div':
      return a / b;
    case 'neg':
      return -a;
    case 'abs':
      return Math.abs(a);
    case 'sqrt':
      return Math.sqrt(a);
    case 'floor':
      return Math.floor(a);
    case 'atMost':
      return b < a ? b : a;
    case 'atLeast':
      return a < b ? b : a;
    case 'whereLess':
      return a < b ? yes : no;
    case 'whereEqual':
      return a === b ? yes : no;
    case 'rarely':
      return a !== 0 ? b : yes;
    case 'powerOfTwo':
      return join((a + 1023) << 20, 0);
    case 'exponent':
      return (highWord(a) >>> 20) - 1023;
    case 'mantissa':
      return join((highWord(a) & 0x000fffff) | 0x3ff00000, lowWord(a));
  }
}

/** The formula as a function of plain numbers, one for each input. */
export function evaluator(formula: Formula): (inputs: ArrayLike<number>) => number {
  const parts = formula.inOrder();
  // An array of the formula's dtype rounds whatever is put into it.
  const values = newData(formula.dtype, parts.length);
  const places = parts.map(({ step, operands, value }, place) => {
    const [a = 0, b = 0, c = 0, d = 0] = operands.map((operand) => parts.indexOf(operand));
    return { step, value, place, a, b, c, d };
  });
  return (inputs) => {
    for (let place = 0; place < places.length; place++) {
      const { step, value, a, b, c, d } = places[place]!;
      values[place] =
        step === 'input' ? inputs[value]! : step === 'constant' ? value : operate(step, values[a]!, values[b]!, values[c]!, values[d]!);
    }
    return values[parts.length - 1]!;
  };
}

// A double as bits: sign, 11 bits of exponent and 20 of the mantissa in the high word, the other 32 in the low.
const bits = new DataView(new ArrayBuffer(8));

function join(highWord: number, lowWord: number): number {
  bits.setInt32(0, highWord);
  bits.setInt32(4, lowWord);
  return bits.getFloat64(0);
}

function highWord(x: number): number {
  bits.setFloat64(0, x);
  return bits.getInt32(0);
}

function lowWord(x: number): number {
  bits.setFloat64(0, x);
  return bits.getInt32(4);
}
