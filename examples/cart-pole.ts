/**
 * How does a cart learn to balance a pole from rewards alone, and what is a baseline worth?
 *
 * A cart on a rail is pushed left or right fifty times a second, and should keep the pole on it upright. Nobody tells it how: each step in which the pole
 * stands earns 1. The dynamics are those of Barto, Sutton & Anderson (1983), with the constants that everybody uses.
 *
 * REINFORCE (Williams 1992) draws each push from the probabilities π of a network, and afterwards makes those pushes more probable that earned more: it
 * follows the gradient of `Σₜ Aₜ log π(aₜ | sₜ)`, where `A` is the return, all that was earned from there on. The return depends on the state far more than on
 * the push, and where all returns are positive, every push is encouraged, the good ones a little more. A baseline takes away what was to be expected in that
 * state anyway: `Aₜ = Gₜ − V(sₜ)`, with V a second network that learns the returns. The expected gradient stays the same, its noise shrinks.
 *
 * Eight carts are driven at once, a row of a tensor each. Run with `npm run example cart`. It takes a minute or two: five trainings with and five without.
 */

import {
  Adam,
  binaryCrossEntropyWithLogits,
  concat,
  cos,
  Linear,
  mseLoss,
  Random,
  Sequential,
  sin,
  stack,
  Tensor,
  tanh,
  unbind,
} from 'tapegrad';
import { curves, type Point } from './lib/curves.ts';
import { quick, saveFigures, savePicture, seed, epochs as wanted } from './lib/output.ts';

const GRAVITY = 9.8;
const CART = 1;
const POLE = 0.1;
const TOTAL = CART + POLE;
/** Half the length of the pole. */
const LENGTH = 0.5;
const FORCE = 10;
const SECONDS = 0.02;
const FARTHEST = 2.4;
const STEEPEST = (12 * Math.PI) / 180;
const LONGEST = quick ? 100 : 500;

const CARTS = 8;
const UPDATES = wanted ?? (quick ? 4 : 150);
const RUNS = quick ? 1 : 5;
const DISCOUNT = 0.99;

/** Where carts are after one push: `[carts, 4]`, of place, speed, angle and rate of turning; pushes are 1 to the right and 0 to the left. */
function pushed(state: Tensor, push: Tensor): Tensor {
  const [, speed, angle, turning] = unbind(state, 1) as [Tensor, Tensor, Tensor, Tensor];
  const [sine, cosine] = [sin(angle), cos(angle)];
  const force = push.mul(2 * FORCE).sub(FORCE);
  const drive = turning
    .mul(turning)
    .mul(sine)
    .mul(POLE * LENGTH)
    .add(force)
    .div(TOTAL);
  const inertia = cosine
    .mul(cosine)
    .mul(-POLE / TOTAL)
    .add(4 / 3)
    .mul(LENGTH);
  const torque = sine.mul(GRAVITY).sub(cosine.mul(drive)).div(inertia);
  const acceleration = drive.sub(torque.mul(cosine).mul((POLE * LENGTH) / TOTAL));
  return state.add(stack([speed, acceleration, turning, torque], 1).mul(SECONDS));
}

/** 1 where the pole stands and the cart is on the rail, else 0. */
function stands(state: Tensor): Tensor {
  const [place, , angle] = unbind(state, 1) as [Tensor, Tensor, Tensor];
  return place.abs().lessEqual(FARTHEST).mul(angle.abs().lessEqual(STEEPEST));
}

const start = (random: Random) => Tensor.uniform([CARTS, 4], { low: -0.05, high: 0.05, random });

/** What happened to all carts in one step. */
interface Step {
  /** `[carts, 4]`, before the push. */
  readonly state: Tensor;
  /** `[carts]` */
  readonly push: Tensor;
  /** Which carts were still in the game, `[carts]`. */
  readonly counts: Tensor;
}

/** One episode of each cart, step by step. */
function drive(policy: Sequential, random: Random): Step[] {
  const steps: Step[] = [];
  let state: Tensor = start(random);
  let counts = stands(state);
  while (steps.length < LONGEST && counts.max().item() > 0) {
    const push = Tensor.uniform([CARTS], { random }).less(policy.forward(state).squeeze(1).sigmoid()).cast('float32');
    steps.push({ state, push, counts });
    state = pushed(state, push);
    counts = counts.mul(stands(state));
  }
  return steps;
}

/** What was earned from each step on, later rewards counting less: `Gₜ = 1 + 0.99 Gₜ₊₁`. */
function returns(steps: readonly Step[]): Tensor {
  const found: Tensor[] = [];
  for (const { counts } of steps.toReversed()) found.push((found.at(-1)?.mul(DISCOUNT).add(1) ?? counts).mul(counts));
  return concat(found.toReversed());
}

