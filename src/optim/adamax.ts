import { formula } from '../formula/formula.ts';
import type { Parameter } from '../tensor/parameter.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { scalars, zerosLike } from './averages.ts';
import { MomentOptimizer, type MomentOptions, type MomentState } from './moments.ts';

interface State extends MomentState {
  readonly largest: Parameter;
}

const larger = formula((largest, slope, kept, epsilon) => largest.mul(kept).atLeast(slope.abs().add(epsilon)));
const descended = formula((w, mean, largest, rate) => w.sub(mean.div(largest).mul(rate)));

/**
 * Adamax: as `Adam`, in units of the largest gradient of late instead of the root of an average square (Kingma & Ba 2015, algorithm 2).
 *
 * `g = gradient + weightDecay · w`, `m = β₁ m + (1 − β₁) g`, `u = max(β₂ u, |g| + ε)`, `w = w − learningRate / (1 − β₁ᵗ) · m / u`.
 *
 * @example
 * const w = new Parameter(Tensor.of([1, -2], 'float64'));
 * new Adamax({ w }, { learningRate: 0.5 }).minimize(() => w.mul(w).sum()) // => 5
 * w.toArray().map((x) => x.toFixed(6)) // => ['0.500000', '-1.500000']
 */
export class Adamax extends MomentOptimizer<State> {
  /**
   * @param model whose parameters to move: a layer, a model, an array or an object of parameters
   * @param options a learning rate of 0.002 unless told
   * @throws ValueError for options out of range and a model without parameters.
   */
  constructor(model: object, options: MomentOptions = {}) {
    super(model, options, { name: 'Adamax', learningRate: 0.002, weightDecay: 0 });
  }

  protected override init(w: Parameter): State {
    return { ...this.beginMoments(w), largest: zerosLike(w) };
  }

  protected override update(w: Parameter, gradient: Tensor, state: State): void {
    const slope = this.average(w, gradient, state, this.weightDecay);
    state.largest.update(larger, slope, ...scalars(w, this.betas[1], this.epsilon));
    w.update(descended, state.mean, state.largest, ...scalars(w, this.learningRate / (1 - state.unseen[0])));
  }
}
