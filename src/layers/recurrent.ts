/** Recurrent networks along whole sequences: stacked, in both directions, over rows of different lengths. */

import type { FloatDtype } from '../base/dtype.ts';
import { ShapeError, ValueError } from '../base/errors.ts';
import {
  anything,
  boolean,
  extend,
  fraction,
  type OptionTable,
  optional,
  quote,
  readOptions,
  wholeNumberFrom,
  withoutDefault,
} from '../base/options.ts';
import { formatShape } from '../base/shape.ts';
import { inRange } from '../functions/elementwise/in-range.ts';
import { concat, stack } from '../functions/layout/concat.ts';
import { dropout } from '../functions/nn/dropout.ts';
import { recur } from '../functions/nn/recurrence.ts';
import { checkTensor, Tensor } from '../tensor/tensor.ts';
import { checkInput, checkSizes } from './layer-options.ts';
import {
  type CellOptions,
  cellOptions,
  GRUCell,
  type GRUCellOptions,
  gruCellOptions,
  initialState,
  LSTMCell,
  type LSTMState,
  partsOf,
  type RecurrentCell,
  RNNCell,
  type RNNCellOptions,
  readCell,
  rnnCellOptions,
} from './recurrent-cells.ts';

/** How cells are put together to a network, an option of `RNN`, `LSTM` and `GRU`. */
export interface StackOptions {
  /** How many layers there are, each along the outputs of the one before. Default 1. */
  readonly layers?: number;
  /** Whether each layer goes along the sequence in both directions. Default false. */
  readonly bidirectional?: boolean;
  /** The probability with which an output of a layer is 0 for the next layer, in training. Default 0. */
  readonly dropout?: number;
}

/** Options of `RNN`. */
export interface RNNOptions extends RNNCellOptions, StackOptions {}
/** Options of `LSTM`. */
export interface LSTMOptions extends CellOptions, StackOptions {}
/** Options of `GRU`. */
export interface GRUOptions extends GRUCellOptions, StackOptions {}

/** Options of going along sequences. */
export interface SequenceOptions {
  /** The length of each row, int32 of shape `[batch]` or a list, from 0 to the number of steps. Default: all steps. */
  readonly lengths?: Tensor | readonly number[] | undefined;
}

const stackOptions: OptionTable<StackOptions> = {
  layers: /* @__PURE__ */ optional(/* @__PURE__ */ wholeNumberFrom(1), 1),
  bidirectional: /* @__PURE__ */ optional(boolean, false),
  dropout: /* @__PURE__ */ optional(fraction, 0),
};
const rnnOptions: OptionTable<RNNOptions> = /* @__PURE__ */ extend(rnnCellOptions, stackOptions);
const lstmOptions: OptionTable<LSTMOptions> = /* @__PURE__ */ extend(cellOptions, stackOptions);
const gruOptions: OptionTable<GRUOptions> = /* @__PURE__ */ extend(gruCellOptions, stackOptions);
const sequenceOptions: OptionTable<SequenceOptions> = { lengths: /* @__PURE__ */ withoutDefault(anything) };

/** What recurrent networks have in common. */
export abstract class Recurrent<Cell extends RecurrentCell> {
  /** A cell for each layer, or two, forward and backward: layer 0 forward, layer 0 backward, layer 1 forward, … */
  readonly cells: readonly Cell[];
  readonly bidirectional: boolean;
  readonly dropout: number;

  /** @internal */
  constructor({ layers, bidirectional, dropout }: Required<StackOptions>, hidden: number, inputs: number, cell: (inputs: number) => Cell) {
    const directions = bidirectional ? 2 : 1;
    this.cells = Array.from({ length: layers * directions }, (_, i) => cell(i < directions ? inputs : directions * hidden));
    this.bidirectional = bidirectional;
    this.dropout = dropout;
  }