const networkOf = (random: Random) => new Sequential(new Linear(4, 32, { random }), tanh, new Linear(32, 1, { random }));

/** Trains a policy, and says how long the pole stood in each episode. */
function learn(seed: number, withBaseline: boolean): { policy: Sequential; lengths: number[][] } {
  const random = new Random(seed);
  const [policy, values] = [networkOf(random), networkOf(random)];
  const [actor, critic] = [new Adam(policy, { learningRate: 1e-2 }), new Adam(values, { learningRate: 1e-2 })];
  const lengths: number[][] = [];
  for (let update = 0; update < UPDATES; update++) {
    const steps = drive(policy, random);
    const joined = (part: keyof Step): Tensor => concat(steps.map((step) => step[part]));
    const [states, pushes, counts] = [joined('state'), joined('push'), joined('counts')];
    const earned = returns(steps).mul(1 - DISCOUNT);
    const expected = values.forward(states).squeeze(1);
    const advantage = (withBaseline ? earned.sub(expected) : earned).mul(counts);
    actor.minimize(() =>
      binaryCrossEntropyWithLogits(policy.forward(states).squeeze(1), pushes, { reduction: 'none' }).mul(advantage).sum().div(CARTS),
    );
    if (withBaseline) critic.minimize(() => mseLoss(values.forward(states).squeeze(1).mul(counts), earned));
    lengths.push(
      stack(steps.map((step) => step.counts))
        .sum(0)
        .toArray() as number[],
    );
  }
  return { policy, lengths };
}

const mean = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0) / values.length;

function compare(name: string, withBaseline: boolean) {
  const runs = Array.from({ length: RUNS }, (_, run) => {
    const trained = learn(seed + run, withBaseline);
    const byUpdate = trained.lengths.map(mean);
    console.log(`${name}, run ${run + 1}: the pole stands for ${mean(byUpdate.slice(-10)).toFixed(0)} of ${LONGEST} steps at the end`);
    return { ...trained, byUpdate };
  });
  const atEach = Array.from({ length: UPDATES }, (_, i) => runs.map(({ byUpdate }) => mean(byUpdate.slice(Math.max(0, i - 4), i + 1))));
  return { name, runs, atEach };
}

console.log(`${CARTS} carts at once, ${UPDATES} updates, ${RUNS} runs each; a pole that stands for ${LONGEST} steps has passed\n`);
const compared = [compare('with baseline', true), compare('without', false)];

/** The angle of the first cart's pole in degrees, until it falls or the cart leaves the rail. */
function angles(policy: Sequential): Point[] {
  const steps = drive(policy, new Random(seed + 100)).filter(({ counts }) => counts.data[0]! > 0);
  return steps.map(({ state }, i) => [i * SECONDS, (state.data[2]! * 180) / Math.PI]);
}

const episodes = (i: number) => (i + 1) * CARTS;
/** How many episodes it took until poles stood for nine tenths of the time; null where they never did. */
function untilNineTenths(byUpdate: readonly number[]): number | null {
  const first = byUpdate.findIndex((length) => length > 0.9 * LONGEST);
  return first < 0 ? null : episodes(first);
}
saveFigures('cart-pole', {
  seed,
  cartsAtOnce: CARTS,
  updates: UPDATES,
  runs: compared.map(({ name, runs }) => ({
    name,
    lastTenUpdates: runs.map(({ byUpdate }) => mean(byUpdate.slice(-10))),
    episodesUntilNineTenths: runs.map(({ byUpdate }) => untilNineTenths(byUpdate)),
  })),
  meanLengths: Object.fromEntries(compared.map(({ name, atEach }) => [name, atEach.map(mean)])),
});
savePicture(
  'cart-pole',
  curves(
    compared.map(({ name, atEach }) => ({
      name,
      points: atEach.map((values, i) => [episodes(i), mean(values)]),
      band: atEach.map((values, i) => [episodes(i), Math.min(...values), Math.max(...values)]),
    })),
    {
      title: `How long the pole stands: mean and range of ${RUNS} runs`,
      x: 'episodes',
      y: `steps, of ${LONGEST} at most; mean of 5 updates`,
      domain: [0, LONGEST],
    },
  ),
  curves(
    [
      { name: 'trained', points: angles(compared[0]!.runs[0]!.policy) },
      { name: 'untrained', points: angles(networkOf(new Random(seed))) },
    ],
    { title: 'The angle of one pole', x: 'seconds', y: 'degrees', width: 520 },
  ),
);
