/** Convolutions as layers. */

import type { FloatDtype } from '../base/dtype.ts';
import { DtypeError, ShapeError, ValueError } from '../base/errors.ts';
import { anything, boolean, extend, type OptionTable, optional, quote, readOptions, withoutDefault } from '../base/options.ts';
import { generatorOf, type Randomness } from '../base/random.ts';
import { sizeOf } from '../base/shape.ts';
import {
  addedAtTheEnd,
  type ConvolutionOptions,
  conv1d,
  conv2d,
  conv3d,
  convolutionWindows,
  convTranspose1d,
  convTranspose2d,
  convTranspose3d,
  type TransposedConvolutionOptions,
} from '../functions/nn/convolution.ts';
import { type Pair, type SpatialAxes, type Triple, windowOptions } from '../functions/nn/windows.ts';
import { Parameter } from '../tensor/parameter.ts';
import { checkTensor, Tensor } from '../tensor/tensor.ts';

/** What all layers of convolution may be told besides their windows. */
export interface ChannelLayerOptions extends Randomness {
  /** Whether there is a bias. Default true. */
  readonly bias?: boolean;
  /** The number of groups of channels, each with its own filters. Default 1. */
  readonly groups?: number;
  /** Default float32. */
  readonly dtype?: FloatDtype;
}

/** Options of `Conv2d`; of `Conv1d` with a `number` for each size, of `Conv3d` with a `Triple`. */
export interface ConvolutionLayerOptions<Size = Pair> extends Omit<ConvolutionOptions<Size>, 'bias'>, ChannelLayerOptions {}

/** Options of `ConvTranspose2d`; of `ConvTranspose1d` with a `number` for each size, of `ConvTranspose3d` with a `Triple`. */
export interface TransposedConvolutionLayerOptions<Size = Pair>
  extends Omit<TransposedConvolutionOptions<Size>, 'bias'>,
    ChannelLayerOptions {}

const layerOptions: OptionTable<ConvolutionLayerOptions<any>> = /* @__PURE__ */ extend(windowOptions, {
  groups: /* @__PURE__ */ optional(anything, 1),
  bias: /* @__PURE__ */ optional(boolean, true),
  dtype: /* @__PURE__ */ optional(anything, 'float32'),
  random: /* @__PURE__ */ withoutDefault(anything),
  seed: /* @__PURE__ */ withoutDefault(anything),
});
const transposedLayerOptions: OptionTable<TransposedConvolutionLayerOptions<any>> = /* @__PURE__ */ extend(layerOptions, {
  outputPadding: /* @__PURE__ */ optional(anything, 0),
});

/** What a layer of convolution consists of. */
interface Made {
  readonly weight: Parameter;
  readonly bias: Parameter | undefined;
  readonly windows: Omit<TransposedConvolutionOptions<any>, 'bias'>;
}

/** Filters and bias that start from U(±1/√fanIn), where a filter has fanIn numbers. */
function made(
  name: string,
  axes: SpatialAxes,
  [inputs, outputs, kernel]: readonly [inputs: number, outputs: number, kernel: unknown],
  options: ConvolutionLayerOptions<any> | undefined,
  transposed = false,
): Made {
  for (const size of [inputs, outputs]) {
    if (!(Number.isInteger(size) && size > 0))
      throw new ShapeError(
        `${name}: expected sizes that are whole numbers from 1, got ${quote(inputs)} input and ${quote(outputs)} output channels`,
      );
  }
  const table: OptionTable<TransposedConvolutionLayerOptions<any>> = transposed ? transposedLayerOptions : (layerOptions as never);
  const { bias, dtype, random: _, seed: __, ...windows } = readOptions<TransposedConvolutionLayerOptions<any>>(name, options, table);
  const groups = windows.groups!;
  if (dtype !== 'float32' && dtype !== 'float64')
    throw new DtypeError(`${name}: expected the dtype 'float32' or 'float64', got ${quote(dtype)}`);
  if (!(Number.isInteger(groups) && groups > 0 && inputs % groups === 0 && outputs % groups === 0))
    throw new ValueError(`${name}: expected groups that divide ${inputs} inputs and ${outputs} outputs, got ${quote(groups)}`);
  if (transposed && typeof windows.padding === 'string')
    throw new ValueError(`${name}: expected a padding of whole numbers from 0, got ${quote(windows.padding)}`);
  const checked = convolutionWindows(name, axes, kernel, windows as Required<typeof windows>);
  if (transposed) addedAtTheEnd(name, axes, checked, windows.outputPadding);
  const taps = axes === 1 ? checked.kernel.slice(1) : checked.kernel;
  const shape = transposed ? [inputs, outputs / groups, ...taps] : [outputs, inputs / groups, ...taps];
  const bound = 1 / Math.sqrt(sizeOf(shape.slice(1)));
  const range = { low: -bound, high: bound, random: generatorOf(name, options ?? {}), dtype };
  const weight = new Parameter(Tensor.uniform(shape, range));
  return { weight, bias: bias ? new Parameter(Tensor.uniform([outputs], range)) : undefined, windows };
}