  /** The outputs of the last layer, and the last states of all cells. */
  protected along(
    where: string,
    xs: Tensor,
    given: Readonly<Record<string, Tensor | undefined>>,
    options: SequenceOptions | undefined,
  ): [ys: Tensor, last: readonly Tensor[]] {
    const { lengths } = readOptions<SequenceOptions>(where, options, sequenceOptions);
    const { inputs, hidden, weightHidden } = this.cells[0]!;
    checkInput(where, 'xs', xs, weightHidden.dtype);
    if (xs.rank !== 3 || xs.sizes[2] !== inputs)
      throw new ShapeError(`${where}: expected xs of shape [batch, time, ${inputs}], got ${formatShape(xs.sizes)}`);
    const [batch, time] = xs.sizes as [number, number];
    const dtype = weightHidden.dtype as FloatDtype;
    const keep = lengths === undefined ? undefined : stepsWithin(where, lengths, batch, time).cast(dtype);
    const one = this.cells.length === 1;
    const states = initialState(where, given, one ? [batch, hidden] : [this.cells.length, batch, hidden], dtype);
    const steps: Tensor = xs.transpose(0, 1);
    const [ys, last] = this.#layers(
      // What lies past the length of a row may be anything: a weight times NaN has no gradient.
      keep ? keep.where(steps, 0) : steps,
      one ? [states] : this.cells.map((_, i) => states.map((part) => part.slice([i]))),
      keep,
    );
    const parts = last[0]!.map((first, part) => (one ? first : stack(last.map((state) => state[part]!))));
    return [ys.transpose(0, 1), parts];
  }

  /** One layer after another, over a sequence `[time, batch, inputs]`. */
  #layers(xs: Tensor, states: readonly (readonly Tensor[])[], keep: Tensor | undefined): [Tensor, (readonly Tensor[])[]] {
    const directions = this.bidirectional ? 2 : 1;
    const last: (readonly Tensor[])[] = [];
    let h = xs;
    for (let i = 0; i < this.cells.length; i += directions) {
      const from = i > 0 && this.dropout > 0 ? dropout(h, this.dropout) : h;
      const ways = this.cells
        .slice(i, i + directions)
        .map((cell, way) => recur(cell.recurrence(), from, states[i + way]!, { reverse: way === 1, keep }));
      for (const [, state] of ways) last.push(state);
      h =
        directions === 1
          ? ways[0]![0]
          : concat(
              ways.map(([ys]) => ys),
              -1,
            );
    }
    return [h, last];
  }
}

/** `[time, batch, 1]`: 1 at each step that a row has, else 0. */
function stepsWithin(where: string, lengths: Tensor | readonly number[], batch: number, time: number): Tensor {
  const given = Array.isArray(lengths) ? ofList(where, lengths) : lengths;
  checkTensor(where, 'lengths', given);
  if (given.dtype !== 'int32' || given.rank !== 1 || given.sizes[0] !== batch)
    throw new ShapeError(`${where}: expected lengths in int32 of shape [${batch}], got ${given.dtype} ${formatShape(given.sizes)}`);
  const checked = inRange(where, 'lengths', given, 0, time);
  return Tensor.arange(time, 'int32')
    .reshape([time, 1, 1])
    .less(checked.reshape([1, batch, 1]));
}

function ofList(where: string, lengths: readonly unknown[]): Tensor {
  if (!lengths.every((n) => Number.isInteger(n) && Math.abs(n as number) < 2 ** 31))
    throw new ValueError(`${where}: expected lengths that are whole numbers, got ${quote(lengths)}`);
  return Tensor.fromTypedArray(Int32Array.from(lengths as readonly number[]));
}

/**
 * A plain recurrent network: `hₜ = tanh(xₜ Wᵢ + bᵢ + hₜ₋₁ Wₕ + bₕ)`, or `relu` in place of `tanh` (Elman 1990).
 *
 * `xs : [batch, time, inputs]`; the outputs `ys : [batch, time, hidden]`, of both directions side by side `[batch, time, 2 · hidden]`; the
 * state `[batch, hidden]`, or, with several layers or both directions, `[layers · directions, batch, hidden]`, as PyTorch has it. It starts
 * from zeros, or where it is given: the last one can be passed on to the next sequence, also from tape to tape. Weights are those of
 * `RNNCell`, each drawn from U(±1/√hidden).
 *
 * Past the length of a row the state is held and the output is 0; the backward direction begins at each row's last element.
 * @example
 * const rnn = new RNN(3, 5, { seed: 1 });
 * const [ys, last] = rnn.forward(Tensor.zeros([2, 4, 3]), undefined, { lengths: [4, 1] });
 * [ys.shape, last.shape] // => [[2, 4, 5], [2, 5]]
 */
