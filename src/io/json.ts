/** JSON from strangers: what `JSON.parse` forgives in silence is refused, and nothing is an object with a prototype. */

import { DataError } from '../base/errors.ts';
import { quote } from '../base/options.ts';

/** A number as it is written; `whole` only where it is a whole number from 0 that JavaScript holds exactly. */
export interface JsonNumber {
  readonly number: number;
  readonly whole: number | undefined;
}

/** What JSON can say: an object is a Map, so that `__proto__` is a name like any other. */
export type Json = null | boolean | string | JsonNumber | Json[] | Map<string, Json>;

/** Whether a text has no half of a pair of code units alone, which is no character, and which UTF-8 has no bytes for. */
export const isText = (x: string): boolean => !/\p{Surrogate}/u.test(x);

/**
 * Refuses a name that a file cannot keep.
 * @throws DataError for what is no text.
 */
export function checkName(where: string, name: unknown): void {
  if (typeof name !== 'string' || !isText(name)) throw new DataError(`${where}: expected names that are texts, got ${quote(name)}`);
}

/** How deep lists and objects may stand in each other. */
const DEEPEST = 64;

const SPACE = /[ \t\n\r]*/y;
const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
const WORDS: readonly (readonly [string, null | boolean])[] = [
  ['null', null],
  ['true', true],
  ['false', false],
];

/**
 * Reads JSON.
 * @param file its name, for errors
 * @throws DataError, with the place, for what is no JSON, for a name that occurs twice in an object, and for more than 64 levels.
 */
export const parseJson = (text: string, file: string): Json => new JsonReader(text, file).read();

class JsonReader {
  #at = 0;

  constructor(
    private readonly text: string,
    private readonly file: string,
  ) {}

  read(): Json {
    const found = this.#value(0);
    this.#skip();
    if (this.#at < this.text.length) this.#fail('nothing more');
    return found;
  }

  #fail(expected: string): never {
    const rest = this.text.slice(this.#at, this.#at + 20);
    throw new DataError(
      `${this.file}: expected JSON with ${expected} at character ${this.#at}, got ${rest ? JSON.stringify(rest) : 'its end'}`,
    );
  }

  /** Goes past white space. */
  #skip(): void {
    SPACE.lastIndex = this.#at;
    SPACE.test(this.text);
    this.#at = SPACE.lastIndex;
  }

  /** Goes past a sign, if it is there. */
  #take(sign: string): boolean {
    this.#skip();
    if (this.text[this.#at] !== sign) return false;
    this.#at++;
    return true;
  }

  #value(depth: number): Json {
    if (depth > DEEPEST) this.#fail(`at most ${DEEPEST} levels`);
    if (this.#take('[')) return this.#list(depth);
    if (this.#take('{')) return this.#object(depth);
    if (this.text[this.#at] === '"') return this.#string();
    for (const [word, value] of WORDS) {
      if (!this.text.startsWith(word, this.#at)) continue;
      this.#at += word.length;
      return value;
    }
    return this.#number();
  }

  #list(depth: number): Json[] {
    const found: Json[] = [];
    if (this.#take(']')) return found;
    do found.push(this.#value(depth + 1));
    while (this.#take(','));
    if (!this.#take(']')) this.#fail('a comma or ]');
    return found;
  }

  #object(depth: number): Map<string, Json> {
    const found = new Map<string, Json>();
    if (this.#take('}')) return found;
    do {
      this.#skip();
      if (this.text[this.#at] !== '"') this.#fail('a name');
      const name = this.#string();
      if (found.has(name)) throw new DataError(`${this.file}: the name ${JSON.stringify(name)} occurs twice`);
      if (!this.#take(':')) this.#fail('a colon');
      found.set(name, this.#value(depth + 1));
    } while (this.#take(','));
    if (!this.#take('}')) this.#fail('a comma or }');
    return found;
  }

  #string(): string {
    let end = this.#at + 1;
    while (end < this.text.length && this.text[end] !== '"') end += this.text[end] === '\\' ? 2 : 1;
    try {
      const found = JSON.parse(this.text.slice(this.#at, end + 1)) as string;
      this.#at = end + 1;
      return found;
    } catch {
      return this.#fail('a string');
    }
  }

  #number(): JsonNumber {
    NUMBER.lastIndex = this.#at;
    const written = NUMBER.exec(this.text)?.[0];
    if (written === undefined) return this.#fail('a value');
    this.#at += written.length;
    const number = Number(written);
    if (!Number.isFinite(number)) this.#fail('a number that float64 can hold');
    return { number, whole: /^\d+$/.test(written) && Number.isSafeInteger(number) ? number : undefined };
  }
}
