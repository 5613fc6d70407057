/** A formula read as vector instructions: the same steps that `evaluate.ts` defines, several numbers at a time. */

import type { Operation } from '../../formula/expression.ts';
import { type Formula, listOf, type Rules } from '../../formula/formula.ts';
import { advance, assemble, type Code, i32, type Kernel, type Local, repeat, type Scope, when } from './assembler.ts';
import { pairByPair } from './edges.ts';
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
    // All bits of infinity are exponent; 1 has the exponent of every significand.
    significand: (x) => v.or(v.without(x, v.constant(Infinity)), v.constant(1)),
  };
}

/**
 * The local variables that hold a value. A varying value, one element after another along a row, has two, for two neighbouring vectors: engines that
 * know wider vectors make one of both. A uniform value, the same for a whole row, has one.
 */
export type Registers = readonly [Local] | readonly [Local, Local];
export const varying = (scope: Scope): Registers => [scope.vector(), scope.vector()];
export const uniform = (scope: Scope): Registers => [scope.vector()];

/** The variable of a value for the first of two neighbouring vectors, 0, or the second, 1. */
export const registerOf = (registers: Registers, which: number): Local => registers[which] ?? registers[0];
export const NEIGHBOURS = [0, 1] as const;

/** A formula as code. */
interface Translation {
  /** To be run once. */
  readonly constants: Code;
  /** To be run for each row, when the uniform inputs are loaded: what follows from them alone. */
  readonly forRow: Code;
  /** To be run for each pair of vectors, when the varying inputs are loaded. */
  readonly forPair: Code;
  /** Where the results are then. */
  readonly results: readonly Registers[];
}

/** Formulas as code that finds their inputs in these variables. Parts that several of them have are computed once. */
export function translate(formulas: readonly Formula[], v: Lanes, scope: Scope, inputs: readonly Registers[]): Translation {
  const instruction = instructions(v);
  const registers = new Map<Formula, Registers>();
  const [constants, forRow, forPair]: [Code[], Code[], Code[]] = [[], [], []];
  const write = (parts: readonly Formula[], known: ReadonlySet<Formula>, to?: Code[]): void => {
    for (const part of parts) {
      const { step, value, operands } = part;
      if (step === 'input') registers.set(part, inputs[value]!);
      else if (step === 'constant') {
        const own = scope.vector();
        constants.push(own.set(v.constant(value)));
        registers.set(part, [own]);
      } else if (step === 'rarely') {
        const [condition, rare, usual] = operands as readonly [Formula, Formula, Formula];
        const [rareParts, rareCode]: [Formula[], Code[]] = [part.rareIn(known), []];
        write(rareParts, new Set([...known, ...rareParts]), rareCode);
        const from = [condition, rare, usual].map((operand) => registers.get(operand)!) as [Registers, Registers, Registers];
        const [asked, unusual, common] = from;
        const own = registersLike(from, scope);
        const masks = asked.map((register) => v.notEqual(register, v.constant(0)));
        const chosen = own.map((to, i) => to.set(v.select(masks[i] ?? masks[0]!, registerOf(unusual, i), registerOf(common, i))));
        (to ?? (own.length === 1 ? forRow : forPair)).push(
          own.map((to, i) => to.set(registerOf(common, i))),
          when(v.any(masks.reduce(v.or)), [rareCode, chosen]),
        );
        registers.set(part, own);
      } else {
        const from = operands.map((operand) => registers.get(operand)!);
        const own = registersLike(from, scope);
        const code = own.map((to, i) => to.set(instruction[step](...from.map((operand) => registerOf(operand, i)))));
        (to ?? (own.length === 1 ? forRow : forPair)).push(code);
        registers.set(part, own);
      }
    }
  };
  const known = new Set<Formula>();
  for (const formula of formulas) {
    const usual = formula.inOrder(known);
    for (const part of usual) known.add(part);
    write(usual, new Set(known));
  }
  return { constants, forRow, forPair, results: formulas.map((formula) => registers.get(formula)!) };
}

