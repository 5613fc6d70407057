import type { Parameter } from '../tensor/parameter.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { average, decayed, zerosLike } from './averages.ts';
import { Optimizer, type OptimizerOptions } from './optimizer.ts';
import { amount, betas, type OptionsAtStep, rate } from './scheduled-options.ts';
import type { Schedule } from './schedules.ts';

/** Options of the optimizers of Adam's family, which go along running averages of the gradient and of its size. */
export interface MomentOptions extends OptimizerOptions {
  /** How far to go, at first about so much in each element: a number from 0, or a schedule. */
  readonly learningRate?: number | Schedule;
  /** How much of the last averages is kept, of the gradient and of its size. Default [0.9, 0.999]. */
  readonly betas?: readonly [number, number];
  /** What is added to the size of the gradient, so that nothing is divided by 0. Default 1e-8. */
  readonly epsilon?: number;
  /** How much of the parameter itself is added to its gradient. */
  readonly weightDecay?: number;
}

/** Options of those of the family that can decay weights beside the averages. */
export interface DecoupledMomentOptions extends MomentOptions {
  /**
   * Whether the parameter shrinks by itself, `w = (1 − learningRate · weightDecay) w`, rather than by a part of it in its gradient (Loshchilov & Hutter
   * 2019). Default false.
   */
  readonly decoupledWeightDecay?: boolean;
}

/** What the family remembers of a parameter. */
export interface MomentState {
  /** The running average of its gradients. */
  readonly mean: Parameter;
  /** The weight that the zeros before the first step still have in each average: `[β₁ᵗ, β₂ᵗ]`. */
  unseen: readonly [number, number];
}

/** The options of the family, of which each member has its own default learning rate and weight decay. */
export const momentOptions = (learningRate: number, weightDecay = 0) => ({
  learningRate: rate(learningRate),
  betas: betas([0.9, 0.999]),
  epsilon: amount(1e-8),
  weightDecay: amount(weightDecay),
});

/** Adam's family: optimizers that go along a running average of the gradient, in units of a running size of it. */
export abstract class MomentOptimizer<State extends MomentState, Options extends MomentOptions = MomentOptions> extends Optimizer<
  State,
  Options
> {
  /** What is remembered before the first step, by all of the family. */
  protected initMoments(w: Parameter): MomentState {
    return { mean: zerosLike(w), unseen: [1, 1] };
  }

  /** Takes a gradient into the average, and returns it with the weight decay in it. */
  protected average(w: Parameter, gradient: Tensor, state: State, { betas }: OptionsAtStep<MomentOptions>, weightDecay: number): Tensor {
    const slope = decayed(w, gradient, weightDecay);
    average(state.mean, slope, betas[0]);
    state.unseen = [state.unseen[0] * betas[0], state.unseen[1] * betas[1]];
    return slope;
  }
}

/** The weight decay at a step: which part of the parameter is added to its gradient, and which part of it is kept. */
export const decays = (
  { learningRate, weightDecay }: OptionsAtStep<MomentOptions>,
  decoupled: boolean,
): { readonly coupled: number; readonly kept: number } =>
  decoupled ? { coupled: 0, kept: 1 - learningRate * weightDecay } : { coupled: weightDecay, kept: 1 };
