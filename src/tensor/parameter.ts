import { type Data, EMPTY, type FloatDtype, floats, isFloat } from '../base/dtype.ts';
import { DtypeError, ShapeError, ValueError } from '../base/errors.ts';
import { quote } from '../base/options.ts';
import { broadcastsTo, formatShape, sameShape } from '../base/shape.ts';
import type { Shape } from '../base/shape-types.ts';
import { Formula } from '../formula/formula.ts';
import { machine } from '../machine/backend.ts';
import type { KeptStorage } from '../machine/storage.ts';
import { checkTensor, insteadOfTensor, Tensor } from './tensor.ts';

/**
 * A tensor that an optimizer may change: the only kind that changes.
 *
 * It counts its versions, so that a tape can tell that the numbers it recorded have changed since.
 * @example
 * const w = new Parameter(Tensor.of([1, 2]));
 * w.assign(w.mul(10));
 * w.toArray() // => [10, 20]
 */
export class Parameter<S extends Shape = any> extends Tensor<S> {
  /** @internal */
  declare storage: KeptStorage;

  /** What was shown of its numbers. */
  private shown: Data | undefined = undefined;

  /** How often it was assigned. */
  version = 0;

  /** Where in a model it is, such as `layers.0.weight`: what tapes and errors call it. An optimizer of the model sets it. */
  path: string | undefined;

  /**
   * A parameter that starts as a copy of a tensor.
   * @throws DtypeError for anything but a tensor of floats, since only these have gradients.
   */
  constructor(initial: Tensor<S>, path?: string) {
    if (!(initial instanceof Tensor) || !isFloat(initial.dtype)) {
      throw new DtypeError(
        `Parameter: expected a float32 or float64 tensor to start from, got ${initial instanceof Tensor ? `${initial.dtype} ${formatShape(initial.sizes)}` : insteadOfTensor(initial)}`,
      );
    }
    super(initial.sizes, EMPTY[initial.dtype as FloatDtype], machine().keep(floats(initial.numbers)));
    this.path = path;
  }

  /** A copy of the numbers as they are now, the same until they change. */
  override get data(): Data {
    if (this.shown?.length !== this.size) this.shown = this.numbers.slice();
    return this.shown!;
  }

  /**
   * Copies the numbers of a tensor of the same shape and dtype.
   * @throws ShapeError, DtypeError
   */
  assign(value: Tensor): void {
    checkTensor('assign', this.path ?? 'the parameter', value);
    if (!sameShape(value.sizes, this.sizes))
      throw new ShapeError(`assign: ${this.path ?? 'the parameter'} has shape ${formatShape(this.sizes)}, got ${formatShape(value.sizes)}`);
    if (value.dtype !== this.dtype)
      throw new DtypeError(
        `assign: ${this.path ?? 'the parameter'} is ${this.dtype}, got ${value.dtype}; convert it with cast('${this.dtype}')`,
      );
    this.storage.write(floats(value.numbers));
    this.#changed();
  }

  /**
   * Writes the values of a formula, whose first input is this parameter and whose others are tensors that broadcast to its shape.
   * @throws ShapeError for a tensor of another dtype, or that does not broadcast; ValueError for what is no formula.
   */
  update(rule: (dtype: FloatDtype) => Formula, ...others: readonly Tensor[]): void {
    const who = this.path ?? 'the parameter';
    if (typeof rule !== 'function') throw new ValueError(`update: expected a formula for ${who}, formula((w, …) => …), got ${quote(rule)}`);
    for (const other of others) {
      // What is right is found out first: to write what errors say takes as long as the check.
      if (other instanceof Tensor && other.dtype === this.dtype && broadcastsTo(other.sizes, this.sizes)) continue;
      checkTensor('update', `an input of the formula for ${who}`, other);
      throw new ShapeError(
        `update: ${who} is ${this.dtype} ${formatShape(this.sizes)}, to which ${other.dtype} ${formatShape(other.sizes)} does not broadcast`,
      );
    }
    const written: unknown = rule(this.dtype as FloatDtype);
    if (!(written instanceof Formula))
      throw new ValueError(`update: expected a formula for ${who}, formula((w, …) => …), got a function that gives ${quote(written)}`);
    machine().update(written, [this], others);
    this.#changed();
  }

  /**
   * Writes the values of formulas into this parameter and into others of its shape and dtype, which are the first inputs of all formulas.
   * @internal
   */
  'tapegrad.updateWith'(
    rules: (dtype: FloatDtype) => readonly Formula[],
    companions: readonly Parameter[],
    others: readonly Tensor[],
  ): void {
    machine().update(rules(this.dtype as FloatDtype), [this, ...companions], others);
    this.#changed();
    for (const companion of companions) companion.#changed();
  }

  /** Forgets the numbers that were read before. */
  #changed(): void {
    this.shown = undefined;
    this.held = EMPTY[this.dtype as FloatDtype];
    this.version++;
  }
}
