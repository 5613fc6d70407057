import * as tapegrad from '../../../src/index.ts';
import { Tensor } from '../../../src/index.ts';
import type { LayerCase } from '../layer-case.ts';

const normal =
  (...shape: number[]): LayerCase['inputs'] =>
  ({ dtype, random }) => [Tensor.normal(shape, { dtype, random })];

/** What came from different windows, with the places that it came from. */
const pooled =
  (shape: readonly number[], indices: readonly number[]): LayerCase['inputs'] =>
  ({ dtype, random }) => [Tensor.normal(shape, { dtype, random }), new Tensor(shape, Int32Array.from(indices))];

export default [
  { name: 'Conv1d', make: ({ dtype, random }) => new tapegrad.Conv1d(2, 3, 3, { dtype, random }), inputs: normal(2, 2, 5) },
  {
    name: 'Conv1d, as wide as its input, dilated',
    make: ({ dtype, random }) => new tapegrad.Conv1d(2, 3, 2, { dtype, random, padding: 'same', dilation: 2 }),
    inputs: normal(2, 2, 5),
  },
  { name: 'Conv2d', make: ({ dtype, random }) => new tapegrad.Conv2d(2, 3, 2, { dtype, random }), inputs: normal(2, 2, 3, 4) },
  {
    name: 'Conv2d, of groups, with strides, without bias',
    make: ({ dtype, random }) =>
      new tapegrad.Conv2d(2, 4, [2, 1], { dtype, random, groups: 2, stride: [1, 2], padding: [1, 0], bias: false }),
    inputs: normal(2, 2, 3, 4),
  },
  { name: 'Conv3d', make: ({ dtype, random }) => new tapegrad.Conv3d(1, 2, 2, { dtype, random }), inputs: normal(2, 1, 2, 3, 3) },
  {
    name: 'ConvTranspose1d',
    make: ({ dtype, random }) => new tapegrad.ConvTranspose1d(2, 2, 3, { dtype, random, stride: 2, outputPadding: 1 }),
    inputs: normal(2, 2, 3),
  },
  {
    name: 'ConvTranspose2d',
    make: ({ dtype, random }) => new tapegrad.ConvTranspose2d(2, 4, 2, { dtype, random, groups: 2 }),
    inputs: normal(2, 2, 2, 3),
  },
  {
    name: 'ConvTranspose3d',
    make: ({ dtype, random }) => new tapegrad.ConvTranspose3d(1, 2, [1, 2, 2], { dtype, random, bias: false }),
    inputs: normal(1, 1, 2, 2, 2),
  },
  { name: 'MaxPool1d', make: () => new tapegrad.MaxPool1d(2), inputs: normal(2, 2, 5) },
  { name: 'MaxPool2d', make: () => new tapegrad.MaxPool2d(2, { stride: 1, padding: 1, ceilMode: true }), inputs: normal(1, 2, 3, 4) },
  { name: 'MaxPool3d', make: () => new tapegrad.MaxPool3d([1, 2, 2]), inputs: normal(1, 2, 2, 2, 4) },
  { name: 'AvgPool1d', make: () => new tapegrad.AvgPool1d(2, { divisor: 3 }), inputs: normal(2, 2, 5) },
  {
    name: 'AvgPool2d',
    make: () => new tapegrad.AvgPool2d(2, { padding: 1, ceilMode: true, countPadding: false }),
    inputs: normal(1, 2, 3, 4),
  },
  { name: 'AvgPool3d', make: () => new tapegrad.AvgPool3d(2, { stride: 1 }), inputs: normal(1, 2, 2, 3, 2) },
  { name: 'AdaptiveAvgPool1d', make: () => new tapegrad.AdaptiveAvgPool1d(2), inputs: normal(2, 2, 5) },
  { name: 'AdaptiveAvgPool2d', make: () => new tapegrad.AdaptiveAvgPool2d([2, 1]), inputs: normal(2, 2, 3, 4) },
  { name: 'AdaptiveAvgPool3d', make: () => new tapegrad.AdaptiveAvgPool3d(1), inputs: normal(2, 2, 2, 2, 3) },
  { name: 'AdaptiveMaxPool1d', make: () => new tapegrad.AdaptiveMaxPool1d(2), inputs: normal(2, 2, 5) },
  { name: 'AdaptiveMaxPool2d', make: () => new tapegrad.AdaptiveMaxPool2d([2, 1]), inputs: normal(2, 2, 3, 4) },
  { name: 'AdaptiveMaxPool3d', make: () => new tapegrad.AdaptiveMaxPool3d(1), inputs: normal(1, 2, 2, 2, 3) },
  { name: 'MaxUnpool1d', make: () => new tapegrad.MaxUnpool1d(2), inputs: pooled([1, 2, 2], [0, 3, 1, 2]) },
  { name: 'MaxUnpool2d', make: () => new tapegrad.MaxUnpool2d(2, { size: [3, 4] }), inputs: pooled([1, 1, 1, 2], [5, 2]) },
  { name: 'MaxUnpool3d', make: () => new tapegrad.MaxUnpool3d([1, 2, 2]), inputs: pooled([1, 1, 2, 1, 1], [3, 4]) },
  { name: 'Upsample', make: () => new tapegrad.Upsample({ scale: 2, mode: 'bilinear' }), inputs: normal(1, 2, 2, 3) },
  {
    name: 'Upsample, to a size, by corners',
    make: () => new tapegrad.Upsample({ size: 5, mode: 'cubic', alignCorners: true }),
    inputs: normal(2, 2, 3),
  },
  { name: 'PixelShuffle', make: () => new tapegrad.PixelShuffle(2), inputs: normal(2, 4, 2, 1) },
  { name: 'PixelUnshuffle', make: () => new tapegrad.PixelUnshuffle(2), inputs: normal(2, 1, 2, 4) },
  { name: 'Flatten', make: () => new tapegrad.Flatten(), inputs: normal(2, 2, 3) },
  { name: 'Unflatten', make: () => new tapegrad.Unflatten(1, [2, 3]), inputs: normal(2, 6) },
] satisfies LayerCase[];
