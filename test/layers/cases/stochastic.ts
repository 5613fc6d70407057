import { AlphaDropout, BatchNorm, ChannelDropout, Dropout, Linear, Sequential, Tanh, Tensor } from '../../../src/index.ts';
import type { LayerCase } from '../layer-case.ts';

const rows: LayerCase['inputs'] = ({ dtype, random }) => [Tensor.normal([4, 3], { dtype, random })];
const images: LayerCase['inputs'] = ({ dtype, random }) => [Tensor.normal([2, 3, 2, 2], { dtype, random })];

export default [
  { name: 'Dropout', make: () => new Dropout(0.4), inputs: rows, differsInTraining: true },
  { name: 'ChannelDropout', make: () => new ChannelDropout(0.4), inputs: images, differsInTraining: true },
  { name: 'AlphaDropout', make: () => new AlphaDropout(0.4), inputs: rows, differsInTraining: true },
  { name: 'BatchNorm', make: ({ dtype }) => new BatchNorm(3, { dtype }), inputs: rows, differsInTraining: true, joinsExamples: true },
  {
    name: 'BatchNorm, of images, without weights',
    make: ({ dtype }) => new BatchNorm(3, { dtype, affine: false, momentum: 'average' }),
    inputs: images,
    differsInTraining: true,
    joinsExamples: true,
  },
  {
    name: 'Sequential, with both',
    make: ({ dtype, random }) =>
      new Sequential(
        new Linear(3, 4, { dtype, random }),
        new BatchNorm(4, { dtype }),
        new Tanh(),
        new Dropout(0.3),
        new Linear(4, 2, { dtype, random }),
      ),
    inputs: rows,
    differsInTraining: true,
    joinsExamples: true,
  },
] satisfies LayerCase[];
