/** Derivatives of functions, as functions. Each may be taken of another. The names are JAX's. */

import { isFloat } from '../../base/dtype.ts';
import { DerivativeError, ShapeError, TapeError } from '../../base/errors.ts';
import { check, wholeNumberFrom } from '../../base/options.ts';
import { formatShape, sameShape } from '../../base/shape.ts';
import { checkTensor, Tensor } from '../../tensor/tensor.ts';
import { checkFunction, checkTensors, describeResult } from '../check-function.ts';
import { startingGradient } from '../rules.ts';
import { TakenOut } from '../taken-out.ts';
import { Tape } from '../tape.ts';
import type { Like, TensorFunction } from './tensor-function.ts';
import { vmapOrEach } from './vmap.ts';

/**
 * A function's value, and its pullback: the function that carries a gradient of the value back to the arguments, `dy ↦ Jᵀ dy`.
 *
 * @returns `[y, pullback]`; the pullback may be called any number of times
 * @throws DerivativeError for int32 arguments.
 * @example
 * const [y, pullback] = vjp((x, w) => x.mul(w), Tensor.of([1, 2]), Tensor.of([3, 4]));
 * y.toArray() // => [3, 8]
 * pullback(Tensor.of([1, 10]))[1].toArray() // => [1, 20]
 */
export const vjp = <Xs extends readonly Tensor[], Y extends Tensor>(f: TensorFunction<Xs, Y>, ...xs: Xs): [Y, (dy: Y) => Like<Xs>] =>
  vjpAs('vjp', f, xs);

/** `vjp`, of which errors say that it was `where`. */
export function vjpAs<Xs extends readonly Tensor[], Y extends Tensor>(
  where: string,
  f: TensorFunction<Xs, Y>,
  xs: Xs,
): [Y, (dy: Y) => Like<Xs>] {
  checkFunction(where, f);
  // Fresh copies: an outer derivative may be taken of the same tensors.
  const own = xs.map((x, i) => copyOf(where, x, i)) as unknown as Xs;
  const tape = new Tape(Object.fromEntries(own.map((x, i) => [`x${i}`, x])));
  const y = tape.record(() => checkValue(where, f(...own)) as Y);
  const pullback = (dy: Y) => {
    checkTensor(where, 'the gradient of the value', dy);
    if (tape.has(y)) return tape.backward(y, own, { gradient: dy, keep: true });
    // The value does not depend on the arguments; dy is checked all the same.
    return own.map((x) => startingGradient('backward', y, dy) && Tensor.zeros(x.sizes, x.dtype));
  };
  return [y, pullback as (dy: Y) => Like<Xs>];
}

/**
 * A function's value, and how it changes along directions of the arguments: `J dx`, by pulling back the pullback, which is linear in `dy`.
 *
 * @param xs the arguments
 * @param dxs a direction for each, of the same shape
 * @returns `[y, dy]`
 * @example jvp((x) => x.mul(x), [Tensor.of([3])], [Tensor.of([1])])[1].toArray() // => [6]
 */
export function jvp<Xs extends readonly Tensor[], Y extends Tensor>(f: TensorFunction<Xs, Y>, xs: readonly [...Xs], dxs: Like<Xs>): [Y, Y] {
  checkFunction('jvp', f);
  checkTensors('jvp', 'argument', xs);
  checkTensors('jvp', 'direction', dxs);
  if (dxs.length !== xs.length) throw new ShapeError(`jvp: expected a direction for each of the ${xs.length} arguments, got ${dxs.length}`);
  xs.forEach((x, i) => {
    if (sameShape(x.sizes, dxs[i]!.sizes) && x.dtype === dxs[i]!.dtype) return;
    throw new ShapeError(
      `jvp: expected direction ${i} to be like its argument, ${x.dtype} ${formatShape(x.sizes)}, got ${dxs[i]!.dtype} ${formatShape(dxs[i]!.sizes)}`,
    );
  });
  const [y, pullback] = vjpAs<Xs, Y>('jvp', f, xs as unknown as Xs);
  if (xs.length === 0 || y.size === 0) return [y, Tensor.zeros(y.sizes, y.dtype) as Tensor as Y];
  const along = (dy: Tensor) => dot(pullback(dy as Y), dxs);
  const forward = () => {
    // The pullback is linear, so it has the same derivative everywhere: at 0 as well.
    const [, pushforward] = vjp(along, Tensor.zeros(y.sizes, y.dtype));
    return pushforward(Tensor.ones([], y.dtype))[0]!;
  };
  return [y, unlessTakenOut(forward, () => onBasis(along, y).reshape(y.sizes)) as Y];
}

