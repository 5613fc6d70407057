/** Convolutions of signals, images and volumes: products of filters with windows. */

import { calledAs } from '../../base/called-as.ts';
import { DtypeError, ShapeError, ValueError } from '../../base/errors.ts';
import { anything, extend, type OptionTable, optional, quote, readOptions, withoutDefault } from '../../base/options.ts';
import { formatShape } from '../../base/shape.ts';
import { checkTensor, perform, type Tensor } from '../../tensor/tensor.ts';
import { pad } from '../layout/pad.ts';
import { type Correlation, convBiasOp, convOp, convTransposeOp } from './correlation.ts';
import {
  asImages,
  fromImages,
  type Pair,
  type SpatialAxes,
  type Triple,
  type Window1dOptions,
  type WindowOptions,
  type Windows,
  windowOptions,
  windowsOf,
} from './windows.ts';

/** How far windows reach beyond the edges: so far that with a stride of 1 there are as many windows as pixels, or not at all. */
export type NamedPadding = 'same' | 'valid';

/** The bias of a convolution, and its groups of channels. */
export interface ChannelOptions {
  /** Added to each channel of the result, of shape `[outputs]`. Default none. */
  readonly bias?: Tensor | undefined;
  /** The number of groups of channels, each with its own filters. Default 1. */
  readonly groups?: number;
}

/** Windows of a convolution of images, or with a `Triple` of volumes, its bias, and its groups of channels. */
export interface ConvolutionOptions<Size = Pair> extends Omit<WindowOptions<Size>, 'padding'>, ChannelOptions {
  /**
   * How far windows reach beyond each edge of the image; `'same'`, for a stride of 1: as far as gives as many windows as pixels, where an odd row or
   * column is at the end; `'valid'`: not at all. Default 0.
   */
  readonly padding?: Size | NamedPadding;
}

/** The same along a single axis. */
export interface Convolution1dOptions extends Omit<Window1dOptions, 'padding'>, ChannelOptions {
  /** How far windows reach beyond each end of the signal, or as for images `'same'` or `'valid'`. Default 0. */
  readonly padding?: number | NamedPadding;
}

/** Windows of a transposed convolution of images, or with a `Triple` of volumes, its bias, and its groups of channels. */
export interface TransposedConvolutionOptions<Size = Pair> extends WindowOptions<Size>, ChannelOptions {
  /** Rows and columns that are added at the end, where the stride leaves their number open. Default 0. */
  readonly outputPadding?: Size;
}

/** The same along a single axis. */
export interface TransposedConvolution1dOptions extends Window1dOptions, ChannelOptions {
  /** How many elements are added at the end, where the stride leaves their number open. Default 0. */
  readonly outputPadding?: number;
}

const convolutionOptions: OptionTable<ConvolutionOptions<any>> = /* @__PURE__ */ extend(windowOptions, {
  bias: /* @__PURE__ */ withoutDefault(anything),
  groups: /* @__PURE__ */ optional(anything, 1),
});
const transposedOptions: OptionTable<TransposedConvolutionOptions<any>> = /* @__PURE__ */ extend(
  convolutionOptions as OptionTable<WindowOptions<any> & ChannelOptions>,
  { outputPadding: /* @__PURE__ */ optional(anything, 0) },
);

/**
 * The correlation of images with filters: `y[n, o, i, j] = bias[o] + Σ x[n, c, i·stride + p, j·stride + q] w[o, c, p, q]`.
 *
 * @param x `[n, channels, height, width]`
 * @param weight `[outputs, channels / groups, kh, kw]`
 * @param options `bias`, default none; `groups`, default 1; `stride`, default 1; `padding`, default 0; `dilation`, default 1
 * @returns `[n, outputs, rows, columns]`, `rows = ⌊(height + 2 padding − dilation (kh − 1) − 1) / stride⌋ + 1`
 * @throws ShapeError where channels or sizes do not fit.
 * @example conv2d(Tensor.arange(9).reshape([1, 1, 3, 3]), Tensor.ones([1, 1, 2, 2])).toArray()[0][0] // => [[8, 12], [20, 24]]
 */
