/** Running totals, products and recurrences, held against plain loops. */

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ops } from '../../../scripts/operations/table.ts';
import * as tapegrad from '../../../src/index.ts';
import { cumprod, cumsum, DtypeError, gradcheck, perform, prod, ShapeError, Tensor, ValueError } from '../../../src/index.ts';
import { expectClose, size, tensor } from '../../book/lib.ts';
import { at, made, matrix, range } from '../../lib/loops.ts';
import { refuses } from '../../lib/refuses.ts';
import { int32 } from '../../lib/tensors.ts';

describe('cumulative sums and products', () => {
  test('agree with loops', () => {
    fc.assert(
      fc.property(matrix, fc.constantFrom(0, 1, -1), (x, axis) => {
        const upTo = (i: number, j: number) =>
          axis === 0 ? range(i + 1).map((k) => at(x, [k, j])) : range(j + 1).map((k) => at(x, [i, k]));
        expectClose(
          cumsum(x, axis),
          made(x.shape, (i, j) => upTo(i, j).reduce((a, b) => a + b)),
        );
        expectClose(
          tapegrad.cumprod(x, axis),
          made(x.shape, (i, j) => upTo(i, j).reduce((a, b) => a * b)),
        );
        expectClose(prod(x, axis), tapegrad.cumprod(x, axis).slice(axis === 0 ? [-1] : [null, -1]));
      }),
    );
  });

  test('of products have slopes at zeros: the product of all others', () => {
    for (const values of [
      [2, 0, 3],
      [0, 0, 4],
      [0, 0, 0],
    ])
      gradcheck((x) => prod(x).add(tapegrad.cumprod(x, 0).sum()), [Tensor.of(values)]);
  });

  test('of float32 are added up in float64', () => {
    const x = Tensor.full([100_000], 0.1);
    expect(cumsum(x, 0).slice([-1]).item()).toBe(Math.fround(Math.fround(0.1) * 100_000));
  });

  test('of a linear recurrence agree with a loop', () => {
    fc.assert(
      fc.property(
        size.chain((n) => fc.tuple(tensor([n]), tensor([n]))),
        ([a, b]) => {
          let y = 0;
          const wanted = range(a.size).map((i) => (y = a.data[i]! * y + b.data[i]!));
          expectClose(tapegrad.linearRecurrence(a, b, 0), Tensor.of(wanted, 'float64'));
        },
      ),
    );
  });
});

describe('scans of int32', () => {
  const whole = fc.oneof(fc.integer({ min: -9, max: 9 }), fc.integer(), fc.constantFrom(2 ** 31 - 1, -(2 ** 31)));
  const exact: Record<string, [f: (x: Tensor) => Tensor, next: (total: bigint, x: bigint) => bigint, first: bigint]> = {
    cumsum: [(x) => cumsum(x), (a, b) => a + b, 0n],
    cumprod: [(x) => cumprod(x), (a, b) => a * b, 1n],
  };

  test.each(Object.entries(exact))('%s is exact, or refused where int32 cannot hold it', (name, [f, next, first]) => {
    fc.assert(
      fc.property(fc.array(whole, { minLength: 1, maxLength: 12 }), (values) => {
        let total = first;
        const wanted = values.map((v) => (total = next(total, BigInt(v))));
        if (wanted.every((v) => BigInt.asIntN(32, v) === v)) expect([...f(int32(values)).data].map(BigInt)).toEqual(wanted);
        else {
          expect(() => f(int32(values))).toThrow(ValueError);
          expect(() => f(int32(values))).toThrow(new RegExp(`^${name}: element \\d+ is .*, which int32 cannot hold`));
        }
      }),
    );
  });

  test('a product is exact, whatever the products on the way', () => {
    fc.assert(
      fc.property(fc.array(whole, { minLength: 1, maxLength: 12 }), (values) => {
        const wanted = values.reduce((product, v) => product * BigInt(v), 1n);
        if (BigInt.asIntN(32, wanted) === wanted) expect(BigInt(prod(int32(values)).item())).toBe(wanted);
        else expect(() => prod(int32(values))).toThrow(/^prod: element 0 is .*, which int32 cannot hold/);
      }),
    );
    // In float64 the product of the first fifty is infinite, and an infinity times 0 no number.
    for (const sign of [1, -1])
      expect(prod(Tensor.full([50], sign * (2 ** 31 - 1), 'int32').mul(Tensor.arange(50, 'int32').less(49))).item()).toBe(0);
    expect(prod(int32([2, -3])).dtype).toBe('int32');
  });
});

