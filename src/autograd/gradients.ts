import { TapeError, ValueError } from '../base/errors.ts';
import { insteadOf, quote } from '../base/options.ts';
import { formatShape } from '../base/shape.ts';
import { Parameter } from '../tensor/parameter.ts';
import { checkTensor, type Tensor } from '../tensor/tensor.ts';

/**
 * The gradients that one sweep found, each under the tensor it belongs to: a map that never changes. Sums and multiples are new ones. Iteration and
 * `entries()` give pairs `[tensor, gradient]`, in the order in which the tape saw the tensors.
 *
 * @example
 * const w = new Parameter(Tensor.of([1, 2]));
 * const tape = new Tape();
 * const gradients = tape.backward(tape.record(() => w.mul(w).sum()));
 * gradients.get(w).toArray() // => [2, 4]
 * Array.from(gradients, ([x, gradient]) => [x.toArray(), gradient.toArray()]) // => [[[1, 2], [2, 4]]]
 */
export class Gradients implements Iterable<readonly [Tensor, Tensor]> {
  readonly #found: ReadonlyMap<Tensor, Tensor>;
  readonly #unreached: ReadonlySet<Tensor>;

  /**
   * @param found pairs of a tensor and its gradient
   * @param unreached those of the tensors on which the value does not depend
   * @throws ValueError for what is no list of pairs, DtypeError for what is no pair of tensors.
   */
  constructor(found: Iterable<readonly [Tensor, Tensor]> = [], unreached: Iterable<Tensor> = none) {
    if (unreached !== none) checkList(unreached);
    this.#found = checkedPairs(found);
    this.#unreached = unreached === none ? none : new Set(unreached);
  }

  /**
   * The gradient of a tensor.
   * @throws TapeError where there is none, since the tape never saw the tensor.
   */
  get<S extends readonly number[]>(x: Tensor<S>): Tensor<S> {
    const found = this.#found.get(x);
    if (found) return found as Tensor;
    checkTensor('gradients', 'what to look up', x);
    const who = x instanceof Parameter && x.path !== undefined ? x.path : `a tensor of shape ${formatShape(x.sizes)}`;
    throw new TapeError(
      `gradients: none for ${who}: backward gives those of the parameters that the tape saw; ask for that of any other tensor by tape.backward(y, [x])`,
    );
  }

  /** Whether a tensor has a gradient here. */
  has(x: Tensor): boolean {
    return this.#found.has(x);
  }

  /**
   * Whether the value depends on a tensor. Where it does not, the gradient is 0 for that reason, and optimizers leave the tensor as it is.
   * @example
   * const [a, b] = [new Parameter(Tensor.of(1)), new Parameter(Tensor.of(1))];
   * const tape = new Tape();
   * const gradients = tape.backward(tape.record(() => { b.mul(2); return a.mul(0); }));
   * [gradients.reached(a), gradients.reached(b)] // => [true, false]
   */
  reached(x: Tensor): boolean {
    return this.#found.has(x) && !this.#unreached.has(x);
  }

  /** How many tensors have a gradient here. */
  get size(): number {
    return this.#found.size;
  }

  /** The tensors that have a gradient here. */
  keys(): IterableIterator<Tensor> {
    return this.#found.keys();
  }

  /** The gradients, in the order of `keys()`. */
  values(): IterableIterator<Tensor> {
    return this.#found.values();
  }

  /** Each tensor with its gradient. */
  entries(): IterableIterator<readonly [Tensor, Tensor]> {
    return this.#found.entries();
  }

  [Symbol.iterator](): IterableIterator<readonly [Tensor, Tensor]> {
    return this.#found.entries();
  }

