/** Convolutions and their transposes, held against plain loops. */

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import * as tapegrad from '../../../src/index.ts';
import { conv2d, convTranspose2d, ShapeError, Tensor, ValueError } from '../../../src/index.ts';
import { expectClose, tensor } from '../../book/lib.ts';
import { at, made, sumOver } from '../../lib/loops.ts';
import { refuses } from '../../lib/refuses.ts';
import { runs } from '../../lib/runs.ts';
import { counted } from '../../lib/tensors.ts';

describe('convolutions', () => {
  const [image, signal] = [counted(1, 2, 3, 3), counted(1, 2, 3)];
  test.each<[string, () => unknown, RegExp | typeof ValueError]>([
    ['no images', () => tapegrad.conv2d(counted(2, 3, 3), counted(1, 2, 1, 1)), /^conv2d: expected images of shape/],
    ['no filters', () => tapegrad.conv2d(image, counted(2, 1, 1)), /^conv2d: expected filters with four axes/],
    ['no signals', () => tapegrad.conv1d(counted(2, 3), counted(1, 2, 1)), /^conv1d: expected three axes/],
    ['filters for other channels', () => tapegrad.conv2d(image, counted(1, 3, 1, 1)), /in 1 group see 3 channels, got 2/],
    [
      'groups for other channels',
      () => tapegrad.conv2d(image, counted(2, 3, 1, 1), { groups: 2 }),
      /in 2 groups see 6 channels, got 2, in images/,
    ],
    ['groups that do not divide the results', () => tapegrad.conv2d(image, counted(3, 1, 1, 1), { groups: 2 }), ValueError],
    [
      'groups that do not divide what comes in',
      () => tapegrad.convTranspose2d(counted(1, 3, 2, 2), counted(3, 1, 1, 1), { groups: 2 }),
      ValueError,
    ],
    ['no groups', () => tapegrad.conv2d(image, counted(2, 1, 1, 1), { groups: 0 }), ValueError],
    ['less than no groups', () => tapegrad.conv2d(image, counted(2, 1, 1, 1), { groups: -1 }), ValueError],
    ['groups and a half', () => tapegrad.conv2d(counted(1, 3, 2, 2), counted(3, 2, 1, 1), { groups: 1.5 }), ValueError],
    [
      'a bias with two axes',
      () => tapegrad.conv2d(image, counted(2, 2, 1, 1), { bias: counted(2, 1) }),
      /^conv2d: expected a bias of shape \[2\], one for each channel/,
    ],
    [
      'a bias for other channels',
      () => tapegrad.conv2d(image, counted(2, 2, 1, 1), { bias: counted(3) }),
      /expected a bias of shape \[2\]/,
    ],
    ...[
      [0, 2],
      [2, 0],
      [-1, 0],
      [0.5, 0],
      [0, -1],
    ].map(
      (outputPadding) =>
        [
          `${outputPadding} rows and columns more`,
          () => tapegrad.convTranspose2d(image, counted(2, 1, 1, 1), { stride: 2, outputPadding: outputPadding as [number, number] }),
          /^convTranspose2d: expected an outputPadding from 0 to below the stride \[2, 2\] or dilation, got/,
        ] as [string, () => unknown, RegExp],
    ),
  ])('refuse %s', (_, f, what) => expect(f).toThrow(what));

  test('when transposed, add the filter at every pixel, and append outputPadding at the end', () => {
    const [x, w] = [
      Tensor.uniform([1, 1, 1, 3], { seed: 1, dtype: 'float64' }),
      Tensor.uniform([1, 1, 1, 2], { seed: 2, dtype: 'float64' }),
    ];
    for (const [stride, padding, dilation, outputPadding] of [
      [2, 0, 1, 1],
      [1, 0, 2, 1],
      [1, 1, 2, 1],
      [2, 1, 3, 2],
      [1, 2, 4, 3],
    ] as const) {
      const size = (3 - 1) * stride + dilation - 2 * padding + outputPadding + 1;
      const wanted = new Array(size).fill(0);
      x.data.forEach((pixel, i) => {
        w.data.forEach((weight, j) => {
          const place = i * stride + j * dilation - padding;
          if (place >= 0 && place < size) wanted[place] += pixel * weight;
        });
      });
      const across = { stride: [1, stride], padding: [0, padding], dilation: [1, dilation], outputPadding: [0, outputPadding] } as const;
      const down = { stride: [stride, 1], padding: [padding, 0], dilation: [dilation, 1], outputPadding: [outputPadding, 0] } as const;
      const both = { stride, padding, dilation, outputPadding };
      const row = tapegrad.convTranspose2d(x, w, across);
      expect(row.shape).toEqual([1, 1, 1, size]);
      wanted.forEach((y, i) => expect(row.data[i]).toBeCloseTo(y, 13));
      expect(tapegrad.convTranspose2d(x.transpose(), w.transpose(), down).toArray()).toEqual(row.transpose().toArray());
      const square = (x: Tensor) => x.transpose().matmul(x);
      const [found, whole] = [tapegrad.convTranspose2d(square(x), square(w), both), square(row)];
      expect(found.shape).toEqual([1, 1, size, size]);
      whole.data.forEach((y, i) => expect(found.data[i]).toBeCloseTo(y, 13));
    }
  });

  test('of signals have a bias too', () => {
    const [filters, bias] = [Tensor.ones([2, 1, 1]), Tensor.of([10])];
    expect(tapegrad.convTranspose1d(signal, filters, { bias }).toArray()).toEqual([[[13, 15, 17]]]);
    expect(tapegrad.conv1d(signal, Tensor.ones([1, 2, 1]), { bias }).toArray()).toEqual([[[13, 15, 17]]]);
  });
});