/** What is made of values varies if any of them does. */
const registersLike = (operands: readonly Registers[], scope: Scope): Registers =>
  operands.some((registers) => registers.length === 2) ? varying(scope) : uniform(scope);

/** How many rows a kernel works on, their length in bytes, and the address of the result. */
export interface Rows {
  readonly rows: number;
  readonly rowBytes: number;
  readonly out: number;
}

/** For each input the address of its first row, and the distance of its rows in bytes. */
export interface RowInputs {
  readonly addresses: readonly number[];
  readonly strides: readonly number[];
}

export function runElementwise(run: Kernel, { rows, rowBytes, out }: Rows, { addresses, strides }: RowInputs): void {
  const [a, b, c, d] = addresses;
  // Spreading the addresses would take longer than many a kernel. A kernel ignores what it has no parameter for.
  if (addresses.length <= 4) run(rows, rowBytes, out, a!, strides[0]!, b!, strides[1]!, c!, strides[2]!, d!, strides[3]!);
  else {
    const all = [rows, rowBytes, out];
    for (let i = 0; i < addresses.length; i++) all.push(addresses[i]!, strides[i]!);
    run(...all);
  }
}

/** Runs a kernel on a single row, of which no stride is needed. */
export function runRow(run: Kernel, rowBytes: number, out: number, addresses: readonly number[]): void {
  const [a, b, c, d] = addresses;
  if (addresses.length <= 4) run(1, rowBytes, out, a!, 0, b!, 0, c!, 0, d!, 0);
  else {
    const all = [1, rowBytes, out];
    for (const address of addresses) all.push(address, 0);
    run(...all);
  }
}

/**
 * The kernel of a formula, some of whose inputs are uniform along a row. Of several formulas, the values of each but the first go to where the input of
 * its place was.
 */
export function elementwise(rules: Rules, isUniform: readonly boolean[]): Uint8Array<ArrayBuffer> {
  const formulas = listOf(rules);
  const v = vectors[formulas[0]!.dtype];
  const names = isUniform.flatMap((_, i) => [`row${i}`, `stride${i}`] as const);
  return assemble<'rows' | 'rowBytes' | 'out' | (typeof names)[number]>(['rows', 'rowBytes', 'out', ...names], (parameters, scope) => {
    const { rows, rowBytes, out } = parameters;
    const inputs = isUniform.map((isUniform, i) => ({
      row: parameters[`row${i}`]!,
      stride: parameters[`stride${i}`]!,
      at: scope.integer(),
      registers: isUniform ? uniform(scope) : varying(scope),
    }));
    const [still, moving] = [
      inputs.filter(({ registers }) => registers.length === 1),
      inputs.filter(({ registers }) => registers.length === 2),
    ];
    const { constants, forRow, forPair, results } = translate(
      formulas,
      v,
      scope,
      inputs.map(({ registers }) => registers),
    );
    const rest = scope.integer();
    const at = scope.integer();
    const eachPair = pairByPair(v, scope, rest);
    return [
      constants,
      rest.set(i32.and(rowBytes, i32.constant(31))),
      repeat(rows, [
        still.map(({ registers, row }) => registers[0].set(v.loadSplat(row))),
        forRow,
        moving.map(({ at, row }) => at.set(row)),
        at.set(out),
        eachPair(at, rowBytes, (store) => [
          moving.map(({ registers, at }) => [NEIGHBOURS.map((i) => registerOf(registers, i).set(v.load(at, 16 * i))), advance(at, 32)]),
          forPair,
          results.map((result, which) =>
            store(
              which === 0 ? at : i32.sub(inputs[which]!.at, i32.constant(32)),
              NEIGHBOURS.map((i) => registerOf(result, i)),
            ),
          ),
        ]),
        advance(out, rowBytes),
        inputs.map(({ row, stride }) => advance(row, stride)),
      ]),
    ];
  });
}