  /**
   * The sum of these and others, as if one tape had seen the sum of both losses. So gradients are accumulated.
   * @example
   * const w = new Parameter(Tensor.of([1, 2]));
   * const gradientOf = (scale: number) => { const tape = new Tape(); return tape.backward(tape.record(() => w.mul(scale).sum())); };
   * gradientOf(2).add(gradientOf(3)).get(w).toArray() // => [5, 5]
   */
  add(others: Gradients): Gradients {
    refuseOthers(others);
    const sums = new Map(this.#found);
    for (const [x, gradient] of others) {
      const before = sums.get(x);
      sums.set(x, before ? before.add(gradient) : gradient);
    }
    return gradientsOf(
      sums,
      [...sums.keys()].filter((x) => !this.reached(x) && !others.reached(x)),
    );
  }

  /** All of these times a number: `1 / n`, say, for the mean over `n` tapes. @throws ValueError for a factor that is not finite. */
  scale(factor: number): Gradients {
    if (!Number.isFinite(factor)) throw new ValueError(`gradients.scale: expected a finite factor, got ${quote(factor)}`);
    return this.#map((gradient) => gradient.mul(factor));
  }

  /** The Euclidean norm of all of these as one long vector: `√Σ g²`, in float64. */
  norm(): number {
    const square = this.#squares(1);
    // Squares overflow, or vanish, long before the numbers themselves: then all are measured in multiples of about the largest.
    if (square > 1e-200 && square < Infinity) return Math.sqrt(square);
    const largest = this.#largest();
    const unit = powerBelow(largest);
    return largest > 0 && largest < Infinity ? unit * Math.sqrt(this.#squares(unit)) : largest;
  }

  /** The sum of all squares, in multiples of a unit. */
  #squares(unit: number): number {
    let total = 0;
    for (const gradient of this.#found.values()) {
      const wide = gradient.cast('float64');
      const measured = unit === 1 ? wide : wide.div(unit);
      total += measured.mul(measured).sum().item();
    }
    return total;
  }

  /** The largest size of an element; NaN if there is one. */
  #largest(): number {
    const sizes = [...this.#found.values()].map((gradient) => (gradient.size === 0 ? 0 : gradient.abs().max().item()));
    return Math.max(0, ...sizes);
  }

  /** Each gradient changed by a function; what was reached stays the same. */
  #map(change: (gradient: Tensor) => Tensor): Gradients {
    return gradientsOf(
      [...this.#found].map(([x, gradient]) => [x, change(gradient)] as const),
      this.#unreached,
    );
  }

  /**
   * All of these scaled by one factor so that their `norm()` is the limit, where it exceeds it (Pascanu et al. 2013).
   * @throws ValueError for a limit that is no number above 0, and where the norm is not finite: there is no direction to keep.
   * @example
   * const w = new Parameter(Tensor.of([1, 2]));
   * const tape = new Tape();
   * tape.backward(tape.record(() => w.mul(Tensor.of([3, 4])).sum())).clipByNorm(1).get(w).toArray().map((g) => g.toFixed(2)) // => ['0.60', '0.80']
   */
  clipByNorm(limit: number): Gradients {
    checkLimit('clipByNorm', limit);
    const norm = this.norm();
    const largest = norm > 1e30 ? this.#largest() : 1;
    if (!Number.isFinite(norm) && !Number.isFinite(largest / norm))
      throw new ValueError(`clipByNorm: the gradients have norm ${norm}; record with { check: 'finite' } to see where`);
    if (!(norm > limit)) return this;
    // The factor may be smaller than float32 can hold: then in two steps.
    return largest === 1 ? this.scale(limit / norm) : this.scale(1 / largest).scale(limit / Math.sqrt(this.#squares(largest)));
  }

  /**
   * Each element of these clamped to `−limit` … `limit`.
   * @throws ValueError for a limit that is no number above 0.
   * @example
   * const w = new Parameter(Tensor.of([1, 2]));
   * const tape = new Tape();
   * tape.backward(tape.record(() => w.mul(Tensor.of([3, -4])).sum())).clipByValue(1).get(w).toArray() // => [1, -1]
   */
  clipByValue(limit: number): Gradients {
    checkLimit('clipByValue', limit);
    return this.#map((gradient) => gradient.clamp(-limit, limit));
  }
}

const none: ReadonlySet<Tensor> = /* @__PURE__ */ new Set<Tensor>();

function checkedPairs(found: Iterable<readonly [Tensor, Tensor]>): Map<Tensor, Tensor> {
  checkList(found);
  const pairs = new Map<Tensor, Tensor>();
  for (const pair of found) {
    if (!Array.isArray(pair)) throw new ValueError(`Gradients: expected pairs [tensor, gradient], got ${quote(pair)}`);
    const [x, gradient] = pair as readonly [Tensor, Tensor];
    checkTensor('Gradients', 'what has a gradient', x);
    checkTensor('Gradients', 'a gradient', gradient);
    pairs.set(x, gradient);
  }
  return pairs;
}

function checkList(list: Iterable<unknown>): void {
  if (typeof list !== 'object' || typeof list?.[Symbol.iterator] !== 'function')
    throw new ValueError(`Gradients: expected a list of pairs [tensor, gradient], got ${quote(list)}`);
}

// Outside of the class: a class that names itself is renamed by bundlers, and consoles would print the other name.
function refuseOthers(others: unknown): void {
  if (!(others instanceof Gradients)) throw new TapeError(`gradients.add: expected other gradients, got ${insteadOf(Gradients, others)}`);
}

const gradientsOf = (found: Iterable<readonly [Tensor, Tensor]>, unreached: Iterable<Tensor>): Gradients => new Gradients(found, unreached);

/** The largest power of 2 that is not above a number, which divides without rounding. */
function powerBelow(x: number): number {
  let power = 1;
  while (power * 2 <= x && power < Infinity) power *= 2;
  while (power > x && power > 0) power /= 2;
  return power;
}

function checkLimit(where: string, limit: unknown): void {
  if (!(typeof limit === 'number' && limit > 0)) throw new ValueError(`${where}: expected a limit above 0, got ${quote(limit)}`);
}
