/** What functions of tensors refuse, and by which words; and what they make of what is empty, scalar, or only just allowed. */

import { describe, expect, test } from 'vitest';
import { ops } from '../../scripts/operations/table.ts';
import * as tapegrad from '../../src/index.ts';
import { hessian, perform, ShapeError, Tape, Tensor, ValueError, vjp } from '../../src/index.ts';

const float64 = (values: any): Tensor => Tensor.of(values, 'float64');
const int32 = (values: any): Tensor => Tensor.of(values, 'int32');
const counted = (...shape: number[]): Tensor => Tensor.arange(shape.reduce((a, b) => a * b, 1)).reshape(shape);
/** The operations that a function performs. */
const operationsOf = (f: () => unknown): string[] => {
  const tape = new Tape();
  tape.record(f);
  return tape.entries.map(({ op }) => op.name);
};

test.each<[string, () => unknown, RegExp]>([
  ['tril of a list', () => tapegrad.tril(Tensor.of([1])), /^tril: expected matrices, got shape \[1\]/],
  ['diagonal of a list', () => tapegrad.diagonal(Tensor.of([1])), /^diagonal: expected matrices, got shape \[1\]/],
  ['diag of a number', () => tapegrad.diag(Tensor.of(1)), /^diag: expected the numbers of a diagonal/],
  ['determinant of a number', () => tapegrad.det(Tensor.of(2)), /^det: expected square matrices/],
  [
    'qr, as an operation, of a wide matrix',
    () => perform(ops['qr']!, { a: counted(1, 2) }),
    /^qr: expected at least as many rows as columns/,
  ],
  ['cholesky of nothing but 0', () => tapegrad.cholesky(Tensor.zeros([1, 1])), /^cholesky: expected positive definite .* got pivot 0/],
  ['solve with a first column of 0', () => tapegrad.solve(float64([[0, 1], [0, 2]]), float64([1, 2])), /no pivot but 0 for column 0/], // biome-ignore format: a matrix
  ['solve with one number on the right', () => tapegrad.solve(Tensor.eye(1), Tensor.of(1)), /^solve: expected a right side/],
  [
    'solveTriangular with 0 further down',
    () => tapegrad.solveTriangular(float64([[1, 0], [2, 0]]), float64([1, 2]), { upper: false }), // biome-ignore format: a matrix
    /^solveTriangular: expected no zero on the diagonal, got 0 in row 1/,
  ],
  [
    'solveTriangular transposed by a word',
    () => tapegrad.solveTriangular(Tensor.eye(1), Tensor.ones([1]), { upper: true, transposed: 'yes' as never }),
    /transposed yes$/,
  ],
  ['concat of other ranks', () => tapegrad.concat([counted(2, 3), counted(2)], 1), /^concat: tensor 1 of shape \[2\] does not follow/],
  ['concat of other ranks, the first being less', () => tapegrad.concat([counted(2), counted(2, 3)]), /^concat: tensor 1 of shape/],
  ['outer of a matrix', () => tapegrad.outer(counted(2, 2), counted(2)), /^outer: expected two vectors/],
  ['outer with a matrix', () => tapegrad.outer(counted(2), counted(2, 2)), /^outer: expected two vectors/],
  [
    'putAlongAxis with indices for other rows',
    () => tapegrad.putAlongAxis(counted(2, 3), 1, int32([[0], [1], [2]]), counted(3, 1)),
    /^putAlongAxis: expected indices that broadcast to \[2, 1\], the shape of x but along axis 1, got \[3, 1\]/,
  ],
])('%s is refused', (_, f, message) => expect(f).toThrow(message));

