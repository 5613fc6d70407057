/** Losses of logarithms of probabilities. */

import { describe, expect, test } from 'vitest';
import * as tapegrad from '../../../src/index.ts';
import { Tensor, ValueError } from '../../../src/index.ts';
import { each, none, x, y } from '../../lib/losses.ts';
import { refuses } from '../../lib/refuses.ts';
import { hasSlopes } from '../../lib/scalars.ts';
import { float64 } from '../../lib/tensors.ts';

describe('losses, number by number', () => {
  test.each<[string, () => Tensor, unknown[]]>([
    ['Kullback and Leibler', () => tapegrad.klDivLoss(x, y, none), each((x, y) => y * (Math.log(y) - x), x, y)],
    [
      'Kullback and Leibler of logarithms',
      () => tapegrad.klDivLoss(x, y, { ...none, logTarget: true }),
      each((x, y) => Math.exp(y) * (y - x), x, y),
    ],
  ])('%s', (_, find, wanted) => expect(find().toArray()).toEqual(wanted));

  test('of a single class may ignore examples, whose target need not be a class', () => {
    const loss = tapegrad.nllLoss(Tensor.of([[-1], [-2]]), Tensor.of([0, -100], 'int32'), { ignoreIndex: -100 });
    expect(loss.item()).toBe(1);
  });
});

describe('where nothing is expected', () => {
  const probabilities = (x?: Tensor, y?: Tensor) => tapegrad.klDivLoss(x!, y!, { reduction: 'sum' });
  const logarithms = (x?: Tensor, y?: Tensor) => tapegrad.klDivLoss(x!, y!, { reduction: 'sum', logTarget: true });
  const infinite = [-Infinity, Infinity];

  test('nothing is added, whatever is predicted, unless that is NaN', () => {
    for (const [loss, nothing] of [
      [probabilities, 0],
      [logarithms, -Infinity],
    ] as const) {
      // biome-ignore format: pairs
      for (const x of [-2, 0, ...infinite]) expect(loss(float64([x]), float64([nothing])).item()).toBe(0);
      expect(loss(float64([NaN]), float64([nothing])).item()).toBe(NaN);
    }
    expect(probabilities(float64([-Infinity]), float64([0.5])).item()).toBe(Infinity);
    expect(logarithms(float64([-Infinity]), float64([-1])).item()).toBe(Infinity);
    expect(probabilities(float64([-1]), float64([-0.5])).item()).toBe(NaN);
  });

  hasSlopes([
    ['klDivLoss, where nothing is expected', probabilities, [-2, 0], [0, 2]],
    ...infinite.map((x): [string, typeof probabilities, number[], number[]] => [
      'klDivLoss, nothing against nothing',
      probabilities,
      [x, 0],
      [0, 0],
    ]),
    ['klDivLoss of logarithms, where nothing is expected', logarithms, [-2, -Infinity], [0, 0]],
    ...infinite.map((x): [string, typeof probabilities, number[], number[]] => [
      'klDivLoss of logarithms, nothing against nothing',
      logarithms,
      [x, -Infinity],
      [0, 0],
    ]),
  ]);
});

describe('options', () => {
  refuses('%s is refused', [
    ['another reduction', () => tapegrad.klDivLoss(x, y, { reduction: 'max' as never }), ValueError, /^klDivLoss: expected reduction to be 'mean', 'sum', 'none' or 'batchmean', got 'max'$/],
    ['a logTarget that is no truth value', () => tapegrad.klDivLoss(x, y, { logTarget: 1 as never }), ValueError, /^klDivLoss: expected logTarget to be true or false, got 1$/],
  ]); // biome-ignore format: one line a case
});
