/** Operations that are described by a formula, for whoever writes one: the description is checked, which that of the library's own need not be. */

import { DerivativeError } from '../base/errors.ts';
import { check, oneOf, quote, refuseUnknown } from '../base/options.ts';
import type { BinaryDescription, ElementwiseDescription, ElementwiseOp, UnaryDescription } from './op.ts';
import * as op from './op.ts';

/**
 * An operation on each element by itself, after broadcasting. Its `forward` is a formula of its inputs, which a machine reads as a loop or
 * as a kernel; the inputs are those that `backward` names, in that order. Formulas and rules are read once and remembered: they must depend
 * on nothing but what they are handed.
 *
 * On int32, where `dtypes` allows it, the formula is read in float64, which holds every int32; the results are rounded down, and refused if int32
 * cannot hold them.
 *
 * @example
 * const mix = elementwiseOp('mix', {
 *   forward: (a, b, weight) => a!.add(b!.sub(a!).mul(weight!)),
 *   backward: {
 *     a: ({ dy, weight }) => dy.mul(weight.neg().add(1)),
 *     b: ({ dy, weight }) => dy.mul(weight),
 *     weight: ({ dy, a, b }) => dy.mul(b.sub(a)),
 *   },
 *   sample: (draw) => ({ a: draw.tensor([2, 3]), b: draw.tensor([3]), weight: draw.tensor([]) }),
 * });
 * perform(mix, { a: Tensor.of([0, 2]), b: Tensor.of([4, 4]), weight: Tensor.of(0.5) }).toArray() // => [2, 3]
 */
/* @__NO_SIDE_EFFECTS__ */
export function elementwiseOp<In extends string>(name: string, description: ElementwiseDescription<In>): ElementwiseOp<In> {
  checkDescription('elementwiseOp', name, description, ['sample']);
  checkBackward(name, description.backward);
  return op.elementwiseOp(name, description);
}

/**
 * An operation on each element of one tensor.
 * @param description its formula and its derivative, `null` for one that is 0 but for jumps; `domain`, where it is defined and smooth, default
 *   from −2 to 2
 * @example
 * const double = unaryOp('double', { forward: (x) => x.mul(2), backward: ({ dy }) => dy.mul(2), notation: '2x' });
 * perform(double, { x: Tensor.of([1, 2]) }).toArray() // => [2, 4]
 */
/* @__NO_SIDE_EFFECTS__ */
export function unaryOp(name: string, description: UnaryDescription): ElementwiseOp<'x'> {
  checkDescription('unaryOp', name, description, ['domain']);
  return op.unaryOp(name, description);
}

/**
 * An operation on two tensors, element against element.
 * @param description its formula and its derivatives; `domains`, where it is defined and smooth, default each from −2 to 2
 * @example
 * const average = binaryOp('average', {
 *   forward: (a, b) => a.add(b).mul(0.5),
 *   backward: { a: ({ dy }) => dy.mul(0.5), b: ({ dy }) => dy.mul(0.5) },
 * });
 * perform(average, { a: Tensor.of([1, 2]), b: Tensor.of(4) }).toArray() // => [2.5, 3]
 */
/* @__NO_SIDE_EFFECTS__ */
export function binaryOp(name: string, description: BinaryDescription): ElementwiseOp<'a' | 'b'> {
  checkDescription('binaryOp', name, description, ['domains']);
  checkBackward(name, description.backward);
  return op.binaryOp(name, description);
}

/** Refuses a description that is none, has no formula, or says something that is not known. */
function checkDescription(where: string, name: unknown, description: object, own: readonly string[]): void {
  check(where, { name }, { words: 'the name of the operation', holds: (x) => typeof x === 'string' && x !== '' });
  refuseUnknown(`${where} '${name}'`, description ?? null, [
    'forward',
    'backward',
    'dtypes',
    'notation',
    'nonFinite',
    'stopsGradient',
    ...own,
  ]);
  const { forward, dtypes = 'floats' } = description as { readonly forward?: unknown; readonly dtypes?: unknown };
  check(`${where} '${name}'`, { dtypes }, oneOf('floats', 'any'));
  check(`${where} '${name}'`, { forward }, { words: 'a function of formulas', holds: (x) => typeof x === 'function' });
}

function checkBackward(name: string, backward: unknown): void {
  if (typeof backward !== 'object' || backward === null)
    throw new DerivativeError(`${name}: expected backward to be a derivative or null for each input, by name, got ${quote(backward)}`);
}
