/**
 * A tape is the list of operations that happened, in order: a Wengert list.
 * Print it to read the computation; sweep it backward to differentiate.
 */

import { DtypeError, TapeError } from '../base/errors.ts';
import { anything, boolean, isPlainObject, oneOf, optional, quote, readOptions, withoutDefault } from '../base/options.ts';
import { checkTensor, insteadOfTensor, Tensor } from '../tensor/tensor.ts';
import { recording } from '../tensor/training-scope.ts';
import { isBuffer, tensorsOf } from '../tensor/walk.ts';
import { gradientsOfParameters, gradientsOfTensors } from './backward.ts';
import type { Entry, Value } from './entries.ts';
import { checkFinite, recordFinite } from './finite-recording.ts';
import type { Gradients } from './gradients.ts';
import type { WatchPassed } from './pass-back.ts';
import { ComputationRecorder } from './recorder.ts';
import { write } from './view/text.ts';

/** How to sweep. */
export interface BackwardOptions {
  /** The gradient that arrives at the value to start from, of its shape and dtype. Default 1, for a scalar. */
  readonly gradient?: Tensor | undefined;
  /** Whether the tape is to be swept again. Default false: the tape releases all tensors it holds. */
  readonly keep?: boolean;
}

/** How to record. */
export interface RecordOptions {
  /**
   * `'finite'`: stop at the first operation, in the recording or in the sweep, that makes a NaN or an infinity of finite numbers. By default nothing is
   * checked.
   */
  readonly check?: 'finite';
  /**
   * Whether it is in training: masks are drawn, batch statistics used and taken in. Default true, but inside of `evaluation` and `training` what these
   * say. `false` is for a tape of a trained model.
   */
  readonly training?: boolean;
}

