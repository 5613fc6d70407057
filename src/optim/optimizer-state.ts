/** The whole state of an optimizer, to be saved and gone on from. */

import { StateError, TapegradError, ValueError } from '../base/errors.ts';
import { insteadOf, isPlainObject, quote, wholeNumberFrom } from '../base/options.ts';
import { namedParameters } from '../layers/state.ts';
import type { Parameter } from '../tensor/parameter.ts';
import { copyPlain, type PlainData } from '../tensor/plain-data.ts';
import { Optimizer } from './optimizer.ts';
import type { ParameterGroups } from './parameter-groups.ts';
import { remembered } from './remembered.ts';
import { compareSchedules, frozenAt, frozenIn, isSavedOptions, optionsFrom, type SavedOptions, savedOptions } from './saved-options.ts';

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

/** An optimizer that remembers something of all parameters together. */
interface Sharing {
  /** What that is, as plain data. */
  sharedState?(): PlainData;
  /**
   * Checks what another one gave, and returns what takes it over.
   * @throws ValueError for anything else.
   */
  restoringShared?(state: unknown): () => void;
}

type AnyOptimizer = Optimizer<any, any>;

/** Options as they may be set. */
type Settable = { frozen?: object | undefined; groups?: ParameterGroups | undefined; [name: string]: unknown };

/**
 * The whole state of an optimizer: what it remembers of each parameter, by path, its steps and its options, those too that were changed by hand. Of a
 * schedule it holds what it gives at the next step.
 *
 * An optimizer of your own is saved likewise where what `init` gives is plain data with parameters and tensors. What is there from a later step on is named
 * there too, as `undefined`, and is a parameter like the one that it belongs to.
 * @throws ValueError for what is no optimizer, and for options and states that are no plain data.
 * @example
 * const w = new Parameter(Tensor.of([1, 2]));
 * const optimizer = new Adam({ w }, { learningRate: 0.5 });
 * optimizer.minimize(() => w.mul(w).sum());
 * const { name, steps, options } = optimizerState(optimizer);
 * [name, steps, options['learningRate']] // => ['Adam', 1, 0.5]
 */
export function optimizerState(optimizer: AnyOptimizer): OptimizerState {
  checkOptimizer('optimizerState', optimizer);
  const [name, { model, steps, states }] = [optimizer['name'], optimizer['held']];
  const { frozen, groups, ...options } = optimizer.options as Settable;
  const found = [...ownedBy(optimizer)].map(([path, w]) => {
    if (!states.has(w)) return [path, null] as const;
    const state = copyPlain(`${name}: the state of ${path}`, states.get(w));
    const misfits: string[] = [];
    remembered(w, templateOf(optimizer, w), state, path, misfits);
    if (misfits.length > 0) throw new ValueError(`${name}: expected init to name all that is remembered (${misfits.join('; ')})`);
    return [path, state] as const;
  });
  return {
    name,
    steps,
    ...savedOptions(name, options, steps),
    groups: groups?.list.map(({ parameters, ...own }, i) => ({ parameters, ...savedOptions(`${name}, group ${i}`, own, steps) })) ?? null,
    frozen: [...frozenIn(model, frozen).keys()],
    parameters: Object.fromEntries(found),
    shared: copyPlain(name, (optimizer as Sharing).sharedState?.()),
  };
}

/** What would be remembered of a parameter before its first step. */
const templateOf = (optimizer: AnyOptimizer, w: Parameter): unknown => optimizer['init'](w, optimizer['optionsNow']());

/** The parameters of an optimizer, by their paths in its model. */
function ownedBy(optimizer: AnyOptimizer): Map<string, Parameter> {
  const owned = new Set(optimizer['parameters']);
  return new Map([...namedParameters(optimizer['held'].model)].filter(([, w]) => owned.has(w)));
}

