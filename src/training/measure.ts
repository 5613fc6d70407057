import { ValueError } from '../base/errors.ts';
import { aFunction, isPlainObject, type OptionTable, quote, type Requirement, readOptions, withoutDefault } from '../base/options.ts';
import { RunningMean } from '../metrics/running.ts';
import { Tensor } from '../tensor/tensor.ts';
import { evaluation } from '../tensor/training-scope.ts';
import { weighed } from './accumulate.ts';
import { givingWay } from './event-loop.ts';
import { type Batches, batchesOf, checkLossOf, examplesIn, isBatches, type SummedLoss } from './run.ts';

/** What to measure on batches `[x, y]`. */
export interface Measured {
  /** The mean loss of predictions and targets. */
  readonly loss?: (prediction: any, target: any) => Tensor;
  /** The loss of a whole batch, in the place of `loss`: a mean, or `{ sum, count }`. */
  readonly lossOf?: (batch: any) => Tensor | SummedLoss;
  /**
   * Numbers by name. A function, such as `accuracy`, is asked of each batch, and the mean is weighed by examples. What is no mean over examples is asked of
   * all at once: `{ auc: new Collected(rocAUC) }`.
   */
  readonly metrics?: Readonly<Record<string, Metric>>;
}

/** A number of predictions and targets: of a batch by a function, or of all batches together. */
export type Metric = ((prediction: any, target: any) => number | Tensor) | RunningMetric;

/** What takes batches in, and tells a number of all of them: `Collected`, `RunningMean`, or a class of your own. */
export interface RunningMetric {
  /** Takes the predictions and targets of a batch in. */
  update(prediction: any, target: any): unknown;
  /** The number of all that were taken in. */
  readonly value: number | Tensor;
  /** Another one that has taken nothing in: each evaluation begins with one. */
  fresh(): RunningMetric;
}

/** The means of what was measured, by name. */
export type Means<O extends Measured> = { readonly examples: number } & (O extends { readonly loss: object } | { readonly lossOf: object }
  ? { readonly loss: number }
  : unknown) & { readonly [Name in keyof O['metrics']]: number };

const metricsByName: Requirement = {
  words: 'functions by name, such as { accuracy }, or new Collected(rocAUC)',
  holds: (x) => isPlainObject(x) && Object.values(x).every((metric) => typeof metric === 'function' || isRunning(metric)),
};
const isRunning = (x: unknown): x is RunningMetric => {
  const { update, fresh } = (x ?? {}) as Partial<RunningMetric>;
  return typeof update === 'function' && typeof fresh === 'function';
};

/** What to measure may be. */
export const measured: OptionTable<Measured> = {
  loss: /* @__PURE__ */ withoutDefault(aFunction),
  lossOf: /* @__PURE__ */ withoutDefault(aFunction),
  metrics: /* @__PURE__ */ withoutDefault(metricsByName),
};

/**
 * The mean loss and the means of other numbers over all batches, weighed by examples, in evaluation: nothing is recorded, drawn or taken in.
 *
 * @param model what has `forward(x)`; with `lossOf` alone any object
 * @param data batches `[x, y]`, synchronous or not
 * @returns `examples`, `loss` where one is given, and each of the `metrics`
 * @throws ValueError for no batch, and for options that are not known.
 * @example
 * const model = new Linear(2, 2, { seed: 1 });
 * const batches = [[Tensor.zeros([3, 2]), Tensor.of([0, 1, 1], 'int32')] as const, [Tensor.zeros([1, 2]), Tensor.of([0], 'int32')] as const];
 * (await evaluate(model, batches, { metrics: { accuracy } })).accuracy // => 0.5
 */
export async function evaluate<const O extends Measured>(model: object, data: Batches<any>, options: O): Promise<Means<O>> {
  const { loss, lossOf, metrics } = readOptions<Measured>('evaluate', options, measured) as Measured;
  refuseTaken('evaluate', { metrics: metrics ?? {} });
  const predict = predictor('evaluate', model, !lossOf || !!loss || !!metrics);
  if (lossOf) checkLossOf('evaluate', 'lossOf', lossOf);
  if (!isBatches(data)) throw new ValueError(`evaluate: expected batches, such as new DataLoader(dataset), got ${quote(data)}`);
  const giveWay = givingWay();
  const judges = Object.entries(metrics ?? {}).map(([name, metric]) => [name, judgeOf(name, metric)] as const);
  let [examples, total, counted] = [0, 0, 0];
  for await (const batch of batchesOf(data, 0)) {
    evaluation(() => {
      const size = examplesIn('evaluate', batch);
      if (size === 0) return;
      const prediction = predict?.(batch);
      if (loss || lossOf) {
        const found = weighed('evaluate', lossOf ? lossOf(batch) : loss!(prediction, batch[1]), batch);
        total += found.loss.item() * found.weight;
        counted += found.size;
      }
      for (const [, judge] of judges) judge.update(prediction, batch[1], size);
      examples += size;
    });
    await giveWay();
  }
  if (examples === 0) throw new ValueError(`evaluate: expected at least one example, got ${NONE}`);
  const found = evaluation(() => judges.map(([name, judge]) => [name, judge.value()] as const));
  if ((loss || lossOf) && counted === 0) throw new ValueError('evaluate: expected something to take the mean of, got counts of 0 alone');
  return { examples, ...((loss || lossOf) && { loss: total / counted }), ...Object.fromEntries(found) } as unknown as Means<O>;
}

const NONE =
  'none; data that can be gone through once, such as a generator, are measured once: give an array, a DataLoader, or { epoch: () => batches() }';

/** One metric in one evaluation. */
interface Judge {
  readonly update: (prediction: unknown, target: unknown, size: number) => unknown;
  readonly value: () => number;
}

/** The numbers that are told besides metrics. */
const TAKEN: readonly string[] = ['loss', 'examples', 'validationLoss', 'epoch', 'step', 'learningRate', 'seconds'];

/** Refuses metrics under the names of other numbers. */
export function refuseTaken(where: string, { metrics }: Measured): void {
  const taken = Object.keys(metrics ?? {}).find((name) => TAKEN.includes(name));
  if (taken) throw new ValueError(`${where}: a metric cannot be called ${taken}, since another number is; give it another name`);
}

function judgeOf(name: string, metric: Metric): Judge {
  const numberOf = (found: unknown): number => {
    if (typeof found === 'number') return found;
    if (found instanceof Tensor && found.size === 1) return found.item();
    throw new ValueError(`evaluate: expected the metric ${name} to give a number, got ${quote(found)}`);
  };
  if (typeof metric === 'function') {
    const mean = new RunningMean();
    return { update: (prediction, target, size) => mean.add(numberOf(metric(prediction, target)), size), value: () => mean.value };
  }
  const running = metric.fresh();
  return { update: (prediction, target) => running.update(prediction, target), value: () => numberOf(running.value) };
}

/** How to get the prediction of a batch `[x, …]`. */
export function predictor(where: string, model: object, needed: boolean): ((batch: any) => Tensor) | undefined {
  const { forward } = (model ?? {}) as { readonly forward?: unknown };
  if (typeof forward === 'function')
    return (batch) => {
      if (Array.isArray(batch)) return (model as { forward(x: unknown): Tensor }).forward(batch[0]);
      throw new ValueError(`${where}: expected batches [x, y], got ${quote(batch)}; for others give lossOf`);
    };
  if (!needed) return undefined;
  throw new ValueError(`${where}: expected a model with forward(x), got ${quote(model)}; or give lossOf, a function of the whole batch`);
}