describe('einsum refuses', () => {
  const [a, b] = [counted(2, 3), counted(3, 4)];
  test.each<[string, Tensor[], RegExp]>([
    ['ij->i->j', [a], /^einsum: more than one ->/],
    ['ij,jk->ik', [a], /^einsum: 2 factors are named, got 1/],
    ['1', [counted(2)], /^einsum: '1' is made of other than letters/],
    ['ij->ii', [a], /^einsum: the result names i, which must be an axis of a factor, and be named once/],
    ['ij->ik', [a], /^einsum: the result names k/],
    ['ii', [a], /^einsum: axes named i have sizes 2 and 3, in shape \[2, 3\]/],
    ['ij,ik', [a, b], /^einsum: axis i has sizes 2 and 3, in 'ij,ik' with shapes \[2, 3\], \[3, 4\]/],
    ['ij,jk', [a, counted(1, 4)], /^einsum: axis j has sizes 3 and 1/],
    ['Ai,A', [counted(1, 3), counted(2)], /^einsum: axis A has sizes 1 and 2/],
    ['...i,...i->...', [a, counted(4, 3)], /^einsum: axis 0 has sizes 2 and 4/],
    ['...,...,...->...', [counted(2), counted(1), counted(4)], /^einsum: axis 0 has sizes 2 and 4/],
    ['...ijk->i', [a], /^einsum: '...ijk' names 3 axes of factor 0, got shape \[2, 3\]/],
    ['i->i', [a], /^einsum: 'i' names 1 axes of factor 0/],
  ])('%s', (equation, factors, message) => expect(() => tapegrad.einsum(equation, ...factors)).toThrow(message));
});

describe('einsum takes', () => {
  const [a, b] = [counted(2, 3), counted(3, 4)];
  test('capital letters, and orders the axes of an unspoken result by their names', () => {
    expect(tapegrad.einsum('AB,BC', a, b).toArray()).toEqual(a.matmul(b).toArray());
    expect(tapegrad.einsum('BA', a).toArray()).toEqual(a.transpose().toArray());
    expect(tapegrad.einsum('ij->j', a).toArray()).toEqual(a.sum(0).toArray());
    expect(tapegrad.einsum('ijk->k', counted(2, 3, 2)).toArray()).toEqual(counted(2, 3, 2).sum([0, 1]).toArray());
    expect(tapegrad.einsum('ijk->kj', counted(2, 3, 2)).toArray()).toEqual(counted(2, 3, 2).sum(0).transpose().toArray());
  });

  test('any number of leading axes, none as well, that align at their last and stretch from 1', () => {
    const [x, y] = [counted(5, 2, 3), counted(2, 4, 3)];
    expect(tapegrad.einsum('...i,...i->...', counted(3), counted(3)).item()).toBe(5);
    expect(tapegrad.einsum('...i,i', x, counted(3)).toArray()).toEqual(x.matmul(counted(3)).toArray());
    const wanted = x.reshape([5, 2, 1, 3]).mul(y).sum(-1);
    expect(tapegrad.einsum('...ai,...bi->...ab', x.reshape([5, 2, 1, 3]), y).toArray()).toEqual(wanted.reshape([5, 2, 1, 4]).toArray());
    expect(tapegrad.einsum('...ai,...bi', x.reshape([5, 2, 1, 3]), y).toArray()).toEqual(wanted.reshape([5, 2, 1, 4]).toArray());
    for (const [first, second] of [
      [a, counted(1, 3)],
      [counted(1, 3), a],
    ] as const)
      expect(tapegrad.einsum('...i,...i->...i', first, second).toArray()).toEqual(first.mul(second).toArray());
  });
});

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

  test('transposed, lay the filter about every pixel, and show as much at the end as they are told', () => {
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

  test('may have as much room as half a window', () => {
    expect(tapegrad.avgPool2d(image, 2, { padding: 1 }).shape).toEqual([1, 1, 3, 3]);
  });
});