export const conv2d = (x: Tensor, weight: Tensor, options?: ConvolutionOptions): Tensor => convolve('conv2d', 2, x, weight, options);

/**
 * `conv2d` along a single axis: `x : [n, channels, length]`, `weight : [outputs, channels / groups, kernel]`.
 * @throws ShapeError where channels or sizes do not fit.
 * @example conv1d(Tensor.of([[[1, 2, 3]]]), Tensor.of([[[1, -1]]])).toArray() // => [[[-1, -1]]]
 * conv1d(Tensor.of([[[1, 2, 3]]]), Tensor.of([[[1, 1, 1]]]), { padding: 'same' }).toArray() // => [[[3, 6, 5]]]
 */
export const conv1d = (x: Tensor, weight: Tensor, options?: Convolution1dOptions): Tensor => convolve('conv1d', 1, x, weight, options);

/**
 * `conv2d` along three axes: `x : [n, channels, depth, height, width]`, `weight : [outputs, channels / groups, kd, kh, kw]`.
 * @throws ShapeError where channels or sizes do not fit.
 * @example conv3d(Tensor.ones([1, 1, 2, 2, 3]), Tensor.ones([1, 1, 2, 2, 2])).toArray() // => [[[[[8, 8]]]]]
 */
export const conv3d = (x: Tensor, weight: Tensor, options?: ConvolutionOptions<Triple>): Tensor =>
  convolve('conv3d', 3, x, weight, options);

/**
 * The transposed convolution, the adjoint of `conv2d`: each pixel adds a multiple of a filter to the result.
 *
 * @param x `[n, channels, height, width]`
 * @param weight `[channels, outputs / groups, kh, kw]`
 * @param options those of `conv2d` but for named paddings, and `outputPadding`, default 0
 * @returns `[n, outputs, rows, columns]`, `rows = (height − 1) stride − 2 padding + dilation (kh − 1) + outputPadding + 1`
 * @throws ShapeError where channels or sizes do not fit.
 * @example convTranspose2d(Tensor.ones([1, 1, 1, 2]), Tensor.ones([1, 1, 1, 2])).toArray()[0][0] // => [[1, 2, 1]]
 */
export const convTranspose2d = (x: Tensor, weight: Tensor, options?: TransposedConvolutionOptions): Tensor =>
  convolveTransposed('convTranspose2d', 2, x, weight, options);

/**
 * `convTranspose2d` along a single axis: `x : [n, channels, length]`, `weight : [channels, outputs / groups, kernel]`.
 * @throws ShapeError where channels or sizes do not fit.
 * @example convTranspose1d(Tensor.of([[[1, 2]]]), Tensor.of([[[1, 1]]])).toArray() // => [[[1, 3, 2]]]
 */
export const convTranspose1d = (x: Tensor, weight: Tensor, options?: TransposedConvolution1dOptions): Tensor =>
  convolveTransposed('convTranspose1d', 1, x, weight, options);

/**
 * `convTranspose2d` along three axes: `x : [n, channels, depth, height, width]`, `weight : [channels, outputs / groups, kd, kh, kw]`.
 * @throws ShapeError where channels or sizes do not fit.
 * @example convTranspose3d(Tensor.ones([1, 1, 1, 1, 2]), Tensor.ones([1, 1, 1, 1, 2])).toArray() // => [[[[[1, 2, 1]]]]]
 */
export const convTranspose3d = (x: Tensor, weight: Tensor, options?: TransposedConvolutionOptions<Triple>): Tensor =>
  convolveTransposed('convTranspose3d', 3, x, weight, options);

