import { formula } from '../formula/formula.ts';
import type { Parameter } from '../tensor/parameter.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { average, averageSquare, decayed, scalars, zerosLike } from './averages.ts';
import { Optimizer, type OptimizerOptions } from './optimizer.ts';
import { amount, flag, fraction, type OptionsAtStep, rate, scheduledFraction } from './scheduled-options.ts';
import type { Schedule } from './schedules.ts';

/** Options of `RMSprop`. */
export interface RMSpropOptions extends OptimizerOptions {
  /** How far to go, about so much in each element: a number from 0, or a schedule. Default 0.01. */
  readonly learningRate?: number | Schedule;
  /** How much of the last average square is kept, from 0 to below 1. Default 0.99. */
  readonly alpha?: number;
  /** How much of the last velocity is kept: a number from 0 to below 1, or a schedule. Default 0. */
  readonly momentum?: number | Schedule;
  /** What is added to the root of the average square, so that nothing is divided by 0. Default 1e-8. */
  readonly epsilon?: number;
  /** Whether to divide by the deviation from the average gradient instead (Graves 2013). Default false. */
  readonly centered?: boolean;
  /** How much of the parameter itself is added to its gradient, from 0. Default 0. */
  readonly weightDecay?: number;
}

/** Averages of a parameter's gradients, where they are needed, and of their squares; and its velocity. */
interface State {
  readonly square: Parameter;
  /** From the first step on that is centered. */
  mean: Parameter | undefined;
  readonly velocity: Parameter;
}

const accelerated = /* @__PURE__ */ formula((velocity, slope, square, momentum, epsilon) =>
  velocity.mul(momentum).add(slope.div(square.sqrt().add(epsilon))),
);
const acceleratedCentered = /* @__PURE__ */ formula((velocity, slope, square, mean, momentum, epsilon) => {
  // Of equal gradients the variance is 0, which rounding may make negative; of gradients whose squares are infinite it is infinite, not NaN.
  const variance = square.less(Infinity).where(square.sub(mean.mul(mean)).atLeast(0), square);
  return velocity.mul(momentum).add(slope.div(variance.sqrt().add(epsilon)));
});
const descended = /* @__PURE__ */ formula((w, velocity, rate) => w.sub(velocity.mul(rate)));

/**
 * RMSprop: each element goes along its gradient in units of the root of the running average of its square (Tieleman & Hinton 2012).
 *
 * `g = gradient + weightDecay · w`, `v = α v + (1 − α) g²`, `b = momentum · b + g / (√v + ε)`, `w = w − learningRate · b`. With `centered` there is
 * `v − m²` in the place of `v`, with `m = α m + (1 − α) g`.
 *
 * @example
 * const w = new Parameter(Tensor.of([1, -2], 'float64'));
 * new RMSprop({ w }, { learningRate: 0.1, alpha: 0.75 }).minimize(() => w.mul(w).sum()) // => 5
 * w.toArray().map((x) => x.toFixed(6)) // => ['0.800000', '-1.800000']
 */
export class RMSprop extends Optimizer<State, RMSpropOptions> {
  /**
   * @param model whose parameters to move: a layer, a model, an array or an object of parameters
   * @throws ValueError for options that are not known or out of range, and for a model without parameters.
   */
  constructor(model: object, options: RMSpropOptions = {}) {
    const table = {
      learningRate: rate(0.01),
      alpha: fraction(0.99),
      momentum: scheduledFraction(0),
      epsilon: amount(1e-8),
      centered: flag,
      weightDecay: amount(0),
    };
    super('RMSprop', model, options, table);
    if (isRMSprop(new.target)) this.close();
  }

  protected override init(w: Parameter): State {
    return { square: zerosLike(w), velocity: zerosLike(w), mean: undefined };
  }

  protected override update(
    w: Parameter,
    gradient: Tensor,
    state: State,
    { learningRate, alpha, momentum, epsilon, centered, weightDecay }: OptionsAtStep<RMSpropOptions>,
  ): void {
    const { square, velocity } = state;
    const slope = decayed(w, gradient, weightDecay);
    averageSquare(square, slope, alpha);
    const settings = scalars(w, momentum, epsilon);
    if (centered) {
      state.mean ??= zerosLike(w);
      average(state.mean, slope, alpha);
      velocity.update(acceleratedCentered, slope, square, state.mean, ...settings);
    } else velocity.update(accelerated, slope, square, ...settings);
    w.update(descended, velocity, ...scalars(w, learningRate));
  }
}

// Outside of the class: a class that names itself is renamed by bundlers, and consoles would print the other name.
const isRMSprop = (target: unknown): boolean => target === RMSprop;
