/** The kernel of sums, held against its definition bit for bit. */

import fc from 'fast-check';
import { describe, test } from 'vitest';
import { plain } from '../../../src/machine/plain.ts';
import { arraysOf, fast, sizes } from '../../lib/kernels.ts';
import { runs } from '../../lib/runs.ts';
import { expectSameBits } from '../../lib/same.ts';

describe.each(['float32', 'float64'] as const)('%s', (dtype) => {
  const { seeds, dataOf } = arraysOf(dtype);

  test('a sum adds in the defined order', () => {
    fc.assert(
      fc.property(sizes(), sizes(), fc.oneof(fc.constant(1), sizes()), seeds, (before, count, after, seed) => {
        const x = dataOf(before * count * after, seed);
        expectSameBits(fast.sum(x, { before, count, after }), plain.sum(x, { before, count, after }));
      }),
      { numRuns: runs(500) },
    );
  });
});
