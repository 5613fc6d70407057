/**
 * Is there a start from which one step of learning suffices? MAML (Finn, Abbeel & Levine 2017) looks for it by gradients of gradients.
 *
 * A task is a sine wave of its own amplitude and phase, of which ten points are known. From a random start, one step of gradient descent learns next to
 * nothing of it. Training on all waves at once does not help either: their mean is 0. MAML's loss of a start `w` is the loss *after* a step from there, on
 * ten other points of the same wave,
 *
 *     L(w) = mean over tasks of  loss′(w − α ∇loss(w))
 *
 * so its gradient goes through ∇loss, by second derivatives. Here that is nothing special: the step is written with `vjp`, `vmap` makes many tasks of one,
 * and `minimize` differentiates what comes out. `stopGradient` on the inner gradients leaves the second derivatives out (first-order MAML), for comparison.
 *
 * Run with `npm run example maml`. It takes about a minute.
 */

import { Adam, mseLoss, Parameter, parameters, Random, sin, stack, stopGradient, Tensor, vjp, vmap } from 'tapegrad';
import { table } from './lib/compare.ts';
import { curves, type Point, smooth } from './lib/curves.ts';
import { quick, saveFigures, savePicture, seed, epochs as wanted } from './lib/output.ts';

const UPDATES = wanted ?? (quick ? 30 : 4000);
const TASKS = 25;
const POINTS = 10;
const HIDDEN = 40;
/** The step that a task is learned with. */
const RATE = 0.01;
const STEPS = 5;

type Weights = readonly Tensor[];

/** A network 1-40-40-1 as a function of its weights: learning a task makes new weights, and changes none. */
const network = (x: Tensor, [w1, b1, w2, b2, w3, b3]: Weights): Tensor =>
  x.matmul(w1!).add(b1!).relu().matmul(w2!).add(b2!).relu().matmul(w3!).add(b3!);

function start(): Parameter[] {
  const random = new Random(seed);
  const layer = (inputs: number, outputs: number) => [
    new Parameter(Tensor.normal([inputs, outputs], { random, standardDeviation: 1 / Math.sqrt(2 * inputs) })),
    new Parameter(Tensor.zeros([outputs])),
  ];
  return [...layer(1, HIDDEN), ...layer(HIDDEN, HIDDEN), ...layer(HIDDEN, 1)];
}

/** The weights after one step of gradient descent on a task. */
function learned(weights: Weights, x: Tensor, y: Tensor, keep: (gradient: Tensor) => Tensor): Tensor[] {
  const [, pullback] = vjp((...w) => mseLoss(network(x, w), y), ...weights);
  const gradients = pullback(Tensor.ones([]));
  return weights.map((w, i) => w.sub(keep(gradients[i]!).mul(RATE)));
}

/** Points `[tasks, POINTS, 1]` of sine waves, and as many more of the same waves: amplitudes from 0.1 to 5, any phase. */
function tasks(random: Random, count: number) {
  const shape = [count, 1, 1] as const;
  const amplitude = Tensor.uniform(shape, { low: 0.1, high: 5, random });
  const phase = Tensor.uniform(shape, { low: 0, high: Math.PI, random });
  const wave = (x: Tensor): Tensor => sin(x.add(phase)).mul(amplitude);
  const [x, others] = [0, 1].map(() => Tensor.uniform([count, POINTS, 1], { low: -5, high: 5, random })) as [Tensor, Tensor];
  return { wave, known: [x, wave(x)] as const, held: [others, wave(others)] as const };
}

