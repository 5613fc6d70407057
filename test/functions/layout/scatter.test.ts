/** Elements added by index, of int32 without a wrap. */

import { expect, test } from 'vitest';
import { scatterAdd, Tensor } from '../../../src/index.ts';
import { refuses } from '../../lib/refuses.ts';
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
