import { formula } from '../formula/formula.ts';
import { materialize } from '../machine/storage.ts';
import type { Parameter } from '../tensor/parameter.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { average, scalars, zerosLike } from './averages.ts';
import { Optimizer, type OptimizerOptions } from './optimizer.ts';
import { amount, betas, type OptionsAtStep, rate } from './scheduled-options.ts';
import type { Schedule } from './schedules.ts';

/** Options of `Lion`. */
export interface LionOptions extends OptimizerOptions {
  /** How far to go in each element: a number from 0, or a schedule. Default 0.0001, since each step is a whole one. */
  readonly learningRate?: number | Schedule;
  /** How much of the average is kept, in the direction of a step and in what is remembered of it. Default [0.9, 0.99]. */
  readonly betas?: readonly [number, number];
  /** How much the parameter shrinks by itself, beside its gradient, from 0. Default 0. */
  readonly weightDecay?: number;
}

/** The running average of a parameter's gradients. */
interface State {
  readonly mean: Parameter;
}

const descended = /* @__PURE__ */ formula((w, gradient, mean, beta, rest, rate, kept) =>
  w.mul(kept).sub(mean.mul(beta).add(gradient.mul(rest)).sign().mul(rate)),
);

/**
 * Lion: each element goes one step along the sign of the average of its gradients, however steep it is (Chen et al. 2023, algorithm 2).
 *
 * `w = (1 − learningRate · weightDecay) w − learningRate · sign(β₁ m + (1 − β₁) gradient)`, then `m = β₂ m + (1 − β₂) gradient`.
 *
 * @example
 * const w = new Parameter(Tensor.of([1, -2]));
 * new Lion({ w }, { learningRate: 0.25 }).minimize(() => w.mul(w).sum()) // => 5
 * w.toArray() // => [0.75, -1.75]
 */
export class Lion extends Optimizer<State, LionOptions> {
  /**
   * @param model whose parameters to move: a layer, a model, an array or an object of parameters
   * @throws ValueError for options that are not known or out of range, and for a model without parameters.
   */
  constructor(model: object, options: LionOptions = {}) {
    const table = { learningRate: rate(1e-4), betas: betas([0.9, 0.99]), weightDecay: amount(0) };
    super('Lion', model, options, table);
    if (isLion(new.target)) this.close();
  }

  protected override init(w: Parameter): State {
    return { mean: zerosLike(w) };
  }

  protected override update(w: Parameter, gradient: Tensor, { mean }: State, options: OptionsAtStep<LionOptions>): void {
    const { learningRate, betas, weightDecay } = options;
    const settings = scalars(w, betas[0], 1 - betas[0], learningRate, 1 - learningRate * weightDecay);
    // A lazy product is formed here, once, since both updates use it.
    materialize(gradient);
    w.update(descended, gradient, mean, ...settings);
    average(mean, gradient, betas[1]);
  }
}

// Outside of the class: a class that names itself is renamed by bundlers, and consoles would print the other name.
const isLion = (target: unknown): boolean => target === Lion;
