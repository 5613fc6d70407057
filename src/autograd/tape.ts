/**
 * A tape is the list of operations that happened, in order: a Wengert list.
 * Print it to read the computation; sweep it backward to differentiate.
 */

import { isFloat } from '../base/dtype.ts';
import { DerivativeError, TapeError, ValueError } from '../base/errors.ts';
import { formatShape } from '../base/shape.ts';
import type { Shape } from '../base/shape-types.ts';
import { withLazyMatmuls } from '../machine/machine.ts';
import type { Op } from '../tensor/op.ts';
import { Parameter } from '../tensor/parameter.ts';
import { type Recorder, recorders } from '../tensor/recorders.ts';
import { checkTensor, Tensor } from '../tensor/tensor.ts';
import { tensorsOf } from '../tensor/walk.ts';
import { checkGiven, checkMade, checkPassed, type Place } from './finite.ts';
import { performFused } from './fuse.ts';
import { Gradients } from './gradients.ts';
import { ruleOf, type Scene, sceneOf, seedFor, undoBroadcast } from './rules.ts';
import { type Explanation, explainTape, type Step, stepsOf } from './view/explain.ts';
import { write } from './view/text.ts';

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

/** How to record. */
export interface Recording {
  /** `'finite'`: stop at the first operation, in the recording or in the sweep, that makes a NaN or an infinity of finite numbers. */
  readonly check?: 'finite';
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
  #finite = false;

  /**
   * @param names tensors to be called by name when the tape is printed, and models, whose tensors are called by their paths in the model: after
   * `new Tape({ x, model })` the first weight is `layers.0.weight`. The model is not changed.
   * @throws DtypeError for what is neither a tensor nor a model.
   */
  constructor(names: Readonly<Record<string, object>> = {}) {
    for (const [name, x] of Object.entries(names)) {
      const tensors = [...tensorsOf(x)];
      if (typeof x !== 'object' || x === null || (Array.isArray(x) && tensors.length === 0)) checkTensor('Tape', name, x);
      for (const [path, tensor] of tensors) this.#see(tensor, path || name);
    }
  }

