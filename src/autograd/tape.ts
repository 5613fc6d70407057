/**
 * A tape is the list of operations that happened, in order: a Wengert list.
 * Print it to read the computation; sweep it backward to differentiate.
 */

import { isFloat, newData } from '../tensor/dtype.ts';
import { DerivativeError, ShapeError, TapeError } from '../tensor/errors.ts';
import { letProductsWait } from '../tensor/machine.ts';
import type { Derivative, Op } from '../tensor/op.ts';
import { Parameter } from '../tensor/parameter.ts';
import { type Recorder, recorders } from '../tensor/recorders.ts';
import { sameShape, show, stretchesTo } from '../tensor/shape.ts';
import type { Shape } from '../tensor/shape-types.ts';
import { checkTensor, Tensor } from '../tensor/tensor.ts';
import { performFused } from './fuse.ts';
import { Gradients } from './gradients.ts';
import { write } from './write.ts';

/** One line of a computation: `output = op(inputs, attributes)`. Inputs and output are numbers of values on the tape. */
export interface Entry {
  readonly op: Op<any, any>;
  readonly inputs: Readonly<Record<string, number>>;
  readonly attributes: object;
  readonly output: number;
}

/** A tensor that a tape saw: what is known of it, and the tensor itself until the tape was swept. */
export interface Value {
  readonly shape: Shape;
  /** What it is called, if it has a name: the one given to the tape, or a parameter's path. */
  readonly name: string | undefined;
  /** The number it holds, if it came from outside and has no axes. */
  readonly constant: number | undefined;
  /** The version of a parameter when the tape first saw it. */
  readonly version: number | undefined;
  tensor: Tensor | undefined;
}

/** How to sweep. */
export interface Sweep {
  /** The gradient that arrives at the end, of the same shape; 1 for a scalar. */
  readonly seed?: Tensor;
  /** Whether the tape is to be swept again. By default it lets go of all it holds. */
  readonly keep?: boolean;
}

/**
 * The memory of a computation, from which its derivatives are taken.
 *
 * @example
 * const x = Tensor.of([1, 2]);
 * const tape = new Tape({ x });
 * const y = tape.record(() => x.mul(x).sum());
 * String(tape) // => '%0 : [2] = mul(x, x)\n%1 : [] = sum(%0, axes: [0])'
 * tape.backward(y, [x])[0].toArray() // => [2, 4]
 */
export class Tape {
  /** What happened, in order. */
  readonly entries: Entry[] = [];
  /** Every tensor that took part, by its number. */
  readonly values: Value[] = [];
  readonly #numbers = new Map<Tensor, number>();
  #recording = false;
  #swept = false;

  /** @param names tensors to be seen by name when the tape is printed */
  constructor(names: Readonly<Record<string, Tensor>> = {}) {
    for (const [name, x] of Object.entries(names)) {
      checkTensor('Tape', name, x);
      this.#see(x, name);
    }
  }

