import { ShapeError, TapeError } from '../../base/errors.ts';
import { quote, refuseUnknown } from '../../base/options.ts';
import { normalizeAxis } from '../../base/shape.ts';
import { moveAxis } from '../../functions/layout/rearrange.ts';
import type { Batched } from '../../tensor/op.ts';
import { Parameter } from '../../tensor/parameter.ts';
import { recordedBy } from '../../tensor/recorders.ts';
import { checkTensor, Tensor } from '../../tensor/tensor.ts';
import { checkFunction, describeResult } from '../check-function.ts';
import { callEach, listed, Mapping, type Tensors } from './mapping.ts';

/** How to map a function. */
export interface VmapOptions {
  /**
   * The axis of each argument that the examples lie along; `null` for an argument that is the same for each. Default 0 for every argument.
   */
  readonly axes?: readonly (number | null)[];
}

/**
 * Turns a function of one example into a function of many, without a loop over them: the function is called once, with tensors of which each stands
 * for one example, and each of its operations is performed for all examples at once, with one more axis. It may be differentiated, and be a
 * derivative itself: `vmap(grad(f))` is the gradient for each example.
 *
 * A tensor that differs from example to example shows no numbers inside the function: to look at them by `item()`, `data`, `toArray()` or as text is
 * refused. `where(condition, a, b)` takes the place of a branch, `gather` that of an index. Tensors that the function does not get as arguments are the
 * same for all examples; so is what the default generator draws. An operation without a batching rule (`batching`) is performed for one example after
 * another.
 *
 * @param f a function of tensors that returns one, or a list of them
 * @returns the function with the axis of the examples first in what it returns
 * @throws ShapeError where arguments have different numbers of examples, TapeError where the function looks at numbers that differ between examples.
 * @example vmap((x: Tensor, w: Tensor) => x.mul(w).sum())(Tensor.of([[1, 2], [3, 4]]), Tensor.of([[1, 1], [10, 10]])).toArray() // => [3, 70]
 */
export const vmap = <Xs extends readonly Tensor[], Y extends Tensors>(f: (...xs: Xs) => Y, options?: VmapOptions): ((...xs: Xs) => Y) =>
  vmapAs('vmap', f, options);

/** `vmap`, of which errors say that it was `where`. */
export function vmapAs<Xs extends readonly Tensor[], Y extends Tensors>(
  where: string,
  f: (...xs: Xs) => Y,
  options?: VmapOptions,
): (...xs: Xs) => Y {
  checkFunction(where, f);
  refuseUnknown(where, options, ['axes']);
  const axes = checkAxes(where, options?.axes);
  return (...xs) => {
    const { all, count } = examplesOf(where, xs, axes);
    const mapping = new Mapping(where, count);
    const y = recordedBy(mapping, () => f(...(all.map(({ x, batched }) => (batched ? mapping.wrap(x) : x)) as unknown as Xs)));
    const ys = listed(y);
    if (!Array.isArray(ys))
      throw new TapeError(`${where}: expected the function to return a tensor or a list of tensors, got ${describeResult(y)}`);
    ys.forEach((one, i) => checkTensor(where, `value ${i} of the function`, one));
    const found = ys.map((one) => mapping.whole(one));
    return (y instanceof Tensor ? found[0]! : found) as Y;
  };
}

/** As `vmap`, but one example after another where the function looks at numbers: a function that is not recorded may. */
export const vmapOrEach = <Xs extends readonly Tensor[], Y extends Tensors>(
  f: (...xs: Xs) => Y,
  options?: VmapOptions,
): ((...xs: Xs) => Y) => vmap((...xs: Xs) => callEach('vmap', f as unknown as (...xs: readonly Tensor[]) => Y, xs), options);

function checkAxes(where: string, axes: VmapOptions['axes']): VmapOptions['axes'] {
  const isAxis = (axis: unknown) => axis === null || Number.isInteger(axis);
  if (axes === undefined || (Array.isArray(axes) && axes.every(isAxis))) return axes;
  throw new ShapeError(`${where}: expected an axis or null for each argument, such as [0, null], got ${quote(axes)}`);
}

/** Every argument with its examples first, and how many there are. */
function examplesOf(where: string, xs: readonly Tensor[], axes: VmapOptions['axes']): { all: readonly Batched[]; count: number } {
  if (axes && axes.length !== xs.length)
    throw new ShapeError(`${where}: expected an axis for each of the ${xs.length} arguments, got ${axes.length}`);
  const all = xs.map((x, i): Batched => {
    checkTensor(where, `argument ${i}`, x);
    const axis = axes ? axes[i]! : 0;
    if (axis === null) return { x, batched: false };
    const normal = normalizeAxis(where, axis, x.sizes);
    if (normal !== 0) return { x: moveAxis(x, normal, 0), batched: true };
    // What the function returns must not be the parameter itself, which changes.
    return { x: x instanceof Parameter ? x.reshape(x.sizes) : x, batched: true };
  });
  const counts = all.filter(({ batched }) => batched).map(({ x }) => x.sizes[0]!);
  const [count] = counts;
  if (count === undefined || count === 0)
    throw new ShapeError(
      `${where}: expected at least one example, got ${count === 0 ? 'an axis of size 0' : 'no argument with an axis for them'}`,
    );
  if (counts.some((other) => other !== count))
    throw new ShapeError(`${where}: expected as many examples in each argument, got ${counts.join(' and ')}`);
  return { all, count };
}
