import { formula } from '../formula/formula.ts';
import type { Parameter } from '../tensor/parameter.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { average, averageSquare, decayed, scalars, zerosLike } from './averages.ts';
import { Optimizer } from './optimizer.ts';

/** How `RMSprop` descends. */
export interface RMSpropOptions {
  /** How far to go: about so much in each element. 0.01 unless told. */
  readonly learningRate?: number;
  /** How much of the last average square is kept; 0.99 unless told. */
  readonly alpha?: number;
  /** How much of the last velocity is kept, from 0 (the default) to below 1. */
  readonly momentum?: number;
  /** What is added to the root of the average square, so that nothing is divided by 0; 1e-8 unless told. */
  readonly epsilon?: number;
  /** Whether to divide by the deviation from the average gradient instead (Graves 2013). Not unless told. */
  readonly centered?: boolean;
  /** How much of the parameter itself is added to its gradient, from 0 (the default). */
  readonly weightDecay?: number;
}

/** Averages of a parameter's gradients, where they are needed, and of their squares; and its velocity. */
interface State {
  readonly square: Parameter;
  readonly mean: Parameter | undefined;
  readonly velocity: Parameter;
}

const accelerated = formula((velocity, slope, square, momentum, epsilon) =>
  velocity.mul(momentum).add(slope.div(square.sqrt().add(epsilon))),
);
const acceleratedCentered = formula((velocity, slope, square, mean, momentum, epsilon) =>
  velocity.mul(momentum).add(slope.div(square.sub(mean.mul(mean)).sqrt().add(epsilon))),
);
const descended = formula((w, velocity, rate) => w.sub(velocity.mul(rate)));

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
export class RMSprop extends Optimizer<State> {
  readonly alpha: number;
  /** How much of the last velocity is kept. It may be changed between steps. */
  momentum: number;
  readonly epsilon: number;
  readonly centered: boolean;
  readonly weightDecay: number;

  /**
   * @param model whose parameters to move: a layer, a model, an array or an object of parameters
   * @throws ValueError for options out of range and a model without parameters.
   */
  constructor(model: object, options: RMSpropOptions = {}) {
    super('RMSprop', model, options, 0.01);
    const { alpha = 0.99, momentum = 0, epsilon = 1e-8, centered = false, weightDecay = 0 } = options;
    this.alpha = alpha;
    this.momentum = momentum;
    this.epsilon = epsilon;
    this.centered = centered;
    this.weightDecay = weightDecay;
    this.check();
  }

  protected override check(): void {
    super.check();
    this.within('alpha', this.alpha, 1);
    this.within('momentum', this.momentum, 1);
    this.within('epsilon', this.epsilon);
    this.within('weightDecay', this.weightDecay);
  }

  protected override init(w: Parameter): State {
    return { square: zerosLike(w), mean: this.centered ? zerosLike(w) : undefined, velocity: zerosLike(w) };
  }

  protected override update(w: Parameter, gradient: Tensor, { square, mean, velocity }: State): void {
    const slope = decayed(w, gradient, this.weightDecay);
    averageSquare(square, slope, this.alpha);
    const settings = scalars(w, this.momentum, this.epsilon);
    if (mean) {
      average(mean, slope, this.alpha);
      velocity.update(acceleratedCentered, slope, square, mean, ...settings);
    } else velocity.update(accelerated, slope, square, ...settings);
    w.update(descended, velocity, ...scalars(w, this.learningRate));
  }
}