  /**
   * Runs a function, remembering every operation it performs, and returns what it returns.
   * @throws TapeError for an asynchronous function, whose operations would happen after the recording; and after the sweep.
   */
  record<T>(f: () => T): T {
    this.#refuseIfSwept('record');
    if (typeof f !== 'function') throw new TapeError(`record: expected a function, got ${typeof f}`);
    if (this.#recording) throw new TapeError('record: this tape is recording already; give the inner function a tape of its own');
    const recorder: Recorder = (op, inputs, attributes, output) => {
      const numbers: Record<string, number> = {};
      for (const name in inputs) numbers[name] = this.#numbers.get(inputs[name]!) ?? this.#see(inputs[name]!);
      this.entries.push({ op, inputs: numbers, attributes, output: this.#number(output, undefined, undefined) });
    };
    recorders.push(recorder);
    this.#recording = true;
    try {
      const result = f();
      if (typeof (result as PromiseLike<unknown> | undefined)?.then === 'function')
        throw new TapeError('record: expected a synchronous function, got one that returns a promise; await the data first, then record');
      return result;
    } finally {
      recorders.pop();
      this.#recording = false;
    }
  }

  /**
   * One reverse sweep: the gradients of `y`, which is a scalar or comes with a seed, for every parameter the tape saw, or for the tensors that are
   * named. A tensor that `y` does not depend on has a gradient of zeros. The sweep is made of operations, so a tape that records it can
   * differentiate it again.
   *
   * @throws TapeError for a second sweep (unless the first was told to `keep`), for a parameter assigned since, and for what the tape never saw;
   * ShapeError for a `y` that is no scalar.
   */
  backward(y: Tensor, options?: Sweep): Gradients;
  backward<const Xs extends readonly Tensor[]>(y: Tensor, xs: Xs, options?: Sweep): { -readonly [I in keyof Xs]: Xs[I] };
  backward(y: Tensor, second: readonly Tensor[] | Sweep = {}, third: Sweep = {}): Gradients | Tensor[] {
    if (second instanceof Tensor)
      throw new TapeError('backward: expected a list of tensors to take gradients of, got one tensor; write backward(y, [x])');
    const xs = isList(second) ? second : undefined;
    const { seed, keep = false } = isList(second) ? third : second;
    this.#refuseIfSwept('backward');
    if (!(y instanceof Tensor)) throw new TapeError(`backward: expected a tensor to start from, got ${y === null ? 'null' : typeof y}`);
    if (this.#recording) throw new TapeError('backward: this tape is still recording; sweep it after record has returned');
    this.#refuseIfAssigned();
    const from = this.#numbers.get(y);
    if (from === undefined)
      throw new TapeError(`backward: the tape never saw the value of shape ${show(y.shape)} to start from; was it computed inside record?`);
    const to = xs ?? this.#parameters();
    const numbers = to.map((x, i) => this.#wanted(x, i));
    const found = this.#sweep(from, seedFor(y, seed), numbers, !xs);
    if (!keep) this.#release();
    return xs ? found : new Gradients(to.map((x, i) => [x, found[i]!] as const));
  }

  /** Whether the tape has seen a tensor. */
  has(x: Tensor): boolean {
    return this.#numbers.has(x);
  }

  /** One line an operation: `%0 : [64, 300] = matmul(x, layers.0.weight)`. It can be read after the sweep as well. */
  toString(): string {
    return write(this.entries, this.values);
  }

  #sweep(from: number, seed: Tensor, to: readonly number[], mayWait: boolean): Tensor[] {
    const dependent = this.#dependents(to);
    const wanted: boolean[] = [];
    for (const x of to) wanted[x] = true;
    // Whoever records the sweep wants to see the operations that the rules are made of.
    const seen = recorders.length > 0;
    const gradients: (Tensor | undefined)[] = [];
    gradients[from] = seed;
    for (let i = this.entries.length - 1; i >= 0; i--) {
      const { op, inputs, attributes, output } = this.entries[i]!;
      const dy = gradients[output];
      if (!dy || !dependent[output]) continue;
      // Nobody asks for it again: what is computed later does not flow back to it.
      if (!wanted[output]) gradients[output] = undefined;
      // `y` and `dy` come first: Node 20 takes twenty times as long to add them to what was spread.
      const scene: Record<string, unknown> = { y: this.values[output]!.tensor, dy };
      for (const name in inputs) scene[name] = this.values[inputs[name]!]!.tensor;
      for (const name in attributes) scene[name] = (attributes as Record<string, unknown>)[name];
      for (const name in inputs) {
        const number = inputs[name]!;
        const rule = ruleOf(op, name);
        if (!rule || !dependent[number]) continue;
        const x = this.values[number]!.tensor!;
        const fused = seen ? undefined : performFused(op, name, scene);
        const dx = fused ?? (mayWait && !seen && x instanceof Parameter ? letProductsWait(rule, scene as Scene) : rule(scene as Scene));
        const sofar = gradients[number];
        const own = undoBroadcast(dx, x, op.name, name);
        gradients[number] = sofar ? sofar.add(own) : own;
      }
    }
    return to.map((x) => gradients[x] ?? Tensor.zeros(this.values[x]!.shape, this.values[x]!.tensor!.dtype));
  }

  /** Marks all that was computed from some values, in ways that can be differentiated; nothing else needs a gradient. */
  #dependents(to: readonly number[]): boolean[] {
    const dependent: boolean[] = [];
    for (const x of to) dependent[x] = true;
    for (const { op, inputs, output } of this.entries) {
      if (!isFloat(this.values[output]!.tensor!.dtype)) continue;
      for (const name in inputs) {
        if (dependent[inputs[name]!] && ruleOf(op, name)) dependent[output] = true;
      }
    }
    return dependent;
  }

  /** Takes note of a tensor from outside. */
  #see(x: Tensor, name?: string): number {
    const parameter = x instanceof Parameter ? x : undefined;
    const called = name ?? parameter?.path;
    const constant = x.rank === 0 && called === undefined && !parameter ? x.data[0] : undefined;
    return this.#number(x, called, parameter?.version, constant);
  }

  #number(tensor: Tensor, name: string | undefined, version: number | undefined, constant?: number): number {
    const number = this.values.length;
    this.#numbers.set(tensor, number);
    this.values.push({ shape: tensor.shape, name, constant, version, tensor });
    return number;
  }