/**
 * The correlation of images with learned filters: `y[n, o, i, j] = bias[o] + Σ x[n, c, i·stride + p, j·stride + q] weight[o, c, p, q]`.
 *
 * `x : [n, inputs, height, width]`, `weight : [outputs, inputs / groups, kh, kw]`, `bias : [outputs]`, `y : [n, outputs, rows, columns]`, all of one dtype; the options are
 * `stride`, default 1; `padding`, default 0, or `'same'` or `'valid'`; `dilation`, default 1; `groups`, default 1; `bias`, default true. Weight and bias start from
 * U(±1/√fanIn), `fanIn = inputs / groups · kh · kw`, as in PyTorch, drawn from the default generator unless a `seed` or a `random` is given.
 * @example new Conv2d(1, 16, 3, { stride: 2, padding: 1 }).forward(Tensor.zeros([4, 1, 28, 28])).shape // => [4, 16, 14, 14]
 */
export class Conv2d {
  readonly inputChannels: number;
  readonly outputChannels: number;
  readonly weight: Parameter;
  readonly bias: Parameter | undefined;
  /** Stride, padding, dilation and groups. */
  readonly windows: Omit<ConvolutionOptions, 'bias'>;

  /** @throws ShapeError for channels, ValueError for windows, groups and options, DtypeError for dtypes that cannot be. */
  constructor(inputs: number, outputs: number, kernel: Pair, options?: ConvolutionLayerOptions) {
    ({ weight: this.weight, bias: this.bias, windows: this.windows } = made('Conv2d', 2, [inputs, outputs, kernel], options));
    this.inputChannels = inputs;
    this.outputChannels = outputs;
  }

  /** @throws ShapeError for other channels or images that are too small, DtypeError for another dtype. */
  forward(x: Tensor): Tensor {
    checkTensor('Conv2d', 'x', x);
    return conv2d(x, this.weight, { ...this.windows, ...(this.bias && { bias: this.bias }) });
  }

  /**
   * What a layer after it is told that can compute both; `undefined` where `forward` does anything else.
   * @internal
   */
  'tapegrad.asConvolution'(): Conv2d | undefined {
    return isConv2d(this.forward) ? this : undefined;
  }
}

// Outside of the class: a class that names itself is renamed by bundlers, and consoles would print the other name.
const isConv2d = (forward: unknown): boolean => forward === Conv2d.prototype.forward;

/**
 * `Conv2d` along a single axis, of signals.
 *
 * `x : [n, inputs, length]`, `weight : [outputs, inputs / groups, k]`, `bias : [outputs]`, `y : [n, outputs, count]`, all of one dtype; the options are
 * `stride`, default 1; `padding`, default 0, or `'same'` or `'valid'`; `dilation`, default 1; `groups`, default 1; `bias`, default true. Weight and bias start from
 * U(±1/√fanIn), `fanIn = inputs / groups · k`, as in PyTorch, drawn from the default generator unless a `seed` or a `random` is given.
 * @example new Conv1d(3, 8, 5, { padding: 'same' }).forward(Tensor.zeros([2, 3, 20])).shape // => [2, 8, 20]
 */
export class Conv1d {
  readonly inputChannels: number;
  readonly outputChannels: number;
  readonly weight: Parameter;
  readonly bias: Parameter | undefined;
  /** Stride, padding, dilation and groups. */
  readonly windows: Omit<ConvolutionOptions<number>, 'bias'>;

