/** The second front door, `tapegrad/datasets`: data to learn from, and batches of it. */

export { type Idx, readIdx } from '../io/idx.ts';
export { type BatchesOptions, batches, prefetch } from './batches.ts';
export {
  type Collated,
  type CollateOptions,
  collate,
  type Padded,
  type PaddedOptions,
  type PaddedTree,
  padded,
} from './collate.ts';
export type { Columns, Rows } from './columns.ts';
export { type Batch, DataLoader, type DataLoaderOptions, type Indexed, type Sampler } from './data-loader.ts';
export { Dataset, type Examples, type RowsOfEach, type SplitOptions } from './dataset.ts';
export { type ExamplesOptions, examples, type Listed, type Promised, subset, transformed } from './examples.ts';
export { fashionMnist } from './fashion-mnist.ts';
export type { Mnist, MnistBytes, MnistOptions } from './idx-images.ts';
export { mnist } from './mnist.ts';
export { type StratifiedSamplerOptions, stratifiedSampler, type WeightedSamplerOptions, weightedSampler } from './samplers.ts';
export { type Fold, type KFoldOptions, kFold, type RandomSplitOptions, randomSplit } from './splits.ts';
export { type SyntheticOptions, synthetic } from './synthetic.ts';
