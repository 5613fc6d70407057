import { DerivativeError, ShapeError } from '../../base/errors.ts';
import { quote, refuseUnknown } from '../../base/options.ts';
import { formatShape, sameShape } from '../../base/shape.ts';
import { checkTensor, type Tensor } from '../../tensor/tensor.ts';
import { computingAgain } from '../../tensor/training-scope.ts';
import { grad, jacobian } from '../transforms/derivatives.ts';
import type { TensorFunction } from '../transforms/tensor-function.ts';
import { differences, placeIn } from './gradcheck.ts';

/** A derivative found three ways, element by element. */
export interface Comparison {
  readonly rows: readonly {
    /** Which element of the argument, or of the Jacobian. */
    readonly place: string;
    readonly closedForm: number;
    readonly autograd: number;
    readonly differences: number;
  }[];
  /** The largest distance between the closed form and autograd, relative to the larger of 1 and the closed form. */
  readonly autogradError: number;
  /** The largest distance between the closed form and finite differences, likewise. */
  readonly differencesError: number;
  toString(): string;
}

/**
 * A derivative worked out by hand beside the one that autograd finds and the one that finite differences measure, as a table: all three
 * should agree.
 *
 * @param options.closedForm the derivative as a formula of your own: the gradient of a scalar function, else the Jacobian
 *   `[...y.shape, ...x.shape]`
 * @param options.f the function
 * @param options.at where to compare, in float64
 * @throws ShapeError where the closed form has another shape than the derivative, DerivativeError for what is no function.
 * @example
 * const found = compareDerivatives({ closedForm: (x) => x.mul(2), f: (x) => x.mul(x).sum(), at: Tensor.of([1, -3]) });
 * found.autogradError // => 0
 * found.differencesError < 1e-8 // => true
 */
export function compareDerivatives(options: {
  readonly closedForm: TensorFunction<[Tensor]>;
  readonly f: TensorFunction<[Tensor]>;
  readonly at: Tensor;
}): Comparison {
  refuseUnknown('compareDerivatives', options ?? null, ['closedForm', 'f', 'at']);
  const { closedForm, f, at } = options;
  checkTensor('compareDerivatives', 'at', at);
  if (typeof closedForm !== 'function' || typeof f !== 'function')
    throw new DerivativeError(`compareDerivatives: expected functions closedForm and f, got ${quote(closedForm)} and ${quote(f)}`);
  const x = at.cast('float64');
  const again = computingAgain(false);
  const y = again(() => f(x));
  checkTensor('compareDerivatives', 'the value of f', y);
  const [claimed, found] = [closedForm(x), again(() => (y.rank === 0 ? grad(f)(x) : jacobian(f)(x)))];
  checkTensor('compareDerivatives', 'the value of closedForm', claimed);
  if (!sameShape(claimed.shape, found.shape))
    throw new ShapeError(
      `compareDerivatives: the derivative has shape ${formatShape(found.shape)}, the closed form ${formatShape(claimed.shape)}`,
    );
  const measured = differences((at) => again(() => f(at)), x);
  const rows = Array.from({ length: found.size }, (_, i) => ({
    place: placeIn(found.shape, i),
    closedForm: claimed.data[i]!,
    autograd: found.data[i]!,
    differences: measured(Math.floor(i / x.size), i % x.size),
  }));
  const error = (which: 'autograd' | 'differences') =>
    rows.reduce((worst, row) => Math.max(worst, Math.abs(row[which] - row.closedForm) / Math.max(1, Math.abs(row.closedForm))), 0);
  return {
    rows,
    autogradError: error('autograd'),
    differencesError: error('differences'),
    toString: () =>
      table(
        ['element', 'closed form', 'autograd', 'differences'],
        rows.map((row) => [row.place, ...[row.closedForm, row.autograd, row.differences].map(write)]),
      ),
  };
}

const write = (x: number): string => (Number.isFinite(x) ? x.toPrecision(10) : String(x));

/** Cells in columns, aligned at the right. */
function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = head.map((cell, i) => Math.max(cell.length, ...rows.map((row) => row[i]!.length)));
  return [head, ...rows].map((row) => row.map((cell, i) => cell.padStart(widths[i]!)).join('  ')).join('\n');
}
