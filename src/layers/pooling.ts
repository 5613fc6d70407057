/** Pooling as layers: windows that overlap or not, windows that cover what comes evenly, and the undoing of max pooling. */

import { readOptions } from '../base/options.ts';
import {
  adaptiveAvgPool1d,
  adaptiveAvgPool2d,
  adaptiveAvgPool3d,
  adaptiveMaxPool1d,
  adaptiveMaxPool2d,
  adaptiveMaxPool3d,
  sizesToPool,
} from '../functions/nn/adaptive-pooling.ts';
import {
  type AveragePool1dOptions,
  type AveragePoolOptions,
  averageOptions,
  avgPool1d,
  avgPool2d,
  avgPool3d,
  type LargestOfWindows,
  maxPool1d,
  maxPool1dWithIndices,
  maxPool2d,
  maxPool2dWithIndices,
  maxPool3d,
  maxPool3dWithIndices,
  type Pool1dOptions,
  type PoolOptions,
  poolOptions,
  poolWindows,
} from '../functions/nn/pooling.ts';
import { maxUnpool1d, maxUnpool2d, maxUnpool3d, type UnpoolOptions, unpoolWindows } from '../functions/nn/unpooling.ts';
import type { Pair, Triple } from '../functions/nn/windows.ts';
import { checkTensor, type Tensor } from '../tensor/tensor.ts';

/**
 * The largest element of each window: `maxPool2d` as a layer, with its options. `x : [n, channels, height, width]`.
 * @example new MaxPool2d(2).forward(Tensor.zeros([2, 3, 8, 8])).shape // => [2, 3, 4, 4]
 */
export class MaxPool2d {
  readonly kernel: Pair;
  readonly options: PoolOptions;

  /** @throws ValueError for windows and options that cannot be. */
  constructor(kernel: Pair, options: PoolOptions = {}) {
    poolWindows('MaxPool2d', 2, kernel, readOptions('MaxPool2d', options, poolOptions) as Required<PoolOptions>);
    this.kernel = kernel;
    this.options = { ...options };
  }

  /** @throws ShapeError, and ValueError for windows that see nothing. */
  forward(x: Tensor): Tensor {
    checkTensor('MaxPool2d', 'x', x);
    return maxPool2d(x, this.kernel, this.options);
  }

  /** The same, and where each largest element was, which `MaxUnpool2d` is given. */
  withIndices(x: Tensor): LargestOfWindows {
    checkTensor('MaxPool2d', 'x', x);
    return maxPool2dWithIndices(x, this.kernel, this.options);
  }
}

/**
 * The largest element of each window: `maxPool1d` as a layer, with its options. `x : [n, channels, length]`.
 * @example new MaxPool1d(2).forward(Tensor.zeros([2, 3, 8])).shape // => [2, 3, 4]
 */
export class MaxPool1d {
  readonly kernel: number;
  readonly options: Pool1dOptions;

  /** @throws ValueError for windows and options that cannot be. */
  constructor(kernel: number, options: Pool1dOptions = {}) {
    poolWindows('MaxPool1d', 1, kernel, readOptions('MaxPool1d', options, poolOptions) as Required<Pool1dOptions>);
    this.kernel = kernel;
    this.options = { ...options };
  }

  /** @throws ShapeError, and ValueError for windows that see nothing. */
  forward(x: Tensor): Tensor {
    checkTensor('MaxPool1d', 'x', x);
    return maxPool1d(x, this.kernel, this.options);
  }

  /** The same, and where each largest element was, which `MaxUnpool1d` is given. */
  withIndices(x: Tensor): LargestOfWindows {
    checkTensor('MaxPool1d', 'x', x);
    return maxPool1dWithIndices(x, this.kernel, this.options);
  }
}

/**
 * The largest element of each window: `maxPool3d` as a layer, with its options. `x : [n, channels, depth, height, width]`.
 * @example new MaxPool3d(2).forward(Tensor.zeros([2, 3, 4, 8, 8])).shape // => [2, 3, 2, 4, 4]
 */
export class MaxPool3d {
  readonly kernel: Triple;
  readonly options: PoolOptions<Triple>;

