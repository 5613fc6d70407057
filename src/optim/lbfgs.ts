import type { Gradients } from '../autograd/gradients.ts';
import { Tape } from '../autograd/tape.ts';
import { TapeError, ValueError } from '../base/errors.ts';
import { isPlainObject, oneOf, optional, quote, wholeNumberFrom } from '../base/options.ts';
import type { Parameter } from '../tensor/parameter.ts';
import type { PlainData } from '../tensor/plain-data.ts';
import { Tensor } from '../tensor/tensor.ts';
import { computingAgain } from '../tensor/training-scope.ts';
import { Optimizer, type OptimizerOptions } from './optimizer.ts';
import { type CurvatureMemory, isMemory, quasiNewton } from './quasi-newton.ts';
import { amount, type OptionsAtStep, rate } from './scheduled-options.ts';
import type { Schedule } from './schedules.ts';

/** Options of `LBFGS`. */
export interface LBFGSOptions extends OptimizerOptions {
  /** How far along the direction to look first, or without a line search to go: a number from 0, or a schedule. Default 1. */
  readonly learningRate?: number | Schedule;
  /** How to find the distance along each direction; `'none'` goes as far as the learning rate says. Default `'strongWolfe'`. */
  readonly lineSearch?: 'strongWolfe' | 'none';
  /** How many directions one call of `minimize` follows at most. Default 20. */
  readonly maxIterations?: number;
  /** How many times it evaluates the loss, but for one more along the last direction: a line search ends there too. Default 1.25 · `maxIterations`. */
  readonly maxEvaluations?: number | undefined;
  /** How many of the last steps the curvature is estimated from. Default 100. */
  readonly historySize?: number;
  /** It ends where no component of the gradient is larger. Default 1e-7. */
  readonly gradientTolerance?: number;
  /** It ends where neither the loss nor any element changes by more. Default 1e-9. */
  readonly changeTolerance?: number;
}

/**
 * L-BFGS: a quasi-Newton method, which estimates the curvature from the last steps, and searches along each direction for a distance that fulfils the
 * strong Wolfe conditions (Nocedal & Wright, Numerical Optimization, algorithms 7.4, 7.5, 3.5 and 3.6). For smooth losses of whole sets of data.
 *
 * One call of `minimize` follows several directions, and evaluates the loss several times. Each evaluation draws the same numbers from the default
 * generator; buffers, such as running statistics, are replaced once; where one throws, the parameters are again what they were. It has no `step(gradients)`.
 *
 * @example
 * const w = new Parameter(Tensor.of([-1.2, 1], 'float64'));
 * const rosenbrock = () => {
 *   const [x, y] = [w.slice([0]), w.slice([1])];
 *   return y.sub(x.mul(x)).pow(2).mul(100).add(x.neg().add(1).pow(2));
 * };
 * const optimizer = new LBFGS({ w });
 * [0, 1, 2].map(() => optimizer.minimize(rosenbrock).toFixed(4)) // => ['24.2000', '0.4235', '0.0000']
 */
export class LBFGS extends Optimizer<object, LBFGSOptions> {
  /** The parameters of the last step, and what is remembered of the curvature along their steps. */
  #moving: readonly Parameter[] = [];
  #memory: CurvatureMemory = { pairs: [] };
  /** Where the parameters go in the step that is being made. */
  #goals: ReadonlyMap<Parameter, Tensor> = new Map();

  /**
   * @param model whose parameters to move: a layer, a model, an array or an object of parameters
   * @throws ValueError for options that are not known or out of range, and for a model without parameters.
   */
  constructor(model: object, options: LBFGSOptions = {}) {
    const count = wholeNumberFrom(1);
    super('LBFGS', model, options, {
      learningRate: rate(1),
      lineSearch: optional(oneOf('strongWolfe', 'none'), 'strongWolfe'),
      maxIterations: optional(count, 20),
      maxEvaluations: optional({ ...count, holds: (x) => x === undefined || count.holds(x) }, undefined),
      historySize: optional(count, 100),
      gradientTolerance: amount(1e-7),
      changeTolerance: amount(1e-9),
    });
    if (isLBFGS(new.target)) this.close();
  }

  protected override check(): void {
    if (this.options.groups !== undefined) throw new ValueError('LBFGS: moves all parameters along one direction, so it has no groups');
  }

