/** Names of what trains a model, step by step. */

import {
  accumulate,
  EarlyStopping,
  evaluate,
  fit,
  loadOptimizerState,
  loadRunState,
  mseLoss,
  optimizerState,
  Progress,
  Run,
  type RunParts,
  runState,
  type Sequential,
  serveTraining,
  type Tensor,
  type TrainingStep,
  train,
  trainInWorker,
} from 'tapegrad';
import type { DataLoader } from 'tapegrad/datasets';
import { loadRun, saveRun } from 'tapegrad/io';
import type { Section } from './row.ts';

declare const model: Sequential;
declare const { loader, validation }: Record<'loader' | 'validation', DataLoader>;
declare const parts: RunParts<[Tensor, Tensor]>;
declare const { optimizer }: RunParts<[Tensor, Tensor]>;
declare const batches: [Tensor, Tensor][];
declare const lossOf: (batch: [Tensor, Tensor]) => Tensor;
declare const run: Run;
declare const path: string;
declare const { step }: { step: TrainingStep };
declare const url: URL;

export const loops: readonly Section[] = [
  {
    title: 'Training loops',
    rows: [
      [
        () => fit(model, loader, { optimizer, loss: mseLoss, epochs: 10, validation }),
        'a loop of your own, or Trainer.fit of Lightning',
        '',
        '',
        'model.fitDataset(data, { epochs: 10, validationData })',
        'progress, history, early stopping; `train` in a loop',
      ],
      [
        () => train(new Run(parts), { epochs: 10 }),
        'a loop of your own',
        '',
        '',
        '',
        '`for await (const { loss } of train(…))`: stop with `break`, go on with the same run',
      ],
      [
        () => evaluate(model, validation, { loss: mseLoss }),
        'a loop under model.eval() and no_grad()',
        '',
        '',
        'model.evaluateDataset(data)',
      ],
      [
        () => accumulate(batches, lossOf),
        'several backward() before step()',
        'optax.MultiSteps',
        '',
        '',
        'sums are divided by counts once',
      ],
      [
        () => new EarlyStopping(model, { patience: 5 }),
        'EarlyStopping of Lightning',
        '',
        '',
        'tf.callbacks.earlyStopping({ patience: 5 })',
      ],
      [
        () => [saveRun(run, path), loadRun(run, path)],
        'torch.save({ model, optimizer, epoch, rng })',
        'orbax.checkpoint',
        '',
        '',
        'one file; goes on at any step to the same bits',
      ],
      [() => [runState(run), loadRunState(run, runState(run))], '', '', '', '', 'the same as plain data with tensors'],
      [
        () => [optimizerState(optimizer), loadOptimizerState(optimizer, optimizerState(optimizer))],
        'optimizer.state_dict(), load_state_dict(d)',
        'the opt_state of optax',
        '',
        'optimizer.getWeights(), setWeights(w)',
      ],
      [() => new Progress({ epochs: 10 }).step(step), 'tqdm(loader)', '', '', 'callbacks: { onBatchEnd }'],
      [
        () => [trainInWorker(url), serveTraining(() => model)],
        '',
        '',
        '',
        '',
        'a training in a worker, its steps back, what cancels it forward',
      ],
    ],
  },
];
