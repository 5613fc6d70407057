/** The options of an optimizer as plain data, and back: schedules, groups and what is frozen included. */

import { isPlainObject } from '../base/options.ts';
import { namedBuffers, namedParameters } from '../layers/state.ts';
import type { Buffer } from '../tensor/buffer.ts';
import type { Parameter } from '../tensor/parameter.ts';
import { copyPlain, type PlainData } from '../tensor/plain-data.ts';

/** Options that are data, and of those that are schedules what they give at the next step. */
export interface SavedOptions {
  readonly options: { readonly [name: string]: PlainData };
  readonly schedules: { readonly [name: string]: number };
}

/** The whole state of an optimizer: plain data with tensors. */
export interface OptimizerState extends SavedOptions {
  /** What optimizer it is of, such as `'Adam'`. */
  readonly name: string;
  /** How many steps it has made. */
  readonly steps: number;
  /** Its groups, with the paths of their parameters. */
  readonly groups: readonly (SavedOptions & { readonly parameters: readonly string[] })[] | null;
  /** The paths of what is frozen. */
  readonly frozen: readonly string[];
  /** What is remembered of each parameter, by path; `null` for one that has not moved yet. */
  readonly parameters: { readonly [path: string]: PlainData };
  /** What is remembered of all of them together, as L-BFGS does. */
  readonly shared: PlainData;
}

type Options = Readonly<Record<string, unknown>>;

/** Options as plain data. */
export function savedOptions(where: string, options: Options, step: number): SavedOptions {
  const entries = Object.entries(options);
  const isSchedule = ([, value]: readonly [string, unknown]) => typeof value === 'function';
  return {
    options: Object.fromEntries(
      entries.filter((entry) => !isSchedule(entry)).map(([name, value]) => [name, copyPlain(`${where}: ${name}`, value)]),
    ),
    schedules: Object.fromEntries(entries.filter(isSchedule).map(([name, at]) => [name, (at as (step: number) => number)(step)])),
  };
}

export const isSavedOptions = (x: unknown): x is SavedOptions =>
  isPlainObject(x) &&
  isPlainObject(x['options']) &&
  !Object.hasOwn(x['options'], '__proto__') &&
  isPlainObject(x['schedules']) &&
  Object.values(x['schedules']).every((at) => typeof at === 'number');

/** The options that were saved, with the schedules that are there now. A schedule that is not there is added to `misfits`. */
export function optionsFrom(where: string, saved: SavedOptions, now: Options, misfits: string[]): Options {
  const schedules = Object.keys(saved.schedules).map((name) => {
    if (typeof now[name] !== 'function')
      misfits.push(`missing: ${where}, the schedule that ${name} was; make the optimizer with the same one`);
    return [name, now[name]] as const;
  });
  return { ...(copyPlain(where, saved.options) as Options), ...Object.fromEntries(schedules) };
}

/**
 * Adds to `misfits` the schedules that do not give what they gave. To the last digits they may differ: engines do, where a schedule of one's own calls
 * functions such as Math.cos.
 */
export function compareSchedules(where: string, saved: SavedOptions, now: Options, step: number, misfits: string[]): void {
  for (const [name, before] of Object.entries(saved.schedules)) {
    const given = (now[name] as (step: number) => number)(step);
    if (Object.is(given, before) || Math.abs(given - before) <= 1e-12 * Math.abs(before)) continue;
    misfits.push(
      `misfit: ${where}, ${name} is a schedule that gives ${given} at step ${step}, where it gave ${before}; make the optimizer with the schedule that it ` +
        'had (which may be changed afterwards), and restore a ReduceOnPlateau before',
    );
  }
}

/** The parameters and buffers of a model among those that are frozen, by path. */
export function frozenIn(model: object, frozen: object | undefined): Map<string, Part> {
  const still = new Set(frozen ? partsOf(frozen).values() : []);
  return new Map([...partsOf(model)].filter(([, part]) => still.has(part)));
}

type Part = Parameter | Buffer;

const partsOf = (model: object): Map<string, Part> => new Map<string, Part>([...namedParameters(model), ...namedBuffers(model)]);

/** What is to be frozen, such that those at the paths are: what is frozen now, if they are. Paths that the model does not have are added to `misfits`. */
export function frozenAt(model: object, paths: readonly string[], now: object | undefined, misfits: string[]): object | undefined {
  const frozen = frozenIn(model, now);
  if (paths.length === frozen.size && paths.every((path) => frozen.has(path))) return now;
  const all = partsOf(model);
  for (const path of paths) if (!all.has(path)) misfits.push(`left over: ${path}, which was frozen, and which the model does not have`);
  const own = new Set(all.values());
  const others = now ? [...partsOf(now).values()].filter((part) => !own.has(part)) : [];
  const still = [...paths.map((path) => all.get(path)), ...others];
  return still.length > 0 ? still : undefined;
}

/** The whole state of an optimizer: plain data with tensors. */
export interface OptimizerState extends SavedOptions {
  /** What optimizer it is of, such as `'Adam'`. */
  readonly name: string;
  /** How many steps it has made. */
  readonly steps: number;
  /** Its groups, with the paths of their parameters. */
  readonly groups: readonly (SavedOptions & { readonly parameters: readonly string[] })[] | null;
  /** The paths of what is frozen. */
  readonly frozen: readonly string[];
  /** What is remembered of each parameter, by path; `null` for one that has not moved yet. */
  readonly parameters: { readonly [path: string]: PlainData };
  /** What is remembered of all of them together, as L-BFGS does. */
  readonly shared: PlainData;
}
