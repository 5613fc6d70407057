/** What a tape computed, as one formula. */

import type { Entry, Value } from '../entries.ts';
import { attributesOf, namesOf } from './text.ts';

const signs: Readonly<Record<string, readonly [sign: string, strength: number]>> = {
  add: ['+', 1],
  sub: ['−', 1],
  mul: ['·', 2],
  div: ['/', 2],
};
/** Products of matrices are written as such, and bind as products do. */
const products: Readonly<Record<string, (a: string, b: string) => string>> = {
  matmul: (a, b) => `${a} @ ${b}`,
  timesTransposed: (a, b) => `${a} @ ${b}ᵀ`,
  transposedTimes: (a, b) => `${a}ᵀ @ ${b}`,
};

/** How tightly a piece of text holds together: 1 a sum, 2 a product, 3 a name or a call. */
interface Piece {
  readonly text: string;
  readonly strength: number;
  /** What it is the negative of, if it is one. */
  readonly negative?: Piece;
}

/** The value of number `which` as a formula of what came from outside: `dy · y · (1 − y)`. */
export function expressionOf(entries: readonly Entry[], values: readonly Value[], which: number): string {
  const names = namesOf(entries, values);
  const made = new Map(entries.map((entry) => [entry.output, entry]));
  const around = ({ text, strength }: Piece, least: number) => (strength < least ? `(${text})` : text);
  const write = (number: number): Piece => {
    const entry = made.get(number);
    return entry ? said(entry) : { text: names[number] ?? `%${number}`, strength: 3 };
  };
  const said = ({ op, inputs, attributes }: Entry): Piece => {
    const given = Object.values(inputs).map(write);
    const [a, b] = given as [Piece, Piece];
    // −y + 1 is 1 − y to a reader.
    if (op.name === 'add' && a.negative) return { text: `${around(b, 1)} − ${around(a.negative, 2)}`, strength: 1 };
    if (op.name in signs) {
      const [sign, strength] = signs[op.name]!;
      // What is taken away or divided by keeps its brackets.
      const after = op.name === 'sub' || op.name === 'div' ? strength + 1 : strength;
      return { text: `${around(a, strength)} ${sign} ${around(b, after)}`, strength };
    }
    if (op.name in products) return { text: products[op.name]!(around(a, 3), around(b, 3)), strength: 2 };
    if (op.name === 'neg') return { text: `−${around(a, 2)}`, strength: 1, negative: a };
    return { text: `${op.name}(${[...given.map(({ text }) => text), ...attributesOf(attributes)].join(', ')})`, strength: 3 };
  };
  return write(which).text;
}