/** Finds a start by the loss of many tasks, as a function of the weights and of the points of one task. */
function find(name: string, lossOf: (weights: Weights, x: Tensor, y: Tensor, others: Tensor, values: Tensor) => Tensor) {
  const random = new Random(seed + 1);
  const weights = start();
  const optimizer = new Adam({ weights }, { learningRate: 1e-3 });
  const ofMany = vmap((x: Tensor, y: Tensor, others: Tensor, values: Tensor) => lossOf(weights, x, y, others, values));
  const losses: number[] = [];
  for (let update = 1; update <= UPDATES; update++) {
    const { known, held } = tasks(random, TASKS);
    losses.push(optimizer.minimize(() => ofMany(...known, ...held).mean()));
    if (update % Math.ceil(UPDATES / 5) === 0) console.log(`${name}: loss ${recent(losses).toFixed(3)} after ${update} updates`);
  }
  return { name, weights: parameters(weights), losses };
}

const recent = (losses: readonly number[]): number => smooth(losses, 200, losses.length)[0]![1];
const whole = (gradient: Tensor): Tensor => gradient;

console.log(`${UPDATES} updates, each on ${TASKS} sine waves of which ${POINTS} points are known\n`);
const starts = [
  find('MAML', (w, x, y, others, values) => mseLoss(network(others, learned(w, x, y, whole)), values)),
  find('first order', (w, x, y, others, values) => mseLoss(network(others, learned(w, x, y, stopGradient)), values)),
  find('all waves', (w, x, y) => mseLoss(network(x, w), y)),
  { name: 'random', weights: start(), losses: [] },
];

// Each start learns waves that no training has seen, step by step.
const fresh = tasks(new Random(seed + 2), quick ? 50 : 600);
const afterSteps = starts.map(({ weights }) => {
  const follow = vmap((x: Tensor, y: Tensor, others: Tensor, values: Tensor) => {
    const errors: Tensor[] = [];
    let now: Weights = weights;
    for (let step = 0; step <= STEPS; step++) {
      errors.push(mseLoss(network(others, now), values));
      now = learned(now, x, y, whole);
    }
    return stack(errors);
  });
  return follow(...fresh.known, ...fresh.held)
    .mean(0)
    .toArray() as number[];
});
console.log(`\nMean squared error on ${fresh.known[0].shape[0]} new waves, after 0 to ${STEPS} steps of learning from ${POINTS} points\n`);
console.log(
  table(
    ['start', ...Array.from({ length: STEPS + 1 }, (_, i) => String(i))],
    starts.map(({ name }, i) => [name, ...afterSteps[i]!]),
    3,
  ),
);

// One wave, seen closely.
const one = tasks(new Random(seed + 5), 1);
const grid = Tensor.linspace(-5, 5, 201).reshape([201, 1]);
const drawn = (values: Tensor): Point[] => Array.from(values.data, (value, i) => [grid.data[i]!, value]);
const [x, y] = one.known.map((points) => points.reshape([POINTS, 1])) as [Tensor, Tensor];
const truth = one.wave(grid.reshape([1, 201, 1]));

saveFigures('maml', {
  seed,
  updates: UPDATES,
  tasks: TASKS,
  points: POINTS,
  rate: RATE,
  meanSquaredErrors: Object.fromEntries(starts.map(({ name }, i) => [name, afterSteps[i]])),
});
const picture = ({ name, weights }: (typeof starts)[number]) =>
  curves(
    [
      { name: 'after', points: drawn(network(grid, learned(weights, x, y, whole))) },
      { name: 'before', points: drawn(network(grid, weights)) },
      { name: 'wave', points: drawn(truth), dashed: true },
    ],
    {
      title: `From the ${name === 'MAML' ? 'learned' : name} start: before and after one step`,
      x: 'x',
      y: 'y',
      width: 480,
      dots: Array.from(x.data, (at, i) => [at, y.data[i]!]),
    },
  );
savePicture(
  'maml',
  picture(starts[0]!),
  picture(starts[3]!),
  curves(
    starts.map(({ name }, i) => ({ name, points: afterSteps[i]!.map((error, step) => [step, error] as const) })),
    { title: 'Mean error on new waves', x: 'steps of learning', y: 'squared error', width: 480, domain: [0, 6] },
  ),
);