  /**
   * Runs a function, remembering every operation it performs, and returns what it returns.
   * @param options `check: 'finite'` looks at every number, which takes time: a NonFiniteError then names the layer and the operation that made the
   * first NaN or infinity, here or in the sweep, the ranges of its inputs and the likely cause
   * @throws TapeError for an asynchronous function, whose operations would happen after the recording; and after the sweep.
   */
  record<T>(f: () => T, { check }: Recording = {}): T {
    this.#refuseIfSwept('record');
    if (check !== undefined && check !== 'finite') throw new ValueError(`record: expected check 'finite', got ${JSON.stringify(check)}`);
    if (typeof f !== 'function') throw new TapeError(`record: expected a function, got ${typeof f}`);
    if (this.#recording) throw new TapeError('record: this tape is recording already; give the inner function a tape of its own');
    const recorder: Recorder = (op, inputs, attributes, output) => {
      const numbers: Record<string, number> = {};
      for (const name in inputs) numbers[name] = this.#numbers.get(inputs[name]!) ?? this.#see(inputs[name]!);
      if (this.#finite) checkMade(op, inputs, output, () => this.#placeOf(numbers));
      this.entries.push({ op, inputs: numbers, attributes, output: this.#number(output, undefined, undefined) });
    };
    recorders.push(recorder);
    this.#recording = true;
    this.#finite = check === 'finite';
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
      throw new TapeError(
        `backward: the tape never saw the value of shape ${formatShape(y.shape)} to start from; was it computed inside record?`,
      );
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

  /**
   * The sweep of `y`, turn by turn: what each operation passes back to each of its inputs, computed when it is asked for. The tape keeps all it holds.
   *
   * @throws TapeError for a `y` that the tape never saw, ShapeError for one that is no scalar and has no seed.
   * @example
   * const x = Tensor.of(3);
   * const tape = new Tape({ x });
   * const y = tape.record(() => x.mul(x).sigmoid());
   * [...tape.steps(y)].map(({ name, rule }) => `${name}: ${rule}`) // => ['%0: dy · y · (1 − y)', 'x: dy · a', 'x: dy · a']
   */
  steps(y: Tensor, { seed }: Pick<Sweep, 'seed'> = {}): Generator<Step, void> {
    return stepsOf(this, y, seed);
  }

  /**
   * Why the gradient of `y` for `x` is what it is: every path from `y` back to `x`, with the rule at each operation, the gradient that arrives there
   * and the one that is passed back. The gradient is the sum over the paths. Prints as text. The tape keeps all it holds.
   *
   * @param options `seed` as for `backward`; of many paths only the first `most` (16) are told
   * @throws TapeError for what the tape never saw, or where it was swept.
   * @example
   * const x = Tensor.of(3);
   * const tape = new Tape({ x });
   * const y = tape.record(() => x.mul(x));
   * tape.explain(y, x).paths.map(({ gradient }) => gradient.item()) // => [3, 3]
   */
  explain(y: Tensor, x: Tensor, options: Pick<Sweep, 'seed'> & { readonly most?: number } = {}): Explanation {
    return explainTape(this, y, x, options);
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
      const { op, inputs, output } = this.entries[i]!;
      const dy = gradients[output];
      if (!dy || !dependent[output]) continue;
      // Nobody asks for it again: what is computed later does not flow back to it.
      if (!wanted[output]) gradients[output] = undefined;
      const scene = sceneOf(this.entries[i]!, this.values, dy);
      for (const name in inputs) {
        const number = inputs[name]!;
        const rule = ruleOf(op, name);
        if (!rule || !dependent[number]) continue;
        const x = this.values[number]!.tensor!;
        const fused = seen ? undefined : performFused(op, name, scene);
        const dx = fused ?? (mayWait && !seen && x instanceof Parameter ? withLazyMatmuls(rule, scene as Scene) : rule(scene as Scene));
        const sofar = gradients[number];
        const own = undoBroadcast(dx, x, op.name, name);
        if (this.#finite) checkPassed(op, name, this.#inputsOf(inputs), dy, own, () => this.#placeOf(inputs));
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

  #inputsOf(numbers: Readonly<Record<string, number>>): Record<string, Tensor> {
    return Object.fromEntries(Object.entries(numbers).map(([name, number]) => [name, this.values[number]!.tensor!]));
  }

  /** The layer of a parameter among some inputs, or of the nearest on the way back from them. */
  #placeOf(inputs: Readonly<Record<string, number>>): Place | undefined {
    const direct = Object.values(inputs);
    const seen = new Set(direct);
    const makers = new Map(this.entries.map((entry) => [entry.output, entry]));
    for (const number of seen) {
      const { tensor, name } = this.values[number]!;
      if (tensor instanceof Parameter && name?.includes('.'))
        return { layer: name.slice(0, name.lastIndexOf('.')), within: direct.includes(number) };
      for (const input of Object.values(makers.get(number)?.inputs ?? {})) seen.add(input);
    }
    return undefined;
  }

  /** Takes note of a tensor from outside. */
  #see(x: Tensor, name?: string): number {
    const parameter = x instanceof Parameter ? x : undefined;
    const called = name ?? parameter?.path;
    if (this.#finite) checkGiven(x, called ?? 'a tensor from outside');
    const constant = x.rank === 0 && !parameter ? x.data[0] : undefined;
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
        `backward: the tape never saw tensor ${which} of shape ${formatShape(x.shape)}, whose gradient was asked for; is it the one used inside record, and not a copy?`,
      );
    }
    if (!isFloat(x.dtype))
      throw new DerivativeError(`backward: tensor ${which} of shape ${formatShape(x.shape)} is int32, which has no derivative`);
    return number;
  }

  #refuseIfSwept(where: string): void {
    if (this.#swept)
      throw new TapeError(`${where}: this tape was swept and holds nothing any more; record on a new tape, or sweep with { keep: true }`);
  }

  #refuseIfAssigned(): void {
    for (const { tensor, name, version } of this.values) {
      if ((tensor as Parameter).version === version) continue;
      throw new TapeError(
        `backward: ${name ?? (tensor as Parameter).path ?? 'a parameter'} of shape ${formatShape(tensor!.shape)} was assigned after the tape recorded it, so its gradient would be wrong; sweep first, then update`,
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

const isList = (x: readonly Tensor[] | Sweep): x is readonly Tensor[] => Array.isArray(x);
