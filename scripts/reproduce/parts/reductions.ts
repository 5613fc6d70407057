import { type FloatDtype, Tensor } from 'tapegrad';
import { inBoth, type Part } from './part.ts';

const axes = [0, 1, 2, 3, [0, 1], [1, 2], [2, 3], [0, 2], [1, 3], [0, 1, 2], [1, 2, 3], [0, 1, 2, 3]];

const numbers = (dtype: FloatDtype): Tensor => Tensor.normal([5, 9, 33, 7], { standardDeviation: 10, seed: 4, dtype });

function* sums(dtype: FloatDtype): Generator<Tensor> {
  const x = numbers(dtype);
  for (const along of axes) {
    yield x.sum(along);
    yield x.mean(along);
  }
  for (const size of [1, 2, 3, 4, 5, 127, 128, 129, 10_395])
    yield x
      .reshape([-1])
      .slice([[0, size]])
      .sum();
}

function* extremes(dtype: FloatDtype): Generator<Tensor> {
  const x = numbers(dtype);
  for (const along of axes) yield x.max(along);
  for (const axis of [0, 1, 2, 3]) yield x.argmin(axis);
}

function* softmax(dtype: FloatDtype): Generator<Tensor> {
  const x = numbers(dtype);
  for (const axis of [0, 1, 2, 3]) {
    yield x.softmax(axis);
    yield x.logSoftmax(axis);
    yield x.logSumExp(axis);
  }
}

/** Sums, means, extremes and softmax along all axes. */
export const reductions: readonly Part[] = [...inBoth('sums', sums), ...inBoth('extremes', extremes), ...inBoth('softmax', softmax)];
