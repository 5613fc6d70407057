import { TapeError, ValueError } from '../base/errors.ts';
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

  constructor(found: Iterable<readonly [Tensor, Tensor]> = []) {
    this.#found = new Map(found);
  }

  /**
   * The gradient of a tensor.
   * @throws TapeError where there is none, since the tape never saw the tensor.
   */
  get<S extends readonly number[]>(x: Tensor<S>): Tensor<S> {
    const found = this.#found.get(x);
    if (found) return found as Tensor;
    checkTensor('gradients', 'what to look up', x);
    const who = x instanceof Parameter && x.path !== undefined ? x.path : `a tensor of shape ${formatShape(x.shape)}`;
    throw new TapeError(
      `gradients: none for ${who}: backward gives those of the parameters that the tape saw; ask for that of any other tensor by tape.backward(y, [x])`,
    );
  }

  /** Whether a tensor has a gradient here. */
  has(x: Tensor): boolean {
    return this.#found.has(x);
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
    const sums = new Map(this.#found);
    for (const [x, gradient] of others) {
      const before = sums.get(x);
      sums.set(x, before ? before.add(gradient) : gradient);
    }
    return gradientsOf(sums);
  }

  /** All of these times a number: `1 / n`, say, for the mean over `n` tapes. @throws ValueError for a factor that is not finite. */
  scale(factor: number): Gradients {
    if (!Number.isFinite(factor)) throw new ValueError(`gradients: expected a finite factor, got ${factor}`);
    return gradientsOf([...this.#found].map(([x, gradient]) => [x, gradient.mul(factor)] as const));
  }

  /** The Euclidean norm of all of these as one long vector: `√Σ g²`, in float64. */
  norm(): number {
    const squares = [...this.#found.values()].map((gradient) => {
      const wide = gradient.cast('float64');
      return wide.mul(wide).sum().item();
    });
    return Math.sqrt(squares.reduce((a, b) => a + b, 0));
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
    if (!(limit > 0)) throw new ValueError(`clipByNorm: expected a limit above 0, got ${limit}`);
    const norm = this.norm();
    if (!Number.isFinite(norm))
      throw new ValueError(`clipByNorm: the gradients have norm ${norm}; record with { check: 'finite' } to see where`);
    return norm > limit ? this.scale(limit / norm) : this;
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
    if (!(limit > 0)) throw new ValueError(`clipByValue: expected a limit above 0, got ${limit}`);
    return gradientsOf([...this.#found].map(([x, gradient]) => [x, gradient.clamp(-limit, limit)] as const));
  }
}

// Outside of the class: a class that names itself is renamed by bundlers, and consoles would print the other name.
const gradientsOf = (found: Iterable<readonly [Tensor, Tensor]>): Gradients => new Gradients(found);
