import { Gradients } from '../autograd/gradients.ts';
import { Tape } from '../autograd/tape.ts';
import { ShapeError, TapeError, ValueError } from '../base/errors.ts';
import { formatShape, sameShape } from '../base/shape.ts';
import { parameters } from '../layers/state.ts';
import type { Parameter } from '../tensor/parameter.ts';
import type { Tensor } from '../tensor/tensor.ts';

/**
 * What all optimizers share: whose parameters they move, and that nothing moves before all is checked.
 *
 * One of your own says what it remembers of a parameter (`init`), and how it moves one (`update`).
 *
 * @example
 * class SignDescent extends Optimizer<object> {
 *   constructor(model: object, learningRate: number) { super('SignDescent', model, { learningRate }); }
 *   protected override init() { return {}; }
 *   protected override update(w: Parameter, gradient: Tensor) { w.assign(w.sub(gradient.sign().mul(this.learningRate))); }
 * }
 * const w = new Parameter(Tensor.of([3, -4]));
 * new SignDescent({ w }, 0.5).minimize(() => w.mul(w).sum()) // => 25
 * w.toArray() // => [2.5, -3.5]
 */
export abstract class Optimizer<State = unknown> {
  /** How far to go. It may be changed between steps. */
  learningRate: number;
  /** What errors call it. */
  protected readonly name: string;
  readonly #parameters: ReadonlyMap<string, Parameter>;
  readonly #states = new Map<Parameter, State>();

  /**
   * @param name what errors call it
   * @param model whose parameters to move: a layer, a model, an array or an object of parameters
   * @param learningRate where the options have none
   * @throws ValueError for what are no options, and for a model without parameters.
   */
  protected constructor(name: string, model: object, options: { readonly learningRate?: number }, learningRate?: number) {
    if (typeof options !== 'object' || options === null)
      throw new ValueError(`${name}: expected options with a learningRate: new ${name}(model, { learningRate: 0.1 })`);
    this.name = name;
    this.#parameters = parameters(model);
    if (this.#parameters.size === 0) throw new ValueError(`${name}: expected a model with parameters, found none among its properties`);
    this.learningRate = (options.learningRate ?? learningRate)!;
  }

  /** What is remembered of a parameter before its first step. */
  protected abstract init(w: Parameter): State;

  /** Moves a parameter, and what is remembered of it, by one step. */
  protected abstract update(w: Parameter, gradient: Tensor, state: State): void;

  /** Refuses settings out of range: when it is made, and before each step, since they may be changed. */
  protected check(): void {
    this.within('learningRate', this.learningRate);
  }

  /** Refuses a setting that is no number from 0, or not below a limit. */
  protected within(option: string, x: number, below = Infinity): void {
    if (typeof x === 'number' && x >= 0 && x < below) return;
    throw new ValueError(`${this.name}: expected ${option} from 0${below < Infinity ? ` to below ${below}` : ', finite'}, got ${x}`);
  }

  /**
   * Records a loss, sweeps it, and moves every parameter one step downhill.
   * @returns the loss from which it stepped
   */
  minimize(lossOf: () => Tensor): number {
    const tape = new Tape();
    const loss = tape.record(lossOf);
    this.step(tape.backward(loss));
    return loss.item();
  }

  /**
   * Moves every parameter that has a gradient; those that had no part in the loss stay.
   * @throws TapeError where none of the parameters has a gradient; ValueError for a setting out of range. Nothing has moved then.
   */
  step(gradients: Gradients): void {
    const name = this.name;
    if (!(gradients instanceof Gradients))
      throw new TapeError(`${name}: expected the gradients of a sweep, tape.backward(loss), got ${typeof gradients}`);
    this.check();
    const moving = [...this.#parameters.values()].filter((w) => gradients.has(w));
    if (moving.length === 0)
      throw new TapeError(
        `${name}: none of its ${this.#parameters.size} parameters has a gradient here; was the loss computed from another model?`,
      );
    for (const w of moving) {
      const { shape, dtype } = gradients.get(w);
      if (sameShape(shape, w.shape) && dtype === w.dtype) continue;
      throw new ShapeError(
        `${name}: expected a gradient like ${w.path}, ${w.dtype} ${formatShape(w.shape)}, got ${dtype} ${formatShape(shape)}`,
      );
    }
    for (const w of moving) {
      const state = this.#states.get(w) ?? this.init(w);
      this.#states.set(w, state);
      this.update(w, gradients.get(w), state);
    }
  }
}
