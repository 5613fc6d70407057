/** The softmax along several axes, and its logarithm. */

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ShapeError, Tensor, vjp } from '../../../src/index.ts';
import { expectClose, tensor } from '../../book/lib.ts';
import { refuses } from '../../lib/refuses.ts';

describe('along several axes', () => {
  test('is that of the elements in one line, with the same slopes', () => {
    fc.assert(
      fc.property(tensor([2, 3, 2]), tensor([2, 3, 2]), fc.constantFrom('softmax', 'logSoftmax'), (x, dy, name) => {
        const several = vjp((x: Tensor) => x[name]([-1, 1]), x);
        const line = vjp((x: Tensor) => x.reshape([2, 6])[name](1).reshape([2, 3, 2]), x);
        expectClose(several[0], line[0], 1e-13);
        expectClose(several[1](dy)[0]!, line[1](dy)[0]!, 1e-12);
      }),
    );
  });

  test('is 1 along none, and takes the last by default', () => {
    const x = Tensor.of([[1, 2], [3, 5]]); // biome-ignore format: a matrix
    expect(x.softmax([]).toArray()).toEqual([[1, 1], [1, 1]]); // biome-ignore format: a matrix
    expect(x.softmax().toArray()).toEqual(x.softmax(1).toArray());
    expect(x.logSoftmax().toArray()).toEqual(x.logSoftmax([-1]).toArray());
    expect(Tensor.zeros([0, 2]).softmax([0, 1]).shape).toEqual([0, 2]);
  });
});

describe('bad input is refused, by name', () => {
  refuses('%s', [
    ['softmax', () => Tensor.zeros([2, 0]).softmax(2), ShapeError, /^softmax: there is no axis 2/],
    [
      'logSoftmax',
      () => Tensor.zeros([2]).logSoftmax('0' as never),
      ShapeError,
      /^logSoftmax: expected an axis or a list of axes, got '0'/,
    ],
  ]);
});
