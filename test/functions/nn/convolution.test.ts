/** Convolutions and their transposes, held against plain loops. */

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import * as tapegrad from '../../../src/index.ts';
import { conv2d, conv3d, convTranspose2d, convTranspose3d, DtypeError, ShapeError, Tensor, ValueError, vjp } from '../../../src/index.ts';
import { expectClose, tensor } from '../../book/lib.ts';
import { at, made, sumOver } from '../../lib/loops.ts';
import { refuses } from '../../lib/refuses.ts';
import { runs } from '../../lib/runs.ts';
import { expectSameBits } from '../../lib/same.ts';
import { counted } from '../../lib/tensors.ts';

describe('convolutions', () => {
  const [image, signal] = [counted(1, 2, 3, 3), counted(1, 2, 3)];
  test.each<[string, () => unknown, RegExp | typeof ValueError]>([
    ['no images', () => tapegrad.conv2d(counted(2, 3, 3), counted(1, 2, 1, 1)), /^conv2d: expected images of shape/],
    ['no filters', () => tapegrad.conv2d(image, counted(2, 1, 1)), /^conv2d: expected filters with four axes/],
    [
      'no signals',
      () => tapegrad.conv1d(counted(2, 3), counted(1, 2, 1)),
      /^conv1d: expected signals of shape \[n, channels, length\], got \[2, 3\]; a single one needs an axis for the batch: unsqueeze\(0\)/,
    ],
    ['filters for other channels', () => tapegrad.conv2d(image, counted(1, 3, 1, 1)), /in 1 group see 3 channels, got 2/],
    [
      'groups for other channels',
      () => tapegrad.conv2d(image, counted(2, 3, 1, 1), { groups: 2 }),
      /in 2 groups see 6 channels, got 2, in x \[1, 2, 3, 3\]$/,
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

describe('convolutions of volumes', () => {
  const one = (max: number) => fc.tuple(fc.integer({ min: 1, max }), fc.integer({ min: 1, max }), fc.integer({ min: 1, max }));
  const options = fc.record({
    stride: one(2),
    padding: one(2).map((all) => all.map((n) => n - 1) as [number, number, number]),
    dilation: one(2),
    groups: fc.constantFrom(1, 2),
  });

  test('are sums over windows, channels and groups', () => {
    fc.assert(
      fc.property(tensor([1, 2, 3, 4, 3]), options, tensor([2, 2, 2, 2, 2]), tensor([2]), (x, { groups, ...windows }, all, bias) => {
        const w = all.slice([null, [0, 2 / groups]]);
        const { stride, padding, dilation } = windows;
        const fits = [3, 4, 3].every((size, i) => size + 2 * padding[i]! > dilation[i]!);
        if (!fits) return;
        const y = conv3d(x, w, { ...windows, groups, bias });
        const seen = (place: readonly number[], element: readonly number[]) =>
          place.map((at, i) => at * stride[i]! - padding[i]! + element[i]! * dilation[i]!);
        const wanted = made(
          y.shape,
          (n, o, ...place) =>
            at(bias, [o]) +
            sumOver(
              [2 / groups, 2, 2, 2],
              (c, ...element) => at(x, [n, groups === 1 ? c : o + c, ...seen(place, element)]) * at(w, [o, c, ...element]),
            ),
        );
        expectClose(y, wanted);
      }),
      { numRuns: runs(15) },
    );
  });

  test('have the transposed convolution as their adjoint: ⟨w ∗ x, y⟩ = ⟨x, wᵀ ∗ y⟩', () => {
    fc.assert(
      fc.property(options, ({ groups, ...windows }) => {
        const x = Tensor.normal([2, 2, 4, 5, 4], { seed: 1, dtype: 'float64' }) as Tensor;
        const w = Tensor.normal([2, 2 / groups, 2, 2, 2], { seed: 2, dtype: 'float64' }) as Tensor;
        const y = conv3d(x, w, { ...windows, groups });
        const seen = Tensor.normal(y.shape, { seed: 3, dtype: 'float64' }) as Tensor;
        const sizes = [4, 5, 4].map(
          (size, i) => size - ((y.shape[2 + i]! - 1) * windows.stride[i]! - 2 * windows.padding[i]! + windows.dilation[i]! + 1),
        ) as [number, number, number];
        const back = convTranspose3d(seen, w, { ...windows, groups, outputPadding: sizes });
        expect(back.shape).toEqual(x.shape);
        expect(Math.abs(y.mul(seen).sum().item() - x.mul(back).sum().item())).toBeLessThan(1e-9);
      }),
      { numRuns: runs(20) },
    );
  });

  test('of one plane have the bits of those of images', () => {
    const [x, w] = [Tensor.normal([2, 3, 6, 7], { seed: 1 }) as Tensor, Tensor.normal([4, 3, 3, 2], { seed: 2 }) as Tensor];
    const [y, back] = vjp((x: Tensor, w: Tensor) => conv2d(x, w, { stride: 2, padding: 1 }), x, w);
    const flat = (x: Tensor, w: Tensor) => conv3d(x.unsqueeze(2), w.unsqueeze(2), { stride: [1, 2, 2], padding: [0, 1, 1] }).squeeze(2);
    const [other, otherBack] = vjp(flat, x, w);
    expectSameBits(other.data, y.data);
    const g = Tensor.normal(y.shape, { seed: 3 }) as Tensor;
    otherBack(g).forEach((gradient, i) => expectSameBits(gradient.data, back(g)[i]!.data));
  });

  test('in parts have the bits of each example and of all planes at once', () => {
    const [x, w] = [Tensor.normal([2, 1, 9, 64, 64], { seed: 1 }) as Tensor, Tensor.normal([2, 1, 3, 5, 5], { seed: 2 }) as Tensor];
    const f = (x: Tensor, w: Tensor) => conv3d(x, w, { padding: [1, 2, 2] });
    const [y, back] = vjp(f, x, w);
    // Planes 0 to 4 see no further than plane 5.
    expectSameBits(f(x.slice([null, null, [0, 6]]), w).slice([null, null, [0, 5]]).data, y.slice([null, null, [0, 5]]).data);
    const g = Tensor.normal(y.shape, { seed: 3 }) as Tensor;
    const [dx] = back(g);
    for (const i of [0, 1]) {
      const [one, oneBack] = vjp((x: Tensor) => f(x, w), x.slice([[i, i + 1]]));
      expectSameBits(one.data, y.slice([[i, i + 1]]).data);
      expectSameBits(oneBack(g.slice([[i, i + 1]]))[0].data, dx!.slice([[i, i + 1]]).data);
    }
    // What a plane far from the edges gets, it gets from few planes, in the same order.
    const [, someBack] = vjp((x: Tensor) => f(x, w), x.slice([null, null, [0, 6]]));
    expectSameBits(someBack(g.slice([null, null, [0, 6]]))[0].slice([null, null, [0, 5]]).data, dx!.slice([null, null, [0, 5]]).data);
  });

  test("may be padded to the 'same' size, and are mapped", () => {
    const [x, w] = [
      Tensor.normal([3, 1, 1, 2, 3, 3], { seed: 1, dtype: 'float64' }),
      Tensor.normal([3, 2, 1, 2, 3, 2], { seed: 2, dtype: 'float64' }),
    ];
    const f = (x: Tensor, w: Tensor) => conv3d(x, w, { padding: 'same' });
    expect(f(x.slice([0]), w.slice([0])).shape).toEqual([1, 2, 2, 3, 3]);
    const each = tapegrad.stack([0, 1, 2].map((i) => f(x.slice([i]), w.slice([i]))));
    expectClose(tapegrad.vmap(f)(x, w), each);
  });

  refuses('%s is refused, by name', [
    ['an image', () => conv3d(Tensor.ones([1, 1, 3, 3]), Tensor.ones([1, 1, 1, 1, 1])), ShapeError, /^conv3d: expected volumes of shape \[n, channels, depth, height, width\], got \[1, 1, 3, 3\]; a single one/],
    ['a filter of images', () => conv3d(Tensor.ones([1, 1, 2, 3, 3]), Tensor.ones([1, 1, 1, 1])), ShapeError, /^conv3d: expected filters with five axes, the last three planes, rows and columns/],
    ['a pair', () => conv3d(Tensor.ones([1, 1, 2, 3, 3]), Tensor.ones([1, 1, 1, 1, 1]), { stride: [1, 1] as never }), ValueError, /^conv3d: expected a stride of whole numbers from 1, got \[1,1\]/],
    ['windows that are too large', () => conv3d(Tensor.ones([1, 1, 2, 3, 3]), Tensor.ones([1, 1, 3, 1, 1])), ShapeError, /^conv3d: windows of 3 × 1 × 1 do not fit on a volume of 2 × 3 × 3/],
    ['channels last', () => conv3d(Tensor.ones([1, 2, 3, 3, 4]), Tensor.ones([1, 4, 1, 1, 1])), ShapeError, /channels come second: x\.permute\(\[0, 4, 1, 2, 3\]\)$/],
    ['an outputPadding of two', () => convTranspose3d(Tensor.ones([1, 1, 2, 3, 3]), Tensor.ones([1, 1, 1, 1, 1]), { outputPadding: [0, 0] as never }), ValueError, /^convTranspose3d: expected an outputPadding/],
  ]); // biome-ignore format: one line a case
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

describe('in parts', () => {
  /** The same by all columns at once. */
  const atOnce = (x: Tensor, w: Tensor, options: tapegrad.WindowOptions) => {
    const [o, c, kh, kw] = w.shape as [number, number, number, number];
    const columns = tapegrad.unfold(x, [kh, kw], options);
    const groups = x.shape[1]! / c;
    const seen = columns.reshape([x.shape[0]!, groups, columns.shape[1]! / groups, columns.shape[2]!]);
    const y = w.reshape([groups, o / groups, c * kh * kw]).matmul(seen);
    const height = conv2d(x, Tensor.zeros(w.shape), { ...options, groups }).shape[2]!;
    return y.reshape([x.shape[0]!, o, height, y.shape[3]! / height]);
  };

  test.each([
    ['some images at a time', [6, 4, 64, 64], [2, 4, 5, 5], { padding: 2 }],
    ['some lines at a time', [2, 1, 300, 300], [2, 1, 7, 7], { stride: [1, 2], padding: 3 }],
    ['some lines of groups at a time', [1, 4, 256, 256], [4, 2, 3, 3], { dilation: 2 }],
    ['so many filters that the products of single images are not held', [40, 2, 9, 9], [300, 2, 20, 20], { padding: 10 }],
  ] as const)(
    '%s, values and gradients of images have the same bits, and what is added in another order is near',
    (_, image, filters, options) => {
      const [x, w] = [Tensor.normal(image, { seed: 1 }) as Tensor, Tensor.normal(filters, { seed: 2 }) as Tensor];
      const groups = image[1] / filters[1];
      const byParts = (x: Tensor, w: Tensor) => conv2d(x, w, { ...options, groups });
      const [y, back] = vjp(byParts, x, w);
      const [wanted, wantedBack] = vjp((x: Tensor, w: Tensor) => atOnce(x, w, options), x, w);
      expectSameBits(y.data, wanted.data);
      const dy = Tensor.normal(y.shape, { seed: 3 }) as Tensor;
      const [[dx, dw], [wantedX, wantedW]] = [back(dy), wantedBack(dy)] as [[Tensor, Tensor], [Tensor, Tensor]];
      // More filters than a block of a product has are added in another order.
      const near = (found: Tensor, wanted: Tensor) =>
        expect(found.sub(wanted).abs().max().item()).toBeLessThan(2e-6 * wanted.abs().max().item());
      if (filters[0] <= 128) expectSameBits(dx.data, wantedX.data);
      else near(dx, wantedX);
      near(dw, wantedW);
    },
  );
});

describe('padding by name', () => {
  test("'same' gives as many windows as pixels, the odd one at the end, 'valid' only whole windows", () => {
    const size = fc.integer({ min: 1, max: 4 });
    fc.assert(
      fc.property(tensor([1, 2, 4, 5]), tensor([3, 2, 4, 4]), size, size, fc.integer({ min: 1, max: 2 }), (x, all, kh, kw, dilation) => {
        const w = all.slice([null, null, [0, kh], [0, kw]]);
        const y = conv2d(x, w, { padding: 'same', dilation });
        expect(y.shape).toEqual([1, 3, 4, 5]);
        const widths = [kh, kw].map((k) => [Math.floor((dilation * (k - 1)) / 2), Math.ceil((dilation * (k - 1)) / 2)] as const);
        expectClose(y, conv2d(tapegrad.pad(x, [[0, 0], [0, 0], ...widths]), w, { dilation })); // biome-ignore format: widths
        const line = tapegrad.conv1d(x.reshape([1, 2, 20]), w.reshape([3, 2, kh * kw]), { padding: 'same' });
        expect(line.shape).toEqual([1, 3, 20]);
      }),
      { numRuns: runs(20) },
    );
    const [x, w] = [counted(1, 1, 3, 3), Tensor.ones([1, 1, 2, 2])];
    expect(conv2d(x, w, { padding: 'valid' }).toArray()).toEqual(conv2d(x, w).toArray());
    expect(tapegrad.conv1d(counted(1, 1, 4), Tensor.ones([1, 1, 4]), { padding: 'same' }).toArray()).toEqual([[[3, 6, 6, 5]]]);
  });
});

describe('filters of their own for each example', () => {
  test('are mapped as groups, and so are their derivatives', () => {
    const [x, w] = [
      Tensor.normal([3, 2, 2, 4, 4], { seed: 1, dtype: 'float64' }),
      Tensor.normal([3, 4, 1, 2, 2], { seed: 2, dtype: 'float64' }),
    ];
    const f = (x: Tensor, w: Tensor) => conv2d(x, w, { groups: 2, padding: 1 });
    const each = (g: (x: Tensor, w: Tensor) => Tensor) => tapegrad.stack([0, 1, 2].map((i) => g(x.slice([i]), w.slice([i]))));
    expectClose(tapegrad.vmap(f)(x, w), each(f));
    const loss = (x: Tensor, w: Tensor) => f(x, w).pow(2).sum();
    for (const argument of [0, 1]) {
      const slope = (x: Tensor, w: Tensor) => tapegrad.grad(loss, argument)(x, w) as Tensor;
      expectClose(tapegrad.vmap(slope)(x, w), each(slope));
    }
    expectClose(tapegrad.vmap((x: Tensor) => f(x, w.slice([0])))(x), tapegrad.stack([0, 1, 2].map((i) => f(x.slice([i]), w.slice([0])))));
    expectClose(tapegrad.vmap((w: Tensor) => f(x.slice([0]), w))(w), tapegrad.stack([0, 1, 2].map((i) => f(x.slice([0]), w.slice([i])))));
  });
});

describe('what JavaScript may hand over', () => {
  const [x, w, line, filter] = [counted(1, 1, 3, 3), Tensor.ones([1, 1, 2, 2]), counted(1, 1, 3), Tensor.ones([1, 1, 2])];
  const all: [string, (x: any, w: any, options?: any) => unknown, Tensor, Tensor][] = [
    ['conv2d', conv2d, x, w],
    ['conv1d', tapegrad.conv1d, line, filter],
    ['convTranspose2d', convTranspose2d, x, w],
    ['convTranspose1d', tapegrad.convTranspose1d, line, filter],
  ];
  test.each(all)('%s refuses by its own name', (name, f, x, w) => {
    const refused = (call: () => unknown, kind: new (...args: any[]) => Error, what: string) => {
      expect(call).toThrow(kind);
      expect(call).toThrow(`${name}: ${what}`);
    };
    for (const wrong of [undefined, null, 1, 'x', [1], {}, () => x]) {
      refused(() => f(wrong, w), DtypeError, 'expected a tensor for x, got ');
      refused(() => f(x, wrong), DtypeError, 'expected a tensor for weight, got ');
    }
    for (const wrong of [Tensor.ones([1]), 2, 'same', [1, 1], null, true])
      refused(() => f(x, w, wrong), ValueError, 'expected options, such as { stride: … }, got ');
    refused(() => f(x, w, { pad: 1 }), ValueError, 'there is no option pad; did you mean padding?');
    refused(() => f(x, w, { strides: 1 }), ValueError, 'there is no option strides; did you mean stride?');
    for (const stride of [0, -1, 0.5, NaN, '2', [1], [1, 2, 3], [1, '1'], {}, null])
      refused(() => f(x, w, { stride }), ValueError, 'expected a stride ');
    for (const padding of [-1, 0.5, 'full', [1], {}]) refused(() => f(x, w, { padding }), ValueError, 'expected a padding ');
    refused(() => f(x, w, { dilation: 0 }), ValueError, 'expected a dilation ');
    for (const groups of ['1', null, [], NaN]) refused(() => f(x, w, { groups }), ValueError, 'expected groups that divide ');
    refused(() => f(x, w, { bias: 5 }), DtypeError, 'expected a tensor for the bias, got the number 5');
    refused(
      () => f(x, w, { bias: Tensor.ones([1], 'float64') }),
      DtypeError,
      'expected a bias in float32, as x, got float64; convert one with cast',
    );
    refused(() => f(x, w.cast('float64')), DtypeError, 'expected filters in float32, as x, got float64; convert one with cast');
    refused(() => f(x.cast('int32'), w), DtypeError, 'expected float32 or float64, got int32 of shape');
    refused(() => f(x, w.reshape([w.size])), ShapeError, 'expected filters with ');
    refused(() => f(x.squeeze(0), w), ShapeError, 'expected ');
    refused(() => f(x, Tensor.zeros([1, 1, ...w.shape.slice(2).map(() => 0)])), ValueError, 'expected a kernel size ');
  });

  refuses('%s is refused', [
    ['a named padding of a transposed convolution', () => convTranspose2d(x, w, { padding: 'same' as never }), ValueError, /^convTranspose2d: expected a padding of whole numbers from 0, got 'same'/],
    ["a stride beside 'same'", () => conv2d(x, w, { padding: 'same', stride: [1, 2] }), ValueError, /^conv2d: expected a stride of 1 for padding 'same', got \[1, 2\]/],
    ['outputPadding that is text', () => convTranspose2d(x, w, { stride: 2, outputPadding: '1' as never }), ValueError, /^convTranspose2d: expected an outputPadding .* got '1'/],
    ['outputPadding with three sizes', () => convTranspose2d(x, w, { stride: 2, outputPadding: [1, 1, 1] as never }), ValueError, /^convTranspose2d: expected an outputPadding/],
    ['outputPadding of text, along one axis', () => tapegrad.convTranspose1d(line, filter, { stride: 2, outputPadding: [0, 1] as never }), ValueError, /^convTranspose1d: expected an outputPadding/],
    ['a transposed convolution of which nothing is left', () => convTranspose2d(Tensor.ones([1, 1, 1, 1]), Tensor.ones([1, 1, 1, 1]), { padding: 1 }), ShapeError, /^convTranspose2d: nothing is left of \[1, 1, 1, 1\] for a padding of \[1, 1\]: -1 × -1/],
    ['a transposed convolution with no pixel', () => convTranspose2d(Tensor.ones([1, 1, 2, 2]), Tensor.ones([1, 1, 1, 1]), { padding: 1 }), ShapeError, /: 0 × 0$/],
    ['a size that nobody can have', () => conv2d(x, w, { padding: 1e6 }), ShapeError, /^conv2d: expected at most/],
    ['a transposed size that nobody can have', () => convTranspose2d(x, w, { stride: 1e6 }), ShapeError, /^convTranspose2d: expected at most/],
    ['images with channels last', () => conv2d(Tensor.ones([1, 28, 28, 3]), Tensor.ones([4, 3, 3, 3])), ShapeError, /; channels come second: x\.permute\(\[0, 3, 1, 2\]\)$/],
    ['signals with channels last', () => tapegrad.conv1d(Tensor.ones([1, 28, 3]), Tensor.ones([4, 3, 3])), ShapeError, /^conv1d: filters \[4, 3, 3\] in 1 group see 3 channels, got 28, in x \[1, 28, 3\]; channels come second: x\.permute\(\[0, 2, 1\]\)$/],
  ]); // biome-ignore format: one line a case

  test('a transposed convolution may leave a single pixel', () => {
    expect(convTranspose2d(counted(1, 1, 3, 3), Tensor.ones([1, 1, 1, 1]), { padding: 1 }).toArray()).toEqual([[[[4]]]]);
  });
});