export class RNN extends Recurrent<RNNCell> {
  /** @throws ShapeError for sizes that are not whole numbers from 1; ValueError for options that are not known. */
  constructor(inputs: number, hidden: number, options?: RNNOptions) {
    const { layers, bidirectional, dropout, seed: _, ...cell } = readCell('RNN', options, rnnOptions);
    checkSizes('RNN', { inputs, hidden });
    super({ layers, bidirectional, dropout }, hidden, inputs, (width) => new RNNCell(width, hidden, cell));
  }

  /** @throws ShapeError, DtypeError and ValueError for inputs, a state or lengths that do not fit. */
  forward(xs: Tensor, state?: Tensor, options?: SequenceOptions): [ys: Tensor, last: Tensor] {
    const [ys, [h]] = this.along('RNN', xs, { state }, options);
    return [ys, h!];
  }
}

/**
 * A long short-term memory: `cₜ = σ(f) cₜ₋₁ + σ(i) tanh g`, `hₜ = σ(o) tanh cₜ`, where the gates `i f g o` are linear in `xₜ` and `hₜ₋₁`
 * (Hochreiter and Schmidhuber 1997; see `LSTMCell`).
 *
 * Shapes, `lengths` and initial values are as for `RNN`; the state is `{ h, c }`, each with the shape of a state there.
 * @example
 * const lstm = new LSTM(3, 5, { layers: 2, bidirectional: true });
 * const [ys, { h, c }] = lstm.forward(Tensor.zeros([2, 4, 3]), undefined, { lengths: [4, 1] });
 * [ys.shape, h.shape, c.shape] // => [[2, 4, 10], [4, 2, 5], [4, 2, 5]]
 */
export class LSTM extends Recurrent<LSTMCell> {
  /** @throws ShapeError for sizes that are not whole numbers from 1; ValueError for options that are not known. */
  constructor(inputs: number, hidden: number, options?: LSTMOptions) {
    const { layers, bidirectional, dropout, seed: _, ...cell } = readCell('LSTM', options, lstmOptions);
    checkSizes('LSTM', { inputs, hidden });
    super({ layers, bidirectional, dropout }, hidden, inputs, (width) => new LSTMCell(width, hidden, cell));
  }

  /** @throws ShapeError, DtypeError and ValueError for inputs, a state or lengths that do not fit. */
  forward(xs: Tensor, state?: LSTMState, options?: SequenceOptions): [ys: Tensor, last: LSTMState] {
    const [ys, [h, c]] = this.along('LSTM', xs, partsOf('LSTM', state), options);
    return [ys, { h: h!, c: c! }];
  }
}

/**
 * A network of gated recurrent units: `hₜ = (1 − z) n + z hₜ₋₁`, where `n` is made from `xₜ` and what the reset gate `r` leaves of `hₜ₋₁`
 * (Cho et al. 2014; see `GRUCell`). By default `r` acts after the product with the state, as in PyTorch; `resetAfter: false` is as in the
 * paper.
 *
 * Shapes, `lengths` and initial values are as for `RNN`.
 * @example
 * const gru = new GRU(3, 5);
 * let [ys, state] = gru.forward(Tensor.zeros([2, 4, 3]), undefined, { lengths: [4, 1] });
 * [ys, state] = gru.forward(Tensor.zeros([2, 4, 3]), state); // goes on where it was
 * ys.shape // => [2, 4, 5]
 */
export class GRU extends Recurrent<GRUCell> {
  /** @throws ShapeError for sizes that are not whole numbers from 1; ValueError for options that are not known. */
  constructor(inputs: number, hidden: number, options?: GRUOptions) {
    const { layers, bidirectional, dropout, seed: _, ...cell } = readCell('GRU', options, gruOptions);
    checkSizes('GRU', { inputs, hidden });
    super({ layers, bidirectional, dropout }, hidden, inputs, (width) => new GRUCell(width, hidden, cell));
  }

  /** @throws ShapeError, DtypeError and ValueError for inputs, a state or lengths that do not fit. */
  forward(xs: Tensor, state?: Tensor, options?: SequenceOptions): [ys: Tensor, last: Tensor] {
    const [ys, [h]] = this.along('GRU', xs, { state }, options);
    return [ys, h!];
  }
}
