import { formula } from '../formula/formula.ts';
import type { Parameter } from '../tensor/parameter.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { averageSquare, scalars, zerosLike } from './averages.ts';
import { type DecoupledMomentOptions, decays, MomentOptimizer, type MomentOptions, type MomentState, momentOptions } from './moments.ts';
import { flag, type OptionsAtStep } from './scheduled-options.ts';

/** Options of `AdamW`. */
export interface AdamWOptions extends MomentOptions {
  /** Whether to divide by the largest average square so far (Reddi et al. 2018). Default false. */
  readonly amsgrad?: boolean;
}

/** Options of `Adam`. */
export interface AdamOptions extends AdamWOptions, DecoupledMomentOptions {}

interface State extends MomentState {
  /** The running average of the squares of the gradients. */
  readonly square: Parameter;
  /** The largest of these averages, while `amsgrad` holds. */
  largest: Parameter | undefined;
}

const larger = /* @__PURE__ */ formula((largest, square) => largest.atLeast(square));

/** `kept · w − rate · mean / (√square / root + ε)` */
const descended = /* @__PURE__ */ formula((w, mean, square, rate, root, epsilon, kept) =>
  w.mul(kept).sub(mean.div(square.sqrt().div(root).add(epsilon)).mul(rate)),
);

/** Adam's step, with the weight decay within the averages or beside them. */
abstract class AnyAdam<Options extends AdamWOptions> extends MomentOptimizer<State, Options> {
  protected abstract isDecoupled(options: OptionsAtStep<Options>): boolean;

  protected override init(w: Parameter): State {
    return { ...this.initMoments(w), square: zerosLike(w), largest: undefined };
  }

  protected override update(w: Parameter, gradient: Tensor, state: State, given: OptionsAtStep<Options>): void {
    const { mean, square } = state;
    const options = given as unknown as OptionsAtStep<AdamWOptions>;
    const { coupled, kept } = decays(options, this.isDecoupled(given));
    const slope = this.average(w, gradient, state, options, coupled);
    averageSquare(square, slope, options.betas[1]);
    state.largest = options.amsgrad ? (state.largest ?? zerosLike(w)) : undefined;
    state.largest?.update(larger, square);
    const [rate, root] = [options.learningRate / (1 - state.unseen[0]), Math.sqrt(1 - state.unseen[1])];
    w.update(descended, mean, state.largest ?? square, ...scalars(w, rate, root, options.epsilon, kept));
  }
}

/**
 * Adam: each element goes along the running average of its gradient, in units of the root of the running average of its square
 * (Kingma & Ba 2015, algorithm 1).
 *
 * `g = gradient + weightDecay · w`, `m = β₁ m + (1 − β₁) g`, `v = β₂ v + (1 − β₂) g²`,
 * `w = w − learningRate · m / (1 − β₁ᵗ) / (√(v / (1 − β₂ᵗ)) + ε)`. With `amsgrad` the largest `v` so far is in the place of `v`,
 * with `decoupledWeightDecay` it is `AdamW`.
 *
 * @example
 * const w = new Parameter(Tensor.of([1, -2], 'float64'));
 * new Adam({ w }, { learningRate: 0.5 }).minimize(() => w.mul(w).sum()) // => 5
 * w.toArray().map((x) => x.toFixed(6)) // => ['0.500000', '-1.500000']
 */
export class Adam extends AnyAdam<AdamOptions> {
  /**
   * @param model whose parameters to move: a layer, a model, an array or an object of parameters
   * @param options by default a learning rate of 0.001 and no weight decay
   * @throws ValueError for options that are not known or out of range, and for a model without parameters.
   */
  constructor(model: object, options: AdamOptions = {}) {
    super('Adam', model, options, { ...momentOptions(0.001), amsgrad: flag, decoupledWeightDecay: flag });
    if (isAdam(new.target)) this.close();
  }

  protected override isDecoupled({ decoupledWeightDecay }: OptionsAtStep<AdamOptions>): boolean {
    return decoupledWeightDecay;
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
export class AdamW extends AnyAdam<AdamWOptions> {
  /**
   * @param model whose parameters to move: a layer, a model, an array or an object of parameters
   * @param options by default a learning rate of 0.001 and a weight decay of 0.01
   * @throws ValueError for options that are not known or out of range, and for a model without parameters.
   */
  constructor(model: object, options: AdamWOptions = {}) {
    super('AdamW', model, options, { ...momentOptions(0.001, 0.01), amsgrad: flag });
    if (isAdamW(new.target)) this.close();
  }

  protected override isDecoupled(): boolean {
    return true;
  }
}

// Outside of the class: a class that names itself is renamed by bundlers, and consoles would print the other name.
const isAdam = (target: unknown): boolean => target === Adam;
const isAdamW = (target: unknown): boolean => target === AdamW;
