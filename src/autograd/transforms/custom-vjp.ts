import { DerivativeError, ShapeError } from '../../base/errors.ts';
import { defaultRandom, drawingAgain } from '../../base/random.ts';
import { formatShape, sameShape } from '../../base/shape.ts';
import type { BatchedCall, Op } from '../../tensor/op.ts';
import { unrecorded } from '../../tensor/recorders.ts';
import { checkTensor, perform, Tensor } from '../../tensor/tensor.ts';
import type { TensorFunction } from './tensor-function.ts';
import { vmapOrEach } from './vmap.ts';

/** A function's arguments, its value, and the gradient that arrives at it. */
export interface CustomRuleArguments<Xs extends readonly Tensor[]> {
  readonly xs: Xs;
  readonly y: Tensor;
  readonly dy: Tensor;
}

/** A derivative rule: one gradient for each argument, or `null` where the value does not change with it. */
export type CustomRule<Xs extends readonly Tensor[]> = (given: CustomRuleArguments<Xs>) => readonly (Tensor | null)[];

/**
 * A function with a derivative of your own: what happens inside is not recorded, and `backward` gives the gradients for the arguments.
 * Written in operations, it can be differentiated again. So an iteration can have the derivative of what it converges to, by the implicit
 * function theorem, instead of the derivative of every step.
 *
 * Under `vmap` both functions are mapped, and called for one example after another where they perform other operations for another, as an
 * iteration does that ends sooner. What differs from example to example must be an argument.
 *
 * @param f the function; tensors that it closes over have no gradient
 * @param backward one gradient for each argument, of its shape and dtype; `null` where the value does not change with it
 * @throws DerivativeError where the gradients do not fit the arguments.
 * @example
 * const root = customVjp((a: Tensor) => {
 *   let x = a;
 *   for (let i = 0; i < 20; i++) x = x.add(a.div(x)).mul(0.5);
 *   return x;
 * }, ({ y, dy }) => [dy.div(y.mul(2))]);
 * grad(root)(Tensor.of(16)).item() // => 0.125
 */
export function customVjp<Xs extends readonly Tensor[]>(f: TensorFunction<Xs>, backward: CustomRule<Xs>): (...xs: Xs) => Tensor {
  const name = f.name || 'customVjp';
  return (...xs) => {
    xs.forEach((x, i) => {
      checkTensor(name, `argument ${i}`, x);
    });
    return performCustom({ name, f, backward }, xs);
  };
}

interface Custom<Xs extends readonly Tensor[]> {
  readonly name: string;
  readonly f: TensorFunction<Xs>;
  readonly backward: CustomRule<Xs>;
}

/** Calls the function, and performs an operation that has its value and the derivative. */
function performCustom<Xs extends readonly Tensor[]>({ name, f, backward }: Custom<Xs>, xs: Xs): Tensor {
  const { state } = defaultRandom();
  const value = computeValue(name, f, xs);
  // Whoever performs the operation again, on other tensors, draws the same random numbers.
  const again: TensorFunction<Xs> = (...xs) => drawingAgain(state, () => f(...xs));
  const inputs = Object.fromEntries(xs.map((x, i) => [`x${i}`, x]));
  return perform(operationOf({ name, f: again, backward }, Object.keys(inputs), value), inputs);
}

function computeValue<Xs extends readonly Tensor[]>(name: string, f: TensorFunction<Xs>, xs: Xs): Tensor {
  const y = unrecorded(() => f(...xs));
  checkTensor(name, 'its value', y);
  return y;
}

/**
 * One operation, of as many inputs as there are arguments. Performed for the first time it has the value that the function gave already.
 */