/**
 * Gives an optimizer the whole state of another of its kind, for a model with the same paths and shapes; all of it or, where anything does not fit, nothing.
 * Options are those of the state. A schedule stays the one that the optimizer has, and has to give what the other one gave.
 *
 * @throws StateError with all that does not fit; ValueError for what is no optimizer.
 * @example
 * const [v, w] = [new Parameter(Tensor.of([1, 2])), new Parameter(Tensor.of([1, 2]))];
 * const optimizer = new Adam({ w: v }, { learningRate: 0.5 });
 * optimizer.minimize(() => v.mul(v).sum());
 * const other = new Adam({ w });
 * loadOptimizerState(other, optimizerState(optimizer));
 * [other.steps, other.learningRate] // => [1, 0.5]
 */
export function loadOptimizerState(optimizer: AnyOptimizer, state: OptimizerState): void {
  checkOptimizer('loadOptimizerState', optimizer);
  const name = optimizer['name'];
  if (!isOptimizerState(state)) throw new StateError(`${name}: expected what optimizerState(optimizer) gives, got ${quote(state)}`);
  if (state.name !== name)
    throw new StateError(`${name}: expected the state of a ${name}, got that of a ${quote(state.name).slice(1, -1)}`);
  const misfits: string[] = [];
  const states = statesFrom(optimizer, state, misfits);
  const share = attempt(misfits, () => (optimizer as Sharing).restoringShared?.(copyPlain(name, state.shared)));
  const apply = applying(optimizer, state, misfits);
  if (misfits.length === 0) apply(misfits);
  if (misfits.length > 0)
    throw new StateError(`${name}: the state does not fit the optimizer, so nothing was loaded\n  ${misfits.join('\n  ')}`);
  const { held } = optimizer as unknown as { readonly held: { readonly states: Map<Parameter, unknown> } };
  held.states.clear();
  for (const [w, found] of states) held.states.set(w, found);
  share?.();
}

function checkOptimizer(where: string, optimizer: unknown): void {
  if (!(optimizer instanceof Optimizer))
    throw new ValueError(`${where}: expected an optimizer, such as new Adam(model), got ${insteadOf(Optimizer, optimizer)}`);
}

const isPaths = (x: unknown): x is string[] => Array.isArray(x) && x.every((path) => typeof path === 'string');

function isOptimizerState(x: unknown): x is OptimizerState {
  if (!isSavedOptions(x)) return false;
  const { name, steps, groups, frozen, parameters } = x as Partial<OptimizerState>;
  const isGroups = (list: unknown) =>
    Array.isArray(list) && list.every((group) => isSavedOptions(group) && isPaths((group as { parameters?: unknown }).parameters));
  return (
    typeof name === 'string' &&
    wholeNumberFrom(0).holds(steps) &&
    isPaths(frozen) &&
    isPlainObject(parameters) &&
    (groups === null || isGroups(groups))
  );
}

/** What a function returns; what it throws is added to `misfits`, if it is an error of ours. */
function attempt<T>(misfits: string[], f: () => T): T | undefined {
  try {
    return f();
  } catch (error) {
    if (!(error instanceof TapegradError)) throw error;
    misfits.push(`misfit: ${error.message}`);
    return undefined;
  }
}

/** What is remembered of each parameter that has moved. */
function statesFrom(optimizer: AnyOptimizer, { parameters }: OptimizerState, misfits: string[]): (readonly [Parameter, unknown])[] {
  const owned = ownedBy(optimizer);
  for (const path of Object.keys(parameters)) if (!owned.has(path)) misfits.push(`left over: ${path}, which the optimizer does not have`);
  return [...owned].flatMap(([path, w]) => {
    const state = Object.hasOwn(parameters, path) ? parameters[path] : undefined;
    if (state === undefined) misfits.push(`missing: ${path}, which the optimizer has`);
    if (state === undefined || state === null) return [];
    return [[w, remembered(w, templateOf(optimizer, w), state, path, misfits)] as const];
  });
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
function applying(optimizer: AnyOptimizer, state: OptimizerState, misfits: string[]): (misfits: string[]) => void {
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
