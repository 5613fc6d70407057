/** Convolutions of images and signals: products of filters with windows. */

import { ShapeError, ValueError } from '../../base/errors.ts';
import { formatShape } from '../../base/shape.ts';
import { checkTensor, type Tensor } from '../../tensor/tensor.ts';
import { pad } from '../layout/pad.ts';
import { fold, unfold } from './unfold.ts';
import { asImage, asSignal, countWindows, onOneRow, type Pair, type Window1dOptions, type WindowOptions, windowsOf } from './windows.ts';

/** Windows of a convolution, its bias, and its groups of channels. */
export interface ConvolutionOptions extends WindowOptions {
  /** Added to each channel of the result, of shape `[outputs]`. Default none. */
  readonly bias?: Tensor;
  /** The number of groups of channels, each with its own filters. Default 1. */
  readonly groups?: number;
}

/** The same along a single axis. */
export interface Convolution1dOptions extends ConvolutionOptions, Window1dOptions {
  readonly stride?: number;
  readonly padding?: number;
  readonly dilation?: number;
}

/** Rows and columns that are added at the end, where the stride leaves their number open. */
export interface OutputPadding<P extends Pair = Pair> {
  /** Default 0. */
  readonly outputPadding?: P;
}

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
export function conv2d(x: Tensor, weight: Tensor, { bias, groups = 1, ...options }: ConvolutionOptions = {}): Tensor {
  const name = 'conv2d';
  check(name, x, weight, bias, groups, weight.shape[1]! * groups, weight.shape[0]!);
  const [outputs, inputs, kh, kw] = weight.shape as [number, number, number, number];
  const [rows, columns] = countWindows(name, [x.shape[2]!, x.shape[3]!], windowsOf(name, [kh, kw], options));
  const seen = unfold(x, [kh, kw], options).reshape([x.shape[0]!, groups, inputs * kh * kw, rows * columns]);
  const filters = weight.reshape([groups, outputs / groups, inputs * kh * kw]);
  return biased(filters.matmul(seen).reshape([x.shape[0]!, outputs, rows, columns]), bias);
}

/**
 * The transposed convolution, the adjoint of `conv2d`: each pixel adds a multiple of a filter to the result.
 *
 * @param x `[n, channels, height, width]`
 * @param weight `[channels, outputs / groups, kh, kw]`
 * @param options those of `conv2d`, and `outputPadding`, default 0
 * @returns `[n, outputs, rows, columns]`, `rows = (height − 1) stride − 2 padding + dilation (kh − 1) + outputPadding + 1`
 * @throws ShapeError where channels or sizes do not fit.
 * @example convTranspose2d(Tensor.ones([1, 1, 1, 2]), Tensor.ones([1, 1, 1, 2])).toArray()[0][0] // => [[1, 2, 1]]
 */
export function convTranspose2d(
  x: Tensor,
  weight: Tensor,
  { bias, groups = 1, outputPadding = 0, ...options }: ConvolutionOptions & OutputPadding = {},
): Tensor {
  const name = 'convTranspose2d';
  check(name, x, weight, bias, groups, weight.shape[0]!, weight.shape[1]! * groups);
  const [inputs, outputs, kh, kw] = weight.shape as [number, number, number, number];
  const { kernel, stride, padding, dilation } = windowsOf(name, [kh, kw], options);
  const added = typeof outputPadding === 'number' ? [outputPadding, outputPadding] : outputPadding;
  const size = (i: 0 | 1) => (x.shape[2 + i]! - 1) * stride[i] + dilation[i] * (kernel[i] - 1) + 1;
  if (added.some((n, i) => !(Number.isInteger(n) && n >= 0 && (n < stride[i]! || n < dilation[i]!))))
    throw new ValueError(
      `${name}: expected an outputPadding from 0 to below the stride ${formatShape(stride)} or dilation, ` +
        `got ${JSON.stringify(outputPadding)}`,
    );
  const pixels = x.reshape([x.shape[0]!, groups, inputs / groups, x.shape[2]! * x.shape[3]!]);
  const filters = weight.reshape([groups, inputs / groups, outputs * kh * kw]);
  const spread = filters.transposedTimes(pixels).reshape([x.shape[0]!, groups * outputs * kh * kw, x.shape[2]! * x.shape[3]!]);
  // An image longer by a stride or more has more windows: then it is made without padding, and cropped.
  const y = added.every((n, i) => n < stride[i]!)
    ? fold(spread, [size(0) - 2 * padding[0] + added[0]!, size(1) - 2 * padding[1] + added[1]!], kernel, { stride, padding, dilation })
    : pad(fold(spread, [size(0), size(1)], kernel, { stride, dilation }), [
        [0, 0],
        [0, 0],
        [-padding[0], added[0]! - padding[0]],
        [-padding[1], added[1]! - padding[1]],
      ]);
  return biased(y, bias);
}

