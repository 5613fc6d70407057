import { formula } from '../formula/formula.ts';
import type { Parameter } from '../tensor/parameter.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { averageSquare, scalars, zerosLike } from './averages.ts';
import { type DecoupledMomentOptions, decays, MomentOptimizer, type MomentState, momentOptions } from './moments.ts';
import { power } from './numbers.ts';
import { flag, type OptionsAtStep } from './scheduled-options.ts';

interface State extends MomentState {
  steps: number;
  /** The running average of the squares of the gradients. */
  readonly square: Parameter;
}

const alongMean = /* @__PURE__ */ formula((w, mean, rate, kept) => w.mul(kept).sub(mean.mul(rate)));
const inUnits = /* @__PURE__ */ formula((w, mean, square, rate, epsilon, kept) =>
  w.mul(kept).sub(mean.mul(rate).div(square.sqrt().add(epsilon))),
);

/**
 * Rectified Adam: as `Adam`, but along the average gradient itself while too few squares were seen to know their average, and in shorter steps as long
 * as that varies (Liu et al. 2020, algorithm 2).
 *
 * `ρ∞ = 2 / (1 − β₂) − 1`, `ρ = ρ∞ − 2 t β₂ᵗ / (1 − β₂ᵗ)`; up to `ρ = 5` `w = w − learningRate · m̂`, then
 * `w = w − learningRate · √((ρ − 4)(ρ − 2) ρ∞ / ((ρ∞ − 4)(ρ∞ − 2) ρ)) · m̂ √(1 − β₂ᵗ) / (√v + ε)`.
 *
 * @example
 * const w = new Parameter(Tensor.of([1, -2]));
 * new RAdam({ w }, { learningRate: 0.25 }).minimize(() => w.mul(w).sum()) // => 5
 * w.toArray() // => [0.5, -1]
 */
export class RAdam extends MomentOptimizer<State, DecoupledMomentOptions> {
  /**
   * @param model whose parameters to move: a layer, a model, an array or an object of parameters
   * @param options by default a learning rate of 0.001
   * @throws ValueError for options that are not known or out of range, and for a model without parameters.
   */
  constructor(model: object, options: DecoupledMomentOptions = {}) {
    super('RAdam', model, options, { ...momentOptions(0.001), decoupledWeightDecay: flag });
    if (isRAdam(new.target)) this.close();
  }

  protected override init(w: Parameter): State {
    return { ...this.initMoments(w), steps: 0, square: zerosLike(w) };
  }

  protected override update(w: Parameter, gradient: Tensor, state: State, options: OptionsAtStep<DecoupledMomentOptions>): void {
    const { mean, square } = state;
    const { betas } = options;
    const { coupled, kept } = decays(options, options.decoupledWeightDecay);
    const slope = this.average(w, gradient, state, options, coupled);
    averageSquare(square, slope, betas[1]);
    const rate = options.learningRate / (1 - state.unseen[0]);
    // Not the running product `state.unseen[1]`, whose rounding would show in the difference below.
    const unseen = power(betas[1], ++state.steps);
    const most = 2 / (1 - betas[1]) - 1;
    const length = most - (2 * state.steps * unseen) / (1 - unseen);
    if (length <= 5) {
      w.update(alongMean, mean, ...scalars(w, rate, kept));
      return;
    }
    const rectified = Math.sqrt((((length - 4) * (length - 2) * most) / ((most - 4) * (most - 2) * length)) * (1 - unseen));
    w.update(inUnits, mean, square, ...scalars(w, rate * rectified, options.epsilon, kept));
  }
}

// Outside of the class: a class that names itself is renamed by bundlers, and consoles would print the other name.
const isRAdam = (target: unknown): boolean => target === RAdam;
