/** What all losses share: how they are reduced, and that predictions and targets must be alike. */

import { describe, expect, test } from 'vitest';
import * as tapegrad from '../../../src/index.ts';
import { DtypeError, type Reduction, ShapeError, SoftmaxCrossEntropy, Tensor, ValueError } from '../../../src/index.ts';

const x = Tensor.of([[0.25, 0.75, 0.5], [0.125, 0.5, 0.375]], 'float64'); // biome-ignore format: a matrix
const y = Tensor.of([[0.5, 0.25, 0.25], [0.25, 0.25, 0.5]], 'float64'); // biome-ignore format: a matrix
const signs = Tensor.of([[1, -1, 1], [-1, 1, 1]], 'float64'); // biome-ignore format: a matrix
const ones = Tensor.ones([2, 3], 'float64');
const classes = Tensor.of([2, 0], 'int32');

type Options = { readonly reduction?: Reduction };

/** Each loss of a prediction and a target, beside what else it takes. */
const losses: Record<string, (options?: Options, target?: Tensor) => Tensor> = {
  mseLoss: (o, t = y) => tapegrad.mseLoss(x, t, o),
  l1Loss: (o, t = y) => tapegrad.l1Loss(x, t, o),
  huberLoss: (o, t = y) => tapegrad.huberLoss(x, t, o),
  smoothL1Loss: (o, t = y) => tapegrad.smoothL1Loss(x, t, o),
  poissonNLLLoss: (o, t = y) => tapegrad.poissonNLLLoss(x, t, o),
  gaussianNLLLoss: (o, t = y) => tapegrad.gaussianNLLLoss(x, t, ones, o),
  binaryCrossEntropy: (o, t = y) => tapegrad.binaryCrossEntropy(x, t, o),
  binaryCrossEntropyWithLogits: (o, t = y) => tapegrad.binaryCrossEntropyWithLogits(x, t, o),
  klDivLoss: (o, t = y) => tapegrad.klDivLoss(x, t, o),
  nllLoss: (o, t = classes) => tapegrad.nllLoss(x, t, o),
  crossEntropy: (o, t: Tensor = classes) => tapegrad.crossEntropy(x as Tensor, t, o ?? {}),
  'crossEntropy, of probabilities': (o, t: Tensor = y) => tapegrad.crossEntropy(x as Tensor, t, o ?? {}),
  hingeEmbeddingLoss: (o, t = signs) => tapegrad.hingeEmbeddingLoss(x, t, o),
  softMarginLoss: (o, t = signs) => tapegrad.softMarginLoss(x, t, o),
  marginRankingLoss: (o, t = signs) => tapegrad.marginRankingLoss(x, y, t, o),
  tripletMarginLoss: (o, t = y) => tapegrad.tripletMarginLoss(x, t, ones, o),
  cosineEmbeddingLoss: (o, t = Tensor.of([1, -1], 'float64')) => tapegrad.cosineEmbeddingLoss(x, y, t, o),
};