function convolve(name: string, axes: SpatialAxes, x: Tensor, weight: Tensor, options: ConvolutionOptions<any> | undefined): Tensor {
  const { bias, groups, padding, ...rest } = readOptions(name, options, convolutionOptions);
  const [images, filters] = [asImages(name, axes, x), asFilters(name, axes, weight)];
  check(name, images, filters, { bias, groups, inputs: filters.sizes[1]! * groups!, outputs: filters.sizes[0]!, x, weight });
  const windows = convolutionWindows(name, axes, kernelOf(axes, weight), { ...rest, padding });
  const { x: padded, windows: same } = padding === 'same' ? forSame(images, windows) : { x: images, windows };
  const [inputs, correlation] = [
    { x: padded, weight: filters },
    { ...same, groups: groups! },
  ];
  const y = bias
    ? calledAs(name, 'conv', () => perform(convBiasOp, { ...inputs, bias }, correlation))
    : calledAs(name, 'conv', () => perform(convOp, inputs, correlation));
  return fromImages(axes, y);
}

/** The windows of a convolution, checked: with a padding of 0 where it has a name. */
export function convolutionWindows(name: string, axes: SpatialAxes, kernel: unknown, options: Required<WindowOptions<any>>): Windows {
  const { padding, ...rest } = options;
  const named = padding === 'same' || padding === 'valid';
  const windows = windowsOf(name, axes, kernel, { ...rest, padding: named ? 0 : padding });
  if (padding === 'same' && windows.stride.some((step) => step !== 1))
    throw new ValueError(`${name}: expected a stride of 1 for padding 'same', got ${formatShape(windows.stride)}`);
  return windows;
}

/** Nothing added to examples and channels. */
const AROUND = [[0, 0], [0, 0]] as const; // biome-ignore format: a line

/** Windows that reach so far beyond the edges that there are as many as pixels; where that is odd, the image is longer by one at the end. */
function forSame(x: Tensor, windows: Windows): { x: Tensor; windows: Windows } {
  const reach = windows.kernel.map((size, i) => windows.dilation[i]! * (size - 1));
  const odd = reach.map((n): [number, number] => [0, n % 2]);
  const padding = reach.map((n) => Math.floor(n / 2));
  return { x: reach.some((n) => n % 2 > 0) ? pad(x, [...AROUND, ...odd]) : x, windows: { ...windows, padding } };
}

function convolveTransposed(
  name: string,
  axes: SpatialAxes,
  x: Tensor,
  weight: Tensor,
  options: TransposedConvolutionOptions<any> | undefined,
): Tensor {
  const { bias, groups, outputPadding, ...rest } = readOptions(name, options, transposedOptions);
  const [images, filters] = [asImages(name, axes, x), asFilters(name, axes, weight)];
  check(name, images, filters, { bias, groups, inputs: filters.sizes[0]!, outputs: filters.sizes[1]! * groups!, x, weight });
  const windows = windowsOf(name, axes, kernelOf(axes, weight), rest);
  const added = addedAtTheEnd(name, axes, windows, outputPadding);
  const { kernel, stride, padding, dilation } = windows;
  const whole = images.sizes.slice(2).map((size, i) => (size - 1) * stride[i]! + dilation[i]! * (kernel[i]! - 1) + 1);
  const to = whole.map((size, i) => size - 2 * padding[i]! + added[i]!);
  if (to.some((n) => n < 1))
    throw new ShapeError(`${name}: nothing is left of ${formatShape(x.sizes)} for a padding of ${formatShape(padding)}: ${to.join(' × ')}`);
  const spread = (given: Correlation & { readonly to: readonly number[] }) =>
    calledAs(name, 'convTranspose', () => perform(convTransposeOp, { x: images, weight: filters }, given));
  if (added.every((n, i) => n < stride[i]!)) return withBias(fromImages(axes, spread({ ...windows, groups: groups!, to })), bias);
  // An image longer by a stride or more has more windows: it is made without padding, and cropped.
  const uncut = spread({ ...windows, groups: groups!, padding: padding.map(() => 0), to: whole });
  const cut = added.map((n, i): [number, number] => [-padding[i]!, n - padding[i]!]);
  return withBias(fromImages(axes, pad(uncut, [...AROUND, ...cut])), bias);
}

