import { ValueError } from '../base/errors.ts';
import type { WithDefaults } from '../base/options.ts';
import { formula, formulas } from '../formula/formula.ts';
import { Parameter } from '../tensor/parameter.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { scalars } from './averages.ts';
import { Optimizer, type OptimizerOptions } from './optimizer.ts';
import { amount, flag, type OptionsAtStep, rate, scheduledFraction } from './scheduled-options.ts';
import type { Schedule } from './schedules.ts';

/** Options of `SGD`. */
export interface SGDOptions extends OptimizerOptions {
  /** How far to go along the gradient: a number from 0, or a schedule. */
  readonly learningRate: number | Schedule;
  /** How much of the last velocity is kept: a number from 0 to below 1, or a schedule. Default 0. */
  readonly momentum?: number | Schedule;
  /** How much of each gradient but the first is kept out of the velocity, from 0. Default 0. */
  readonly dampening?: number;
  /** How much of the parameter itself is added to its gradient, from 0: the slope of `½ weightDecay · w²`. Default 0. */
  readonly weightDecay?: number;
  /** Whether to look ahead along the velocity: Nesterov's momentum. Default false. */
  readonly nesterov?: boolean;
}

/** The velocity after a gradient. */
const accelerated = /* @__PURE__ */ formula((v, gradient, momentum) => v.mul(momentum).add(gradient));

/** A parameter after a step along a direction; likewise. */
const descended = /* @__PURE__ */ formula((w, direction, rate) => w.sub(direction.mul(rate)));
const descendedWithDecay = /* @__PURE__ */ formula((w, direction, rate, decay) => w.sub(direction.add(w.mul(decay)).mul(rate)));

/** A parameter and its velocity after a gradient; with decay the gradient has a part of the parameter in it. */
const moved = /* @__PURE__ */ formulas((w, v, gradient, rate, momentum) => {
  const velocity = v.mul(momentum).add(gradient);
  return [w.sub(velocity.mul(rate)), velocity];
});
const movedWithDecay = /* @__PURE__ */ formulas((w, v, gradient, rate, momentum, decay) => {
  const velocity = v.mul(momentum).add(gradient.add(w.mul(decay)));
  return [w.sub(velocity.mul(rate)), velocity];
});

/** The velocity of a parameter, from its first step with a momentum on. */
interface State {
  velocity: Parameter | undefined;
}

/**
 * Stochastic gradient descent, with momentum and weight decay.
 *
 * `g = gradient + weightDecay · w`, `v = momentum · v + (1 − dampening) · g` (at first `v = g`), `w = w − learningRate · v`; with `nesterov`
 * `w = w − learningRate · (g + momentum · v)`. As in PyTorch, after Sutskever et al. 2013, where the velocity contains the rate.
 *
 * @example
 * const w = new Parameter(Tensor.of([1, 2]));
 * const optimizer = new SGD({ w }, { learningRate: 0.5 });
 * optimizer.minimize(() => w.mul(w).sum()) // => 5
 * w.toArray() // => [0, 0]
 * @example new SGD(new Linear(2, 3), oneCycle({ max: 0.1, steps: 100 })).currentLearningRate.toFixed(3) // => '0.004'
 */
export class SGD extends Optimizer<State, SGDOptions> {
  /**
   * @param model whose parameters to move: a layer, a model, an array or an object of parameters
   * @throws ValueError for options that are not known or out of range, and for a model without parameters.
   */
  constructor(model: object, options: SGDOptions) {
    const table = {
      learningRate: rate(),
      momentum: scheduledFraction(0),
      dampening: amount(0),
      weightDecay: amount(0),
      nesterov: flag,
    };
    super('SGD', model, options, table);
    if (isSGD(new.target)) this.close();
  }

  protected override check({ nesterov, dampening }: OptionsAtStep<SGDOptions>, { momentum }: WithDefaults<SGDOptions>): void {
    if (nesterov && momentum === 0) throw new ValueError('SGD: nesterov looks ahead along the momentum, so it needs a momentum above 0');
    if (nesterov && dampening !== 0) throw new ValueError(`SGD: nesterov looks ahead without dampening, got a dampening of ${dampening}`);
  }

  protected override init(): State {
    return { velocity: undefined };
  }

  /** In one pass over parameter and velocity where that is possible, so that a lazy gradient need not be computed first. */
  protected override update(
    w: Parameter,
    gradient: Tensor,
    state: State,
    options: OptionsAtStep<SGDOptions>,
    given: WithDefaults<SGDOptions>,
  ): void {
    const { learningRate, dampening, weightDecay, nesterov } = options;
    const [rate, momentum, decay] = scalars(w, learningRate, options.momentum, weightDecay) as [Tensor, Tensor, Tensor];
    const decays = weightDecay > 0;
    const { velocity } = state;
    // A schedule that begins with a momentum of 0 needs the velocity later.
    if (given.momentum === 0 && !velocity) {
      if (decays) w.update(descendedWithDecay, gradient, rate, decay);
      else w.update(descended, gradient, rate);
    } else if (velocity && !nesterov && dampening === 0) {
      if (decays) w['tapegrad.updateWith'](movedWithDecay, [velocity], [gradient, rate, momentum, decay]);
      else w['tapegrad.updateWith'](moved, [velocity], [gradient, rate, momentum]);
    } else {
      const slope = decays ? gradient.add(w.mul(decay)) : gradient;
      if (velocity) velocity.update(accelerated, dampening === 0 ? slope : slope.mul(1 - dampening), momentum);
      else state.velocity = new Parameter(slope);
      const latest = state.velocity!;
      w.update(descended, nesterov ? slope.add(latest.mul(momentum)) : latest, rate);
    }
  }
}

// Outside of the class: a class that names itself is renamed by bundlers, and consoles would print the other name.
const isSGD = (target: unknown): boolean => target === SGD;
