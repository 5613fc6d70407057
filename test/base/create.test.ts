/** Tensors from nested arrays, from typed arrays, and by rule. */

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type DtypeOptions, manualSeed, Random, Tensor, ValueError } from '../../src/index.ts';
import { runs } from '../lib/runs.ts';

/** Nested arrays of a random shape, without empty axes. */
const nested = fc
  .array(fc.integer({ min: 1, max: 3 }), { maxLength: 4 })
  .chain((shape) =>
    shape.reduceRight<fc.Arbitrary<any>>(
      (inner, size) => fc.array(inner, { minLength: size, maxLength: size }),
      fc.double({ min: -9, max: 9, noNaN: true }),
    ),
  );

test('nested arrays become tensors and are given back, in row-major order', () => {
  fc.assert(
    fc.property(nested, (values) => {
      const x = Tensor.of(values, 'float64');
      expect(x.toArray()).toEqual(values);
      expect([...x.data]).toEqual([values].flat(9));
      expect(x.rank).toBe(x.shape.length);
      expect(x.size).toBe(x.data.length);
    }),
  );
});

test('a number becomes a tensor without axes', () => {
  const x = Tensor.of(7);
  expect([x.shape, x.rank, x.size, x.item(), x.toArray()]).toEqual([[], 0, 1, 7, 7]);
});

test('the default dtype is float32, and numbers are rounded to it', () => {
  expect(Tensor.of([0.1]).dtype).toBe('float32');
  expect(Tensor.of([0.1]).data[0]).toBe(Math.fround(0.1));
  expect(Tensor.of([0.1], 'float64').data[0]).toBe(0.1);
  expect(Tensor.of([-2147483648, 2147483647], 'int32').toArray()).toEqual([-2147483648, 2147483647]);
  for (const x of [2147483648, -2147483649, 1e300, Infinity, 0.5]) expect(() => Tensor.of([x], 'int32')).toThrow(ValueError);
});

test('zeros, ones and full hold the number of their name, in each dtype, also in empty tensors', () => {
  for (const dtype of ['float32', 'float64', 'int32'] as const) {
    expect(Tensor.zeros([2, 2], dtype).toArray()).toEqual([
      [0, 0],
      [0, 0],
    ]);
    expect(Tensor.ones([3], dtype).toArray()).toEqual([1, 1, 1]);
    expect(Tensor.full([2], -7, dtype).toArray()).toEqual([-7, -7]);
    expect(Tensor.full([], 4, dtype).item()).toBe(4);
    const nothing = Tensor.zeros([2, 0, 3], dtype);
    expect([nothing.size, nothing.dtype, nothing.toArray()]).toEqual([0, dtype, [[], []]]);
  }
});

describe('options', () => {
  const makers: Record<string, (options?: DtypeOptions) => Tensor> = {
    of: (options) => Tensor.of([1, 2], options),
    full: (options) => Tensor.full([2], 3, options),
    zeros: (options) => Tensor.zeros([2], options),
    ones: (options) => Tensor.ones([2], options),
    arange: (options) => Tensor.arange(0, 4, 2, options),
    linspace: (options) => Tensor.linspace(0, 4, 3, options),
    eye: (options) => Tensor.eye(2, options),
    oneHot: (options) => Tensor.of([1, 0], 'int32').oneHot(2, options),
  };

  test.each(Object.entries(makers))('of %s name a dtype, or are one; float32 by default', (name, make) => {
    for (const dtype of ['float32', 'float64', 'int32'] as const) {
      expect(make({ dtype }).dtype).toBe(dtype);
      expect(String(make(dtype))).toBe(String(make({ dtype })));
    }
    expect([make().dtype, make({}).dtype]).toEqual(['float32', 'float32']);
    expect(() => make({ dType: 'float64' } as never)).toThrow(`${name}: there is no option dType; did you mean dtype?`);
    for (const wrong of ['float16', { dtype: 'float16' }])
      expect(() => make(wrong as never)).toThrow(`${name}: expected a dtype, 'float32', 'float64' or 'int32', got 'float16'`);
    for (const [wrong, words] of [[null, 'null'], [['int32'], '["int32"]'], [Tensor.of(1), 'a tensor of shape []']] as const) // biome-ignore format: pairs
      expect(() => make(wrong as never)).toThrow(`${name}: expected options, such as { dtype: … }, got ${words}`);
    expect(() => make(3 as never)).toThrow(
      `${name}: expected options, such as { dtype: 'float64' }, got 3; several numbers go into an array`,
    );
  });

  test('of a typed array name a shape, or are one; one axis by default', () => {
    const array = Float32Array.of(1, 2, 3, 4);
    expect(Tensor.fromTypedArray(array, { shape: [2, 2] }).toArray()).toEqual([[1, 2], [3, 4]]); // biome-ignore format: a matrix
    expect(Tensor.fromTypedArray(array, [2, 2]).shape).toEqual([2, 2]);
    expect([Tensor.fromTypedArray(array).shape, Tensor.fromTypedArray(array, {}).shape]).toEqual([[4], [4]]);
    expect(() => Tensor.fromTypedArray(array, 4 as never)).toThrow(/^Tensor.fromTypedArray: expected a shape/);
    expect(() => Tensor.fromTypedArray(array, { size: [2, 2] } as never)).toThrow('Tensor.fromTypedArray: there is no option size');
  });

  test('of random numbers name a dtype that there is', () => {
    expect(() => Tensor.uniform([2], { dtype: 'float16' as never })).toThrow(/^Tensor.uniform: expected a dtype/);
  });
});

