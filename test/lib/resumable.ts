/** Trainings with all that a training can have, to be stopped anywhere and gone on with. */

import { DataLoader, Dataset } from '../../src/datasets/index.ts';
import {
  Adadelta,
  Adagrad,
  Adam,
  Adamax,
  AdamW,
  BatchNorm,
  cosineAnnealing,
  Dropout,
  EarlyStopping,
  GRU,
  LBFGS,
  Linear,
  Lion,
  manualSeed,
  mseLoss,
  NAdam,
  type Optimizer,
  oneCycle,
  ParameterGroups,
  RAdam,
  Random,
  ReduceOnPlateau,
  RMSprop,
  Rprop,
  Run,
  runState,
  type Schedule,
  SGD,
  Tensor,
  train,
} from '../../src/index.ts';
import { writeSafetensors } from '../../src/io/index.ts';
import { takeApart } from '../../src/io/structure.ts';

interface Given {
  readonly learningRate: number | Schedule;
  readonly groups?: ParameterGroups;
}

/** Every optimizer, with the options that add to what it remembers. */
export const optimizers: Readonly<Record<string, (model: object, given: Given) => Optimizer<any, any>>> = {
  SGD: (model, given) => new SGD(model, { ...given, momentum: 0.9, nesterov: true }),
  'SGD that begins without momentum': (model, given) => new SGD(model, { ...given, momentum: 0 }),
  'SGD in a cycle': (model, given) => new SGD(model, { ...given, ...oneCycle({ max: 0.1, steps: 8 }), dampening: 0.1 }),
  Adam: (model, given) => new Adam(model, given),
  'Adam with amsgrad': (model, given) => new Adam(model, { ...given, amsgrad: true, weightDecay: 0.01 }),
  AdamW: (model, given) => new AdamW(model, given),
  NAdam: (model, given) => new NAdam(model, given),
  RAdam: (model, given) => new RAdam(model, given),
  Adamax: (model, given) => new Adamax(model, given),
  Adadelta: (model, given) => new Adadelta(model, given),
  Adagrad: (model, given) => new Adagrad(model, { ...given, learningRateDecay: 0.1 }),
  RMSprop: (model, given) => new RMSprop(model, given),
  'centered RMSprop': (model, given) => new RMSprop(model, { ...given, centered: true, momentum: 0.5 }),
  Rprop: (model, given) => new Rprop(model, given),
  Lion: (model, given) => new Lion(model, given),
  LBFGS: (model, given) => new LBFGS(model, { ...given, maxIterations: 3 }),
};

/** What a training has. */
export interface Features {
  readonly optimizer: string;
  readonly rate: 'number' | 'schedule' | 'plateau';
  readonly dropout: boolean;
  readonly batchNorm: boolean;
  readonly shuffle: boolean;
  readonly accumulate: number;
  readonly carried: 'no' | 'kept' | 'in the model';
  readonly tied: boolean;
  readonly late: boolean;
  readonly groups: boolean;
  readonly ownRandom: boolean;
  readonly byHand: boolean;
  readonly freezing: boolean;
  readonly dtype: 'float32' | 'float64';
}

export const EPOCHS = 2;

class Model {
  readonly first: Linear;
  readonly norm: BatchNorm | undefined;
  readonly drop: Dropout | undefined;
  readonly hidden: readonly Linear[];
  readonly gru: GRU | undefined;
  /** Has no part in the first losses. */
  readonly late: Linear;
  readonly head: Linear;
  /** Draws noise of its own. */
  readonly random = new Random(11);
  last: Tensor | undefined;

  constructor({ dtype, batchNorm, dropout, carried, tied }: Features) {
    const random = new Random(1);
    const given = { dtype, random };
    this.first = new Linear(3, 4, given);
    this.norm = batchNorm ? new BatchNorm(4, { dtype }) : undefined;
    this.drop = dropout ? new Dropout(0.3) : undefined;
    this.hidden = [new Linear(4, 4, given), new Linear(4, 4, given)];
    // One parameter at two places.
    if (tied) Object.assign(this.hidden[1]!, { weight: this.hidden[0]!.weight });
    this.gru = carried === 'no' ? undefined : new GRU(4, 4, given);
    this.late = new Linear(4, 4, given);
    this.head = new Linear(4, 2, given);
  }

