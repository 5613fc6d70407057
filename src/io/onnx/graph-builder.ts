/** A graph of ONNX while it is built: nodes in order, and the constants that they need. */

import { type Data, dtypeOf } from '../../base/dtype.ts';
import { ValueError } from '../../base/errors.ts';
import { bytesOf } from '../kinds.ts';
import { bytesOfHalves } from './halves.ts';
import { type Attributes, type GraphNode, type Initializer, KINDS, type Kind } from './model-message.ts';
import { Free, type Size } from './sizes.ts';

/** A value of the graph. */
export interface Value {
  readonly name: string;
  readonly kind: Kind;
  readonly sizes: readonly Size[];
}

/** An end that is beyond every axis. */
export const FAR = 2 ** 31 - 1;

/** The reductions of which ONNX is told the axes by an attribute. */
export type Reduction = 'ReduceSum' | 'ReduceMax' | 'ReduceMin' | 'ReduceProd';

export class Graph {
  readonly nodes: GraphNode[] = [];
  readonly initializers: Initializer[] = [];
  /** The names of constants that were asked for, by kind, sizes and numbers. */
  readonly #constants = new Map<string, string>();
  /** The names of sizes that change with the batch. */
  readonly #free = new Map<string, string>();
  readonly #names = new Set<string>();
  /** Of what each reshaped value was made. */
  readonly #sources = new Map<string, string>();
  /** The largest elements of windows of a value, by the name of their places. */
  readonly pooled = new Map<string, { readonly of: string; readonly values: string }>();

  /** @param batch the name of an input whose first size is that of the batch */
  constructor(readonly batch: string | undefined) {}

  /** A name that nothing has: the one that is asked for, or one like it. */
  named(wish: string): string {
    let name = wish;
    for (let i = 1; this.#names.has(name); i++) name = `${wish}_${i}`;
    this.#names.add(name);
    return name;
  }

  /** Adds an operation. */
  node(type: string, inputs: readonly string[], attributes: Attributes = {}): string {
    return this.nodeOf(type, inputs, 1, attributes)[0]!;
  }

  /** Adds an operation with several results. */
  nodeOf(type: string, inputs: readonly string[], results: number, attributes: Attributes = {}): string[] {
    const outputs = Array.from({ length: results }, () => this.named(`${type}_${this.nodes.length}`));
    this.nodes.push({ type, inputs, outputs, attributes });
    return outputs;
  }

  /** A constant tensor in float16 under a name of its own, and its numbers in float32. */
  half(wish: string, sizes: readonly number[], numbers: Data): string {
    const name = this.named(wish);
    this.initializers.push({ name, kind: 'float16', sizes, bytes: bytesOfHalves(name, numbers) });
    return this.cast(name, KINDS.float32);
  }

  /** A constant tensor under a name of its own. */
  tensor(wish: string, sizes: readonly number[], numbers: Data): string {
    const name = this.named(wish);
    this.initializers.push({ name, kind: dtypeOf(numbers), sizes, bytes: bytesOf(numbers) });
    return name;
  }

  /** A number, which broadcasts. */
  scalar(kind: Kind, value: number): string {
    return this.#constant(kind, [], [value]);
  }

  /**
   * A number that elements of a value are computed with, whose last axis has this width. onnxruntime joins a product of matrices and of a number in
   * one, which then rounds a float64 to float32: but no list of numbers.
   */
  number(kind: Kind, value: number, width: Size | undefined): string {
    const list = kind === 'float64' && typeof width === 'number' && width > 1;
    return list ? this.#constant(kind, [width], new Array<number>(width).fill(value)) : this.scalar(kind, value);
  }

  /** Whole numbers, such as axes and sizes: a list of int64. */
  integers(values: readonly number[]): string {
    return this.#constant('int64', [values.length], values);
  }

  /** Indices: a list of int32, or any shape of them. */
  indices(values: readonly number[], sizes: readonly number[] = [values.length]): string {
    return this.#constant('int32', sizes, values);
  }

  #constant(kind: Kind, sizes: readonly number[], values: readonly number[]): string {
    const key = `${kind} ${sizes} ${values.map((value) => (Object.is(value, -0) ? '-0' : value))}`;
    const known = this.#constants.get(key);
    if (known) return known;
    const name = this.named('constant');
    this.initializers.push({ name, kind, sizes, bytes: bytesFor(kind, values) });
    this.#constants.set(key, name);
    return name;
  }

