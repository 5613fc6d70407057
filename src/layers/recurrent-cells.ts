/** One step of a recurrent network as a layer. `RNN`, `LSTM` and `GRU` go along whole sequences. */

import type { FloatDtype } from '../base/dtype.ts';
import { DtypeError, ShapeError } from '../base/errors.ts';
import { boolean, extend, isPlainObject, type OptionTable, oneOf, optional, quote, readOptions } from '../base/options.ts';
import { generatorOf, type Random } from '../base/random.ts';
import { formatShape, sameShape } from '../base/shape.ts';
import { gruRecurrence, lstmRecurrence, type Recurrence, type RecurrentWeights, rnnRecurrence } from '../functions/nn/recurrence.ts';
import { Parameter } from '../tensor/parameter.ts';
import { checkTensor, Tensor } from '../tensor/tensor.ts';
import { checkInput, checkLayerDtype, checkSizes, type LayerOptions, layerOptions } from './layer-options.ts';

/** Options of recurrent cells. */
export interface CellOptions extends LayerOptions {
  /** Whether there are biases, two as in PyTorch. Default true. */
  readonly bias?: boolean;
}

/** Options of `RNNCell`. */
export interface RNNCellOptions extends CellOptions {
  /** What is applied to each sum. Default `'tanh'`. */
  readonly nonlinearity?: 'tanh' | 'relu';
}

/** Options of `GRUCell`. */
export interface GRUCellOptions extends CellOptions {
  /** Whether the reset gate acts after the product with the state, as in PyTorch, or before, as in Cho et al. 2014. Default true. */
  readonly resetAfter?: boolean;
}

/** The state of an `LSTM`: its output `h`, and the cell `c` behind it. */
export interface LSTMState {
  readonly h: Tensor;
  readonly c: Tensor;
}

export const cellOptions: OptionTable<CellOptions> = /* @__PURE__ */ extend(layerOptions, {
  bias: /* @__PURE__ */ optional(boolean, true),
});
export const rnnCellOptions: OptionTable<RNNCellOptions> = /* @__PURE__ */ extend(cellOptions, {
  nonlinearity: /* @__PURE__ */ optional(/* @__PURE__ */ oneOf('tanh', 'relu'), 'tanh'),
});
export const gruCellOptions: OptionTable<GRUCellOptions> = /* @__PURE__ */ extend(cellOptions, {
  resetAfter: /* @__PURE__ */ optional(boolean, true),
});

/** What a cell is made from, once its options are read. */
interface CellArguments {
  readonly bias: boolean;
  readonly dtype: FloatDtype;
  readonly random: Random;
}

/** What cells have in common: their weights, each drawn from U(±1/√hidden), and the shapes of what they take. */
export abstract class RecurrentCell implements RecurrentWeights {
  /** The width of the inputs. */
  readonly inputs: number;
  /** The width of the state. */
  readonly hidden: number;
  readonly weightInput: Parameter;
  readonly weightHidden: Parameter;
  readonly biasInput: Parameter | undefined;
  readonly biasHidden: Parameter | undefined;

  /** @internal */
  constructor(where: string, inputs: number, hidden: number, gates: number, { bias, dtype, random }: CellArguments) {
    const drawn = (...shape: number[]) => {
      const bound = 1 / Math.sqrt(hidden);
      return new Parameter(Tensor.uniform(shape, { low: -bound, high: bound, random, dtype }) as Tensor);
    };
    checkSizes(where, { inputs, hidden });
    checkLayerDtype(where, dtype);
    this.inputs = inputs;
    this.hidden = hidden;
    this.weightInput = drawn(inputs, gates * hidden);
    this.weightHidden = drawn(hidden, gates * hidden);
    this.biasInput = bias ? drawn(gates * hidden) : undefined;
    this.biasHidden = bias ? drawn(gates * hidden) : undefined;
  }

  /**
   * What it computes at each step.
   * @internal
   */
  abstract recurrence(): Recurrence;

  /** The next state, from inputs `[batch, inputs]`; of parts that are not given from zeros. */
  protected next(where: string, x: Tensor, given: Readonly<Record<string, Tensor | undefined>>): readonly Tensor[] {
    checkInput(where, 'x', x, this.weightHidden.dtype);
    if (x.rank !== 2 || x.sizes[1] !== this.inputs)
      throw new ShapeError(`${where}: expected x of shape [batch, ${this.inputs}], got ${formatShape(x.sizes)}`);
    const { gates, step } = this.recurrence();
    return step(gates(x), initialState(where, given, [x.sizes[0]!, this.hidden], this.weightHidden.dtype as FloatDtype));
  }
}

/** The parts of a state, zeros for those that are not given. */
export function initialState(
  where: string,
  given: Readonly<Record<string, Tensor | undefined>>,
  shape: readonly number[],
  dtype: FloatDtype,
): readonly Tensor[] {
  return Object.entries(given).map(([name, part]) => {
    if (part === undefined) return Tensor.zeros(shape, dtype);
    checkInput(where, name, part, dtype);
    if (sameShape(part.sizes, shape)) return part;
    throw new ShapeError(`${where}: expected ${name} of shape ${formatShape(shape)}, got ${formatShape(part.sizes)}`);
  });
}

