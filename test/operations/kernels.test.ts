/** Kernels are only fast: for every operation they give what its definition gives, bit for bit, for numbers of every kind. */

import fc from 'fast-check';
import { describe, test } from 'vitest';
import { ops } from '../../scripts/operations/table.ts';
import { ShapeError } from '../../src/base/errors.ts';
import { plain } from '../../src/machine/plain.ts';
import type { Op } from '../../src/tensor/op.ts';
import { fast } from '../lib/kernels.ts';
import { runs } from '../lib/runs.ts';
import { expectSameBits } from '../lib/same.ts';
import { anyNumbers, samples } from '../lib/samples.ts';

describe.each(['float32', 'float64'] as const)('%s', (dtype) => {
  const numbers = anyNumbers[dtype];

  test.each(Object.entries(ops) as [string, Op<any, any>][])('%s gives what its definition gives', (_, op) => {
    fc.assert(
      fc.property(samples(op, { dtype, sizes: { min: 0, max: 9 }, numbers }), ({ inputs, attributes }) => {
        const given = { ...inputs, ...attributes };
        const shape = op.shape(given);
        try {
          expectSameBits(op.forward(given, shape, fast), op.forward(given, shape, plain));
        } catch (error) {
          // Among no elements there is no largest.
          if (!(error instanceof ShapeError) || Object.values(inputs).every((x) => x.size > 0)) throw error;
        }
      }),
      { numRuns: runs(60) },
    );
  });
});
