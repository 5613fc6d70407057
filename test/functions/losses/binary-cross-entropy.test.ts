/** The cross-entropy of two classes. */

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import * as tapegrad from '../../../src/index.ts';
import { Tensor } from '../../../src/index.ts';
import { expectClose, tensor } from '../../book/lib.ts';
import { hasSlopes } from '../../lib/scalars.ts';

describe('losses', () => {
  test('of logits are those of their probabilities, and hold where these are rounded away', () => {
    fc.assert(
      fc.property(tensor([3]), tensor([3], fc.constantFrom(0, 0.25, 1)), (x, y) => {
        expectClose(tapegrad.binaryCrossEntropyWithLogits(x, y), tapegrad.binaryCrossEntropy(x.sigmoid(), y));
      }),
    );
    expect(
      tapegrad
        .binaryCrossEntropyWithLogits(Tensor.of([800, -800], 'float64'), Tensor.of([0, 1], 'float64'), { reduction: 'none' })
        .toArray(),
    ).toEqual([800, 800]);
    expect(tapegrad.binaryCrossEntropy(Tensor.of([0, 1]), Tensor.of([1, 0]), { reduction: 'none' }).toArray()).toEqual([100, 100]);
  });
});

describe('a slope', () => {
  hasSlopes([
    [
      'binaryCrossEntropy, where it is certain and right',
      (p, y) => tapegrad.binaryCrossEntropy(p!, y!, { reduction: 'sum' }),
      [1, 1],
      [0, -100],
    ],
    [
      'binaryCrossEntropy, where it is certain and wrong',
      (p, y) => tapegrad.binaryCrossEntropy(p!, y!, { reduction: 'sum' }),
      [0, 1],
      [-1e12, 100],
    ],
  ]);
});
