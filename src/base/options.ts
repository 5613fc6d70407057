/** The checks that options share: which names there are, what each may be, and what holds where one is left out. */

import { ValueError } from './errors.ts';

/** What a value must be: in words that follow "expected … to be", and as a test. */
export interface Requirement {
  readonly words: string;
  readonly holds: (x: unknown) => boolean;
}

/** One option: what it must be, and its default. Without a default it has to be given. */
export interface Option<T> {
  readonly requirement: Requirement;
  readonly fallback?: T | undefined;
}

/** All options of something, by name. The compiler refuses a table that forgets one. */
export type OptionTable<Options> = { readonly [Name in keyof Options]-?: Option<Exclude<Options[Name], undefined>> };

/** Options with the defaults filled in. */
export type WithDefaults<Options> = { -readonly [Name in keyof Options]-?: Options[Name] };

/** A finite number from a bound, included, to below another. */
export const numberFrom = (from: number, below = Infinity): Requirement => ({
  words: below < Infinity ? `a number from ${from} to below ${below}` : `a finite number from ${from}`,
  holds: (x) => typeof x === 'number' && x >= from && x < below,
});

/** A finite number between two bounds, neither included. */
export const numberAbove = (above: number, below = Infinity): Requirement => ({
  words: `a ${below < Infinity ? '' : 'finite '}number above ${above}${below < Infinity ? ` and below ${below}` : ''}`,
  holds: (x) => typeof x === 'number' && x > above && x < below,
});

export const finiteNumber: Requirement = { words: 'a finite number', holds: (x) => Number.isFinite(x) };

export const wholeNumberFrom = (from: number): Requirement => ({
  words: `a whole number from ${from}`,
  holds: (x) => Number.isInteger(x) && (x as number) >= from,
});

/** A whole number that may be negative. */
export const wholeNumber: Requirement = { words: 'a whole number', holds: (x) => Number.isSafeInteger(x) };

/** Any number, also one that is not finite. */
export const anyNumber: Requirement = { words: 'a number', holds: (x) => typeof x === 'number' };

export const oneOf = (...values: readonly string[]): Requirement => ({
  words: values
    .map((value) => `'${value}'`)
    .join(', ')
    .replace(/, ([^,]*)$/, ' or $1'),
  holds: (x) => values.includes(x as string),
});

export const fraction: Requirement = { words: 'a number from 0 to 1', holds: (x) => typeof x === 'number' && x >= 0 && x <= 1 };

export const aFunction: Requirement = { words: 'a function', holds: (x) => typeof x === 'function' };

export const boolean: Requirement = { words: 'true or false', holds: (x) => typeof x === 'boolean' };

/** For options that are checked where they are used. */
export const anything: Requirement = { words: 'anything', holds: () => true };

/** A table with more options. A function, since bundlers keep what is spread, used or not; a pure call drops. */
export const extend = <A extends object, B extends object>(table: A, more: B): A & B => ({ ...table, ...more });

/** An option that has to be given. */
export const required = (requirement: Requirement): Option<never> => ({ requirement });

/** An option that may be left out, for which there is then nothing. */
export const withoutDefault = (requirement: Requirement): Option<never> => ({ requirement, fallback: undefined });

export const optional = <const T>(requirement: Requirement, fallback: T): Option<T> => ({ requirement, fallback });

/**
 * Refuses values that are not what they must be.
 * @throws ValueError: `stepDecay: expected rate to be a finite number from 0, got '0.1'`
 */
export function check(where: string, values: Readonly<Record<string, unknown>>, { words, holds }: Requirement): void {
  for (const name of Object.keys(values))
    if (!holds(values[name])) throw new ValueError(`${where}: expected ${name} to be ${words}, got ${quote(values[name])}`);
}

/**
 * Options with the defaults filled in, all checked. No options, `undefined`, are the defaults.
 * @throws ValueError for what is no options object, for a name that is not in the table, and for a value that is not what it must be.
 */
export function readOptions<Options extends object>(
  where: string,
  options: Options | undefined,
  table: OptionTable<NoInfer<Options>>,
): WithDefaults<Options> {
  const names = Object.keys(table);
  refuseUnknown(where, options, names);
  const read: Record<string, unknown> = {};
  for (const name of names) {
    const option: Option<unknown> = table[name as keyof OptionTable<Options>];
    const given = options?.[name as keyof Options];
    const leftOut = given === undefined && 'fallback' in option;
    // Methods read options at every call, so what is right is found out first.
    if (!leftOut && !option.requirement.holds(given)) check(where, { [name]: given }, option.requirement);
    read[name] = leftOut ? option.fallback : given;
  }
  return read as WithDefaults<Options>;
}

