import { DerivativeError, DtypeError, ShapeError } from '../../base/errors.ts';
import { quote } from '../../base/options.ts';
import { formatShape, sameShape } from '../../base/shape.ts';
import type { BatchedCall, Op } from '../../tensor/op.ts';
import { isInUse, isTaped, isTracing, type Trace, unrecorded } from '../../tensor/recorders.ts';
import { checkTensor, perform, Tensor } from '../../tensor/tensor.ts';
import { innermostOf } from '../../tensor/traced.ts';
import { computingAgain } from '../../tensor/training-scope.ts';
import { checkFunction, describeResult } from '../check-function.ts';
import { severed, unwatched, watched } from '../taken-out.ts';
import { callEach, Mapping, refuseClosedOver } from './mapping.ts';
import type { TensorFunction } from './tensor-function.ts';
import { vmap, vmapOrEach } from './vmap.ts';

/** A function's arguments, its value, and the gradient that arrives at it. */
export interface CustomRuleArguments<Xs extends readonly Tensor[]> {
  readonly xs: Xs;
  readonly y: Tensor;
  readonly dy: Tensor;
}

/** A derivative rule: one gradient for each argument, or `null` where the value does not change with it. */
export type CustomRule<Xs extends readonly Tensor[]> = (given: CustomRuleArguments<Xs>) => readonly (Tensor | null)[];

/**
 * A function with a derivative of your own: what happens inside is not recorded, and `backward` gives the gradients for the arguments. Written in
 * operations, it can be differentiated again; where it was worked out in numbers, that is refused. So an iteration can have the derivative of what it
 * converges to, by the implicit function theorem, instead of the derivative of every step.
 *
 * Under `vmap` both functions are mapped, and called for one example after another where they look at numbers, as an iteration does that ends sooner for
 * some. What `backward` needs of what differs from example to example must be an argument.
 *
 * @param f the function; tensors that it closes over have no gradient
 * @param backward one gradient for each argument, of its shape and dtype; `null` where the value does not change with it
 * @throws DerivativeError where the gradients do not fit the arguments; TapeError where gradients that were worked out in numbers are differentiated.
 * @example
 * const root = customVjp((a: Tensor) => {
 *   let x = a;
 *   for (let i = 0; i < 20; i++) x = x.add(a.div(x)).mul(0.5);
 *   return x;
 * }, ({ y, dy }) => [dy.div(y.mul(2))]);
 * grad(root)(Tensor.of(16)).item() // => 0.125
 */
export function customVjp<Xs extends readonly Tensor[]>(f: TensorFunction<Xs>, backward: CustomRule<Xs>): (...xs: Xs) => Tensor {
  checkFunction('customVjp', f);
  checkFunction('customVjp', backward);
  const name = f.name || 'customVjp';
  return (...xs) => {
    xs.forEach((x, i) => {
      checkTensor(name, `argument ${i}`, x);
    });
    return performCustom({ name, f, backward } as unknown as Custom, xs);
  };
}

interface Custom {
  readonly name: string;
  readonly f: TensorFunction;
  readonly backward: CustomRule<readonly Tensor[]>;
}

/** Performs an operation that has the value of the function, which may be known already, and the derivative. */
function performCustom(custom: Custom, xs: readonly Tensor[], known?: Tensor): Tensor {
  const { name, f } = custom;
  const again = computingAgain();
  // A rule may call the function, which is free to look at numbers.
  const own = xs.map(unwatched);
  const value = unwatched(known ?? computeValue(name, f, own));
  const inner = innermostOf([value, ...own]);
  if (inner && !isInUse(inner)) refuseClosedOver(value);
  // Whoever performs the operation again, on other tensors, draws the same random numbers.
  const computedAgain: TensorFunction = (...xs) => again(() => f(...xs));
  const inputs = Object.fromEntries(xs.map((x, i) => [`x${i}`, x]));
  const op = operationOf({ ...custom, f: computedAgain }, Object.keys(inputs), value, inner);
  // A function that closes over what differs from example to example has another value for each, even if no argument differs.
  return inner && innermostOf(own) !== inner ? inner.perform(op, inputs, {}) : perform(op, inputs);
}

/** The value of the function; where it looks at numbers that differ between the examples of a `vmap`, called for one after another. */
function computeValue(name: string, f: TensorFunction, xs: readonly Tensor[]): Tensor {
  return unrecorded(() =>
    callEach(
      name,
      (...xs) => {
        const y: unknown = f(...xs);
        if (y instanceof Tensor) return y;
        throw new DtypeError(`${name}: expected the function to return a tensor, got ${describeResult(y)}`);
      },
      xs,
    ),
  );
}

/**
 * One operation, of as many inputs as there are arguments. Performed for the first time it has the value that the function gave already; `trace` is
 * who performs it then, if it is mapped.
 */
