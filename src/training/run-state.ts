/** The whole state of a training, to be saved and gone on from. */

import { StateError, ValueError } from '../base/errors.ts';
import { boolean, isPlainObject, optional, quote, readOptions, wholeNumberFrom } from '../base/options.ts';
import { defaultRandom, type RandomState } from '../base/random.ts';
import { loadStateDict, stateDict } from '../layers/state.ts';
import { Optimizer } from '../optim/optimizer.ts';
import { loadOptimizerState, type OptimizerState, optimizerState } from '../optim/optimizer-state.ts';
import { Parameter } from '../tensor/parameter.ts';
import { copyPlain, type PlainData } from '../tensor/plain-data.ts';
import { Tensor } from '../tensor/tensor.ts';
import { type Contents, changes, contentsOf, placing, statefulOf } from './contents.ts';
import { checkRun, type Run } from './run.ts';

type Named<T> = { readonly [name: string]: T };

/** The whole state of a training: plain data with tensors. */
export interface RunState {
  /** The version of this form. */
  readonly format: 1;
  /** How the model is configured: numbers, switches and texts of its layers, and the names of classes and functions, by path. */
  readonly configuration: Named<string>;
  /** The data as far as they say it: batch size, seed, and so on. */
  readonly data: Named<number | boolean>;
  /** The parameters and buffers of the model, by path. */
  readonly model: Named<Tensor>;
  /** Other tensors in it, such as the last state of a recurrent layer. */
  readonly tensors: Named<Tensor>;
  /** The states of what it holds that has one, such as a generator. */
  readonly stateful: Named<PlainData>;
  readonly optimizer: OptimizerState;
  /** The default generator. */
  readonly defaultRandom: RandomState;
  /** The generator of the run, if it has one. */
  readonly random: RandomState | null;
  /** How far it has come. */
  readonly place: Pick<Run, (typeof PLACE)[number]>;
  /** What is kept with it, by name: states, and values. */
  readonly keep: Named<{ readonly state: PlainData } | { readonly value: PlainData }>;
}

/** Options of `loadRunState` and `loadRun`. */
export interface LoadRunOptions {
  /** Whether the model may be configured in another way than it was, such as with another rate of dropout, and the data may be others. Default false. */
  readonly allowChanges?: boolean;
}

const PLACE = ['epoch', 'batch', 'steps', 'examples', 'total'] as const;
const SAID_OF_DATA = ['length', 'batchSize', 'shuffle', 'seed', 'dropLast'] as const;

/**
 * The whole state of a training, from which `loadRunState` goes on to the same bits: parameters and buffers, the optimizer, the generators, how far the
 * run has come, and what it keeps. `saveRun` of `tapegrad/io` writes it to a file.
 *
 * What a run cannot know of is not in it: local variables (put them in `run.keep`), `#private` fields, and numbers that a source of data draws ahead.
 * @throws ValueError for what is no run, and for what is kept or remembered that is no plain data.
 * @example
 * const w = new Parameter(Tensor.of([0]));
 * const run = new Run({ model: { w }, optimizer: new SGD({ w }, { learningRate: 0.1 }), data: [Tensor.of([[1]])], loss: (x) => w.sub(x).pow(2).mean() });
 * for await (const _ of train(run, { epochs: 2 }));
 * runState(run).place // => { epoch: 2, batch: 0, steps: 2, examples: 0, total: 0 }
 */
export function runState(run: Run): RunState {
  checkRun('runState', run);
  const { configuration, tensors, stateful } = contentsOf(run.model);
  return {
    format: 1,
    configuration: Object.fromEntries(configuration),
    data: dataOf(run),
    model: stateDict(run.model),
    tensors: Object.fromEntries(tensors),
    stateful: Object.fromEntries(
      othersIn(run, stateful).map(([path, part]) => [path, copyPlain(`runState: ${path}`, statefulOf(part)!.state)]),
    ),
    optimizer: optimizerState(run.optimizer),
    defaultRandom: defaultRandom().state,
    random: run.random?.state ?? null,
    place: placeOf(run),
    keep: Object.fromEntries(Object.entries(run.keep as object).map(([name, value]) => [name, kept(`runState: run.keep.${name}`, value)])),
  };
}

const placeOf = ({ epoch, batch, steps, examples, total }: Run): RunState['place'] => ({ epoch, batch, steps, examples, total });

const dataOf = ({ data }: Run): Named<number | boolean> =>
  Object.fromEntries(
    SAID_OF_DATA.flatMap((name) => {
      const said = (data as unknown as Readonly<Record<string, unknown>>)[name];
      return typeof said === 'number' || typeof said === 'boolean' ? [[name, said] as const] : [];
    }),
  );

/** What has a state in a model, but for what is saved by itself. */
const othersIn = (run: Run, stateful: Contents['stateful']): [string, object][] =>
  [...stateful].filter(([, part]) => part !== run.optimizer && part !== run.random);

function kept(where: string, value: unknown): RunState['keep'][string] {
  const stateful = statefulOf(value);
  if (stateful) return { state: copyPlain(where, stateful.state) };
  if (value instanceof Parameter) throw new ValueError(`${where}: a parameter belongs to the model, { model: { …, parameter } }`);
  return { value: copyPlain(where, value) };
}

/**
 * Gives a run, made as the other one was, the whole state of that; all of it or, where anything does not fit, nothing. `train` goes on from there to the
 * same bits.
 *
 * What the run keeps that has a state is restored; lists and objects are filled with what they held, and all else is replaced in `run.keep`. Options of the
 * optimizer are those of the state: change them afterwards.
 * @throws StateError with all that does not fit; ValueError for what is no run, and for options that are not known.
 * @example
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
    ...(allowChanges ? [] : changed(run, state, contents)),
    ...namesOf(
      'the model',
      Object.keys(state.stateful),
      others.map(([path]) => path),
    ),
    ...namesOf('run.keep', Object.keys(state.keep), Object.keys(run.keep)),
  ];
  const places = Object.entries(state.tensors).map(
    ([path, x]) => placing(contents, path, x) ?? misfits.push(`left over: ${path}, a tensor`),
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
  const { tensors, place, keep } = x as unknown as RunState;
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
