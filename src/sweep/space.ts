/** What may be tried: values by name, and how a number from 0 to 1 chooses among them. */

import { ValueError } from '../base/errors.ts';
import { anything, boolean, check, finiteNumber, isPlainObject, optional, quote, readOptions, withoutDefault } from '../base/options.ts';
import { power } from '../optim/numbers.ts';

/** A value that can be one of several. */
export type Choice = string | number | boolean | null;

/** What may be tried, by name: lists of values, and ranges, `between(low, high)`. */
export type Space = { readonly [name: string]: Range | readonly Choice[] };

/** A space of lists only, all of whose combinations can be tried. */
export type Grid = { readonly [name: string]: readonly Choice[] };

/** One value of each name of a space. */
export type ConfigurationOf<S extends Space> = { readonly [Name in keyof S]: S[Name] extends readonly (infer Value)[] ? Value : number };

/** How numbers lie between two. */
export interface BetweenOptions {
  /** Whether numbers are spread evenly by their logarithm. Default false. */
  readonly log?: boolean;
  /** Whether only whole numbers are meant. Default false. */
  readonly integer?: boolean;
  /** The distance from one number to the next, from `low` on; not with `log`. Default none: all numbers, or all whole ones. */
  readonly step?: number | undefined;
}

/** Numbers between two, both included. Made by `between`. */
export class Range {
  readonly low: number;
  readonly high: number;
  readonly log: boolean;
  readonly integer: boolean;
  readonly step: number | undefined;

  /** @internal */
  constructor(low: number, high: number, { log, integer, step }: Readonly<Required<BetweenOptions>>) {
    [this.low, this.high, this.log, this.integer, this.step] = [low, high, log, integer, step];
    Object.freeze(this);
  }
}

/**
 * Numbers from `low` to `high`, both included, for a space.
 *
 * @param options `log`, default false: evenly by the logarithm, as one wants it for learning rates; `integer`, default false; `step`, default none
 * @throws ValueError for bounds that are not finite, or in the wrong order, or not above 0 with `log`, or not whole with `integer`; for options that are not
 *   known.
 * @example
 * const space = { learningRate: between(1e-4, 1, { log: true }), hidden: between(16, 256, { integer: true }), activation: ['relu', 'gelu'] };
 * randomSearch(space, { trials: 2 }).ask()[0]!.configuration // => { learningRate: 0.01567667719550606, hidden: 188, activation: 'gelu' }
 */
export function between(low: number, high: number, options?: BetweenOptions): Range {
  const { log, integer, step } = readOptions<BetweenOptions>('between', options, {
    log: optional(boolean, false),
    integer: optional(boolean, false),
    step: withoutDefault(anything),
  });
  check('between', { low, high }, integer ? { words: 'a whole number', holds: Number.isSafeInteger } : finiteNumber);
  const refuse = (expected: string, got: unknown) => new ValueError(`between: expected ${expected}, got ${quote(got)}`);
  if (low > high) throw refuse(`high to be at least low, ${low}`, high);
  if (log && low <= 0) throw refuse('low to be above 0, since the logarithm is taken', low);
  if (step === undefined) return new Range(low, high, { log, integer, step });
  if (log) throw refuse('no step together with log', step);
  if (!(Number.isFinite(step) && step > 0) || (integer && !Number.isInteger(step)))
    throw refuse(`step to be a ${integer ? 'whole' : 'finite'} number above 0`, step);
  return new Range(low, high, { log, integer, step });
}

/**
 * Refuses what is no space.
 * @param ranges whether there may be ranges
 */
export function checkSpace(where: string, space: unknown, ranges: boolean): void {
  const words = ranges ? 'lists of values, or ranges such as between(0, 1), by name' : 'lists of values by name';
  if (!isPlainObject(space) || Object.keys(space).length === 0) throw new ValueError(`${where}: expected ${words}, got ${quote(space)}`);
  for (const [name, values] of Object.entries(space)) {
    if (ranges && values instanceof Range) continue;
    if (!Array.isArray(values) || values.length === 0) {
      const got = values instanceof Range ? 'a range, of which there is no end' : quote(values);
      throw new ValueError(
        `${where}: expected ${quote(name)} to be ${ranges ? 'a list of values or a range' : 'a list of values'}, got ${got}`,
      );
    }
    const strange = values.findIndex((value) => !isChoice(value));
    if (strange >= 0)
      throw new ValueError(
        `${where}: expected the values of ${quote(name)} to be text, finite numbers, true, false or null, got ${quote(values[strange])}`,
      );
    if (new Set(values).size < values.length)
      throw new ValueError(`${where}: expected different values of ${quote(name)}, got ${quote(values)}`);
  }
}

const isChoice = (value: unknown): boolean =>
  value === null || typeof value === 'string' || typeof value === 'boolean' || Number.isFinite(value);

/** A space as plain data, which says all of it. */
export const plainSpace = (space: Space): Record<string, unknown> =>
  Object.fromEntries(Object.entries(space).map(([name, values]) => [name, values instanceof Range ? plainRange(values) : [...values]]));

const plainRange = ({ low, high, log, integer, step }: Range): Record<string, unknown> => ({ low, high, log, integer, step: step ?? null });

/** The configuration at a place: one number from 0 to below 1 for each name, in their order. */
export const configurationAt = (space: Space, place: readonly number[]): Record<string, Choice> =>
  Object.fromEntries(Object.entries(space).map(([name, values], i) => [name, valueAt(values, place[i]!)]));

function valueAt(values: Range | readonly Choice[], u: number): Choice {
  if (!(values instanceof Range)) return values[Math.floor(u * values.length)]!;
  const { low, high, log, integer, step = 1 } = values;
  // Each whole number has a stretch of the length 1 around it, so that the first and the last are as likely as others.
  if (log && integer) return within(values, Math.round(exponentially(low - 0.5, high + 0.5, u)));
  if (log) return within(values, exponentially(low, high, u));
  if (!integer && values.step === undefined) return within(values, low + (high - low) * u);
  // A quotient that is a whole number but for rounding is that number.
  const count = Math.floor(((high - low) / step) * (1 + 1e-12)) + 1;
  return within(values, low + step * Math.floor(u * count));
}

const within = ({ low, high }: Range, x: number): number => Math.min(Math.max(x, low), high);

/** Between two positive numbers, evenly by the logarithm. */
const exponentially = (low: number, high: number, u: number): number => power(low, 1 - u) * power(high, u);