  forward(x: Tensor, steps: number, state: Tensor | undefined): [Tensor, Tensor | undefined] {
    let h = this.first.forward(x).add(this.random.float());
    h = this.norm?.forward(h) ?? h;
    h = this.drop?.forward(h.tanh()) ?? h;
    for (const layer of this.hidden) h = layer.forward(h).tanh();
    let last: Tensor | undefined;
    if (this.gru) {
      const [all, end] = this.gru.forward(h.unsqueeze(1), state);
      [h, last] = [all.slice([null, 0]), end];
    }
    if (steps >= 2) h = h.add(this.late.forward(h));
    return [this.head.forward(h), last];
  }
}

export type Kept = {
  losses: number[];
  history: { epoch: number; loss: number }[];
  state: Tensor | undefined;
  stopping: EarlyStopping;
  plateau: ReduceOnPlateau;
};

/** A training at its beginning. */
export function made(features: Features, seed = 7): Run<[Tensor, Tensor], Kept> {
  manualSeed(seed);
  const model = new Model(features);
  const { rate, groups, dtype, shuffle, carried } = features;
  const plateau = new ReduceOnPlateau(0.05, { patience: 0, factor: 0.5, threshold: 10, thresholdMode: 'absolute' });
  const rates = { number: 0.05, schedule: cosineAnnealing(0.05, { steps: 10 }), plateau: plateau.learningRate };
  const optimizer = optimizers[features.optimizer]!(model, {
    learningRate: rates[rate],
    ...(groups && { groups: new ParameterGroups(model, [{ parameters: [model.head], learningRate: cosineAnnealing(0.1, { steps: 7 }) }, { parameters: [model.late], learningRate: 0.3 }]) }), // biome-ignore format: one list
  });
  const dataset = new Dataset(Tensor.normal([13, 3], { seed: 2, dtype }), Tensor.normal([13, 2], { seed: 3, dtype }));
  const data = new DataLoader(dataset, { batchSize: 3, shuffle, seed: 4, dropLast: true });
  const keep: Kept = { losses: [], history: [], state: undefined, stopping: new EarlyStopping(model, { monitor: 'loss' }), plateau };
  const run: Run<[Tensor, Tensor], Kept> = new Run({
    model,
    optimizer,
    data,
    loss: ([x, y]: [Tensor, Tensor]) => {
      const [found, last] = model.forward(x, run.steps, carried === 'kept' ? run.keep.state : model.last);
      if (carried === 'kept') run.keep.state = last;
      else if (carried === 'in the model') model.last = last;
      return mseLoss(found, y);
    },
    ...(features.ownRandom && { random: new Random(5) }),
    keep,
  });
  return run;
}

/** Goes on with a training to its end, or until it has made so many steps. */
export async function goOn(
  run: Run<[Tensor, Tensor], Kept>,
  features: Features,
  after: (step: number) => unknown = () => {},
): Promise<void> {
  const { optimizer, keep } = run;
  const model = run.model as Model;
  for await (const { step, loss, endOfEpoch, epoch, epochLoss } of train(run, { epochs: EPOCHS, accumulate: features.accumulate })) {
    keep.losses.push(loss);
    if (features.byHand && step === 1) optimizer.learningRate = 0.02;
    if (features.freezing && step === 0) optimizer.options['frozen'] = { first: model.first, norm: model.norm };
    if (features.freezing && step === 3) optimizer.options['frozen'] = undefined;
    if (endOfEpoch) {
      keep.history.push({ epoch, loss: epochLoss });
      keep.stopping.done({ loss: epochLoss });
    }
    keep.plateau.observe(loss);
    if ((await after(step)) === false) return;
  }
}

/** All that a training is, as bytes. */
export function bytesOf(run: Run<any, any>): Uint8Array {
  const { text, tensors } = takeApart(runState(run) as never);
  return writeSafetensors(tensors, { metadata: { text } });
}
