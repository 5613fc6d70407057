import type { Dtype } from '../base/dtype.ts';
import { DtypeError, ShapeError } from '../base/errors.ts';
import { formatShape, sameShape } from '../base/shape.ts';
import type { Shape } from '../base/shape-types.ts';
import { rememberBuffer } from './known-buffers.ts';
import { unrecorded } from './recorders.ts';
import { checkTensor, Tensor } from './tensor.ts';
import { atEndOfScope, isAwaited } from './training-scope.ts';

/**
 * State of a layer that is not trained, such as running statistics: a value that is replaced. It is found in a model as parameters are, and is part of
 * the state dict; no optimizer moves it.
 *
 * @example
 * class Centred {
 *   readonly mean = new Buffer(Tensor.zeros([2]));
 *   forward(x: Tensor): Tensor {
 *     if (isTraining()) this.mean.replace((mean) => mean.mul(0.9).add(x.mean(0).mul(0.1)));
 *     return x.sub(this.mean.value);
 *   }
 * }
 * const layer = new Centred();
 * training(() => layer.forward(Tensor.of([[10, 20]])));
 * layer.mean.value.toArray() // => [1, 2]
 */
export class Buffer<S extends Shape = any> {
  #value: Tensor<S>;

  /** Where in a model it is, such as `layers.1.mean`: what errors call it. An optimizer of the model sets it. */
  path: string | undefined;

  /** Whether it keeps its value in training: an optimizer sets it for what is `frozen`. */
  frozen = false;

  /**
   * A buffer that starts as a copy of a tensor, of any dtype.
   * @throws DtypeError for anything but a tensor.
   */
  constructor(initial: Tensor<S>) {
    checkTensor('Buffer', 'what to start from', initial);
    this.#value = copyOf(initial);
    rememberBuffer(this);
  }

  /** The value now. A tensor never changes: the next value is another one. */
  get value(): Tensor<S> {
    return this.#value;
  }

  get shape(): Tensor<S>['shape'] {
    return this.#value.shape;
  }

  get dtype(): Dtype {
    return this.#value.dtype;
  }

  /**
   * Replaces the value: in a recording, in `training` and in `evaluation` when the outermost of them ends without an exception, elsewhere at once. Of
   * several within one scope the first counts, so that whatever computes twice moves it once.
   * @param next a tensor of the same shape and dtype, or a function of the value now. The function is not recorded, and not called where nothing would be
   *   replaced: while something is computed again, for `{ statistics: false }`, and where it is frozen
   * @throws ShapeError, DtypeError; TapeError under `vmap`, for what differs from example to example.
   */
  replace(next: Tensor | ((value: Tensor<S>) => Tensor)): void {
    if (this.frozen || !isAwaited(this)) return;
    const value = typeof next === 'function' ? unrecorded(() => next(this.#value)) : next;
    const copy = this.#checked('replace', value);
    atEndOfScope(this, () => {
      this.#value = copy;
    });
  }

  /**
   * Sets the value at once.
   * @throws ShapeError, DtypeError
   */
  assign(value: Tensor): void {
    this.#value = this.#checked('assign', value);
  }

  /** A copy of a tensor that may take the place of the value. */
  #checked(where: string, value: Tensor): Tensor<S> {
    const who = this.path ?? 'the buffer';
    checkTensor(where, who, value);
    const { shape, dtype } = this.#value;
    if (!sameShape(value.shape, shape))
      throw new ShapeError(`${where}: ${who} has shape ${formatShape(shape)}, got ${formatShape(value.shape)}`);
    if (value.dtype !== dtype) throw new DtypeError(`${where}: ${who} is ${dtype}, got ${value.dtype}; convert it with cast('${dtype}')`);
    return copyOf(value);
  }
}

/** Numbers of its own, so that nothing else is kept alive by them. */
const copyOf = <S extends Shape>(x: Tensor<S>): Tensor<S> => Tensor.fromTypedArray(x.data, x.shape) as Tensor as Tensor<S>;
