/** A formula read as vector instructions: the same steps that `evaluate.ts` defines, several numbers at a time. */

import type { Formula, Operation } from '../formula.ts';
import { advance, assemble, type Code, i32, type Local, repeat, repeatWhile, type Scope } from './assembler.ts';
import { type Lanes, vectors } from './lanes.ts';

type Instructions = { readonly [step in Operation]: (...operands: Code[]) => Code };

/** What each operation becomes: mostly the instruction of the same name. */
function instructions(v: Lanes): Instructions {
  const [mantissaBits, bias] = v.bytes === 4 ? [23, 127] : [52, 1023];
  // Added to a whole number, this leaves in its lowest bits the biased exponent of that power of two.
  const shift = v.constant(2 ** mantissaBits + bias);
  return {
    ...v,
    whereLess: (a, b, yes, no) => v.select(v.less(a, b), yes, no),
    whereEqual: (a, b, yes, no) => v.select(v.equal(a, b), yes, no),
    rarely: (condition, rare, usual) => v.select(v.equal(condition, v.constant(0)), usual, rare),
    powerOfTwo: (n) => v.shiftLeft(v.add(n, shift), mantissaBits),
    exponent: (x) => v.sub(v.or(v.shiftRight(x, mantissaBits), v.constant(2 ** mantissaBits)), shift),
    // All bits of infinity are exponent; 1 has the exponent of every mantissa.
    mantissa: (x) => v.or(v.without(x, v.constant(Infinity)), v.constant(1)),
  };
}

/**
 * The kernel of a formula: `run(rows, rowBytes, out, a, aStride, b, bStride, …)`, addresses and distances in bytes.
 * Along a row an input flows, one element after another, or stays, one element for the whole row.
 *
 * The last vector of a row may hang over its end. What it spoils is the next row's to write, or nobody's.
 */
export function elementwise(formula: Formula, stays: readonly boolean[]): Uint8Array<ArrayBuffer> {
  const v = vectors[formula.dtype];
  return assemble(3 + 2 * stays.length, (scope, rows, rowBytes, out, ...places) => {
    const inputs = stays.map((stays, i) => ({
      stays,
      row: places[2 * i]!,
      stride: places[2 * i + 1]!,
      at: scope.integer(),
      value: scope.vector(),
    }));
    const [staying, flowing] = [inputs.filter(({ stays }) => stays), inputs.filter(({ stays }) => !stays)];
    const { constants, steps, result } = read(
      formula,
      v,
      scope,
      inputs.map(({ value }) => value),
    );
    const [at, end] = [scope.integer(), scope.integer()];
    return [
      constants,
      repeat(rows, [
        staying.map(({ value, row }) => value.set(v.loadSplat(row))),
        flowing.map(({ at, row }) => at.set(row)),
        at.set(out),
        end.set(i32.add(out, rowBytes)),
        repeatWhile(i32.less(at, end), [
          flowing.map(({ value, at }) => [value.set(v.load(at)), advance(at, 16)]),
          steps,
          v.store(at, result),
          advance(at, 16),
        ]),
        advance(out, rowBytes),
        inputs.map(({ row, stride }) => advance(row, stride)),
      ]),
    ];
  });
}

/** The constants of a formula, to be set once; its operations, an instruction or few each; and where they leave the result. */
function read(formula: Formula, v: Lanes, scope: Scope, inputs: readonly Local[]): { constants: Code; steps: Code; result: Code } {
  const instruction = instructions(v);
  const places = new Map<Formula, Local>();
  const constants: Code[] = [];
  const steps: Code[] = [];
  for (const part of formula.inOrder()) {
    const { step, operands, value } = part;
    const place = step === 'input' ? inputs[value]! : scope.vector();
    if (step === 'constant') constants.push(place.set(v.constant(value)));
    else if (step !== 'input') steps.push(place.set(instruction[step](...operands.map((operand) => places.get(operand)!))));
    places.set(part, place);
  }
  return { constants, steps, result: places.get(formula)! };
}