/** The parts of the state of an LSTM, or of none. */
export function partsOf(where: string, state: LSTMState | undefined): { readonly h: Tensor | undefined; readonly c: Tensor | undefined } {
  if (state === undefined) return { h: undefined, c: undefined };
  if (!isPlainObject(state) || !('h' in state && 'c' in state))
    throw new DtypeError(`${where}: expected a state { h, c }, got ${quote(state)}`);
  const { h, c } = state;
  checkTensor(where, 'h', h);
  checkTensor(where, 'c', c);
  return { h, c };
}

/** Reads the options of a cell, its generator among them. */
export function readCell<Options extends CellOptions>(where: string, options: Options | undefined, table: OptionTable<NoInfer<Options>>) {
  const read = readOptions<Options>(where, options, table) as Required<Options>;
  checkLayerDtype(where, read.dtype);
  return { ...read, random: generatorOf(where, options ?? {}) };
}

/**
 * One step of a plain recurrent network: `h' = tanh(x Wᵢ + bᵢ + h Wₕ + bₕ)`, or `relu` in place of `tanh` (Elman 1990).
 *
 * `x : [batch, inputs]`, `h : [batch, hidden]`, default zeros. `weightInput : [inputs, hidden]`, `weightHidden : [hidden, hidden]` and the
 * biases `[hidden]` start from U(±1/√hidden). PyTorch's weights are the transposed ones.
 * @example new RNNCell(3, 5).forward(Tensor.zeros([2, 3])).shape // => [2, 5]
 */
export class RNNCell extends RecurrentCell {
  readonly nonlinearity: 'tanh' | 'relu';

  /** @throws ShapeError for sizes that are not whole numbers from 1; ValueError for options that are not known. */
  constructor(inputs: number, hidden: number, options?: RNNCellOptions) {
    const read = readCell('RNNCell', options, rnnCellOptions);
    super('RNNCell', inputs, hidden, 1, read);
    this.nonlinearity = read.nonlinearity;
  }

  /** @throws ShapeError, DtypeError for inputs or a state that do not fit. */
  forward(x: Tensor, h?: Tensor): Tensor {
    return this.next('RNNCell', x, { h })[0]!;
  }

  /** @internal */
  override recurrence(): Recurrence {
    return rnnRecurrence(this, this.nonlinearity);
  }
}

/**
 * One step of a long short-term memory: `c' = σ(f) c + σ(i) tanh g`, `h' = σ(o) tanh c'`, where the gates `i f g o`, in this order, are the
 * columns of `x Wᵢ + bᵢ + h Wₕ + bₕ` (Hochreiter and Schmidhuber 1997).
 *
 * `x : [batch, inputs]`, `h` and `c : [batch, hidden]`, default zeros. `weightInput : [inputs, 4 · hidden]`,
 * `weightHidden : [hidden, 4 · hidden]` and the biases `[4 · hidden]` start from U(±1/√hidden). PyTorch's weights are the transposed ones.
 * @example
 * const { h, c } = new LSTMCell(3, 5).forward(Tensor.zeros([2, 3]));
 * [h.shape, c.shape] // => [[2, 5], [2, 5]]
 */
export class LSTMCell extends RecurrentCell {
  /** @throws ShapeError for sizes that are not whole numbers from 1; ValueError for options that are not known. */
  constructor(inputs: number, hidden: number, options?: CellOptions) {
    super('LSTMCell', inputs, hidden, 4, readCell('LSTMCell', options, cellOptions));
  }

  /** @throws ShapeError, DtypeError for inputs or a state that do not fit. */
  forward(x: Tensor, state?: LSTMState): LSTMState {
    const [h, c] = this.next('LSTMCell', x, partsOf('LSTMCell', state));
    return { h: h!, c: c! };
  }

  /** @internal */
  override recurrence(): Recurrence {
    return lstmRecurrence(this);
  }
}

/**
 * One step of a gated recurrent unit: `h' = (1 − z) n + z h`, where `r` and `z` are the sigmoids of the first two gates of
 * `x Wᵢ + bᵢ + h Wₕ + bₕ`, and `n = tanh(xₙ + r (h Wₙ + bₙ))` (Cho et al. 2014, with the reset after the product, as in PyTorch). With
 * `resetAfter: false`, `n = tanh(xₙ + (r h) Wₙ + bₙ)`.
 *
 * `x : [batch, inputs]`, `h : [batch, hidden]`, default zeros. `weightInput : [inputs, 3 · hidden]`, with the gates `r z n` in this order,
 * `weightHidden : [hidden, 3 · hidden]` and the biases `[3 · hidden]` start from U(±1/√hidden). PyTorch's weights are the transposed ones.
 * @example new GRUCell(3, 5).forward(Tensor.zeros([2, 3])).shape // => [2, 5]
 */
export class GRUCell extends RecurrentCell {
  readonly resetAfter: boolean;

  /** @throws ShapeError for sizes that are not whole numbers from 1; ValueError for options that are not known. */
  constructor(inputs: number, hidden: number, options?: GRUCellOptions) {
    const read = readCell('GRUCell', options, gruCellOptions);
    super('GRUCell', inputs, hidden, 3, read);
    this.resetAfter = read.resetAfter;
  }

  /** @throws ShapeError, DtypeError for inputs or a state that do not fit. */
  forward(x: Tensor, h?: Tensor): Tensor {
    return this.next('GRUCell', x, { h })[0]!;
  }

  /** @internal */
  override recurrence(): Recurrence {
    return gruRecurrence(this, this.resetAfter);
  }
}
