/** Pooling as layers, to a size: windows that cover what comes evenly. */

import {
  adaptiveAvgPool1d,
  adaptiveAvgPool2d,
  adaptiveAvgPool3d,
  adaptiveMaxPool1d,
  adaptiveMaxPool2d,
  adaptiveMaxPool3d,
  sizesToPool,
} from '../functions/nn/adaptive-pooling.ts';
import type { Pair, Triple } from '../functions/nn/windows.ts';
import { checkTensor, type Tensor } from '../tensor/tensor.ts';

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