/** How many elements are added at the end of each axis; signals are images of one row. */
export function addedAtTheEnd(name: string, axes: SpatialAxes, { stride, dilation }: Windows, given: unknown): readonly number[] {
  const added: unknown = axes === 1 ? [0, given] : typeof given === 'number' ? stride.map(() => given) : given;
  const fits = (n: unknown, i: number) => Number.isInteger(n) && (n as number) >= 0 && (n as number) < Math.max(stride[i]!, dilation[i]!);
  if (Array.isArray(added) && added.length === stride.length && added.every(fits)) return added;
  throw new ValueError(
    `${name}: expected an outputPadding from 0 to below the stride ${formatShape(stride)} or dilation, got ${quote(given)}`,
  );
}

const withBias = (y: Tensor, bias: Tensor | undefined): Tensor =>
  bias === undefined ? y : y.add(bias.reshape([bias.size, ...y.sizes.slice(2).map(() => 1)]));

const kernelOf = (axes: SpatialAxes, weight: Tensor): unknown => (axes === 1 ? weight.sizes[2] : weight.sizes.slice(2));

/** The axes of filters, in words. */
const FILTERS = {
  1: 'three axes, the last that of the signal',
  2: 'four axes, the last two rows and columns',
  3: 'five axes, the last three planes, rows and columns',
} as const;

/** Filters with an axis for each of what they see, those of signals with one row; anything else is refused. */
function asFilters(name: string, axes: SpatialAxes, weight: Tensor): Tensor {
  checkTensor(name, 'weight', weight);
  if (weight.rank !== 2 + axes) throw new ShapeError(`${name}: expected filters with ${FILTERS[axes]}, got ${formatShape(weight.sizes)}`);
  return axes === 1 ? weight.unsqueeze(2) : weight;
}

/** What is known of the channels, and x and weight as they were given. */
interface Channels {
  readonly bias: Tensor | undefined;
  readonly groups: number;
  readonly inputs: number;
  readonly outputs: number;
  readonly x: Tensor;
  readonly weight: Tensor;
}

function check(name: string, images: Tensor, filters: Tensor, { bias, groups, inputs, outputs, x, weight }: Channels): void {
  if (filters.dtype !== images.dtype)
    throw new DtypeError(`${name}: expected filters in ${images.dtype}, as x, got ${filters.dtype}; convert one with cast`);
  if (!(Number.isInteger(groups) && groups > 0 && inputs % groups === 0 && outputs % groups === 0))
    throw new ValueError(
      `${name}: expected groups that divide ${inputs} inputs and ${outputs} outputs, got ${quote(groups)}, ` +
        `with filters ${formatShape(weight.sizes)}`,
    );
  if (images.sizes[1] !== inputs)
    throw new ShapeError(
      `${name}: filters ${formatShape(weight.sizes)} in ${groups} group${groups > 1 ? 's' : ''} see ${inputs} channels, ` +
        `got ${images.sizes[1]}, in x ${formatShape(x.sizes)}` +
        `${x.sizes.at(-1) === inputs ? `; channels come second: x.permute([0, ${x.rank - 1}, ${[1, 2, 3].slice(0, x.rank - 2).join(', ')}])` : ''}`,
    );
  if (bias === undefined) return;
  checkTensor(name, 'the bias', bias);
  if (bias.rank !== 1 || bias.size !== outputs)
    throw new ShapeError(
      `${name}: expected a bias of shape [${outputs}], one for each channel of the result, got ${formatShape(bias.sizes)}`,
    );
  if (bias.dtype !== images.dtype)
    throw new DtypeError(`${name}: expected a bias in ${images.dtype}, as x, got ${bias.dtype}; convert one with cast`);
}
