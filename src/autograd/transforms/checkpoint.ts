import { isFloat } from '../../base/dtype.ts';
import { TapeError } from '../../base/errors.ts';
import { defaultRandom, drawingAgain } from '../../base/random.ts';
import { unrecorded } from '../../tensor/recorders.ts';
import { checkTensor, type Tensor } from '../../tensor/tensor.ts';
import { Tape } from '../tape.ts';
import { customVjp } from './custom-vjp.ts';
import type { TensorFunction } from './derivatives.ts';
import { isMapping } from './one-example.ts';

/**
 * A function whose inside is not kept for the sweep but worked out again in it: memory for time (Chen et al. 2016). The gradients are the same to the
 * bit, for its arguments and for the parameters and tensors that it closes over; what the default generator draws is drawn alike again.
 *
 * Within a function that is mapped it keeps its inside, since the whole is done at once there: `checkpoint(vmap(f))` saves what `vmap(checkpoint(f))`
 * cannot.
 *
 * @throws TapeError for what is no function.
 * @example grad(checkpoint((x) => x.sigmoid().mul(x).exp()))(Tensor.of(1)).item() === grad((x) => x.sigmoid().mul(x).exp())(Tensor.of(1)).item() // => true
 */
export function checkpoint<Xs extends readonly Tensor[]>(f: TensorFunction<Xs>): (...xs: Xs) => Tensor {
  if (typeof f !== 'function') throw new TapeError(`checkpoint: expected a function of tensors, got ${typeof f}`);
  return (...xs) => {
    if (isMapping()) return f(...xs);
    const before = defaultRandom().state;
    const tape = new Tape();
    const value = unrecorded(() => tape.record(() => f(...xs)));
    checkTensor('checkpoint', 'its value', value);
    const inputs = [...new Set([...xs, ...outsideOf(tape)])].filter((x) => isFloat(x.dtype));
    return customVjp<readonly Tensor[]>(
      function checkpoint() {
        return value;
      },
      ({ dy }) => {
        const again = new Tape(Object.fromEntries(inputs.map((x, i) => [`x${i}`, x])));
        const y = drawingAgain(before, () => again.record(() => f(...xs)));
        return again.has(y) ? again.backward(y, inputs, { seed: dy }) : inputs.map(() => null);
      },
    )(...inputs);
  };
}

/** What a tape saw that was made elsewhere. */
function outsideOf({ entries, values }: Tape): Tensor[] {
  const made = new Set(entries.map(({ output }) => output));
  return values.flatMap(({ tensor }, i) => (tensor && !made.has(i) ? [tensor] : []));
}
