import { Embedding, EmbeddingBag, Tensor } from '../../../src/index.ts';
import type { LayerCase } from '../layer-case.ts';

const indices: LayerCase['inputs'] = () => [Tensor.of([[1, 0, 3], [3, 2, 0]], 'int32')]; // biome-ignore format: a matrix
const list: LayerCase['inputs'] = () => [Tensor.of([1, 0, 3, 2], 'int32'), Tensor.of([0, 0, 3], 'int32')];

export default [
  { name: 'Embedding', make: (options) => new Embedding(4, 2, options), inputs: indices },
  {
    // Without padding among the indices, since the row of it is not learned, though the result depends on it.
    name: 'Embedding, with padding',
    make: (options) => new Embedding(4, 2, { ...options, paddingIndex: 0 }),
    inputs: () => [Tensor.of([1, 3, 2, 3], 'int32')],
  },
  { name: 'EmbeddingBag', make: (options) => new EmbeddingBag(4, 2, options), inputs: indices },
  { name: 'EmbeddingBag, max', make: (options) => new EmbeddingBag(4, 2, { ...options, mode: 'max' }), inputs: indices },
  {
    name: 'EmbeddingBag, of a list',
    make: (options) => new EmbeddingBag(4, 2, options),
    inputs: list,
    call: (bag: EmbeddingBag, indices, offsets) => bag.forward(indices!, { offsets: offsets! }),
  },
  {
    name: 'EmbeddingBag, a weighted sum',
    make: (options) => new EmbeddingBag(4, 2, { ...options, mode: 'sum' }),
    inputs: ({ dtype, random }) => [...list({ dtype, random }), Tensor.normal([4], { dtype, random })],
    call: (bag: EmbeddingBag, indices, offsets, perSampleWeights) =>
      bag.forward(indices!, { offsets: offsets!, perSampleWeights: perSampleWeights! }),
  },
] satisfies LayerCase[];
