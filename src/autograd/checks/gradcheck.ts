import { DerivativeError } from '../../base/errors.ts';
import { numberAbove, numberFrom, optional, readOptions } from '../../base/options.ts';
import { formatShape, stridesOf } from '../../base/shape.ts';
import type { Shape } from '../../base/shape-types.ts';
import { checkTensor, Tensor } from '../../tensor/tensor.ts';
import { computingAgain } from '../../tensor/training-scope.ts';
import { checkFunction } from '../check-function.ts';
import { vjp, vjpAs } from '../transforms/derivatives.ts';
import type { TensorFunction } from '../transforms/tensor-function.ts';

/** How to check derivatives. */
export interface GradcheckOptions {
  /** The larger of the two steps by which each element is changed; the other is half of it. Default 1e-3. */
  readonly step?: number;
  /** By how much derivative and measurement may differ, relative to the larger of the measurement and 1. Default 1e-6 for `gradcheck`,
   * 1e-5 for `gradgradcheck`. */
  readonly tolerance?: number;
}

/** What the larger step must be. */
const STEP = /* @__PURE__ */ optional(/* @__PURE__ */ numberAbove(0), 1e-3);

/**
 * Checks the derivative of a function against finite differences: changes every element of every argument, and measures how the value
 * changes.
 *
 * Works in float64, whatever the dtype of the arguments. The value may have any shape; a fixed linear combination of its elements is
 * compared. The measurement is `(4 D(h/2) − D(h)) / 3` of central differences `D(h) = (f(x + h) − f(x − h)) / 2h`, whose error shrinks as
 * `h⁴` (Richardson). It evaluates, unless it is called in `training`: then every call draws the same numbers, and no buffer is replaced.
 *
 * @throws DerivativeError naming the argument, the place in it, both numbers, and whether a kink is likely: where both steps measure
 *   differently.
 * @example
 * gradcheck((x) => x.sigmoid(), [Tensor.of([-1, 0, 2])])
 * gradcheck((x) => x.abs(), [Tensor.of([0.0001])]) // throws DerivativeError
 */
export function gradcheck(f: TensorFunction<any>, xs: readonly Tensor[], options?: GradcheckOptions): void {
  const { step, tolerance } = readOptions<GradcheckOptions>('gradcheck', options, { step: STEP, tolerance: optional(numberFrom(0), 1e-6) });
  checkFunction('gradcheck', f);
  const wide = checkArguments('gradcheck', xs);
  const again = computingAgain(false);
  const [y, pullback] = again(() => vjpAs('gradcheck', f, wide));
  const weights = mixture(y);
  const gradients = pullback(weights) as readonly Tensor[];
  wide.forEach((x, which) => {
    for (let place = 0; place < x.size; place++) {
      const slope = (h: number) => {
        const at = (by: number) =>
          dot(
            weights,
            again(() => f(...wide.with(which, nudge(x, place, by)))),
          );
        return (at(h) - at(-h)) / (2 * h);
      };
      const [coarse, fine] = [slope(step), slope(step / 2)];
      const measured = (4 * fine - coarse) / 3;
      const claimed = gradients[which]!.data[place]!;
      const allowed = tolerance * Math.max(1, Math.abs(measured));
      if (Math.abs(measured - claimed) <= allowed) continue;
      const kink = Math.abs(coarse - fine) > 100 * allowed ? '; the two steps disagree, so a kink or a jump is likely nearby' : '';
      throw new DerivativeError(
        `gradcheck: argument ${which} of shape ${formatShape(x.shape)}, element ${placeIn(x.shape, place)} = ${x.data[place]}: the derivative claims ${claimed}, ` +
          `finite differences measure ${measured} (${coarse} with a step of ${step}, ${fine} with half of it)${kink}`,
      );
    }
  });
}

/**
 * Checks the second derivatives of a function against the first: `gradcheck` of its gradients, for a gradient that arrives with a different
 * number for each element.
 *
 * @throws DerivativeError, as `gradcheck` does.
 * @example
 * gradgradcheck((x) => x.sigmoid(), [Tensor.of([-1, 0, 2])])
 */
export function gradgradcheck(f: TensorFunction<any>, xs: readonly Tensor[], options?: GradcheckOptions): void {
  const checked = readOptions<GradcheckOptions>('gradgradcheck', options, { step: STEP, tolerance: optional(numberFrom(0), 1e-5) });
  checkFunction('gradgradcheck', f);
  const wide = checkArguments('gradgradcheck', xs);
  const again = computingAgain(false);
  const dy = mixture(again(() => vjpAs('gradgradcheck', f, wide))[0]);
  wide.forEach((_, which) => {
    try {
      again(() => gradcheck((...at: Tensor[]) => vjp(f, ...at)[1](dy)[which]!, wide, checked));
    } catch (error) {
      if (!(error instanceof DerivativeError)) throw error;
      throw new DerivativeError(`gradgradcheck: in the gradient for argument ${which}: ${error.message}`, { cause: error });
    }
  });
}

/** The arguments in float64, if there are any and all of them are floats. */
function checkArguments(name: string, xs: readonly Tensor[]): Tensor[] {
  if (!Array.isArray(xs) || xs.length === 0)
    throw new DerivativeError(`${name}: expected a list of at least one argument, ${name}(f, [x])`);
  return (xs as readonly Tensor[]).map((x, i) => {
    checkTensor(name, `argument ${i}`, x);
    if (x.dtype !== 'int32') return x.cast('float64');
    throw new DerivativeError(
      `${name}: argument ${i} of shape ${formatShape(x.shape)} is int32, which has no derivative; let the function close over it`,
    );
  });
}

/** The weights of the linear combination: different for each element, and without symmetry. */
export const mixture = (y: Tensor): Tensor =>
  new Tensor(
    y.shape,
    Float64Array.from({ length: y.size }, (_, i) => (((i * 37 + 11) % 101) - 50.5) / 40),
  );

/** A place in row-major order as indices: `[1, 2]`. */
export const placeIn = (shape: Shape, place: number): string =>
  formatShape(stridesOf(shape).map((stride, axis) => Math.floor(place / stride) % shape[axis]!));

/** The slope of one element of a function's value along one element of its argument, as two central differences measure it (Richardson). */
export function differences(f: TensorFunction<[Tensor]>, x: Tensor, step = 1e-3): (of: number, along: number) => number {
  const measured = Array.from({ length: x.size }, (_, place) =>
    [step, -step, step / 2, -step / 2].map((by) => f(nudge(x, place, by)).data),
  );
  return (of, along) => {
    const [right, left, near, nearLeft] = measured[along]!.map((y) => y[of]!) as [number, number, number, number];
    return (4 * ((near - nearLeft) / step) - (right - left) / (2 * step)) / 3;
  };
}

function nudge(x: Tensor, place: number, by: number): Tensor {
  const data = x.data.slice();
  data[place]! += by;
  return new Tensor(x.shape, data);
}

function dot(a: Tensor, b: Tensor): number {
  let total = 0;
  for (let i = 0; i < a.size; i++) total += a.data[i]! * b.data[i]!;
  return total;
}
