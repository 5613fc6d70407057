/** The cross-entropy of classes and of rows of probabilities. */

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import * as tapegrad from '../../../src/index.ts';
import { crossEntropy, DtypeError, ShapeError, Tensor, ValueError } from '../../../src/index.ts';
import { expectClose, tensor } from '../../book/lib.ts';
import { at, range, sumOver } from '../../lib/loops.ts';
import { refuses } from '../../lib/refuses.ts';
import { float64 } from '../../lib/tensors.ts';

const none = { reduction: 'none' } as const;

describe('losses', () => {
  test('weigh, ignore and smooth as PyTorch says', () => {
    fc.assert(
      fc.property(
        tensor([4, 3]),
        fc.array(fc.integer({ min: 0, max: 2 }), { minLength: 4, maxLength: 4 }),
        fc.constantFrom(0, 0.1),
        fc.constantFrom(undefined, 1),
        (x, classes, labelSmoothing, ignoreIndex) => {
          const weight = Tensor.of([0.5, 2, 1], 'float64');
          const log = x.logSoftmax(1);
          const counted = range(4).filter((i) => classes[i] !== ignoreIndex);
          const w = (c: number) => weight.data[c]!;
          const loss = (i: number) =>
            -(1 - labelSmoothing) * w(classes[i]!) * at(log, [i, classes[i]!]) -
            (labelSmoothing / 3) * sumOver([3], (c) => w(c) * at(log, [i, c]));
          const wanted = range(4).map((i) => (counted.includes(i) ? loss(i) : 0));
          const options = { weight, labelSmoothing, ...(ignoreIndex !== undefined && { ignoreIndex }) };
          const target = Tensor.of(classes, 'int32');
          expectClose(tapegrad.crossEntropy(x, target, { ...options, reduction: 'none' }), Tensor.of(wanted, 'float64'));
          const total = counted.reduce((sum, i) => sum + w(classes[i]!), 0);
          const mean = tapegrad.crossEntropy(x, target, options).item();
          if (total > 0) expect(mean).toBeCloseTo(wanted.reduce((a, b) => a + b) / total, 10);
          else expect(mean).toBe(NaN);
        },
      ),
    );
  });

  test('of classes and of rows that are certain of them agree', () => {
    fc.assert(
      fc.property(tensor([3, 4]), fc.constantFrom(0, 0.2), (x, labelSmoothing) => {
        const classes = Tensor.of([2, 0, 3], 'int32');
        expectClose(
          tapegrad.crossEntropy(x, classes, { labelSmoothing }),
          tapegrad.crossEntropy(x, classes.oneHot(4, 'float64'), { labelSmoothing }),
        );
        expectClose(tapegrad.crossEntropy(x, classes), tapegrad.nllLoss(x.logSoftmax(1), classes));
      }),
    );
  });

  test('of classes take one operation without weights, and an impossible class beside the right one costs nothing', () => {
    const [logits, classes] = [Tensor.of([[0, 0, -Infinity]]), Tensor.of([1], 'int32')];
    const tape = new tapegrad.Tape({ logits, classes });
    tape.record(() => tapegrad.crossEntropy(logits, classes, none));
    expect(tape.entries.map(({ op }) => op.name)).toEqual(['crossEntropyOfClasses']);
    const mean = new tapegrad.Tape();
    mean.record(() => tapegrad.crossEntropy(logits, classes));
    expect(mean.entries.map(({ op }) => op.name)).toEqual(['crossEntropyOfClasses', 'sum', 'div']);
    const weighed = tapegrad.crossEntropy(logits, classes, { weight: Tensor.ones([3]) });
    expect(weighed.item()).toBeCloseTo(Math.LN2, 6);
  });

  test('of images have a class for each pixel', () => {
    const logits = Tensor.normal([2, 3, 2, 2], { seed: 1, dtype: 'float64' });
    const classes = Tensor.of(
      [
        [
          [0, 1],
          [2, 0],
        ],
        [
          [1, 1],
          [2, 2],
        ],
      ],
      'int32',
    );
    const losses = tapegrad.crossEntropy(logits, classes, none);
    expect(losses.shape).toEqual([2, 2, 2]);
    expect(losses.slice([1, 0, 1]).item()).toBeCloseTo(-logits.logSoftmax(1).slice([1, 1, 0, 1]).item(), 13);
    expect(tapegrad.nllLoss(logits.logSoftmax(1), classes, none).toArray()).toEqual(
      losses.toArray().map((plane: number[][]) => plane.map((row) => row.map((loss) => expect.closeTo(loss, 13)))),
    );
    const smoothed = (labelSmoothing: number) => tapegrad.crossEntropy(logits, classes, { labelSmoothing, ...none });
    expect(smoothed(1).slice([0, 0, 0]).item()).toBeCloseTo(-logits.logSoftmax(1).slice([0, null, 0, 0]).mean().item(), 13);
    for (const wrong of [-0.1, 1.1, NaN])
      expect(() => smoothed(wrong)).toThrow(/^crossEntropy: expected labelSmoothing to be a number from 0 to 1/);
    expect(() => tapegrad.crossEntropy(Tensor.zeros([1, 3]), Tensor.of([-1], 'int32'), { ignoreIndex: 0 })).toThrow(
      /^crossEntropy: expected classes from 0 to 2, got -1 at place 0/,
    );
  });
});

