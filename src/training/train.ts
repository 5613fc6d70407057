import { Tape } from '../autograd/tape.ts';
import { NonFiniteError, ValueError } from '../base/errors.ts';
import { numberAbove, optional, type Requirement, readOptions, required, wholeNumberFrom, withoutDefault } from '../base/options.ts';
import { defaultRandom } from '../base/random.ts';
import { computingAgain, training } from '../tensor/training-scope.ts';
import { accumulate, weighed } from './accumulate.ts';
import { givingWay } from './event-loop.ts';
import { batchesOf, lengthOf, Run, type RunParts } from './run.ts';

/** How to train. */
export interface TrainOptions {
  /** How many epochs the run has in all, those included that it has behind it. */
  readonly epochs: number;
  /** Ends the training between two steps, by throwing the signal's reason. The run can be gone on with. Default none. */
  readonly signal?: AbortSignal | undefined;
  /** How many batches a step takes the mean loss of. The last step of an epoch takes what is left. Default 1. */
  readonly accumulate?: number;
  /** The largest norm that the gradients of a step may have; larger ones are scaled to it. Default none. */
  readonly clipNorm?: number | undefined;
}

/** One step that was made. */
export interface TrainingStep {
  /** The epoch it belongs to, from 0. */
  readonly epoch: number;
  /** Its number, from 0, over all epochs. */
  readonly step: number;
  /** The mean loss of its examples, before the step. */
  readonly loss: number;
  /** The mean loss of the epoch so far, weighed by examples: of a model that moved meanwhile, in training. */
  readonly epochLoss: number;
  /** Over how many the mean is: examples, or what the loss counts. */
  readonly examples: number;
  readonly learningRate: number;
  /** How many batches of the epoch are done. */
  readonly batch: number;
  /** How many it has; `undefined` where that is not known beforehand. */
  readonly batches: number | undefined;
  /** Whether it is the last of its epoch. */
  readonly endOfEpoch: boolean;
}

const signals: Requirement = {
  words: 'an AbortSignal',
  holds: (x) => x === undefined || (typeof x === 'object' && x !== null && 'aborted' in x && 'throwIfAborted' in x),
};

/**
 * Trains step by step: a loop over it is the training, and `break` stops it. After each step it says what happened; the run knows how far it has come, so
 * another loop goes on from there. The event loop gets its turn every 100 ms, so that a page stays alive.
 *
 * @param run a `Run`, or its parts
 * @throws NonFiniteError, before anything moves, for a loss that is NaN or infinite, naming the layer where it arose; the signal's reason; ValueError for
 *   data without batches and for options that are not known.
 * @example
 * const model = new Linear(1, 1, { initialization: 'zeros' });
 * const data = [[Tensor.of([[1], [2]]), Tensor.of([[3], [6]])] as const];
 * const optimizer = new SGD(model, { learningRate: 0.1 });
 * const losses: string[] = [];
 * for await (const { loss } of train({ model, optimizer, data, loss: ([x, y]) => mseLoss(model.forward(x), y) }, { epochs: 3 })) losses.push(loss.toFixed(3));
 * losses // => ['22.500', '2.385', '0.390']
 */
export function train<Batch>(run: Run<Batch> | RunParts<Batch>, options: TrainOptions): AsyncGenerator<TrainingStep, void, undefined> {
  const chosen = readOptions<TrainOptions>('train', options, {
    epochs: required(wholeNumberFrom(0)),
    signal: withoutDefault(signals),
    accumulate: optional(wholeNumberFrom(1), 1),
    clipNorm: withoutDefault(numberAbove(0)),
  });
  return stepsOf(run instanceof Run ? run : new Run(run), chosen as Chosen);
}

type Chosen = TrainOptions & { readonly accumulate: number };

async function* stepsOf<Batch>(run: Run<Batch>, { epochs, signal, ...how }: Chosen): AsyncGenerator<TrainingStep, void, undefined> {
  const giveWay = givingWay();
  while (run.epoch < epochs) {
    const { epoch } = run;
    for await (const { window, isLast } of windows(run, how.accumulate)) {
      signal?.throwIfAborted();
      const learningRate = run.optimizer.currentLearningRate;
      const { loss, examples } = stepOn(run, window, how);
      run.batch += window.length;
      run.examples += examples;
      run.total += loss * examples;
      const step = run.steps++;
      const { batch } = run;
      const epochLoss = run.total / run.examples;
      // The run is where the next loop goes on, whatever happens while this step is looked at.
      if (isLast) Object.assign(run, { epoch: epoch + 1, batch: 0, examples: 0, total: 0 });
      yield { epoch, step, loss, epochLoss, examples, learningRate, batch, batches: lengthOf(run.data), endOfEpoch: isLast };
      await giveWay();
    }
    if (run.epoch === epoch) throw new ValueError(noBatches(run));
  }
}

