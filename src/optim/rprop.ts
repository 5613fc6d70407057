import type { Requirement } from '../base/options.ts';
import { optional } from '../base/options.ts';
import { formula } from '../formula/formula.ts';
import { materialize } from '../machine/storage.ts';
import { Parameter } from '../tensor/parameter.ts';
import { Tensor } from '../tensor/tensor.ts';
import { scalars, zerosLike } from './averages.ts';
import { Optimizer, type OptimizerOptions } from './optimizer.ts';
import { type OptionsAtStep, rate } from './scheduled-options.ts';
import type { Schedule } from './schedules.ts';

/** Options of `Rprop`. */
export interface RpropOptions extends OptimizerOptions {
  /** The first step of each element: a number from 0, or a schedule. What changes it later changes all steps in the same ratio. Default 0.01. */
  readonly learningRate?: number | Schedule;
  /** What a step is multiplied by where the slope changed its sign, below 1, and where it did not, above 1. Default [0.5, 1.2]. */
  readonly etas?: readonly [number, number];
  /** The smallest and the largest step. Default [1e-6, 50]. */
  readonly stepSizes?: readonly [number, number];
}

/** What is remembered of a parameter. */
interface State {
  /** The step of each element, in units of the learning rate. */
  readonly size: Parameter;
  /** The sign of its last slope; 0 where that had changed its sign. */
  readonly sign: Parameter;
}

const isPair = (x: unknown): x is readonly [number, number] =>
  Array.isArray(x) && x.length === 2 && x.every((y) => typeof y === 'number' && y > 0 && y < Infinity);
const factors: Requirement = {
  words: 'two numbers, from above 0 to below 1 and above 1, such as [0.5, 1.2]',
  holds: (x) => isPair(x) && x[0] < 1 && x[1] > 1,
};
const limits: Requirement = { words: '[smallest, largest], two numbers above 0', holds: (x) => isPair(x) && x[0] <= x[1] };

/** The sign of the slope, or 0 where it is not the last one: such an element waits for a step. */
const kept = /* @__PURE__ */ formula((last, slope) => last.mul(slope.sign()).less(0).where(0, slope.sign()));
const resized = /* @__PURE__ */ formula((size, last, slope, shorter, longer, smallest, largest) => {
  const agreement = last.mul(slope.sign());
  return size
    .mul(agreement.less(0).where(shorter, agreement.greater(0).where(longer, 1)))
    .atLeast(smallest)
    .atMost(largest);
});
const descended = /* @__PURE__ */ formula((w, size, sign, rate) => w.sub(sign.mul(size).mul(rate)));

/**
 * Resilient backpropagation: each element goes a step of its own along the sign of its slope, longer from step to step while that stays the same, and
 * shorter where it changes (Riedmiller & Braun 1993). For whole sets of data: the noise of batches changes signs.
 *
 * `Δ` begins as the `learningRate`. Where the slope has the sign of the last one `Δ = η₊ Δ`, where it has the other `Δ = η₋ Δ`, and the element waits;
 * `w = w − sign(gradient) · Δ`.
 *
 * @example
 * const w = new Parameter(Tensor.of([1, -2], 'float64'));
 * const optimizer = new Rprop({ w }, { learningRate: 0.5, etas: [0.5, 2] });
 * [0, 1].map(() => optimizer.minimize(() => w.mul(w).sum())) // => [5, 2.5]
 * w.toArray() // => [-0.5, -0.5]
 */
export class Rprop extends Optimizer<State, RpropOptions> {
  /**
   * @param model whose parameters to move: a layer, a model, an array or an object of parameters
   * @throws ValueError for options that are not known or out of range, and for a model without parameters.
   */
  constructor(model: object, options: RpropOptions = {}) {
    const table = { learningRate: rate(0.01), etas: optional(factors, [0.5, 1.2]), stepSizes: optional(limits, [1e-6, 50]) };
    super('Rprop', model, options, table);
    if (isRprop(new.target)) this.close();
  }

  protected override init(w: Parameter): State {
    return { size: new Parameter(Tensor.ones(w.sizes, w.dtype)), sign: zerosLike(w) };
  }

  protected override update(w: Parameter, gradient: Tensor, { size, sign }: State, options: OptionsAtStep<RpropOptions>): void {
    const { learningRate, etas, stepSizes } = options;
    // At a rate of 0 nothing moves, and no step is too small.
    const [smallest, largest] = learningRate > 0 ? stepSizes.map((x) => x / learningRate) : [0, Infinity];
    // A lazy product is formed here, once, since two updates use it.
    materialize(gradient);
    size.update(resized, sign, gradient, ...scalars(w, ...etas, smallest!, largest!));
    sign.update(kept, gradient);
    w.update(descended, size, sign, ...scalars(w, learningRate));
  }
}

// Outside of the class: a class that names itself is renamed by bundlers, and consoles would print the other name.
const isRprop = (target: unknown): boolean => target === Rprop;
