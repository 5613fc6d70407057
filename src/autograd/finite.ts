/** Where the first NaN or infinity comes from, and why. */

import { type Census, censusOf } from '../base/census.ts';
import { NonFiniteError, tellLayer } from '../base/errors.ts';
import { formatShape, stridesOf } from '../base/shape.ts';
import type { NonFiniteFamily, Op } from '../tensor/op.ts';
import { Parameter } from '../tensor/parameter.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { wholeOf } from '../tensor/traced.ts';

type Inputs = Readonly<Record<string, Tensor>>;
type Pass = 'forward' | 'backward';

/** The layer whose forward pass performed an operation, or else the last layer before it, as far as parameters know their paths. */
export interface Place {
  readonly layer: string;
  readonly within: boolean;
}

/** Whether an operation made what none of its inputs had: a NaN without a NaN, an infinity without either. */
function arose(output: Census, inputs: readonly Census[]): boolean {
  return (
    (output.nan > 0 && inputs.every(({ nan }) => nan === 0)) ||
    (output.infinite > 0 && inputs.every(({ nan, infinite }) => nan + infinite === 0))
  );
}

/** `3 of 10 elements are not finite, the first, NaN, at [0, 2]` */
function found({ shape, size, numbers: data }: Tensor, { nan, infinite, first }: Census): string {
  const count = nan + infinite;
  const indices = stridesOf(shape).map((stride, axis) => Math.floor(first / stride) % shape[axis]!);
  const place = shape.length === 0 ? '' : `, at ${formatShape(indices)}`;
  return `${count} of ${size} element${size === 1 ? '' : 's'} ${count === 1 ? 'is' : 'are'} not finite, the first, ${data[first]}${place}`;
}

/** `x [2, 3] from -1 to 4` */
function range(name: string, { shape, numbers: data }: Tensor): string {
  const { nan, infinite, min, max } = censusOf(data);
  const numbers = min > max ? 'has no finite element' : min === max ? `is ${min}` : `from ${min} to ${max}`;
  return `${name} ${formatShape(shape)} ${numbers}${nan + infinite > 0 ? `, and ${nan + infinite} not finite` : ''}`;
}

const TOO_LARGE = 'numbers that grew too large; the learning rate may be too high: lower it, or clip the gradients';

/** The causes that several operations share. `counts` is of the numbers in which the NaN or infinity arose. */
const causes: Readonly<Record<NonFiniteFamily, (inputs: readonly Tensor[], pass: Pass, counts: Census) => string | undefined>> = {
  // Of a negative number a logarithm is NaN; of 0 it is infinite, and so is its slope, or NaN where the gradient that arrives is 0.
  logarithm: (_, pass, { infinite }) =>
    pass === 'backward' || infinite > 0
      ? 'the logarithm of 0; keep it above 0, or work with logarithms from the start: logSoftmax, crossEntropy'
      : 'the logarithm of a negative number',
  division: (inputs) => (inputs.at(-1)!.data.includes(0) ? 'division by 0; add a small number to the divisor' : undefined),
  exponential: () => 'overflow of the exponential; take the largest out first, as softmax and logSumExp do',
  domain: () => 'an argument outside, or at the edge, of where the function is defined',
  power(inputs, pass) {
    const { numbers } = inputs[0]!;
    if (numbers.some((x) => x < 0)) return 'a power of a negative number, which only whole exponents have';
    return numbers.includes(0) ? `${pass === 'backward' ? 'the slope of ' : ''}a negative power at 0` : undefined;
  },
  root(inputs, pass) {
    const { numbers } = inputs[0]!;
    if (numbers.some((x) => x < 0)) return 'the root of a negative number; a variance that rounding made negative?';
    return pass === 'backward' && numbers.includes(0)
      ? 'the slope of the root at 0; add a small number before the root, or use norm'
      : undefined;
  },
};

/** Nothing arrived, and became NaN: a branch that was not taken, whose slope is infinite. */
const NOT_TAKEN =
  '0 · ∞, the gradient of a branch that where, an index or clamp did not take, and whose slope is infinite; ' +
  'give it a harmless argument: where(c, f(where(c, x, 1)), 0)';

/** Whether a gradient of 0 became NaN, in an operation that passes each element back by itself. */
const isNotTaken = (dy: Tensor, dx: Tensor, { first }: Census): boolean =>
  dy.size === dx.size && dy.numbers[first] === 0 && Number.isNaN(dx.numbers[first]);

function causeOf({ nonFinite }: Op<any, any>, inputs: Inputs, pass: Pass, counts: Census): string {
  const cause =
    typeof nonFinite === 'string'
      ? causes[nonFinite](Object.values(inputs), pass, counts)
      : nonFinite?.(inputs as Record<any, Tensor>, pass);
  return cause ?? TOO_LARGE;
}

/** The tensors with all examples of them, where they are mapped: a NaN of any example counts. */
const wholes = (inputs: Inputs): Inputs => Object.fromEntries(Object.entries(inputs).map(([name, x]) => [name, wholeOf(x)]));

/** Refuses what came from outside and is not finite: a NaN in data, or a parameter that an earlier step made NaN or infinite. */
export function checkGiven(given: Tensor, name: string): void {
  const x = wholeOf(given);
  const counts = censusOf(x.numbers);
  const isParameter = given instanceof Parameter;
  // An infinity that is data may be meant: a mask.
  if (counts.nan === 0 && !(isParameter && counts.infinite > 0)) return;
  const cause = isParameter
    ? 'an earlier step spoiled it: the learning rate may be too high, or the gradients had a NaN'
    : 'the data has it already';
  throw new NonFiniteError(`${name}, of shape ${formatShape(x.shape)}: ${found(x, counts)}; ${cause}`);
}

/** Refuses the result of an operation in which a NaN or an infinity arose. `placeOf` finds the layer. */
export function checkMade(op: Op<any, any>, parts: Inputs, result: Tensor, placeOf: () => Place | undefined): void {
  const [inputs, output] = [wholes(parts), wholeOf(result)];
  const counts = censusOf(output.numbers);
  if (counts.nan + counts.infinite === 0) return;
  if (
    !arose(
      counts,
      Object.values(inputs).map(({ numbers }) => censusOf(numbers)),
    )
  )
    return;
  const given = Object.entries(inputs).map(([name, x]) => range(name, x));
  refuse(
    `${op.name}: in the result of shape ${formatShape(output.shape)}, ${found(output, counts)}; given ${given.join(', ')}; likely cause: ${causeOf(op, inputs, 'forward', counts)}`,
    placeOf,
  );
}

/** Refuses the gradient `dx` for an input in which a NaN or an infinity arose that the gradient `dy` did not have. `placeOf` finds the layer. */
export function checkPassed(
  op: Op<any, any>,
  input: string,
  parts: Inputs,
  incoming: Tensor,
  outgoing: Tensor,
  placeOf: () => Place | undefined,
): void {
  const [inputs, dy, dx] = [wholes(parts), wholeOf(incoming), wholeOf(outgoing)];
  const counts = censusOf(dx.numbers);
  if (counts.nan + counts.infinite === 0 || !arose(counts, [censusOf(dy.numbers)])) return;
  const given = [range('the gradient that arrives', dy), ...Object.entries(inputs).map(([name, x]) => range(name, x))];
  const cause = causeOf(op, inputs, 'backward', counts) + (isNotTaken(dy, dx, counts) ? `; or ${NOT_TAKEN}` : '');
  refuse(
    `${op.name}, backward: in the gradient for ${input}, of shape ${formatShape(dx.shape)}, ${found(dx, counts)}; given ${given.join(', ')}; likely cause: ${cause}`,
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
