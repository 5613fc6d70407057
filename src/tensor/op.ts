/**
 * What an operation is: plain data. Its value, its shape, one derivative for each input, how it is batched and written, why it gives NaN,
 * and a sample of valid arguments. `perform` computes it, a tape records it, `vmap` batches it, the tests check it; nothing about it is
 * listed by name elsewhere.
 */

import { convert, type Data, type Dtype, type FloatData, type FloatDtype } from '../base/dtype.ts';
import { broadcastShape } from '../base/shape.ts';
import type { Shape } from '../base/shape-types.ts';
import { type Formula, formula } from '../formula/formula.ts';
import type { Elementwise } from '../formula/methods.ts';
import type { Machine } from '../machine/machine.ts';
import type { LazyMatmul } from '../machine/storage.ts';
import type { Tensor } from './tensor.ts';

/** What a shape rule and `forward` are handed: the inputs by name, and the attributes (axes, sizes, …) beside them. */
export type OpArguments<In extends string, Attributes> = { readonly [name in In]: Tensor } & Readonly<Attributes>;

/** What a derivative is handed: all arguments of the operation, its result `y`, and the gradient `dy` that arrives at the result. */
export type RuleArguments<In extends string, Attributes> = OpArguments<In, Attributes> & { readonly y: Tensor; readonly dy: Tensor };

/**
 * The gradient for one input, written in operations, so that it can be differentiated again. What the operation is composed of may be swept by `pullBack`.
 */
export type Derivative<In extends string, Attributes = object> = (given: RuleArguments<In, Attributes>, pullBack?: PullBack) => Tensor;

/** The gradients of some tensors where `dy` arrives at what a function of them returns. */
export type PullBack = (f: () => Tensor, xs: readonly Tensor[], dy: Tensor) => readonly Tensor[];

/** The gradient for one input as a product that is not formed yet; `undefined` where it has to be formed at once. */
export type LazyDerivative<In extends string, Attributes = object> = (
  given: RuleArguments<In, Attributes>,
  machine: Machine,
  usedBeforeParametersChange?: boolean,
) => LazyMatmul | undefined;

/** The numbers of the gradient for one input, computed in one go; `undefined` where that is not possible. */
export type DirectDerivative<In extends string, Attributes = object> = (
  given: RuleArguments<In, Attributes>,
  machine: Machine,
) => FloatData | undefined;

/** One derivative for each input; `null` for an input with which the result does not change, or only in jumps. */
export type Derivatives<In extends string, Attributes = object> = { readonly [name in In]: Derivative<In, Attributes> | null };

/**
 * Causes of a NaN or an infinity that several operations share:
 *
 * - `logarithm`: an input is 0, or negative.
 * - `division`: the last input, which is divided by, is 0.
 * - `exponential`: the result is beyond the largest number.
 * - `domain`: the function is defined on an interval, and an input lies outside of it or at the edge.
 * - `power`: the first input, which is raised to a power, is negative, or 0.
 * - `root`: the input is negative, or 0, where the slope of the root is infinite.
 */
export type NonFiniteFamily = 'logarithm' | 'division' | 'exponential' | 'domain' | 'power' | 'root';

/**
 * The likely cause of a NaN or an infinity that arose from finite numbers, in the result (`'forward'`) or in a gradient (`'backward'`): a
 * family, or a function that gives the cause in words, or `undefined` where it knows none.
 */
export type NonFiniteCause<In extends string = string> =
  | NonFiniteFamily
  // The type of a method, so that an operation of certain inputs is an operation of any inputs to the compiler.
  | { explain(inputs: { readonly [name in In]: Tensor }, pass: 'forward' | 'backward'): string | undefined }['explain'];

