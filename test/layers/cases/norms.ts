import { GroupNorm, InstanceNorm, LayerNorm, RMSNorm, Tensor } from '../../../src/index.ts';
import type { LayerCase } from '../layer-case.ts';

const rows: LayerCase['inputs'] = ({ dtype, random }) => [Tensor.normal([2, 4, 3], { dtype, random })];

export default [
  { name: 'LayerNorm', make: ({ dtype }) => new LayerNorm(3, { dtype }), inputs: rows },
  { name: 'LayerNorm, over two axes, without bias', make: ({ dtype }) => new LayerNorm([4, 3], { dtype, bias: false }), inputs: rows },
  { name: 'LayerNorm, without weights', make: ({ dtype }) => new LayerNorm(3, { dtype, affine: false }), inputs: rows },
  { name: 'RMSNorm', make: ({ dtype }) => new RMSNorm(3, { dtype }), inputs: rows },
  { name: 'GroupNorm', make: ({ dtype }) => new GroupNorm(2, 4, { dtype }), inputs: rows },
  { name: 'InstanceNorm', make: ({ dtype }) => new InstanceNorm(4, { dtype }), inputs: rows },
  {
    name: 'InstanceNorm, with running statistics',
    make: ({ dtype }) => new InstanceNorm(4, { dtype, affine: true, running: true }),
    inputs: rows,
    differsInTraining: true,
    joinsExamples: true,
  },
] satisfies LayerCase[];
