/** Rows of a table by index. */

import { describe } from 'vitest';
import * as tapegrad from '../../../src/index.ts';
import { Tensor, ValueError } from '../../../src/index.ts';
import { refuses } from '../../lib/refuses.ts';

describe('bad input is refused, by name', () => {
  const x = Tensor.zeros([2, 3]);
  refuses('%s', [
    [
      'embedding',
      () => tapegrad.embedding(x, Tensor.of([2], 'int32')),
      ValueError,
      /^embedding: index 2 at place 0 is outside axis 0 of shape \[2, 3\]/,
    ],
  ]);
});
