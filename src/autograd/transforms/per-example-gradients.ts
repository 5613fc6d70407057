import { DerivativeError, TapeError } from '../../base/errors.ts';
import type { Parameter } from '../../tensor/parameter.ts';
import type { Tensor } from '../../tensor/tensor.ts';
import { checkFunction } from '../check-function.ts';
import { parametersOf } from '../entries.ts';
import { Gradients } from '../gradients.ts';
import { Tape } from '../tape.ts';
import { vmapAs } from './vmap.ts';

/**
 * The gradient of each example of a batch by itself, for every parameter that its loss depends on: `[examples, ...parameter.shape]`, in one
 * sweep for all. Their mean is the gradient of the mean loss; their norms are what private and robust training clip.
 *
 * @param lossOf the loss of a batch; it is called with batches of one
 * @param batch tensors with an example for each element of their first axis
 * @throws as `vmap` does, and TapeError where the loss depends on no parameter.
 * @example
 * const w = new Parameter(Tensor.of([[1], [1]]));
 * const gradients = perExampleGradients((x: Tensor) => x.matmul(w).sum(), Tensor.of([[1, 2], [3, 4]]));
 * gradients.get(w).toArray() // => [[[1], [2]], [[3], [4]]]
 */
export function perExampleGradients<Xs extends readonly Tensor[]>(lossOf: (...batch: Xs) => Tensor, ...batch: Xs): Gradients {
  checkFunction('perExampleGradients', lossOf);
  let found: readonly Parameter[] = [];
  const gradients = vmapAs('perExampleGradients', (...example: Xs): readonly Tensor[] => {
    const tape = new Tape();
    const loss = tape.record(() => lossOf(...(example.map((x) => x.unsqueeze(0)) as unknown as Xs)));
    found = parametersOf(tape);
    if (found.length === 0) throw new TapeError('perExampleGradients: the loss depends on no parameter; for tensors, write vmap(grad(f))');
    if (!tape.has(loss)) throw new DerivativeError('perExampleGradients: the loss was computed outside of the function');
    return tape.backward(loss, found);
  })(...batch);
  return new Gradients(found.map((w, i) => [w, gradients[i]!] as const));
}