  /** @throws ValueError for windows and options that cannot be. */
  constructor(kernel: Triple, options: PoolOptions<Triple> = {}) {
    poolWindows('MaxPool3d', 3, kernel, readOptions('MaxPool3d', options, poolOptions) as Required<PoolOptions<Triple>>);
    this.kernel = kernel;
    this.options = { ...options };
  }

  /** @throws ShapeError, and ValueError for windows that see nothing. */
  forward(x: Tensor): Tensor {
    checkTensor('MaxPool3d', 'x', x);
    return maxPool3d(x, this.kernel, this.options);
  }

  /** The same, and where each largest element was, which `MaxUnpool3d` is given. */
  withIndices(x: Tensor): LargestOfWindows {
    checkTensor('MaxPool3d', 'x', x);
    return maxPool3dWithIndices(x, this.kernel, this.options);
  }
}

/**
 * The mean of each window: `avgPool2d` as a layer, with its options. `x : [n, channels, height, width]`.
 * @example new AvgPool2d(2).forward(Tensor.zeros([2, 3, 8, 8])).shape // => [2, 3, 4, 4]
 */
export class AvgPool2d {
  readonly kernel: Pair;
  readonly options: AveragePoolOptions;

  /** @throws ValueError for windows and options that cannot be. */
  constructor(kernel: Pair, options: AveragePoolOptions = {}) {
    poolWindows('AvgPool2d', 2, kernel, readOptions('AvgPool2d', options, averageOptions) as Required<AveragePoolOptions>);
    this.kernel = kernel;
    this.options = { ...options };
  }

  /** @throws ShapeError, and ValueError for windows that see nothing. */
  forward(x: Tensor): Tensor {
    checkTensor('AvgPool2d', 'x', x);
    return avgPool2d(x, this.kernel, this.options);
  }
}

/**
 * The mean of each window: `avgPool1d` as a layer, with its options. `x : [n, channels, length]`.
 * @example new AvgPool1d(2).forward(Tensor.zeros([2, 3, 8])).shape // => [2, 3, 4]
 */
export class AvgPool1d {
  readonly kernel: number;
  readonly options: AveragePool1dOptions;

  /** @throws ValueError for windows and options that cannot be. */
  constructor(kernel: number, options: AveragePool1dOptions = {}) {
    poolWindows('AvgPool1d', 1, kernel, readOptions('AvgPool1d', options, averageOptions) as Required<AveragePool1dOptions>);
    this.kernel = kernel;
    this.options = { ...options };
  }

  /** @throws ShapeError, and ValueError for windows that see nothing. */
  forward(x: Tensor): Tensor {
    checkTensor('AvgPool1d', 'x', x);
    return avgPool1d(x, this.kernel, this.options);
  }
}

/**
 * The mean of each window: `avgPool3d` as a layer, with its options. `x : [n, channels, depth, height, width]`.
 * @example new AvgPool3d(2).forward(Tensor.zeros([2, 3, 4, 8, 8])).shape // => [2, 3, 2, 4, 4]
 */
export class AvgPool3d {
  readonly kernel: Triple;
  readonly options: AveragePoolOptions<Triple>;

  /** @throws ValueError for windows and options that cannot be. */
  constructor(kernel: Triple, options: AveragePoolOptions<Triple> = {}) {
    poolWindows('AvgPool3d', 3, kernel, readOptions('AvgPool3d', options, averageOptions) as Required<AveragePoolOptions<Triple>>);
    this.kernel = kernel;
    this.options = { ...options };
  }

  /** @throws ShapeError, and ValueError for windows that see nothing. */
  forward(x: Tensor): Tensor {
    checkTensor('AvgPool3d', 'x', x);
    return avgPool3d(x, this.kernel, this.options);
  }
}

/**
 * Means of windows that cover what comes evenly: `adaptiveAvgPool2d` as a layer. `x : [n, channels, height, width]`.
 * @example new AdaptiveAvgPool2d(2).forward(Tensor.zeros([2, 3, 8, 8])).shape // => [2, 3, 2, 2]
 */
export class AdaptiveAvgPool2d {
  readonly to: Pair;

  /** @throws ValueError for a size below 1. */
  constructor(to: Pair) {
    sizesToPool('AdaptiveAvgPool2d', 2, to);
    this.to = to;
  }

