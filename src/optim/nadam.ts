import { formula } from '../formula/formula.ts';
import type { Parameter } from '../tensor/parameter.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { averageSquare, scalars, zerosLike } from './averages.ts';
import { type DecoupledMomentOptions, decays, MomentOptimizer, type MomentState, momentOptions } from './moments.ts';
import { power } from './numbers.ts';
import { amount, flag, type OptionsAtStep } from './scheduled-options.ts';

/** Options of `NAdam`. */
export interface NAdamOptions extends DecoupledMomentOptions {
  /** How fast the momentum `μ` climbs from half of `β₁` to `β₁`. Default 0.004. */
  readonly momentumDecay?: number;
}

interface State extends MomentState {
  steps: number;
  /** The running average of the squares of the gradients. */
  readonly square: Parameter;
  /** The product of the momenta so far. */
  momenta: number;
}

const descended = /* @__PURE__ */ formula((w, slope, mean, square, alongSlope, alongMean, root, epsilon, kept) =>
  w.mul(kept).sub(slope.mul(alongSlope).add(mean.mul(alongMean)).div(square.sqrt().div(root).add(epsilon))),
);

/**
 * Adam with Nesterov's momentum: it looks ahead along the running average of the gradient (Dozat 2016).
 *
 * `g = gradient + weightDecay · w`, `m` and `v` as in `Adam`, `μₜ = β₁ (1 − ½ · 0.96^(t · momentumDecay))`, `Mₜ = μ₁ μ₂ … μₜ`,
 * `w = w − learningRate · (μₜ₊₁ m / (1 − Mₜ₊₁) + (1 − μₜ) g / (1 − Mₜ)) / (√(v / (1 − β₂ᵗ)) + ε)`.
 *
 * @example
 * const w = new Parameter(Tensor.of([1, -2], 'float64'));
 * new NAdam({ w }, { learningRate: 0.5 }).minimize(() => w.mul(w).sum()) // => 5
 * w.toArray().map((x) => x.toFixed(3)) // => ['0.472', '-1.472']
 */
export class NAdam extends MomentOptimizer<State, NAdamOptions> {
  /**
   * @param model whose parameters to move: a layer, a model, an array or an object of parameters
   * @param options by default a learning rate of 0.002
   * @throws ValueError for options that are not known or out of range, and for a model without parameters.
   */
  constructor(model: object, options: NAdamOptions = {}) {
    const table = { ...momentOptions(0.002), momentumDecay: amount(0.004), decoupledWeightDecay: flag };
    super('NAdam', model, options, table);
    if (isNAdam(new.target)) this.close();
  }

  protected override init(w: Parameter): State {
    return { ...this.initMoments(w), steps: 0, square: zerosLike(w), momenta: 1 };
  }

  protected override update(w: Parameter, gradient: Tensor, state: State, options: OptionsAtStep<NAdamOptions>): void {
    const { learningRate, betas, momentumDecay, epsilon } = options;
    const { coupled, kept } = decays(options, options.decoupledWeightDecay);
    const slope = this.average(w, gradient, state, options, coupled);
    averageSquare(state.square, slope, betas[1]);
    const momentum = (step: number): number => betas[0] * (1 - 0.5 * power(0.96, step * momentumDecay));
    const [now, next] = [momentum(++state.steps), momentum(state.steps + 1)];
    state.momenta *= now;
    const alongSlope = (learningRate * (1 - now)) / (1 - state.momenta);
    const alongMean = (learningRate * next) / (1 - state.momenta * next);
    const root = Math.sqrt(1 - state.unseen[1]);
    w.update(descended, slope, state.mean, state.square, ...scalars(w, alongSlope, alongMean, root, epsilon, kept));
  }
}

// Outside of the class: a class that names itself is renamed by bundlers, and consoles would print the other name.
const isNAdam = (target: unknown): boolean => target === NAdam;
