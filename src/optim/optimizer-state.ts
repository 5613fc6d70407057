/** The whole state of an optimizer, to be saved and gone on from. */

import { StateError, ValueError } from '../base/errors.ts';
import { insteadOf, isPlainObject, quote, wholeNumberFrom } from '../base/options.ts';
import { namedParameters } from '../layers/state.ts';
import type { Parameter } from '../tensor/parameter.ts';
import { copyPlain, type PlainData } from '../tensor/plain-data.ts';
import { Optimizer } from './optimizer.ts';
import { remembered } from './remembered.ts';
import { type AnyOptimizer, applying, attempt, type Settable } from './restoring-options.ts';
import { frozenIn, isSavedOptions, type OptimizerState, savedOptions } from './saved-options.ts';

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
export function optimizerState(optimizer: Optimizer<any, any>): OptimizerState {
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
export function loadOptimizerState(optimizer: Optimizer<any, any>, state: OptimizerState): void {
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
