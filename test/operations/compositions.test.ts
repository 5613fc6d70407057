/** Operations that compute in few passes what others compute together: they are what they are composed of, and so are their derivatives. */

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { literals } from '../../scripts/operations/table.ts';
import { Tape, Tensor, useBackend } from '../../src/index.ts';
import { perform } from '../../src/tensor/tensor.ts';
import { runs } from '../lib/runs.ts';
import { expectSameBits } from '../lib/same.ts';
import { samples } from '../lib/samples.ts';

const table = literals.filter(({ composed }) => composed).map((op) => [op.name, op] as const);

describe.each(table)('%s', (_, op) => {
  const given = samples(op as never, { sizes: { min: 0, max: 6 } });

  test.each(['float32', 'float64'] as const)('gives the bits of what it is composed of in %s', (dtype) => {
    fc.assert(
      fc.property(samples(op as never, { dtype, sizes: { min: 1, max: 9 } }), ({ inputs, attributes }) => {
        const whole = perform(op, inputs as never, attributes as never);
        expectSameBits(whole.data, op.composed!({ ...inputs, ...attributes } as never).data);
      }),
      { numRuns: runs(40) },
    );
  });

  test('has the derivatives of what it is composed of, whether somebody records the sweep or not, and on either machine the same bits', () => {
    fc.assert(
      fc.property(given, ({ inputs, attributes }) => {
        const xs = Object.entries(inputs).flatMap(([name, x]) => ((op.backward as Record<string, unknown>)[name] ? [x] : []));
        const sweep = () => {
          const tape = new Tape();
          const y = tape.record(() => perform(op, inputs as never, attributes as never));
          const gradient = Tensor.normal(y.shape, { seed: 1, dtype: y.dtype as 'float64' });
          return tape.backward(y, xs, { gradient });
        };
        const found = sweep();
        const recorded = new Tape().record(sweep);
        useBackend('plain');
        const plain = sweep();
        useBackend('wasm');
        found.forEach((dx, i) => {
          expectSameBits(dx.data, plain[i]!.data);
          const scale = Math.max(1, ...recorded[i]!.data.map(Math.abs));
          dx.data.forEach((x, j) => expect(Math.abs(x - recorded[i]!.data[j]!)).toBeLessThanOrEqual(1e-12 * scale));
        });
      }),
      { numRuns: runs(40) },
    );
  });
});