describe.each(Object.entries(losses))('%s', (name, loss) => {
  test('is its mean by default, its sum, or each loss by itself', () => {
    const each = loss({ reduction: 'none' });
    expect(each.rank).toBeGreaterThan(0);
    expect(loss().toArray()).toEqual(each.mean().toArray());
    expect(loss({ reduction: 'mean' }).toArray()).toEqual(each.mean().toArray());
    expect(loss({ reduction: 'sum' }).toArray()).toEqual(each.sum().toArray());
  });

  test('refuses an unknown reduction', () => {
    expect(() => loss({ reduction: 'average' as never })).toThrow(ValueError);
    expect(() => loss({ reduction: 'average' as never })).toThrow(/expected reduction to be .*'mean', 'sum'.* got 'average'$/);
  });

  const called = name.split(',')[0];

  test('refuses options that it does not know, and what is no options object, by its own name', () => {
    expect(() => loss({ reducton: 'sum' } as never)).toThrow(`${called}: there is no option reducton; did you mean reduction?`);
    for (const options of ['sum', 1, true, ['sum'], x]) {
      expect(() => loss(options as never)).toThrow(ValueError);
      expect(() => loss(options as never)).toThrow(`${called}: expected options, such as {`);
    }
  });

  test('refuses targets that would broadcast, of another dtype, and anything but tensors, by its own name', () => {
    for (const shape of [[1, 1], [2, 3, 1], [3, 3], []]) // biome-ignore format: shapes
      expect(() => loss({}, Tensor.ones(shape, 'float64'))).toThrow(ShapeError);
    const narrow = Tensor.ones(name === 'cosineEmbeddingLoss' ? [2] : [2, 3], 'float32');
    expect(() => loss({}, narrow)).toThrow(name === 'nllLoss' ? ShapeError : DtypeError);
    expect(() => loss({}, narrow)).toThrow(`${called}: expected`);
    for (const wrong of [[1, 2], 3, undefined, null, 'x', {}, () => x]) {
      if (wrong === undefined) continue;
      expect(() => loss({}, wrong as never)).toThrow(DtypeError);
      expect(() => loss({}, wrong as never)).toThrow(`${called}: expected a tensor for the target, got `);
    }
  });
});

describe('crossEntropy', () => {
  test('agrees with the class SoftmaxCrossEntropy, in one operation beside the reduction', () => {
    for (const reduction of ['mean', 'sum', 'none'] as const) {
      const tape = new tapegrad.Tape();
      const loss = tape.record(() => tapegrad.crossEntropy(x as Tensor, classes, { reduction }));
      expect(loss.toArray()).toEqual(new SoftmaxCrossEntropy({ reduction }).forward(x as Tensor, classes).toArray());
      expect(tape.entries[0]!.op.name).toBe('crossEntropyOfClasses');
      expect(tape.entries.length).toBe({ none: 1, sum: 2, mean: 3 }[reduction]);
    }
  });

  test('checks probabilities whatever the options', () => {
    const wrong = Tensor.of([[2, -1, 0], [1, 0, 0]], 'float64'); // biome-ignore format: a matrix
    for (const options of [{}, { weight: Tensor.ones([3], 'float64') }, { labelSmoothing: 0.5 }, { ignoreIndex: -1 }])
      expect(() => tapegrad.crossEntropy(x as Tensor, wrong, options)).toThrow(/^crossEntropy: expected rows of probabilities/);
  });
});

test('the variance of a normal distribution may stretch to the predictions, but not beyond', () => {
  const loss = (variance: Tensor) => tapegrad.gaussianNLLLoss(x, y, variance);
  expect(loss(Tensor.of(1, 'float64')).item()).toBe(loss(ones).item());
  expect(() => loss(Tensor.ones([4, 2, 3], 'float64'))).toThrow(
    /^gaussianNLLLoss: expected a variance that broadcasts to the predictions, \[2, 3\], got \[4, 2, 3\]$/,
  );
});

test('losses of numbers become their mean by default, or their sum', () => {
  const all = tapegrad.mseLoss(x, y, { reduction: 'none' });
  expect(tapegrad.mseLoss(x, y).item()).toBe(all.mean().item());
  expect(tapegrad.mseLoss(x, y, { reduction: 'sum' }).item()).toBe(all.sum().item());
  expect(tapegrad.smoothL1Loss(x, y, { beta: 0, reduction: 'sum' }).item()).toBe(tapegrad.l1Loss(x, y, { reduction: 'none' }).sum().item());
  const rows = Tensor.of(
    [
      [0.1, 0.2],
      [0.3, 0.4],
    ],
    'float64',
  );
  expect(tapegrad.klDivLoss(rows, rows, { reduction: 'batchmean' }).item()).toBeCloseTo(
    tapegrad.klDivLoss(rows, rows, { reduction: 'sum' }).item() / 2,
    14,
  );
});
