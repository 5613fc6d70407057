import { Gradients } from '../autograd/gradients.ts';
import { Tape } from '../autograd/tape.ts';
import { parameters } from '../layers/parameters.ts';
import { ShapeError, TapeError, ValueError } from '../tensor/errors.ts';
import { formula } from '../tensor/formula.ts';
import { Parameter } from '../tensor/parameter.ts';
import { sameShape, show } from '../tensor/shape.ts';
import { scalar, type Tensor } from '../tensor/tensor.ts';

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
export class SGD {
  /** How far to go along the gradient. It may be changed between steps. */
  learningRate: number;
  readonly momentum: number;
  readonly weightDecay: number;
  readonly nesterov: boolean;
  readonly #parameters: ReadonlyMap<string, Parameter>;
  readonly #velocities = new Map<Parameter, Parameter>();

  /**
   * @param model whose parameters to move: a layer, a model, an array or an object of parameters
   * @throws ValueError for options out of range and a model without parameters.
   */
  constructor(model: object, options: SGDOptions) {
    if (typeof options !== 'object' || options === null)
      throw new ValueError('SGD: expected options with a learningRate: new SGD(model, { learningRate: 0.1 })');
    const { learningRate, momentum = 0, weightDecay = 0, nesterov = false } = options;
    const within = (name: string, x: number, below = Infinity) => {
      if (typeof x !== 'number' || !(x >= 0 && x < below))
        throw new ValueError(`SGD: expected a ${name} from 0${below < Infinity ? ` to below ${below}` : ', finite'}, got ${x}`);
    };
    within('learningRate', learningRate);
    within('momentum', momentum, 1);
    within('weightDecay', weightDecay);
    if (nesterov && momentum === 0) throw new ValueError('SGD: nesterov looks ahead along the momentum, so it needs a momentum above 0');
    this.#parameters = parameters(model);
    if (this.#parameters.size === 0) throw new ValueError('SGD: expected a model with parameters, found none among its properties');
    this.learningRate = learningRate;
    this.momentum = momentum;
    this.weightDecay = weightDecay;
    this.nesterov = nesterov;
  }

  /**
   * Records a loss, sweeps it, and moves every parameter one step downhill.
   * @returns the loss from which it stepped
   */
  minimize(lossOf: () => Tensor): number {
    const tape = new Tape();
    const loss = tape.record(lossOf);
    this.step(tape.backward(loss));
    return loss.item();
  }

  /**
   * Moves every parameter that has a gradient; those that had no part in the loss stay.
   * @throws TapeError where none of the parameters has a gradient; ValueError for a learning rate that is no number from 0. Nothing has moved then.
   */
  step(gradients: Gradients): void {
    if (!(gradients instanceof Gradients))
      throw new TapeError(`SGD: expected the gradients of a sweep, tape.backward(loss), got ${typeof gradients}`);
    if (!(this.learningRate >= 0 && this.learningRate < Infinity))
      throw new ValueError(`SGD: expected a learningRate from 0, finite, got ${this.learningRate}`);
    const moving = [...this.#parameters.values()].filter((w) => gradients.has(w));
    if (moving.length === 0)
      throw new TapeError(
        `SGD: none of its ${this.#parameters.size} parameters has a gradient here; was the loss computed from another model?`,
      );
    for (const w of moving) {
      const { shape, dtype } = gradients.get(w);
      if (sameShape(shape, w.shape) && dtype === w.dtype) continue;
      throw new ShapeError(`SGD: expected a gradient like ${w.path}, ${w.dtype} ${show(w.shape)}, got ${dtype} ${show(shape)}`);
    }
    for (const w of moving) this.#move(w, gradients.get(w));
  }

  /** One formula a parameter, where that is possible: its gradient may be a product that is not formed yet, and then need not be. */
  #move(w: Parameter, gradient: Tensor): void {
    const [rate, momentum, decay] = [this.learningRate, this.momentum, this.weightDecay].map((x) => scalar(x, w.dtype)) as [
      Tensor,
      Tensor,
      Tensor,
    ];
    const decays = this.weightDecay > 0;
    if (this.momentum === 0) {
      if (decays) w.update(descendedWithDecay, gradient, rate, decay);
      else w.update(descended, gradient, rate);
      return;
    }
    const velocity = this.#velocities.get(w);
    if (velocity && !this.nesterov) {
      if (decays) velocity.update(acceleratedWithDecay, gradient, momentum, w, decay);
      else velocity.update(accelerated, gradient, momentum);
      w.update(descended, velocity, rate);
      return;
    }
    const slope = decays ? gradient.add(w.mul(decay)) : gradient;
    if (velocity) velocity.update(accelerated, slope, momentum);
    else this.#velocities.set(w, new Parameter(slope));
    const latest = this.#velocities.get(w)!;
    w.update(descended, this.nesterov ? slope.add(latest.mul(momentum)) : latest, rate);
  }
}