/** What differentiating a pullback gives; or, where a rule in it is worked out in numbers and has no derivative, what its values give. */
function unlessTakenOut(differentiated: () => Tensor, fromValues: () => Tensor): Tensor {
  try {
    return differentiated();
  } catch (error) {
    if (!(error instanceof TakenOut)) throw error;
    return fromValues();
  }
}

/**
 * The gradient of a scalar function with respect to one of its arguments, by default the first.
 *
 * @throws ShapeError where the value is no scalar.
 * @example
 * grad((x) => x.mul(x).sum())(Tensor.of([1, 2])).toArray() // => [2, 4]
 * grad(grad((x) => x.mul(x).mul(x)))(Tensor.of(5)).item() // => 30
 */
export function grad<Xs extends readonly Tensor[]>(f: TensorFunction<Xs>): (...xs: Xs) => Xs[0];
export function grad<Xs extends readonly Tensor[], I extends number>(f: TensorFunction<Xs>, argument: I): (...xs: Xs) => Xs[I];
export function grad(f: TensorFunction, argument = 0): TensorFunction {
  return gradAs('grad', f, argument);
}

/**
 * The value of a scalar function, and its gradient with respect to one of its arguments, by default the first.
 *
 * @returns a function with value `[y, gradient]`
 * @throws ShapeError where the value is no scalar.
 * @example valueAndGrad((x) => x.mul(x).sum())(Tensor.of([1, 2]))[0].item() // => 5
 */
export function valueAndGrad<Xs extends readonly Tensor[]>(f: TensorFunction<Xs>): (...xs: Xs) => [Tensor, Xs[0]];
export function valueAndGrad<Xs extends readonly Tensor[], I extends number>(
  f: TensorFunction<Xs>,
  argument: I,
): (...xs: Xs) => [Tensor, Xs[I]];
export function valueAndGrad(f: TensorFunction, argument = 0): (...xs: readonly Tensor[]) => [Tensor, Tensor] {
  return valueAndGradAs('valueAndGrad', f, argument);
}

/** `valueAndGrad`, of which errors say that it was `where`. */
function valueAndGradAs(where: string, f: TensorFunction, argument = 0): (...xs: readonly Tensor[]) => [Tensor, Tensor] {
  checkFunction(where, f);
  check(where, { argument }, wholeNumberFrom(0));
  return (...xs) => {
    if (argument >= xs.length) throw new DerivativeError(`${where}: there is no argument ${argument} among the ${xs.length} given`);
    const x = xs[argument];
    checkTensor(where, `argument ${argument}`, x);
    const [y, pullback] = vjpAs(where, (x: Tensor) => f(...xs.with(argument, x)), [x]);
    if (y.size !== 1)
      throw new ShapeError(
        `${where}: expected a scalar function, got a value of shape ${formatShape(y.sizes)}; take its mean or sum, or use jacobian`,
      );
    return [y, pullback(Tensor.ones(y.sizes, y.dtype))[0]];
  };
}

/** `grad`, of which errors say that it was `where`. */
function gradAs(where: string, f: TensorFunction, argument?: number): TensorFunction {
  const both = valueAndGradAs(where, f, argument);
  return (...xs) => both(...xs)[1];
}