  #parameters(): Parameter[] {
    const parameters = this.values.map(({ tensor }) => tensor).filter((x) => x instanceof Parameter);
    if (parameters.length > 0) return parameters;
    throw new TapeError('backward: the tape saw no parameter; name the tensors whose gradients you want: tape.backward(loss, [x])');
  }

  /** The number of a tensor whose gradient is asked for. */
  #wanted(x: Tensor, which: number): number {
    checkTensor('backward', `gradient ${which}`, x);
    const number = this.#numbers.get(x);
    if (number === undefined) {
      throw new TapeError(
        `backward: the tape never saw tensor ${which} of shape ${show(x.shape)}, whose gradient was asked for; is it the one used inside record, and not a copy?`,
      );
    }
    if (!isFloat(x.dtype))
      throw new DerivativeError(`backward: tensor ${which} of shape ${show(x.shape)} is int32, which has no derivative`);
    return number;
  }

  #refuseIfSwept(where: string): void {
    if (this.#swept)
      throw new TapeError(`${where}: this tape was swept and holds nothing any more; record on a new tape, or sweep with { keep: true }`);
  }

  #refuseIfAssigned(): void {
    for (const { tensor, name, version } of this.values) {
      if (version === undefined || (tensor as Parameter).version === version) continue;
      throw new TapeError(
        `backward: ${name ?? (tensor as Parameter).path ?? 'a parameter'} of shape ${show(tensor!.shape)} was assigned after the tape recorded it, so its gradient would be wrong; sweep first, then update`,
      );
    }
  }

  /** Lets go of every tensor; what is needed for printing stays. */
  #release(): void {
    this.#swept = true;
    this.#numbers.clear();
    for (const value of this.values) value.tensor = undefined;
  }
}

type Scene = Parameters<Derivative<any, any>>[0];

const isList = (x: readonly Tensor[] | Sweep): x is readonly Tensor[] => Array.isArray(x);

const ruleOf = (op: Op<any, any>, input: string): Derivative<any, any> | null =>
  typeof op.backward === 'function' ? op.backward(input) : op.backward[input]!;

/** The gradient to start from, which must be like the value. */
export function seedFor(y: Tensor, seed: Tensor | undefined): Tensor {
  if (!isFloat(y.dtype)) throw new DerivativeError(`backward: cannot start from int32 of shape ${show(y.shape)}, which has no derivative`);
  if (!seed) {
    if (y.size === 1) return new Tensor(y.shape, newData(y.dtype, 1).fill(1));
    throw new ShapeError(
      `backward: expected a scalar, got shape ${show(y.shape)}; take its mean or sum, or give a seed: tape.backward(y, xs, { seed })`,
    );
  }
  checkTensor('backward', 'the seed', seed);
  if (sameShape(seed.shape, y.shape) && seed.dtype === y.dtype) return seed;
  throw new ShapeError(
    `backward: expected a seed like the value it arrives at, ${y.dtype} ${show(y.shape)}, got ${seed.dtype} ${show(seed.shape)}`,
  );
}

/** Where an input was stretched, its gradient is summed: so no rule need think of broadcasting. */
function undoBroadcast(dx: Tensor, x: Tensor, op: string, input: string): Tensor {
  if (!(dx instanceof Tensor) || dx.dtype !== x.dtype || !stretchesTo(x.shape, dx.shape)) {
    const got = dx instanceof Tensor ? `${dx.dtype} ${show(dx.shape)}` : typeof dx;
    throw new DerivativeError(`${op}: expected a derivative for ${input} like ${input} itself, ${x.dtype} ${show(x.shape)}, got ${got}`);
  }
  return sameShape(dx.shape, x.shape) ? dx : dx.sumTo(x.shape);
}
