import type { FloatDtype } from '../base/dtype.ts';
import { oneOf, optional, readOptions } from '../base/options.ts';
import { Tensor } from '../tensor/tensor.ts';
import { Dataset } from './dataset.ts';

/** Options of datasets that ship with the package. */
export interface ClassifiedOptions {
  /** Default float32. */
  readonly dtype?: FloatDtype;
}

/** Measured things in classes. */
export interface Classified {
  /** `x : [size, features]` and `y : [size]`, class by class. */
  readonly data: Dataset;
  /** What the features are called. */
  readonly features: readonly string[];
  /** What the classes are called. */
  readonly classes: readonly string[];
}

/** Numbers of a table, whose rows come class by class. */
export function classified(
  name: string,
  options: ClassifiedOptions | undefined,
  numbers: Float64Array,
  sizes: readonly number[],
  features: readonly string[],
  classes: readonly string[],
): Classified {
  const { dtype } = readOptions<ClassifiedOptions>(name, options, { dtype: optional(oneOf('float32', 'float64'), 'float32') });
  const labels = Int32Array.from(sizes.flatMap((size, label) => Array<number>(size).fill(label)));
  const x = new Tensor([labels.length, features.length], numbers).cast(dtype);
  return { data: new Dataset(x, new Tensor([labels.length], labels)), features, classes };
}
