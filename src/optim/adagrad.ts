import { formula } from '../formula/formula.ts';
import type { Parameter } from '../tensor/parameter.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { decayed, scalars, zerosLike } from './averages.ts';
import { Optimizer, type OptimizerOptions } from './optimizer.ts';
import { amount, type OptionsAtStep, rate } from './scheduled-options.ts';
import type { Schedule } from './schedules.ts';

/** Options of `Adagrad`. */
export interface AdagradOptions extends OptimizerOptions {
  /** How far to go, at first so much in each element: a number from 0, or a schedule. Default 0.01. */
  readonly learningRate?: number | Schedule;
  /** How fast the rate falls besides: it is `learningRate / (1 + learningRateDecay · steps)`. Default 0, not at all. */
  readonly learningRateDecay?: number;
  /** What the sum of squares begins with, from 0. Default 0. */
  readonly initialAccumulator?: number;
  /** What is added to the root of the sum, so that nothing is divided by 0. Default 1e-10. */
  readonly epsilon?: number;
  /** How much of the parameter itself is added to its gradient, from 0. Default 0. */
  readonly weightDecay?: number;
}

/** What is remembered of a parameter. */
interface State {
  steps: number;
  /** The sum of the squares of its gradients. */
  readonly sum: Parameter;
}

const accumulated = /* @__PURE__ */ formula((sum, slope) => sum.add(slope.mul(slope)));
const descended = /* @__PURE__ */ formula((w, slope, sum, rate, epsilon, initial) =>
  w.sub(slope.div(sum.add(initial).sqrt().add(epsilon)).mul(rate)),
);

/**
 * Adagrad: each element goes along its gradient in units of the root of the sum of all its squares so far (Duchi, Hazan & Singer 2011).
 *
 * `g = gradient + weightDecay · w`, `s = s + g²`, `w = w − learningRate / (1 + learningRateDecay · t) · g / (√s + ε)` with `t` steps before this one,
 * where `s` begins with the `initialAccumulator`.
 *
 * @example
 * const w = new Parameter(Tensor.of([1, -2], 'float64'));
 * new Adagrad({ w }, { learningRate: 0.5 }).minimize(() => w.mul(w).sum()) // => 5
 * w.toArray().map((x) => x.toFixed(6)) // => ['0.500000', '-1.500000']
 */
export class Adagrad extends Optimizer<State, AdagradOptions> {
  /**
   * @param model whose parameters to move: a layer, a model, an array or an object of parameters
   * @throws ValueError for options that are not known or out of range, and for a model without parameters.
   */
  constructor(model: object, options: AdagradOptions = {}) {
    const table = {
      learningRate: rate(0.01),
      learningRateDecay: amount(0),
      initialAccumulator: amount(0),
      epsilon: amount(1e-10),
      weightDecay: amount(0),
    };
    super('Adagrad', model, options, table);
    if (isAdagrad(new.target)) this.close();
  }

  protected override init(w: Parameter): State {
    return { steps: 0, sum: zerosLike(w) };
  }

  protected override update(w: Parameter, gradient: Tensor, state: State, options: OptionsAtStep<AdagradOptions>): void {
    const slope = decayed(w, gradient, options.weightDecay);
    state.sum.update(accumulated, slope);
    const rate = options.learningRate / (1 + options.learningRateDecay * state.steps++);
    w.update(descended, slope, state.sum, ...scalars(w, rate, options.epsilon, options.initialAccumulator));
  }
}

// Outside of the class: a class that names itself is renamed by bundlers, and consoles would print the other name.
const isAdagrad = (target: unknown): boolean => target === Adagrad;
