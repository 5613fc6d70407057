import { ValueError } from '../base/errors.ts';
import { type OptionTable, quote, type Requirement, readOptions, withoutDefault } from '../base/options.ts';
import { Tensor } from '../tensor/tensor.ts';
import { evaluation } from '../tensor/training-scope.ts';
import { weighed } from './accumulate.ts';
import { givingWay } from './event-loop.ts';
import { type Batches, batchesOf, examplesIn, type SummedLoss } from './run.ts';

/** What to measure on batches `[x, y]`. */
export interface Measured {
  /** The mean loss of predictions and targets. */
  readonly loss?: (prediction: any, target: any) => Tensor;
  /** The loss of a whole batch, in the place of `loss`: a mean, or `{ sum, count }`. */
  readonly lossOf?: (batch: any) => Tensor | SummedLoss;
  /** Numbers by name, each a mean over the examples of a batch, such as `{ accuracy }`. */
  readonly metrics?: Readonly<Record<string, (prediction: any, target: any) => number>>;
}

/** The means of what was measured, by name. */
export type Means<O extends Measured> = { readonly examples: number } & (O extends { readonly loss: object } | { readonly lossOf: object }
  ? { readonly loss: number }
  : unknown) & { readonly [Name in keyof O['metrics']]: number };

const aFunction: Requirement = { words: 'a function', holds: (x) => typeof x === 'function' };
const functions: Requirement = {
  words: 'functions by name, such as { accuracy }',
  holds: (x) => typeof x === 'object' && x !== null && Object.values(x).every((f) => typeof f === 'function'),
};

/** What to measure may be. */
export const measured: OptionTable<Measured> = {
  loss: /* @__PURE__ */ withoutDefault(aFunction),
  lossOf: /* @__PURE__ */ withoutDefault(aFunction),
  metrics: /* @__PURE__ */ withoutDefault(functions),
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
  const predict = predictor('evaluate', model, !lossOf || !!loss || !!metrics);
  if (typeof data !== 'object' || data === null || data instanceof Tensor)
    throw new ValueError(`evaluate: expected batches, such as a DataLoader, got ${quote(data)}`);
  const giveWay = givingWay();
  const totals = new Map<string, number>();
  let [examples, counted] = [0, 0];
  const add = (name: string, value: number) => totals.set(name, (totals.get(name) ?? 0) + value);
  for await (const batch of batchesOf(data, 0)) {
    evaluation(() => {
      const size = examplesIn('evaluate', batch);
      const prediction = predict?.(batch);
      if (loss || lossOf) {
        const found = weighed('evaluate', lossOf ? lossOf(batch) : loss!(prediction, batch[1]), batch);
        add('loss', found.loss.item() * found.weight);
        counted += found.size;
      }
      for (const [name, metric] of Object.entries(metrics ?? {})) add(name, metric(prediction, batch[1]) * size);
      examples += size;
    });
    await giveWay();
  }
  if (examples === 0) throw new ValueError('evaluate: expected at least one example, got no batch');
  const means = Object.fromEntries([
    ['examples', examples] as const,
    ...[...totals].map(([name, total]) => [name, total / (name === 'loss' && (loss || lossOf) ? counted : examples)] as const),
  ]);
  return means as unknown as Means<O>;
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
