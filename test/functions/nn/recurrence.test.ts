/** Recurrent layers perform one operation along a sequence. What it computes, `test/operations/compositions.test.ts` checks. */

import { expect, test } from 'vitest';
import { tanhSequence } from '../../../src/functions/nn/recurrence.ts';
import { GRU, LSTM, RNN, Tape, Tensor, vmap } from '../../../src/index.ts';
import { perform } from '../../../src/tensor/tensor.ts';

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
