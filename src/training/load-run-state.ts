import { StateError } from '../base/errors.ts';
import { boolean, isPlainObject, optional, quote, readOptions, wholeNumberFrom } from '../base/options.ts';
import { defaultRandom } from '../base/random.ts';
import { loadStateDict, misfits as misfitsOf } from '../layers/state.ts';
import { Optimizer } from '../optim/optimizer.ts';
import { loadOptimizerState } from '../optim/optimizer-state.ts';
import { copyPlain } from '../tensor/plain-data.ts';
import { Tensor } from '../tensor/tensor.ts';
import { type Contents, changes, contentsOf, placing, statefulOf } from './contents.ts';
import { checkRun, type Run } from './run.ts';
import { dataOf, othersIn, placeOf, type RunState, runState } from './run-state.ts';

/** Options of `loadRunState` and `loadRun`. */
export interface LoadRunOptions {
  /** Whether the model may be configured in another way than it was, such as with another rate of dropout, and the data may be others. Default false. */
  readonly allowChanges?: boolean;
}

/**
 * Gives a run, made as the other one was, the whole state of that; all of it or, where anything does not fit, nothing. `train` goes on from there to the
 * same bits.
 *
 * What the run keeps that has a state is restored; lists and objects are filled with what they held, and all else is replaced in `run.keep`. Options of the
 * optimizer are those of the state: change them afterwards.
 * @throws StateError with all that does not fit; ValueError for what is no run, and for options that are not known.
 * @example
 * import { DataLoader, Dataset } from 'tapegrad/datasets';
 * const make = () => {
 *   const model = new Linear(1, 1, { seed: 1 });
 *   const data = new DataLoader(new Dataset(Tensor.arange(8).reshape([8, 1]), Tensor.arange(8)), { batchSize: 2, shuffle: true });
 *   return new Run<[Tensor, Tensor]>({ model, optimizer: new Adam(model), data, loss: ([x, y]) => mseLoss(model.forward(x), y.unsqueeze(1)) });
 * };
 * const [run, again] = [make(), make()];
 * for await (const { step } of train(run, { epochs: 2 })) if (step === 4) loadRunState(again, runState(run));
 * for await (const _ of train(again, { epochs: 2 }));
 * stateDict(again.model) // => stateDict(run.model)
 */
export function loadRunState(run: Run, state: RunState, options?: LoadRunOptions): void {
  checkRun('loadRunState', run);
  const { allowChanges } = readOptions<LoadRunOptions>('loadRunState', options, loadRunOptions);
  if (!isRunState(state)) throw new StateError(`loadRunState: expected what runState(run) gives, got ${quote(state)}`);
  const contents = contentsOf(run.model);
  const others = othersIn(run, contents.stateful);
  const misfits = [
    ...misfitsOf(run.model, state.model),
    ...(allowChanges ? [] : changed(run, state, contents)),
    ...namesOf(
      'the model',
      Object.keys(state.stateful),
      others.map(([path]) => path),
    ),
    ...namesOf('run.keep', Object.keys(state.keep), Object.keys(run.keep)),
    ...[...contents.tensors.keys()].filter((path) => !Object.hasOwn(state.tensors, path)).map((path) => `missing: ${path}, a tensor`),
  ];
  const places = Object.entries(state.tensors).map(
    ([path, x]) => placing(contents, state.containers ?? {}, path, x) ?? misfits.push(`left over: ${path}, a tensor`),
  );
  if ((state.random === null) !== (run.random === undefined))
    misfits.push(`misfit: expected a run ${state.random ? 'with a generator of its own, { random }' : 'without a generator of its own'}`);
  refuse(misfits);
  const before = runState(run);
  restore(run, state, others, misfits);
  if (misfits.length > 0) restore(run, before, others, []);
  refuse(misfits);
  for (const put of places) if (typeof put === 'function') put();
  Object.assign(run, placeOf(state.place as Run));
  fill(run.keep as Record<string, unknown>, state.keep);
}

export const loadRunOptions = { allowChanges: /* @__PURE__ */ optional(boolean, false) };

function refuse(misfits: readonly string[]): void {
  if (misfits.length > 0)
    throw new StateError(`loadRunState: the state does not fit the run, so nothing was loaded\n  ${misfits.join('\n  ')}`);
}

