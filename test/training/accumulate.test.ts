/** Gradients of several batches as of one. */

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { accumulate, crossEntropy, Linear, mseLoss, parameters, Tape, Tensor } from '../../src/index.ts';
import { runs } from '../lib/runs.ts';

test('batches of any sizes give the gradients of all examples at once, to rounding', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: 5 }), { minLength: 1, maxLength: 5 }), fc.nat(1000), (sizes, seed) => {
      const n = sizes.reduce((a, b) => a + b);
      const model = new Linear(3, 4, { seed, dtype: 'float64' });
      const x = Tensor.normal([n, 3], { seed, dtype: 'float64' });
      const y = Tensor.of(
        Array.from({ length: n }, (_, i) => i % 4),
        'int32',
      );
      const lossOf = ([x, y]: readonly [Tensor, Tensor]) => crossEntropy(model.forward(x), y);
      let start = 0;
      const batches = sizes.map((size) => {
        const range = [start, (start += size)] as const;
        return [x.slice([range]), y.slice([range])] as const;
      });
      const found = accumulate(batches, lossOf);
      const tape = new Tape();
      const loss = tape.record(() => lossOf([x, y]));
      const expected = tape.backward(loss);
      expect(found.count).toBe(n);
      expect(found.loss).toBeCloseTo(loss.item(), 12);
      for (const w of parameters(model))
        w.shape.length && expect(found.gradients.get(w).sub(expected.get(w)).abs().max().item()).toBeLessThan(1e-12);
    }),
    { numRuns: runs(30) },
  );
});

test('no batch, counts of 0 alone, losses of several numbers and what is no list are refused', () => {
  const w = new Linear(1, 1, { seed: 1 });
  const batch = Tensor.of([[1]]);
  expect(() => accumulate([], () => batch)).toThrow('accumulate: expected at least one batch, got none');
  expect(() => accumulate(3 as never, () => batch)).toThrow(/expected a list of batches/);
  expect(() => accumulate([batch], 3 as never)).toThrow(/expected lossOf to be a function of a batch/);
  expect(() => accumulate([batch], mseLoss as never)).toThrow(
    /such as \(\[x, y\]\) => mseLoss\(model.forward\(x\), y\), got one of \d arguments$/,
  );
  expect(() => accumulate([batch], () => ({ sum: w.forward(batch).sum(), count: 0 }))).toThrow(/counts of 0 alone/);
  expect(() => accumulate([batch], () => ({ sum: w.forward(batch).sum(), count: Number.NaN }))).toThrow(/a tensor, or { sum, count }/);
  expect(() => accumulate([Tensor.ones([2, 1])], (x) => w.forward(x))).toThrow(
    /expected a loss that is one number, got shape \[2, 1\]; take its mean/,
  );
  expect(() => accumulate([3 as never], () => w.forward(batch).sum())).toThrow(/expected batches of tensors/);
});