function operationOf(custom: Custom, inputs: readonly string[], value: Tensor, trace: Trace | undefined): Op<string> {
  const { name, f } = custom;
  const { sizes: shape } = value;
  const argumentsOf = (given: Readonly<Record<string, Tensor>>) => inputs.map((input) => given[input]!);
  let first: Tensor | undefined = value;
  // It is as large as the result, and nobody asks for it again.
  const takeFirst = () => {
    const taken = first;
    first = undefined;
    return taken;
  };
  const gradientsOf = memoized((given) => applyRule(custom, argumentsOf(given), given['y']!, given['dy']!));
  return {
    name,
    dtypes: 'mixed',
    shape: () => shape,
    forward(given) {
      const y = takeFirst() ?? computeValue(name, f, argumentsOf(given));
      if (!sameShape(y.sizes, shape))
        throw new ShapeError(`${name}: expected a value of shape ${formatShape(shape)}, as it had before, got ${formatShape(y.sizes)}`);
      return y.numbers.slice();
    },
    backward: (input) => (given) => {
      const all = given as unknown as Readonly<Record<string, Tensor>>;
      // By an operation, so that a tape which records the rule knows it.
      return gradientsOf(all)[inputs.indexOf(input)] ?? Tensor.zeros([], all[input]!.dtype).broadcastTo(all[input]!.sizes);
    },
    batching(batch) {
      const mapped = takeFirst();
      return performBatched(custom, inputs, batch, mapped && trace instanceof Mapping ? trace.whole(mapped) : undefined);
    },
    sample: () => {
      throw new DerivativeError(`${name}: a function with a derivative of its own has no sample; check it with gradcheck(f, xs)`);
    },
  };
}

/** What the rule gives for each argument. Numbers that it looks at while a tape records it are no part of its own derivative, which is refused then. */
function applyRule({ name, backward }: Custom, xs: readonly Tensor[], y: Tensor, dy: Tensor): readonly (Tensor | null)[] {
  const rule = (y: Tensor, dy: Tensor, ...xs: readonly Tensor[]) => {
    const gradients = backward({ xs, y, dy });
    checkGradients(name, xs, gradients);
    return gradients;
  };
  const given = [y, dy, ...xs];
  const apply = (...given: readonly Tensor[]) => (isTaped() ? watched(name, rule as CustomCall, given) : (rule as CustomCall)(...given));
  if (!isTracing()) return apply(...given);
  const dtype = dy.dtype;
  let apart = false;
  const gradients = callEach(
    name,
    (...given) => apply(...given).map((dx, i) => dx ?? Tensor.zeros(given[i + 2]!.sizes, dtype)),
    given,
    () => {
      apart = true;
    },
  );
  // A tape inside of the mapped function does not see what was computed for one example after another.
  return apart && isTaped() ? gradients.map((dx) => severed(name, dx, given)) : gradients;
}

type CustomCall = (...given: readonly Tensor[]) => readonly (Tensor | null)[];

/** A function of what a rule is given, which is one object for all inputs of an operation: so the gradients of all are computed once. */
function memoized<Y>(f: (given: Readonly<Record<string, Tensor>>) => Y): (given: Readonly<Record<string, Tensor>>) => Y {
  const known = new WeakMap<object, Y>();
  return (given) => {
    if (!known.has(given)) known.set(given, f(given));
    return known.get(given)!;
  };
}

/** The operation for many examples: both functions are mapped. */
function performBatched({ name, f, backward }: Custom, inputs: readonly string[], batch: BatchedCall, value: Tensor | undefined): Tensor {
  const all = inputs.map((input) => batch.inputs[input]!);
  const axes = all.map(({ batched }) => (batched ? 0 : null));
  const each = vmap(
    (y: Tensor, dy: Tensor, ...xs: readonly Tensor[]) =>
      applyRule({ name, f, backward }, xs, y, dy).map((dx, i) => dx ?? Tensor.zeros(xs[i]!.sizes, dy.dtype)),
    { axes: [0, 0, ...axes] },
  );
  const mapped: Custom = {
    name,
    f: vmapOrEach(f, { axes }),
    // What is the same for every example gets the sum of what all examples pass back.
    backward: ({ xs, y, dy }) => each(y, dy, ...xs).map((dx, i) => (all[i]!.batched ? dx : dx.sum(0))),
  };
  return performCustom(
    mapped,
    all.map(({ x }) => x),
    value,
  );
}

function checkGradients(name: string, xs: readonly Tensor[], gradients: readonly (Tensor | null)[]): void {
  if (!Array.isArray(gradients) || gradients.length !== xs.length)
    throw new DerivativeError(
      `${name}: expected backward to return a gradient for each of the ${xs.length} arguments, got ${Array.isArray(gradients) ? gradients.length : quote(gradients)}`,
    );
  xs.forEach((x, i) => {
    const dx = gradients[i];
    if (dx === null || (dx instanceof Tensor && sameShape(dx.sizes, x.sizes))) return;
    throw new DerivativeError(
      `${name}: expected a gradient of shape ${formatShape(x.sizes)} for argument ${i}, got ${dx instanceof Tensor ? formatShape(dx.sizes) : quote(dx)}`,
    );
  });
}

/**
 * The same numbers, and a look at the gradient that comes back through them: `look` is called with it, and what it returns, if anything, is
 * passed back in its place. Under `vmap` it is called once for all examples, or, where it looks at numbers, for one after another.
 * @throws TapeError where what it returns is differentiated again, though it was worked out in numbers.
 * @example
 * const seen: number[] = [];
 * grad((x) => onGradient(x.mul(2), (dy) => { seen.push(dy.item()); }).mul(3))(Tensor.of(1)).item() // => 6
 * seen // => [3]
 */
export function onGradient(x: Tensor, look: (dy: Tensor) => Tensor | undefined): Tensor {
  checkFunction('onGradient', look);
  return customVjp(
    function onGradient(x: Tensor) {
      return x;
    },
    ({ dy }) => [look(dy) ?? dy],
  )(x);
}