describe('a single example', () => {
  const [logits, three] = [float64([1, 2, 3]), float64([0.5, 2, 1])];

  test('has the loss that it has in a batch of its own, whatever the options', () => {
    fc.assert(
      fc.property(
        fc.record(
          {
            weight: fc.constant(three),
            ignoreIndex: fc.constantFrom(0, 1),
            labelSmoothing: fc.constantFrom(0, 0.3),
            reduction: fc.constantFrom('mean', 'sum', 'none'),
          },
          { requiredKeys: [] },
        ),
        fc.integer({ min: 0, max: 2 }),
        (options: any, label) => {
          const [one, batch] = [Tensor.of(label, 'int32'), logits.reshape([1, 3])];
          const row = float64([0.25, 0.5, 0.25]);
          const { labelSmoothing: _, ...plain } = options;
          const pairs: [Tensor, Tensor][] = [
            [crossEntropy(logits, one, options), crossEntropy(batch, one.reshape([1]), options)],
            [crossEntropy(logits, row, options), crossEntropy(batch, row.reshape([1, 3]), options)],
            [tapegrad.nllLoss(logits, one, plain), tapegrad.nllLoss(batch, one.reshape([1]), plain)],
          ];
          for (const [alone, inBatch] of pairs) {
            expect(alone.shape).toEqual([]);
            expect(alone.data).toEqual(inBatch.data);
          }
        },
      ),
    );
  });

  test('may be mapped, and classes and probabilities of every example are checked', () => {
    const x = float64([[1, 2], [3, 5], [0, 0]]); // biome-ignore format: a matrix
    const [classes, wrong] = [Tensor.of([1, 0, 1], 'int32'), Tensor.of([1, 2, 1], 'int32')];
    const rows = (middle: number) => float64([[0, 1], [0.5, middle], [1, 0]]); // biome-ignore format: a matrix
    for (const options of [{}, { labelSmoothing: 0.25 }]) {
      const each = tapegrad.vmap((x: Tensor, y: Tensor) => crossEntropy(x, y, options) as Tensor);
      expectClose(each(x, classes), crossEntropy(x, classes, { ...options, ...none }));
      expectClose(each(x, rows(0.5)), crossEntropy(x, rows(0.5), { ...options, ...none }));
      expect(() => each(x, wrong)).toThrow(/^crossEntropy: .* 2/);
      expect(() => each(x, rows(0.75))).toThrow(/^crossEntropy: expected rows of probabilities.*row \d sums to 1\.25$/);
    }
  });
});

