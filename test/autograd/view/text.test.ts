/** How a tape is printed. */

import { describe, expect, test } from 'vitest';
import { Parameter, Tape, Tensor } from '../../../src/index.ts';

describe('a tape that is printed', () => {
  test('shows constants by their number, all other values by name or in order of appearance', () => {
    const [x, scale, rate] = [Tensor.of([5, 6]), new Parameter(Tensor.of(3), 'scale'), Tensor.of(0.5)];
    const unnamed = new Parameter(Tensor.of(7));
    const tape = new Tape({ rate });
    tape.record(() => x.mul(scale).mul(rate).mul(unnamed).add(2));
    expect(String(tape)).toMatchInlineSnapshot(`
      "%1 : [2] = mul(%0, scale)
      %2 : [2] = mul(%1, rate)
      %4 : [2] = mul(%2, %3)
      %5 : [2] = add(%4, 2)"
    `);
  });
});
