/**
 * What an operation is: plain data. Its value, its shape, one derivative per input,
 * and a sample of valid arguments. `Tensor` performs it, a tape remembers it,
 * the tests check it; none of them needs to know which operation it is.
 */

import { convert, type Data, type Dtype, type FloatDtype } from '../base/dtype.ts';
import { broadcastShape } from '../base/shape.ts';
import type { Shape } from '../base/shape-types.ts';
import { type Formula, formula } from '../formula/formula.ts';
import type { Elementwise } from '../formula/methods.ts';
import type { Machine } from '../machine/machine.ts';
import type { LazyMatmul } from '../machine/storage.ts';
import type { Batching } from './batch.ts';
import type { Tensor } from './tensor.ts';

/** The inputs of an operation by name, and its attributes (axes, sizes, …) beside them. */
export type OpArguments<In extends string, Attributes> = { readonly [name in In]: Tensor } & Readonly<Attributes>;

/** What a derivative sees: all that was given, the output `y`, and the gradient `dy` arriving at it. */
export type RuleArguments<In extends string, Attributes> = OpArguments<In, Attributes> & { readonly y: Tensor; readonly dy: Tensor };

/** The gradient for one input, written in operations, so that it can be differentiated again. */
export type Derivative<In extends string, Attributes = object> = (scene: RuleArguments<In, Attributes>) => Tensor;

/** The gradient for one input as a product that is not formed yet; `undefined` where it has to be formed at once. */
export type LazyDerivative<In extends string, Attributes = object> = (
  given: RuleArguments<In, Attributes>,
  machine: Machine,
) => LazyMatmul | undefined;

/** One derivative per input; `null` where the result does not change with an input, but for jumps. */
export type Derivatives<In extends string, Attributes = object> = { readonly [name in In]: Derivative<In, Attributes> | null };

/**
 * An operation: all that is to be known of it, in one literal.
 *
 * @example
 * const cube = unaryOp('cube', { forward: (x) => x.mul(x).mul(x), backward: ({ dy, x }) => dy.mul(x).mul(x).mul(3) });
 * perform(cube, { x: Tensor.of([1, 2]) }).toArray() // => [1, 8]
 * @example
 * import type { Op } from 'tapegrad';
 * const reverse: Op<'x'> = {
 *   name: 'reverse',
 *   shape: ({ x }) => x.shape,
 *   forward: ({ x }) => x.data.slice().reverse(),
 *   backward: { x: ({ dy }) => perform(reverse, { x: dy }) },
 *   sample: (draw) => ({ x: draw.tensor([draw.size()]) }),
 * };
 * checkOperation(reverse);
 * grad((x) => perform(reverse, { x }).mul(Tensor.of([1, 2, 3])).sum())(Tensor.of([0, 0, 0])).toArray() // => [3, 2, 1]
 */
export interface Op<In extends string = string, Attributes = object> {
  /** As it is called on a tensor, on a tape and in an error. */
  readonly name: string;
  /** One derivative per input, or, where there may be any number of inputs, a function that makes the one for each. */
  readonly backward: Derivatives<In, Attributes> | ((input: string) => Derivative<In, Attributes>);
  /** Inputs that hold indices: int32, whatever the others hold. */
  readonly indices?: readonly In[];
  /** Whether the other inputs may be int32 as well. By default they may not. */
  readonly dtypes?: 'floats' | 'any';
  /** How it is done for many examples at once. Unless told, it is done for one after another; what is elementwise need not tell. */
  readonly batching?: Batching<In, Attributes>;
  /** The shape of the result; throws a `ShapeError` when there is none. */
  shape(given: OpArguments<In, Attributes>): Shape;
  /**
   * Derivatives as products that are formed when they are read, to the same bits as `backward`. The sweep asks for those of parameters, since an
   * optimizer may use them unformed. By default there are none.
   * @internal
   */
  readonly lazyBackward?: { readonly [name in In]?: LazyDerivative<In, Attributes> };
  /** The numbers of the result, in an array of its own, for the shape that `shape` gave. All arithmetic is the machine's. */
  forward(given: OpArguments<In, Attributes>, shape: Shape, machine: Machine): Data;
  /** Arguments for which the operation is defined and smooth. */
  sample(draw: Draw): OpArguments<In, Attributes>;
}

/** Where samples come from. The tests draw at random and shrink what fails. */
export interface Draw {
  /** A whole number, for the size of an axis. */
  size(): number;
  axis(shape: Shape): number;
  /** Some axes of a shape in ascending order, perhaps none. */
  axes(shape: Shape): readonly number[];
  oneOf<T>(...choices: readonly T[]): T;
  tensor(shape: Shape, domain?: Domain): Tensor;
  /** An int32 tensor of numbers from 0 to `below − 1`. */
  indices(shape: Shape, below: number): Tensor;
}