function operationOf<Xs extends readonly Tensor[]>(custom: Custom<Xs>, inputs: readonly string[], value: Tensor): Op<string> {
  const { name, f, backward } = custom;
  const { shape } = value;
  const argumentsOf = (given: Readonly<Record<string, Tensor>>) => inputs.map((input) => given[input]!) as unknown as Xs;
  let first: Tensor | undefined = value;
  const gradientsOf = memoized((given) => {
    const { y, dy } = given as { y: Tensor; dy: Tensor };
    const xs = argumentsOf(given);
    const gradients = backward({ xs, y, dy });
    checkGradients(name, xs, gradients);
    return gradients;
  });
  return {
    name,
    dtypes: 'any',
    shape: () => shape,
    forward(given) {
      const y = first ?? computeValue(name, f, argumentsOf(given));
      // It is as large as the result, and nobody asks for it again.
      first = undefined;
      if (!sameShape(y.shape, shape))
        throw new ShapeError(`${name}: expected a value of shape ${formatShape(shape)}, as it had before, got ${formatShape(y.shape)}`);
      return y.data.slice();
    },
    backward: (input) => (given) => {
      const all = given as unknown as Readonly<Record<string, Tensor>>;
      return gradientsOf(all)[inputs.indexOf(input)] ?? Tensor.zeros(all[input]!.shape, given.dy.dtype);
    },
    batching: (batch) => performBatched(custom, inputs, batch),
    sample: () => {
      throw new DerivativeError(`${name}: a function with a derivative of its own has no sample; check it with gradcheck(f, xs)`);
    },
  };
}

/** A function of what a rule is given, which is one object for all inputs of an operation: so the gradients of all are computed once. */
function memoized<Y>(f: (given: Readonly<Record<string, Tensor>>) => Y): (given: Readonly<Record<string, Tensor>>) => Y {
  const known = new WeakMap<object, Y>();
  return (given) => {
    if (!known.has(given)) known.set(given, f(given));
    return known.get(given)!;
  };
}

/** The operation for many examples: both functions are mapped. */
function performBatched<Xs extends readonly Tensor[]>(
  { name, f, backward }: Custom<Xs>,
  inputs: readonly string[],
  batch: BatchedCall,
): Tensor {
  const all = inputs.map((input) => batch.inputs[input]!);
  const axes = all.map(({ batched }) => (batched ? 0 : null));
  const each = vmapOrEach(
    (y: Tensor, dy: Tensor, ...xs: Tensor[]) => {
      const gradients = backward({ xs: xs as unknown as Xs, y, dy });
      checkGradients(name, xs, gradients);
      return gradients.map((dx, i) => dx ?? Tensor.zeros(xs[i]!.shape, dy.dtype));
    },
    { axes: [0, 0, ...axes] },
  );
  const mapped: Custom<readonly Tensor[]> = {
    name,
    f: vmapOrEach(f as unknown as TensorFunction, { axes }),
    // What is the same for every example gets the sum of what all examples pass back.
    backward: ({ xs, y, dy }) => each(y, dy, ...xs).map((dx, i) => (all[i]!.batched ? dx : dx.sum(0))),
  };
  return performCustom(
    mapped,
    all.map(({ x }) => x),
  );
}

function checkGradients(name: string, xs: readonly Tensor[], gradients: readonly (Tensor | null)[]): void {
  if (!Array.isArray(gradients) || gradients.length !== xs.length)
    throw new DerivativeError(
      `${name}: expected backward to return a gradient for each of the ${xs.length} arguments, got ${Array.isArray(gradients) ? gradients.length : typeof gradients}`,
    );
  xs.forEach((x, i) => {
    const dx = gradients[i];
    if (dx === null || (dx instanceof Tensor && sameShape(dx.shape, x.shape))) return;
    throw new DerivativeError(
      `${name}: expected a gradient of shape ${formatShape(x.shape)} for argument ${i}, got ${dx instanceof Tensor ? formatShape(dx.shape) : typeof dx}`,
    );
  });
}

/**
 * The same numbers, and a look at the gradient that comes back through them: `look` is called with it, and what it returns, if anything, is
 * passed back in its place. Under `vmap` it sees the first example and the last.
 * @example
 * const seen: number[] = [];
 * grad((x) => onGradient(x.mul(2), (dy) => { seen.push(dy.item()); }).mul(3))(Tensor.of(1)).item() // => 6
 * seen // => [3]
 */
export const onGradient = (x: Tensor, look: (dy: Tensor) => Tensor | undefined): Tensor =>
  customVjp(
    function onGradient(x: Tensor) {
      return x;
    },
    ({ dy }) => [look(dy) ?? dy],
  )(x);