/**
 * An operation in one literal. `perform` computes it, and `checkOperation` checks all that is said here. What is computed element by
 * element is shorter with `unaryOp`, `binaryOp` or `elementwiseOp`, which write the literal.
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
  /** What a tape and an error call the operation. */
  readonly name: string;
  /** One derivative for each input; or, for any number of inputs, a function that gives the derivative for the input of a name. */
  readonly backward: Derivatives<In, Attributes> | ((input: string) => Derivative<In, Attributes>);
  /** The inputs that hold indices: they are int32, whatever the dtype of the others. Default none. */
  readonly indices?: readonly In[];
  /**
   * Which dtypes the other inputs may have: `'floats'`, float32 and float64; or `'any'`, int32 as well. All have the same, but for `'mixed'`: any
   * dtypes at once. Default `'floats'`.
   */
  readonly dtypes?: 'floats' | 'any' | 'mixed';
  /**
   * How `vmap` computes the operation for many examples at once: the family that it belongs to, or a function. Default: what is elementwise
   * broadcasts, any other operation is performed for one example after another.
   */
  readonly batching?: Batching<In, Attributes>;
  /**
   * How `explain` and `steps` write the operation in a formula: a text with the names of the inputs in their places, and a space before and
   * after each sign: `'a · b'`, `'a ∘ b'`, `'−x'`, `'xᵀ'`. What stands for an input comes in brackets where it needs them: `+`, `−`, `·`
   * and `/` bind as usual, any other sign joins names and calls only. Attributes are not written. Default `name(a, b, attribute: value)`.
   */
  readonly notation?: string;
  /**
   * Why a NaN or an infinity arises from finite inputs, for the error that `record(f, { check: 'finite' })` throws: a family of causes, or
   * a function of the inputs that gives the cause in words, such as `'division by 0; add a small number to the divisor'`. Default: numbers
   * that grew too large.
   */
  readonly nonFinite?: NonFiniteCause<In>;
  /** Whether a derivative is `null` though the result changes with the input, on purpose, as in `stopGradient`. Default false. */
  readonly stopsGradient?: boolean;
  /** The shape of the result. Throws a `ShapeError` where the arguments do not fit each other. */
  shape(given: OpArguments<In, Attributes>): Shape;
  /**
   * Derivatives as products that are formed when they are read, to the same bits as `backward`. The sweep asks for those of parameters,
   * since an optimizer may use them unformed. By default there are none.
   * @internal
   */
  readonly lazyBackward?: { readonly [name in In]?: LazyDerivative<In, Attributes> };
  /**
   * Derivatives with fewer passes over the numbers, to the same bits as `backward`, for sweeps that nobody records. By default there are none.
   * @internal
   */
  readonly directBackward?: { readonly [name in In]?: DirectDerivative<In, Attributes> };
  /**
   * The same by other operations: how it is written in ONNX where that has no name for it. By default it is made of no others.
   * @internal
   */
  composed?(given: OpArguments<In, Attributes>): Tensor;
  /**
   * The numbers of the result, in row-major order, in a new array, for the shape that the shape rule gave. Sums and products are left to
   * the machine, which computes the same bits everywhere.
   */
  forward(given: OpArguments<In, Attributes>, shape: Shape, machine: Machine): Data;
  /** Arguments drawn at random, for which the operation is defined and smooth. */
  sample(draw: Draw): OpArguments<In, Attributes>;
}

/** An input for many examples at once: with an axis for them in front, unless it is the same for each. */
export interface Batched {
  readonly x: Tensor;
  readonly batched: boolean;
}

/** An operation and its arguments for many examples. At least one input is batched. */
export interface BatchedCall<In extends string = string, Attributes = object> {
  readonly inputs: { readonly [name in In]: Batched };
  /** The attributes, as they are for one example. */
  readonly attributes: Attributes;
  /** The shape of the result for one example. */
  readonly shape: Shape;
  /** How many examples there are. */
  readonly count: number;
  /** Performs the operation, with the same attributes or others. */
  perform(inputs: { readonly [name in In]: Tensor }, attributes?: Attributes): Tensor;
}

