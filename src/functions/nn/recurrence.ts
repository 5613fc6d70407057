/** One step of a recurrent network, and the whole of it along a sequence. */

import { Tensor } from '../../tensor/tensor.ts';
import { stack } from '../layout/concat.ts';

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
}

const plus = (x: Tensor, bias: Tensor | undefined): Tensor => (bias ? x.add(bias) : x);

/** A number of columns of a matrix, a gate's. */
const columns = (x: Tensor, from: number, to: number): Tensor => x.slice([null, [from, to]]);

/** `h' = f(x Wᵢ + bᵢ + h Wₕ + bₕ)` (Elman 1990). */
export const rnnRecurrence = (weights: RecurrentWeights, activation: (x: Tensor) => Tensor): Recurrence => ({
  gates: (xs) => plus(plus(xs.matmul(weights.weightInput), weights.biasInput), weights.biasHidden),
  step: (gates, [h]) => [activation(gates.add(h!.matmul(weights.weightHidden)))],
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
  };
}

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
export function recur(
  { gates, step }: Recurrence,
  xs: Tensor,
  initial: readonly Tensor[],
  { reverse, keep }: Way,
): [Tensor, readonly Tensor[]] {
  const rows = rowsOf(gates(xs));
  const kept = keep && rowsOf(keep);
  const ys = Array<Tensor>(rows.length);
  let state = initial;
  for (let done = 0; done < rows.length; done++) {
    const t = reverse ? rows.length - 1 - done : done;
    const next = step(rows[t]!, state);
    const mask = kept?.[t];
    ys[t] = mask ? mask.where(next[0]!, 0) : next[0]!;
    state = mask ? next.map((x, i) => mask.where(x, state[i]!)) : next;
  }
  // Of no steps there is no output to join.
  return [ys.length > 0 ? stack(ys) : Tensor.zeros([0, ...initial[0]!.sizes], xs.dtype), state];
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
