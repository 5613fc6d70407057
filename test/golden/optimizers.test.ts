/**
 * Optimizers and schedules beside those of PyTorch 1.13.0 in float64, which do what those of PyTorch 2 do: NAdam with `foreach=True`, since it
 * multiplied by a momentum too many without. One run of L-BFGS is of PyTorch 2.13, whose search along a line ends with the evaluations; so are the runs
 * with each option of each optimizer.
 */

import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import * as tapegrad from '../../src/index.ts';
import { LBFGS, type Optimizer, Parameter, ReduceOnPlateau, type Schedule, Tensor } from '../../src/index.ts';

interface Run {
  readonly name: string;
  readonly torch: 'SGD' | 'Adam' | 'AdamW' | 'Adamax' | 'Adagrad' | 'NAdam' | 'RAdam' | 'RMSprop' | 'Adadelta' | 'Rprop';
  readonly options: Record<string, any>;
  readonly loss: readonly number[];
  readonly x: readonly (readonly number[])[];
  readonly m: readonly (readonly number[])[];
}
interface SearchRun {
  readonly name: string;
  readonly options: Record<string, any>;
  readonly start: number[];
  readonly loss: readonly number[];
  readonly x: readonly (readonly number[])[];
  readonly evaluations: readonly number[];
}
interface ScheduleRun {
  readonly name: string;
  readonly base_lr: number;
  readonly params: Record<string, any>;
  readonly lr: readonly number[];
  readonly momentum?: readonly number[];
}
interface PlateauRun extends ScheduleRun {
  readonly metrics: readonly number[];
}

const read = (file: string) => JSON.parse(readFileSync(`test/golden/${file}.json`, 'utf8'));
const { runs, lbfgs, schedules, plateaus } = read('optimizers') as {
  readonly runs: readonly Run[];
  readonly lbfgs: readonly SearchRun[];
  readonly schedules: readonly ScheduleRun[];
  readonly plateaus: readonly PlateauRun[];
};
const { runs: withOptions } = read('optimizer-options') as { readonly runs: readonly Run[] };
const { problem } = read('optim') as { readonly problem: Record<string, { readonly shape: number[]; readonly data: number[] }> };
const [A, b, x0, m0, mt, Wm] = ['A', 'b', 'x0', 'm0', 'mt', 'Wm'].map((name) =>
  Tensor.fromTypedArray(Float64Array.from(problem[name]!.data), problem[name]!.shape),
) as [Tensor, Tensor, Tensor, Tensor, Tensor, Tensor];

const quadratic = (x: Tensor) => x.matmul(A).matmul(x).mul(0.5).sub(b.matmul(x));
/** The sum of `100 (x₂ − x₁²)² + (1 − x₁)²` over neighbours. */
const rosenbrock = (x: Tensor) => {
  const [first, second] = [x.slice([[0, x.size - 1]]), x.slice([[1, x.size]])];
  return second.sub(first.mul(first)).pow(2).mul(100).add(first.neg().add(1).pow(2)).sum();
};

function expectClose(found: ArrayLike<number>, wanted: readonly number[], tolerance: number, what: string): void {
  wanted.forEach((y, i) => {
    expect(Math.abs(found[i]! - y), `${what}[${i}] is ${found[i]}, should be ${y}`).toBeLessThanOrEqual(tolerance * Math.max(1, Math.abs(y)));
  });
}

/** The names that options have here. */
const names: Readonly<Record<string, string>> = {
  lr: 'learningRate',
  weight_decay: 'weightDecay',
  decoupled_weight_decay: 'decoupledWeightDecay',
  lr_decay: 'learningRateDecay',
  initial_accumulator_value: 'initialAccumulator',
  eps: 'epsilon',
  momentum_decay: 'momentumDecay',
  step_sizes: 'stepSizes',
  max_iter: 'maxIterations',
  max_eval: 'maxEvaluations',
  history_size: 'historySize',
  milestones: 'milestones',
  min_lr: 'min',
};
const renamed = (options: Record<string, unknown>) =>
  Object.fromEntries(Object.entries(options).map(([name, value]) => [names[name] ?? name, value]));