  /** @throws ShapeError for channels, ValueError for windows, groups and options, DtypeError for dtypes that cannot be. */
  constructor(inputs: number, outputs: number, kernel: number, options?: ConvolutionLayerOptions<number>) {
    ({ weight: this.weight, bias: this.bias, windows: this.windows } = made('Conv1d', 1, [inputs, outputs, kernel], options));
    this.inputChannels = inputs;
    this.outputChannels = outputs;
  }

  /** @throws ShapeError for other channels or images that are too small, DtypeError for another dtype. */
  forward(x: Tensor): Tensor {
    checkTensor('Conv1d', 'x', x);
    return conv1d(x, this.weight, { ...this.windows, ...(this.bias && { bias: this.bias }) });
  }
}

/**
 * `Conv2d` along three axes, of volumes.
 *
 * `x : [n, inputs, depth, height, width]`, `weight : [outputs, inputs / groups, kd, kh, kw]`, `bias : [outputs]`, `y : [n, outputs, planes, rows, columns]`, all of one dtype; the options are
 * `stride`, default 1; `padding`, default 0, or `'same'` or `'valid'`; `dilation`, default 1; `groups`, default 1; `bias`, default true. Weight and bias start from
 * U(±1/√fanIn), `fanIn = inputs / groups · kd · kh · kw`, as in PyTorch, drawn from the default generator unless a `seed` or a `random` is given.
 * @example new Conv3d(1, 4, 3).forward(Tensor.zeros([2, 1, 5, 6, 7])).shape // => [2, 4, 3, 4, 5]
 */
export class Conv3d {
  readonly inputChannels: number;
  readonly outputChannels: number;
  readonly weight: Parameter;
  readonly bias: Parameter | undefined;
  /** Stride, padding, dilation and groups. */
  readonly windows: Omit<ConvolutionOptions<Triple>, 'bias'>;

  /** @throws ShapeError for channels, ValueError for windows, groups and options, DtypeError for dtypes that cannot be. */
  constructor(inputs: number, outputs: number, kernel: Triple, options?: ConvolutionLayerOptions<Triple>) {
    ({ weight: this.weight, bias: this.bias, windows: this.windows } = made('Conv3d', 3, [inputs, outputs, kernel], options));
    this.inputChannels = inputs;
    this.outputChannels = outputs;
  }

  /** @throws ShapeError for other channels or images that are too small, DtypeError for another dtype. */
  forward(x: Tensor): Tensor {
    checkTensor('Conv3d', 'x', x);
    return conv3d(x, this.weight, { ...this.windows, ...(this.bias && { bias: this.bias }) });
  }
}

/**
 * The transposed convolution of images with learned filters: each pixel adds a multiple of a filter to the result.
 *
 * `x : [n, inputs, height, width]`, `weight : [inputs, outputs / groups, kh, kw]`, `bias : [outputs]`, `y : [n, outputs, rows, columns]`, all of one dtype; the options are
 * `stride`, default 1; `padding`, default 0; `dilation`, default 1; `groups`, default 1; `bias`, default true; `outputPadding`, default 0. Weight and bias start from
 * U(±1/√fanIn), `fanIn = outputs / groups · kh · kw`, as in PyTorch, drawn from the default generator unless a `seed` or a `random` is given.
 * @example new ConvTranspose2d(16, 1, 4, { stride: 2, padding: 1 }).forward(Tensor.zeros([4, 16, 14, 14])).shape // => [4, 1, 28, 28]
 */
export class ConvTranspose2d {
  readonly inputChannels: number;
  readonly outputChannels: number;
  readonly weight: Parameter;
  readonly bias: Parameter | undefined;
  /** Stride, padding, dilation and groups, and what is added at the end. */
  readonly windows: Omit<TransposedConvolutionOptions, 'bias'>;

  /** @throws ShapeError for channels, ValueError for windows, groups and options, DtypeError for dtypes that cannot be. */
  constructor(inputs: number, outputs: number, kernel: Pair, options?: TransposedConvolutionLayerOptions) {
    ({
      weight: this.weight,
      bias: this.bias,
      windows: this.windows,
    } = made('ConvTranspose2d', 2, [inputs, outputs, kernel], options, true));
    this.inputChannels = inputs;
    this.outputChannels = outputs;
  }