/**
 * Operations whose call for many examples differs from that for one in the same way:
 *
 * - `axes`: attributes named `axis` and `axes` count axes; `to`, `sizes`, `starts` and `steps` have an element for each axis. All move up
 *   by one.
 * - `matrices`: what is computed lies in the last axes of each input; the axes before broadcast.
 * - `rows`: each row along the first axis of the inputs is computed by itself, so examples are more rows.
 */
export type BatchingFamily = 'axes' | 'matrices' | 'rows';

/**
 * How `vmap` computes an operation for many examples at once: the family that it belongs to, or a function that returns the results of all
 * examples along a first axis. The function may also return a family, for the calls in which the operation behaves as one.
 */
export type Batching<In extends string = string, Attributes = object> =
  | BatchingFamily
  | ((batch: BatchedCall<In, Attributes>) => Tensor | BatchingFamily);

/** What a `sample` draws its arguments from. Tests draw at random, and make smaller what fails. */
export interface Draw {
  /** A whole number, for the size of an axis. */
  size(): number;
  /** One of the axes of a shape. */
  axis(shape: Shape): number;
  /** Some axes of a shape in ascending order, perhaps none. */
  axes(shape: Shape): readonly number[];
  /** One of several values. */
  oneOf<T>(...choices: readonly T[]): T;
  /** A tensor of floats from a domain. Default from −2 to 2. */
  tensor(shape: Shape, domain?: Domain): Tensor;
  /** An int32 tensor of numbers from 0 to `below − 1`. */
  indices(shape: Shape, below: number): Tensor;
}

/** Where a function is defined and smooth: the numbers that a sample may have. */
export interface Domain {
  readonly from: number;
  readonly to: number;
  /** The operation means nothing beyond: no test draws other numbers, special ones neither. Default false. */
  readonly strict?: boolean;
  /** Leaves out a neighbourhood of 0. */
  readonly awayFromZero?: boolean;
  /** No two numbers of a tensor are equal, or nearly. */
  readonly distinct?: boolean;
  /** Numbers between those that other domains draw, so that no element of two tensors is equal, or nearly. */
  readonly between?: boolean;
}

export const reals: Domain = { from: -2, to: 2 };
export const positives: Domain = { from: 0.2, to: 3 };
export const nonzeros: Domain = { from: -2, to: 2, awayFromZero: true };
export const distinct: Domain = { from: -100, to: 100, distinct: true };
export const between: Domain = { from: -2, to: 2, between: true };

/** What a derivative of an elementwise operation is handed: tensors, or formulas. */
export type ElementwiseRuleArguments<In extends string, T> = { readonly [name in In | 'y' | 'dy']: T };

/** A derivative written with the methods that tensors and formulas share, so that it can be read as either. */
export type ElementwiseDerivative<In extends string> = <T extends Elementwise<T>>(given: ElementwiseRuleArguments<In, T>) => T;

/** An operation on each element by itself, after broadcasting. */
export interface ElementwiseOp<In extends string = string> extends Op<In> {
  /** The names of its inputs, in the order of `backward`. */
  readonly names: readonly In[];
  /** How one element of the result is computed from one element of each input, in the order of `backward`. */
  readonly formula: (dtype: FloatDtype) => Formula;
  /** What the formula was made by: so that formulas of several operations can be joined. */
  readonly rule: (...inputs: Formula[]) => Formula;
  readonly backward: { readonly [name in In]: ElementwiseDerivative<In> | null };
}

/** What an elementwise operation may say of itself as any `Op` does. */
export type OpDescription<In extends string> = Pick<Op<In>, 'notation' | 'nonFinite' | 'stopsGradient'> & {
  readonly dtypes?: 'floats' | 'any';
};

