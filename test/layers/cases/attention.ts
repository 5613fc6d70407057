import {
  LearnedEncoding,
  Linear,
  MultiHeadAttention,
  Residual,
  SinusoidalEncoding,
  Tensor,
  TransformerDecoder,
  TransformerDecoderLayer,
  TransformerEncoder,
  TransformerEncoderLayer,
  tanh,
} from '../../../src/index.ts';
import type { LayerCase } from '../layer-case.ts';

const sequence: LayerCase['inputs'] = ({ dtype, random }) => [Tensor.normal([2, 3, 4], { dtype, random })];
const withMemory: LayerCase['inputs'] = ({ dtype, random }) => [
  Tensor.normal([2, 3, 4], { dtype, random }),
  Tensor.normal([2, 2, 4], { dtype, random }),
];
/** Smooth, so that finite differences measure the derivative. */
const smooth = { activation: tanh, hidden: 3 };

export default [
  { name: 'MultiHeadAttention', make: (making) => new MultiHeadAttention(4, 2, making), inputs: sequence },
  {
    name: 'MultiHeadAttention, causal, with rotations, dropout and shared keys',
    make: (making) => new MultiHeadAttention(4, 2, { ...making, keyValueHeads: 1, rotary: true, dropout: 0.3 }),
    inputs: sequence,
    call: (layer, x) => layer.forward(x!, { causal: true }),
    differsInTraining: true,
  },
  {
    name: 'MultiHeadAttention, to a memory, of which one row sees nothing',
    make: (making) => new MultiHeadAttention(4, 2, making),
    inputs: withMemory,
    call: (layer, x, memory) =>
      layer.forward(x!, {
        key: memory!,
        keep: Tensor.of([
          [1, 0],
          [0, 0],
        ]),
      }),
  },
  {
    name: 'TransformerEncoderLayer',
    make: (making) => new TransformerEncoderLayer(4, 2, { ...making, ...smooth }),
    inputs: sequence,
    differsInTraining: true,
  },
  {
    name: 'TransformerEncoderLayer, normalizing first, without dropout',
    make: (making) => new TransformerEncoderLayer(4, 2, { ...making, ...smooth, normFirst: true, dropout: 0, bias: false }),
    inputs: sequence,
    call: (layer, x) => layer.forward(x!, { causal: true }),
  },
  {
    name: 'TransformerDecoderLayer',
    make: (making) => new TransformerDecoderLayer(4, 2, { ...making, ...smooth }),
    inputs: withMemory,
    differsInTraining: true,
  },
  {
    name: 'TransformerEncoder',
    make: (making) => new TransformerEncoder(2, 4, 2, { ...making, ...smooth, normFirst: true }),
    inputs: sequence,
    differsInTraining: true,
  },
  {
    name: 'TransformerDecoder',
    make: (making) => new TransformerDecoder(2, 4, 2, { ...making, ...smooth, dropout: 0 }),
    inputs: withMemory,
  },
  { name: 'SinusoidalEncoding', make: () => new SinusoidalEncoding(), inputs: sequence },
  { name: 'LearnedEncoding', make: (making) => new LearnedEncoding(5, 4, making), inputs: sequence },
  { name: 'Residual', make: (making) => new Residual(new Linear(4, 4, making)), inputs: sequence },
  {
    name: 'Residual, with a projection',
    make: (making) => new Residual(new Linear(4, 2, making), { projection: new Linear(4, 2, { ...making, bias: false }) }),
    inputs: sequence,
  },
] satisfies LayerCase[];
