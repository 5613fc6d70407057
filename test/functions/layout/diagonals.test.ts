/** Diagonals of matrices and the triangles beside them. */

import { describe, expect, test } from 'vitest';
import * as tapegrad from '../../../src/index.ts';
import { Tensor } from '../../../src/index.ts';
import { refuses } from '../../lib/refuses.ts';
import { counted } from '../../lib/tensors.ts';

refuses('%s is refused', [
  ['tril of a list', () => tapegrad.tril(Tensor.of([1])), /^tril: expected matrices, got shape \[1\]/],
  ['diagonal of a list', () => tapegrad.diagonal(Tensor.of([1])), /^diagonal: expected matrices, got shape \[1\]/],
  ['diag of a number', () => tapegrad.diag(Tensor.of(1)), /^diag: expected the numbers of a diagonal/],
]);

describe('diagonals', () => {
  test('diag builds matrices from diagonals, and diagonal reads them', () => {
    expect(tapegrad.diag(Tensor.of([1, 2])).toArray()).toEqual([
      [1, 0],
      [0, 2],
    ]);
    expect(tapegrad.diag(counted(2, 1, 2)).shape).toEqual([2, 1, 2, 2]);
    for (const offset of [-5, -2, 2, 5]) expect(tapegrad.diagonal(counted(2, 2), offset).shape).toEqual([0]);
    expect(tapegrad.diagonal(counted(3, 2), 0).toArray()).toEqual([0, 3]);
  });
});
