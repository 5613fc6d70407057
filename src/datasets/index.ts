/** The second front door, `tapegrad/datasets`: data to learn from, and batches of it. */

export { type Idx, readIdx } from '../io/idx.ts';
export { type BatchesOptions, batches, type PrefetchedLoader, prefetch } from './batches.ts';
export { type BlobsOptions, blobs } from './blobs.ts';
export type { Classified, ClassifiedOptions } from './classified.ts';
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
export { type CSVOptions, readCSV } from './csv.ts';
export { type Batch, DataLoader, type DataLoaderOptions, type Indexed, type Sampler } from './data-loader.ts';
export { Dataset, type EachPart, type Examples, type RowsOfEach, type SplitOptions } from './dataset.ts';
export { type DigitsOptions, digits } from './digits.ts';
export { type ExamplesOptions, examples, type Listed, type Promised, subset, transformed } from './examples.ts';
export { fashionMnist } from './fashion-mnist.ts';
export type { Mnist, MnistBytes, MnistOptions } from './idx-images.ts';
export { iris } from './iris.ts';
export { mnist } from './mnist.ts';
export {
  type CheckerboardOptions,
  type CirclesOptions,
  checkerboard,
  circles,
  moons,
  type SpiralsOptions,
  spirals,
  xor,
} from './plane.ts';
export type { PointOptions, ShuffledOptions } from './points.ts';
export { type StratifiedSamplerOptions, stratifiedSampler, type WeightedSamplerOptions, weightedSampler } from './samplers.ts';
export { minMaxScaling, type Scaling, standardization } from './scaling.ts';
export { type SineOptions, sine } from './sine.ts';
export { type Fold, type KFoldOptions, kFold, type RandomSplitOptions, randomSplit } from './splits.ts';
export { type SyntheticOptions, synthetic } from './synthetic.ts';
export { type Categories, type Column, Table, type TableDataset, type TableDatasetOptions } from './table.ts';
export { wine } from './wine.ts';
