import { ValueError } from '../base/errors.ts';
import type { Parameter } from '../tensor/parameter.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { average, decayed, zerosLike } from './averages.ts';
import { Optimizer } from './optimizer.ts';

/** How to descend along running averages of the gradient and of its square. */
export interface MomentOptions {
  /** How far to go: at first about so much in each element. */
  readonly learningRate?: number;
  /** How much of the last averages is kept, of the gradient (0.9 unless told) and of its size (0.999). */
  readonly betas?: readonly [number, number];
  /** What is added to the size of the gradient, so that nothing is divided by 0; 1e-8 unless told. */
  readonly epsilon?: number;
  /** How much of the parameter itself is added to its gradient. */
  readonly weightDecay?: number;
}

/** What the family remembers of a parameter. */
export interface MomentState {
  /** The running average of its gradients. */
  readonly mean: Parameter;
  /** How much of what came before the first step is still in each average: `[β₁ᵗ, β₂ᵗ]`. */
  unseen: readonly [number, number];
}

/** What is left open by an optimizer of Adam's family. */
interface Own {
  readonly name: string;
  readonly learningRate: number;
  readonly weightDecay: number;
}

/** Adam's family: optimizers that go along a running average of the gradient, in units of a running size of it. */
export abstract class MomentOptimizer<State extends MomentState> extends Optimizer<State> {
  /** How much of the last averages is kept. They may be changed between steps. */
  betas: readonly [number, number];
  readonly epsilon: number;
  readonly weightDecay: number;

  protected constructor(model: object, options: MomentOptions, own: Own) {
    super(own.name, model, options, own.learningRate);
    this.betas = options.betas ?? [0.9, 0.999];
    this.epsilon = options.epsilon ?? 1e-8;
    this.weightDecay = options.weightDecay ?? own.weightDecay;
    this.check();
  }

  protected override check(): void {
    super.check();
    if (!Array.isArray(this.betas) || this.betas.length !== 2)
      throw new ValueError(`${this.name}: expected two betas, [0.9, 0.999] say, got ${JSON.stringify(this.betas)}`);
    this.betas.forEach((beta, i) => {
      this.within(`betas[${i}]`, beta, 1);
    });
    this.within('epsilon', this.epsilon);
    this.within('weightDecay', this.weightDecay);
  }

  /** What is remembered before the first step, by all of the family. */
  protected beginMoments(w: Parameter): MomentState {
    return { mean: zerosLike(w), unseen: [1, 1] };
  }

  /** Takes a gradient into the average, and returns it with the weight decay in it. */
  protected average(w: Parameter, gradient: Tensor, state: State, weightDecay: number): Tensor {
    const slope = decayed(w, gradient, weightDecay);
    average(state.mean, slope, this.betas[0]);
    state.unseen = [state.unseen[0] * this.betas[0], state.unseen[1] * this.betas[1]];
    return slope;
  }
}
