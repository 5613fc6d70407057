/** Gradients are looked up by the tensor, added over tapes, scaled, and never changed. */

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { DtypeError, Gradients, Parameter, Tape, TapeError, Tensor, ValueError } from '../../src/index.ts';
import { expectClose, tensor } from '../book/lib.ts';
import { refuses } from '../lib/refuses.ts';

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

test('of an element of any size the norm is right, and so is what is clipped to it', () => {
  const size = fc.integer({ min: -300, max: 300 });
  fc.assert(
    fc.property(
      size,
      fc.array(fc.integer({ min: -9, max: 9 }), { minLength: 1, maxLength: 5 }),
      fc.integer({ min: -30, max: 3 }),
      (by, values, to) => {
        const w = new Parameter(Tensor.zeros([values.length], 'float64'));
        const numbers = values.map((x) => Number(`${x}e${by}`));
        const found = new Gradients([[w, Tensor.of(numbers, 'float64')]]);
        const wanted = Math.hypot(...numbers);
        expect(Math.abs(found.norm() - wanted)).toBeLessThanOrEqual(4e-16 * wanted);
        const limit = Number(`1e${to}`);
        const clipped = found.clipByNorm(limit);
        const scale = wanted > limit ? limit / wanted : 1;
        if (scale === 1) expect(clipped).toBe(found);
        else
          values.forEach((x, i) =>
            expect(Math.abs(clipped.get(w).data[i]! / numbers[i]! / scale - 1 || 0)).toBeLessThan(x === 0 ? Infinity : 1e-14),
          );
      },
    ),
  );
});

test('float32 gradients are clipped by factors that float32 does not hold, and a norm beyond all numbers has a direction', () => {
  const w = new Parameter(Tensor.zeros([10]));
  const huge = new Gradients([[w, Tensor.full([10], 3e38)]]);
  expect(huge.clipByNorm(1e-3).get(w).data[0]).toBeCloseTo(1e-3 / Math.sqrt(10), 9);
  const x = new Parameter(Tensor.zeros([2], 'float64'));
  const beyond = new Gradients([[x, Tensor.of([1.5e308, -1.5e308], 'float64')]]);
  expect(beyond.norm()).toBe(Infinity);
  expect(beyond.clipByNorm(1).get(x).data[1]).toBeCloseTo(-Math.SQRT1_2, 14);
  for (const broken of [NaN, Infinity])
    expect(() => new Gradients([[x, Tensor.of([broken, 1], 'float64')]]).clipByNorm(1)).toThrow(
      `clipByNorm: the gradients have norm ${broken}`,
    );
  expect(new Gradients([[x, Tensor.zeros([2], 'float64')]]).norm()).toBe(0);
  expect(new Gradients([[new Parameter(Tensor.zeros([0])), Tensor.zeros([0])]]).norm()).toBe(0);
});

test('a tensor on which the value does not depend is told from one whose gradient is 0', () => {
  const [a, b, c] = [1, 2, 3].map((x) => new Parameter(Tensor.of(x, 'float64'))) as [Parameter, Parameter, Parameter];
  const found = sweep(() => {
    b.mul(3);
    return a.mul(0).add(c);
  });
  const reached = (gradients: Gradients) => [a, b, c].map((x) => gradients.reached(x));
  expect([found.get(a).item(), found.get(b).item()]).toEqual([0, 0]);
  expect(reached(found)).toEqual([true, false, true]);
  for (const same of [
    found.scale(2),
    found.clipByNorm(0.1),
    found.clipByValue(0.1),
    found.add(new Gradients()),
    new Gradients().add(found),
    found.add(found),
  ])
    expect(reached(same)).toEqual([true, false, true]);
  const others = sweep(() => b.mul(2));
  expect(reached(others)).toEqual([false, true, false]);
  expect(reached(found.add(others))).toEqual([true, true, true]);
  expect(reached(others.add(found))).toEqual([true, true, true]);
});

refuses('%s is refused', [
  [
    'an object in the place of pairs',
    () => new Gradients({} as never),
    ValueError,
    /^Gradients: expected a list of pairs \[tensor, gradient\], got \{\}$/,
  ],
  ['text in the place of pairs', () => new Gradients('ab' as never), ValueError, /got 'ab'/],
  ['null in the place of pairs', () => new Gradients(null as never), ValueError, /got null/],
  ['a tensor in the place of a pair', () => new Gradients([v] as never), ValueError, /pairs \[tensor, gradient\], got a tensor/],
  ['a list of what was not reached that is none', () => new Gradients([], 5 as never), ValueError, /got 5/],
  ['a pair without a gradient', () => new Gradients([[v]] as never), DtypeError, /a tensor for a gradient, got undefined/],
  ['a pair of a number', () => new Gradients([[5, v]] as never), DtypeError, /a tensor for what has a gradient, got the number 5/],
  ['text to add', () => new Gradients().add('abc' as never), TapeError, /^gradients\.add: expected other gradients, got 'abc'$/],
  ['a factor that is text', () => new Gradients().scale('2' as never), ValueError, /^gradients\.scale: expected a finite factor, got '2'$/],
  ['a limit that is text', () => new Gradients().clipByNorm('1' as never), ValueError, /^clipByNorm: expected a limit above 0, got '1'$/],
  ['a limit of 0', () => new Gradients().clipByValue(0), ValueError, /^clipByValue: expected a limit above 0, got 0$/],
]);
