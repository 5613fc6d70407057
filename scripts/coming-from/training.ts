/** Names of what networks are trained and judged with. */

import {
  Adagrad,
  Adam,
  Adamax,
  AdamW,
  accuracy,
  classificationReport,
  confusionMatrix,
  cosineAnnealing,
  cyclic,
  followedBy,
  type Gradients,
  linearWarmup,
  Optimizer,
  oneCycle,
  polynomialDecay,
  RAdam,
  RMSprop,
  type Schedule,
  type Sequential,
  SGD,
  stepDecay,
  type Tensor,
} from 'tapegrad';
import { DataLoader, Dataset, mnist } from 'tapegrad/datasets';
import type { Section } from './row.ts';

declare const { x, y, prediction, target }: Record<'x' | 'y' | 'prediction' | 'target', Tensor>;
declare const model: Sequential;
declare const optimizer: Optimizer;
declare const gradients: Gradients;
declare const dataset: Dataset;
declare const lossOf: () => Tensor;
declare const { warmup, decay }: Record<'warmup' | 'decay', Schedule>;

export const training: readonly Section[] = [
  {
    title: 'Optimizers and schedules',
    rows: [
      [
        () => new SGD(model, { learningRate: 0.1, momentum: 0.9 }),
        'optim.SGD(model.parameters(), lr=0.1, momentum=0.9)',
        'optax.sgd(0.1, momentum=0.9)',
        '',
        'tf.train.momentum(0.1, 0.9)',
        'takes the model; `learningRate`, not `lr`',
      ],
      [
        () => [new Adam(model), new AdamW(model), new Adamax(model), new RAdam(model)],
        'optim.Adam(…), optim.AdamW(…), optim.Adamax(…), optim.RAdam(…)',
        'optax.adam, optax.adamw, optax.adamax, optax.radam',
        '',
        'tf.train.adam(), tf.train.adamax()',
        'ε 1e-8; TensorFlow.js 1e-7',
      ],
      [
        () => [new RMSprop(model), new Adagrad(model)],
        'optim.RMSprop(…), optim.Adagrad(…)',
        'optax.rmsprop, optax.adagrad',
        '',
        'tf.train.rmsprop(0.01), tf.train.adagrad(0.01)',
        'as PyTorch: alpha 0.99, ε outside of the root, Adagrad begins at 0',
      ],
      [
        () => optimizer.minimize(lossOf),
        'optimizer.zero_grad(); loss.backward(); optimizer.step()',
        'optimizer.update(model, grads)',
        '',
        'optimizer.minimize(lossOf)',
        'returns the loss as a number',
      ],
      [
        () => optimizer.step(gradients),
        'optimizer.step()',
        'optax.apply_updates(params, updates)',
        '',
        'optimizer.applyGradients(gradients)',
      ],
      [() => Optimizer, 'optim.Optimizer', 'optax.GradientTransformation', '', 'tf.Optimizer', 'the base class of your own'],
      [
        () => new SGD(model, { learningRate: 0.1, frozen: model.layers[0] }),
        'layer.requires_grad_(False)',
        "optax.multi_transform({ 'frozen': optax.set_to_zero() }, …)",
        '',
        'layer.trainable = false',
        'a loss of parameters that no optimizer was given is refused',
      ],
      [
        () => [gradients.clipByNorm(1), gradients.clipByValue(1)],
        'nn.utils.clip_grad_norm_, nn.utils.clip_grad_value_',
        'optax.clip_by_global_norm(1), optax.clip(1)',
        '',
        '',
        'new gradients',
      ],
      [
        () => new SGD(model, { learningRate: stepDecay(0.1, { stepSize: 10, gamma: 0.5 }) }),
        'lr_scheduler.StepLR(optimizer, 10, 0.5)',
        'optax.exponential_decay(0.1, 10, 0.5, staircase=True)',
        '',
        '',
        'a schedule is the learning rate; there is no `scheduler.step()`',
      ],
      [
        () => cosineAnnealing(0.1, { steps: 100, min: 0.001 }),
        'lr_scheduler.CosineAnnealingLR(optimizer, 100, 0.001)',
        'optax.cosine_decay_schedule(0.1, 100, 0.01)',
        '',
        '',
      ],
      [
        () => polynomialDecay(0.1, { steps: 100, power: 2 }),
        'lr_scheduler.PolynomialLR(optimizer, 100, 2)',
        'optax.polynomial_schedule(0.1, 0, 2, 100)',
        '',
        '',
      ],
      [
        () => linearWarmup(0.1, { steps: 20 }),
        'lr_scheduler.LinearLR(optimizer, total_iters=20)',
        'optax.linear_schedule(0.033, 0.1, 20)',
        '',
        '',
      ],
      [() => followedBy(warmup, 20, decay), 'lr_scheduler.SequentialLR', 'optax.join_schedules([warmup, decay], [20])', '', ''],
      [
        () => [oneCycle({ max: 0.1, steps: 100 }), cyclic({ min: 0.01, max: 0.1, stepsUp: 20 })],
        'lr_scheduler.OneCycleLR, lr_scheduler.CyclicLR',
        'optax.cosine_onecycle_schedule',
        '',
        '',
        'two schedules: of the rate, and of the momentum',
      ],
    ],
  },
  {
    title: 'Data and metrics',
    rows: [
      [
        () => new Dataset(x, y),
        'utils.data.TensorDataset(x, y)',
        '',
        '',
        'tf.data.zip(…)',
        'targets of any shape, or none; several tensors in a list or by name',
      ],
      [
        () => dataset.split([50, 10], { shuffle: true }),
        'utils.data.random_split(dataset, [50, 10])',
        '',
        'sklearn.model_selection.train_test_split',
        '',
        'the order of the seed, 0 by default',
      ],
      [
        () => new DataLoader(dataset, { batchSize: 64, shuffle: true, seed: 1 }),
        'utils.data.DataLoader(dataset, 64, shuffle=True)',
        '',
        '',
        'dataset.shuffle(n).batch(64)',
        'each loop over it is an epoch',
      ],
      [() => mnist(), "torchvision.datasets.MNIST('data')", '', '', '', 'pixels from 0 to 1'],
      [
        () => accuracy(prediction, target),
        'sklearn.metrics.accuracy_score',
        '',
        'sklearn.metrics.accuracy_score',
        'tf.metrics.categoricalAccuracy',
      ],
      [
        () => [confusionMatrix(prediction, target), classificationReport(prediction, target)],
        'sklearn.metrics.confusion_matrix, classification_report',
        '',
        'sklearn.metrics.confusion_matrix, classification_report',
        'tf.math.confusionMatrix',
      ],
    ],
  },
];
