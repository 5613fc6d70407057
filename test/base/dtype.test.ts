/** The kinds of number: what holds them, what they become, and that they do not mix. */

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { checkFloatDtype, copied, dtypeOf, isFloat, isWhole, newData, sharedWhole } from '../../src/base/dtype.ts';
import { DtypeError, MemoryError, Tensor, ValueError } from '../../src/index.ts';
import { sharesMemory } from '../lib/same.ts';

const dtypes = ['float32', 'float64', 'int32'] as const;

test('a copy has the same numbers, in memory of its own', () => {
  fc.assert(
    fc.property(fc.constantFrom(...dtypes), fc.nat({ max: 5000 }), (dtype, length) => {
      const data = newData(dtype, length).map((_, i) => i - 7);
      const copy = copied(data);
      expect(copy).toEqual(data);
      expect(sharesMemory(copy, data)).toBe(false);
    }),
  );
});

describe('new data', () => {
  test('is all zeros, of its dtype, and in memory of its own', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.constantFrom(...dtypes), fc.nat({ max: 3000 })), { minLength: 2, maxLength: 8 }), (wishes) => {
        const made = wishes.map(([dtype, length]) => newData(dtype, length).fill(1));
        const fresh = wishes.map(([dtype, length]) => newData(dtype, length));
        fresh.forEach((data, i) => {
          expect(dtypeOf(data)).toBe(wishes[i]![0]);
          expect(data).toHaveLength(wishes[i]![1]);
          expect(data.every((x) => x === 0)).toBe(true);
          for (const other of [...made, ...fresh]) if (other !== data) expect(sharesMemory(other, data)).toBe(false);
        });
      }),
    );
  });

  test('that is small shares its buffer with few others of about its size, so that it keeps little alive', () => {
    for (const dtype of dtypes)
      for (let length = 1; length < 5000; length += 37) {
        const { buffer, byteLength } = newData(dtype, length);
        const most = byteLength <= 64 || byteLength > 16_384 ? 1 : byteLength > 256 && byteLength <= 4096 ? 32 : 16;
        expect(buffer.byteLength).toBeLessThanOrEqual(most * byteLength);
      }
    const buffers = new Set(Array.from({ length: 800 }, () => newData('float32', 32).buffer));
    expect(buffers.size).toBeLessThanOrEqual(101);
    expect(newData('float32', 16).byteOffset).toBe(0);
    for (let n = 7; n <= 14; n++) expect(newData('float32', 2 ** (n - 2)).buffer.byteLength).toBe(2 ** n * (n > 8 && n < 13 ? 16 : 8));
  });

  test('that no host has room for is refused by size', () => {
    expect(() => newData('float64', 2 ** 40)).toThrow(MemoryError);
    expect(() => newData('float64', 2 ** 40)).toThrow('there is no memory for an array of 1099511627776 numbers; use smaller batches');
  });
});

test('numbers that are shared are copied where they are few or stand in a larger buffer, and from then on have their buffer for themselves no more', () => {
  const alone = new Float32Array(4097);
  expect(isWhole(alone)).toBe(true);
  expect(sharedWhole(alone)).toBe(alone);
  expect(isWhole(alone)).toBe(false);
  for (const data of [new Float32Array(4096), new Float32Array(9000).subarray(1), newData('float64', 20)]) {
    const copy = sharedWhole(data);
    expect([copy, sharesMemory(copy, data), isWhole(data)]).toEqual([data, false, data.byteLength === data.buffer.byteLength]);
  }
});

test('int32 is refused where there must be fractions, with the name of the tensor where there are several', () => {
  const x = { dtype: 'int32', sizes: [2, 3] } as const;
  const message = 'exp: expected float32 or float64, got int32 of shape [2, 3]';
  expect(() => checkFloatDtype('exp', x)).toThrow(new DtypeError(`${message}; convert it with cast('float32')`));
  expect(() => checkFloatDtype('exp', x, 'the weight')).toThrow(
    new DtypeError(`${message} for the weight; convert it with cast('float32')`),
  );
  expect(checkFloatDtype('exp', { dtype: 'float64', sizes: [] })).toBe(undefined);
});

test('an array that no engine has is refused as too large for the memory', () => {
  for (const length of [2 ** 53, Infinity]) expect(() => newData('float64', length)).toThrow(MemoryError);
  expect(() => newData('int32', 2 ** 53)).toThrow(/there is no memory for an array of 9007199254740992 numbers/);
});

describe('cast', () => {
  test('from float64 to float32 rounds to the nearest number, and back is exact', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.double(),
          fc.integer().map((i) => i / 1000),
        ),
        (value) => {
          const narrow = Tensor.of([value], 'float64').cast('float32');
          expect(narrow.data[0]).toBe(Math.fround(value));
          expect(narrow.cast('float64').data[0]).toBe(Math.fround(value));
        },
      ),
    );
  });

  test('to int32 cuts off fractions, toward 0', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: -(2 ** 39), max: 2 ** 39 - 256 }).map((i) => i / 256),
        (value) => {
          expect(Tensor.of([value], 'float64').cast('int32').data[0]).toBe(Math.trunc(value) + 0);
        },
      ),
    );
  });

  test('refuses what int32 cannot hold, up to the last number that it can', () => {
    expect(Tensor.of([2147483647.9, -2147483648.9], 'float64').cast('int32').toArray()).toEqual([2147483647, -2147483648]);
    for (const value of [2147483648, -2147483649, NaN, Infinity])
      for (const at of [0, 1])
        expect(() => Tensor.of([0, 0].with(at, value), 'float64').cast('int32')).toThrow(
          new ValueError(`cast: element ${at} is ${value}, which int32 cannot hold`),
        );
  });

  test('copies, also to the same dtype', () => {
    for (const dtype of dtypes) {
      const x = Tensor.ones([100], dtype);
      expect(sharesMemory(x.cast(dtype).data, x.data)).toBe(false);
    }
  });
});

test('int32 is not a float dtype, float32 and float64 are', () => {
  expect(dtypes.map(isFloat)).toEqual([true, true, false]);
});

test('a result has the dtype of its arguments, and a plain number takes the dtype of the tensor beside it', () => {
  for (const dtype of ['float32', 'float64'] as const) {
    const x = Tensor.of([[0.1, 2]], dtype);
    const results = [
      x.add(0.1),
      x.mul(x),
      x.exp(),
      x.sum(),
      x.mean(1),
      x.max(1),
      x.softmax(),
      x.matmul(x.transpose() as Tensor),
      x.less(1),
      x.slice([0]),
    ];
    for (const result of results) expect(result.dtype).toBe(dtype);
    expect(x.argmax(1).dtype).toBe('int32');
    expect(Tensor.of([1], 'int32').oneHot(3, dtype).dtype).toBe(dtype);
  }
  expect(Tensor.of([0.1], 'float32').add(0.1).data[0]).toBe(Math.fround(Math.fround(0.1) + Math.fround(0.1)));
});

test('two dtypes in one operation are refused in either order: nothing is converted implicitly', () => {
  fc.assert(
    fc.property(fc.constantFrom(...dtypes), fc.constantFrom(...dtypes), (a, b) => {
      const [x, y] = [Tensor.ones([2], a), Tensor.ones([2], b)];
      if (a === b) expect(x.less(y).dtype).toBe(a);
      else for (const f of [() => x.less(y), () => y.less(x), () => x.add(y)]) expect(f).toThrow(DtypeError);
    }),
  );
});
