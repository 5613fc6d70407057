import { DtypeError, ShapeError, ValueError } from '../base/errors.ts';
import { quote } from '../base/options.ts';
import { formatShape } from '../base/shape.ts';
import { checkTensor, Tensor } from '../tensor/tensor.ts';

/** Stands for the class of a row of scores with a NaN among them, which is none. */
export const NONE = -1;

/**
 * The part of the rows that were predicted right, from 0 to 1. A row with a NaN among its scores is wrong.
 *
 * @param predicted classes `[rows]` in int32, or scores `[rows, classes]`, of which the largest counts
 * @param targets the right classes, `[rows]` in int32
 * @throws ShapeError, DtypeError
 * @example accuracy(Tensor.of([[0.1, 0.9], [0.8, 0.2]]), Tensor.of([1, 1], 'int32')) // => 0.5
 */
export function accuracy(predicted: Tensor, targets: Tensor): number {
  const { found } = judge('accuracy', predicted, targets);
  let right = 0;
  for (let row = 0; row < found.length; row++) if (found[row] === targets.data[row]) right++;
  return right / found.length;
}

/**
 * How often each class was taken for each: `[classes, classes]` in int32, a row for each right class, a column for each predicted one. A row with a
 * NaN among its scores was taken for no class, and is not counted.
 *
 * @param predicted classes `[rows]` in int32, or scores `[rows, classes]`, of which the largest counts
 * @param targets the right classes, `[rows]` in int32
 * @param classes how many there are. Default as many as there are scores, or as the largest class needs
 * @throws ShapeError, DtypeError, ValueError for a class out of range
 * @example confusionMatrix(Tensor.of([0, 1, 1], 'int32'), Tensor.of([0, 0, 1], 'int32')).toArray() // => [[1, 1], [0, 1]]
 */
export const confusionMatrix = (predicted: Tensor, targets: Tensor, classes?: number): Tensor =>
  countPairs('confusionMatrix', judge('confusionMatrix', predicted, targets), targets, classes);

/** The predicted class of each row, and how many classes there are at least. */
export interface Judged {
  readonly found: Tensor['data'];
  readonly classes: number;
}

/** The confusion matrix of rows that are judged, for the function that is named in errors. */
export function countPairs(name: string, { found, classes: least }: Judged, targets: Tensor, classes = least): Tensor {
  if (!(Number.isInteger(classes) && classes >= 0 && classes <= 10_000))
    throw new ValueError(`${name}: expected up to 10,000 classes, got ${quote(classes)}`);
  const counts = new Int32Array(classes * classes);
  for (let row = 0; row < found.length; row++) {
    const [right, taken] = [targets.data[row]!, found[row]!];
    for (const label of [right, taken]) {
      if (label >= classes) throw new ValueError(`${name}: class ${label} of row ${row} is none of the ${classes}, 0 to ${classes - 1}`);
    }
    if (taken !== NONE) counts[right * classes + taken]!++;
  }
  return new Tensor([classes, classes], counts);
}

/** The predicted class of each row, for the function that is named in errors. */
export function judge(name: string, predicted: Tensor, targets: Tensor): Judged {
  checkTensor(name, 'predicted', predicted);
  checkTensor(name, 'targets', targets);
  if (targets.dtype !== 'int32' || targets.rank !== 1)
    throw new DtypeError(`${name}: expected targets in int32 of shape [rows], got ${targets.dtype} ${formatShape(targets.shape)}`);
  const ofScores = predicted.rank === 2;
  if (!ofScores && (predicted.dtype !== 'int32' || predicted.rank !== 1))
    throw new DtypeError(
      `${name}: expected predicted classes in int32 of shape [rows], or scores [rows, classes], got ${predicted.dtype} ${formatShape(predicted.shape)}`,
    );
  if (predicted.shape[1] === 0)
    throw new ShapeError(`${name}: expected scores for at least one class, got ${formatShape(predicted.shape)}`);
  if (predicted.shape[0] !== targets.size || targets.size === 0)
    throw new ShapeError(
      `${name}: expected a prediction for each of at least one target, got ${formatShape(predicted.shape)} for ${formatShape(targets.shape)}`,
    );
  const found = ofScores ? largestOfRows(predicted) : predicted.data;
  const classes = ofScores ? predicted.shape[1]! : 1 + Math.max(largestOf(found), largestOf(targets.data));
  checkClasses(name, targets.data, classes);
  if (!ofScores) checkClasses(name, found, classes);
  return { found, classes };
}

function checkClasses(name: string, labels: Tensor['data'], classes: number): void {
  const misfit = labels.findIndex((label) => !(label >= 0 && label < classes));
  if (misfit < 0) return;
  const range = classes > 0 ? `none of the ${classes}, 0 to ${classes - 1}` : 'none: classes count from 0';
  throw new ValueError(`${name}: class ${labels[misfit]} of row ${misfit} is ${range}`);
}

function largestOf(labels: Tensor['data']): number {
  let most = -1;
  for (let row = 0; row < labels.length; row++) most = Math.max(most, labels[row]!);
  return most;
}

/** The place of the largest score of each row, the first of those that tie; `NONE` for a row with a NaN. */
function largestOfRows({ data, shape }: Tensor): Int32Array {
  const [rows, classes] = shape as [number, number];
  const found = new Int32Array(rows);
  for (let row = 0; row < rows; row++) {
    let best = 0;
    for (let label = 0; label < classes; label++) {
      const score = data[row * classes + label]!;
      if (score > data[row * classes + best]!) best = label;
      if (score !== score) {
        best = NONE;
        break;
      }
    }
    found[row] = best;
  }
  return found;
}
