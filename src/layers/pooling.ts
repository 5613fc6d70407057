/** Pooling as layers: the largest elements or the means of windows that overlap or not. */

import { readOptions } from '../base/options.ts';
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
import type { Pair, Triple } from '../functions/nn/windows.ts';
import type { ElementwiseOp } from '../tensor/op.ts';
import { checkTensor, type Tensor } from '../tensor/tensor.ts';
import { joinedConvolution } from './joined-convolution.ts';
import type { LayerOrFunction } from './widths.ts';

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

  /**
   * The same of what `relu` makes of what a convolution gives, in one pass, where that is possible.
   * @internal
   */
  'tapegrad.forwardFrom'(layer: LayerOrFunction, activation: ElementwiseOp<'x'>, x: Tensor): Tensor | undefined {
    return isMaxPool2d(this.forward) ? joinedConvolution(layer, activation, x, this) : undefined;
  }

  /** The same, and where each largest element was, which `MaxUnpool2d` is given. */
  withIndices(x: Tensor): LargestOfWindows {
    checkTensor('MaxPool2d', 'x', x);
    return maxPool2dWithIndices(x, this.kernel, this.options);
  }
}

// Outside of the class: a class that names itself is renamed by bundlers, and consoles would print the other name.
const isMaxPool2d = (forward: unknown): boolean => forward === MaxPool2d.prototype.forward;

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