describe('arange', () => {
  test('counts from start in steps, without stop', () => {
    expect(Tensor.arange(4).toArray()).toEqual([0, 1, 2, 3]);
    expect(Tensor.arange(2, 5).toArray()).toEqual([2, 3, 4]);
    expect(Tensor.arange(5, 0, -2).toArray()).toEqual([5, 3, 1]);
    expect(Tensor.arange(5, 0).toArray()).toEqual([]);
    expect(Tensor.arange(0, 3, 1, 'int32').dtype).toBe('int32');
    expect(Tensor.arange(1, 3, 'int32').toArray()).toEqual([1, 2]);
    expect(String(Tensor.arange(2, { dtype: 'int32' }))).toBe('Tensor int32 [2] [0, 1]');
  });

  test('has an element for each step that starts before stop', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: -50, max: 50 }),
        fc.integer({ min: -50, max: 50 }),
        fc.integer({ min: 1, max: 9 }),
        (start, stop, step) => {
          const wanted: number[] = [];
          for (let x = start; x < stop; x += step) wanted.push(x);
          expect(Tensor.arange(start, stop, step, 'int32').toArray()).toEqual(wanted);
          expect(Tensor.arange(-start, -stop, -step, 'int32').toArray()).toEqual(wanted.map((x) => 0 - x));
        },
      ),
    );
  });

  test('does not add up what steps round off', () => {
    expect(Tensor.arange(0, 1, 0.1, 'float64').toArray()).toEqual(Array.from({ length: 10 }, (_, i) => i * 0.1));
  });
});

const thousandths = fc.integer({ min: -5000, max: 5000 }).map((i) => i / 1000);

describe('linspace', () => {
  test('has exactly the given ends, and even distances', () => {
    fc.assert(
      fc.property(thousandths, thousandths, fc.integer({ min: 2, max: 20 }), (a, b, n) => {
        const x = Tensor.linspace(a, b, n, 'float64').toArray();
        expect(x).toHaveLength(n);
        expect([x[0], x[n - 1]]).toEqual([a, b]);
        for (let i = 1; i < n; i++) expect(x[i]! - x[i - 1]!).toBeCloseTo((b - a) / (n - 1), 12);
      }),
    );
  });

  test('reaches from the least to the largest number without infinities, and refuses those', () => {
    const most = Number.MAX_VALUE;
    const parts = Tensor.linspace(-most, most, 5, 'float64')
      .toArray()
      .map((x) => x / most);
    [-1, -0.5, 0, 0.5, 1].forEach((part, i) => expect(parts[i]).toBeCloseTo(part, 14));
    expect(Tensor.linspace(-most, most, 3, 'float64').toArray()).toEqual([-most, 0, most]);
    expect(Tensor.linspace(0, most, 3, 'float64').toArray()).toEqual([0, most / 2, most]);
    for (const end of [Infinity, -Infinity, Number.NaN, '1']) {
      const got = `to be a finite number, got ${typeof end === 'string' ? `'${end}'` : end}`;
      expect(() => Tensor.linspace(end as number, 1, 3)).toThrow(`Tensor.linspace: expected start ${got}`);
      expect(() => Tensor.linspace(1, end as number, 3)).toThrow(`Tensor.linspace: expected stop ${got}`);
    }
  });

  test('of one number is the start, and of none is empty', () => {
    expect(Tensor.linspace(2, 9, 1).toArray()).toEqual([2]);
    expect(Tensor.linspace(2, 9, 0).toArray()).toEqual([]);
  });

  test('of no whole number of elements is refused, as a matrix of no whole number of rows is', () => {
    for (const n of [-1, 0.5, Number.NaN, Infinity, '2' as never]) {
      expect(() => Tensor.linspace(0, 1, n)).toThrow(/^Tensor\.linspace: expected count to be a whole number from 0, got /);
      expect(() => Tensor.eye(n)).toThrow(/^Tensor\.eye: expected the number of rows to be a whole number from 0, got /);
    }
  });
});

