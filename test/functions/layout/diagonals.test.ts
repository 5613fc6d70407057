/** Diagonals of matrices and the triangles beside them. */

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import * as tapegrad from '../../../src/index.ts';
import { Tensor } from '../../../src/index.ts';
import { matrix } from '../../lib/loops.ts';
import { refuses } from '../../lib/refuses.ts';
import { counted } from '../../lib/tensors.ts';

refuses('%s is refused', [
  ['tril of a list', () => tapegrad.tril(Tensor.of([1])), /^tril: expected matrices, got shape \[1\]/],
  ['diagonal of a list', () => tapegrad.diagonal(Tensor.of([1])), /^diagonal: expected matrices, got shape \[1\]/],
  ['tril by NaN', () => tapegrad.tril(Tensor.ones([2, 2]), NaN), /^tril: expected diagonal to be a whole number, got NaN/],
  ['triu by a fraction', () => tapegrad.triu(Tensor.ones([2, 2]), 0.5), /^triu: expected diagonal to be a whole number, got 0\.5/],
  [
    'diagonal by text',
    () => tapegrad.diagonal(Tensor.ones([2, 2]), '1' as never),
    /^diagonal: expected offset to be a whole number, got '1'/,
  ],
  [
    'diag by an infinite offset',
    () => tapegrad.diag(Tensor.ones([2]), Infinity),
    /^diag: expected offset to be a whole number, got Infinity/,
  ],
  ['diag beyond all sizes', () => tapegrad.diag(Tensor.ones([2]), 1e9), /^diag: expected at most \d+ elements/],
  ['trace of a list', () => tapegrad.trace(Tensor.of([1])), /^trace: expected matrices, got shape \[1\]/],
  ['trace beyond int32', () => tapegrad.trace(Tensor.eye(2, 'int32').mul(2 ** 30)), /^trace: element 0 is 2147483648/],
  ['trace of an array', () => tapegrad.trace([[1]] as never), /^trace: expected a tensor for x, got an array/],
  ['diag of a number', () => tapegrad.diag(Tensor.of(1)), /^diag: expected the numbers of a diagonal/],
]);

describe('diagonals', () => {
  test('above and below the main one are read back where they were put', () => {
    fc.assert(
      fc.property(matrix, fc.integer({ min: -4, max: 4 }), (x, offset) => {
        const matrices = tapegrad.diag(x, offset);
        const size = x.shape[1]! + Math.abs(offset);
        expect(matrices.shape).toEqual([x.shape[0], size, size]);
        expect(tapegrad.diagonal(matrices, offset).toArray()).toEqual(x.toArray());
        expect(matrices.abs().sum().item()).toBe(x.abs().sum().item());
      }),
    );
  });

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
