/** What a tape computed, as one formula. */

import type { Entry, Value } from '../entries.ts';
import { attributesOf, namesOf } from './text.ts';

/** How tightly a text holds together. */
const [SUM, PRODUCT, NAME] = [1, 2, 3];

/**
 * How tightly a sign holds together what it joins, and how tightly what stands before and after it must hold together to need no brackets.
 */
type Sign = readonly [strength: number, before: number, after: number];

const signs: Readonly<Record<string, Sign>> = {
  '+': [SUM, SUM, SUM],
  '−': [SUM, SUM, PRODUCT],
  '·': [PRODUCT, PRODUCT, PRODUCT],
  '/': [PRODUCT, PRODUCT, NAME],
};

/** Of any other sign no rule is known: what it joins has brackets unless it is a name or a call. */
const otherSign: Sign = [PRODUCT, NAME, NAME];

/** What comes before a name without a space, as in `−x`, or after it, as in `xᵀ`. */
const NEGATIVE = /^−(?=[\p{Ll}\p{Lu}])/u;
const WORDS = /[\p{Ll}\p{Lu}\p{Nd}_]+/gu;

interface Piece {
  readonly text: string;
  readonly strength: number;
  /** What it is the negative of, if it is one. */
  readonly negative?: Piece | undefined;
}

/** The value of an id as a formula of what came from outside: `dy · y · (1 − y)`. */
export function expressionOf(entries: readonly Entry[], values: readonly Value[], id: number): string {
  const names = namesOf(entries, values);
  const written = new Map<number, Piece>();
  const pieceOf = (id: number): Piece => written.get(id) ?? { text: names[id] ?? `%${id}`, strength: NAME };
  // In the order of the computation, so that no depth of it is a recursion.
  for (const { op, inputs, attributes, output } of entries) {
    const pieces = new Map(Object.entries(inputs).map(([name, input]) => [name, pieceOf(input)]));
    const given = [...pieces.values()].map(({ text }) => text);
    const call = (...texts: readonly string[]): Piece => ({ text: `${op.name}(${texts.join(', ')})`, strength: NAME });
    const piece = op.notation === undefined ? call(...given, ...attributesOf(attributes)) : applied(op.notation, pieces);
    written.set(output, piece.text.length > LONGEST ? call('…') : piece);
  }
  return pieceOf(id).text;
}

/** A part of a formula with more characters is written `add(…)`: what is used more than once would double it each time. */
const LONGEST = 1000;

/** A notation with formulas in the places of its inputs. */
function applied(notation: string, pieces: ReadonlyMap<string, Piece>): Piece {
  const parts = notation.split(' ');
  const [first, sign, second] = parts as [string, string?, string?];
  const negative = pieces.get(first)?.negative;
  // −y + 1 is 1 − y to a reader.
  if (sign === '+' && negative) return applied(`${second} − ${first}`, new Map(pieces).set(first, negative));
  const joins = parts.map((part) => (part.match(WORDS)?.some((word) => pieces.has(word)) ? undefined : (signs[part] ?? otherSign)));
  const text = parts.map((part, i) => {
    const needed = NEGATIVE.test(part) ? PRODUCT : pieces.has(part) ? Math.max(joins[i - 1]?.[2] ?? 0, joins[i + 1]?.[1] ?? 0) : NAME;
    return part.replace(WORDS, (word) => bracketed(pieces.get(word) ?? { text: word, strength: NAME }, needed));
  });
  const strengths = joins.flatMap((join) => join?.[0] ?? []);
  if (!NEGATIVE.test(notation)) return { text: text.join(' '), strength: Math.min(NAME, ...strengths) };
  return { text: text.join(' '), strength: SUM, negative: pieces.get(notation.slice(1)) };
}

const bracketed = ({ text, strength }: Piece, needed: number): string => (strength < needed ? `(${text})` : text);
