/** One step of a recurrent network, and the whole of it along a sequence. */

import { MATMUL_PART } from '../../machine/machine.ts';
import type { OpArguments } from '../../tensor/op.ts';
import { perform, Tensor } from '../../tensor/tensor.ts';
import { relu, tanh } from '../elementwise/basic-activations.ts';
import { stack } from '../layout/concat.ts';
import { type Direction, type SequenceInput, type SequenceOp, sequenceOp } from './sequence.ts';
import { gruCell, lstmCell, tanhCell } from './sequence-cells.ts';

/** The weights of a cell with `g` gates: `[inputs, g · hidden]`, `[hidden, g · hidden]`, and two biases `[g · hidden]` or none. */
export interface RecurrentWeights {
  readonly weightInput: Tensor;
  readonly weightHidden: Tensor;
  readonly biasInput: Tensor | undefined;
  readonly biasHidden: Tensor | undefined;
}

/** What a network computes at each step. A state is a list of tensors `[batch, hidden]`, of which the first is the output. */
export interface Recurrence {
  /** What the inputs add to the gates: of all steps at once, since it does not depend on the state. `[…, inputs]` to `[…, g · hidden]`. */
  gates(xs: Tensor): Tensor;
  /** The next state. */
  step(gates: Tensor, state: readonly Tensor[]): readonly Tensor[];
  /** The steps along a whole sequence as one operation, where there is one. */
  readonly whole?: WholeSequence;
}

/** An operation for all steps, and what of the weights it takes. */
interface WholeSequence {
  readonly op: SequenceOp;
  readonly weights: { readonly weight: Tensor; readonly bias?: Tensor };
}

const plus = (x: Tensor, bias: Tensor | undefined): Tensor => (bias ? x.add(bias) : x);

/** A number of columns of a matrix, a gate's. */
const columns = (x: Tensor, from: number, to: number): Tensor => x.slice([null, [from, to]]);

/** `h' = f(x Wᵢ + bᵢ + h Wₕ + bₕ)` (Elman 1990). */
export const rnnRecurrence = (weights: RecurrentWeights, nonlinearity: 'tanh' | 'relu'): Recurrence => ({
  gates: (xs) => plus(plus(xs.matmul(weights.weightInput), weights.biasInput), weights.biasHidden),
  step: (gates, [h]) => [(nonlinearity === 'relu' ? relu : tanh)(gates.add(h!.matmul(weights.weightHidden)))],
  ...(nonlinearity === 'tanh' && { whole: { op: tanhSequence, weights: { weight: weights.weightHidden } } }),
});

/** `c' = σ(f) c + σ(i) tanh g`, `h' = σ(o) tanh c'`, where the gates `i f g o` are linear in `x` and `h` (Hochreiter and Schmidhuber 1997). */
export const lstmRecurrence = (weights: RecurrentWeights): Recurrence => ({
  gates: (xs) => plus(plus(xs.matmul(weights.weightInput), weights.biasInput), weights.biasHidden),
  step(gates, [h, c]) {
    const n = h!.sizes[1]!;
    const all = gates.add(h!.matmul(weights.weightHidden));
    const [i, f, g, o] = [0, 1, 2, 3].map((gate) => columns(all, gate * n, (gate + 1) * n)) as [Tensor, Tensor, Tensor, Tensor];
    const cell = f.sigmoid().mul(c!).add(i.sigmoid().mul(g.tanh()));
    return [o.sigmoid().mul(cell.tanh()), cell];
  },
  whole: { op: lstmSequence, weights: { weight: weights.weightHidden } },
});

/**
 * `h' = (1 − z) n + z h` with the gates `r z n`: `n = tanh(xₙ + r (h Wₙ + bₙ))`, in which the reset gate acts after the product, or
 * `n = tanh(xₙ + (r h) Wₙ + bₙ)`, in which it acts before (Cho et al. 2014).
 */
export function gruRecurrence(weights: RecurrentWeights, resetAfter: boolean): Recurrence {
  const { weightInput, weightHidden, biasInput, biasHidden } = weights;
  const n = weightHidden.sizes[0]!;
  // Each step needs the columns of the weight, so they are cut out once.
  const parts = resetAfter ? undefined : { rz: columns(weightHidden, 0, 2 * n), n: columns(weightHidden, 2 * n, 3 * n) };
  const mixed = (z: Tensor, now: Tensor, h: Tensor) => [now.add(z.mul(h.sub(now)))];
  return {
    gates: (xs) => plus(plus(xs.matmul(weightInput), biasInput), resetAfter ? undefined : biasHidden),
    step(gates, [h]) {
      const hidden = parts ? h!.matmul(parts.rz) : plus(h!.matmul(weightHidden), biasHidden);
      const rz = columns(gates, 0, 2 * n)
        .add(parts ? hidden : columns(hidden, 0, 2 * n))
        .sigmoid();
      const [r, z] = [columns(rz, 0, n), columns(rz, n, 2 * n)];
      const fromHidden = parts ? r.mul(h!).matmul(parts.n) : r.mul(columns(hidden, 2 * n, 3 * n));
      return mixed(
        z,
        columns(gates, 2 * n, 3 * n)
          .add(fromHidden)
          .tanh(),
        h!,
      );
    },
    ...(resetAfter && { whole: { op: gruSequence, weights: { weight: weightHidden, ...(biasHidden && { bias: biasHidden }) } } }),
  };
}