  /** A shape: a list of int64, computed from the size of the batch where it changes with it. */
  shape(sizes: readonly Size[]): string {
    const fixed = sizes.filter((size) => typeof size === 'number');
    if (fixed.length === sizes.length) return this.integers(fixed);
    const parts = sizes.map((size) => this.size(size));
    return parts.length === 1 ? parts[0]! : this.node('Concat', parts, { axis: 0 });
  }

  /** A size as a list of one int64. */
  size(size: Size): string {
    if (typeof size === 'number') return this.integers([size]);
    if (!size.line || !this.batch)
      throw new ValueError(
        `a size that is ${size.at.join(', ')} for the batches that were tried is no multiple of the batch's and a constant`,
      );
    const { perExample, constant } = size.line;
    const key = `${perExample} ${constant}`;
    const known = this.#free.get(key);
    if (known) return known;
    let name = this.#free.get('1 0') ?? this.node('Gather', [this.node('Shape', [this.batch]), this.integers([0])]);
    this.#free.set('1 0', name);
    if (perExample !== 1) name = this.node('Mul', [name, this.integers([perExample])]);
    if (constant !== 0) name = this.node('Add', [name, this.integers([constant])]);
    this.#free.set(key, name);
    return name;
  }

  /** The same numbers in another shape. */
  reshape(x: string, to: readonly Size[]): string {
    const name = this.#reshaped(x, to);
    this.#sources.set(name, this.sourceOf(x));
    return name;
  }

  /** The value that holds the same numbers and was not reshaped. */
  sourceOf(x: string): string {
    return this.#sources.get(x) ?? x;
  }

  #reshaped(x: string, to: readonly Size[]): string {
    const free = to.filter((size) => size instanceof Free).length;
    // One size may be left to the runtime, unless another is 0: then it could be any.
    if (free === 1 && !to.includes(0))
      return this.node('Reshape', [x, this.integers(to.map((size) => (size instanceof Free ? -1 : size)))]);
    return this.node('Reshape', [x, this.shape(to)], to.includes(0) ? { allowzero: 1 } : {});
  }

  /** Repeats elements along axes of size 1 and new ones in front. */
  expand(x: string, to: readonly Size[]): string {
    return this.node('Expand', [x, this.shape(to)]);
  }

  transpose(x: string, axes: readonly number[]): string {
    return axes.every((axis, i) => axis === i) ? x : this.node('Transpose', [x], { perm: axes });
  }

  cast(x: string, to: number): string {
    return this.node('Cast', [x], { to });
  }

  /** Along one axis from a start up to, but without, an end; both may count from the end of the axis. */
  slice(
    x: string,
    axes: readonly number[],
    starts: readonly number[],
    ends: readonly number[],
    steps: readonly number[] = axes.map(() => 1),
  ): string {
    return this.node('Slice', [x, ...[starts, ends, axes, steps].map((list) => this.integers(list))]);
  }

  /** A reduction along some axes, perhaps none. */
  reduce(type: Reduction, x: string, axes: readonly number[], keepDims = true): string {
    // To ONNX no axes are all.
    if (axes.length === 0) return x;
    const keepdims = Number(keepDims);
    // Since version 13 of the operators a sum is told its axes by an input, the others not before version 18.
    return type === 'ReduceSum' ? this.node(type, [x, this.integers(axes)], { keepdims }) : this.node(type, [x], { axes, keepdims });
  }

  /** Zeros added at both ends of axes. */
  pad(x: string, before: readonly number[], after: readonly number[], zero: string): string {
    return [...before, ...after].every((n) => n === 0) ? x : this.node('Pad', [x, this.integers([...before, ...after]), zero]);
  }
}

function bytesFor(kind: Kind, values: readonly number[]): Uint8Array {
  if (kind === 'int64') return bytesOf64(values);
  if (kind === 'float32') return bytesOf(Float32Array.from(values));
  return bytesOf(kind === 'int32' ? Int32Array.from(values) : Float64Array.from(values));
}

function bytesOf64(values: readonly number[]): Uint8Array {
  const bytes = new Uint8Array(8 * values.length);
  const view = new DataView(bytes.buffer);
  values.forEach((value, i) => {
    view.setBigInt64(8 * i, BigInt(value), true);
  });
  return bytes;
}
