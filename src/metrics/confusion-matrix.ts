import { DtypeError, ShapeError, ValueError } from '../base/errors.ts';
import { formatShape } from '../base/shape.ts';
import { checkTensor, Tensor } from '../tensor/tensor.ts';

/**
 * The part of the rows that were predicted right, from 0 to 1.
 *
 * @param predicted classes `[rows]` in int32, or scores `[rows, classes]`, of which the largest counts
 * @param targets the right classes, `[rows]` in int32
 * @throws ShapeError, DtypeError
 * @example accuracy(Tensor.of([[0.1, 0.9], [0.8, 0.2]]), Tensor.of([1, 1], 'int32')) // => 0.5
 */
export function accuracy(predicted: Tensor, targets: Tensor): number {
  const found = classesOf('accuracy', predicted, targets);
  let right = 0;
  for (let row = 0; row < found.length; row++) if (found[row] === targets.data[row]) right++;
  return right / found.length;
}

/**
 * How often each class was taken for each: `[classes, classes]` in int32, a row for each right class, a column for each predicted one.
 *
 * @param predicted classes `[rows]` in int32, or scores `[rows, classes]`, of which the largest counts
 * @param targets the right classes, `[rows]` in int32
 * @param classes how many there are. Default as many as there are scores, or as the largest class needs
 * @throws ShapeError, DtypeError, ValueError for a class out of range
 * @example confusionMatrix(Tensor.of([0, 1, 1], 'int32'), Tensor.of([0, 0, 1], 'int32')).toArray() // => [[1, 1], [0, 1]]
 */
export function confusionMatrix(predicted: Tensor, targets: Tensor, classes?: number): Tensor {
  const found = classesOf('confusionMatrix', predicted, targets);
  return count(found, targets, classes ?? countClasses(predicted, targets));
}

function count(found: Tensor['data'], targets: Tensor, classes: number): Tensor {
  if (!(Number.isInteger(classes) && classes >= 0 && classes <= 10_000))
    throw new ValueError(`confusionMatrix: expected up to 10,000 classes, got ${classes}`);
  const counts = new Int32Array(classes * classes);
  for (let row = 0; row < found.length; row++) {
    const [right, taken] = [targets.data[row]!, found[row]!];
    for (const label of [right, taken]) {
      if (!(label >= 0 && label < classes))
        throw new ValueError(`confusionMatrix: class ${label} of row ${row} is none of the ${classes}, 0 to ${classes - 1}`);
    }
    counts[right * classes + taken]!++;
  }
  return new Tensor([classes, classes], counts);
}

/** The predicted class of each row. */
function classesOf(name: string, predicted: Tensor, targets: Tensor): Tensor['data'] {
  checkTensor(name, 'predicted', predicted);
  checkTensor(name, 'targets', targets);
  if (targets.dtype !== 'int32' || targets.rank !== 1)
    throw new DtypeError(`${name}: expected targets in int32 of shape [rows], got ${targets.dtype} ${formatShape(targets.shape)}`);
  const found = predicted.rank === 2 ? predicted.argmax(1) : predicted;
  if (found.dtype !== 'int32')
    throw new DtypeError(
      `${name}: expected predicted classes in int32 of shape [rows], or scores [rows, classes], got ${predicted.dtype} ${formatShape(predicted.shape)}`,
    );
  const classes = predicted.rank === 2 ? predicted.shape[1]! : Infinity;
  const misfit = targets.data.findIndex((label) => !(label >= 0 && label < classes));
  if (misfit >= 0) throw new ValueError(`${name}: class ${targets.data[misfit]} of row ${misfit} is none of the ${classes}`);
  if (found.rank === 1 && found.size === targets.size && found.size > 0) return found.data;
  throw new ShapeError(
    `${name}: expected a prediction for each of at least one target, got ${formatShape(predicted.shape)} for ${formatShape(targets.shape)}`,
  );
}

const countClasses = (predicted: Tensor, targets: Tensor): number =>
  predicted.rank === 2 ? predicted.shape[1]! : 1 + Math.max(-1, ...new Set(predicted.data), ...new Set(targets.data));
