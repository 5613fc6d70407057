import type { Gradients } from '../autograd/gradients.ts';
import { Tape } from '../autograd/tape.ts';
import { DtypeError, ValueError } from '../base/errors.ts';
import { quote } from '../base/options.ts';
import { formatShape } from '../base/shape.ts';
import { Tensor } from '../tensor/tensor.ts';
import { checkLossOf, examplesIn, type SummedLoss } from './run.ts';

/** The gradients of the mean loss over several batches, that mean, and over how many it is. */
export interface Accumulated {
  readonly gradients: Gradients;
  readonly loss: number;
  readonly count: number;
}

/**
 * The gradients of the mean loss of several batches together, in the memory of one: sums of losses are differentiated, and divided by the count of all
 * once. So batches of different sizes give what they would give as one, to rounding.
 *
 * @param lossOf the mean loss of the examples of a batch, or `{ sum, count }`
 * @throws ValueError for no batch, and for counts that are 0 in all.
 * @example
 * const w = new Parameter(Tensor.of([1]));
 * const lossOf = (x: Tensor) => x.mul(w).mean();
 * const { gradients, loss } = accumulate([Tensor.of([[1], [2], [3]]), Tensor.of([[10]])], lossOf);
 * [gradients.get(w).item(), loss] // => [4, 4]
 */
export function accumulate<Batch>(batches: Iterable<Batch>, lossOf: (batch: Batch) => Tensor | SummedLoss): Accumulated {
  if (typeof batches !== 'object' || typeof batches?.[Symbol.iterator] !== 'function' || batches instanceof Tensor)
    throw new ValueError(`accumulate: expected a list of batches, got ${quote(batches)}`);
  checkLossOf('accumulate', 'lossOf', lossOf);
  let gradients: Gradients | undefined;
  let [total, count] = [0, 0];
  for (const batch of batches) {
    const tape = new Tape();
    const { loss, weight, size } = tape.record(() => weighed('accumulate', lossOf(batch), batch));
    const found = tape.backward(loss, { gradient: Tensor.full([], weight, loss.dtype) });
    gradients = gradients ? gradients.add(found) : found;
    total += loss.item() * weight;
    count += size;
  }
  if (!gradients) throw new ValueError('accumulate: expected at least one batch, got none');
  if (count === 0) throw new ValueError('accumulate: expected something to take the mean of, got counts of 0 alone');
  return { gradients: gradients.scale(1 / count), loss: total / count, count };
}

/** A loss, how often it counts in a sum, and over how many that sum is. */
export interface Weighed {
  readonly loss: Tensor;
  readonly weight: number;
  readonly size: number;
}

/** What a function of a batch returned: the mean over its examples, or a sum with a count. */
export function weighed(where: string, found: Tensor | SummedLoss, batch: unknown): Weighed {
  if (found instanceof Tensor) {
    const size = examplesIn(where, batch);
    return { loss: scalar(where, found), weight: size, size };
  }
  const { sum, count } = (found ?? {}) as Partial<SummedLoss>;
  if (!(sum instanceof Tensor) || !(Number.isFinite(count) && count! >= 0))
    throw new DtypeError(`${where}: expected the loss to be a tensor, or { sum, count }, got ${quote(found)}; is there a return?`);
  return { loss: scalar(where, sum), weight: 1, size: count! };
}

function scalar(where: string, loss: Tensor): Tensor {
  if (loss.size === 1) return loss.rank === 0 ? loss : loss.reshape([]);
  throw new ValueError(`${where}: expected a loss that is one number, got shape ${formatShape(loss.sizes)}; take its mean`);
}
