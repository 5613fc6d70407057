/** A formula read as vector instructions: the same steps that `evaluate.ts` defines, several numbers at a time. */

import type { Operation } from '../../formula/expression.ts';
import type { Formula } from '../../formula/formula.ts';
import { advance, assemble, type Code, i32, type Local, repeat, repeatWhile, type Scope, when } from './assembler.ts';
import { type Lanes, vectors } from './lanes.ts';

type Instructions = { readonly [step in Exclude<Operation, 'rarely'>]: (...operands: Code[]) => Code };

/** What each operation becomes: mostly the instruction of the same name. */
function instructions(v: Lanes): Instructions {
  const [mantissaBits, bias] = v.bytes === 4 ? [23, 127] : [52, 1023];
  // Added to a whole number, this leaves in its lowest bits the biased exponent of that power of two.
  const shift = v.constant(2 ** mantissaBits + bias);
  return {
    ...v,
    whereLess: (a, b, yes, no) => v.select(v.less(a, b), yes, no),
    whereEqual: (a, b, yes, no) => v.select(v.equal(a, b), yes, no),
    powerOfTwo: (n) => v.shiftLeft(v.add(n, shift), mantissaBits),
    ilogb: (x) => v.sub(v.or(v.shiftRight(x, mantissaBits), v.constant(2 ** mantissaBits)), shift),
    // All bits of infinity are exponent; 1 has the exponent of every mantissa.
    significand: (x) => v.or(v.without(x, v.constant(Infinity)), v.constant(1)),
  };
}

/**
 * Where a value is. One that flows along a row takes two places, for two neighbouring vectors: engines that know wider vectors
 * make one of both. One that stays the same along a row takes a single place.
 */
export type Places = readonly [Local] | readonly [Local, Local];
export const flowing = (scope: Scope): Places => [scope.vector(), scope.vector()];
export const staying = (scope: Scope): Places => [scope.vector()];

/** The place of a value for the first of two neighbouring vectors, 0, or the second, 1. */
export const placeOf = (places: Places, which: number): Local => places[which] ?? places[0];
export const NEIGHBOURS = [0, 1] as const;

/** A formula as code. */
interface Translation {
  /** To be run once. */
  readonly constants: Code;
  /** To be run for each row, when what stays is in place: what follows from that alone. */
  readonly forRow: Code;
  /** To be run for each pair of vectors, when what flows is in place. */
  readonly forPair: Code;
  /** Where the result is then. */
  readonly result: Places;
}

/** A formula as code that works on inputs in these places. */
export function translate(formula: Formula, v: Lanes, scope: Scope, inputs: readonly Places[]): Translation {
  const instruction = instructions(v);
  const places = new Map<Formula, Places>();
  const [constants, forRow, forPair]: [Code[], Code[], Code[]] = [[], [], []];
  const write = (parts: readonly Formula[], known: ReadonlySet<Formula>, to?: Code[]): void => {
    for (const part of parts) {
      const { step, value, operands } = part;
      if (step === 'input') places.set(part, inputs[value]!);
      else if (step === 'constant') {
        const place = scope.vector();
        constants.push(place.set(v.constant(value)));
        places.set(part, [place]);
      } else if (step === 'rarely') {
        const [condition, rare, usual] = operands as readonly [Formula, Formula, Formula];
        const [rareParts, rareCode]: [Formula[], Code[]] = [part.rareIn(known), []];
        write(rareParts, new Set([...known, ...rareParts]), rareCode);
        const [asked, unusual, common] = [condition, rare, usual].map((operand) => places.get(operand)!) as [Places, Places, Places];
        const own = placesLike([asked, unusual, common], scope);
        const masks = asked.map((place) => v.notEqual(place, v.constant(0)));
        const chosen = own.map((place, i) => place.set(v.select(masks[i] ?? masks[0]!, placeOf(unusual, i), placeOf(common, i))));
        (to ?? (own.length === 1 ? forRow : forPair)).push(
          own.map((place, i) => place.set(placeOf(common, i))),
          when(v.any(masks.reduce(v.or)), [rareCode, chosen]),
        );
        places.set(part, own);
      } else {
        const from = operands.map((operand) => places.get(operand)!);
        const own = placesLike(from, scope);
        const code = own.map((place, i) => place.set(instruction[step](...from.map((operand) => placeOf(operand, i)))));
        (to ?? (own.length === 1 ? forRow : forPair)).push(code);
        places.set(part, own);
      }
    }
  };
  const usual = formula.inOrder();
  write(usual, new Set(usual));
  return { constants, forRow, forPair, result: places.get(formula)! };
}

/** What is made of values flows if any of them does. */
const placesLike = (operands: readonly Places[], scope: Scope): Places =>
  operands.some((places) => places.length === 2) ? flowing(scope) : staying(scope);

/**
 * The kernel of a formula: `run(rows, rowBytes, out, a, aStride, b, bStride, …)`, addresses and distances in bytes.
 * Along a row an input flows, one element after another, or stays, one element for the whole row.
 *
 * The last pair of vectors of a row may hang over its end. What it spoils is the next row's to write, or nobody's.
 */
export function elementwise(formula: Formula, stays: readonly boolean[]): Uint8Array<ArrayBuffer> {
  const v = vectors[formula.dtype];
  return assemble(3 + 2 * stays.length, (scope, rows, rowBytes, out, ...parameters) => {
    const inputs = stays.map((stays, i) => ({
      row: parameters[2 * i]!,
      stride: parameters[2 * i + 1]!,
      at: scope.integer(),
      places: stays ? staying(scope) : flowing(scope),
    }));
    const [still, moving] = [inputs.filter(({ places }) => places.length === 1), inputs.filter(({ places }) => places.length === 2)];
    const { constants, forRow, forPair, result } = translate(
      formula,
      v,
      scope,
      inputs.map(({ places }) => places),
    );
    const [at, end] = [scope.integer(), scope.integer()];
    return [
      constants,
      repeat(rows, [
        still.map(({ places, row }) => places[0].set(v.loadSplat(row))),
        forRow,
        moving.map(({ at, row }) => at.set(row)),
        at.set(out),
        end.set(i32.add(out, rowBytes)),
        repeatWhile(i32.less(at, end), [
          moving.map(({ places, at }) => [NEIGHBOURS.map((i) => placeOf(places, i).set(v.load(at, 16 * i))), advance(at, 32)]),
          forPair,
          NEIGHBOURS.map((i) => v.store(at, placeOf(result, i), 16 * i)),
          advance(at, 32),
        ]),
        advance(out, rowBytes),
        inputs.map(({ row, stride }) => advance(row, stride)),
      ]),
    ];
  });
}
