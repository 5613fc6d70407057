import { ValueError } from '../base/errors.ts';
import { formula } from '../formula/formula.ts';
import { Parameter } from '../tensor/parameter.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { scalars } from './averages.ts';
import { Optimizer } from './optimizer.ts';

/** How to descend. */
export interface SGDOptions {
  /** How far to go along the gradient, from 0; may be changed between steps. */
  readonly learningRate: number;
  /** How much of the last velocity is kept, from 0 (the default) to below 1. */
  readonly momentum?: number;
  /** How much of the parameter itself is added to its gradient, from 0 (the default): the slope of `½ weightDecay · w²`. */
  readonly weightDecay?: number;
  /** Whether to look ahead along the velocity: Nesterov's momentum. Not unless told. */
  readonly nesterov?: boolean;
}

/** The velocity after a gradient; with decay the gradient has a part of the parameter in it. */
const accelerated = formula((v, gradient, momentum) => v.mul(momentum).add(gradient));
const acceleratedWithDecay = formula((v, gradient, momentum, w, decay) => v.mul(momentum).add(gradient.add(w.mul(decay))));

/** A parameter after a step along a direction; likewise. */
const descended = formula((w, direction, rate) => w.sub(direction.mul(rate)));
const descendedWithDecay = formula((w, direction, rate, decay) => w.sub(direction.add(w.mul(decay)).mul(rate)));

/** The velocity of a parameter, from its first step on. */
interface State {
  velocity?: Parameter;
}

/**
 * Stochastic gradient descent, with momentum and weight decay.
 *
 * `g = gradient + weightDecay · w`, `v = momentum · v + g` (at first `v = g`), `w = w − learningRate · v`; with `nesterov`
 * `w = w − learningRate · (g + momentum · v)`. As PyTorch does it, after Sutskever et al. 2013, whose velocity has the rate within.
 *
 * @example
 * const w = new Parameter(Tensor.of([1, 2]));
 * const optimizer = new SGD({ w }, { learningRate: 0.5 });
 * optimizer.minimize(() => w.mul(w).sum()) // => 5
 * w.toArray() // => [0, 0]
 */
export class SGD extends Optimizer<State> {
  /** How much of the last velocity is kept. It may be changed between steps. */
  momentum: number;
  readonly weightDecay: number;
  readonly nesterov: boolean;

  /**
   * @param model whose parameters to move: a layer, a model, an array or an object of parameters
   * @throws ValueError for options out of range and a model without parameters.
   */
  constructor(model: object, options: SGDOptions) {
    super('SGD', model, options);
    const { momentum = 0, weightDecay = 0, nesterov = false } = options;
    this.momentum = momentum;
    this.weightDecay = weightDecay;
    this.nesterov = nesterov;
    this.check();
  }

  protected override check(): void {
    super.check();
    this.within('momentum', this.momentum, 1);
    this.within('weightDecay', this.weightDecay);
    if (this.nesterov && this.momentum === 0)
      throw new ValueError('SGD: nesterov looks ahead along the momentum, so it needs a momentum above 0');
  }

  protected override init(): State {
    return {};
  }

  /** One formula a parameter, where that is possible: its gradient may be a product that is not formed yet, and then need not be. */
  protected override update(w: Parameter, gradient: Tensor, state: State): void {
    const [rate, momentum, decay] = scalars(w, this.learningRate, this.momentum, this.weightDecay) as [Tensor, Tensor, Tensor];
    const decays = this.weightDecay > 0;
    if (this.momentum === 0) {
      if (decays) w.update(descendedWithDecay, gradient, rate, decay);
      else w.update(descended, gradient, rate);
      return;
    }
    const { velocity } = state;
    if (velocity && !this.nesterov) {
      if (decays) velocity.update(acceleratedWithDecay, gradient, momentum, w, decay);
      else velocity.update(accelerated, gradient, momentum);
      w.update(descended, velocity, rate);
      return;
    }
    const slope = decays ? gradient.add(w.mul(decay)) : gradient;
    if (velocity) velocity.update(accelerated, slope, momentum);
    else state.velocity = new Parameter(slope);
    const latest = state.velocity!;
    w.update(descended, this.nesterov ? slope.add(latest.mul(momentum)) : latest, rate);
  }
}
