/** As many classes as there seem to be. */

import { expect, test } from 'vitest';
import { DtypeError, perplexity, ShapeError, Tensor, ValueError } from '../../src/index.ts';
import { labels } from '../lib/labels.ts';
import { refuses } from '../lib/refuses.ts';

test('is 1 where each is foreseen, the number of classes where all are alike, and not less than 1', () => {
  expect(perplexity(Tensor.of([[1000, 0], [0, 1000]]), labels([0, 1]))).toBe(1); // biome-ignore format: a matrix
  expect(perplexity(Tensor.zeros([3, 5]), labels([0, 1, 4]))).toBeCloseTo(5, 12);
});

test('is the inverse of the geometric mean of the probabilities of what came', () => {
  const p = Tensor.of([[0.5, 0.25, 0.25], [0.125, 0.75, 0.125]], 'float64'); // biome-ignore format: a matrix
  expect(perplexity(p.log(), labels([0, 2]))).toBeCloseTo(1 / Math.sqrt(0.5 * 0.125), 12);
});

test('takes any leading axes, and leaves out what is ignored', () => {
  const logits = Tensor.normal([2, 3, 4], { seed: 1 });
  const targets = Tensor.of([[0, 1, 2], [3, 1, -1]], 'int32'); // biome-ignore format: a matrix
  const kept = logits.reshape([6, 4]).slice([[0, 5]]);
  expect(perplexity(logits, targets, { ignoreIndex: -1 })).toBe(perplexity(kept, labels([0, 1, 2, 3, 1])));
});

refuses('%s is refused', [
  ['a class beyond', () => perplexity(Tensor.zeros([1, 2]), labels([2])), ValueError, /class/],
  ['targets of others', () => perplexity(Tensor.zeros([2, 2]), labels([1])), ShapeError, /^perplexity: expected logits \[…, classes\] and a target for each, got \[2, 2\] and \[1\]/],
  ['a list', () => perplexity([[1]] as never, labels([0])), DtypeError, /^perplexity: expected a tensor for logits, got an array/],
  ['another option', () => perplexity(Tensor.zeros([1, 2]), labels([1]), { padding: 0 } as never), ValueError, /^perplexity: there is no option padding/],
]); // biome-ignore format: one line a case
