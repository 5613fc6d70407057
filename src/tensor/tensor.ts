import { checkLength, copyOf, countSteps, type DtypeOptions, dtypeFrom, evenly, fillBy, flattenNested } from '../base/create.ts';
import { checkCount, checkNormal, uniformNumbers } from '../base/distributions.ts';
import {
  checkDtype,
  checkFloatDtype,
  copied,
  type Data,
  type Dtype,
  type FloatDtype,
  isWhole,
  newData,
  sharedWhole,
} from '../base/dtype.ts';
import { DerivativeError, DtypeError, ShapeError, StateError, TapegradError, tellLayer, ValueError } from '../base/errors.ts';
import { isPlainObject, quote, refuseUnknown } from '../base/options.ts';
import { asPrimitive, print } from '../base/print.ts';
import { generatorOf, type Random, type Randomness } from '../base/random.ts';
import { checkShape, formatShape, normalizeAxes, normalizeAxis, sameShape, sizeOf } from '../base/shape.ts';
import type {
  Broadcast,
  Fits,
  Multiplies,
  Mutable,
  Nested,
  Product as ProductShape,
  Reduced,
  Resolved,
  Shape,
  ShapeOf,
  Transpose,
} from '../base/shape-types.ts';
import {
  checkPermutation,
  exchanged,
  flattenedShape,
  type Range,
  resolveShape,
  resolveSlice,
  squeezedShape,
  stretched,
} from '../base/slicing.ts';
import type { Elementwise } from '../formula/methods.ts';
import { machine } from '../machine/backend.ts';
import { KeptStorage, materialize, type Storage } from '../machine/storage.ts';
import { deviation, keepsDims, mean, multiply, oneHot, variance } from './composed.ts';
import type { ElementwiseOp, Op, OpArguments } from './op.ts';
import * as arithmetic from './ops/arithmetic.ts';
import * as comparison from './ops/comparison.ts';
import * as functions from './ops/elementary.ts';
import * as indexing from './ops/indexing.ts';
import * as products from './ops/matmul.ts';
import * as movement from './ops/movement.ts';
import * as reductions from './ops/reductions.ts';
import * as rounding from './ops/rounding.ts';
import * as softmaxes from './ops/softmax.ts';
import { callRecorders, type Ids, idIn, innerOf, setId, type Trace } from './recorders.ts';
import { Traced } from './traced.ts';

/** The method by which Node's console asks an object for its text. */
const inspect: unique symbol = /* @__PURE__ */ Symbol.for('nodejs.util.inspect.custom');

/** What the tensors of every copy of this package have, so that one copy can tell those of another from what is no tensor. */
const brand: unique symbol = /* @__PURE__ */ Symbol.for('tapegrad.Tensor');

/** One axis or several; negative ones count from the end. */
export type Axes = number | readonly number[];

/** Whether reduced axes are kept, with size 1. Default `false`. */
export interface KeepDims<K extends boolean = boolean> {
  readonly keepDims?: K;
}

/** What is subtracted from the number of elements in a variance. Default 1, for the unbiased estimate. */
export interface Correction {
  readonly correction?: number;
}

/** The generator or seed that random numbers come from (default: the default generator), and their dtype (default float32). */
export interface Drawing extends Randomness {
  readonly dtype?: Dtype;
}

/**
 * A tensor: a shape, a dtype, and numbers in row-major order. It never changes; `Parameter` is the one kind that does.
 *
 * The type parameter is the shape as far as the compiler knows it; a plain `Tensor` is accepted everywhere.
 *
 * The class is the table of contents: each method performs a primitive operation, declared under `ops/`, or is composed of other methods.
 * Functions that are not methods are called `f(x, …)` and can be found under `functions/`; `x.apply(f, …)` chains them.
 *
 * - **Reductions** (`sum`, `mean`, `max`, `logSumExp` …; also `norm`, `prod`, `median`) run over one axis, several, or, by default, all.
 * - **Functions along an axis** (`softmax`, `logSoftmax`; also `sort`, `topk`, `cumsum` …) take the last axis by default.
 * - Negative axes count from the end. Options come last: `x.sum(0, { keepDims: true })`, `Tensor.zeros([2], { dtype: 'float64' })`.
 */
export class Tensor<S extends Shape = any> implements Elementwise<Tensor> {
  /** The shape as far as the compiler knows it. Does not exist at run time. */
  declare protected readonly known: S;

  /**
   * The sizes of the axes, for those who do not write to them: in an array that is not frozen, since engines read these several times as fast.
   * @internal
   */
  readonly sizes: Shape;

  #shape: Shape | undefined;
  #ids: Ids | undefined;
  #id = 0;

  /** `'float32'`, `'float64'` or `'int32'`. */
  readonly dtype: Dtype;

  /** The number of elements. */
  readonly size: number;

  /**
   * Where the numbers are, if not in an array of their own.
   * @internal
   */
  storage: Storage | undefined;

  protected held: Data;

  /** Whether the buffer of `held` may hold numbers of other tensors too. */
  private shares: boolean;

  /**
   * Uses both arrays without a copy: they must not be written to any more. `Tensor.fromTypedArray` copies instead.
   * @param storage where the numbers are, if not in `data`, which is of their dtype then, and empty
   * @throws ShapeError where the shape does not hold just as many numbers.
   * @example new Tensor([2, 2], Float32Array.of(1, 2, 3, 4)).toArray() // => [[1, 2], [3, 4]]
   */
  constructor(shape: Shape, data: Data, storage?: Storage) {
    this.sizes = shape;
    this.dtype = data instanceof Float32Array ? 'float32' : data instanceof Float64Array ? 'float64' : 'int32';
    let size = 1;
    if (Array.isArray(shape)) for (const n of shape) size = Number.isInteger(n) && n >= 0 ? size * n : NaN;
    if ((data?.length !== size && !storage) || !Array.isArray(shape) || (this.dtype === 'int32' && !(data instanceof Int32Array)))
      refuse(shape, data);
    this.size = size;
    this.storage = storage;
    this.held = data;
    this.shares = true;
  }

  /**
   * The numbers in row-major order, in an array with a buffer of its own, which is not to be written to. For a parameter, the array has its
   * numbers as they are now, and does not follow them.
   */
  get data(): Data {
    const { numbers } = this;
    if (!this.shares) return numbers;
    this.shares = false;
    return (this.held = isWhole(numbers) ? numbers : numbers.slice());
  }

  /**
   * The numbers for another tensor that has the same: in the same array, where it is large and nobody was shown it.
   * @internal
   */
  get lent(): Data {
    return this.shares ? sharedWhole(this.numbers) : copied(this.numbers);
  }

  /**
   * The same for those who only read them: an array that may share its buffer with others.
   * @internal
   */
  get numbers(): Data {
    return this.held.length === this.size ? this.held : this.#readStorage();
  }

