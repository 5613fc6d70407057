/** The whole state of a training, to be saved and gone on from. */

import { ValueError } from '../base/errors.ts';
import { defaultRandom, type RandomState } from '../base/random.ts';
import { stateDict } from '../layers/state.ts';
import { optimizerState } from '../optim/optimizer-state.ts';
import type { OptimizerState } from '../optim/saved-options.ts';
import { Parameter } from '../tensor/parameter.ts';
import { copyPlain, type PlainData } from '../tensor/plain-data.ts';
import { Tensor } from '../tensor/tensor.ts';
import { type Contents, contentsOf, statefulOf } from './contents.ts';
import { checkRun, type Run } from './run.ts';

/** The whole state of a training: plain data with tensors. */
export interface RunState {
  /** The version of this form. */
  readonly format: 1;
  /** How the model is configured: numbers, switches and texts of its layers, and the names of classes and functions, by path. */
  readonly configuration: { readonly [name: string]: string };
  /** The data as far as they say it: batch size, seed, and so on. */
  readonly data: { readonly [name: string]: number | boolean };
  /** The parameters and buffers of the model, by path. */
  readonly model: { readonly [name: string]: Tensor };
  /** Other tensors in it, such as the last state of a recurrent layer, and typed arrays of numbers. */
  readonly tensors: { readonly [name: string]: Tensor };
  /** Which of these are typed arrays, and in which lists, Maps and plain objects they stand: so they can be made where the model has none yet. */
  readonly containers?: { readonly [name: string]: 'numbers' | 'list' | 'map' | 'numbered map' | 'object' };
  /** The states of what it holds that has one, such as a generator. */
  readonly stateful: { readonly [name: string]: PlainData };
  readonly optimizer: OptimizerState;
  /** The default generator. */
  readonly defaultRandom: RandomState;
  /** The generator of the run, if it has one. */
  readonly random: RandomState | null;
  /** How far it has come. */
  readonly place: Pick<Run, (typeof PLACE)[number]>;
  /** What is kept with it, by name: states, and values. */
  readonly keep: { readonly [name: string]: { readonly state: PlainData } | { readonly value: PlainData } };
}

const PLACE = ['epoch', 'batch', 'steps', 'examples', 'total'] as const;
const SAID_OF_DATA = ['length', 'batchSize', 'shuffle', 'seed', 'dropLast'] as const;

/**
 * The whole state of a training, from which `loadRunState` goes on to the same bits: parameters and buffers, the optimizer, the generators, how far the
 * run has come, and what it keeps. `saveRun` of `tapegrad/io` writes it to a file.
 *
 * What a model carries along, tensors and typed arrays in lists, Maps and objects such as the last state of an LSTM, `{ h, c }`, is part of it.
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
  const { configuration, tensors, containers, stateful } = contentsOf(run.model);
  return {
    format: 1,
    configuration: Object.fromEntries(configuration),
    data: dataOf(run),
    model: stateDict(run.model),
    tensors: Object.fromEntries([...tensors].map(([path, x]) => [path, x instanceof Tensor ? x : Tensor.fromTypedArray(x)])),
    containers: Object.fromEntries(containers),
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

export const placeOf = ({ epoch, batch, steps, examples, total }: Run): RunState['place'] => ({ epoch, batch, steps, examples, total });

export const dataOf = ({ data }: Run): { readonly [name: string]: number | boolean } =>
  Object.fromEntries(
    SAID_OF_DATA.flatMap((name) => {
      const said = (data as unknown as Readonly<Record<string, unknown>>)[name];
      return typeof said === 'number' || typeof said === 'boolean' ? [[name, said] as const] : [];
    }),
  );

/** What has a state in a model, but for what is saved by itself. */
export const othersIn = (run: Run, stateful: Contents['stateful']): [string, object][] =>
  [...stateful].filter(([, part]) => part !== run.optimizer && part !== run.random);

function kept(where: string, value: unknown): RunState['keep'][string] {
  const stateful = statefulOf(value);
  if (stateful) return { state: copyPlain(where, stateful.state) };
  if (value instanceof Parameter) throw new ValueError(`${where}: a parameter belongs to the model, { model: { …, parameter } }`);
  return { value: copyPlain(where, value) };
}