const noBatches = ({ epoch, batch }: Run): string =>
  `train: epoch ${epoch} has no batch${batch > 0 ? ` after the ${batch} that were trained on` : ''}${epoch > 0 ? '; data that can be gone through once, such as a generator, has one epoch: give an array, a DataLoader, or { epoch: () => batches() }' : ''}`;

/** The batches of an epoch that are not done yet, as many together as a step takes. */
async function* windows<Batch>(run: Run<Batch>, size: number): AsyncGenerator<{ window: Batch[]; isLast: boolean }, void, undefined> {
  const [length, done] = [lengthOf(run.data), run.batch];
  const goOn = generatorsOf(run);
  let window: Batch[] = [];
  let place = 0;
  for await (const batch of batchesOf(run.data, run.epoch)) {
    if (place++ < done) {
      // What was drawn to make these batches was drawn before.
      if (place === done) goOn();
      continue;
    }
    // Where nobody knows how many batches there are, a window waits for the next: it may be the last.
    if (window.length === size) {
      yield { window, isLast: false };
      window = [];
    }
    window.push(batch);
    if (length === undefined || window.length < size || place >= length) continue;
    yield { window, isLast: false };
    window = [];
  }
  if (window.length > 0) yield { window, isLast: true };
}

/** Has the generators of a run go on from where they are now. */
function generatorsOf({ random }: Run): () => void {
  const all = [defaultRandom(), ...(random ? [random] : [])].map((random) => [random, random.state] as const);
  return () => {
    for (const [random, state] of all) random.restore(state);
  };
}

/** Moves the model by one step, and says the mean loss before it, and over how many. */
function stepOn<Batch>(
  run: Run<Batch>,
  window: readonly Batch[],
  { clipNorm }: Pick<TrainOptions, 'clipNorm'>,
): { loss: number; examples: number } {
  const { model, optimizer, random } = run;
  const within = <T>(f: () => T): T => (random ? training(f, { random }) : f());
  const again = within(() => computingAgain());
  const refuse = (loss: number) => {
    if (!Number.isFinite(loss)) again(() => refuseNonFinite(run, window, loss));
  };
  if (window.length > 1) {
    const { gradients, loss, count } = within(() => accumulate(window, run.loss));
    refuse(loss);
    optimizer.step(clipNorm === undefined ? gradients : gradients.clipByNorm(clipNorm));
    return { loss, examples: count };
  }
  let found: { loss: number; examples: number } | undefined;
  const lossOf = () => {
    const { loss, weight, size } = weighed('train', run.loss(window[0]!), window[0]);
    const mean = weight === size ? loss : loss.div(size);
    // A line search may meet infinities on its way; what counts is where it begins.
    if (!found) {
      found = { loss: mean.item(), examples: size };
      refuse(found.loss);
    }
    return mean;
  };
  if (clipNorm === undefined) within(() => optimizer.minimize(lossOf));
  else {
    const tape = new Tape({ model });
    optimizer.step(tape.backward(within(() => tape.record(lossOf))).clipByNorm(clipNorm));
  }
  return found!;
}

/** Throws the error that says in which layer a NaN or an infinity arose. */
function refuseNonFinite<Batch>({ model, loss, epoch, batch, steps }: Run<Batch>, window: readonly Batch[], value: number): never {
  const place = `train: the loss of step ${steps} (epoch ${epoch}, batch ${batch}) is ${value}`;
  for (const batch of window) {
    try {
      new Tape({ model }).record(() => loss(batch), { check: 'finite' });
    } catch (error) {
      if (error instanceof NonFiniteError) throw new NonFiniteError(`${place}: ${error.message}`, { cause: error });
      throw error;
    }
  }
  throw new NonFiniteError(`${place}; no operation made it of finite numbers, so it came with the batch`);
}
