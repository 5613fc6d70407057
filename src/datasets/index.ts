/** The second front door, `tapegrad/datasets`: data to learn from, and batches of it. */

export { type Idx, readIdx } from '../io/idx.ts';
export type { Columns, Rows } from './columns.ts';
export { type Batch, DataLoader, type DataLoaderOptions } from './data-loader.ts';
export { Dataset, type Examples, type RowsOfEach, type SplitOptions } from './dataset.ts';
export { type Mnist, type MnistBytes, type MnistOptions, mnist } from './mnist.ts';
export { type SyntheticOptions, synthetic } from './synthetic.ts';
