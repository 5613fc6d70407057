/**
 * Formulas read a third time, after numbers and vector instructions: as nodes of ONNX. So every elementwise operation can be exported, a
 * user's own too.
 *
 * What is the formula of an elementary function becomes the operation of that name; all else is written step by step.
 */

import { ValueError } from '../../base/errors.ts';
import type { Formula } from '../../formula/formula.ts';
import type { Graph } from './graph-builder.ts';
import { type Elementary, elementary } from './known-functions.ts';
import { KINDS } from './model-message.ts';
import type { Size } from './sizes.ts';

/** The steps that one operation of ONNX computes. */
const OPERATIONS = {
  add: 'Add',
  sub: 'Sub',
  mul: 'Mul',
  div: 'Div',
  neg: 'Neg',
  abs: 'Abs',
  sqrt: 'Sqrt',
  floor: 'Floor',
  atMost: 'Min',
  atLeast: 'Max',
} as const;

/** A part of a formula that is one of a function, and what it is a function of. */
interface Application {
  readonly by: Elementary['by'];
  readonly operands: readonly Formula[];
}

/** Writes a formula of inputs that have names, whose result has a last axis of some width. */
export const readFormula = (graph: Graph, whole: Formula, inputs: readonly string[], width: Size | undefined): string =>
  new Reader(graph, inputs, width).read(whole);

/** The inputs that a formula makes use of, by their positions. */
export const inputsOf = (whole: Formula): ReadonlySet<number> =>
  new Set(
    operandsFirst([whole], ({ operands }) => operands)
      .filter(({ step }) => step === 'input')
      .map(({ value }) => value),
  );

class Reader {
  /** A number for each part; equal parts have the same. */
  readonly #ids = new Map<Formula, number>();
  readonly #applications = new Map<number, Application | undefined>();
  readonly #names = new Map<number, string>();
  readonly #comparisons = new Map<string, string>();

  constructor(
    readonly graph: Graph,
    readonly inputs: readonly string[],
    readonly width: Size | undefined,
  ) {}

  read(whole: Formula): string {
    this.#number(whole);
    const operandsOf = (part: Formula) => this.#applicationOf(part)?.operands ?? part.operands;
    for (const part of operandsFirst([whole], operandsOf)) {
      const id = this.#ids.get(part)!;
      if (!this.#names.has(id)) this.#names.set(id, this.#write(part));
    }
    return this.#nameOf(whole);
  }

  #nameOf(part: Formula): string {
    return this.#names.get(this.#ids.get(part)!)!;
  }