/** What `elementwiseOp` is told: the formula, in the order in which `backward` names the inputs, and a derivative for each. */
export type ElementwiseDescription<In extends string> = OpDescription<In> & {
  readonly forward: (...inputs: Formula[]) => Formula;
  readonly backward: ElementwiseOp<In>['backward'];
  readonly sample: (draw: Draw) => OpArguments<In, object>;
};

/** What `unaryOp` is told: the formula, its derivative, `null` for one that is 0 but for jumps, and where it is defined and smooth. */
export type UnaryDescription = OpDescription<'x'> & {
  readonly forward: (x: Formula) => Formula;
  readonly backward: ElementwiseDerivative<'x'> | null;
  readonly domain?: Domain;
};

/** What `binaryOp` is told: the formula, its derivatives, and where it is defined and smooth. */
export type BinaryDescription = OpDescription<'a' | 'b'> & {
  readonly forward: (a: Formula, b: Formula) => Formula;
  readonly backward: ElementwiseOp<'a' | 'b'>['backward'];
  readonly domains?: { readonly a?: Domain; readonly b?: Domain };
};

/** What `elementwiseOp` of `described-ops.ts` makes of a description that is known to be right. */
/* @__NO_SIDE_EFFECTS__ */
export function elementwiseOp<In extends string>(name: string, description: ElementwiseDescription<In>): ElementwiseOp<In> {
  const { forward: rule, ...described } = description;
  const names = Object.keys(described.backward) as In[];
  const forward = formula(rule, names.length);
  const { dtypes = 'floats', notation, nonFinite, stopsGradient, backward, sample } = described;
  // Always the same properties in the same order: engines read these several times as fast.
  const op = {
    name,
    backward,
    dtypes,
    notation,
    nonFinite,
    stopsGradient,
    sample,
    names,
    formula: forward,
    rule,
    shape(given: OpArguments<In, object>) {
      let { sizes: shape } = given[names[0]!];
      // A loop: to collect the shapes first takes as long as many an operation.
      for (let i = 1; i < names.length; i++) shape = broadcastShape(name, shape, given[names[i]!].sizes);
      return shape;
    },
    forward(given: OpArguments<In, object>, shape: Shape, machine: Machine) {
      const inputs: Tensor[] = [];
      for (const input of names) inputs.push(given[input]);
      const dtype: Dtype = inputs[0]!.dtype;
      if (dtype !== 'int32') return machine.map(forward(dtype), shape, inputs);
      const wide = inputs.map((x) => ({ sizes: x.sizes, data: convert(name, x.numbers, 'float64') }));
      return convert(name, machine.map(forward('float64'), shape, wide).map(Math.floor), 'int32');
    },
  };
  return op as ElementwiseOp<In>;
}

/** What `unaryOp` makes of one. */
/* @__NO_SIDE_EFFECTS__ */
export function unaryOp(name: string, description: UnaryDescription): ElementwiseOp<'x'> {
  const { forward, backward, domain, ...described } = description;
  return elementwiseOp<'x'>(name, {
    ...described,
    forward: (x) => forward(x!),
    backward: { x: backward },
    sample: (draw) => ({ x: draw.tensor([draw.size(), draw.size()], domain) }),
  });
}

/** What `binaryOp` makes of one. */
/* @__NO_SIDE_EFFECTS__ */
export function binaryOp(name: string, description: BinaryDescription): ElementwiseOp<'a' | 'b'> {
  const { forward, domains, ...described } = description;
  return elementwiseOp<'a' | 'b'>(name, {
    ...described,
    forward: (a, b) => forward(a!, b!),
    sample(draw) {
      const [m, n] = [draw.size(), draw.size()];
      const [whole, part] = [[m, n], draw.oneOf<Shape>([m, n], [1, n], [m, 1], [n], [])];
      const [a, b] = draw.oneOf<readonly [Shape, Shape]>([whole, part], [part, whole]);
      return { a: draw.tensor(a, domains?.a), b: draw.tensor(b, domains?.b) };
    },
  });
}
