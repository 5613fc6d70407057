import { maxUnpool1d, maxUnpool2d, maxUnpool3d, type UnpoolOptions, unpoolWindows } from '../functions/nn/unpooling.ts';
import type { Pair, Triple } from '../functions/nn/windows.ts';
import { checkTensor, type Tensor } from '../tensor/tensor.ts';

/**
 * Zeros, with what `MaxPool2d` found at its place: `maxUnpool2d` as a layer, with its options. `x : [n, channels, rows, columns]`.
 * @example
 * const { values, indices } = new MaxPool2d(2).withIndices(Tensor.of([[[[1, 2], [5, 3]]]]));
 * new MaxUnpool2d(2).forward(values, indices).toArray() // => [[[[0, 0], [5, 0]]]]
 */
export class MaxUnpool2d {
  readonly kernel: Pair;
  readonly options: UnpoolOptions;

  /** @throws ValueError for windows and options that cannot be. */
  constructor(kernel: Pair, options: UnpoolOptions = {}) {
    unpoolWindows('MaxUnpool2d', 2, kernel, options);
    this.kernel = kernel;
    this.options = { ...options };
  }

  /** @throws ShapeError for another number of indices, ValueError for an index that is out of range. */
  forward(x: Tensor, indices: Tensor): Tensor {
    checkTensor('MaxUnpool2d', 'x', x);
    return maxUnpool2d(x, indices, this.kernel, this.options);
  }
}

/**
 * Zeros, with what `MaxPool1d` found at its place: `maxUnpool1d` as a layer, with its options. `x : [n, channels, count]`.
 * @example
 * const { values, indices } = new MaxPool1d(2).withIndices(Tensor.of([[[1, 5]]]));
 * new MaxUnpool1d(2).forward(values, indices).toArray() // => [[[0, 5]]]
 */
export class MaxUnpool1d {
  readonly kernel: number;
  readonly options: UnpoolOptions<number>;

  /** @throws ValueError for windows and options that cannot be. */
  constructor(kernel: number, options: UnpoolOptions<number> = {}) {
    unpoolWindows('MaxUnpool1d', 1, kernel, options);
    this.kernel = kernel;
    this.options = { ...options };
  }

  /** @throws ShapeError for another number of indices, ValueError for an index that is out of range. */
  forward(x: Tensor, indices: Tensor): Tensor {
    checkTensor('MaxUnpool1d', 'x', x);
    return maxUnpool1d(x, indices, this.kernel, this.options);
  }
}

/**
 * Zeros, with what `MaxPool3d` found at its place: `maxUnpool3d` as a layer, with its options. `x : [n, channels, planes, rows, columns]`.
 * @example
 * const { values, indices } = new MaxPool3d([1, 2, 2]).withIndices(Tensor.of([[[[[1, 2], [5, 3]]]]]));
 * new MaxUnpool3d([1, 2, 2]).forward(values, indices).toArray() // => [[[[[0, 0], [5, 0]]]]]
 */
export class MaxUnpool3d {
  readonly kernel: Triple;
  readonly options: UnpoolOptions<Triple>;

  /** @throws ValueError for windows and options that cannot be. */
  constructor(kernel: Triple, options: UnpoolOptions<Triple> = {}) {
    unpoolWindows('MaxUnpool3d', 3, kernel, options);
    this.kernel = kernel;
    this.options = { ...options };
  }

  /** @throws ShapeError for another number of indices, ValueError for an index that is out of range. */
  forward(x: Tensor, indices: Tensor): Tensor {
    checkTensor('MaxUnpool3d', 'x', x);
    return maxUnpool3d(x, indices, this.kernel, this.options);
  }
}