test.each([...runs, ...withOptions])('$name goes where that of PyTorch goes', ({ torch, options, loss, x, m }) => {
  const model = { x: new Parameter(x0), m: new Parameter(m0) };
  const optimizer: Optimizer = new tapegrad[torch](model, renamed(options) as never);
  const error = () => model.m.sub(mt);
  const valley = () => quadratic(model.x).add(Wm.mul(error()).mul(error()).sum().mul(0.5));
  const lossOf = () => (options['maximize'] ? valley().neg() : valley());
  loss.forEach((wanted, step) => {
    expectClose([optimizer.minimize(lossOf)], [wanted], 1e-12, `loss ${step}`);
    expectClose(model.x.data, x[step]!, 1e-12, `x after step ${step}`);
    expectClose(model.m.data, m[step]!, 1e-12, `m after step ${step}`);
  });
});

test.each(lbfgs)('L-BFGS of $name goes where that of PyTorch goes, in as many evaluations', (run) => {
  const w = new Parameter(Tensor.of(run.start, 'float64'));
  const { line_search_fn, ...rest } = run.options;
  const optimizer = new LBFGS({ w }, { ...renamed(rest), lineSearch: line_search_fn ? 'strongWolfe' : 'none' });
  const f = run.name.startsWith('quadratic') ? quadratic : rosenbrock;
  let evaluations = 0;
  run.loss.forEach((wanted, step) => {
    const found = optimizer.minimize(() => {
      evaluations++;
      return f(w);
    });
    expectClose([found], [wanted], 1e-7, `loss ${step}`);
    expectClose(w.data, run.x[step]!, 1e-7, `x after step ${step}`);
    expect(evaluations, `evaluations at step ${step}`).toBe(run.evaluations[step]);
  });
});

/** How a schedule of PyTorch is said here. */
const said: Record<string, (rate: number, p: any) => { readonly learningRate: Schedule; readonly momentum?: Schedule }> = {
  multi_step: (rate, p) => ({ learningRate: tapegrad.multiStepDecay(rate, p) }),
  exponential: (rate, p) => ({ learningRate: tapegrad.exponentialDecay(rate, p) }),
  constant: (rate, { factor = 1 / 3, total_iters = 5 }) => ({
    learningRate: tapegrad.constantWarmup(rate, { steps: total_iters, startFactor: factor }),
  }),
  restarts: (rate, p) => ({ learningRate: tapegrad.cosineWarmRestarts(rate, { steps: p.T_0, factor: p.T_mult, min: p.eta_min }) }),
  one_cycle: (_, p) =>
    tapegrad.oneCycle({
      max: p.max_lr,
      steps: p.total_steps,
      anneal: p.anneal_strategy,
      warmupFraction: p.pct_start,
      threePhase: p.three_phase,
      divFactor: p.div_factor,
      finalDivFactor: p.final_div_factor,
    }),
};

test.each(schedules)('the schedule $name has the rates of PyTorch', ({ name, base_lr, params, lr, momentum }) => {
  const found = said[Object.keys(said).find((known) => name.startsWith(known))!]!(base_lr, params);
  const along = (schedule: Schedule, wanted: readonly number[]) =>
    expectClose(
      wanted.map((_, step) => schedule(step)),
      wanted,
      1e-14,
      name,
    );
  along(found.learningRate, lr);
  if (momentum) along(found.momentum!, momentum);
});

test.each(plateaus)('a rate is reduced on a plateau $name where that of PyTorch is', ({ base_lr, params, metrics, lr }) => {
  const { threshold_mode, ...rest } = params;
  const plateau = new ReduceOnPlateau(base_lr, { ...renamed({ ...rest }), thresholdMode: threshold_mode === 'abs' ? 'absolute' : 'relative' });
  expectClose(
    metrics.map((metric) => plateau.observe(metric)),
    lr,
    1e-15,
    'rate',
  );
});