describe('scans along several axes', () => {
  test('have all that is before along each of them', () => {
    fc.assert(
      fc.property(matrix, (x) => {
        const corner = (i: number, j: number) => range(i + 1).flatMap((k) => range(j + 1).map((l) => at(x, [k, l])));
        expectClose(cumsum(x, [0, 1]), made(x.shape, (i, j) => corner(i, j).reduce((a, b) => a + b))); // biome-ignore format: a line
        expectClose(cumprod(x, [1, 0]), made(x.shape, (i, j) => corner(i, j).reduce((a, b) => a * b)), 1e-9); // biome-ignore format: a line
        expect(cumsum(x, []).toArray()).toEqual(x.toArray());
        expectClose(tapegrad.diff(cumsum(x, 0), 0), x.slice([[1, null]]), 1e-12);
        expect(tapegrad.diff(x).toArray()).toEqual(
          x
            .slice([null, [1, null]])
            .sub(x.slice([null, [0, -1]]))
            .toArray(),
        );
      }),
    );
    expect(tapegrad.diff(Tensor.zeros([0])).shape).toEqual([0]);
    expect(tapegrad.diff(int32([1, 4, 9])).toArray()).toEqual([3, 5]);
  });
});

describe('recurrences', () => {
  test('need a factor for each element, and run along any axis of more', () => {
    const a = Tensor.ones([2, 3]);
    expect(() => tapegrad.linearRecurrence(a, Tensor.ones([3, 2]) as never, 0)).toThrow(
      /^linearRecurrence: expected a factor for each element, got \[2, 3\] for \[3, 2\]/,
    );
    expect(tapegrad.linearRecurrence(a.mul(2), a, 0).toArray()).toEqual([
      [1, 1, 1],
      [3, 3, 3],
    ]);
    expect(tapegrad.cumsum(Tensor.arange(12).reshape([2, 3, 2]), 1).toArray()).toEqual([
      [
        [0, 1],
        [2, 4],
        [6, 9],
      ],
      [
        [6, 7],
        [14, 16],
        [24, 27],
      ],
    ]);
    expect(tapegrad.cumsum(int32([1, 2]), 0).dtype).toBe('int32');
    expect(perform(ops['cumprod']!, { x: Tensor.of([2, 3, 4]) }, { axis: 0, reverse: true }).toArray()).toEqual([24, 12, 4]);
    expect(tapegrad.prod(Tensor.zeros([2, 0]), 1).toArray()).toEqual([1, 1]);
    expect(
      tapegrad
        .prod(
          Tensor.of([
            [1, 2],
            [3, 4],
          ]),
          [0, 1],
          { keepDims: true },
        )
        .toArray(),
    ).toEqual([[24]]);
  });
});

describe('products', () => {
  test('are multiplied from the first to the last, to the bit', () => {
    const x = Tensor.uniform([40], { seed: 4, dtype: 'float64' }).add(0.5);
    expect(tapegrad.prod(x).item()).toBe([...x.data].reduce((a, b) => a * b));
  });
});

describe('bad input is refused, by name', () => {
  const x = Tensor.zeros([2, 3]);
  const any = (value: unknown): any => value;
  refuses('%s', [
    ['cumsum', () => cumsum(x, 2), ShapeError, /^cumsum: there is no axis 2 in shape \[2, 3\]/],
    ['cumsum of an array', () => cumsum(any([1]), 0), DtypeError, /^cumsum: expected a tensor for x, got an array/],
    ['cumprod along text', () => cumprod(x, any('0')), ShapeError, /^cumprod: expected an axis or a list of axes, got '0'/],
    ['prod with a truth value', () => prod(x, 0, any(true)), ValueError, /^prod: expected options, such as \{ keepDims: … \}, got true/],
    ['prod of an array', () => prod(any([1])), DtypeError, /^prod: expected a tensor for x/],
    ['diff along an axis that is not there', () => tapegrad.diff(x, 2), ShapeError, /^diff: there is no axis 2/],
    ['diff of a number', () => tapegrad.diff(any(1)), DtypeError, /^diff: expected a tensor for x/],
    [
      'diff beyond int32',
      () => tapegrad.diff(int32([-1, 2 ** 31 - 1])),
      ValueError,
      /^diff: element 0 is 2147483648, which int32 cannot hold/,
    ],
    ['linearRecurrence of a number', () => tapegrad.linearRecurrence(any(1), x), DtypeError, /^linearRecurrence: expected a tensor for x/],
  ]);
});

describe('along the last axis by default', () => {
  const x = Tensor.of([[1, 2], [3, 4]]); // biome-ignore format: a matrix
  test('run cumsum and cumprod', () => {
    expect(cumsum(x).toArray()).toEqual([[1, 3], [3, 7]]); // biome-ignore format: a matrix
    expect(cumprod(x).toArray()).toEqual([[1, 2], [3, 12]]); // biome-ignore format: a matrix
  });
});
