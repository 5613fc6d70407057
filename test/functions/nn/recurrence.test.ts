/** Sequences as one operation are their steps one after another, and so are their derivatives. */

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { gruSequence, lstmSequence, tanhSequence } from '../../../src/functions/nn/recurrence.ts';
import { GRU, LSTM, RNN, Tape, Tensor, useBackend, vmap } from '../../../src/index.ts';
import { perform } from '../../../src/tensor/tensor.ts';
import { runs } from '../../lib/runs.ts';
import { expectSameBits } from '../../lib/same.ts';
import { samples } from '../../lib/samples.ts';

const table = [tanhSequence, lstmSequence, gruSequence].map((op) => [op.name, op] as const);

describe.each(table)('%s', (_, op) => {
  const given = samples(op as never, { sizes: { min: 0, max: 6 } });

  test.each(['float32', 'float64'] as const)('gives the bits of its steps in %s', (dtype) => {
    fc.assert(
      fc.property(samples(op as never, { dtype, sizes: { min: 1, max: 9 } }), ({ inputs, attributes }) => {
        const whole = perform(op, inputs as never, attributes as never);
        expectSameBits(whole.data, op.composed!({ ...inputs, ...attributes } as never).data);
      }),
      { numRuns: runs(40) },
    );
  });

  test('has the derivatives of its steps, whether somebody records the sweep or not, and on either machine the same bits', () => {
    fc.assert(
      fc.property(given, ({ inputs, attributes }) => {
        const xs = Object.values(inputs);
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

test('one tensor in the place of several inputs has the sum of their gradients, also where somebody records', () => {
  const x = Tensor.of([[[0.5]]], 'float64');
  const of = () => {
    const tape = new Tape();
    const y = tape.record(() => {
      const [h, weight] = [x.reshape([1, 1]), x.reshape([1, 1])];
      return perform(tanhSequence, { gates: x, weight: h, h } as never, { reverse: false }).mul(weight);
    });
    return tape.backward(y, [x], { gradient: Tensor.ones(y.shape, 'float64') })[0]!.item();
  };
  // y = x tanh(x + x²)
  const [u, t] = [0.75, Math.tanh(0.75)];
  expect(u).toBe(0.5 + 0.25);
  expect(of()).toBeCloseTo(t + 0.5 * (1 - t * t) * 2, 12);
  expect(new Tape().record(of)).toBeCloseTo(t + 0.5 * (1 - t * t) * 2, 12);
});

test.each([
  ['RNN', new RNN(3, 4, { seed: 1 })],
  ['LSTM', new LSTM(3, 4, { seed: 1 })],
  ['GRU', new GRU(3, 4, { seed: 1 })],
])('%s is recorded as one operation along the sequence, and maps over examples', (_, layer) => {
  const tape = new Tape();
  const xs = Tensor.normal([2, 5, 3], { seed: 2 });
  const outputs = (x: Tensor) => layer.forward(x)[0] as Tensor;
  const ys = tape.record(() => outputs(xs));
  expect(tape.entries.filter(({ op }) => op.name.endsWith('Sequence'))).toHaveLength(1);
  const many = Tensor.normal([3, 2, 5, 3], { seed: 3 });
  const mapped = vmap(outputs)(many);
  for (let i = 0; i < 3; i++) {
    const each = outputs(many.slice([i]) as Tensor);
    mapped.slice([i]).data.forEach((y, j) => expect(y).toBeCloseTo(each.data[j]!, 5));
  }
  expect(ys.shape).toEqual([2, 5, 4]);
});
