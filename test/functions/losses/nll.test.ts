/** Losses of logarithms of probabilities. */

import { describe, expect, test } from 'vitest';
import * as tapegrad from '../../../src/index.ts';
import { Tensor } from '../../../src/index.ts';
import { hasSlopes } from '../../lib/scalars.ts';
import { float64 } from '../../lib/tensors.ts';

describe('losses, number by number', () => {
  const [x, y] = [float64([1, -2, 0.5]), float64([0.5, 1, 3])];
  const each = (f: (...numbers: number[]) => number, ...parts: Tensor[]) =>
    [0, 1, 2].map((i) => expect.closeTo(f(...parts.map(({ data }) => data[i]!)), 12));
  const none = { reduction: 'none' } as const;

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

describe('a slope', () => {
  hasSlopes([['klDivLoss, where nothing is expected', (x, y) => tapegrad.klDivLoss(x!, y!, { reduction: 'sum' }), [-2, 0], [0, 2]]]);
});
