/** Checks of what metrics are given. */

import { DtypeError, ShapeError, ValueError } from '../base/errors.ts';
import { formatShape, sameShape } from '../base/shape.ts';
import { checkTensor, type Tensor } from '../tensor/tensor.ts';

/** Scores or probabilities of some rows, and their classes. */
export interface Ranked {
  readonly rows: number;
  /** How many scores a row has; 0 where there is one number a row, of the positive class of two. */
  readonly classes: number;
  readonly scores: Tensor['data'];
  readonly targets: Int32Array;
}

/**
 * Scores in floats, `[rows]` or `[rows, classes]`, none of them NaN, and a class for each row.
 * @param many whether scores may or must be `[rows, classes]`
 */
export function readRanked(
  name: string,
  what: string,
  scores: Tensor,
  targets: Tensor,
  many: 'maybe' | 'must' | 'never' = 'maybe',
): Ranked {
  checkTensor(name, what, scores);
  checkTensor(name, 'targets', targets);
  const forms = { never: '[rows]', maybe: '[rows] or [rows, classes]', must: '[rows, classes]' }[many];
  const { shape, dtype, rank } = scores;
  if (dtype === 'int32') throw new DtypeError(`${name}: expected ${what} in float32 or float64, got int32 ${formatShape(shape)}`);
  if (!((rank === 1 && many !== 'must') || (rank === 2 && many !== 'never' && shape[1] !== 0)))
    throw new ShapeError(`${name}: expected ${what} of shape ${forms}, got ${formatShape(shape)}`);
  if (targets.dtype !== 'int32')
    throw new DtypeError(`${name}: expected targets in int32 of shape [rows], got ${targets.dtype} ${formatShape(targets.shape)}`);
  if (targets.rank !== 1 || targets.size !== shape[0] || targets.size === 0)
    throw new ShapeError(
      `${name}: expected ${what} for each of at least one target, got ${formatShape(shape)} for ${formatShape(targets.shape)}`,
    );
  const classes = rank === 2 ? shape[1]! : 0;
  refuseClassesBeyond(name, targets.numbers as Int32Array, Math.max(classes, 2 - 2 * Number(classes > 0)));
  const nan = scores.numbers.findIndex((score) => Number.isNaN(score));
  if (nan >= 0) throw new ValueError(`${name}: expected ${what} without NaN, got one in row ${classes ? Math.floor(nan / classes) : nan}`);
  return { rows: targets.size, classes, scores: scores.numbers, targets: targets.numbers as Int32Array };
}

function refuseClassesBeyond(name: string, targets: Int32Array, classes: number): void {
  const misfit = targets.findIndex((label) => !(label >= 0 && label < classes));
  if (misfit >= 0)
    throw new ValueError(`${name}: class ${targets[misfit]} of row ${misfit} is none of the ${classes}, 0 to ${classes - 1}`);
}

/** Refuses numbers that are no probabilities. */
export function refuseImprobable(name: string, { scores, classes }: Ranked): void {
  const place = scores.findIndex((p) => !(p >= 0 && p <= 1));
  if (place < 0) return;
  const row = classes ? Math.floor(place / classes) : place;
  throw new ValueError(
    `${name}: expected probabilities from 0 to 1, got ${scores[place]} in row ${row}; of logits take softmax or sigmoid`,
  );
}

/** Predictions and targets of numbers, each `[rows]` or `[rows, outputs]` in the same float dtype, none of them NaN. */
export function readPairs(name: string, predicted: Tensor, targets: Tensor): { rows: number; outputs: number } {
  checkTensor(name, 'predicted', predicted);
  checkTensor(name, 'targets', targets);
  for (const [what, { dtype, shape }] of [['predictions', predicted], ['targets', targets]] as const) // biome-ignore format: one list
    if (dtype === 'int32')
      throw new DtypeError(`${name}: expected ${what} in float32 or float64, got int32 ${formatShape(shape)}; cast('float32')`);
  const { shape, rank } = predicted;
  if (!sameShape(shape, targets.shape) || rank < 1 || rank > 2 || predicted.size === 0)
    throw new ShapeError(
      `${name}: expected predictions and targets of one shape, [rows] or [rows, outputs], got ${formatShape(shape)} and ${formatShape(targets.shape)}`,
    );
  for (const [what, { numbers }] of [
    ['predictions', predicted],
    ['targets', targets],
  ] as const) {
    // biome-ignore format: one list
    const place = numbers.findIndex((x) => !Number.isFinite(x));
    if (place >= 0) throw new ValueError(`${name}: expected finite ${what}, got ${numbers[place]} at place ${place}`);
  }
  return { rows: shape[0]!, outputs: shape[1] ?? 1 };
}
