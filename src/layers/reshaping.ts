/** Layers that keep all numbers, and give them other axes. */

import { ShapeError } from '../base/errors.ts';
import { check, quote } from '../base/options.ts';
import { formatShape, normalizeAxis, sizeOf } from '../base/shape.ts';
import { checkTensor, type Tensor } from '../tensor/tensor.ts';

const axisNumber = { words: 'the number of an axis', holds: (x: unknown) => Number.isInteger(x) };

/**
 * Several axes in a row as one: by default all but the first, that of the batch, as a `Linear` takes them.
 * @example new Flatten().forward(Tensor.zeros([4, 16, 5, 5])).shape // => [4, 400]
 */
export class Flatten {
  readonly first: number;
  readonly last: number;

  /**
   * @param first the first of the axes, default 1
   * @param last the last of them, default −1
   * @throws ValueError for what is no whole number.
   */
  constructor(first = 1, last = -1) {
    check('Flatten', { first, last }, axisNumber);
    this.first = first;
    this.last = last;
  }

  /** @throws ShapeError for axes that there are not. */
  forward(x: Tensor): Tensor {
    checkTensor('Flatten', 'x', x);
    return x.flatten(this.first, this.last);
  }
}

/**
 * One axis as several: what undoes `Flatten`.
 * @example new Unflatten(1, [16, 5, 5]).forward(Tensor.zeros([4, 400])).shape // => [4, 16, 5, 5]
 */
export class Unflatten {
  readonly axis: number;
  readonly sizes: readonly number[];

  /**
   * @param axis the axis that is taken apart
   * @param sizes those of the axes in its place
   * @throws ValueError for what is no whole number, ShapeError for what are no sizes.
   */
  constructor(axis: number, sizes: readonly number[]) {
    check('Unflatten', { axis }, axisNumber);
    if (!(Array.isArray(sizes) && sizes.length > 0 && sizes.every((size) => Number.isSafeInteger(size) && size >= 0)))
      throw new ShapeError(`Unflatten: expected sizes that are whole numbers from 0, such as [16, 5, 5], got ${quote(sizes)}`);
    this.axis = axis;
    this.sizes = [...sizes];
  }

  /** @throws ShapeError for an axis that there is not, or of another size. */
  forward(x: Tensor): Tensor {
    checkTensor('Unflatten', 'x', x);
    const axis = normalizeAxis('Unflatten', this.axis, x.sizes);
    if (x.sizes[axis] !== sizeOf(this.sizes))
      throw new ShapeError(
        `Unflatten: expected ${sizeOf(this.sizes)} elements along axis ${this.axis}, for ${formatShape(this.sizes)}, got ${formatShape(x.sizes)}`,
      );
    return x.reshape(x.sizes.toSpliced(axis, 1, ...this.sizes));
  }
}
