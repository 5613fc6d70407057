/** Gradients are looked up by the tensor, added over tapes, scaled, and never changed. */

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Gradients, Parameter, Tape, TapeError, Tensor } from '../../src/index.ts';
import { expectClose, tensor } from '../book/lib.ts';

const [v, w] = [new Parameter(Tensor.of([1, 2], 'float64'), 'v'), new Parameter(Tensor.of(3, 'float64'), 'w')];

function sweep(f: () => Tensor): Gradients {
  const tape = new Tape();
  return tape.backward(tape.record(f));
}

test('they are looked up by the identity of the tensor, not by its numbers', () => {
  const found = sweep(() => v.mul(w).sum());
  expect(found.get(v).toArray()).toEqual([3, 3]);
  expect(found.get(w).item()).toBe(3);
  expect([found.has(v), found.size]).toEqual([true, 2]);
  const twin = new Parameter(v);
  expect(found.has(twin)).toBe(false);
  expect(() => found.get(twin)).toThrow(TapeError);
  expect(() => found.get(twin)).toThrow('a tensor of shape [2]');
});

test('they are a map from tensors to gradients: keys, values, entries and pairs, in one order', () => {
  const found = sweep(() => v.mul(w).sum());
  expect([...found.keys()]).toEqual([v, w]);
  expect([...found.values()]).toEqual([found.get(v), found.get(w)]);
  expect([...found.entries()]).toEqual([...found]);
  expect([...found.keys()].map((x, i) => [...found.values()][i] === found.get(x))).toEqual([true, true]);
  expect([[...new Gradients().keys()], [...new Gradients().values()], [...new Gradients().entries()]]).toEqual([[], [], []]);
});

test('they are iterated as pairs', () => {
  const found = sweep(() => v.mul(w).sum());
  expect(new Map(found).get(v)).toBe(found.get(v));
  expect([...found]).toHaveLength(2);
  expect([...new Gradients()]).toEqual([]);
});

test('a sum holds the tensors of both, and neither of the two changes', () => {
  const [of, onlyV] = [sweep(() => v.mul(w).sum()), sweep(() => v.sum())];
  const sum = of.add(onlyV);
  expect([sum.get(v).toArray(), sum.get(w).item()]).toEqual([[4, 4], 3]);
  expect([onlyV.add(of).get(w).item(), onlyV.has(w), of.get(v).toArray()]).toEqual([3, false, [3, 3]]);
});

test('gradients of parts, added and scaled, are the gradient of the mean', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: -9, max: 9 }), { minLength: 1, maxLength: 5 }), (factors) => {
      const parts = factors.map((factor) => sweep(() => v.mul(v).mul(factor).sum()));
      const accumulated = parts.reduce((a, b) => a.add(b), new Gradients()).scale(1 / factors.length);
      const whole = sweep(() =>
        factors
          .map((factor) => v.mul(v).mul(factor).sum())
          .reduce((a, b) => a.add(b))
          .div(factors.length),
      );
      accumulated.get(v).data.forEach((x, i) => expect(x).toBeCloseTo(whole.get(v).data[i]!, 12));
    }),
  );
});

test('scaling returns new gradients', () => {
  const found = sweep(() => v.sum());
  expect(found.scale(-2).get(v).toArray()).toEqual([-2, -2]);
  expect(found.get(v).toArray()).toEqual([1, 1]);
});

describe('clipping', () => {
  const w = new Parameter(Tensor.zeros([3], 'float64'));
  const b = new Parameter(Tensor.zeros([2], 'float64'));
  const anyGradients = fc.tuple(tensor([3]), tensor([2]), fc.double({ min: 0.1, max: 5, noNaN: true }));

  test('by norm keeps the direction, and returns the same gradients where they are within the limit', () => {
    fc.assert(
      fc.property(anyGradients, ([gw, gb, limit]) => {
        const whole = new Gradients([
          [w, gw],
          [b, gb],
        ]);
        const clipped = whole.clipByNorm(limit);
        expect(clipped.norm()).toBeLessThanOrEqual(limit * (1 + 1e-12));
        if (whole.norm() <= limit) expect(clipped).toBe(whole);
        else expectClose(clipped.get(w).mul(whole.norm()), gw.mul(limit), 1e-12);
      }),
    );
  });

  test('by norm returns the same gradients where their norm is exactly the limit', () => {
    const gradients = new Gradients([[b, Tensor.of([3, 4], 'float64')]]);
    expect(gradients.clipByNorm(5)).toBe(gradients);
  });

  test('by value keeps each element within the limit', () => {
    fc.assert(
      fc.property(anyGradients, ([gw, gb, limit]) => {
        const clipped = new Gradients([
          [w, gw],
          [b, gb],
        ]).clipByValue(limit);
        gw.data.forEach((g, i) => expect(clipped.get(w).data[i]).toBe(Math.min(Math.max(g, -limit), limit)));
      }),
    );
  });

  test('refuses limits that are not above 0, and gradients whose norm is not finite', () => {
    const broken = new Gradients([[b, Tensor.of([NaN, 1], 'float64')]]);
    for (const limit of [0, -1, NaN]) {
      expect(() => broken.clipByNorm(limit)).toThrow(/expected a limit above 0/);
      expect(() => broken.clipByValue(limit)).toThrow(/expected a limit above 0/);
    }
    expect(() => broken.clipByNorm(1)).toThrow(/the gradients have norm NaN/);
  });
});
