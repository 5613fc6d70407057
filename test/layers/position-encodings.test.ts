/** Layers that add positions. */

import { expect, test } from 'vitest';
import { DtypeError, LearnedEncoding, ShapeError, SinusoidalEncoding, sinusoidalEncoding, Tensor, ValueError } from '../../src/index.ts';
import { patterned } from '../lib/patterned.ts';
import { refuses } from '../lib/refuses.ts';
import { expectSameBits } from '../lib/same.ts';

const x = patterned([2, 3, 4], 1);

test('waves are added to each sequence, in its dtype, from where it begins', () => {
  for (const dtype of ['float32', 'float64'] as const)
    expectSameBits(new SinusoidalEncoding().forward(x.cast(dtype)).data, x.cast(dtype).add(sinusoidalEncoding(3, 4, { dtype })).data);
  const other = new SinusoidalEncoding({ base: 100 }).forward(x, { start: 2 });
  expectSameBits(other.data, x.add(sinusoidalEncoding(3, 4, { dtype: 'float64', base: 100, start: 2 })).data);
});

test('learned vectors are added to each sequence, from where it begins', () => {
  const layer = new LearnedEncoding(5, 4, { dtype: 'float64', seed: 1 });
  expectSameBits(layer.forward(x).data, x.add(layer.weight.slice([[0, 3]])).data);
  expectSameBits(layer.forward(x, { start: 2 }).data, x.add(layer.weight.slice([[2, 5]])).data);
});

test('learned vectors start from N(0, 0.02), drawn with the seed', () => {
  const { weight } = new LearnedEncoding(100, 50, { seed: 1 });
  expect(weight.std().item()).toBeCloseTo(0.02, 3);
  expect(Math.abs(weight.mean().item())).toBeLessThan(0.001);
  expectSameBits(new LearnedEncoding(100, 50, { seed: 1 }).weight.data, weight.data);
});

const layer = new LearnedEncoding(5, 4, { dtype: 'float64' });
refuses('%s is refused', [
  ['a sequence that is too long', () => layer.forward(x, { start: 3 }), ShapeError, /up to position 5, got \[2, 3, 4\] from position 3/],
  ['another width', () => layer.forward(x.slice([null, null, [0, 3]])), ShapeError],
  ['a vector', () => new SinusoidalEncoding().forward(Tensor.ones([4])), ShapeError],
  ['integers', () => new SinusoidalEncoding().forward(Tensor.ones([4, 2], 'int32')), DtypeError],
  ['a length of 0', () => new LearnedEncoding(0, 4), ShapeError, /length to be a whole number from 1/],
  ['another dtype', () => new LearnedEncoding(1, 4, { dtype: 'int32' as never }), DtypeError],
  ['a base of 0', () => new SinusoidalEncoding({ base: 0 }), ValueError],
  ['a misspelt option', () => layer.forward(x, { offset: 1 } as never), ValueError, /there is no option offset/],
]);
