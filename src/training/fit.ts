import { calledAs } from '../base/called-as.ts';
import { ValueError } from '../base/errors.ts';
import { anything, extend, type OptionTable, optional, type Requirement, readOptions, required, withoutDefault } from '../base/options.ts';
import type { Random } from '../base/random.ts';
import type { Optimizer } from '../optim/optimizer.ts';
import { EarlyStopping } from './early-stopping.ts';
import { evaluate, type Means, type Measured, measured, predictor, refuseTaken } from './measure.ts';
import { Progress } from './progress.ts';
import { type Batches, checkLossOf, isBatches, Run } from './run.ts';
import { type TrainingStep, type TrainOptions, train } from './train.ts';

/** How to fit a model. */
export interface FitOptions extends TrainOptions, Measured {
  readonly optimizer: Optimizer<any, any>;
  /** Batches that are measured after each epoch, in evaluation. Default none. */
  readonly validation?: Batches<any> | undefined;
  /** Stops when a number of the history has not become better. The best state is restored at the end, also where the epochs run out first. Default none. */
  readonly stopping?: EarlyStopping | undefined;
  /** The generator of masks and noise. Default the default generator. */
  readonly random?: Random | undefined;
  /** Whether progress is written, or a function that is called with each step, and waited for where it gives a promise. Default true. */
  readonly progress?: boolean | ((at: TrainingStep) => unknown);
}

/** The numbers of an epoch, with each of the metrics by its name. */
export type EpochRecord<O extends Measured = Measured> = {
  /** Its number, from 0. */
  readonly epoch: number;
  /** The number of its last step, over all epochs. */
  readonly step: number;
  /** The mean loss of its examples, in training. */
  readonly loss: number;
  /** The mean loss of the validation data, where there are any. */
  readonly validationLoss?: number;
  /** That of its last step. */
  readonly learningRate: number;
  /** How long it took, validation included. */
  readonly seconds: number;
} & { readonly [Name in keyof O['metrics']]: number };

/** What a fit leaves besides the model. */
export interface FitResult<O extends Measured = Measured> {
  /** The numbers of each epoch. */
  readonly history: readonly EpochRecord<O>[];
  /** Why it ended. */
  readonly stopped: 'epochs' | 'patience';
  /** The training, to be gone on with by `train`. */
  readonly run: Run;
}

/**
 * Trains a model on batches `[x, y]` for some epochs: `train` in a loop, with progress, validation, a history, and early stopping. Each of these can be had
 * by itself, in a loop of your own.
 *
 * The loss of an epoch is the mean over its examples of a model that moved meanwhile, in training; validation is that of the model at the end of the epoch,
 * in evaluation.
 * @param model what has `forward(x)`, or with `lossOf` any object with parameters
 * @throws ValueError for options that are not known; the reason of a signal; NonFiniteError for a loss that is not finite.
 * @example
 * const model = new Linear(1, 1, { seed: 1 });
 * const data = [[Tensor.of([[0], [1], [2]]), Tensor.of([[1], [3], [5]])]] as const;
 * const optimizer = new SGD(model, { learningRate: 0.2 });
 * const { history } = await fit(model, data, { optimizer, loss: mseLoss, epochs: 200, progress: false });
 * history.at(-1)?.loss.toFixed(3) // => '0.000'
 */
export async function fit<const O extends FitOptions>(model: object, data: Batches<any>, options: O): Promise<FitResult<O>> {
  const chosen = readOptions<FitOptions>('fit', options, fitOptions) as FitOptions;
  const { optimizer, loss, lossOf, validation, metrics, stopping, progress, random, epochs, signal, accumulate, clipNorm } = chosen;
  const run = calledAs('fit', 'Run', () => new Run({ model, optimizer, data, loss: lossIn(model, chosen), random }));
  if (metrics && !validation) throw new ValueError('fit: metrics are measured on validation data; give { validation: batches }');
  refuseTaken('fit', chosen);
  if (stopping) refuseUnwatched(stopping.monitor, chosen);
  const steps = train(run, { epochs, signal, accumulate, clipNorm } as TrainOptions);
  const shown = progress === true ? new Progress({ epochs }) : undefined;
  const history: EpochRecord[] = [];
  let [stopped, start]: [FitResult['stopped'], number] = ['epochs', performance.now()];
  for await (const at of steps) {
    shown?.step(at);
    if (typeof progress === 'function') await progress(at);
    if (!at.endOfEpoch) continue;
    const { epoch, epochLoss, learningRate, step } = at;
    const found = validation && (await evaluate(model, validation, { loss, lossOf, metrics } as Measured));
    const { loss: validationLoss, examples: _, ...others }: Partial<Means<Required<Measured>>> = found ?? {};
    const seconds = (performance.now() - start) / 1000;
    history.push({ epoch, step, loss: epochLoss, ...(found && { validationLoss: validationLoss! }), ...others, learningRate, seconds });
    shown?.epoch(history.at(-1)!);
    start = performance.now();
    if (!stopping?.done(history.at(-1)!)) continue;
    stopped = 'patience';
    break;
  }
  stopping?.restoreBest();
  return { history: history as unknown as FitResult<O>['history'], stopped, run };
}

const stoppings: Requirement = { words: 'new EarlyStopping(model)', holds: (x) => x === undefined || x instanceof EarlyStopping };
const batchesOption: Requirement = { words: 'batches, such as new DataLoader(dataset)', holds: isBatches };
const progresses: Requirement = { words: 'true, false or a function', holds: (x) => typeof x === 'boolean' || typeof x === 'function' };

const fitOptions = /* @__PURE__ */ extend(measured, {
  // What is only passed on is checked where it arrives.
  optimizer: /* @__PURE__ */ required(anything),
  epochs: /* @__PURE__ */ required(anything),
  signal: /* @__PURE__ */ withoutDefault(anything),
  accumulate: /* @__PURE__ */ optional(anything, 1),
  clipNorm: /* @__PURE__ */ withoutDefault(anything),
  validation: /* @__PURE__ */ withoutDefault(batchesOption),
  stopping: /* @__PURE__ */ withoutDefault(stoppings),
  random: /* @__PURE__ */ withoutDefault(anything),
  progress: /* @__PURE__ */ optional(progresses, true),
}) as OptionTable<FitOptions>;

/** Refuses to wait for an epoch's end to find that the number which is watched is not there. */
function refuseUnwatched(monitor: string, { validation, metrics }: FitOptions): void {
  const known = ['loss', ...(validation ? ['validationLoss'] : []), ...Object.keys(metrics ?? {}), 'learningRate', 'seconds'];
  if (known.includes(monitor)) return;
  const help = monitor === 'validationLoss' ? 'give { validation: batches }, or another monitor' : `the numbers are ${known.join(', ')}`;
  throw new ValueError(`fit: stopping watches ${monitor}, which no epoch has; ${help}`);
}

/** The loss of a batch. */
function lossIn(model: object, { loss, lossOf }: FitOptions): (batch: any) => any {
  if (lossOf && !loss) {
    checkLossOf('fit', 'lossOf', lossOf);
    return lossOf;
  }
  if (!loss || lossOf)
    throw new ValueError(
      `fit: expected a loss of predictions and targets, { loss: crossEntropy }, or lossOf a whole batch, got ${loss ? 'both' : 'neither'}`,
    );
  const predict = predictor('fit', model, true)!;
  return (batch) => loss(predict(batch), batch[1]);
}