/**
 * The record of a computation, from which its derivatives are taken.
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
  readonly entries: readonly Entry[];
  /** Every tensor that took part, at the place of its id. */
  readonly values: readonly Value[];
  readonly #recorder = new ComputationRecorder();
  #recording = false;
  #swept = false;
  #finite = false;

  /**
   * @param names tensors by the names under which the tape prints them, and models, whose tensors it prints by their paths in the model: after
   * `new Tape({ x, model })` the first weight is `layers.0.weight`. A tensor with two names has the first. The model is not changed.
   * @throws DtypeError for what is neither a tensor nor a model.
   */
  constructor(names?: Readonly<Record<string, object>>) {
    this.entries = this.#recorder.entries;
    this.values = this.#recorder.values;
    if (names !== undefined) this.#name(names);
  }

  #name(names: Readonly<Record<string, object>>): void {
    const models: (readonly [string, (readonly [string, Tensor])[]])[] = [];
    if (names instanceof Tensor || !isPlainObject(names))
      throw new DtypeError(`Tape: expected tensors or models by their names, new Tape({ x, model }), got ${insteadOfTensor(names)}`);
    for (const [name, x] of Object.entries(names)) {
      const tensors = [...tensorsOf(x)].map(([path, found]) => [path, isBuffer(found) ? found.value : found] as const);
      if (typeof x !== 'object' || x === null || (Array.isArray(x) && tensors.length === 0)) checkTensor('Tape', name, x);
      if (x instanceof Tensor) this.#recorder.see(x, name);
      else if (tensors.length > 0) models.push([name, tensors]);
    }
    // Only named: what takes no part in the computation is to have no gradient.
    for (const [name, tensors] of models)
      for (const [path, tensor] of tensors) this.#recorder.name(tensor, models.length > 1 ? `${name}.${path}` : path);
  }

  /**
   * Runs a function, records every operation it performs, and returns what it returns.
   * @param options what is recorded is in training, unless `training: false`; `check: 'finite'` looks at every number, which takes time: a NonFiniteError then names the layer and the operation that made the
   * first NaN or infinity, here or in the sweep, the ranges of its inputs and the likely cause
   * @throws TapeError for an asynchronous function, whose operations would happen after the recording; and after the sweep.
   */
  record<T>(f: () => T, options?: RecordOptions): T {
    this.#refuseIfSwept('record');
    const { check, training }: RecordOptions = options === undefined ? {} : readOptions<RecordOptions>('record', options, RECORDING);
    if (typeof f !== 'function') throw new TapeError(`record: expected a function, got ${quote(f)}`);
    if (this.#recording) throw new TapeError('record: this tape is recording already; give the inner function a tape of its own');
    this.#recording = true;
    this.#finite = check === 'finite';
    try {
      return recording(training, this.#finite ? () => recordFinite(this.#recorder, f) : () => this.#recorder.record(f));
    } finally {
      this.#recording = false;
    }
  }

  /**
   * One reverse sweep: the gradients of `y`, which is a scalar or comes with the gradient that arrives at it, for every parameter the tape saw, or for
   * the tensors in a list. A tensor that `y` does not depend on has a gradient of zeros. The sweep is made of operations, so a tape that records it
   * can differentiate it again.
   *
   * @throws TapeError for a second sweep (unless the first had `keep: true`), for a parameter assigned since the recording, and for tensors that the
   * tape never saw; ShapeError for a `y` that is no scalar and has no `gradient`.
   */
  backward(y: Tensor, options?: BackwardOptions): Gradients;
  backward<const Xs extends readonly Tensor[]>(y: Tensor, xs: Xs, options?: BackwardOptions): { -readonly [I in keyof Xs]: Xs[I] };
  backward(y: Tensor, second?: readonly Tensor[] | BackwardOptions, third?: BackwardOptions): Gradients | Tensor[] {
    if (second instanceof Tensor) throw new TapeError('backward: expected a list of tensors, got one; write backward(y, [x])');
    const xs = Array.isArray(second) ? (second as readonly Tensor[]) : undefined;
    if (second instanceof Set || second instanceof Map)
      throw new TapeError('backward: expected a list of tensors, got a Set or a Map; write backward(y, [...tensors])');
    if (!xs && third !== undefined) throw new TapeError('backward: expected the options after the value, backward(y, { gradient })');
    const options = xs ? third : (second as BackwardOptions | undefined);
    // A small network is swept ten thousand times a second, mostly without options.
    const { gradient, keep }: BackwardOptions = options === undefined ? {} : readOptions<BackwardOptions>('backward', options, SWEEP);
    this.#refuseIfSwept('backward');
    if (this.#recording) throw new TapeError('backward: this tape is still recording; sweep it after record has returned');
    const watch: WatchPassed | undefined = this.#finite ? (...passed) => checkFinite(this, ...passed) : undefined;
    const gradients = xs
      ? gradientsOfTensors(this.#recorder, y, xs, { gradient, watch })
      : gradientsOfParameters(this.#recorder, y, { gradient, watch });
    if (!keep) this.#release();
    return gradients;
  }

  /** Whether the tape has seen a tensor, and still holds it. */
  has(x: Tensor): boolean {
    checkTensor('has', 'what to look for', x);
    return this.#recorder.idOf(x) !== undefined;
  }

  /** One line an operation: `%0 : [64, 300] = matmul(x, layers.0.weight)`. It can be read after the sweep as well. */
  toString(): string {
    return write(this);
  }

  #refuseIfSwept(where: string): void {
    if (this.#swept)
      throw new TapeError(`${where}: this tape was swept and holds nothing any more; record on a new tape, or sweep with { keep: true }`);
  }

  #release(): void {
    this.#swept = true;
    this.#recorder.release();
  }
}

/** Refuses what is no tape, since JavaScript callers can pass anything. */
export function checkTape(where: string, tape: unknown): asserts tape is Tape {
  if (!(tape instanceof Tape)) throw new TapeError(`${where}: expected a tape, got ${quote(tape)}`);
}

const RECORDING = {
  check: /* @__PURE__ */ withoutDefault(/* @__PURE__ */ oneOf('finite')),
  training: /* @__PURE__ */ withoutDefault(boolean),
};

const SWEEP = {
  gradient: /* @__PURE__ */ withoutDefault(anything),
  keep: /* @__PURE__ */ optional(boolean, false),
};
