import { type Formula, formula } from '../formula/formula.ts';
import type { Parameter } from '../tensor/parameter.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { averageSquare, decayed, scalars, zerosLike } from './averages.ts';
import { Optimizer, type OptimizerOptions } from './optimizer.ts';
import { amount, fraction, type OptionsAtStep, rate } from './scheduled-options.ts';
import type { Schedule } from './schedules.ts';

/** Options of `Adadelta`. */
export interface AdadeltaOptions extends OptimizerOptions {
  /** What each step is multiplied by: a number from 0, or a schedule. Default 1. */
  readonly learningRate?: number | Schedule;
  /** How much of the last average squares is kept, from 0 to below 1. Default 0.9. */
  readonly rho?: number;
  /** What is added to the average squares: the first steps have about the length of its root. Default 1e-6. */
  readonly epsilon?: number;
  /** How much of the parameter itself is added to its gradient, from 0. Default 0. */
  readonly weightDecay?: number;
}

/** Running averages of the squares of a parameter's gradients, and of its steps. */
interface State {
  readonly square: Parameter;
  readonly stepSquare: Parameter;
}

/** `√(u + ε) / √(v + ε) · g` */
const step = (slope: Formula, square: Formula, stepSquare: Formula, epsilon: Formula): Formula =>
  slope.mul(stepSquare.add(epsilon).sqrt()).div(square.add(epsilon).sqrt());

const descended = /* @__PURE__ */ formula((w, slope, square, stepSquare, epsilon, rate) =>
  w.sub(step(slope, square, stepSquare, epsilon).mul(rate)),
);
const averagedStepSquare = /* @__PURE__ */ formula((stepSquare, slope, square, epsilon, rho, rest) => {
  const latest = step(slope, square, stepSquare, epsilon);
  return stepSquare.mul(rho).add(latest.mul(latest).mul(rest));
});

/**
 * Adadelta: each step has the size of the recent ones, in the ratio of the gradient to the recent gradients, so that no rate has to be chosen (Zeiler
 * 2012, algorithm 1).
 *
 * `g = gradient + weightDecay · w`, `v = ρ v + (1 − ρ) g²`, `Δ = √(u + ε) / √(v + ε) · g`, `u = ρ u + (1 − ρ) Δ²`,
 * `w = w − learningRate · Δ`.
 *
 * @example
 * const w = new Parameter(Tensor.of([1, -2], 'float64'));
 * new Adadelta({ w }, { epsilon: 0.01 }).minimize(() => w.mul(w).sum()) // => 5
 * w.toArray().map((x) => x.toFixed(3)) // => ['0.688', '-1.685']
 */
export class Adadelta extends Optimizer<State, AdadeltaOptions> {
  /**
   * @param model whose parameters to move: a layer, a model, an array or an object of parameters
   * @throws ValueError for options that are not known or out of range, and for a model without parameters.
   */
  constructor(model: object, options: AdadeltaOptions = {}) {
    const table = { learningRate: rate(1), rho: fraction(0.9), epsilon: amount(1e-6), weightDecay: amount(0) };
    super('Adadelta', model, options, table);
    if (isAdadelta(new.target)) this.close();
  }

  protected override init(w: Parameter): State {
    return { square: zerosLike(w), stepSquare: zerosLike(w) };
  }

  protected override update(w: Parameter, gradient: Tensor, { square, stepSquare }: State, options: OptionsAtStep<AdadeltaOptions>): void {
    const { learningRate, rho, epsilon, weightDecay } = options;
    const slope = decayed(w, gradient, weightDecay);
    averageSquare(square, slope, rho);
    w.update(descended, slope, square, stepSquare, ...scalars(w, epsilon, learningRate));
    stepSquare.update(averagedStepSquare, slope, square, ...scalars(w, epsilon, rho, 1 - rho));
  }
}

// Outside of the class: a class that names itself is renamed by bundlers, and consoles would print the other name.
const isAdadelta = (target: unknown): boolean => target === Adadelta;