describe('normalisation', () => {
  const x = float64([[1, 3], [5, 11]]); // biome-ignore format: a matrix
  test.each<[string, () => unknown, RegExp]>([
    ['over no axes', () => tapegrad.layerNorm(x, []), /^layerNorm: expected \[\] to be the last axes of x/],
    ['with weights for another', () => tapegrad.layerNorm(x, [2], { weight: counted(3) }), /^layerNorm: expected a weight and bias of shape \[2\], got \[3\]/], // biome-ignore format: one line
    [
      'of a list, by groups',
      () => tapegrad.groupNorm(counted(2), 1),
      /^groupNorm: expected \[n, channels\] with at least 2 axes, got \[2\]/,
    ],
    ['of rows, by instances', () => tapegrad.instanceNorm(x), /^instanceNorm: expected \[n, channels, …\] with at least 3 axes/],
    ['with a weight for each of other channels', () => tapegrad.groupNorm(x, 1, { weight: counted(3) }), /one number for each of 2 channels/], // biome-ignore format: one line
    ['in no groups', () => tapegrad.groupNorm(x, 0), /^groupNorm: expected groups that divide 2 channels, got 0/],
    ['in less than no groups', () => tapegrad.groupNorm(x, -1), /got -1/],
    ['in groups and a half', () => tapegrad.groupNorm(counted(2, 3), 1.5), /got 1.5/],
    ['in groups that leave some over', () => tapegrad.groupNorm(counted(2, 3), 2), /got 2/],
    ['of a batch with one number a channel', () => tapegrad.batchNorm(x.slice([[0, 1]])), /^batchNorm: expected more than one number/],
    ['of a batch by nothing', () => tapegrad.batchNorm(x, { training: false }), /^batchNorm: expected running statistics/],
  ])('%s is refused', (_, f, what) => expect(f).toThrow(what));

  test('of what is empty is empty', () => {
    expect(tapegrad.batchNorm(Tensor.zeros([2, 0])).y.shape).toEqual([2, 0]);
    expect(tapegrad.groupNorm(Tensor.zeros([2, 0]), 1).shape).toEqual([2, 0]);
  });

  test('of a batch takes its mean and its unbiased variance into the running ones, through which no gradient passes', () => {
    const running = { mean: float64([1, 1]), variance: float64([2, 4]) };
    const batch = tapegrad.batchNorm(x, { running, training: true, momentum: 0.25 });
    expect(batch.running!.mean.toArray()).toEqual([0.75 + 0.25 * 3, 0.75 + 0.25 * 7]);
    expect(batch.running!.variance.toArray()).toEqual([1.5 + 0.25 * 8, 3 + 0.25 * 32]);
    const [, pullback] = vjp((x: Tensor) => tapegrad.batchNorm(x, { running, training: true }).running!.mean, x);
    expect(pullback(float64([1, 1]))[0]!.data.every((g) => g === 0)).toBe(true);
    expect(tapegrad.batchNorm(x, { running, epsilon: 0 }).y.toArray()).toEqual([
      [0, 1],
      [4 / Math.sqrt(2), 5].map((y) => expect.closeTo(y, 13)),
    ]);
  });

  test('by the root of the mean square counts what is added to it', () => {
    expect(tapegrad.rmsNorm(float64([3, 3]), [2], { epsilon: 7 }).toArray()).toEqual([0.75, 0.75]);
  });
});