describe('convolutions of any windows', () => {
  const options = fc.record({
    stride: fc.tuple(fc.integer({ min: 1, max: 2 }), fc.integer({ min: 1, max: 2 })),
    padding: fc.tuple(fc.integer({ min: 0, max: 1 }), fc.integer({ min: 0, max: 1 })),
    dilation: fc.tuple(fc.integer({ min: 1, max: 2 }), fc.integer({ min: 1, max: 2 })),
    groups: fc.constantFrom(1, 2),
  });

  test('are sums over windows, channels and groups', () => {
    fc.assert(
      fc.property(tensor([2, 2, 4, 5]), options, tensor([2, 2, 2, 2]), tensor([2]), (x, { groups, ...windows }, all, bias) => {
        const w = all.slice([null, [0, 2 / groups]]);
        const y = conv2d(x, w, { ...windows, groups, bias });
        const [[sh, sw], [ph, pw], [dh, dw]] = [windows.stride, windows.padding, windows.dilation];
        const channel = (o: number, c: number) => (groups === 1 ? c : o + c);
        const wanted = made(
          y.shape,
          (n, o, i, j) =>
            at(bias, [o]) +
            sumOver(
              [2 / groups, 2, 2],
              (c, p, q) => at(x, [n, channel(o, c), i * sh - ph + p * dh, j * sw - pw + q * dw]) * at(w, [o, c, p, q]),
            ),
        );
        expectClose(y, wanted);
        expect(y.shape.slice(2)).toEqual([Math.floor((4 + 2 * ph - dh - 1) / sh) + 1, Math.floor((5 + 2 * pw - dw - 1) / sw) + 1]);
      }),
      { numRuns: runs(25) },
    );
  });

  test('have the transposed convolution as their adjoint: ⟨w ∗ x, y⟩ = ⟨x, wᵀ ∗ y⟩', () => {
    fc.assert(
      fc.property(tensor([1, 2, 4, 5]), options, tensor([2, 2, 2, 2]), (x, { groups, ...windows }, all) => {
        const w = all.slice([null, [0, 2 / groups]]);
        const y = conv2d(x, w, { ...windows, groups });
        const seen = made(y.shape, (n, o, i, j) => ((n + 2 * o + 3 * i + 5 * j) % 7) - 3);
        const [rows, columns] = [0, 1].map(
          (i) => (y.shape[2 + i]! - 1) * windows.stride[i]! - 2 * windows.padding[i]! + windows.dilation[i]! + 1,
        ) as [number, number];
        const outputPadding = [4 - rows, 5 - columns] as const;
        const back = convTranspose2d(seen, w, { ...windows, groups, outputPadding });
        expect(back.shape).toEqual(x.shape);
        expect(Math.abs(y.mul(seen).sum().item() - x.mul(back).sum().item())).toBeLessThan(1e-9);
      }),
      { numRuns: runs(40) },
    );
  });

  test('along a single axis are those of images of one row', () => {
    const [x, w] = [Tensor.normal([2, 3, 7], { seed: 1, dtype: 'float64' }), Tensor.normal([4, 3, 2], { seed: 2, dtype: 'float64' })];
    const windows = { stride: 2, padding: 1, dilation: 2 };
    const flat = (y: Tensor) => y.squeeze(2);
    expectClose(
      tapegrad.conv1d(x, w, windows),
      flat(conv2d(x.unsqueeze(2), w.unsqueeze(2), { stride: [1, 2], padding: [0, 1], dilation: [1, 2] })),
    );
    expectClose(
      tapegrad.convTranspose1d(x, w.slice([[0, 3]]), windows),
      flat(convTranspose2d(x.unsqueeze(2), w.slice([[0, 3]]).unsqueeze(2), { stride: [1, 2], padding: [0, 1], dilation: [1, 2] })),
    );
  });
});

describe('bad input is refused, by name', () => {
  const x = Tensor.zeros([2, 3]);
  const image = Tensor.zeros([1, 2, 4, 4]);
  refuses('%s', [
    ['conv2d', () => conv2d(x, image), ShapeError, /^conv2d: expected images of shape \[n, channels, height, width\], got \[2, 3\]/],
    [
      'conv2d',
      () => conv2d(image, Tensor.zeros([3, 1, 2, 2])),
      ShapeError,
      /^conv2d: filters \[3, 1, 2, 2\] in 1 group see 1 channels, got 2/,
    ],
    [
      'conv2d',
      () => conv2d(image, Tensor.zeros([3, 1, 2, 2]), { groups: 2 }),
      ValueError,
      /^conv2d: expected groups that divide 2 inputs and 3 outputs, got 2/,
    ],
    ['conv2d', () => conv2d(image, Tensor.zeros([3, 2, 5, 5])), ShapeError, /^conv2d: windows of 5 × 5 do not fit on an image of 4 × 4/],
    [
      'conv2d',
      () => conv2d(image, Tensor.zeros([3, 2, 2, 2]), { stride: 0 }),
      ValueError,
      /^conv2d: expected a stride of whole numbers from 1, got 0/,
    ],
    [
      'conv2d',
      () => conv2d(image, Tensor.zeros([3, 2, 2, 2]), { bias: Tensor.zeros([2]) }),
      ShapeError,
      /^conv2d: expected a bias of shape \[3\]/,
    ],
    [
      'convTranspose2d',
      () => convTranspose2d(image, Tensor.zeros([2, 1, 2, 2]), { outputPadding: 1 }),
      ValueError,
      /^convTranspose2d: expected an outputPadding/,
    ],
  ]);
});
