import { check, oneOf, optional, readOptions, wholeNumberFrom } from '../base/options.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { readRanked } from './inputs.ts';

/** Options of `topKAccuracy`. */
export interface TopKAccuracyOptions {
  /**
   * What counts where the right class ties with others for the last places: its chance of one of them (`'chance'`, the default), or 1 where fewer than
   * `k` classes with a larger number tie or lie above, and else 0, as scikit-learn has it (`'last'`).
   */
  readonly ties?: 'chance' | 'last';
}

/**
 * The part of the rows whose right class is among the `k` with the largest scores, from 0 to 1.
 *
 * Ties are shared: a row whose right class ties with `e − 1` others for `f` places counts `f / e`. So equal scores give `k / classes`, whatever the
 * order of classes.
 *
 * @param scores `[rows, classes]` in float32 or float64
 * @param targets the right classes, `[rows]` in int32
 * @param k how many classes may be named, from 1
 * @throws ShapeError, DtypeError; ValueError for a class out of range, for a NaN, and for a `k` that is none
 * @example topKAccuracy(Tensor.of([[0.5, 0.3, 0.2], [0.5, 0.3, 0.2]]), Tensor.of([1, 2], 'int32'), 2) // => 0.5
 */
export function topKAccuracy(scores: Tensor, targets: Tensor, k: number, options?: TopKAccuracyOptions): number {
  const name = 'topKAccuracy';
  const { ties } = readOptions<TopKAccuracyOptions>(name, options, { ties: optional(oneOf('chance', 'last'), 'chance') });
  const { rows, classes, scores: data, targets: right } = readRanked(name, 'scores', scores, targets, 'must');
  check(name, { k }, wholeNumberFrom(1));
  let sum = 0;
  for (let row = 0; row < rows; row++) {
    const score = data[row * classes + right[row]!]!;
    let [above, equal, later] = [0, 0, 0];
    for (let label = 0; label < classes; label++) {
      const other = data[row * classes + label]!;
      if (other > score) above++;
      else if (other === score) {
        equal++;
        if (label > right[row]!) later++;
      }
    }
    sum += ties === 'last' ? Number(above + later < k) : Math.min(Math.max(k - above, 0) / equal, 1);
  }
  return sum / rows;
}
