import { boolean, optional } from '../base/options.ts';
import { formula } from '../formula/formula.ts';
import type { Parameter } from '../tensor/parameter.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { averageSquare, scalars, zerosLike } from './averages.ts';
import { MomentOptimizer, type MomentOptions, type MomentState, momentOptions } from './moments.ts';
import type { OptionsAtStep } from './scheduled-options.ts';

/** Options of `Adam` and `AdamW`. */
export interface AdamOptions extends MomentOptions {
  /** Whether to divide by the largest average square so far (Reddi et al. 2018). Default false. */
  readonly amsgrad?: boolean;
}

interface State extends MomentState {
  /** The running average of the squares of the gradients. */
  readonly square: Parameter;
  readonly largest: Parameter | undefined;
}

const larger = /* @__PURE__ */ formula((largest, square) => largest.atLeast(square));

/** `kept · w − rate · mean / (√square / root + ε)` */
const descended = /* @__PURE__ */ formula((w, mean, square, rate, root, epsilon, kept) =>
  w.mul(kept).sub(mean.div(square.sqrt().div(root).add(epsilon)).mul(rate)),
);

/** Adam's step, with the weight decay within the averages or beside them. */
abstract class AnyAdam extends MomentOptimizer<State, AdamOptions> {
  protected abstract readonly decoupled: boolean;

  protected constructor(name: string, model: object, options: AdamOptions, weightDecay: number) {
    super(name, model, options, { ...momentOptions(0.001, weightDecay), amsgrad: optional(boolean, false) });
  }

  protected override init(w: Parameter, { amsgrad }: OptionsAtStep<AdamOptions>): State {
    return { ...this.initMoments(w), square: zerosLike(w), largest: amsgrad ? zerosLike(w) : undefined };
  }

  protected override update(w: Parameter, gradient: Tensor, state: State, options: OptionsAtStep<AdamOptions>): void {
    const { mean, square, largest } = state;
    const { learningRate, betas, epsilon, weightDecay } = options;
    const slope = this.average(w, gradient, state, options, this.decoupled ? 0 : weightDecay);
    averageSquare(square, slope, betas[1]);
    largest?.update(larger, square);
    const [rate, root] = [learningRate / (1 - state.unseen[0]), Math.sqrt(1 - state.unseen[1])];
    const kept = this.decoupled ? 1 - learningRate * weightDecay : 1;
    w.update(descended, mean, largest ?? square, ...scalars(w, rate, root, epsilon, kept));
  }
}

/**
 * Adam: each element goes along the running average of its gradient, in units of the root of the running average of its square
 * (Kingma & Ba 2015, algorithm 1).
 *
 * `g = gradient + weightDecay · w`, `m = β₁ m + (1 − β₁) g`, `v = β₂ v + (1 − β₂) g²`,
 * `w = w − learningRate · m / (1 − β₁ᵗ) / (√(v / (1 − β₂ᵗ)) + ε)`. With `amsgrad` the largest `v` so far is in the place of `v`.
 *
 * @example
 * const w = new Parameter(Tensor.of([1, -2], 'float64'));
 * new Adam({ w }, { learningRate: 0.5 }).minimize(() => w.mul(w).sum()) // => 5
 * w.toArray().map((x) => x.toFixed(6)) // => ['0.500000', '-1.500000']
 */
export class Adam extends AnyAdam {
  protected readonly decoupled = false;

  /**
   * @param model whose parameters to move: a layer, a model, an array or an object of parameters
   * @param options by default a learning rate of 0.001 and no weight decay
   * @throws ValueError for options that are not known or out of range, and for a model without parameters.
   */
  constructor(model: object, options: AdamOptions = {}) {
    super('Adam', model, options, 0);
  }
}

/**
 * Adam with decoupled weight decay: the parameter shrinks by itself, `w = (1 − learningRate · weightDecay) w`, before it moves as in `Adam`
 * (Loshchilov & Hutter 2019, algorithm 2).
 *
 * @example
 * const w = new Parameter(Tensor.of(1, 'float64'));
 * new AdamW({ w }, { learningRate: 0.5, weightDecay: 0.1 }).step(new Gradients([[w, Tensor.of(0, 'float64')]]));
 * w.item() // => 0.95
 */
export class AdamW extends AnyAdam {
  protected readonly decoupled = true;

  /**
   * @param model whose parameters to move: a layer, a model, an array or an object of parameters
   * @param options by default a learning rate of 0.001 and a weight decay of 0.01
   * @throws ValueError for options that are not known or out of range, and for a model without parameters.
   */
  constructor(model: object, options: AdamOptions = {}) {
    super('AdamW', model, options, 0.01);
  }
}
