import { Linear, ReLU, Sequential, Sigmoid, Softmax, Tanh, Tensor } from '../../../src/index.ts';
import type { LayerCase } from '../layer-case.ts';

const rows: LayerCase['inputs'] = ({ dtype, random }) => [Tensor.normal([4, 3], { dtype, random })];

export default [
  { name: 'Linear', make: ({ dtype, random }) => new Linear(3, 2, { dtype, random }), inputs: rows },
  { name: 'Linear, without bias', make: ({ dtype, random }) => new Linear(3, 2, { dtype, random, bias: false }), inputs: rows },
  {
    name: 'Linear, of sequences',
    make: ({ dtype, random }) => new Linear(3, 2, { dtype, random }),
    inputs: ({ dtype, random }) => [Tensor.normal([2, 4, 3], { dtype, random })],
  },
  {
    name: 'Sequential',
    make: ({ dtype, random }) => new Sequential(new Linear(3, 4, { dtype, random }), new Tanh(), new Linear(4, 2, { dtype, random })),
    inputs: rows,
  },
  { name: 'ReLU', make: () => new ReLU(), inputs: rows },
  { name: 'Sigmoid', make: () => new Sigmoid(), inputs: rows },
  { name: 'Tanh', make: () => new Tanh(), inputs: rows },
  { name: 'Softmax', make: () => new Softmax(), inputs: rows },
] satisfies LayerCase[];