  protected override init(): object {
    return {};
  }

  protected override update(w: Parameter): void {
    w.assign(this.#goals.get(w)!);
  }

  /**
   * Refused: the direction alone is not enough, the loss has to be evaluated along it.
   * @throws TapeError
   */
  override step(_gradients: Gradients): void {
    throw new TapeError('LBFGS: evaluates the loss itself, several times in each step; write optimizer.minimize(lossOf)');
  }

  /**
   * Follows up to `maxIterations` directions downhill, and evaluates the loss along each.
   * @returns the loss before the first
   * @throws what `lossOf` throws. Nothing has moved then.
   */
  override minimize(lossOf: () => Tensor): number {
    const options = this.optionsNow();
    const again = computingAgain();
    const loss = this.checked(lossOf);
    const first = evaluateAt(loss);
    const moving = this.movedBy(first.gradients);
    const before = moving.map((w) => Tensor.fromTypedArray(w.data, w.sizes));
    const move = (values: readonly Tensor[]) => moving.forEach((w, i) => w.assign(values[i]!));
    const sign = (options as OptionsAtStep<OptimizerOptions>).maximize ? -1 : 1;
    const read = ({ value, gradients }: Evaluated) => ({
      value: sign * value,
      gradient: joined(moving.map((w) => gradients.get(w))).map((g) => sign * g),
    });
    const at = (x: Float64Array) => {
      move(divided(x, before));
      return read(again(() => evaluateAt(loss)));
    };
    // Curvature is known of those parameters that moved before.
    const isKnown = moving.length === this.#moving.length && moving.every((w, i) => w === this.#moving[i]);
    let found: ReturnType<typeof quasiNewton>;
    try {
      found = quasiNewton(joined(before), read(first), at, isKnown ? this.#memory : { pairs: [] }, options);
    } finally {
      move(before);
    }
    const goals = divided(found.x, before);
    this.#goals = new Map(moving.map((w, i) => [w, goals[i]!]));
    super.step(first.gradients);
    [this.#moving, this.#memory] = [moving, found.memory];
    return first.value;
  }

  /**
   * The curvature, and by their places the parameters that it is of.
   * @internal
   */
  sharedState(): PlainData {
    const { pairs, gradient, step } = this.#memory;
    return { moving: this.#moving.map((w) => this.parameters.indexOf(w)), pairs: pairs.map((pair) => ({ ...pair })), gradient, step };
  }

  /** @internal */
  restoringShared(state: unknown): () => void {
    const { moving, ...memory } = (isPlainObject(state) ? state : {}) as unknown as CurvatureMemory & { readonly moving?: unknown };
    const all = Array.isArray(moving) ? moving.map((i) => this.parameters[i]) : [undefined];
    const known = all.filter((w) => w !== undefined);
    const size = known.reduce((sum, w) => sum + w.size, 0);
    if (new Set(known).size < all.length || !isMemory(memory, size))
      throw new ValueError(`LBFGS: expected the curvature that one with the same parameters remembers, got ${quote(state)}`);
    return () => {
      [this.#moving, this.#memory] = [known, memory];
    };
  }
}

/** A loss, and its gradients. */
interface Evaluated {
  readonly value: number;
  readonly gradients: Gradients;
}

function evaluateAt(lossOf: () => Tensor): Evaluated {
  const tape = new Tape();
  const loss = tape.record(lossOf);
  return { gradients: tape.backward(loss), value: loss.item() };
}

/** The numbers of tensors in a row. */
function joined(tensors: readonly Tensor[]): Float64Array {
  const row = new Float64Array(tensors.reduce((size, x) => size + x.size, 0));
  let at = 0;
  for (const { data, size } of tensors) {
    row.set(data, at);
    at += size;
  }
  return row;
}

/** A row of numbers as tensors like others. */
function divided(row: Float64Array, like: readonly Tensor[]): Tensor[] {
  let at = 0;
  return like.map(({ sizes: shape, dtype, size }) => Tensor.fromTypedArray(row.subarray(at, (at += size)), shape).cast(dtype));
}

// Outside of the class: a class that names itself is renamed by bundlers, and consoles would print the other name.
const isLBFGS = (target: unknown): boolean => target === LBFGS;
