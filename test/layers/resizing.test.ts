/** Layers that make images larger or smaller. */

import { describe, expect, test } from 'vitest';
import { DtypeError, interpolate, PixelShuffle, PixelUnshuffle, Tensor, Upsample, ValueError } from '../../src/index.ts';
import { refuses } from '../lib/refuses.ts';

describe('layers that resize', () => {
  test('are the functions of their names', () => {
    const x = Tensor.normal([2, 4, 2, 4], { seed: 1 }) as Tensor;
    const options = { scale: [1.5, 2], mode: 'bicubic', alignCorners: true } as const;
    expect(new Upsample(options).forward(x).toArray()).toEqual(interpolate(x, options).toArray());
    expect(new PixelUnshuffle(2).forward(new PixelShuffle(2).forward(x)).toArray()).toEqual(x.toArray());
  });
});

refuses('%s is refused, by name', [
  ['a scale and a size', () => new Upsample({ size: 1, scale: 1 }), ValueError, /^Upsample: expected either a size or a scale, got both/],
  ['no options', () => new Upsample(undefined as never), ValueError, /^Upsample: expected either a size or a scale, got neither/],
  ['a scale of −1', () => new Upsample({ scale: -1 }), ValueError, /^Upsample: expected a scale above 0/],
  ['corners of the nearest', () => new Upsample({ scale: 2, alignCorners: true }), ValueError, /^Upsample: alignCorners is for/],
  ['a factor of 0', () => new PixelShuffle(0), ValueError, /^PixelShuffle: expected factor to be a whole number from 1/],
  ['half a factor', () => new PixelUnshuffle(0.5), ValueError, /^PixelUnshuffle: expected factor/],
  ['no tensor', () => new Upsample({ size: 1 }).forward(1 as never), DtypeError, /^Upsample: expected a tensor for x/],
]); // biome-ignore format: one line a case
