import { DerivativeError } from '../../base/errors.ts';
import { defaultRandom, drawingAgain, type RandomState } from '../../base/random.ts';
import { formatShape, sameShape } from '../../base/shape.ts';
import type { Op } from '../../tensor/op.ts';
import { unrecorded } from '../../tensor/recorders.ts';
import { checkTensor, perform, Tensor } from '../../tensor/tensor.ts';
import type { TensorFunction } from './derivatives.ts';
import { vmapOrEach } from './vmap.ts';

/** A function's arguments, its value, and the gradient that arrives at it. */
export interface CustomRuleArguments<Xs extends readonly Tensor[]> {
  readonly xs: Xs;
  readonly y: Tensor;
  readonly dy: Tensor;
}

/**
 * A function with a derivative of your own: what happens inside is not recorded, and `backward` gives the gradients for the arguments. Written in
 * operations, it can be differentiated again. So an iteration can have the derivative of what it converges to, by the implicit function theorem,
 * instead of the derivative of every step.
 *
 * Under `vmap` both functions are mapped, and called for one example after another where they do other operations for another, as an iteration does
 * that ends sooner. What differs from example to example must be an argument.
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
export function customVjp<Xs extends readonly Tensor[]>(f: TensorFunction<Xs>, backward: Backward<Xs>): (...xs: Xs) => Tensor {
  const name = f.name || 'customVjp';
  return (...xs) => {
    xs.forEach((x, i) => {
      checkTensor(name, `argument ${i}`, x);
    });
    return performCustom(name, xs, f, backward);
  };
}

type Backward<Xs extends readonly Tensor[]> = (scene: CustomRuleArguments<Xs>) => readonly (Tensor | null)[];

const performCustom = <Xs extends readonly Tensor[]>(name: string, xs: Xs, f: TensorFunction<Xs>, backward: Backward<Xs>): Tensor =>
  perform(operationOf(name, xs.length, f, backward), Object.fromEntries(xs.map((x, i) => [`x${i}`, x])));

/** One operation, of as many inputs as there are arguments. */
function operationOf<Xs extends readonly Tensor[]>(name: string, count: number, f: TensorFunction<Xs>, backward: Backward<Xs>): Op<string> {
  const inputs = Array.from({ length: count }, (_, i) => `x${i}`);
  const argumentsOf = (given: Readonly<Record<string, Tensor>>) => inputs.map((input) => given[input]!) as unknown as Xs;
  let value: Tensor;
  let before: RandomState | undefined;
  // Whoever performs it again draws the same random numbers.
  const drawing = <T>(run: () => T): T => {
    if (before) return drawingAgain(before, run);
    before = defaultRandom().state;
    return run();
  };
  // One turn of the sweep asks for the gradient of each argument in turn, with one scene for all of them.
  const found = new WeakMap<object, readonly (Tensor | null)[]>();
  const gradientsOf = (scene: Readonly<Record<string, Tensor>>): readonly (Tensor | null)[] => {
    const known = found.get(scene);
    if (known) return known;
    const { y, dy } = scene as { y: Tensor; dy: Tensor };
    const xs = argumentsOf(scene);
    const gradients = backward({ xs, y, dy });
    check(name, xs, gradients);
    found.set(scene, gradients);
    return gradients;
  };
  return {
    name,
    dtypes: 'any',
    shape(given) {
      value = drawing(() => unrecorded(() => f(...argumentsOf(given))));
      checkTensor(name, 'its value', value);
      return value.shape;
    },
    forward: () => value.data.slice(),
    backward: (input) => (scene) => {
      const dx = gradientsOf(scene as never)[inputs.indexOf(input)];
      return dx ?? Tensor.zeros((scene as Readonly<Record<string, Tensor>>)[input]!.shape, scene.dy.dtype);
    },
    batching({ inputs: given }) {
      const all = inputs.map((input) => given[input]!);
      const axes = all.map(({ batched }) => (batched ? 0 : null));
      const each = vmapOrEach(
        (y: Tensor, dy: Tensor, ...xs: Tensor[]) => {
          const gradients = backward({ xs: xs as unknown as Xs, y, dy });
          check(name, xs, gradients);
          return gradients.map((dx, i) => dx ?? Tensor.zeros(xs[i]!.shape, dy.dtype));
        },
        { axes: [0, 0, ...axes] },
      );
      return performCustom<readonly Tensor[]>(
        name,
        all.map(({ x }) => x),
        (...xs) => drawing(() => vmapOrEach(f as TensorFunction, { axes })(...xs)),
        // All examples pass something to what is the same for each.
        ({ xs, y, dy }) => each(y, dy, ...xs).map((dx, i) => (all[i]!.batched ? dx : dx.sum(0))),
      );
    },
    sample: () => {
      throw new DerivativeError(`${name}: a function with a derivative of its own has no sample; check it with gradcheck(f, xs)`);
    },
  };
}

function check(name: string, xs: readonly Tensor[], gradients: readonly (Tensor | null)[]): void {
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
 * The same numbers, and a look at the gradient that comes back through them: `look` is called with it, and what it returns, if anything, goes on in
 * its place. Under `vmap` it sees the first example and the last.
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