  /** Reads the numbers from their storage, which may mean to compute them. */
  #readStorage(): Data {
    if (!this.storage)
      throw new StateError(
        `the numbers of a tensor of shape ${formatShape(this.sizes)} are not here any more: their buffer was transferred; ` +
          'transfer that of a copy, x.data.slice()',
      );
    this.held = this.storage.read();
    this.shares = true;
    // The factors of a product are not needed any more.
    if (this.storage.lazy) this.storage = undefined;
    return this.held;
  }

  /** The sizes of the axes, in a frozen array. */
  get shape(): Shape {
    return (this.#shape ??= Object.freeze(this.sizes.slice()));
  }

  /**
   * The id of this tensor in a computation, if it has one.
   * @internal
   */
  [idIn](ids: Ids): number | undefined {
    return this.#ids === ids ? this.#id : ids.lost?.get(this);
  }

  /** @internal */
  [setId](ids: Ids, id: number): void {
    if (this.#ids?.inUse) (this.#ids.lost ??= new Map()).set(this, this.#id);
    this.#ids = ids;
    this.#id = id;
  }

  // Making tensors

  /**
   * The tensor of a number or of nested arrays.
   * @param options the dtype. Default float32; `Tensor.of(values, 'float64')` is short for `{ dtype: 'float64' }`, here and in all methods
   *   that make tensors
   * @throws ShapeError for ragged or empty arrays, ValueError for what is no number.
   * @example Tensor.of([[1, 2], [3, 4]]).shape // => [2, 2]
   * Tensor.of([1, 2], { dtype: 'int32' }).dtype // => 'int32'
   */
  static of<const T extends Nested>(values: T, options?: DtypeOptions): Tensor<ShapeOf<T>> {
    return make(flattenNested(values, dtypeFrom('Tensor.of', options)));
  }

  /**
   * A copy of a typed array, in its dtype: Float32Array, Float64Array or Int32Array.
   * @param options the shape. Default one axis; a shape alone is short for `{ shape }`
   * @throws DtypeError for other arrays, ShapeError where the shape has another number of elements.
   * @example Tensor.fromTypedArray(Int32Array.of(1, 2, 3)).dtype // => 'int32'
   * Tensor.fromTypedArray(Float64Array.of(1, 2, 3, 4), { shape: [2, 2] }).toArray() // => [[1, 2], [3, 4]]
   */
  static fromTypedArray<const T extends Shape = [number]>(array: Data, options?: T | { readonly shape?: T }): Tensor<Mutable<T>> {
    const data = copyOf(array);
    if (!isShape(options)) refuseUnknown('Tensor.fromTypedArray', options, ['shape']);
    const shape: Shape | undefined = isShape(options) ? options : options?.shape;
    return make({ shape: shape === undefined ? [data.length] : ownShape('Tensor.fromTypedArray', shape), data });
  }

  /**
   * Every element is `value`.
   * @example Tensor.full([2], 7).toArray() // => [7, 7]
   */
  static full<const T extends Shape>(shape: T, value: number, options?: DtypeOptions): Tensor<Mutable<T>> {
    return filled('Tensor.full', shape, value, options);
  }

  /**
   * Every element is 0.
   * @example Tensor.zeros([2, 3]).shape // => [2, 3]
   */
  static zeros<const T extends Shape>(shape: T, options?: DtypeOptions): Tensor<Mutable<T>> {
    return filled('Tensor.zeros', shape, 0, options);
  }

  /**
   * Every element is 1.
   * @example Tensor.ones([2], { dtype: 'float64' }).toArray() // => [1, 1]
   */
  static ones<const T extends Shape>(shape: T, options?: DtypeOptions): Tensor<Mutable<T>> {
    return filled('Tensor.ones', shape, 1, options);
  }

  /**
   * `start, start + step, …` up to but without `stop`; with a single number, from 0 to it. Options follow the numbers.
   * @param step default 1
   * @throws ValueError for a step of 0 and for numbers that are not finite.
   * @example Tensor.arange(0, 1, 0.25).toArray() // => [0, 0.25, 0.5, 0.75]
   * Tensor.arange(3, { dtype: 'int32' }).toArray() // => [0, 1, 2]
   */
  static arange(start: number, stop?: number, step?: number, options?: DtypeOptions): Tensor<[number]>;
  static arange(start: number, stop: number, options: DtypeOptions): Tensor<[number]>;
  static arange(stop: number, options: DtypeOptions): Tensor<[number]>;
  static arange(...given: readonly (number | DtypeOptions | undefined)[]): Tensor<[number]> {
    const at = given.findIndex((x, i) => i > 0 && (typeof x === 'object' || typeof x === 'string'));
    const [first, second, step = 1] = (at < 0 ? given.slice(0, 3) : given.slice(0, at)) as [number, number?, number?];
    const options = (at < 0 ? given[3] : given[at]) as DtypeOptions | undefined;
    return second === undefined ? arange(0, first, step, options) : arange(first, second, step, options);
  }

  /**
   * `count` numbers at equal distances, from `start` to `stop`, both included.
   * @throws ValueError for what is no finite number.
   * @example Tensor.linspace(0, 1, 5).toArray() // => [0, 0.25, 0.5, 0.75, 1]
   */
  static linspace<const N extends number>(start: number, stop: number, count: N, options?: DtypeOptions): Tensor<[N]> {
    checkLength('Tensor.linspace', 'count', count);
    const at = evenly(start, stop, count);
    return make(fillBy('Tensor.linspace', [count], dtypeFrom('Tensor.linspace', options), at));
  }

  /**
   * The identity matrix of `n` rows.
   * @example Tensor.eye(2).toArray() // => [[1, 0], [0, 1]]
   */
  static eye<const N extends number>(n: N, options?: DtypeOptions): Tensor<[N, N]> {
    checkLength('Tensor.eye', 'the number of rows', n);
    return make(fillBy('Tensor.eye', [n, n], dtypeFrom('Tensor.eye', options), (i) => (i % (n + 1) === 0 ? 1 : 0)));
  }

  /**
   * Random numbers, uniform from `low` (default 0) to below `high` (default 1).
   * @throws ValueError for what is no range; DtypeError for int32.
   * @example Tensor.uniform([1], { seed: 1, dtype: 'float64' }).toArray() // => [0.417022004702574]
   */
  static uniform<const T extends Shape>(
    shape: T,
    options: Drawing & { readonly low?: number; readonly high?: number } = {},
  ): Tensor<Mutable<T>> {
    checkShape('Tensor.uniform', shape);
    refuseUnknown('Tensor.uniform', options, ['low', 'high', ...DRAWING]);
    const { low = 0, high = 1, ...drawing } = options;
    return draw('Tensor.uniform', shape, drawing, (dtype) => uniformNumbers('Tensor.uniform', low, high, dtype));
  }

  /**
   * Random numbers, normally distributed with a `mean` (default 0) and a `standardDeviation` (default 1).
   * @throws ValueError for moments that are negative or not finite; DtypeError for int32.
   * @example Tensor.normal([1], { seed: 0, dtype: 'float64' }).toArray() // => [1.764052345967664]
   */
  static normal<const T extends Shape>(
    shape: T,
    options: Drawing & { readonly mean?: number; readonly standardDeviation?: number } = {},
  ): Tensor<Mutable<T>> {
    checkShape('Tensor.normal', shape);
    refuseUnknown('Tensor.normal', options, ['mean', 'standardDeviation', ...DRAWING]);
    const { mean = 0, standardDeviation = 1, ...drawing } = options;
    return draw('Tensor.normal', shape, drawing, (dtype) => {
      checkNormal('Tensor.normal', mean, standardDeviation, dtype);
      return (random) => random.normal(mean, standardDeviation);
    });
  }

  /**
   * The integers from 0 to `n − 1` in random order, as int32.
   * @example Tensor.permutation(10, { seed: 0 }).toArray() // => [2, 8, 4, 9, 1, 6, 7, 3, 0, 5]
   */
  static permutation<const N extends number>(n: N, options: Randomness = {}): Tensor<[N]> {
    checkCount('Tensor.permutation', n);
    refuseUnknown('Tensor.permutation', options, ['seed', 'random']);
    return make({ shape: [n], data: generatorOf('Tensor.permutation', options).permutation(n) });
  }

  // Arithmetic. Shapes broadcast as in NumPy: sizes align at the right, and 1 stretches to anything; else a ShapeError says which do not.

  /**
   * `a + b`
   * @example Tensor.of([[1, 2], [3, 4]]).add(Tensor.of([10, 20])).toArray() // => [[11, 22], [13, 24]]
   */
  add<B extends Shape = []>(b: number | (Tensor<B> & Fits<S, B>)): Tensor<Broadcast<S, B>> {
    return performBinary(arithmetic.add, this, b);
  }

  /**
   * `a − b`
   * @example Tensor.of([5, 7]).sub(1).toArray() // => [4, 6]
   */
  sub<B extends Shape = []>(b: number | (Tensor<B> & Fits<S, B>)): Tensor<Broadcast<S, B>> {
    return performBinary(arithmetic.sub, this, b);
  }

  /**
   * `a · b`, element by element.
   * @example Tensor.of([5, 7]).mul(Tensor.of([2, 3])).toArray() // => [10, 21]
   */
  mul<B extends Shape = []>(b: number | (Tensor<B> & Fits<S, B>)): Tensor<Broadcast<S, B>> {
    return performBinary(arithmetic.mul, this, b);
  }

  /**
   * `a / b`, element by element; of int32 rounded down.
   * @throws ValueError for int32 divided by 0.
   * @example Tensor.of([1, 3]).div(2).toArray() // => [0.5, 1.5]
   */
  div<B extends Shape = []>(b: number | (Tensor<B> & Fits<S, B>)): Tensor<Broadcast<S, B>> {
    return performBinary(arithmetic.div, this, b);
  }

  /**
   * `aᵇ`; `a⁰` and `1ᵇ` are 1. A negative `a` has powers for integers `b` only, else NaN.
   * @example Tensor.of([1, 4], 'float64').pow(0.5).toArray() // => [1, 2]
   */
  pow<B extends Shape = []>(b: number | (Tensor<B> & Fits<S, B>)): Tensor<Broadcast<S, B>> {
    return performBinary(arithmetic.pow, this, b);
  }

  /**
   * The larger of each two elements; NaN if either is. A tie halves the gradient.
   * @example Tensor.of([1, 5]).maximum(3).toArray() // => [3, 5]
   */
  maximum<B extends Shape = []>(b: number | (Tensor<B> & Fits<S, B>)): Tensor<Broadcast<S, B>> {
    return performBinary(arithmetic.maximum, this, b);
  }

  /**
   * The smaller of each two elements; NaN if either is. A tie halves the gradient.
   * @example Tensor.of([1, 5]).minimum(3).toArray() // => [1, 3]
   */
  minimum<B extends Shape = []>(b: number | (Tensor<B> & Fits<S, B>)): Tensor<Broadcast<S, B>> {
    return performBinary(arithmetic.minimum, this, b);
  }

  /**
   * `−x`
   * @example Tensor.of([1, -2]).neg().toArray() // => [-1, 2]
   */
  neg(): Tensor<S> {
    return performUnary(arithmetic.neg, this);
  }

  /**
   * `1 / x`
   * @example Tensor.of([2, 4]).reciprocal().toArray() // => [0.5, 0.25]
   */
  reciprocal(): Tensor<S> {
    return performUnary(arithmetic.reciprocal, this);
  }

  // Functions of each element by itself

  /**
   * `eˣ`
   * @example Tensor.of([0, 1]).exp().toArray().map((y) => y.toFixed(4)) // => ['1.0000', '2.7183']
   */
  exp(): Tensor<S> {
    return performUnary(functions.exp, this);
  }

  /**
   * `eˣ − 1`, without loss of precision near 0.
   * @example Tensor.of([1e-5], 'float64').expm1().item().toFixed(12) // => '0.000010000050'
   */
  expm1(): Tensor<S> {
    return performUnary(functions.expm1, this);
  }

  /**
   * The natural logarithm; −∞ at 0 and NaN below.
   * @example Tensor.of([1, 0]).log().toArray() // => [0, -Infinity]
   */
  log(): Tensor<S> {
    return performUnary(functions.log, this);
  }

  /**
   * `ln(1 + x)`, without loss of precision near 0; −∞ at −1 and NaN below.
   * @example Tensor.of([1e-5], 'float64').log1p().item().toFixed(12) // => '0.000009999950'
   */
  log1p(): Tensor<S> {
    return performUnary(functions.log1p, this);
  }

  /**
   * `√x`; NaN below 0. Its derivative at 0 is infinite.
   * @example Tensor.of([1, 4]).sqrt().toArray() // => [1, 2]
   */
  sqrt(): Tensor<S> {
    return performUnary(functions.sqrt, this);
  }

  /**
   * `|x|`. Its derivative at 0 is taken to be 0.
   * @example Tensor.of([1, -2]).abs().toArray() // => [1, 2]
   */
  abs(): Tensor<S> {
    return performUnary(functions.abs, this);
  }

  /**
   * −1, 0 or 1. No gradient passes.
   * @example Tensor.of([-3, 0, 5]).sign().toArray() // => [-1, 0, 1]
   */
  sign(): Tensor<S> {
    return performUnary(functions.sign, this);
  }

  /**
   * The hyperbolic tangent.
   * @example Tensor.of([0, 100]).tanh().toArray() // => [0, 1]
   */
  tanh(): Tensor<S> {
    return performUnary(functions.tanhOp, this);
  }

  /**
   * The logistic function, `1 / (1 + e⁻ˣ)`.
   * @example Tensor.of([0, 100]).sigmoid().toArray() // => [0.5, 1]
   */
  sigmoid(): Tensor<S> {
    return performUnary(functions.sigmoidOp, this);
  }

  /**
   * `max(x, 0)`. Its derivative at 0 is taken to be 0.
   * @example Tensor.of([-1, 2]).relu().toArray() // => [0, 2]
   */
  relu(): Tensor<S> {
    return performUnary(functions.reluOp, this);
  }

  /**
   * The largest integer not above `x`.
   * @example Tensor.of([1.5, -1.5]).floor().toArray() // => [1, -2]
   */
  floor(): Tensor<S> {
    return performUnary(rounding.floor, this);
  }

  /**
   * The smallest integer not below `x`.
   * @example Tensor.of([1.5, -1.5]).ceil().toArray() // => [2, -1]
   */
  ceil(): Tensor<S> {
    return performUnary(rounding.ceil, this);
  }

  /**
   * The nearest integer; halves round to the even one.
   * @example Tensor.of([0.5, 1.5, 2.25]).round().toArray() // => [0, 2, 2]
   */
  round(): Tensor<S> {
    return performUnary(rounding.round, this);
  }

  /**
   * The integer part: `x` rounded towards 0.
   * @example Tensor.of([1.5, -1.5]).trunc().toArray() // => [1, -1]
   */
  trunc(): Tensor<S> {
    return performUnary(rounding.trunc, this);
  }

  /**
   * `x` limited to the range from `low` to `high`; NaN where a bound is NaN. At a bound itself the gradient goes to `x`, beyond it to the
   * bound.
   * @param low default none
   * @param high default none
   * @throws ValueError without a bound.
   * @example Tensor.of([-3, 0.5, 3]).clamp(-1, 1).toArray() // => [-1, 0.5, 1]
   * Tensor.of([-3, 0.5, 3]).clamp(0).toArray() // => [0, 0.5, 3]
   * Tensor.of([-3, 0.5, 3]).clamp(undefined, 0).toArray() // => [-3, 0, 0]
   */
  clamp(low: number | Tensor | undefined, high?: number | Tensor): Tensor<S> {
    if (low === undefined && high === undefined) throw new ValueError('clamp: expected a bound below, above, or both: clamp(low, high)');
    const [least, largest] = this.dtype === 'int32' ? [-(2 ** 31), 2 ** 31 - 1] : [-Infinity, Infinity];
    const [below, above] = [low === undefined ? least : low, high === undefined ? largest : high];
    return perform(rounding.clamp, { x: this, low: tensor(below, this, 'clamp'), high: tensor(above, this, 'clamp') });
  }

  // Comparison: 1 for true and 0 for false, in the dtype of the operands. No gradient passes. With NaN all are false but `notEqual`.

  /**
   * 1 where `a < b`, else 0.
   * @example Tensor.of([1, 2, 3]).less(2).toArray() // => [1, 0, 0]
   */
  less<B extends Shape = []>(b: number | (Tensor<B> & Fits<S, B>)): Tensor<Broadcast<S, B>> {
    return performBinary(comparison.less, this, b);
  }

  /**
   * 1 where `a ≤ b`, else 0.
   * @example Tensor.of([1, 2, 3]).lessEqual(2).toArray() // => [1, 1, 0]
   */
  lessEqual<B extends Shape = []>(b: number | (Tensor<B> & Fits<S, B>)): Tensor<Broadcast<S, B>> {
    return performBinary(comparison.lessEqual, this, b);
  }

  /**
   * 1 where `a > b`, else 0.
   * @example Tensor.of([1, 2, 3]).greater(2).toArray() // => [0, 0, 1]
   */
  greater<B extends Shape = []>(b: number | (Tensor<B> & Fits<S, B>)): Tensor<Broadcast<S, B>> {
    return performBinary(comparison.greater, this, b);
  }

  /**
   * 1 where `a ≥ b`, else 0.
   * @example Tensor.of([1, 2, 3]).greaterEqual(2).toArray() // => [0, 1, 1]
   */
  greaterEqual<B extends Shape = []>(b: number | (Tensor<B> & Fits<S, B>)): Tensor<Broadcast<S, B>> {
    return performBinary(comparison.greaterEqual, this, b);
  }

  /**
   * 1 where `a = b`, else 0.
   * @example Tensor.of([1, 2], 'int32').equal(2).toArray() // => [0, 1]
   */
  equal<B extends Shape = []>(b: number | (Tensor<B> & Fits<S, B>)): Tensor<Broadcast<S, B>> {
    return performBinary(comparison.equal, this, b);
  }

  /**
   * 1 where `a ≠ b`, else 0.
   * @example Tensor.of([1, 2]).notEqual(2).toArray() // => [1, 0]
   */
  notEqual<B extends Shape = []>(b: number | (Tensor<B> & Fits<S, B>)): Tensor<Broadcast<S, B>> {
    return performBinary(comparison.notEqual, this, b);
  }

  /**
   * `yes` where this is not 0, else `no`: `where(this, yes, no)`. The gradient goes to the one that was chosen.
   * @example Tensor.of([1, 0]).where(Tensor.of([5, 5]), -1).toArray() // => [5, -1]
   */
  where(yes: number | Tensor, no: number | Tensor): Tensor {
    const like = typeof yes !== 'number' ? yes : typeof no !== 'number' ? no : this;
    checkTensor('where', 'what to choose from', like);
    // Numbers take the dtype of the tensor beside them, and so does the condition, of which a small number must not become 0.
    const condition = this.dtype === like.dtype ? this : this.notEqual(0).cast(like.dtype);
    return perform(comparison.whereOp, { condition, yes: tensor(yes, like, 'where'), no: tensor(no, like, 'where') });
  }

  // Reductions: over one axis, several, or, by default, all. `sum([])` reduces nothing.

  /**
   * The sum, added up in one fixed order on every machine; of int32 exact.
   * @throws ValueError for a sum that int32 cannot hold.
   * @example Tensor.of([[1, 2], [3, 4]]).sum(0).toArray() // => [4, 6]
   * Tensor.of([[1, 2], [3, 4]]).sum(1, { keepDims: true }).toArray() // => [[3], [7]]
   */
  sum<const A extends Axes | undefined = undefined, K extends boolean = false>(axes?: A, options?: KeepDims<K>): Tensor<Reduced<S, A, K>> {
    return perform(reductions.sum, { x: this }, along('sum', this, axes, options));
  }

  /**
   * The mean: the sum, divided by the number of elements.
   * @throws DtypeError for int32; `cast` it first.
   * @example Tensor.of([[1, 2], [3, 4]]).mean().item() // => 2.5
   */
  mean<const A extends Axes | undefined = undefined, K extends boolean = false>(axes?: A, options?: KeepDims<K>): Tensor<Reduced<S, A, K>> {
    return mean(this, axes, options) as Tensor;
  }

  /**
   * The variance: the sum of `(x − mean)²` over `n − correction`. Default `correction` 1, the unbiased estimate.
   * @throws ValueError for a correction below 0.
   * @example Tensor.of([1, 3]).var().item() // => 2
   * Tensor.of([1, 3]).var(0, { correction: 0 }).item() // => 1
   */
  var<const A extends Axes | undefined = undefined, K extends boolean = false>(
    axes?: A,
    options?: KeepDims<K> & Correction,
  ): Tensor<Reduced<S, A, K>> {
    return variance(this, axes, options);
  }

  /**
   * The standard deviation: the root of `var`. Its derivative where all elements are equal is taken to be 0, as that of a length.
   * @example Tensor.of([1, 3]).std(0, { correction: 0 }).item() // => 1
   */
  std<const A extends Axes | undefined = undefined, K extends boolean = false>(
    axes?: A,
    options?: KeepDims<K> & Correction,
  ): Tensor<Reduced<S, A, K>> {
    return deviation(this, axes, options);
  }

  /**
   * The largest element; NaN if there is one. Elements that tie share the gradient evenly, whatever the axes; for the convention that the
   * first of them gets all of it write `x.gather(axis, x.argmax(axis, { keepDims: true }))`.
   * @throws ShapeError where there is nothing to choose from.
   * @example Tensor.of([[1, 2], [3, 4]]).max(1).toArray() // => [2, 4]
   * grad((x) => x.max(0))(Tensor.of([3, 1, 3])).toArray() // => [0.5, 0, 0.5]
   */
  max<const A extends Axes | undefined = undefined, K extends boolean = false>(axes?: A, options?: KeepDims<K>): Tensor<Reduced<S, A, K>> {
    return perform(reductions.max, { x: this }, along('max', this, axes, options));
  }

  /**
   * The smallest element; NaN if there is one. Elements that tie share the gradient evenly, as in `max`.
   * @throws ShapeError where there is nothing to choose from.
   * @example Tensor.of([[1, 2], [3, 4]]).min().item() // => 1
   */
  min<const A extends Axes | undefined = undefined, K extends boolean = false>(axes?: A, options?: KeepDims<K>): Tensor<Reduced<S, A, K>> {
    return perform(reductions.min, { x: this }, along('min', this, axes, options));
  }

  /**
   * The index of the largest element along an axis, as int32: the first of those that tie; the first NaN if there is one. Default all axes:
   * the index in row-major order.
   * @throws ShapeError where there is nothing to choose from.
   * @example Tensor.of([[1, 9, 3], [4, 5, 6]]).argmax(1).toArray() // => [1, 2]
   * Tensor.of([[1, 9, 3], [4, 5, 6]]).argmax(undefined, { keepDims: true }).toArray() // => [[1]]
   */
  argmax<const A extends number | undefined = undefined, K extends boolean = false>(
    axis?: A,
    options?: KeepDims<K>,
  ): Tensor<Reduced<S, A, K>> {
    return indexOf(reductions.argmax, this, axis, options);
  }

  /**
   * The index of the smallest element along an axis, as int32: the first of those that tie; the first NaN if there is one. Default all
   * axes: the index in row-major order.
   * @throws ShapeError where there is nothing to choose from.
   * @example Tensor.of([[1, 9, 3], [4, 5, 6]]).argmin().item() // => 0
   */
  argmin<const A extends number | undefined = undefined, K extends boolean = false>(
    axis?: A,
    options?: KeepDims<K>,
  ): Tensor<Reduced<S, A, K>> {
    return indexOf(reductions.argmin, this, axis, options);
  }

  /**
   * `log Σ eˣ`, without overflow.
   * @example Tensor.of([1000, 1000]).logSumExp().item().toFixed(3) // => '1000.693'
   */
  logSumExp<const A extends Axes | undefined = undefined, K extends boolean = false>(
    axes?: A,
    options?: KeepDims<K>,
  ): Tensor<Reduced<S, A, K>> {
    return perform(reductions.logSumExp, { x: this }, along('logSumExp', this, axes, options));
  }

  // Along an axis, by default the last

  /**
   * `eˣ / Σ eˣ`: positive numbers that sum to 1 along an axis, or along several together. Default the last axis.
   * @example Tensor.of([[0, 0], [1000, 0]]).softmax().toArray() // => [[0.5, 0.5], [1, 0]]
   */
  softmax(axes: Axes = -1): Tensor<S> {
    return perform(softmaxes.softmax, { x: this }, { axes: normalizeAxes('softmax', axes, this.sizes) });
  }

  /**
   * `x − log Σ eˣ`, the logarithm of the softmax along an axis, or along several together. Default the last axis.
   * @example Tensor.of([1000, 0]).logSoftmax().toArray() // => [0, -1000]
   */
  logSoftmax(axes: Axes = -1): Tensor<S> {
    return perform(softmaxes.logSoftmax, { x: this }, { axes: normalizeAxes('logSoftmax', axes, this.sizes) });
  }

  // Matrices

  /**
   * The product of matrices `[m, k]` and `[k, n]`, or of batches of them, whose leading axes broadcast. A vector is a row on the left, a
   * column on the right, and its axis is dropped from the result.
   * @throws ShapeError where the inner sizes differ.
   * @example Tensor.of([[1, 2]]).matmul(Tensor.of([[3], [4]])).toArray() // => [[11]]
   */
  matmul<B extends Shape>(b: Tensor<B> & Multiplies<S, B>): Tensor<ProductShape<S, B>> {
    checkTensor('matmul', 'b', b);
    return multiply(this, b, matrixProduct);
  }

  /**
   * `a bᵀ`: the product of matrices `[m, k]` and `[n, k]`, or of batches of them.
   * @example Tensor.of([[1, 2]]).timesTransposed(Tensor.of([[3, 4]])).toArray() // => [[11]]
   */
  timesTransposed(b: Tensor): Tensor {
    return perform(products.timesTransposed, { a: this, b });
  }

  /**
   * `aᵀ b`: the product of matrices `[k, m]` and `[k, n]`, or of batches of them.
   * @example Tensor.of([[1], [2]]).transposedTimes(Tensor.of([[3], [4]])).toArray() // => [[11]]
   */
  transposedTimes(b: Tensor): Tensor {
    return perform(products.transposedTimes, { a: this, b });
  }

  // Shape

  /**
   * Two axes exchanged. Default the last two.
   * @example Tensor.of([[1, 2], [3, 4]]).transpose().toArray() // => [[1, 3], [2, 4]]
   */
  transpose(first: number = -2, second: number = -1): Tensor<Transpose<S>> {
    return perform(movement.permute, { x: this }, { axes: exchanged(this.sizes, first, second) });
  }

  /**
   * The axes in another order: axis `i` of the result is axis `axes[i]` of this.
   * @example Tensor.zeros([2, 3, 4]).permute([2, 0, 1]).shape // => [4, 2, 3]
   */
  permute(axes: readonly number[]): Tensor {
    return perform(movement.permute, { x: this }, { axes: checkPermutation(this.sizes, axes) });
  }

  /**
   * The same numbers in another shape; one size may be −1, and is computed from the others.
   * @throws ShapeError where the shape has another number of elements.
   * @example Tensor.arange(6).reshape([2, -1]).shape // => [2, 3]
   */
  reshape<const T extends Shape>(to: T): Tensor<Resolved<T>> {
    return perform(movement.reshape, { x: this }, { to: resolveShape(this.sizes, to, this.size) });
  }

  /**
   * Drops an axis of size 1. Default all of them.
   * @throws ShapeError for an axis of another size.
   * @example Tensor.zeros([1, 3, 1]).squeeze(0).shape // => [3, 1]
   */
  squeeze(axis?: number): Tensor {
    return this.reshape(squeezedShape(this.sizes, axis));
  }

  /**
   * Inserts an axis of size 1, which is axis `axis` of the result.
   * @example Tensor.zeros([2, 3]).unsqueeze(-1).shape // => [2, 3, 1]
   */
  unsqueeze(axis: number): Tensor {
    return this.reshape(this.sizes.toSpliced(normalizeAxis('unsqueeze', axis, [...this.sizes, 1]), 0, 1));
  }

  /**
   * Merges neighbouring axes, from `first` (default the first) to `last` (default the last). A scalar becomes a vector.
   * @example Tensor.zeros([2, 3, 4]).flatten(1).shape // => [2, 12]
   */
  flatten(first: number = 0, last: number = -1): Tensor {
    return this.reshape(flattenedShape(this.sizes, first, last));
  }

  /**
   * A part of each axis: `null` for all of it; a number for one element, and the axis is dropped; `[start, stop, step]` as in Python. Of
   * axes that are not listed all is taken. `'newAxis'` among them is a new axis, of size 1.
   * @throws ShapeError, and ValueError for a step of 0.
   * @example Tensor.of([[1, 2, 3], [4, 5, 6]]).slice([1, [0, 2]]).toArray() // => [4, 5]
   * Tensor.arange(5).slice([[null, null, -2]]).toArray() // => [4, 2, 0]
   * Tensor.arange(3).slice([null, 'newAxis']).shape // => [3, 1]
   */
  slice(ranges: readonly Range[]): Tensor {
    const { shape, ...attributes } = resolveSlice(this.sizes, ranges);
    const part = perform(movement.slice, { x: this }, attributes);
    return sameShape(shape, part.sizes) ? part : part.reshape(shape);
  }

  /**
   * The adjoint of `slice`: zeros of shape `to`, in which a slice with these starts and steps finds this.
   * @internal
   * @example Tensor.of([1, 2]).unslice([5], [1], [2]).toArray() // => [0, 1, 0, 2, 0]
   */
  unslice(to: Shape, starts: readonly number[], steps: readonly number[]): Tensor {
    return perform(
      movement.unslice,
      { x: this },
      { to: ownShape('unslice', to), starts: listOf('unslice', starts), steps: listOf('unslice', steps) },
    );
  }

  // Elements by index: indices are int32, and have as many axes as the tensor

  /**
   * The elements that `indices` name along an axis: for axis 0 `y[i, j] = x[indices[i, j], j]`. Along other axes there may be fewer indices
   * than elements. Broadcasting indices: `takeAlongAxis`; whole rows: `indexSelect`.
   * @returns a tensor of the indices' shape
   * @throws ShapeError, and ValueError for an index out of range.
   * @example Tensor.of([[1, 2], [3, 4]]).gather(1, Tensor.of([[1], [0]], 'int32')).toArray() // => [[2], [3]]
   */
  gather<I extends Shape>(axis: number, indices: Tensor<I>): Tensor<I> {
    return perform(indexing.gather, { x: this, indices }, { axis: normalizeAxis('gather', axis, this.sizes) });
  }

  /**
   * The adjoint of `gather`: zeros of shape `to`, with each element added where its index says.
   * @internal
   */
  scatterSum<const T extends Shape>(to: T, axis: number, indices: Tensor): Tensor<Mutable<T>> {
    return perform(
      indexing.scatterSum,
      { x: this, indices },
      { to: ownShape('scatterSum', to), axis: normalizeAxis('scatterSum', axis, to) },
    );
  }

  /**
   * For each int32 class a row of zeros with a single 1.
   * @param classes how many there are. Default one more than the largest
   * @param options the dtype. Default float32
   * @throws ValueError for a class out of range.
   * @example Tensor.of([2, 0], 'int32').oneHot(3).toArray() // => [[0, 0, 1], [1, 0, 0]]
   * Tensor.of([1, 0], 'int32').oneHot().toArray() // => [[0, 1], [1, 0]]
   */
  oneHot(classes?: number, options?: DtypeOptions): Tensor {
    return oneHot(this, classes, dtypeFrom('oneHot', options));
  }

  // Broadcasting and dtypes

  /**
   * Repeated to the shape `to`: sizes align at the right, and 1 stretches to anything; −1 keeps a size.
   * @throws ShapeError where it does not stretch to `to`.
   * @example Tensor.of([1, 2]).broadcastTo([2, -1]).toArray() // => [[1, 2], [1, 2]]
   */
  broadcastTo<const T extends Shape>(to: T): Tensor<Resolved<T>> {
    return perform(movement.broadcastTo, { x: this }, { to: ownShape('broadcastTo', stretched(this.sizes, to)) });
  }

  /**
   * The adjoint of `broadcastTo`: summed to the shape `to`, which broadcasts to this one.
   * @throws ShapeError where it does not.
   * @example Tensor.of([[1, 2], [3, 4]]).sumTo([2]).toArray() // => [4, 6]
   */
  sumTo<const T extends Shape>(to: T): Tensor<Mutable<T>> {
    return perform(reductions.sumTo, { x: this }, { to: ownShape('sumTo', to) });
  }

  /**
   * The same numbers in another dtype. Conversion to int32 truncates towards 0.
   * @throws ValueError for what int32 cannot represent.
   * @example Tensor.of([1.5, -1.5]).cast('int32').toArray() // => [1, -1]
   */
  cast(dtype: Dtype): Tensor<S> {
    checkDtype('cast', dtype);
    return perform(movement.cast, { x: this }, { to: dtype });
  }

  /**
   * Calls a function of tensors, or an operation of your own, as if it were a method: `x.apply(f, …)` is `f(x, …)`. An operation takes its
   * inputs in the order of its derivatives, which may be numbers, and then its attributes, if it has any.
   * @throws DerivativeError for anything else, and whatever the function throws.
   * @example
   * const cube = unaryOp('cube', { forward: (x) => x.mul(x).mul(x), backward: ({ dy, x }) => dy.mul(x).mul(x).mul(3) });
   * Tensor.of([1, 2]).apply(cube).apply(roll, 1, 0).toArray() // => [8, 1]
   */
  apply<In extends string, Attributes>(operation: Op<In, Attributes>, ...rest: readonly unknown[]): Tensor;
  apply<Rest extends readonly unknown[]>(f: (x: Tensor, ...rest: Rest) => Tensor, ...rest: Rest): Tensor;
  apply(f: ((x: Tensor, ...rest: readonly unknown[]) => Tensor) | Op<any, any>, ...rest: readonly unknown[]): Tensor {
    return typeof f === 'function' ? f(this, ...rest) : operate(f, this, rest);
  }

  // Inspection

  /** The number of axes. */
  get rank(): number {
    return this.sizes.length;
  }

  /**
   * The number in a tensor of one element.
   * @throws ShapeError for more elements.
   * @example Tensor.of([[7]]).item() // => 7
   */
  item(): number {
    if (this.size === 1) return this.numbers[0]!;
    throw new ShapeError(`item: expected a tensor of one element, got shape ${formatShape(this.sizes)}`);
  }

  /**
   * Checks the shape, and tells it to the compiler; −1 is any size.
   * @throws ShapeError where the shape is another.
   * @example Tensor.zeros([64, 784]).as([-1, 784]).shape // => [64, 784]
   */
  as<const T extends Shape>(shape: T): Tensor<Resolved<T>> {
    if (Array.isArray(shape) && shape.length === this.rank && shape.every((n, i) => n === -1 || n === this.sizes[i])) return this as Tensor;
    throw new ShapeError(`as: expected shape ${formatShape(shape)}, got ${formatShape(this.sizes)}`);
  }

  /**
   * The numbers in nested arrays.
   * @example Tensor.of([[1, 2]]).toArray() // => [[1, 2]]
   */
  toArray(): NestedArray<S> {
    const { numbers: data, sizes: shape, rank } = this;
    // From the last axis to the first, since there may be more axes than a call stack is deep.
    const counts = [1];
    for (const size of shape) counts.push(counts.at(-1)! * size);
    let parts: Nested[] = Array.from(data);
    for (let axis = rank - 1; axis >= 0; axis--) {
      const [size, inner] = [shape[axis]!, parts];
      parts = Array.from({ length: counts[axis]! }, (_, i) => inner.slice(i * size, (i + 1) * size));
    }
    return parts[0] as NestedArray<S>;
  }

  /**
   * Text as NumPy prints arrays: columns aligned, large tensors abbreviated.
   * @example String(Tensor.of([1, 2.5])) // => 'Tensor float32 [2] [1.0, 2.5]'
   */
  toString(): string {
    return print('Tensor', this.sizes, this.dtype, this.numbers);
  }

  /** What consoles show. */
  [inspect](): string {
    return this.storage instanceof Traced ? `Tensor ${this.dtype} ${formatShape(this.sizes)} inside of a vmap` : String(this);
  }

  /**
   * Text in templates; JavaScript's own operators are refused: `a < b` would compare texts, and `a * 2` be NaN.
   * @throws DtypeError for an operator.
   * @example `${Tensor.of(2)}` // => 'Tensor float32 [] 2'
   */
  [Symbol.toPrimitive](hint: string): string {
    return asPrimitive('a tensor', hint, this);
  }

  /** @internal */
  get [brand](): true {
    return true;
  }
}

/** Nested arrays of numbers, as deep as the shape. */
export type NestedArray<S extends Shape> = number extends S['length']
  ? any
  : S extends readonly [number, ...infer Rest extends Shape]
    ? NestedArray<Rest>[]
    : number;

/**
 * `yes` where the condition is not 0, else `no`, after broadcasting. The gradient goes to the one that was chosen.
 *
 * To the other one a gradient of 0 goes, and the chain rule multiplies it by the slope of whatever made that branch: where that is infinite
 * or NaN, `0 · ∞` is NaN. So choose the argument too, a harmless one where the branch is not taken. (To let nothing times infinity be
 * nothing would make derivatives wrong that are NaN now: at 0, `√x · √x` has slope 1.)
 * @throws ShapeError where the shapes do not broadcast.
 * @example where(Tensor.of([1, 0]), Tensor.of([5, 6]), 0).toArray() // => [5, 0]
 * grad((x) => where(x.greater(0), x.sqrt(), 0).sum())(Tensor.of([0, 4])).toArray() // => [NaN, 0.25]
 * grad((x) => where(x.greater(0), where(x.greater(0), x, 1).sqrt(), 0).sum())(Tensor.of([0, 4])).toArray() // => [0, 0.25]
 */
export function where(condition: Tensor, yes: number | Tensor, no: number | Tensor): Tensor {
  checkTensor('where', 'the condition', condition);
  return condition.where(yes, no);
}

/**
 * Computes an operation and calls the recorders. All results of operations are made here.
 *
 * @param inputs a tensor for each derivative the operation has
 * @param attributes what else it needs: axes, sizes, …
 * @throws DtypeError where the dtypes do not fit, and whatever the operation's shape rule throws.
 * @example
 * const square = unaryOp('square', { forward: (x) => x.mul(x), backward: ({ dy, x }) => dy.mul(x).mul(2) });
 * perform(square, { x: Tensor.of([3]) }).toArray() // => [9]
 */
export function perform<In extends string, Attributes extends object>(
  op: Op<In, Attributes>,
  inputs: { readonly [name in In]: Tensor },
  attributes: Attributes = none as Attributes,
): Tensor {
  try {
    const trace = checkInputs(op, inputs);
    if (trace) return trace.perform(op, inputs, attributes) as Tensor;
    // Node 20 takes ten times as long to spread two objects.
    const given = (attributes === none ? inputs : Object.assign({}, inputs, attributes)) as OpArguments<In, Attributes>;
    const shape = op.shape(given);
    const output = new Tensor(shape, op.forward(given, shape, machine()));
    callRecorders(op, inputs, attributes, output);
    return output;
  } catch (error) {
    if (!(error instanceof TapegradError)) checkCall(op, inputs);
    throw inLayer(error, inputs);
  }
}

/** An error that tells in which layer it was thrown, if that is known. */
function inLayer(error: unknown, inputs: Readonly<Record<string, Tensor>>): unknown {
  const layer = layerOf(inputs);
  return layer === undefined ? error : tellLayer(error, layer, true);
}

/** Refuses what is no operation, and inputs of which one is missing. Only where something failed already, since nearly all calls are right. */
function checkCall(op: Op<any, any>, inputs: Readonly<Record<string, Tensor>>): void {
  if (typeof op !== 'object' || op === null || typeof op.shape !== 'function' || typeof op.forward !== 'function' || !op.backward)
    throw new DerivativeError(`perform: expected an operation, with a name, a shape, a forward and a backward, got ${quote(op)}`);
  if (!isPlainObject(inputs)) throw new DtypeError(`${op.name}: expected tensors by the names of the inputs, got ${quote(inputs)}`);
  for (const name of Object.keys(op.backward)) checkTensor(op.name, name, inputs[name]);
}

/** The layer whose parameter is among the inputs, as far as parameters know their paths. */
function layerOf(inputs: Readonly<Record<string, Tensor & { readonly path?: string | undefined }>>): string | undefined {
  for (const x of Object.values(inputs)) if (x instanceof Tensor && x.path?.includes('.')) return x.path.slice(0, x.path.lastIndexOf('.'));
  return undefined;
}

const none = {};

/**
 * Inputs must be tensors of one dtype, those that hold indices apart; and no derivative may be missing when it is asked for later. Returns the innermost
 * trace that made any of them.
 */
function checkInputs(op: Op<any, any>, inputs: Readonly<Record<string, Tensor>>): Trace | undefined {
  let dtype: Dtype | undefined;
  let trace: Trace | undefined;
  for (const name in inputs) {
    const x = inputs[name]!;
    if (!(x instanceof Tensor)) {
      // What a script has given to all objects is no input.
      if (!Object.hasOwn(inputs, name)) continue;
      checkTensor(op.name, name, x);
    }
    if (x.storage instanceof Traced) trace = innerOf(trace, x.storage.trace);
    else if (x.storage?.lazy) materialize(x);
    if (typeof op.backward !== 'function' && op.backward?.[name] === undefined) {
      throw new DerivativeError(`${op.name}: has no derivative for ${name}; add one to its \`backward\`, or null`);
    }
    if (op.indices?.includes(name)) {
      if (x.dtype !== 'int32')
        throw new DtypeError(
          `${op.name}: expected int32 indices for ${name}, got ${x.dtype} of shape ${formatShape(x.sizes)}; convert with cast('int32')`,
        );
    } else if (dtype !== undefined && x.dtype !== dtype && op.dtypes !== 'mixed') {
      throw new DtypeError(
        `${op.name}: expected tensors of one dtype, got ${dtype} and, for ${name}, ${x.dtype} of shape ${formatShape(x.sizes)}; ` +
          `convert one with cast('${dtype}')`,
      );
    } else {
      if ((op.dtypes ?? 'floats') === 'floats') checkFloatDtype(op.name, x, name);
      dtype = x.dtype;
    }
  }
  return trace;
}

/** Refuses what is no tensor, since JavaScript callers can pass anything. */
export function checkTensor(where: string, what: string, x: unknown): asserts x is Tensor {
  if (!(x instanceof Tensor)) throw new DtypeError(`${where}: expected a tensor for ${what}, got ${insteadOfTensor(x)}`);
}

/** Refuses all but tensors of floats. */
export function checkFloats(where: string, x: unknown, what = 'x'): asserts x is Tensor {
  checkTensor(where, what, x);
  checkFloatDtype(where, x, what);
}

/** What came in the place of a tensor, and what to write where that is known. */
export function insteadOfTensor(x: unknown): string {
  if (isForeign(x))
    return 'a tensor of another copy of tapegrad; let the program have one copy, or make it anew: Tensor.fromTypedArray(x.data, { shape: x.shape })';
  if (typeof x === 'number') return `the number ${x}; write Tensor.of(${x})`;
  if (Array.isArray(x)) return 'an array; write Tensor.of(values)';
  if (ArrayBuffer.isView(x)) return 'a typed array; write Tensor.fromTypedArray(values)';
  return quote(x);
}

/** Whether something is a tensor of another copy of this package, whose class is another one. */
export const isForeign = (x: unknown): boolean => typeof x === 'object' && x !== null && brand in x && !(x instanceof Tensor);

/** A copy of a shape, since the caller may change it later. */
function ownShape(where: string, shape: Shape): Shape {
  checkShape(where, shape);
  return [...shape];
}

/** A copy of a list of numbers. */
function listOf(where: string, numbers: readonly number[]): readonly number[] {
  if (Array.isArray(numbers)) return [...numbers];
  throw new ShapeError(`${where}: expected a number for each axis, such as [0, 1], got ${quote(numbers)}`);
}

/** Whether options are a shape alone. What is neither is refused as a shape. */
const isShape = (options: unknown): options is Shape =>
  typeof options !== 'undefined' && (Array.isArray(options) || typeof options !== 'object');

/** A number among tensors is a scalar of the dtype of `like`. What int32 cannot hold is refused in the name of the operation. */
export const tensor = (x: number | Tensor, like: Tensor, where: string): Tensor =>
  typeof x !== 'number' ? x : like.dtype === 'int32' ? whole(x, where) : scalar(x, like.dtype);

/** Performs an operation on a tensor and another one, or a number, which takes the dtype of the first. */
export function performBinary(op: Op<'a' | 'b'>, a: Tensor, b: number | Tensor): Tensor {
  checkTensor(op.name, 'a', a);
  const other = tensor(b, a, op.name);
  const inputs = { a, b: other };
  const isAlike = isReady(a) && isReady(other) && a.dtype === other.dtype && (typeof b === 'number' || sameShape(a.sizes, other.sizes));
  return isAlike && isElementwise(op) ? performAlike(op, inputs, [a, other]) : perform(op, inputs);
}

/** Performs an elementwise operation on one tensor. */
const performUnary = (op: ElementwiseOp<'x'>, x: Tensor): Tensor => (isReady(x) ? performAlike(op, { x }, [x]) : perform(op, { x }));

/** Whether something is a tensor of floats whose numbers are at hand: nothing has to be formed, refused or left to a trace. */
const isReady = (x: unknown): x is Tensor =>
  x instanceof Tensor && (x.storage === undefined || x.storage instanceof KeptStorage) && x.dtype !== 'int32';

const isElementwise = (op: Op<any>): op is ElementwiseOp => (op as Partial<ElementwiseOp>).formula !== undefined;

/**
 * What `perform` does, for an elementwise operation on such tensors of one dtype and of one shape, or single numbers after the first: there is nothing to
 * be found out, which takes longer than the arithmetic where numbers are few.
 */
function performAlike(op: ElementwiseOp<any>, inputs: Readonly<Record<string, Tensor>>, list: readonly Tensor[]): Tensor {
  const { sizes, dtype } = list[0]!;
  try {
    const output = new Tensor(sizes, machine().map(op.formula(dtype as FloatDtype), sizes, list));
    callRecorders(op, inputs, none, output);
    return output;
  } catch (error) {
    throw inLayer(error, inputs);
  }
}

/** A scalar of int32. */
function whole(x: number, where: string): Tensor<[]> {
  if ((x | 0) === x) return scalar(x, 'int32');
  throw new ValueError(`${where}: expected whole numbers that fit in int32, got ${x}; for others convert the tensor with cast('float32')`);
}

/** A scalar of a dtype that can hold it. */
export function scalar(x: number, dtype: Dtype): Tensor<[]> {
  const data = newData(dtype, 1);
  data[0] = x;
  return new Tensor([], data);
}

const make = ({ shape, data }: { readonly shape: Shape; readonly data: Data }): Tensor => new Tensor(shape, data);

const along = (
  where: string,
  x: Tensor,
  axes: Axes | undefined,
  options: KeepDims | undefined,
): { axes: readonly number[]; keepDims: boolean } => ({ axes: normalizeAxes(where, axes, x.sizes), keepDims: keepsDims(where, options) });

function filled(where: string, shape: Shape, value: number, options: DtypeOptions | undefined): Tensor {
  checkShape(where, shape);
  return make(fillBy(where, shape, dtypeFrom(where, options), () => value));
}

function arange(start: number, stop: number, step: number, options: DtypeOptions | undefined): Tensor {
  const dtype = dtypeFrom('Tensor.arange', options);
  return make(fillBy('Tensor.arange', [countSteps(start, stop, step)], dtype, (i) => start + i * step));
}

/** The names in `Drawing`. */
const DRAWING: readonly string[] = ['dtype', 'seed', 'random'];

/** A tensor of numbers of a distribution. */
function draw(
  where: string,
  shape: Shape,
  { dtype = 'float32', ...randomness }: Drawing,
  distribution: (dtype: FloatDtype) => (random: Random) => number,
): Tensor {
  checkDtype(where, dtype);
  if (dtype === 'int32') throw new DtypeError(`${where}: expected float32 or float64, got int32`);
  const [random, next] = [generatorOf(where, randomness), distribution(dtype)];
  return make(fillBy(where, shape, dtype, () => next(random)));
}

/** The product of matrices, or of batches of them. */
const matrixProduct = (a: Tensor, b: Tensor): Tensor => perform(products.matmul, { a, b });

/** What `argmax` or `argmin` finds along an axis; of all elements, the index in row-major order. */
function indexOf(op: typeof reductions.argmax, x: Tensor, axis: number | undefined, options: KeepDims | undefined): Tensor {
  if (axis !== undefined) return perform(op, { x }, { ...along(op.name, x, normalizeAxis(op.name, axis, x.sizes), options) });
  const keepDims = keepsDims(op.name, options);
  const index = perform(op, { x: x.reshape([x.size]) }, { axes: [0], keepDims: false });
  return keepDims ? index.reshape(x.sizes.map(() => 1)) : index;
}

/** Performs an operation on a tensor and on further inputs, which the attributes follow. */
function operate(op: Op<any, any>, x: Tensor, rest: readonly unknown[]): Tensor {
  if (typeof op?.name !== 'string' || typeof op.backward !== 'object')
    throw new DerivativeError(`apply: expected a function of tensors or an operation with named inputs, got ${quote(op)}`);
  const [first, ...others] = Object.keys(op.backward) as [string, ...string[]];
  const inputs = { [first]: x, ...Object.fromEntries(others.map((name, i) => [name, tensor(rest[i] as number | Tensor, x, op.name)])) };
  return perform(op, inputs, rest[others.length] as object | undefined);
}

function refuse(shape: Shape, data: Data): never {
  checkShape('Tensor', shape);
  if (!(data instanceof Float32Array || data instanceof Float64Array || data instanceof Int32Array)) {
    throw new DtypeError('Tensor: expected a Float32Array, Float64Array or Int32Array; for plain arrays write Tensor.of(values)');
  }
  throw new ShapeError(`Tensor: shape ${formatShape(shape)} holds ${sizeOf(shape)} numbers, got ${data.length}`);
}