/**
 * All first derivatives of a function: `J[i…, j…] = ∂y[i…] / ∂x[j…]`, of shape `[...y.shape, ...x.shape]`.
 *
 * Row by row, backward, where the value has no more elements than the argument; else column by column, forward. All rows, or columns, are
 * computed at once, unless a derivative rule of your own (`customVjp`) performs other operations for another gradient.
 *
 * @example jacobian((x) => x.mul(x))(Tensor.of([1, 2])).toArray() // => [[2, 0], [0, 4]]
 */
export function jacobian(f: (x: Tensor) => Tensor): (x: Tensor) => Tensor {
  return jacobianAs('jacobian', f);
}

/** `jacobian`, of which errors say that it was `where`. */
function jacobianAs(where: string, f: (x: Tensor) => Tensor): (x: Tensor) => Tensor {
  checkFunction(where, f);
  return (x) => {
    checkTensor(where, 'the argument', x);
    const [y, pullback] = vjpAs(where, f, [x]);
    const shape = [...y.sizes, ...x.sizes];
    if (x.size === 0 || y.size === 0) return Tensor.zeros(shape, x.dtype);
    const back = (dy: Tensor) => pullback(dy)[0];
    const byRows = () => onBasis(back, y).reshape(shape);
    if (y.size <= x.size) return byRows();
    return unlessTakenOut(() => {
      // The pullback is linear, so its own pullback, at 0 as everywhere, carries a direction forward.
      const [, pushforward] = vjp(back, Tensor.zeros(y.sizes, y.dtype));
      const columns = onBasis((dx) => pushforward(dx)[0], x).reshape([x.size, y.size]);
      return columns.transpose().reshape(shape);
    }, byRows);
  };
}

/** The values of a linear function for every tensor like `x` that has a single 1 among zeros, one after another. */
const onBasis = (f: (x: Tensor) => Tensor, { sizes: shape, size, dtype }: Tensor): Tensor =>
  vmapOrEach(f)(Tensor.eye(size, dtype).reshape([size, ...shape]));

/**
 * All second derivatives of a scalar function: `H[i…, j…] = ∂²y / ∂x[i…] ∂x[j…]`, of shape `[...x.shape, ...x.shape]`.
 *
 * @throws ShapeError where the value is no scalar.
 * @example hessian((x) => x.mul(x).sum())(Tensor.of([1, 2])).toArray() // => [[2, 0], [0, 2]]
 */
export function hessian(f: (x: Tensor) => Tensor): (x: Tensor) => Tensor {
  return jacobianAs('hessian', gradAs('hessian', f));
}

/**
 * The Hessian of a scalar function times a vector, `H v`, without forming the Hessian: the gradient's own pullback.
 *
 * @param v of the shape of `x`
 * @throws ShapeError where the value is no scalar, or `v` is not like `x`.
 * @example hvp((x) => x.mul(x).mul(x).sum(), Tensor.of([1, 2]), Tensor.of([1, 10])).toArray() // => [6, 120]
 */
export function hvp(f: (x: Tensor) => Tensor, x: Tensor, v: Tensor): Tensor {
  checkFunction('hvp', f);
  checkTensor('hvp', 'x', x);
  checkTensor('hvp', 'v', v);
  return vjpAs<readonly [Tensor], Tensor>('hvp', gradAs('hvp', f), [x])[1](v)[0];
}

function copyOf(where: string, x: Tensor, which: number): Tensor {
  checkTensor(where, `argument ${which}`, x);
  if (isFloat(x.dtype)) return x.reshape(x.sizes);
  throw new DerivativeError(
    `${where}: argument ${which} of shape ${formatShape(x.sizes)} is int32, which has no derivative; let the function close over it instead`,
  );
}

function checkValue(where: string, y: unknown): Tensor {
  if (y instanceof Tensor) return y;
  throw new TapeError(
    `${where}: expected the function to return a tensor, got ${describeResult(y)}${typeof y === 'number' ? '; keep to tensors inside, and call item() outside' : ''}`,
  );
}

/** `Σ ⟨x, y⟩` over pairs of tensors. */
const dot = (xs: readonly Tensor[], ys: readonly Tensor[]): Tensor => xs.map((x, i) => x.mul(ys[i]!).sum()).reduce((a, b) => a.add(b));
