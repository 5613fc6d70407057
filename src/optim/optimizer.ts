import { lossAndGradients } from '../autograd/backward.ts';
import { describeResult } from '../autograd/check-function.ts';
import { Gradients } from '../autograd/gradients.ts';
import { ShapeError, TapeError, ValueError } from '../base/errors.ts';
import { insteadOf, type OptionTable, quote, readOptions, type WithDefaults, withoutDefault } from '../base/options.ts';
import { formatShape, sameShape } from '../base/shape.ts';
import { namedBuffers, namedParameters, parameters } from '../layers/state.ts';
import type { Buffer } from '../tensor/buffer.ts';
import { Parameter } from '../tensor/parameter.ts';
import { Tensor } from '../tensor/tensor.ts';
import type { ParameterGroups } from './parameter-groups.ts';
import { type Frozen, flag, type OptimizerOptionTable, type OptionsAtStep, optionsAt, rate } from './scheduled-options.ts';
import type { Schedule } from './schedules.ts';

/** What every optimizer has among its options. */
export interface OptimizerOptions extends Frozen {
  /** How far to go: a number from 0, or a schedule. */
  readonly learningRate?: number | Schedule;
  /** Whether to go uphill, along the negative gradient of what is minimized. Default false. */
  readonly maximize?: boolean;
}

const groupsOption = {
  words: 'groups of parameters, new ParameterGroups(model, [{ parameters, … }])',
  holds: (x: unknown) => x === undefined || typeof (x as Partial<ParameterGroups> | null)?.each === 'function',
};

const parts = {
  words: 'a part of the model with parameters',
  // Asked before each step; whether there are parameters in it is found out once.
  holds: (x: unknown) => x === undefined || (typeof x === 'object' && x !== null),
};

/** What an optimizer has beside its options. */
interface Held<State> {
  /** The model that it was given. */
  readonly model: object;
  /** What is remembered of each parameter that has moved. */
  readonly states: Map<Parameter, State>;
  /** How many steps were made. */
  steps: number;
}

/** What is frozen: a part of the model, and what is found in it. */
interface Still {
  readonly from: object | undefined;
  readonly parameters: ReadonlySet<Parameter>;
  readonly buffers: readonly Buffer[];
}

