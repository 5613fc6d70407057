/** Where the first NaN or infinity comes from, and why. */

import { NonFiniteError, tellLayer } from '../base/errors.ts';
import { formatShape, stridesOf } from '../base/shape.ts';
import type { Op } from '../tensor/op.ts';
import { Parameter } from '../tensor/parameter.ts';
import type { Tensor } from '../tensor/tensor.ts';

type Inputs = Readonly<Record<string, Tensor>>;

/** The layer in whose forward pass an operation stands, or else the last one before it, as far as parameters know their paths. */
export interface Place {
  readonly layer: string;
  readonly within: boolean;
}

/** How many elements are NaN, how many infinite, where the first of either is, and the range of all others. */
interface Census {
  readonly nan: number;
  readonly infinite: number;
  readonly first: number;
  readonly least: number;
  readonly most: number;
}

function census({ data }: Tensor): Census {
  let [nan, infinite, first, least, most] = [0, 0, -1, Infinity, -Infinity];
  for (let i = 0; i < data.length; i++) {
    const x = data[i]!;
    if (Number.isFinite(x)) {
      if (x < least) least = x;
      if (x > most) most = x;
      continue;
    }
    if (x !== x) nan++;
    else infinite++;
    if (first < 0) first = i;
  }
  return { nan, infinite, first, least, most };
}

/** Whether an operation brought forth what none of its inputs had: a NaN without a NaN, an infinity without an infinity. */
function brings(output: Census, inputs: readonly Census[]): boolean {
  return (
    (output.nan > 0 && inputs.every(({ nan }) => nan === 0)) ||
    (output.infinite > 0 && inputs.every(({ nan, infinite }) => nan + infinite === 0))
  );
}

const place = ({ shape }: Tensor, at: number): string =>
  shape.length === 0 ? '' : ` at ${formatShape(stridesOf(shape).map((stride, axis) => Math.floor(at / stride) % shape[axis]!))}`;

/** `3 of 10 elements are not finite, the first, NaN, at [0, 2]` */
function found(x: Tensor, { nan, infinite, first }: Census): string {
  const count = nan + infinite;
  return `${count} of ${x.size} element${x.size === 1 ? '' : 's'} ${count === 1 ? 'is' : 'are'} not finite, the first, ${x.data[first]},${place(x, first)}`.replace(
    /,$/,
    '',
  );
}

const range = (name: string, x: Tensor): string => {
  const { nan, infinite, least, most } = census(x);
  const strange = nan + infinite > 0 ? `, and ${nan + infinite} not finite` : '';
  return `${name} ${formatShape(x.shape)} ${least > most ? 'has no finite element' : least === most ? `is ${least}` : `from ${least} to ${most}`}${strange}`;
};

const has = (x: Tensor | undefined, is: (value: number) => boolean): boolean => x?.data.some(is) ?? false;
const zero = (x: number): boolean => x === 0;
const negative = (x: number): boolean => x < 0;

/** The likely reason, by what the operation is and what it was given. */
function causeOf(op: Op<any, any>, inputs: Inputs, backward: boolean): string {
  const { x, a, b } = inputs as { x?: Tensor; a?: Tensor; b?: Tensor };
  if (op.name === 'log' || op.name === 'log1p' || op.name === 'xlogy') {
    const [at, edge] = op.name === 'log1p' ? [x, -1] : [x ?? b, 0];
    if (has(at, (value) => value === edge))
      return `the logarithm of 0; keep it above 0, or work with logarithms from the start: logSoftmax, crossEntropy`;
    if (has(at, (value) => value < edge)) return 'the logarithm of a negative number';
  }
  if ((op.name === 'div' && has(b, zero)) || (op.name === 'reciprocal' && has(x, zero)))
    return 'division by 0; add a small number to the divisor';
  if (op.name === 'sqrt' && has(x, negative)) return 'the root of a negative number; a variance that rounding made negative?';
  if (op.name === 'sqrt' && backward && has(x, zero)) return 'the slope of the root at 0; add a small number before the root, or use norm';
  if (op.name === 'pow' && has(a, negative)) return 'a power of a negative number, which only whole exponents have';
  if (op.name === 'pow' && has(a, zero)) return `${backward ? 'the slope of ' : ''}a negative power at 0`;
  if (/^(exp|expm1|sinh|cosh|exp2)$/.test(op.name))
    return 'overflow of the exponential; take the largest out first, as softmax and logSumExp do';
  if (/^(asin|acos|atanh|acosh|logit)$/.test(op.name)) return 'an argument outside, or at the edge, of where the function is defined';
  return 'numbers that grew too large; the learning rate may be too high: lower it, or clip the gradients';
}

/** Refuses what came from outside and is no number: data, or a parameter that an earlier step spoiled. */
export function checkGiven(x: Tensor, name: string): void {
  const counts = census(x);
  const spoiled = x instanceof Parameter;
  // An infinity that is data may be meant: a mask.
  if (counts.nan === 0 && !(spoiled && counts.infinite > 0)) return;
  const cause = spoiled
    ? 'an earlier step spoiled it: the learning rate may be too high, or the gradients had a NaN'
    : 'the data has it already';
  throw new NonFiniteError(`${name}, of shape ${formatShape(x.shape)}: ${found(x, counts)}; ${cause}`);
}

/** Refuses an operation that brings forth what is not finite. `placeOf` tells where it stands, if that is known. */
export function checkMade(op: Op<any, any>, inputs: Inputs, output: Tensor, placeOf: () => Place | undefined): void {
  const counts = census(output);
  if (counts.nan + counts.infinite === 0 || !brings(counts, Object.values(inputs).map(census))) return;
  const given = Object.entries(inputs).map(([name, x]) => range(name, x));
  refuse(
    `${op.name}: in the result of shape ${formatShape(output.shape)}, ${found(output, counts)}; given ${given.join(', ')}; likely cause: ${causeOf(op, inputs, false)}`,
    placeOf,
  );
}

/** Refuses a derivative rule that brings forth what is not finite. */
export function checkPassed(
  op: Op<any, any>,
  input: string,
  inputs: Inputs,
  dy: Tensor,
  dx: Tensor,
  placeOf: () => Place | undefined,
): void {
  const counts = census(dx);
  if (counts.nan + counts.infinite === 0 || !brings(counts, [census(dy)])) return;
  const given = [range('the gradient that arrives', dy), ...Object.entries(inputs).map(([name, x]) => range(name, x))];
  refuse(
    `${op.name}, backward: in the gradient for ${input}, of shape ${formatShape(dx.shape)}, ${found(dx, counts)}; given ${given.join(', ')}; likely cause: ${causeOf(op, inputs, true)}`,
    placeOf,
  );
}

function refuse(message: string, placeOf: () => Place | undefined): never {
  const place = placeOf();
  if (!place) throw new NonFiniteError(message);
  throw place.within
    ? tellLayer(new NonFiniteError(message), place.layer, true)
    : new NonFiniteError(`${message}; it comes after ${place.layer}`);
}