test('eye has ones on the diagonal', () => {
  fc.assert(
    fc.property(fc.nat({ max: 6 }), (n) => {
      const rows = Array.from({ length: n }, (_, i) => Array.from({ length: n }, (_, j) => (i === j ? 1 : 0)));
      expect(Tensor.eye(n, 'int32').toArray()).toEqual(rows);
    }),
  );
});

test('a typed array is copied in its dtype, and an array given to the constructor is taken over', () => {
  const numbers = Float64Array.of(1, 2, 3, 4);
  const copy = Tensor.fromTypedArray(numbers, [2, 2]);
  const taken = new Tensor([4], numbers);
  numbers[0] = 99;
  expect([copy.dtype, copy.toArray()]).toEqual([
    'float64',
    [
      [1, 2],
      [3, 4],
    ],
  ]);
  expect(taken.data).toBe(numbers);
  expect(Tensor.fromTypedArray(Int32Array.of(1, 2)).shape).toEqual([2]);
});

describe('random numbers', () => {
  test('are the same for the same seed, and go on from a generator', () => {
    fc.assert(
      fc.property(fc.nat(), (seed) => {
        expect(Tensor.uniform([3], { seed }).toArray()).toEqual(Tensor.uniform([3], { seed }).toArray());
        const random = new Random(seed);
        const parts = [Tensor.normal([2], { random, dtype: 'float64' }), Tensor.normal([3], { random, dtype: 'float64' })];
        expect(parts.flatMap((part) => part.toArray())).toEqual(Tensor.normal([5], { seed, dtype: 'float64' }).toArray());
      }),
      { numRuns: runs(20) },
    );
  });

  test('come from the default generator, which a seed starts again', () => {
    manualSeed(5);
    const first = [Tensor.uniform([2]).toArray(), Tensor.normal([2]).toArray(), Tensor.permutation(5).toArray()];
    manualSeed(5);
    expect([Tensor.uniform([2]).toArray(), Tensor.normal([2]).toArray(), Tensor.permutation(5).toArray()]).toEqual(first);
  });

  test('have the range, the mean and the variance of their distribution', () => {
    const uniform = Tensor.uniform([100, 100], { low: -2, high: 4, seed: 1, dtype: 'float64' });
    expect(uniform.min().item()).toBeGreaterThanOrEqual(-2);
    expect(uniform.max().item()).toBeLessThan(4);
    expect(uniform.mean().item()).toBeCloseTo(1, 1);
    const normal = Tensor.normal([100, 100], { mean: 3, standardDeviation: 2, seed: 1, dtype: 'float64' });
    expect(normal.mean().item()).toBeCloseTo(3, 1);
    expect(Math.sqrt(normal.sub(normal.mean()).pow(2).mean().item())).toBeCloseTo(2, 1);
  });

  test('a permutation has each number once', () => {
    fc.assert(
      fc.property(fc.nat({ max: 50 }), fc.nat(), (n, seed) => {
        const order = Tensor.permutation(n, { seed });
        expect(order.dtype).toBe('int32');
        expect(order.toArray().toSorted((a, b) => a - b)).toEqual(Array.from({ length: n }, (_, i) => i));
      }),
      { numRuns: runs(30) },
    );
  });
});

test('options of random tensors that do not exist are refused', () => {
  expect(() => Tensor.normal([1], { std: 3 } as never)).toThrow('Tensor.normal: there is no option std; did you mean standardDeviation?');
  expect(() => Tensor.uniform([1], 'float64' as never)).toThrow("Tensor.uniform: expected options, such as { low: … }, got 'float64'");
  expect(() => Tensor.permutation(3, { sed: 1 } as never)).toThrow('did you mean seed?');
});
