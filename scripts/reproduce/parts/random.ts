import { type FloatDtype, Random, Tensor } from 'tapegrad';
import { synthetic } from 'tapegrad/datasets';
import { inBoth, type Part } from './part.ts';

function* drawn(dtype: FloatDtype): Generator<Tensor> {
  const random = new Random(1);
  yield Tensor.uniform([10_001], { low: -3, high: 7, random, dtype });
  yield Tensor.normal([10_001], { mean: 1, standardDeviation: 3, random, dtype });
  const { train } = synthetic({ trainSize: 5001, validationSize: 1, dtype });
  yield train.x;
  yield train.y;
}

function* whole(): Generator<Tensor> {
  const random = new Random(2);
  yield Tensor.permutation(10_001, { random });
  yield Tensor.fromTypedArray(Int32Array.from({ length: 10_001 }, (_, i) => random.integer(i + 1)));
}

/** Random numbers of every distribution. */
export const random: readonly Part[] = [...inBoth('random', drawn), { name: 'random, int32', tensors: whole }];
