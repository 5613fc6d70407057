/** Masks that are drawn in training, and never stored. */

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { philoxWords } from '../../../src/base/philox.ts';
import { alphaDropout, channelDropout, dropout, grad, Random, Tape, Tensor, training } from '../../../src/index.ts';
import { runs } from '../../lib/runs.ts';

const inTraining = <T>(f: () => T, seed = 1): T => training(f, { random: new Random(seed) });
const shares = fc.double({ min: 0.05, max: 0.95, noNaN: true });

describe('dropout', () => {
  test('keeps an element where its word is below (1 − p) 2³², divided by 1 − p, and drops all others', () => {
    fc.assert(
      fc.property(fc.nat(1000), shares, fc.integer({ min: 0, max: 40 }), (seed, p, n) => {
        const x = Tensor.normal([n], { dtype: 'float64', seed: 1 });
        const random = new Random(seed);
        const words = philoxWords([random.integer(2 ** 32), random.integer(2 ** 32)], n);
        const y = inTraining(() => dropout(x, p), seed);
        y.data.forEach((yi, i) => expect(yi).toBe(words[i]! < (1 - p) * 2 ** 32 ? x.data[i]! * (1 / (1 - p)) : 0));
      }),
      { numRuns: runs(50) },
    );
  });

  test('drops the share that it should, and keeps the mean', () => {
    const y = inTraining(() => dropout(Tensor.ones([100_000]), 0.3));
    const kept = y.data.filter((yi) => yi !== 0).length / y.size;
    expect(Math.abs(kept - 0.7)).toBeLessThan(0.006); // four standard deviations
    expect(Math.abs(y.mean().item() - 1)).toBeLessThan(0.01);
  });

  test('puts the same mask on the gradient, which is drawn once', () => {
    const x = Tensor.ones([200], 'float64');
    const tape = new Tape({ x });
    const random = new Random(4);
    const y = training(() => tape.record(() => dropout(x, 0.5)), { random });
    const { state } = random;
    expect(tape.backward(y, [x], { gradient: x })[0].toArray()).toEqual(y.toArray());
    expect(random.state).toEqual(state);
    expect(tape.entries.map(({ op }) => op.name)).toEqual(['dropout']);
  });

  test('gives 0 for what is dropped, whatever it was', () => {
    const y = inTraining(() => dropout(Tensor.of(new Array(100).fill(Number.NaN)), 0.5));
    expect(new Set([...y.data].map(String))).toEqual(new Set(['0', 'NaN']));
    const dx = inTraining(() => grad((x: Tensor) => dropout(x, 1).sum())(Tensor.of([Infinity, 1])));
    expect(dx.toArray()).toEqual([0, 0]);
    expect(inTraining(() => dropout(Tensor.of([Infinity, Number.NaN]), 1)).toArray()).toEqual([0, 0]);
  });

  test('is x itself in evaluation and for p = 0, which draws nothing', () => {
    const x = Tensor.ones([3]);
    expect(dropout(x)).toBe(x);
    const random = new Random(1);
    const { state } = random;
    expect(training(() => dropout(x, 0), { random })).toBe(x);
    expect(random.state).toEqual(state);
  });

  test('refuses other shares, int32 and what is no tensor, in evaluation too', () => {
    for (const p of [-0.1, 1.1, Number.NaN, '0.5', null]) expect(() => dropout(Tensor.ones([1]), p as number)).toThrow(/expected p to be/);
    expect(() => dropout(Tensor.of([1], 'int32'))).toThrow(/dropout/);
    expect(() => alphaDropout([1] as never)).toThrow(/alphaDropout/);
  });
});

test('channel dropout drops whole channels', () => {
  fc.assert(
    fc.property(fc.nat(1000), fc.array(fc.integer({ min: 1, max: 3 }), { minLength: 2, maxLength: 4 }), (seed, shape) => {
      const y = inTraining(() => channelDropout(Tensor.ones(shape), 0.5), seed).reshape([shape[0]! * shape[1]!, -1]);
      for (const row of y.toArray() as number[][]) expect([0, 2]).toContain(new Set(row).size === 1 ? row[0] : 'mixed');
    }),
    { numRuns: runs(50) },
  );
  const many = inTraining(() => channelDropout(Tensor.ones([40, 50, 2, 3]), 0.4));
  expect(Math.abs(many.mean().item() - 1)).toBeLessThan(0.1);
  expect(() => channelDropout(Tensor.ones([3]))).toThrow('channelDropout: expected [n, channels, …], got [3]');
});

test('alpha dropout keeps mean 0 and variance 1, and sets what is dropped to one number', () => {
  const x = Tensor.normal([100_000], { dtype: 'float64', seed: 1 });
  for (const p of [0.1, 0.5, 0.9]) {
    const y = inTraining(() => alphaDropout(x, p));
    expect(Math.abs(y.mean().item())).toBeLessThan(0.02);
    expect(Math.abs(y.var().item() - 1)).toBeLessThan(0.03);
    const counts = new Map<number, number>();
    for (const yi of y.data) counts.set(yi, (counts.get(yi) ?? 0) + 1);
    expect(Math.abs(Math.max(...counts.values()) / x.size - p)).toBeLessThan(0.01);
  }
  expect(inTraining(() => alphaDropout(Tensor.of([3, Number.NaN]), 1)).toArray()).toEqual([0, 0]);
});
