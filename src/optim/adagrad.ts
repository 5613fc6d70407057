import { formula } from '../formula/formula.ts';
import { Parameter } from '../tensor/parameter.ts';
import { Tensor } from '../tensor/tensor.ts';
import { decayed, scalars } from './averages.ts';
import { Optimizer } from './optimizer.ts';

/** How `Adagrad` descends. */
export interface AdagradOptions {
  /** How far to go: so much in each element at first. 0.01 unless told. */
  readonly learningRate?: number;
  /** How fast the rate falls besides: it is `learningRate / (1 + learningRateDecay · steps)`. Not at all unless told. */
  readonly learningRateDecay?: number;
  /** What the sum of squares begins with, 0 unless told. */
  readonly initialAccumulator?: number;
  /** What is added to the root of the sum, so that nothing is divided by 0; 1e-10 unless told. */
  readonly epsilon?: number;
  /** How much of the parameter itself is added to its gradient, from 0 (the default). */
  readonly weightDecay?: number;
}

/** The sum of the squares of a parameter's gradients. */
interface State {
  steps: number;
  readonly sum: Parameter;
}

const accumulated = formula((sum, slope) => sum.add(slope.mul(slope)));
const descended = formula((w, slope, sum, rate, epsilon) => w.sub(slope.div(sum.sqrt().add(epsilon)).mul(rate)));

/**
 * Adagrad: each element goes along its gradient in units of the root of the sum of all its squares so far (Duchi, Hazan & Singer 2011).
 *
 * `g = gradient + weightDecay · w`, `s = s + g²`, `w = w − learningRate / (1 + learningRateDecay · t) · g / (√s + ε)`, with `t` steps before this one.
 *
 * @example
 * const w = new Parameter(Tensor.of([1, -2], 'float64'));
 * new Adagrad({ w }, { learningRate: 0.5 }).minimize(() => w.mul(w).sum()) // => 5
 * w.toArray().map((x) => x.toFixed(6)) // => ['0.500000', '-1.500000']
 */
export class Adagrad extends Optimizer<State> {
  readonly learningRateDecay: number;
  readonly initialAccumulator: number;
  readonly epsilon: number;
  readonly weightDecay: number;

  /**
   * @param model whose parameters to move: a layer, a model, an array or an object of parameters
   * @throws ValueError for options out of range and a model without parameters.
   */
  constructor(model: object, options: AdagradOptions = {}) {
    super('Adagrad', model, options, 0.01);
    const { learningRateDecay = 0, initialAccumulator = 0, epsilon = 1e-10, weightDecay = 0 } = options;
    this.learningRateDecay = learningRateDecay;
    this.initialAccumulator = initialAccumulator;
    this.epsilon = epsilon;
    this.weightDecay = weightDecay;
    this.check();
  }

  protected override check(): void {
    super.check();
    this.within('learningRateDecay', this.learningRateDecay);
    this.within('initialAccumulator', this.initialAccumulator);
    this.within('epsilon', this.epsilon);
    this.within('weightDecay', this.weightDecay);
  }

  protected override init(w: Parameter): State {
    return { steps: 0, sum: new Parameter(Tensor.full(w.shape, this.initialAccumulator, w.dtype)) };
  }

  protected override update(w: Parameter, gradient: Tensor, state: State): void {
    const slope = decayed(w, gradient, this.weightDecay);
    state.sum.update(accumulated, slope);
    const rate = this.learningRate / (1 + this.learningRateDecay * state.steps++);
    w.update(descended, slope, state.sum, ...scalars(w, rate, this.epsilon));
  }
}
