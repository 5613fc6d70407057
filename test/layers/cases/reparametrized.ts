import { GRUCell, Linear, SpectralNorm, Tensor, WeightNorm } from '../../../src/index.ts';
import type { LayerCase } from '../layer-case.ts';

const rows: LayerCase['inputs'] = ({ dtype, random }) => [Tensor.normal([4, 3], { dtype, random })];

export default [
  { name: 'WeightNorm', make: (options) => new WeightNorm(new Linear(3, 2, options)), inputs: rows },
  {
    name: 'WeightNorm, of another parameter',
    make: (options) => new WeightNorm(new GRUCell(3, 2, options), { parameter: 'weightHidden' }),
    inputs: ({ dtype, random }) => [...rows({ dtype, random }), Tensor.normal([4, 2], { dtype, random })],
  },
  {
    name: 'SpectralNorm',
    make: ({ dtype, random }) => new SpectralNorm(new Linear(3, 2, { dtype, random }), { random }),
    inputs: rows,
    differsInTraining: true,
  },
] satisfies LayerCase[];