const isCount = (x: unknown): boolean => wholeNumberFrom(0).holds(x);

function isRunState(x: unknown): x is RunState {
  if (!isPlainObject(x) || x['format'] !== 1) return false;
  const parts = ['configuration', 'data', 'model', 'tensors', 'stateful', 'optimizer', 'defaultRandom', 'place', 'keep'].map(
    (name) => x[name],
  );
  if (!parts.every(isPlainObject) || (x['random'] !== null && !isPlainObject(x['random']))) return false;
  const { tensors, containers = {}, place, keep } = x as unknown as RunState;
  if (!isPlainObject(containers)) return false;
  const areTensors = Object.values(tensors).every((tensor) => tensor instanceof Tensor);
  const isPlace =
    [place.epoch, place.batch, place.steps].every(isCount) && [place.examples, place.total].every((sum) => typeof sum === 'number');
  return areTensors && isPlace && Object.values(keep).every((part) => isPlainObject(part) && ('state' in part || 'value' in part));
}

/** In what the run is another one than it was. */
function changed(run: Run, state: RunState, { configuration }: Contents): string[] {
  const data = changes(state.data, new Map(Object.entries(dataOf(run)).map(([name, said]) => [name, String(said)])));
  const found = [...changes(state.configuration, configuration), ...data.map((line) => line.replace(': ', ': data.'))];
  return found.length === 0
    ? []
    : [
        ...found,
        'what changes in training belongs in a Buffer or in run.keep; what is changed on purpose is allowed by { allowChanges: true }',
      ];
}

function namesOf(where: string, then: readonly string[], now: readonly string[]): string[] {
  return [
    ...now.filter((name) => !then.includes(name)).map((name) => `missing: ${name}, which ${where} has`),
    ...then.filter((name) => !now.includes(name)).map((name) => `left over: ${name}, which ${where} does not have`),
  ];
}

/** Restores all that has a state, the optimizers last: their schedules may be another's state. What does not fit is added to `misfits`. */
function restore(run: Run, state: RunState, others: readonly (readonly [string, object])[], misfits: string[]): void {
  const attempt = (where: string, f: () => void) => {
    try {
      f();
    } catch (error) {
      misfits.push(`${where}: ${(error as Error).message.replaceAll('\n', '\n  ')}`);
    }
  };
  const parts = others.map(([path, part]) => [path, part, state.stateful[path]] as const);
  for (const [name, saved] of Object.entries(state.keep)) {
    const part = (run.keep as Record<string, object>)[name]!;
    if (statefulOf(part) ? 'state' in saved : 'value' in saved) {
      if ('state' in saved) parts.push([`run.keep.${name}`, part, saved.state]);
    } else
      misfits.push(
        `misfit: run.keep.${name}, expected ${'state' in saved ? 'what has state and restore' : 'plain data'}, got ${quote(part)}`,
      );
  }
  attempt('the model', () => loadStateDict(run.model, state.model));
  const isOptimizer = ([, part]: (typeof parts)[number]) => part instanceof Optimizer;
  const inOrder = [...parts.filter((part) => !isOptimizer(part)), ...parts.filter(isOptimizer)];
  for (const [where, part, saved] of inOrder) attempt(where, () => statefulOf(part)!.restore(saved));
  attempt('the optimizer', () => loadOptimizerState(run.optimizer, state.optimizer));
  attempt('the default generator', () => defaultRandom().restore(state.defaultRandom));
  if (state.random) attempt('run.random', () => run.random?.restore(state.random!));
}

/** Fills in the values that were kept: lists and objects in place, since others may hold them too. */
function fill(keep: Record<string, unknown>, saved: RunState['keep']): void {
  for (const [name, part] of Object.entries(saved)) {
    if ('state' in part) continue;
    const [now, value] = [keep[name], copyPlain(name, part.value)];
    if (Array.isArray(now) && Array.isArray(value)) {
      now.length = 0;
      // Not spread: there may be more than a call takes.
      for (const x of value) now.push(x);
    } else if (isPlainObject(now) && isPlainObject(value)) {
      for (const key of Object.keys(now)) delete (now as Record<string, unknown>)[key];
      Object.defineProperties(now, Object.getOwnPropertyDescriptors(value));
    } else keep[name] = value;
  }
}
