/** Sets the options of an optimizer, of its groups, and what is frozen, from plain data: all of it, or nothing. */

import { TapegradError } from '../base/errors.ts';
import { quote } from '../base/options.ts';
import type { Optimizer } from './optimizer.ts';
import type { ParameterGroups } from './parameter-groups.ts';
import { compareSchedules, frozenAt, type OptimizerState, optionsFrom, type SavedOptions } from './saved-options.ts';

export type AnyOptimizer = Optimizer<any, any>;

/** Options as they may be set. */
export type Settable = { frozen?: object | undefined; groups?: ParameterGroups | undefined; [name: string]: unknown };

/** What a function returns; what it throws is added to `misfits`, if it is an error of ours. */
export function attempt<T>(misfits: string[], f: () => T): T | undefined {
  try {
    return f();
  } catch (error) {
    if (!(error instanceof TapegradError)) throw error;
    misfits.push(`misfit: ${error.message}`);
    return undefined;
  }
}

/** Options of the optimizer or of a group: where they are, what was saved of them, and what they become. */
interface Place {
  readonly where: string;
  readonly now: Settable;
  readonly saved: SavedOptions;
  readonly goal: Settable;
}

/**
 * Compares options, groups and what is frozen, and returns what sets them all, and the count of steps; where they then prove to be out of range, or a
 * schedule to be another one, all of them are again what they were.
 */
export function applying(optimizer: AnyOptimizer, state: OptimizerState, misfits: string[]): (misfits: string[]) => void {
  const { held } = optimizer as unknown as { readonly held: { readonly model: object; steps: number } };
  const places = placesOf(optimizer, held.model, state, misfits);
  const set = (steps: number, options: readonly Settable[]) => {
    held.steps = steps;
    places.forEach(({ now }, i) => {
      for (const name of Object.keys(now)) if (!Object.hasOwn(options[i]!, name)) delete now[name];
      Object.assign(now, options[i]);
    });
  };
  return (misfits) => {
    const before = [held.steps, places.map(({ now }) => ({ ...now }))] as const;
    const goals = places.map(({ goal }) => goal);
    set(state.steps, goals);
    attempt(misfits, () => optimizer['settle']());
    if (misfits.length === 0) for (const { where, saved, now } of places) compareSchedules(where, saved, now, state.steps, misfits);
    if (misfits.length === 0) return;
    set(...before);
    optimizer['settle']();
  };
}

function placesOf(optimizer: AnyOptimizer, model: object, state: OptimizerState, misfits: string[]): Place[] {
  const name = optimizer['name'];
  const options = optimizer.options as Settable;
  const own = { ...options, ...optionsFrom(name, state, options, misfits), frozen: frozenAt(model, state.frozen, options.frozen, misfits) };
  const paths = (list: readonly { readonly parameters: readonly string[] }[] | null | undefined) =>
    list?.map(({ parameters }) => parameters.join(', '));
  const [before, now] = [paths(state.groups), paths(options.groups?.list)];
  const groups = (options.groups?.list ?? []).map((group, i): Place | undefined => {
    const saved = state.groups?.[i];
    if (!saved) return undefined;
    const where = `${name}, group ${i}`;
    return { where, now: group, saved, goal: { parameters: group.parameters, ...optionsFrom(where, saved, group, misfits) } };
  });
  if (String(before) !== String(now) || before?.length !== now?.length)
    misfits.push(`misfit: ${name}, expected the groups of parameters ${quote(before ?? null)}, got ${quote(now ?? null)}`);
  return [{ where: name, now: options, saved: state, goal: own }, ...groups.filter((place) => place !== undefined)];
}