/** Where a function is defined and smooth. */
export interface Domain {
  readonly from: number;
  readonly to: number;
  readonly awayFromZero?: boolean;
  /** No two numbers of a tensor are alike. */
  readonly distinct?: boolean;
  /** Numbers between those that other domains draw, so that two tensors never agree. */
  readonly between?: boolean;
}

export const reals: Domain = { from: -2, to: 2 };
export const positives: Domain = { from: 0.2, to: 3 };
export const nonzeros: Domain = { from: -2, to: 2, awayFromZero: true };
export const distinct: Domain = { from: -100, to: 100, distinct: true };
export const between: Domain = { from: -2, to: 2, between: true };

/** What a derivative of an elementwise operation sees: tensors, or formulas. */
export type ElementwiseRuleArguments<In extends string, T> = { readonly [name in In | 'y' | 'dy']: T };

/** A derivative written with what tensors and formulas share, so that it can be read as either. */
export type ElementwiseDerivative<In extends string> = <T extends Elementwise<T>>(scene: ElementwiseRuleArguments<In, T>) => T;

/** An operation on each element by itself, after broadcasting. */
export interface ElementwiseOp<In extends string = string> extends Op<In> {
  /** How one element of the result is made from one element of each input, in the order of `backward`. */
  readonly formula: (dtype: FloatDtype) => Formula;
  readonly backward: { readonly [name in In]: ElementwiseDerivative<In> | null };
}

/**
 * An operation on each element by itself, after broadcasting. Its `forward` is a formula of its inputs, of which machines make loops or kernels;
 * the inputs are those that `backward` names, in that order. Formulas and rules are read once and remembered: they must depend on nothing but what
 * they are handed.
 *
 * On int32, where `dtypes` allows it, the formula is read in float64, which holds every int32.
 */
/* @__NO_SIDE_EFFECTS__ */
export function elementwiseOp<In extends string>(
  name: string,
  rule: {
    readonly forward: (...inputs: Formula[]) => Formula;
    readonly backward: ElementwiseOp<In>['backward'];
    readonly sample: (draw: Draw) => OpArguments<In, object>;
    readonly dtypes?: 'floats' | 'any';
  },
): ElementwiseOp<In> {
  const names = Object.keys(rule.backward) as In[];
  const forward = formula(rule.forward, names.length);
  return {
    name,
    formula: forward,
    backward: rule.backward,
    dtypes: rule.dtypes ?? 'floats',
    shape(given) {
      const first = given[names[0]!].shape;
      return names.length === 1 ? first : broadcastShape(name, first, ...names.slice(1).map((input) => given[input].shape));
    },
    forward(given, shape, machine) {
      const inputs: Tensor[] = [];
      for (const input of names) inputs.push(given[input]);
      const dtype: Dtype = inputs[0]!.dtype;
      if (dtype !== 'int32') return machine.map(forward(dtype), shape, inputs);
      const wide = inputs.map((x) => ({ shape: x.shape, data: convert(name, x.data, 'float64') }));
      return convert(name, machine.map(forward('float64'), shape, wide), 'int32');
    },
    sample: rule.sample,
  };
}

/** An operation on each element of one tensor. */
/* @__NO_SIDE_EFFECTS__ */
export function unaryOp(
  name: string,
  rule: { readonly forward: (x: Formula) => Formula; readonly backward: ElementwiseDerivative<'x'> | null; readonly domain?: Domain },
): ElementwiseOp<'x'> {
  return elementwiseOp<'x'>(name, {
    forward: (x) => rule.forward(x!),
    backward: { x: rule.backward },
    sample: (draw) => ({ x: draw.tensor([draw.size(), draw.size()], rule.domain) }),
  });
}

/** An operation on two tensors, element against element. `domains` says where each is defined and smooth. */
/* @__NO_SIDE_EFFECTS__ */
export function binaryOp(
  name: string,
  rule: {
    readonly forward: (a: Formula, b: Formula) => Formula;
    readonly backward: ElementwiseOp<'a' | 'b'>['backward'];
    readonly domains?: { readonly a?: Domain; readonly b?: Domain };
    readonly dtypes?: 'floats' | 'any';
  },
): ElementwiseOp<'a' | 'b'> {
  return elementwiseOp<'a' | 'b'>(name, {
    forward: (a, b) => rule.forward(a!, b!),
    backward: rule.backward,
    dtypes: rule.dtypes ?? 'floats',
    sample(draw) {
      const [m, n] = [draw.size(), draw.size()];
      const [whole, part] = [[m, n], draw.oneOf<Shape>([m, n], [1, n], [m, 1], [n], [])];
      const [a, b] = draw.oneOf<readonly [Shape, Shape]>([whole, part], [part, whole]);
      return { a: draw.tensor(a, rule.domains?.a), b: draw.tensor(b, rule.domains?.b) };
    },
  });
}