/** The states after all steps, as the operation for a whole sequence gives them, step by step. */
const inSteps = (recurrenceOf: (weights: RecurrentWeights) => Recurrence) => (given: OpArguments<SequenceInput, Direction>) => {
  const { gates, weight, bias, h, c, reverse } = given;
  const { step } = recurrenceOf({ weightInput: weight, weightHidden: weight, biasInput: undefined, biasHidden: bias });
  const states = statesAlong(step, rowsOf(gates), c === undefined ? [h] : [h, c], { reverse, keep: undefined });
  const each = states[0]!.map((_, i) => stack(states.map((state) => state[i]!)));
  return c === undefined ? each[0]! : stack(each);
};

export const tanhSequence: SequenceOp = /* @__PURE__ */ sequenceOp(
  'tanhSequence',
  tanhCell,
  /* @__PURE__ */ inSteps((weights) => rnnRecurrence(weights, 'tanh')),
);
export const lstmSequence: SequenceOp = /* @__PURE__ */ sequenceOp('lstmSequence', lstmCell, /* @__PURE__ */ inSteps(lstmRecurrence));
export const gruSequence: SequenceOp = /* @__PURE__ */ sequenceOp(
  'gruSequence',
  gruCell,
  /* @__PURE__ */ inSteps((weights) => gruRecurrence(weights, true)),
);

/** How a sequence is gone along. */
interface Way {
  /** Whether from the end to the start. */
  readonly reverse: boolean;
  /** `[time, batch, 1]`, 1 at each step that a row has, else 0. */
  readonly keep: Tensor | undefined;
}

/**
 * The outputs of all steps, `[time, batch, hidden]`, and the last state. Where a row has no step the state is held, and the output is 0; so the
 * way from the end to the start begins at each row's last element.
 * @param xs `[time, batch, inputs]`
 */
export function recur(recurrence: Recurrence, xs: Tensor, initial: readonly Tensor[], way: Way): [Tensor, readonly Tensor[]] {
  const gates = recurrence.gates(xs);
  const [time] = gates.sizes as [number];
  // Of no steps there is no output to join.
  if (time === 0) return [Tensor.zeros([0, ...initial[0]!.sizes], xs.dtype), initial];
  const { whole, step } = recurrence;
  const { reverse, keep } = way;
  if (whole && !keep && gates.sizes[2]! <= MATMUL_PART) return wholly(whole, gates, initial, reverse);
  const states = statesAlong(step, rowsOf(gates), initial, way);
  const mask = keep && rowsOf(keep);
  return [stack(states.map(([h], t) => (mask ? mask[t]!.where(h!, 0) : h!))), states[reverse ? 0 : time - 1]!];
}

/** The same by the operation for whole sequences. */
function wholly({ op, weights }: WholeSequence, gates: Tensor, initial: readonly Tensor[], reverse: boolean): [Tensor, readonly Tensor[]] {
  const [h, c] = initial as readonly [Tensor, Tensor?];
  const y = perform(op, { gates, ...weights, h, ...(c && { c }) } as Record<SequenceInput, Tensor>, { reverse });
  const last = reverse ? 0 : gates.sizes[0]! - 1;
  return c ? [y.slice([0]), [y.slice([0, last]), y.slice([1, last])]] : [y, [y.slice([last])]];
}

/** The states after each step, in the order of the sequence. Where a row has no step, its states are held. */
function statesAlong(
  step: Recurrence['step'],
  rows: readonly Tensor[],
  initial: readonly Tensor[],
  { reverse, keep }: Way,
): (readonly Tensor[])[] {
  const kept = keep && rowsOf(keep);
  const states = Array<readonly Tensor[]>(rows.length);
  let state = initial;
  for (let done = 0; done < rows.length; done++) {
    const t = reverse ? rows.length - 1 - done : done;
    const next = step(rows[t]!, state);
    const mask = kept?.[t];
    state = mask ? next.map((x, i) => mask.where(x, state[i]!)) : next;
    states[t] = state;
  }
  return states;
}

/**
 * The rows of a tensor along its first axis, by halves of halves: the gradient of a row has the size of what it was cut from, so to cut each
 * from the whole would take time in the square of their number.
 */
function rowsOf(x: Tensor): Tensor[] {
  const count = x.sizes[0]!;
  if (count === 0) return [];
  if (count === 1) return [x.reshape(x.sizes.slice(1))];
  const half = count >> 1;
  return [...rowsOf(x.slice([[0, half]])), ...rowsOf(x.slice([[half, count]]))];
}