describe('rows of probabilities', () => {
  test('may be off by a 128th, and there may be no rows', () => {
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

describe('the cross-entropy of rows of probabilities', () => {
  test('adds nothing for a target probability of 0, even where the logarithm is infinite', () => {
    expect(crossEntropy(Tensor.of([[-Infinity, 0]]), Tensor.of([[0, 1]]), { reduction: 'none' }).item()).toBe(0);
    expect(crossEntropy(Tensor.of([[0, 0]], 'float64'), Tensor.of([[0.25, 0.75]], 'float64'), { reduction: 'none' }).item()).toBeCloseTo(
      Math.LN2,
      14,
    );
  });
});

describe('bad input is refused, by name', () => {
  const x = Tensor.zeros([2, 3]);
  const classes = Tensor.of([1, 0], 'int32');
  refuses('%s', [
    [
      'crossEntropy of a scalar',
      () => crossEntropy(Tensor.of(1), classes),
      ShapeError,
      /^crossEntropy: expected predictions \[n, classes, …\] or \[classes\], got a scalar/,
    ],
    [
      'crossEntropy of int32',
      () => crossEntropy(x.cast('int32'), classes),
      DtypeError,
      /^crossEntropy: expected float32 or float64, got int32 of shape \[2, 3\] for the prediction/,
    ],
    [
      'crossEntropy of an array',
      () => crossEntropy([1] as never, classes),
      DtypeError,
      /^crossEntropy: expected a tensor for the prediction, got an array/,
    ],
    [
      'crossEntropy against float classes',
      () => crossEntropy(x, Tensor.of([1, 0]) as never, { labelSmoothing: 0.1 }),
      DtypeError,
      /^crossEntropy: expected class indices in int32, got float32 of shape \[2\]/,
    ],
    [
      'crossEntropy against probabilities in int32',
      () => crossEntropy(x, Tensor.zeros([2, 3], 'int32')),
      DtypeError,
      /^crossEntropy: expected a target in float32, the dtype of the prediction, got int32/,
    ],
    [
      'crossEntropy against wider probabilities',
      () => crossEntropy(x, Tensor.ones([2, 3], 'float64')),
      DtypeError,
      /^crossEntropy: expected a target in float32/,
    ],
    [
      'nllLoss against probabilities',
      () => tapegrad.nllLoss(x, x),
      ShapeError,
      /^nllLoss: expected int32 classes of shape \[2\], got float32 \[2, 3\]/,
    ],
    [
      'nllLoss of a class that is none',
      () => tapegrad.nllLoss(x, Tensor.of([0, 3], 'int32')),
      ValueError,
      /^nllLoss: expected classes from 0 to 2, got 3 at place 1 of \[2\]$/,
    ],
    [
      'ignoreIndex of a fraction',
      () => crossEntropy(x, classes, { ignoreIndex: 0.5 }),
      ValueError,
      /^crossEntropy: expected ignoreIndex to be a whole number, got 0.5/,
    ],
    ...[crossEntropy as (...given: any[]) => Tensor, tapegrad.nllLoss].flatMap((loss) => {
      const wrong = (weight: any) => () => loss(x, classes, { weight });
      return [
        ['too few weights', wrong(Tensor.ones([2])), ShapeError, /: expected a weight for each class, of shape \[3\], got \[2\]$/],
        ['one weight for all', wrong(Tensor.ones([1])), ShapeError, /got \[1\]$/],
        ['a matrix of weights', wrong(Tensor.ones([1, 3])), ShapeError, /got \[1, 3\]$/],
        ['a matrix of weights, read as a list', wrong(Tensor.ones([3, 1])), ShapeError, /got \[3, 1\]$/],
        ['weights of another dtype', wrong(Tensor.ones([3], 'float64')), DtypeError, /: expected a weight in float32, .* got float64/],
        ['weights in an array', wrong([1, 1, 1]), DtypeError, /: expected a tensor for the weight, got an array/],
      ] as [string, () => unknown, typeof DtypeError, RegExp][];
    }),
    [
      'crossEntropy',
      () => tapegrad.crossEntropy(x as Tensor, Tensor.of([1], 'int32')),
      ShapeError,
      /^crossEntropy: expected int32 classes of shape \[2\]/,
    ],
    [
      'classes along the last axis',
      () => tapegrad.crossEntropy(Tensor.zeros([2, 5, 3]), Tensor.zeros([2, 5], 'int32') as never),
      ShapeError,
      /^crossEntropy: expected int32 classes of shape \[2, 3\] .*, got int32 \[2, 5\]; classes are axis 1: moveAxis\(prediction, -1, 1\)$/,
    ],
    [
      'crossEntropy',
      () => tapegrad.crossEntropy(x, Tensor.of([1, 3], 'int32'), { labelSmoothing: 0.1 }),
      ValueError,
      /^crossEntropy: expected classes from 0 to 2, got 3 at place 1/,
    ],
  ]);
});
