import { Gradients } from '../autograd/gradients.ts';
import { usedAtOnce } from '../autograd/lazy.ts';
import { Tape } from '../autograd/tape.ts';
import { ShapeError, TapeError, ValueError } from '../base/errors.ts';
import { quote, readOptions, type WithDefaults } from '../base/options.ts';
import { formatShape, sameShape } from '../base/shape.ts';
import { namedParameters } from '../layers/state.ts';
import type { Parameter } from '../tensor/parameter.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { type OptimizerOptionTable, type OptionsAtStep, optionsAt, rate } from './scheduled-options.ts';
import type { Schedule } from './schedules.ts';

/** What every optimizer has among its options. */
export interface OptimizerOptions {
  /** How far to go: a number from 0, or a schedule. */
  readonly learningRate?: number | Schedule;
}

/**
 * What all optimizers share: the parameters they move, their options, and that nothing moves before all is checked.
 *
 * It takes ownership of the model: each parameter is given its path there, such as `layers.0.weight`, by which tapes and errors call it
 * from then on.
 *
 * An optimizer of your own says what it remembers of a parameter (`init`), and how it moves one (`update`).
 *
 * @example
 * class SignDescent extends Optimizer<object> {
 *   constructor(model: object, learningRate: number) { super('SignDescent', model, { learningRate }); }
 *   protected override init() { return {}; }
 *   protected override update(w: Parameter, gradient: Tensor, _: object, { learningRate }: { learningRate: number }) {
 *     w.assign(w.sub(gradient.sign().mul(learningRate)));
 *   }
 * }
 * const w = new Parameter(Tensor.of([3, -4]));
 * new SignDescent({ w }, 0.5).minimize(() => w.mul(w).sum()) // => 25
 * w.toArray() // => [2.5, -3.5]
 */
export abstract class Optimizer<State = unknown, Options extends OptimizerOptions = OptimizerOptions> {
  /** Its options, the defaults filled in. They may be changed between steps, and are checked before each. */
  readonly options: WithDefaults<Options>;
  /** What errors call it. */
  protected readonly name: string;
  readonly #table: OptimizerOptionTable<Options>;
  readonly #parameters: readonly Parameter[];
  readonly #states = new Map<Parameter, State>();
  #steps = 0;

  /**
   * @param name what errors call it
   * @param model whose parameters to move: a layer, a model, an array or an object of parameters
   * @param table what each option may be, and its default. Default a learning rate that has to be given
   * @throws ValueError for options that are not known or out of range, and for a model without parameters.
   */
  protected constructor(
    name: string,
    model: object,
    options: Options,
    table: OptimizerOptionTable<Options> = { learningRate: rate() } as OptimizerOptionTable<Options>,
  ) {
    this.name = name;
    this.#table = table;
    this.options = Object.seal(readOptions<Options>(name, options, table));
    this.check(this.#optionsNow());
    const named = namedParameters(model);
    if (named.size === 0) throw new ValueError(`${name}: expected a model with parameters, found none among its properties`);
    // A parameter that is the whole model, or one of a list, has no better path here than the one it had.
    for (const [path, parameter] of named) if (/[^\d]/.test(path) || (path && parameter.path === undefined)) parameter.path = path;
    // The largest first: where there is not enough memory for a step, it fails before anything has moved.
    this.#parameters = [...named.values()].sort((a, b) => b.size - a.size);
  }

  /** What is remembered of a parameter before its first step. */
  protected abstract init(w: Parameter, options: OptionsAtStep<Options>): State;

  /** Moves a parameter, and what is remembered of it, by one step. */
  protected abstract update(w: Parameter, gradient: Tensor, state: State, options: OptionsAtStep<Options>): void;

  /** Refuses options that do not go together; each by itself is checked already. Called when it is made and before each step. */
  protected check(_options: OptionsAtStep<Options>): void {}

  /** How many steps it has made. The next one has this number: it is what schedules are given. */
  get steps(): number {
    return this.#steps;
  }

  /** How far to go: a number, or a schedule. It may be changed between steps. */
  get learningRate(): number | Schedule {
    return this.options.learningRate!;
  }

  set learningRate(learningRate: number | Schedule) {
    this.options.learningRate = learningRate;
  }

  /** The learning rate of the next step, as a number: what the schedule gives for `steps`, where it is a schedule. */
  get currentLearningRate(): number {
    return this.#optionsNow().learningRate as number;
  }

  #optionsNow(): OptionsAtStep<Options> {
    return optionsAt(this.name, this.options, this.#table, this.#steps);
  }

  /**
   * Records a loss, sweeps it, and moves every parameter one step downhill.
   * @returns the loss before the step
   */
  minimize(lossOf: () => Tensor): number {
    const tape = new Tape();
    const loss = tape.record(lossOf);
    this.step(usedAtOnce(() => tape.backward(loss)));
    return loss.item();
  }

  /**
   * Moves every parameter that has a gradient; those that had no part in the loss stay.
   * @throws TapeError where none of the parameters has a gradient; ValueError for an option out of range. Nothing has moved then.
   */
  step(gradients: Gradients): void {
    if (!(gradients instanceof Gradients))
      throw new TapeError(`${this.name}: expected the gradients of a sweep, tape.backward(loss), got ${quote(gradients)}`);
    const options = this.#optionsNow();
    this.check(options);
    const moving = this.#parameters.filter((w) => gradients.has(w));
    this.#checkGradients(moving, gradients);
    // All that is to be remembered is made before anything moves, since there may not be enough memory for it.
    const states = moving.map((w) => this.#states.get(w) ?? this.init(w, options));
    moving.forEach((w, i) => {
      this.#states.set(w, states[i]!);
      this.update(w, gradients.get(w), states[i]!, options);
    });
    this.#steps++;
  }

  #checkGradients(moving: readonly Parameter[], gradients: Gradients): void {
    if (moving.length === 0)
      throw new TapeError(
        `${this.name}: none of its ${this.#parameters.length} parameters has a gradient here; was the loss computed from another model?`,
      );
    for (const w of moving) {
      const { shape, dtype } = gradients.get(w);
      if (sameShape(shape, w.shape) && dtype === w.dtype) continue;
      throw new ShapeError(
        `${this.name}: expected a gradient like ${w.path ?? 'the parameter'}, ${w.dtype} ${formatShape(w.shape)}, got ${dtype} ${formatShape(shape)}`,
      );
    }
  }
}
