import { DerivativeError } from '../tensor/errors.ts';
import { show } from '../tensor/shape.ts';
import { checkTensor, Tensor } from '../tensor/tensor.ts';
import { type TensorFunction, vjp } from './derivatives.ts';

/** How to check. */
export interface Gradcheck {
  /** The larger of the two steps by which each element is nudged; the other is half of it. 1e-3 unless told. */
  readonly step?: number;
  /** By how much derivative and measurement may differ, relative to the larger of the measurement and 1. 1e-6 unless told. */
  readonly tolerance?: number;
}

/**
 * Checks the derivative of a function against its definition: nudges every element of every argument, and sees how the value moves.
 *
 * Works in float64, whatever the arguments are. The value may have any shape; a fixed mixture of its elements is what is compared. The measurement
 * is `(4 D(h/2) − D(h)) / 3` of central differences `D(h) = (f(x + h) − f(x − h)) / 2h`, whose error shrinks as `h⁴` (Richardson).
 *
 * @throws DerivativeError naming the argument, the place in it, both numbers, and whether a kink is likely: where both steps measure differently.
 * @example
 * gradcheck((x) => x.sigmoid(), [Tensor.of([-1, 0, 2])])
 * gradcheck((x) => x.abs(), [Tensor.of([0.0001])]) // throws DerivativeError
 */
export function gradcheck(f: TensorFunction<any>, xs: readonly Tensor[], { step = 1e-3, tolerance = 1e-6 }: Gradcheck = {}): void {
  if (!Array.isArray(xs) || xs.length === 0)
    throw new DerivativeError('gradcheck: expected a list of at least one argument, gradcheck(f, [x])');
  xs.forEach((x, i) => {
    checkTensor('gradcheck', `argument ${i}`, x);
    if (x.dtype === 'int32')
      throw new DerivativeError(
        `gradcheck: argument ${i} of shape ${show(x.shape)} is int32, which has no derivative; let the function close over it`,
      );
  });
  const wide = (xs as readonly Tensor[]).map((x) => x.cast('float64'));
  const [y, pullback] = vjp(f, ...wide);
  const weights = mixture(y);
  const gradients = pullback(weights) as readonly Tensor[];
  wide.forEach((x, which) => {
    for (let place = 0; place < x.size; place++) {
      const slope = (h: number) => {
        const at = (by: number) => dot(weights, f(...wide.with(which, nudge(x, place, by))));
        return (at(h) - at(-h)) / (2 * h);
      };
      const [coarse, fine] = [slope(step), slope(step / 2)];
      const measured = (4 * fine - coarse) / 3;
      const claimed = gradients[which]!.data[place]!;
      const allowed = tolerance * Math.max(1, Math.abs(measured));
      if (Math.abs(measured - claimed) <= allowed) continue;
      const kink = Math.abs(coarse - fine) > 100 * allowed ? '; the two steps disagree, so a kink or a jump is likely nearby' : '';
      throw new DerivativeError(
        `gradcheck: argument ${which} of shape ${show(x.shape)}, element ${place} = ${x.data[place]}: the derivative claims ${claimed}, ` +
          `nudging measures ${measured} (${coarse} with a step of ${step}, ${fine} with half of it)${kink}`,
      );
    }
  });
}

/** Weights that favour no element of a value, and no symmetry between elements. */
const mixture = (y: Tensor): Tensor =>
  new Tensor(
    y.shape,
    Float64Array.from({ length: y.size }, (_, i) => (((i * 37 + 11) % 101) - 50.5) / 40),
  );

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
