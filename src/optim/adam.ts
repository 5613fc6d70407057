import { memoize } from '../base/memoize.ts';
import { type Formula, formulas } from '../formula/formula.ts';
import type { Parameter } from '../tensor/parameter.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { scalars, zerosLike } from './averages.ts';
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

/**
 * What an element becomes, `kept · w − rate · mean / (√square / root + ε)`, and the averages of its gradients and of their squares; with `amsgrad` the
 * largest square so far is in the place of the square. Where it `decays`, the gradient has a part of the parameter in it.
 */
const stepOf = (decays: boolean, amsgrad: boolean) =>
  formulas(
    (...inputs) => {
      const [w, m, v, before] = inputs as [Formula, Formula, Formula, Formula];
      const [gradient, ...numbers] = inputs.slice(amsgrad ? 4 : 3) as [Formula, ...Formula[]];
      const [beta, rest, squareBeta, squareRest, rate, root, epsilon, kept, decay] = numbers as NumbersOfStep<Formula>;
      const slope = decays ? gradient.add(w.mul(decay)) : gradient;
      const mean = m.mul(beta).add(slope.mul(rest));
      const square = v.mul(squareBeta).add(slope.mul(slope).mul(squareRest));
      const size = amsgrad ? before.atLeast(square) : square;
      const moved = w.mul(kept).sub(mean.div(size.sqrt().div(root).add(epsilon)).mul(rate));
      return amsgrad ? [moved, mean, square, size] : [moved, mean, square];
    },
    amsgrad ? 14 : 13,
  );

/** The numbers that all elements share: `β₁, 1 − β₁, β₂, 1 − β₂, rate, root, ε, kept, decay`. */
type NumbersOfStep<T> = [T, T, T, T, T, T, T, T, T];

const steps = /* @__PURE__ */ memoize((which: 'plain' | 'decays' | 'amsgrad' | 'both') =>
  stepOf(which === 'decays' || which === 'both', which === 'amsgrad' || which === 'both'),
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
    const { betas, learningRate, epsilon, amsgrad } = options;
    const { coupled, kept } = decays(options, this.isDecoupled(given));
    state.unseen = [state.unseen[0] * betas[0], state.unseen[1] * betas[1]];
    state.largest = amsgrad ? (state.largest ?? zerosLike(w)) : undefined;
    const [rate, root] = [learningRate / (1 - state.unseen[0]), Math.sqrt(1 - state.unseen[1])];
    const numbers: NumbersOfStep<number> = [betas[0], 1 - betas[0], betas[1], 1 - betas[1], rate, root, epsilon, kept, coupled];
    const rules = steps(coupled > 0 ? (amsgrad ? 'both' : 'decays') : amsgrad ? 'amsgrad' : 'plain');
    w['tapegrad.updateWith'](rules, state.largest ? [mean, square, state.largest] : [mean, square], [gradient, ...scalars(w, ...numbers)]);
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
