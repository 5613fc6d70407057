/** Features brought to one scale, by what is learnt from those to train with. */

import { DtypeError, ShapeError } from '../base/errors.ts';
import { formatShape } from '../base/shape.ts';
import { checkTensor, Tensor } from '../tensor/tensor.ts';

/** A scale for each feature: `(x − shift) / scale`. Learn it from the data to train with, and apply it to all. */
export interface Scaling {
  /** What is subtracted from each feature, `[features]`. */
  readonly shift: Tensor;
  /** What each feature is divided by, `[features]`; 1 where a feature is always the same. */
  readonly scale: Tensor;
  /** Features on the new scale. */
  apply(x: Tensor): Tensor;
  /** Features on the old scale. */
  undo(x: Tensor): Tensor;
}

/** Rows of features. */
function checkRows(where: string, x: Tensor): void {
  checkTensor(where, 'x', x);
  if (x.dtype === 'int32') throw new DtypeError(`${where}: expected x in float32 or float64, got int32 ${formatShape(x.shape)}`);
  if (x.rank < 1 || x.size === 0)
    throw new ShapeError(`${where}: expected x of shape [rows, …], with at least one row, got ${formatShape(x.shape)}`);
}

function scaling(where: string, { dtype }: Tensor, shift: Tensor, size: Tensor): Scaling {
  // What does not vary stays as it is: it is 0 once it is shifted.
  const scale = new Tensor(size.shape, size.numbers.map((x) => (x > 0 ? x : 1)) as Float64Array).cast(dtype); // biome-ignore format: one line
  const [from, by] = [shift.cast(dtype), scale];
  const checked = (name: string, x: Tensor) => {
    checkTensor(`${where}.${name}`, 'x', x);
    return x;
  };
  return { shift: from, scale: by, apply: (x) => checked('apply', x).sub(from).div(by), undo: (x) => checked('undo', x).mul(by).add(from) };
}

/**
 * The scale on which each feature has mean 0 and variance 1: scikit-learn's `StandardScaler`, with the biased variance.
 *
 * @param x `[rows, …]` in float32 or float64, the data to train with
 * @throws ShapeError, DtypeError
 * @example
 * const scale = standardization(Tensor.of([[0, 5], [4, 5]]));
 * scale.apply(Tensor.of([[4, 5], [2, 6]])).toArray() // => [[1, 0], [0, 1]]
 */
export function standardization(x: Tensor): Scaling {
  checkRows('standardization', x);
  const wide = x.cast('float64');
  return scaling('standardization', x, wide.mean(0), wide.std(0, { correction: 0 }));
}

/**
 * The scale on which each feature goes from 0 to 1: scikit-learn's `MinMaxScaler`.
 *
 * @param x `[rows, …]` in float32 or float64, the data to train with
 * @throws ShapeError, DtypeError
 * @example minMaxScaling(Tensor.of([[1], [3]])).apply(Tensor.of([[2], [5]])).toArray() // => [[0.5], [2]]
 */
export function minMaxScaling(x: Tensor): Scaling {
  checkRows('minMaxScaling', x);
  const wide = x.cast('float64');
  return scaling('minMaxScaling', x, wide.min(0), wide.max(0).sub(wide.min(0)));
}
