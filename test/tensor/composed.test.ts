/** Methods that are composed of others. */

import { describe } from 'vitest';
import { Tensor, ValueError } from '../../src/index.ts';
import { refuses } from '../lib/refuses.ts';

describe('bad input is refused, by name', () => {
  const x = Tensor.zeros([2, 3]);
  refuses('%s', [['var', () => x.var(0, { correction: NaN }), ValueError, /^var: expected a correction from 0/]]);
});