  /** @throws ShapeError for other channels or images that are too small, DtypeError for another dtype. */
  forward(x: Tensor): Tensor {
    checkTensor('ConvTranspose2d', 'x', x);
    return convTranspose2d(x, this.weight, { ...this.windows, ...(this.bias && { bias: this.bias }) });
  }
}

/**
 * `ConvTranspose2d` along a single axis, of signals.
 *
 * `x : [n, inputs, length]`, `weight : [inputs, outputs / groups, k]`, `bias : [outputs]`, `y : [n, outputs, count]`, all of one dtype; the options are
 * `stride`, default 1; `padding`, default 0; `dilation`, default 1; `groups`, default 1; `bias`, default true; `outputPadding`, default 0. Weight and bias start from
 * U(±1/√fanIn), `fanIn = outputs / groups · k`, as in PyTorch, drawn from the default generator unless a `seed` or a `random` is given.
 * @example new ConvTranspose1d(8, 3, 4, { stride: 2, padding: 1 }).forward(Tensor.zeros([2, 8, 10])).shape // => [2, 3, 20]
 */
export class ConvTranspose1d {
  readonly inputChannels: number;
  readonly outputChannels: number;
  readonly weight: Parameter;
  readonly bias: Parameter | undefined;
  /** Stride, padding, dilation and groups, and what is added at the end. */
  readonly windows: Omit<TransposedConvolutionOptions<number>, 'bias'>;

  /** @throws ShapeError for channels, ValueError for windows, groups and options, DtypeError for dtypes that cannot be. */
  constructor(inputs: number, outputs: number, kernel: number, options?: TransposedConvolutionLayerOptions<number>) {
    ({
      weight: this.weight,
      bias: this.bias,
      windows: this.windows,
    } = made('ConvTranspose1d', 1, [inputs, outputs, kernel], options, true));
    this.inputChannels = inputs;
    this.outputChannels = outputs;
  }

  /** @throws ShapeError for other channels or images that are too small, DtypeError for another dtype. */
  forward(x: Tensor): Tensor {
    checkTensor('ConvTranspose1d', 'x', x);
    return convTranspose1d(x, this.weight, { ...this.windows, ...(this.bias && { bias: this.bias }) });
  }
}

/**
 * `ConvTranspose2d` along three axes, of volumes.
 *
 * `x : [n, inputs, depth, height, width]`, `weight : [inputs, outputs / groups, kd, kh, kw]`, `bias : [outputs]`, `y : [n, outputs, planes, rows, columns]`, all of one dtype; the options are
 * `stride`, default 1; `padding`, default 0; `dilation`, default 1; `groups`, default 1; `bias`, default true; `outputPadding`, default 0. Weight and bias start from
 * U(±1/√fanIn), `fanIn = outputs / groups · kd · kh · kw`, as in PyTorch, drawn from the default generator unless a `seed` or a `random` is given.
 * @example new ConvTranspose3d(4, 1, 2, { stride: 2 }).forward(Tensor.zeros([2, 4, 2, 3, 4])).shape // => [2, 1, 4, 6, 8]
 */
export class ConvTranspose3d {
  readonly inputChannels: number;
  readonly outputChannels: number;
  readonly weight: Parameter;
  readonly bias: Parameter | undefined;
  /** Stride, padding, dilation and groups, and what is added at the end. */
  readonly windows: Omit<TransposedConvolutionOptions<Triple>, 'bias'>;

  /** @throws ShapeError for channels, ValueError for windows, groups and options, DtypeError for dtypes that cannot be. */
  constructor(inputs: number, outputs: number, kernel: Triple, options?: TransposedConvolutionLayerOptions<Triple>) {
    ({
      weight: this.weight,
      bias: this.bias,
      windows: this.windows,
    } = made('ConvTranspose3d', 3, [inputs, outputs, kernel], options, true));
    this.inputChannels = inputs;
    this.outputChannels = outputs;
  }

  /** @throws ShapeError for other channels or images that are too small, DtypeError for another dtype. */
  forward(x: Tensor): Tensor {
    checkTensor('ConvTranspose3d', 'x', x);
    return convTranspose3d(x, this.weight, { ...this.windows, ...(this.bias && { bias: this.bias }) });
  }
}
