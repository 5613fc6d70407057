import { formula } from '../formula/formula.ts';
import type { Parameter } from '../tensor/parameter.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { scalars, zerosLike } from './averages.ts';
import { MomentOptimizer, type MomentOptions, type MomentState, momentOptions } from './moments.ts';
import type { OptionsAtStep } from './scheduled-options.ts';

interface State extends MomentState {
  readonly largest: Parameter;
}

const larger = /* @__PURE__ */ formula((largest, slope, kept, epsilon) => largest.mul(kept).atLeast(slope.abs().add(epsilon)));
const descended = /* @__PURE__ */ formula((w, mean, largest, rate) => w.sub(mean.div(largest).mul(rate)));

/**
 * Adamax: as `Adam`, in units of the largest recent gradient instead of the root of an average square (Kingma & Ba 2015, algorithm 2).
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
   * @param options by default a learning rate of 0.002
   * @throws ValueError for options that are not known or out of range, and for a model without parameters.
   */
  constructor(model: object, options: MomentOptions = {}) {
    super('Adamax', model, options, momentOptions(0.002));
    if (isAdamax(new.target)) this.close();
  }

  protected override init(w: Parameter): State {
    return { ...this.initMoments(w), largest: zerosLike(w) };
  }

  protected override update(w: Parameter, gradient: Tensor, state: State, options: OptionsAtStep<MomentOptions>): void {
    const slope = this.average(w, gradient, state, options, options.weightDecay);
    state.largest.update(larger, slope, ...scalars(w, options.betas[1], options.epsilon));
    w.update(descended, state.mean, state.largest, ...scalars(w, options.learningRate / (1 - state.unseen[0])));
  }
}

// Outside of the class: a class that names itself is renamed by bundlers, and consoles would print the other name.
const isAdamax = (target: unknown): boolean => target === Adamax;