/** Every parameter that an optimizer was given, to move it or to leave it frozen. */
const known = /* @__PURE__ */ new WeakSet<Parameter>();

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
  /** Its options, the defaults filled in. They may be changed between steps, are checked before each, and all hold from the next step on. */
  readonly options: WithDefaults<Options>;
  /** What errors call it. */
  protected readonly name: string;
  readonly #table: OptimizerOptionTable<Options>;
  /** What it moves. */
  protected readonly parameters: readonly Parameter[];
  readonly #held: Held<State>;
  #frozen: Still = { from: undefined, parameters: new Set(), buffers: [] };

  /**
   * @param name what errors call it
   * @param model whose parameters to move: a layer, a model, an array or an object of parameters
   * @param table what each option may be, and its default, but for `maximize`, which all have. Default a learning rate that has to be given
   * @throws ValueError for options that are not known or out of range, and for a model without parameters.
   */
  protected constructor(
    name: string,
    model: object,
    options: Options,
    table: OptimizerOptionTable<Omit<Options, 'maximize'>> = { learningRate: rate() } as OptimizerOptionTable<Options>,
  ) {
    if (typeof model !== 'object' || model === null || (model instanceof Tensor && !(model instanceof Parameter)))
      throw new ValueError(`${name}: expected a model, an object that has parameters, got ${quote(model)}`);
    refuseCycle(name, options, 'momentum' in table);
    this.name = name;
    this.#held = { model, states: new Map(), steps: 0 };
    this.#table = {
      ...table,
      maximize: flag,
      frozen: withoutDefault(parts),
      groups: withoutDefault(groupsOption),
    } as unknown as OptimizerOptionTable<Options>;
    this.options = readOptions<Options>(name, options, this.#table as unknown as OptionTable<Options>);
    this.#optionsWith();
    const named = namedParameters(model);
    if (named.size === 0) throw new ValueError(`${name}: expected a model with parameters, found none among its properties`);
    // A parameter that is the whole model, or one of a list, has no better path here than the one it had.
    for (const [path, parameter] of named) if (/[^\d]/.test(path) || (path && parameter.path === undefined)) parameter.path = path;
    for (const [path, buffer] of namedBuffers(model)) buffer.path = path;
    // The largest first: where there is not enough memory for a step, it fails before anything has moved.
    this.parameters = [...named.values()].sort((a, b) => b.size - a.size);
    for (const parameter of this.parameters) known.add(parameter);
    this.settle();
  }

  /**
   * For `optimizerState` and `loadOptimizerState`, which stand outside so that programs without them do not carry them.
   * @internal
   */
  protected get held(): Held<State> {
    return this.#held;
  }

  /** Takes options into account as they are now: they are checked, and what is frozen keeps its statistics. */
  private settle(): void {
    this.#optionsWith();
    this.#moving();
    this.#optionsOfGroups();
  }

  /** What is remembered of a parameter before its first step. */
  protected abstract init(w: Parameter, options: OptionsAtStep<Options>): State;

  /**
   * Moves a parameter, and what is remembered of it, by one step.
   * @param options those of the parameter's group, if it has one
   * @param given the same, with schedules as they are
   */
  protected abstract update(
    w: Parameter,
    gradient: Tensor,
    state: State,
    options: OptionsAtStep<Options>,
    given: WithDefaults<Options>,
  ): void;

  /**
   * Refuses options that do not go together; each by itself is checked already. Called when it is made and before each step, for each group as well.
   * @param _given the same, with schedules as they are
   */
  protected check(_options: OptionsAtStep<Options>, _given: WithDefaults<Options>): void {}

  /** From now on no property can be added: an option set on the optimizer itself would change nothing. For the end of a constructor. */
  protected close(): void {
    for (const option of ['lr', ...Object.keys(this.#table)]) {
      const known = option === 'lr' ? 'learningRate' : option;
      const set = () => {
        throw new ValueError(`${this.name}: ${option} is set by optimizer.options.${known}`);
      };
      if (!(option in this)) Object.defineProperty(this, option, { set });
    }
    Object.preventExtensions(this);
  }

  /** How many steps it has made. The next one has this number: it is what schedules are given. */
  get steps(): number {
    return this.#held.steps;
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
    return this.optionsNow().learningRate as number;
  }

  /** The options of the next step, all checked. */
  protected optionsNow(): OptionsAtStep<Options> {
    return optionsAt(this.name, this.options, this.#table, this.#held.steps);
  }

  /** The options of the next step, all checked, also beside each other; with those of a group in the place of some. */
  #optionsWith(own?: object, where = this.name): { readonly options: OptionsAtStep<Options>; readonly given: WithDefaults<Options> } {
    const given = own ? { ...this.options, ...own } : this.options;
    const options = optionsAt(where, given, this.#table, this.#held.steps);
    this.check(options, given);
    return { options, given };
  }

  #optionsOfGroups() {
    return this.options.groups?.each(this.name, this.parameters, (own, where) => this.#optionsWith(own, where));
  }

  /**
   * Records a loss, sweeps it, and moves every parameter one step downhill.
   * @returns the loss before the step
   */
  minimize(lossOf: () => Tensor): number {
    const { loss, gradients } = lossAndGradients(this.checked(lossOf));
    this.step(gradients);
    return loss.item();
  }

  /** A function of the loss, to be recorded: what is none, and what returns no tensor, is refused. */
  protected checked(lossOf: () => Tensor): () => Tensor {
    const expected = `${this.name}.minimize: expected a function that returns the loss, () => loss,`;
    if (typeof lossOf !== 'function') throw new TapeError(`${expected} got ${quote(lossOf)}`);
    // What is frozen keeps its statistics from now on.
    this.#moving();
    return () => {
      const loss: unknown = lossOf();
      if (loss instanceof Tensor) return loss;
      const remedy = loss === undefined ? '; is there a return?' : typeof loss === 'number' ? '; leave out item()' : '';
      throw new TapeError(`${expected} got one that returns ${describeResult(loss)}${remedy}`);
    };
  }

  /**
   * Moves every parameter that had a part in the loss, but for those that are frozen; all others stay.
   * @throws TapeError where none of the parameters had a part in the loss, and where a parameter had one that no optimizer was given; ValueError for an
   * option out of range. Nothing has moved then.
   */
  step(gradients: Gradients): void {
    if (!(gradients instanceof Gradients))
      throw new TapeError(`${this.name}: expected the gradients of a sweep, tape.backward(loss), got ${insteadOf(Gradients, gradients)}`);
    const ofAll = this.#optionsWith();
    const ofGroups = this.#optionsOfGroups();
    const of = (w: Parameter) => ofGroups?.get(w) ?? ofAll;
    const moving = this.movedBy(gradients);
    this.#checkGradients(moving, gradients);
    // All that is to be remembered is made before anything moves, since there may not be enough memory for it.
    const states: State[] = [];
    for (const w of moving) states.push(this.#held.states.get(w) ?? this.init(w, of(w).options));
    for (let i = 0; i < moving.length; i++) {
      const w = moving[i]!;
      this.#held.states.set(w, states[i]!);
      const gradient = gradients.get(w);
      const { options, given } = of(w);
      this.update(w, (options as OptimizerOptions).maximize ? gradient.neg() : gradient, states[i]!, options, given);
    }
    this.#held.steps++;
  }

  /** The parameters that these gradients move: those that had a part in the loss, but for those that are frozen. */
  protected movedBy(gradients: Gradients): readonly Parameter[] {
    return this.#moving().filter((w) => gradients.reached(w));
  }

  /** The parameters that are not frozen. */
  #moving(): readonly Parameter[] {
    const { frozen } = this.options;
    if (frozen !== this.#frozen.from) {
      const found = frozen === undefined ? [] : parameters(frozen);
      if (frozen !== undefined && found.length === 0)
        throw new ValueError(`${this.name}: expected frozen to be ${parts.words}, got ${quote(frozen)}`);
      for (const buffer of this.#frozen.buffers) buffer.frozen = false;
      this.#frozen = { from: frozen, parameters: new Set(found), buffers: frozen ? [...namedBuffers(frozen).values()] : [] };
      for (const buffer of this.#frozen.buffers) buffer.frozen = true;
      for (const parameter of this.#frozen.parameters) known.add(parameter);
    }
    const still = this.#frozen.parameters;
    const moving = still.size === 0 ? this.parameters : this.parameters.filter((w) => !still.has(w));
    if (moving.length === 0) throw new ValueError(`${this.name}: all of its parameters are frozen`);
    return moving;
  }

  #checkGradients(moving: readonly Parameter[], gradients: Gradients): void {
    if (moving.length === 0)
      throw new TapeError(
        `${this.name}: none of its ${this.parameters.length} parameters had a part in the loss; was it computed from another model, ` +
          'outside of the function, or by what has no gradient, such as toArray or argmax?',
      );
    // Mostly none is left over.
    const others = gradients.size > moving.length ? [...gradients.keys()] : [];
    const strange = others.filter((x) => x instanceof Parameter && !known.has(x) && gradients.reached(x));
    if (strange.length > 0)
      throw new TapeError(
        `${this.name}: the loss depends on ${strange.length} parameter${strange.length === 1 ? '' : 's'} that no optimizer was given, the first of shape ${formatShape(strange[0]!.sizes)}; ` +
          'make the optimizer of the whole model, after all of its layers, and keep these where they are found: in properties, arrays, Maps and Sets, ' +
          'not in #private fields; or leave them as they are on purpose: { frozen: layer }',
      );
    for (const w of moving) {
      const { sizes: shape, dtype } = gradients.get(w);
      if (sameShape(shape, w.sizes) && dtype === w.dtype) continue;
      throw new ShapeError(
        `${this.name}: expected a gradient like ${w.path ?? 'the parameter'}, ${w.dtype} ${formatShape(w.sizes)}, got ${dtype} ${formatShape(shape)}`,
      );
    }
  }
}

/**
 * What `oneCycle` and `cyclic` give is two schedules, for those that take a momentum; others take the one of the rate. An object that holds only a
 * schedule of the rate, as a `ReduceOnPlateau` does, is no schedule.
 */
function refuseCycle(name: string, options: object | undefined, takesMomentum: boolean): void {
  const { learningRate, momentum } = (options ?? {}) as {
    readonly learningRate?: { readonly learningRate?: unknown; readonly momentum?: unknown };
    readonly momentum?: unknown;
  };
  const within = typeof learningRate?.learningRate === 'function';
  if (!within && (takesMomentum || typeof momentum !== 'function')) return;
  if (within && learningRate?.momentum === undefined)
    throw new ValueError(`${name}: expected a schedule, got an object that holds one; write { learningRate: it.learningRate }`);
  const remedy = takesMomentum ? `new ${name}(model, cycle)` : `new ${name}(model, { learningRate: cycle.learningRate })`;
  throw new ValueError(`${name}: a cycle is two schedules, of the learning rate and of the momentum; write ${remedy}`);
}
