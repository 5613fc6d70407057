/** Channels exchanged for pixels. */

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { DtypeError, gradgradcheck, pixelShuffle, pixelUnshuffle, ShapeError, Tensor, ValueError } from '../../../src/index.ts';
import { at, made } from '../../lib/loops.ts';
import { refuses } from '../../lib/refuses.ts';
import { runs } from '../../lib/runs.ts';

describe('pixel shuffle', () => {
  test('places each channel as loops do, with any axes in front, and is undone', () => {
    const size = fc.integer({ min: 1, max: 3 });
    fc.assert(
      fc.property(size, size, size, size, fc.array(size, { maxLength: 2 }), (factor, c, h, w, lead) => {
        const x = Tensor.normal([...lead, c * factor * factor, h, w], { seed: 1, dtype: 'float64' }) as Tensor;
        const y = pixelShuffle(x, factor);
        const wanted = made([...lead, c, h * factor, w * factor], (...place) => {
          const [channel, i, j] = place.slice(-3) as [number, number, number];
          const from = channel * factor * factor + (i % factor) * factor + (j % factor);
          return at(x, [...place.slice(0, -3), from, Math.floor(i / factor), Math.floor(j / factor)]);
        });
        expect(y.shape).toEqual(wanted.shape);
        expect(y.toArray()).toEqual(wanted.toArray());
        expect(pixelUnshuffle(y, factor).toArray()).toEqual(x.toArray());
      }),
      { numRuns: runs(25) },
    );
  });

  test('has second derivatives', () => {
    const x = Tensor.normal([4, 1, 2], { seed: 1, dtype: 'float64' }) as Tensor;
    gradgradcheck((x) => pixelShuffle(x, 2).pow(3), [x]);
  });
});

refuses('%s is refused, by name', [
  ['no tensor', () => pixelShuffle(1 as never, 2), DtypeError, /^pixelShuffle: expected a tensor for x/],
  ['a matrix', () => pixelUnshuffle(Tensor.ones([4, 4]), 2), ShapeError, /^pixelUnshuffle: expected images of shape/],
  ['a factor of 0', () => pixelShuffle(Tensor.ones([4, 1, 1]), 0), ValueError, /^pixelShuffle: expected factor to be a whole number from 1/],
  ['channels that do not fit', () => pixelShuffle(Tensor.ones([6, 1, 1]), 2), ShapeError, /^pixelShuffle: expected a multiple of 4 channels, got 6/],
  ['rows that do not fit', () => pixelUnshuffle(Tensor.ones([1, 3, 4]), 2), ShapeError, /^pixelUnshuffle: expected a height and a width that 2 divides/],
  ['columns that do not fit', () => pixelUnshuffle(Tensor.ones([1, 4, 3]), 2), ShapeError, /^pixelUnshuffle: expected a height and a width that 2 divides/],
]); // biome-ignore format: one line a case