describe('padding', () => {
  const x = Tensor.of([1, 2]);
  test('cuts away what there is, and no more', () => {
    expect(tapegrad.pad(x, [[-1, -1]]).shape).toEqual([0]);
    expect(tapegrad.pad(x, [[-2, 3]]).toArray()).toEqual([0, 0, 0]);
    expect(tapegrad.pad(x, [[-2, 3]], { value: 7 }).toArray()).toEqual([7, 7, 7]);
    expect(tapegrad.pad(x, [[1, -2]], { value: 7 }).toArray()).toEqual([7]);
    for (const widths of [
      [-3, 2],
      [2, -3],
      [-2, -1],
      [-3, 5],
    ] as const)
      for (const options of [{}, { value: 7 }, { mode: 'replicate' }] as const)
        expect(() => tapegrad.pad(x, [widths], options)).toThrow(/^pad: axis 0 of shape \[2\] has no 3 elements to cut away/);
  });

  test('is told in whole numbers, and shows no more than there is', () => {
    expect(() => tapegrad.pad(x, [[0.5, 1]])).toThrow(/^pad: expected \[before, after\] in whole numbers/);
    expect(() => tapegrad.pad(x, [[1, 0.5]])).toThrow(ShapeError);
    expect(() => tapegrad.pad(x, [])).toThrow(ShapeError);
    expect(() => tapegrad.pad(x, [[0, 2]], { mode: 'reflect' })).toThrow(/^pad: expected at most 1 on each side/);
    expect(() => tapegrad.pad(x, [[0, 5]], { mode: 'reflect' })).toThrow(/^pad: expected at most 1/);
    expect(() => tapegrad.pad(x, [[2, 0]], { mode: 'reflect' })).toThrow(/^pad: expected at most 1/);
    expect(() => tapegrad.pad(x, [[0, 3]], { mode: 'circular' })).toThrow(/^pad: expected at most 2/);
    expect(() => tapegrad.pad(Tensor.zeros([0]), [[1, 0]], { mode: 'replicate' })).toThrow(/^pad: expected at most 0/);
    expect(tapegrad.pad(x, [[2, 2]], { mode: 'circular' }).toArray()).toEqual([1, 2, 1, 2, 1, 2]);
    expect(tapegrad.pad(x, [[1, 1]], { mode: 'reflect' }).toArray()).toEqual([2, 1, 2, 1]);
  });

  test('with nothing is the tensor itself, and with zeros takes no tensor of zeros', () => {
    expect(tapegrad.pad(x, [[0, 0]])).toBe(x);
    expect(operationsOf(() => tapegrad.pad(x, [[1, 0]]))).toEqual(['slice', 'unslice']);
  });
});

describe('movement', () => {
  test('rolls round as often as it is told, the whole way to the tensor itself', () => {
    const x = Tensor.of([1, 2, 3, 4, 5]);
    for (const shift of [-12, -7, -5, -2, 0, 3, 5, 8, 10]) {
      const wanted = [...x.data].map((_, i) => x.data[(((i - shift) % 5) + 5) % 5]);
      expect(tapegrad.roll(x, shift, 0).toArray()).toEqual(wanted);
    }
    expect(tapegrad.roll(x, -10, 0)).toBe(x);
    expect(tapegrad.roll(Tensor.zeros([0]), 1, 0).shape).toEqual([0]);
  });

  test('of a number is the number', () => {
    expect(Tensor.of(5).permute([]).item()).toBe(5);
    expect(Tensor.of(5).slice([]).item()).toBe(5);
  });

  test('makes a matrix of any diagonal, and a diagonal of any matrix', () => {
    expect(tapegrad.diag(Tensor.of([1, 2])).toArray()).toEqual([
      [1, 0],
      [0, 2],
    ]);
    expect(tapegrad.diag(counted(2, 1, 2)).shape).toEqual([2, 1, 2, 2]);
    for (const offset of [-5, -2, 2, 5]) expect(tapegrad.diagonal(counted(2, 2), offset).shape).toEqual([0]);
    expect(tapegrad.diagonal(counted(3, 2), 0).toArray()).toEqual([0, 3]);
  });
});

