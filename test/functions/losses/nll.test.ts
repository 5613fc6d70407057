/** Losses of logarithms of probabilities. */

import { describe, expect, test } from 'vitest';
import * as tapegrad from '../../../src/index.ts';
import { Tensor } from '../../../src/index.ts';
import { each, none, x, y } from '../../lib/losses.ts';
import { hasSlopes } from '../../lib/scalars.ts';

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

describe('a slope', () => {
  hasSlopes([['klDivLoss, where nothing is expected', (x, y) => tapegrad.klDivLoss(x!, y!, { reduction: 'sum' }), [-2, 0], [0, 2]]]);
});