/**
 * Refuses what is no options object, and options with a name that is not known; it names the nearest that is. `undefined` stands for no options.
 * @throws ValueError: `Adam: there is no option lr; did you mean learningRate?`
 */
export function refuseUnknown(where: string, options: unknown, known: readonly string[]): void {
  if (options === undefined) return;
  if (!isPlainObject(options)) throw new ValueError(`${where}: expected options, such as { ${known[0]}: … }, got ${quote(options)}`);
  for (const name of Object.keys(options)) {
    if (known.includes(name)) continue;
    const near = nearest(name, known);
    throw new ValueError(
      `${where}: there is no option ${name}; ${near === undefined ? `the options are ${known.join(', ')}` : `did you mean ${near}?`}`,
    );
  }
}

/** Whether something is an object of no class, as options and models written as literals are. In another realm they have another prototype. */
export function isPlainObject(x: unknown): x is Readonly<Record<string, unknown>> {
  if (typeof x !== 'object' || x === null) return false;
  const prototype = Object.getPrototypeOf(x);
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}

/**
 * The known name that was most likely meant: the one with the most letters in common, in the same order. At most one letter in four may be another,
 * or the name is an abbreviation, as `lr` is of `learningRate`.
 */
export function nearest(name: string, known: readonly string[]): string | undefined {
  const plain = (text: string) => text.toLowerCase().replace(/[^a-z0-9]/g, '');
  const word = plain(name);
  let [found, most]: [string | undefined, number] = [undefined, 1];
  for (const candidate of known) {
    const other = plain(candidate);
    const common = lettersInCommon(word, other);
    const [short, long] = [word.length, other.length].sort((a, b) => a - b) as [number, number];
    const isNear = common >= long - Math.max(1, long >> 2) || (common === short && word[0] === other[0]);
    if (isNear && common > most) [found, most] = [candidate, common];
  }
  return found;
}

/** The length of the longest common subsequence of two words. */
function lettersInCommon(a: string, b: string): number {
  const counts = Array<number>(b.length + 1).fill(0);
  for (const letter of a) {
    let before = 0;
    for (let j = 1; j <= b.length; j++) {
      const above = counts[j]!;
      counts[j] = letter === b[j - 1] ? before + 1 : Math.max(above, counts[j - 1]!);
      before = above;
    }
  }
  return counts[b.length]!;
}

/** A value in an error message, in a few words: text in quotes, so that `'0.1'` does not read as the number. */
export function quote(x: unknown): string {
  if (typeof x === 'string') return `'${shortened(x)}'`;
  if (typeof x === 'bigint') return `${x}n`;
  if (typeof x === 'function') return isClass(x) ? `the class ${x.name}; write new ${x.name}(…)` : 'a function';
  if (typeof x !== 'object' || x === null) return String(x);
  const { shape, dtype } = x as { readonly shape?: unknown; readonly dtype?: unknown };
  if (Array.isArray(shape) && dtype !== undefined) return `a tensor of shape [${shape.join(', ')}]`;
  if (!Array.isArray(x) && !isPlainObject(x)) return `an object of class ${x.constructor?.name}`;
  try {
    return shortened(written(x, 0));
  } catch {
    // A property cannot be read.
    return 'an object';
  }
}

/** What came in the place of an object of a class, such as one of another copy of this package. */
export const insteadOf = ({ name }: { readonly name: string }, x: unknown): string =>
  (x as object | null | undefined)?.constructor?.name === name
    ? 'one of another copy of tapegrad; let the program have one copy'
    : quote(x);

const isClass = (f: unknown): boolean => /^class\b/.test(Function.prototype.toString.call(f));

/** A list or an object as JSON writes it, as much of it as can be shown; what JSON does not know in the words of `quote`. */
function written(x: unknown, depth: number): string {
  const part = (y: unknown) => written(y, depth + 1);
  if (typeof x === 'string') return JSON.stringify(shortened(x));
  if (Array.isArray(x)) return depth > 2 ? '[…]' : `[${Array.from(x.slice(0, SHOWN), part).join(',')}]`;
  if (!isPlainObject(x)) return quote(x);
  const parts =
    depth > 2
      ? ['…']
      : Object.keys(x)
          .slice(0, SHOWN)
          .map((name) => `${JSON.stringify(name)}:${part(x[name])}`);
  return `{${parts.join(',')}}`;
}

/** More elements than this are longer than a message. */
const SHOWN = 41;

const shortened = (text: string): string => (text.length > 80 ? `${text.slice(0, 77)}…` : text);