describe('indices of fewer rows', () => {
  const x = counted(3, 4);
  const indices = int32([[3, 0], [1, 1]]); // biome-ignore format: a matrix
  test('pick from the first of them, and put back there', () => {
    expect(x.gather(1, indices).toArray()).toEqual([
      [3, 0],
      [5, 5],
    ]);
    expect(x.gather(0, int32([[2, 1, 0]])).toArray()).toEqual([[8, 5, 2]]);
    expect(
      x
        .gather(
          0,
          int32([
            [2, 1, 0],
            [0, 0, 1],
          ]),
        )
        .toArray(),
    ).toEqual([
      [8, 5, 2],
      [0, 1, 6],
    ]);
    expect(Tensor.of([[1, 2], [3, 4]]).scatterSum([3, 4], 1, indices).toArray()).toEqual([
      [2, 0, 0, 1],
      [0, 7, 0, 0],
      [0, 0, 0, 0],
    ]); // biome-ignore format: a matrix
  });

  test('replace what they name, along the first axis as along the last', () => {
    const source = Tensor.of([[10, 20], [30, 40]]); // biome-ignore format: a matrix
    expect(tapegrad.putAlongAxis(counted(3, 2), 0, int32([[2, 0], [2, 1]]), source).toArray()).toEqual([
      [0, 20],
      [2, 40],
      [30, 5],
    ]); // biome-ignore format: a matrix
    const empty = tapegrad.putAlongAxis(counted(2), 0, Tensor.zeros([0], 'int32'), Tensor.zeros([0]));
    expect(empty.toArray()).toEqual([0, 1]);
  });
});

describe('lines without further axes', () => {
  test('are halved, gated, compared and measured along themselves', () => {
    expect(tapegrad.median(Tensor.of([3, 1, 2])).values.item()).toBe(2);
    expect(tapegrad.glu(Tensor.of([3, 0])).toArray()).toEqual([1.5]);
    expect(tapegrad.pairwiseDistance(Tensor.of([3, 4]), Tensor.of([0, 0])).item()).toBe(5);
    expect(tapegrad.cosineEmbeddingLoss(Tensor.of([1, 0]), Tensor.of([0, 1]), Tensor.of(1)).item()).toBe(1);
    expect(tapegrad.pairwiseDistance(counted(2, 2, 2), Tensor.zeros([2, 2, 2])).shape).toEqual([2, 2]);
  });
});

describe('matrices that are nearly singular, or many', () => {
  test('have determinants in float32 whose second derivatives keep their digits', () => {
    const a = Tensor.of([[0.1, 0.3], [0.7, 2.1004]]); // biome-ignore format: a matrix
    const wanted = [0, 0, 0, 1, 0, 0, -1, 0, 0, -1, 0, 0, 1, 0, 0, 0];
    expect([...hessian((a: Tensor) => tapegrad.det(a))(a).data]).toEqual(wanted.map((h) => expect.closeTo(h, 5)));
  });

  test('in batches of batches have eigenvalues with the gradients of each alone', () => {
    const a = Tensor.normal([2, 1, 3, 3], { seed: 5, dtype: 'float64' }) as Tensor;
    const slopes = (x: Tensor) =>
      vjp(
        (x: Tensor) =>
          tapegrad
            .eigh(x)
            .values.mul(float64([1, 2, 4]))
            .sum(),
        x,
      )[1](float64(1))[0]!;
    const [whole, alone] = [slopes(a), slopes(a.slice([1, 0]))];
    expect(whole.shape).toEqual([2, 1, 3, 3]);
    alone.data.forEach((g, i) => expect(whole.data[9 + i]).toBeCloseTo(g, 12));
  });
});

describe('rows of probabilities', () => {
  test('are such within a 128th, and there may be none', () => {
    const loss = (row: number[]) => tapegrad.crossEntropy(Tensor.zeros([1, 2], 'float64'), float64([row]), { reduction: 'none' }).item();
    const edge = 2 ** -7;
    for (const row of [
      [-edge, 1],
      [0.5, 0.5 - edge],
      [0.5, 0.5 + edge],
    ])
      expect(loss(row)).toBeGreaterThan(0);
    for (const row of [
      [-1.01 * edge, 1 + edge],
      [0.5, 0.49],
      [0.5, 0.51],
      [NaN, 1],
    ])
      expect(() => loss(row)).toThrow(ValueError);
    for (const classes of [0, 3])
      expect(tapegrad.crossEntropy(Tensor.zeros([0, classes]), Tensor.zeros([0], 'int32'), { reduction: 'none' }).shape).toEqual([0]);
  });
});
