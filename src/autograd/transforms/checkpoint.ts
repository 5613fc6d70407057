import { isFloat } from '../../base/dtype.ts';
import { isTracing, unrecorded } from '../../tensor/recorders.ts';
import { checkTensor, type Tensor } from '../../tensor/tensor.ts';
import { computingAgain, isTraining } from '../../tensor/training-scope.ts';
import { checkFunction } from '../check-function.ts';
import { outsideOf } from '../entries.ts';
import { Tape } from '../tape.ts';
import { customVjp } from './custom-vjp.ts';
import type { TensorFunction } from './tensor-function.ts';

/**
 * A function whose intermediate values are not kept for the sweep but computed again in it: memory for time (Chen et al. 2016). The
 * gradients are the same to the bit, for its arguments and for the parameters and tensors that it closes over; what the default generator
 * draws is drawn alike again, and buffers such as running statistics are replaced once.
 *
 * Inside a function that is mapped by `vmap` it keeps its intermediate values, since all examples are computed at once there:
 * `checkpoint(vmap(f))` saves what `vmap(checkpoint(f))` cannot.
 *
 * @throws TapeError for what is no function.
 * @example grad(checkpoint((x) => x.sigmoid().mul(x).exp()))(Tensor.of(1)).item() === grad((x) => x.sigmoid().mul(x).exp())(Tensor.of(1)).item() // => true
 */
export function checkpoint<Xs extends readonly Tensor[]>(f: TensorFunction<Xs>): (...xs: Xs) => Tensor {
  checkFunction('checkpoint', f);
  return (...xs) => {
    xs.forEach((x, i) => {
      checkTensor('checkpoint', `argument ${i}`, x);
    });
    if (isTracing()) return f(...xs);
    const training = isTraining();
    const again = computingAgain(training);
    const tape = new Tape();
    const value = unrecorded(() => tape.record(() => f(...xs), { training }));
    checkTensor('checkpoint', 'its value', value);
    const outside = outsideOf(tape).map((id) => tape.values[id]!.tensor!);
    const inputs = [...new Set([...xs, ...outside])].filter((x) => isFloat(x.dtype));
    return customVjp<readonly Tensor[]>(
      function checkpoint() {
        return value;
      },
      ({ dy }) => {
        const tape = new Tape(Object.fromEntries(inputs.map((x, i) => [`x${i}`, x])));
        const y = again(() => tape.record(() => f(...xs)));
        return tape.has(y) ? tape.backward(y, inputs, { gradient: dy }) : inputs.map(() => null);
      },
    )(...inputs);
  };
}
