/** What passes its value on and no gradient. */

import fc from 'fast-check';
import { test } from 'vitest';
import { grad, stopGradient, type Tensor } from '../../../src/index.ts';
import { expectClose, tensor } from '../../book/lib.ts';
import { expectSameBits } from '../../lib/same.ts';

const vector = fc.integer({ min: 1, max: 4 }).chain((n) => tensor([n]));

test('stopGradient passes numbers on and no gradient', () => {
  fc.assert(
    fc.property(vector, (x) => {
      expectSameBits(stopGradient(x).data.slice(), x.data.slice());
      expectClose(grad((x: Tensor) => x.mul(stopGradient(x)).sum())(x), x);
    }),
  );
});
