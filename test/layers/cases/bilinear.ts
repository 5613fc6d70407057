import { Bilinear, Tensor } from '../../../src/index.ts';
import type { LayerCase } from '../layer-case.ts';

const pairs: LayerCase['inputs'] = ({ dtype, random }) => [
  Tensor.normal([2, 2, 3], { dtype, random }),
  Tensor.normal([2, 2, 2], { dtype, random }),
];

export default [
  { name: 'Bilinear', make: (options) => new Bilinear(3, 2, 4, options), inputs: pairs },
  { name: 'Bilinear, without bias', make: (options) => new Bilinear(3, 2, 4, { ...options, bias: false }), inputs: pairs },
] satisfies LayerCase[];
