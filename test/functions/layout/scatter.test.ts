/** Elements added by index, of int32 without a wrap, of float32 without a loss. */

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { embedding, grad, indexAdd, indexSelect, scatterAdd, Tensor } from '../../../src/index.ts';
import { refuses } from '../../lib/refuses.ts';
import { runs } from '../../lib/runs.ts';
import { int32 } from '../../lib/tensors.ts';

test('int32 is added exactly, whatever the sums on the way', () => {
  const source = int32([2 ** 31 - 1, 2 ** 31 - 1, -(2 ** 31), 7]);
  expect(scatterAdd(int32([1, 0]), 0, int32([0, 0, 0, 1]), source).toArray()).toEqual([2 ** 31 - 1, 7]);
});

refuses('%s is refused, by the name that was called', [
  [
    'more than int32 holds',
    () => scatterAdd(int32([0]), 0, int32([0, 0]), int32([2 ** 30, 2 ** 30])),
    /^scatterAdd: element 0 is 2147483648, which int32 cannot hold/,
  ],
  [
    'more than int32 holds, with what is there',
    () => scatterAdd(int32([1]), 0, int32([0]), int32([2 ** 31 - 1])),
    /^scatterAdd: element 0 is 2147483648/,
  ],
  ['an index beyond the end', () => scatterAdd(Tensor.of([1]), 0, int32([3]), Tensor.of([1])), /^scatterAdd: index 3 at place 0/],
  [
    'a source that is a number',
    () => scatterAdd(Tensor.of([1]), 0, int32([0]), 1 as never),
    /^scatterAdd: expected a tensor for source, got the number 1/,
  ],
]);

test('of float32, however many are added to one place, the sum is the exact one, rounded once', () => {
  fc.assert(
    fc.property(fc.integer(), fc.integer({ min: 1, max: 5 }), fc.integer({ min: 0, max: 300 }), (seed, places, count) => {
      const x = Tensor.normal([count], { seed: seed >>> 0, mean: 3 });
      const indices = Tensor.uniform([count], { seed: seed >>> 0, high: places }).cast('int32') as Tensor;
      const exact = new Float64Array(places);
      for (let i = 0; i < count; i++) exact[indices.data[i]!]! += x.data[i]!;
      const nearest = [...Float32Array.from(exact)];
      const zeros = Tensor.zeros([places]);
      expect(scatterAdd(zeros, 0, indices, x).toArray()).toEqual(nearest);
      expect(indexAdd(zeros, 0, indices, x).toArray()).toEqual(nearest);
      expect(grad((w: Tensor) => w.gather(0, indices).mul(x).sum())(zeros).toArray()).toEqual(nearest);
      expect(grad((w: Tensor) => indexSelect(w, 0, indices).mul(x).sum())(zeros).toArray()).toEqual(nearest);
      expect(grad((w: Tensor) => embedding(w, indices).squeeze(1).mul(x).sum())(zeros.unsqueeze(1)).data.join()).toBe(nearest.join());
    }),
    { numRuns: runs(60) },
  );
  const many = 2 ** 17;
  const tenths = grad((w: Tensor) =>
    embedding(w, Tensor.zeros([many], 'int32'))
      .mul(0.1)
      .sum(),
  )(Tensor.zeros([1, 1])).item();
  expect(Math.abs(tenths / (0.1 * many) - 1)).toBeLessThan(1e-6);
});