  /** @throws ShapeError for other shapes. */
  forward(x: Tensor): Tensor {
    checkTensor('AdaptiveAvgPool2d', 'x', x);
    return adaptiveAvgPool2d(x, this.to);
  }
}

/**
 * Means of windows that cover what comes evenly: `adaptiveAvgPool1d` as a layer. `x : [n, channels, length]`.
 * @example new AdaptiveAvgPool1d(2).forward(Tensor.zeros([2, 3, 8])).shape // => [2, 3, 2]
 */
export class AdaptiveAvgPool1d {
  readonly to: number;

  /** @throws ValueError for a size below 1. */
  constructor(to: number) {
    sizesToPool('AdaptiveAvgPool1d', 1, to);
    this.to = to;
  }

  /** @throws ShapeError for other shapes. */
  forward(x: Tensor): Tensor {
    checkTensor('AdaptiveAvgPool1d', 'x', x);
    return adaptiveAvgPool1d(x, this.to);
  }
}

/**
 * Means of windows that cover what comes evenly: `adaptiveAvgPool3d` as a layer. `x : [n, channels, depth, height, width]`.
 * @example new AdaptiveAvgPool3d(2).forward(Tensor.zeros([2, 3, 4, 8, 8])).shape // => [2, 3, 2, 2, 2]
 */
export class AdaptiveAvgPool3d {
  readonly to: Triple;

  /** @throws ValueError for a size below 1. */
  constructor(to: Triple) {
    sizesToPool('AdaptiveAvgPool3d', 3, to);
    this.to = to;
  }

  /** @throws ShapeError for other shapes. */
  forward(x: Tensor): Tensor {
    checkTensor('AdaptiveAvgPool3d', 'x', x);
    return adaptiveAvgPool3d(x, this.to);
  }
}

/**
 * The largest elements of windows that cover what comes evenly: `adaptiveMaxPool2d` as a layer. `x : [n, channels, height, width]`.
 * @example new AdaptiveMaxPool2d(2).forward(Tensor.zeros([2, 3, 8, 8])).shape // => [2, 3, 2, 2]
 */
export class AdaptiveMaxPool2d {
  readonly to: Pair;

  /** @throws ValueError for a size below 1. */
  constructor(to: Pair) {
    sizesToPool('AdaptiveMaxPool2d', 2, to);
    this.to = to;
  }

  /** @throws ShapeError for other shapes. */
  forward(x: Tensor): Tensor {
    checkTensor('AdaptiveMaxPool2d', 'x', x);
    return adaptiveMaxPool2d(x, this.to);
  }
}

/**
 * The largest elements of windows that cover what comes evenly: `adaptiveMaxPool1d` as a layer. `x : [n, channels, length]`.
 * @example new AdaptiveMaxPool1d(2).forward(Tensor.zeros([2, 3, 8])).shape // => [2, 3, 2]
 */
export class AdaptiveMaxPool1d {
  readonly to: number;

  /** @throws ValueError for a size below 1. */
  constructor(to: number) {
    sizesToPool('AdaptiveMaxPool1d', 1, to);
    this.to = to;
  }

  /** @throws ShapeError for other shapes. */
  forward(x: Tensor): Tensor {
    checkTensor('AdaptiveMaxPool1d', 'x', x);
    return adaptiveMaxPool1d(x, this.to);
  }
}

/**
 * The largest elements of windows that cover what comes evenly: `adaptiveMaxPool3d` as a layer. `x : [n, channels, depth, height, width]`.
 * @example new AdaptiveMaxPool3d(2).forward(Tensor.zeros([2, 3, 4, 8, 8])).shape // => [2, 3, 2, 2, 2]
 */
export class AdaptiveMaxPool3d {
  readonly to: Triple;

  /** @throws ValueError for a size below 1. */
  constructor(to: Triple) {
    sizesToPool('AdaptiveMaxPool3d', 3, to);
    this.to = to;
  }

  /** @throws ShapeError for other shapes. */
  forward(x: Tensor): Tensor {
    checkTensor('AdaptiveMaxPool3d', 'x', x);
    return adaptiveMaxPool3d(x, this.to);
  }
}

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