/**
 * `conv2d` along a single axis: `x : [n, channels, length]`, `weight : [outputs, channels / groups, kernel]`.
 * @throws ShapeError where channels or sizes do not fit.
 * @example conv1d(Tensor.of([[[1, 2, 3]]]), Tensor.of([[[1, -1]]])).toArray() // => [[[-1, -1]]]
 */
export const conv1d = (x: Tensor, weight: Tensor, { bias, groups = 1, ...options }: Convolution1dOptions = {}): Tensor =>
  asSignal(conv2d(asImage('conv1d', x), asImage('conv1d', weight), { ...(bias && { bias }), groups, ...onOneRow(options) }));

/**
 * `convTranspose2d` along a single axis: `x : [n, channels, length]`, `weight : [channels, outputs / groups, kernel]`.
 * @throws ShapeError where channels or sizes do not fit.
 * @example convTranspose1d(Tensor.of([[[1, 2]]]), Tensor.of([[[1, 1]]])).toArray() // => [[[1, 3, 2]]]
 */
export const convTranspose1d = (
  x: Tensor,
  weight: Tensor,
  { bias, groups = 1, outputPadding = 0, ...options }: Convolution1dOptions & OutputPadding<number> = {},
): Tensor =>
  asSignal(
    convTranspose2d(asImage('convTranspose1d', x), asImage('convTranspose1d', weight), {
      ...(bias && { bias }),
      groups,
      outputPadding: [0, outputPadding],
      ...onOneRow(options),
    }),
  );

const biased = (y: Tensor, bias: Tensor | undefined): Tensor => (bias ? (y.add(bias.reshape([-1, 1, 1])) as Tensor) : y);

function check(name: string, x: Tensor, weight: Tensor, bias: Tensor | undefined, groups: number, inputs: number, outputs: number): void {
  checkTensor(name, 'x', x);
  checkTensor(name, 'weight', weight);
  if (x.rank !== 4) throw new ShapeError(`${name}: expected images of shape [n, channels, height, width], got ${formatShape(x.shape)}`);
  if (weight.rank !== 4)
    throw new ShapeError(`${name}: expected filters with four axes, the last two rows and columns, got ${formatShape(weight.shape)}`);
  if (!(Number.isInteger(groups) && groups > 0 && inputs % groups === 0 && outputs % groups === 0))
    throw new ValueError(
      `${name}: expected groups that divide ${inputs} inputs and ${outputs} outputs, got ${groups}, ` +
        `with filters ${formatShape(weight.shape)}`,
    );
  if (x.shape[1] !== inputs)
    throw new ShapeError(
      `${name}: filters ${formatShape(weight.shape)} in ${groups} group${groups > 1 ? 's' : ''} see ${inputs} channels, ` +
        `got ${x.shape[1]}, in images ${formatShape(x.shape)}`,
    );
  if (bias && (bias.rank !== 1 || bias.size !== outputs))
    throw new ShapeError(
      `${name}: expected a bias of shape [${outputs}], one for each channel of the result, got ${formatShape(bias.shape)}`,
    );
}
