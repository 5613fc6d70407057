/** Rows of a table by index. */

import { describe } from 'vitest';
import * as tapegrad from '../../../src/index.ts';
import { DtypeError, Tensor, ValueError } from '../../../src/index.ts';
import { refuses } from '../../lib/refuses.ts';

describe('bad input is refused, by name', () => {
  const x = Tensor.zeros([2, 3]);
  refuses('%s', [
    [
      'embedding',
      () => tapegrad.embedding(x, Tensor.of([2], 'int32')),
      ValueError,
      /^embedding: expected indices from 0 to 1, got 2 at place 0 of \[1\]$/,
    ],
    ['a negative index', () => tapegrad.embedding(x, Tensor.of([-1], 'int32')), /^embedding: expected indices from 0 to 1, got -1/],
    [
      'float indices',
      () => tapegrad.embedding(x, Tensor.of([1])),
      DtypeError,
      /^embedding: expected int32 indices, got float32 of shape \[1\]/,
    ],
    [
      'an index in an array',
      () => tapegrad.embedding(x, [1] as never),
      DtypeError,
      /^embedding: expected a tensor for the indices, got an array/,
    ],
    [
      'a table of one axis',
      () => tapegrad.embedding(Tensor.zeros([2]), Tensor.of([0], 'int32')),
      /^embedding: expected a table of shape \[count, width\], got \[2\]/,
    ],
    [
      'PyTorch’s word',
      () => tapegrad.embedding(x, Tensor.of([1], 'int32'), { padding_idx: 0 } as never),
      ValueError,
      /^embedding: there is no option padding_idx/,
    ],
    ...[99, 2, -1, 0.5, '0'].map((paddingIndex): [string, () => unknown, typeof ValueError, RegExp] => [
      `a paddingIndex of ${paddingIndex}`,
      () => tapegrad.embedding(x, Tensor.of([1], 'int32'), { paddingIndex: paddingIndex as never }),
      ValueError,
      /^embedding: expected a paddingIndex from 0 to 1, got /,
    ]),
  ]);
});