  /** Numbers the parts of a formula. */
  #number(whole: Formula): void {
    const known = new Map<string, number>();
    for (const part of operandsFirst([whole], ({ operands }) => operands)) {
      const key = `${part.step} ${Object.is(part.value, -0) ? '-0' : part.value} ${part.operands.map((operand) => this.#ids.get(operand))}`;
      const id = known.get(key) ?? known.size;
      known.set(key, id);
      this.#ids.set(part, id);
    }
  }

  /** Which elementary function a part is one of, if it is of any. */
  #applicationOf(part: Formula): Application | undefined {
    const id = this.#ids.get(part)!;
    if (!this.#applications.has(id)) this.#applications.set(id, this.#recognized(part));
    return this.#applications.get(id);
  }

  #recognized(part: Formula): Application | undefined {
    for (const { formula, by } of elementary(part.dtype)) {
      const operands = this.#match(formula, part);
      if (operands) return { by, operands };
    }
    return undefined;
  }

  /** What the inputs of a pattern stand for in a part that is of its form. */
  #match(pattern: Formula, whole: Formula): readonly Formula[] | undefined {
    const bound = new Map<Formula, number>();
    const operands: Formula[] = [];
    const open: (readonly [Formula, Formula])[] = [[pattern, whole]];
    for (let pair = open.pop(); pair; pair = open.pop()) {
      const [of, part] = pair;
      const id = this.#ids.get(part)!;
      const before = bound.get(of);
      if (before === id) continue;
      if (before !== undefined) return undefined;
      bound.set(of, id);
      if (of.step === 'input') operands[of.value] = part;
      else if (of.step !== part.step || !Object.is(of.value, part.value)) return undefined;
      else of.operands.forEach((operand, i) => open.push([operand, part.operands[i]!]));
    }
    return operands;
  }

  #write(part: Formula): string {
    const { graph } = this;
    const applied = this.#applicationOf(part);
    if (applied) {
      const operands = applied.operands.map((operand) => this.#nameOf(operand));
      return typeof applied.by === 'string' ? graph.node(applied.by, operands) : readFormula(graph, applied.by, operands, this.width);
    }
    if (part.step === 'input') return this.inputs[part.value]!;
    if (part.step === 'constant') return graph.number(part.dtype, part.value, this.width);
    const operands = part.operands.map((operand) => this.#nameOf(operand)) as [string, string, string, string];
    const simple = OPERATIONS[part.step as keyof typeof OPERATIONS] as string | undefined;
    return simple ? graph.node(simple, operands) : this.#writeStep(part, operands);
  }

  #writeStep({ step, dtype, operands }: Formula, [a, b, yes, no]: readonly [string, string, string, string]): string {
    const { graph } = this;
    const number = (value: number) => graph.number(dtype, value, this.width);
    switch (step) {
      case 'whereLess':
      case 'whereEqual': {
        const condition = this.#comparison(step === 'whereLess' ? 'Less' : 'Equal', a, b);
        return operands[2]!.isConstant(1) && operands[3]!.isConstant(0)
          ? graph.cast(condition, KINDS[dtype])
          : graph.node('Where', [condition, yes, no]);
      }
      case 'rarely':
        return graph.node('Where', [this.#comparison('Equal', a, number(0)), yes, b]);
      case 'powerOfTwo':
        return graph.node('Pow', [number(2), a]);
      case 'ilogb':
        return this.#exponent(a, number);
      case 'significand':
        return graph.node('Div', [a, graph.node('Pow', [number(2), this.#exponent(a, number)])]);
      default:
        throw new ValueError(`ONNX has no operation for the step '${step}'`);
    }
  }

  /** The logarithm may be off by a bit where it is whole, so the exponent found by it by one. */
  #exponent(x: string, number: (value: number) => string): string {
    const { graph } = this;
    const near = graph.node('Floor', [graph.node('Mul', [graph.node('Log', [x]), number(Math.LOG2E)])]);
    const significand = graph.node('Div', [x, graph.node('Pow', [number(2), near])]);
    const corrected = (condition: string, by: number, otherwise: string) =>
      graph.node('Where', [condition, graph.node('Add', [near, number(by)]), otherwise]);
    const below = this.#comparison('Less', significand, number(1));
    const above = this.#comparison('Less', significand, number(2));
    return corrected(below, -1, graph.node('Where', [above, near, graph.node('Add', [near, number(1)])]));
  }

  #comparison(type: 'Less' | 'Equal', a: string, b: string): string {
    const key = `${type} ${a} ${b}`;
    const name = this.#comparisons.get(key) ?? this.graph.node(type, [a, b]);
    this.#comparisons.set(key, name);
    return name;
  }
}

/** All parts of some formulas, operands before their use. No recursion, since formulas may be longer than a call stack is deep. */
function operandsFirst(wholes: readonly Formula[], operandsOf: (part: Formula) => readonly Formula[]): readonly Formula[] {
  const seen = new Set<Formula>();
  const open = wholes.map((part) => ({ part, visited: 0 }));
  for (let last = open.at(-1); last; last = open.at(-1)) {
    const operand = seen.has(last.part) ? undefined : operandsOf(last.part)[last.visited++];
    if (operand) {
      if (!seen.has(operand)) open.push({ part: operand, visited: 0 });
    } else {
      open.pop();
      seen.add(last.part);
    }
  }
  return [...seen];
}
