/** Pooling over windows and to given sizes, held against plain loops. */

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import * as tapegrad from '../../../src/index.ts';
import { DtypeError, grad, ShapeError, Tensor, ValueError, vjp } from '../../../src/index.ts';
import { expectClose, size, tensor } from '../../book/lib.ts';
import { at, made, range } from '../../lib/loops.ts';
import { refuses } from '../../lib/refuses.ts';
import { runs } from '../../lib/runs.ts';
import { expectSameBits } from '../../lib/same.ts';
import { counted } from '../../lib/tensors.ts';

describe('pools', () => {
  const [image, signal] = [counted(1, 1, 4, 4), Tensor.of([[[3, 1, 4, 1, 5, 9]]])];
  test.each<[string, () => unknown, RegExp]>([
    ['no images', () => tapegrad.maxPool2d(counted(4, 4), 2), /^maxPool2d: expected images of shape/],
    ['more room than half a window, above', () => tapegrad.avgPool2d(image, [2, 4], { padding: 2 }), /^avgPool2d: expected a padding/],
    ['more room than half a window, aside', () => tapegrad.avgPool2d(image, [4, 2], { padding: 2 }), /^avgPool2d: expected a padding/],
    ['fewer axes', () => tapegrad.adaptiveAvgPool2d(counted(2, 3, 4), 1), /^adaptiveAvgPool2d: expected images of shape/],
    ['no rows', () => tapegrad.adaptiveAvgPool2d(Tensor.zeros([1, 1, 0, 2]), 1), /with pixels, got \[1, 1, 0, 2\]/],
    ['no columns', () => tapegrad.adaptiveMaxPool2d(Tensor.zeros([1, 1, 2, 0]), 1), /with pixels, got \[1, 1, 2, 0\]/],
    ...[
      [0, 1],
      [1, 0],
      [1.5, 1],
      [1, -1],
    ].map(
      (to) =>
        [
          `${to} windows`,
          () => tapegrad.adaptiveAvgPool2d(image, to as [number, number]),
          /^adaptiveAvgPool2d: expected a size from 1 to pool to, got \[/,
        ] as [string, () => unknown, RegExp],
    ),
  ])('refuse %s', (_, f, what) => expect(f).toThrow(what));

  test('of signals are those of images of one row', () => {
    expect(tapegrad.maxPool1d(signal, 2).toArray()).toEqual([[[3, 4, 9]]]);
    expect(tapegrad.maxPool1d(signal, 2, { stride: 1 }).toArray()).toEqual([[[3, 4, 4, 5, 9]]]);
    expect(tapegrad.avgPool1d(signal, 2).toArray()).toEqual([[[2, 2.5, 7]]]);
    expect(tapegrad.avgPool1d(signal, 2, { padding: 1 }).toArray()).toEqual([[[1.5, 2.5, 3, 4.5]]]);
    expect(tapegrad.avgPool1d(signal, 2, { padding: 1, countPadding: false }).toArray()).toEqual([[[3, 2.5, 3, 9]]]);
  });

  test('may have a padding of half a window', () => {
    expect(tapegrad.avgPool2d(image, 2, { padding: 1 }).shape).toEqual([1, 1, 3, 3]);
  });
});

describe('pooling', () => {
  test('takes the largest, or the mean, of every window', () => {
    const one = fc.integer({ min: 1, max: 2 });
    fc.assert(
      fc.property(
        tensor([1, 2, 5, 4]),
        fc.tuple(one, one),
        fc.tuple(one, one),
        fc.constantFrom(0, 1),
        one,
        (x, kernel, stride, padding, dilation) => {
          if (padding * 2 > Math.min(...kernel)) return;
          const options = { stride, padding, dilation };
          const y = tapegrad.maxPool2d(x, kernel, options);
          const window = (i: number, j: number) =>
            range(kernel[0]).flatMap((p) =>
              range(kernel[1]).map((q) => [i * stride[0] - padding + p * dilation, j * stride[1] - padding + q * dilation] as const),
            );
          const inside = ([i, j]: readonly [number, number]) => i >= 0 && i < 5 && j >= 0 && j < 4;
          expectClose(
            y,
            made(y.shape, (n, c, i, j) => Math.max(...window(i, j).map((place) => at(x, [n, c, ...place], -Infinity)))),
          );
          const sum = (n: number, c: number, i: number, j: number) =>
            window(i, j).reduce((total, place) => total + at(x, [n, c, ...place]), 0);
          expectClose(
            tapegrad.avgPool2d(x, kernel, options),
            made(y.shape, (n, c, i, j) => sum(n, c, i, j) / (kernel[0] * kernel[1])),
          );
          expectClose(
            tapegrad.avgPool2d(x, kernel, { ...options, countPadding: false }),
            made(y.shape, (n, c, i, j) => sum(n, c, i, j) / window(i, j).filter(inside).length),
          );
        },
      ),
      { numRuns: runs(30) },
    );
  });

  test('to more windows than a call has room for arguments', () => {
    const [few, many] = [Tensor.of([[[1, 3, 2]]]), 300_000];
    for (const pool of [tapegrad.adaptiveMaxPool1d, tapegrad.adaptiveAvgPool1d])
      expect([0, 99_999, 100_000, 299_999].map((i) => pool(few, many).data[i])).toEqual([1, 1, 3, 2]);
  });

  test('to a given size covers the image evenly', () => {
    fc.assert(
      fc.property(tensor([1, 2, 5, 4]), size, size, (x, rows, columns) => {
        const span = (i: number, n: number, count: number) => range(Math.ceil(((i + 1) * n) / count)).slice(Math.floor((i * n) / count));
        const seen = (n: number, c: number, i: number, j: number) =>
          span(i, 5, rows).flatMap((p) => span(j, 4, columns).map((q) => at(x, [n, c, p, q])));
        const shape = [1, 2, rows, columns];
        expectClose(
          tapegrad.adaptiveMaxPool2d(x, [rows, columns]),
          made(shape, (...place) => Math.max(...(seen as any)(...place))),
        );
        expectClose(
          tapegrad.adaptiveAvgPool2d(x, [rows, columns]),
          made(shape, (...place) => {
            const all: number[] = (seen as any)(...place);
            return all.reduce((a, b) => a + b) / all.length;
          }),
        );
      }),
      { numRuns: runs(30) },
    );
  });

  test('gives each pixel what the windows give whose largest element it is, whether windows overlap or not', () => {
    const axis = fc.record({
      kernel: fc.integer({ min: 1, max: 3 }),
      stride: fc.integer({ min: 1, max: 4 }),
      dilation: fc.integer({ min: 1, max: 2 }),
    });
    fc.assert(
      fc.property(axis, axis, fc.integer({ min: 0, max: 99 }), (rows, columns, seed) => {
        const x: Tensor = Tensor.uniform([2, 3, 6, 7], { seed });
        const options = { stride: [rows.stride, columns.stride], dilation: [rows.dilation, columns.dilation] } as const;
        const kernel = [rows.kernel, columns.kernel] as const;
        const { values, indices } = tapegrad.maxPool2dWithIndices(x, kernel, options);
        const dy: Tensor = Tensor.normal([...values.shape], { seed });
        const expected = new Float64Array(x.size);
        const windows = values.size / 6;
        for (let i = 0; i < values.size; i++) expected[Math.floor(i / windows) * 42 + indices.data[i]!]! += dy.data[i]!;
        const [dx] = vjp((x: Tensor) => tapegrad.maxPool2d(x, kernel, options), x)[1](dy);
        expect([...dx.data]).toEqual([...Float32Array.from(expected)]);
      }),
      { numRuns: runs(50) },
    );
  });

  test('gives the gradient to the first of those that tie', () => {
    const x = Tensor.ones([1, 1, 2, 2], 'float64');
    for (const pool of [(x: Tensor) => tapegrad.maxPool2d(x, 2), (x: Tensor) => tapegrad.adaptiveMaxPool2d(x, 1)]) {
      expect(vjp(pool, x)[1](Tensor.ones([1, 1, 1, 1], 'float64'))[0].toArray()).toEqual([
        [
          [
            [1, 0],
            [0, 0],
          ],
        ],
      ]);
    }
  });
});

describe('volumes', () => {
  test('are pooled as loops do, with the places of what is largest', () => {
    const one = fc.integer({ min: 1, max: 2 });
    const all = fc.tuple(one, one, one);
    fc.assert(
      fc.property(tensor([1, 2, 3, 4, 3]), all, all, fc.boolean(), fc.boolean(), (x, kernel, stride, padded, ceilMode) => {
        const padding = kernel.map((n) => (padded ? Math.floor(n / 2) : 0)) as [number, number, number];
        const { values, indices } = tapegrad.maxPool3dWithIndices(x, kernel, { stride, padding, ceilMode });
        const size = [3, 4, 3];
        const window = (place: readonly number[]) =>
          range(kernel[0]).flatMap((p) =>
            range(kernel[1]).flatMap((q) => range(kernel[2]).map((r) => [p, q, r].map((k, i) => place[i]! * stride[i]! - padding[i]! + k))),
          );
        const inside = (place: readonly number[]) => place.every((n, i) => n >= 0 && n < size[i]!);
        expectClose(
          values,
          made(values.shape, (n, c, ...place) =>
            Math.max(
              ...window(place)
                .filter(inside)
                .map((seen) => at(x, [n, c, ...seen])),
            ),
          ),
        );
        const channels = x.reshape([2, 36]);
        expect(
          channels
            .gather(1, indices.reshape([2, indices.size / 2]))
            .reshape(values.shape)
            .toArray(),
        ).toEqual(values.toArray());
        const sum = (n: number, c: number, place: readonly number[]) =>
          window(place).reduce((total, seen) => total + at(x, [n, c, ...seen]), 0);
        const counted = (place: readonly number[]) =>
          window(place).filter((seen) => seen.every((n, i) => n >= -padding[i]! && n < size[i]! + padding[i]!)).length;
        expectClose(
          tapegrad.avgPool3d(x, kernel, { stride, padding, ceilMode }),
          made(values.shape, (n, c, ...place) => sum(n, c, place) / counted(place)),
        );
      }),
      { numRuns: runs(20) },
    );
  });

  test('of one plane are images', () => {
    const x = Tensor.normal([2, 2, 5, 6], { seed: 1 }) as Tensor;
    for (const [pool, other] of [
      [tapegrad.maxPool2d, tapegrad.maxPool3d],
      [tapegrad.avgPool2d, tapegrad.avgPool3d],
    ] as const)
      expectSameBits(other(x.unsqueeze(2), [1, 2, 3]).data, pool(x, [2, 3]).data);
    expect(() => tapegrad.maxPool3d(x, 2)).toThrow(/^maxPool3d: expected volumes of shape/);
    expect(() => tapegrad.avgPool3d(x.unsqueeze(2), [1, 2] as never)).toThrow(/^avgPool3d: expected a kernel size of whole numbers from 1/);
  });
});

describe('a divisor', () => {
  test('stands for the number of elements, whatever counts', () => {
    const x = Tensor.of([[[1, 2, 3, 4, 5]]], 'float64');
    // PyTorch 2.13, avg_pool2d of one row with divisor_override=3.
    expect(tapegrad.avgPool1d(x, 2, { divisor: 3, ceilMode: true, padding: 1 }).toArray()).toEqual([[[1 / 3, 5 / 3, 3]]]);
    const options = { divisor: 3, ceilMode: true, padding: 1, countPadding: false };
    expect(tapegrad.avgPool1d(x, 2, options).toArray()).toEqual([[[1 / 3, 5 / 3, 3]]]);
    for (const divisor of [0, -1, Infinity, NaN, '2', null])
      expect(() => tapegrad.avgPool1d(x, 2, { divisor: divisor as never })).toThrow(
        /^avgPool1d: expected divisor to be a finite number above 0/,
      );
    expect(() => tapegrad.maxPool1d(x, 2, { divisor: 2 } as never)).toThrow(/^maxPool1d: there is no option divisor/);
    expect(() => tapegrad.avgPool1d(x, 2, { divisorOverride: 2 } as never)).toThrow(/did you mean divisor\?$/);
  });
});

describe('indices', () => {
  test('count in the channel, in row-major order, of those that tie the first', () => {
    const x = Tensor.of([[[[1, 5, 5, 2], [5, 0, 1, 7]], [[3, 3, 3, 3], [3, 3, 3, 3]]]]); // biome-ignore format: a line
    const { values, indices } = tapegrad.maxPool2dWithIndices(x, 2);
    expect([indices.dtype, indices.toArray()]).toEqual(['int32', [[[[1, 7]], [[0, 2]]]]]);
    expect(values.toArray()).toEqual(tapegrad.maxPool2d(x, 2).toArray());
    expect(tapegrad.maxPool1dWithIndices(Tensor.of([[[1, NaN, 2, NaN]]]), 4).indices.toArray()).toEqual([[[1]]]);
    expect(() => tapegrad.maxPool2dWithIndices(x, 2, { padding: 2 })).toThrow(/^maxPool2dWithIndices: expected a padding of at most half/);
  });
});

describe('bad input is refused, by name', () => {
  const image = Tensor.zeros([1, 2, 4, 4]);
  refuses('%s', [
    [
      'maxPool2d',
      () => tapegrad.maxPool2d(image, 2, { padding: 2 }),
      ValueError,
      /^maxPool2d: expected a padding of at most half the window/,
    ],
  ]);
});

describe('ceil mode', () => {
  const line = (...numbers: number[]) => Tensor.of([[numbers]], 'float64');

  test('is PyTorch 2.13’s: a last window begins within the image or the padding before it, and a mean counts no more than padding', () => {
    const ceilMode = true;
    expect(tapegrad.maxPool1d(line(1, 2, 3, 4, 5, 6), 1, { stride: 4, ceilMode }).toArray()).toEqual([[[1, 5]]]);
    expect(tapegrad.avgPool1d(line(1, 2, 3, 4, 5), 2, { ceilMode }).toArray()).toEqual([[[1.5, 3.5, 5]]]);
    expect(tapegrad.avgPool1d(line(1, 2, 3, 4), 3, { stride: 2, padding: 1, ceilMode }).toArray()).toEqual([[[1, 3, 2]]]);
    expect(tapegrad.avgPool1d(line(1, 2, 3, 4), 3, { stride: 2, padding: 1, ceilMode, countPadding: false }).toArray()).toEqual([
      [[1.5, 3, 4]],
    ]);
    expect(tapegrad.maxPool1d(line(1, 2, 3, 4), 2, { ceilMode }).toArray()).toEqual([[[2, 4]]]);
    // Nor need the first be whole, where it is the last; as PyTorch 2.13.
    expect(tapegrad.maxPool1d(line(1, 2), 3, { ceilMode }).toArray()).toEqual([[[2]]]);
    expect(tapegrad.avgPool1d(line(1, 3), 4, { stride: 3, ceilMode }).toArray()).toEqual([[[2]]]);
    expect(tapegrad.avgPool2d(Tensor.of([[[[1], [2], [3], [6]]]]), 3, { ceilMode }).toArray()).toEqual([[[[2], [6]]]]);
    for (const [size, stride] of [
      [2, 1],
      [1, 2],
    ] as const)
      expect(() => tapegrad.maxPool1d(Tensor.ones([1, 1, size]), 3, { stride, ceilMode })).toThrow(
        'maxPool1d: windows of 1 × 3 do not fit',
      );
  });

  test('adds the window that is not whole, along each axis', () => {
    const one = fc.integer({ min: 1, max: 3 });
    fc.assert(
      fc.property(
        tensor([1, 1, 5, 7]),
        fc.tuple(one, one),
        fc.tuple(one, one),
        fc.constantFrom(0, 1),
        fc.boolean(),
        (x, kernel, stride, padding, countPadding) => {
          if (padding * 2 > Math.min(...kernel)) return;
          const size = (i: 0 | 1) => {
            const all = Math.ceil(([5, 7][i]! + 2 * padding - kernel[i]) / stride[i]) + 1;
            return (all - 1) * stride[i] >= [5, 7][i]! + padding ? all - 1 : all;
          };
          const y = tapegrad.avgPool2d(x, kernel, { stride, padding, ceilMode: true, countPadding });
          expect(y.shape).toEqual([1, 1, size(0), size(1)]);
          const beyond = countPadding ? padding : 0;
          const inside = ([i, j]: readonly [number, number]) => i >= -beyond && i < 5 + beyond && j >= -beyond && j < 7 + beyond;
          const window = (i: number, j: number) =>
            range(kernel[0])
              .flatMap((p) => range(kernel[1]).map((q) => [i * stride[0] - padding + p, j * stride[1] - padding + q] as const))
              .filter(inside);
          const mean = (i: number, j: number) =>
            window(i, j).reduce((total, place) => total + at(x, [0, 0, ...place]), 0) / window(i, j).length;
          expectClose(
            y,
            made(y.shape, (_, __, i, j) => mean(i, j)),
          );
          const largest = tapegrad.maxPool2d(x, kernel, { stride, padding, ceilMode: true });
          expectClose(
            largest,
            made(y.shape, (_, __, i, j) => Math.max(...window(i, j).map((place) => at(x, [0, 0, ...place], -Infinity)))),
          );
        },
      ),
      { numRuns: runs(40) },
    );
  });
});

describe('infinities and NaN', () => {
  test('stay in the windows that see them', () => {
    const line = (...numbers: number[]) => Tensor.of([[numbers]], 'float64');
    expect(tapegrad.adaptiveAvgPool1d(line(Infinity, 1, 2, 3), 2).toArray()).toEqual([[[Infinity, 2.5]]]);
    expect(tapegrad.adaptiveAvgPool1d(line(NaN, 1, 2, 3, 5), 2).toArray()).toEqual([[[NaN, 10 / 3]]]);
    expect(tapegrad.adaptiveAvgPool1d(line(1, 2, 3, -Infinity, 5), 4).toArray()).toEqual([[[1.5, 2.5, -Infinity, -Infinity]]]);
    expect(tapegrad.avgPool1d(line(Infinity, 1, 2, 3), 2).toArray()).toEqual([[[Infinity, 2.5]]]);
    expect(tapegrad.maxPool1d(line(-Infinity, -Infinity, NaN, 3, 1, NaN), 2).toArray()).toEqual([[[-Infinity, NaN, NaN]]]);
    expect(tapegrad.maxPool1d(line(-Infinity), 2, { padding: 1, stride: 1 }).toArray()).toEqual([[[-Infinity, -Infinity]]]);
    const slopes = grad((x: Tensor) => tapegrad.adaptiveAvgPool1d(x, 2).slice([0, 0, 1]))(line(Infinity, 1, 2, 3, 5));
    expect(slopes.toArray()).toEqual([[[0, 0, ...[1, 1, 1].map((x) => x / 3)]]]);
  });
});

describe('what is large', () => {
  test('is pooled in parts, with the same bits as each plane and line alone', () => {
    const x = Tensor.normal([3, 1, 400, 500], { seed: 1 }) as Tensor;
    const whole = tapegrad.avgPool2d(x, 5, { stride: 1 });
    const planes = tapegrad.stack([0, 1, 2].map((i) => tapegrad.avgPool2d(x.slice([[i, i + 1]]), 5, { stride: 1 }).slice([0])));
    const upper = tapegrad.avgPool2d(x.slice([null, null, [0, 204]]), 5, { stride: 1 });
    expectSameBits(whole.data, planes.data);
    expectSameBits(whole.slice([null, null, [0, 200]]).data, upper.data);
  });
});

describe('what JavaScript may hand over', () => {
  const [image, line] = [Tensor.ones([1, 1, 4, 4]), Tensor.ones([1, 1, 4])];
  const pools: [string, (x: any, kernel: any, options?: any) => unknown, Tensor][] = [
    ['maxPool2d', tapegrad.maxPool2d, image],
    ['avgPool2d', tapegrad.avgPool2d, image],
    ['maxPool1d', tapegrad.maxPool1d, line],
    ['avgPool1d', tapegrad.avgPool1d, line],
  ];
  const adaptive: [string, (x: any, to: any) => unknown, Tensor][] = [
    ['adaptiveAvgPool2d', tapegrad.adaptiveAvgPool2d, image],
    ['adaptiveMaxPool2d', tapegrad.adaptiveMaxPool2d, image],
    ['adaptiveAvgPool1d', tapegrad.adaptiveAvgPool1d, line],
    ['adaptiveMaxPool1d', tapegrad.adaptiveMaxPool1d, line],
  ];
  const refused = (call: () => unknown, kind: new (...args: any[]) => Error, what: string) => {
    expect(call).toThrow(kind);
    expect(call).toThrow(what);
  };
  const noTensors = [undefined, null, 1, 'x', [1], {}];

  test.each(pools)('%s refuses by its own name', (name, pool, x) => {
    for (const wrong of noTensors) refused(() => pool(wrong, 2), DtypeError, `${name}: expected a tensor for x, got `);
    for (const kernel of [0, -1, 0.5, '2', [2], { kernel: 2 }, null, undefined])
      refused(() => pool(x, kernel), ValueError, `${name}: expected a kernel size `);
    for (const wrong of [1, '2', true, [2], x])
      refused(() => pool(x, 2, wrong), ValueError, `${name}: expected options, such as { stride: … }, got `);
    refused(() => pool(x, 2, { strides: 1 }), ValueError, `${name}: there is no option strides; did you mean stride?`);
    refused(() => pool(x, 2, { ceil_mode: true }), ValueError, `${name}: there is no option ceil_mode; did you mean ceilMode?`);
    refused(() => pool(x, 2, { ceilMode: 1 }), ValueError, `${name}: expected ceilMode to be true or false, got 1`);
    refused(() => pool(x, 2, { stride: 0 }), ValueError, `${name}: expected a stride `);
    refused(() => pool(x.cast('int32'), 2), DtypeError, `${name}: expected float32 or float64, got int32`);
    refused(() => pool(x.squeeze(0), 2), ShapeError, 'a single one needs an axis for the batch: unsqueeze(0)');
    refused(() => pool(x, 2, { padding: 1, dilation: 5 }), ValueError, `${name}: window 0 of `);
    refused(() => pool(x, 5), ShapeError, `${name}: windows of `);
  });

  test('average pooling alone counts padding', () => {
    refused(() => tapegrad.maxPool2d(image, 2, { countPadding: true } as never), ValueError, 'maxPool2d: there is no option countPadding');
    refused(
      () => tapegrad.avgPool2d(image, 2, { countPadding: 1 as never }),
      ValueError,
      'avgPool2d: expected countPadding to be true or false',
    );
  });

  test.each(adaptive)('%s refuses by its own name', (name, pool, x) => {
    for (const wrong of noTensors) refused(() => pool(wrong, 2), DtypeError, `${name}: expected a tensor for x, got `);
    for (const to of [0, -1, 0.5, '2', [2], [1, 2, 3], {}, null, undefined])
      refused(() => pool(x, to), ValueError, `${name}: expected a size from 1 to pool to, got `);
    refused(() => pool(x.slice([null, null, [0, 0]]), 1), ShapeError, `${name}: expected `);
    refused(() => pool(x.squeeze(0), 1), ShapeError, `${name}: expected `);
    refused(() => pool(x, 1e15), ShapeError, `${name}: expected at most 8589934592 elements`);
  });

  test('windows that see nothing of the image are refused, wherever they are', () => {
    refused(
      () => tapegrad.maxPool2d(image, 2, { padding: 1, dilation: [1, 5] }),
      ValueError,
      'maxPool2d: window 0 of [2, 2], spread by [1, 5], sees nothing of [1, 1, 4, 4] with a padding of [1, 1]',
    );
    refused(
      () => tapegrad.avgPool2d(image.slice([null, null, [0, 2]]), 2, { padding: 1, dilation: [3, 1], countPadding: false }),
      ValueError,
      'avgPool2d: window 0 of ',
    );
  });
});
