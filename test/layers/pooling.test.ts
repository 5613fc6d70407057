/** Layers of pooling: that they are the functions of their names, and what they refuse when they are made. */

import { describe, expect, test } from 'vitest';
import * as tapegrad from '../../src/index.ts';
import {
  AdaptiveAvgPool1d,
  AdaptiveMaxPool2d,
  AvgPool2d,
  DtypeError,
  MaxPool2d,
  MaxPool3d,
  MaxUnpool2d,
  Tensor,
  ValueError,
} from '../../src/index.ts';
import { refuses } from '../lib/refuses.ts';

const all = tapegrad as unknown as Record<string, any>;

describe('layers of pooling', () => {
  test.each([1, 2, 3])('along %i axes are the functions of their names, with their options', (axes) => {
    const x = Tensor.normal([2, 2, ...[6, 5, 4].slice(0, axes)], { seed: 1 }) as Tensor;
    const options = { stride: 1, padding: 1, ceilMode: true };
    const largest = new all[`MaxPool${axes}d`](2, options);
    expect(largest.forward(x).toArray()).toEqual(all[`maxPool${axes}d`](x, 2, options).toArray());
    expect(largest.withIndices(x).indices.toArray()).toEqual(all[`maxPool${axes}dWithIndices`](x, 2, options).indices.toArray());
    const more = { ...options, countPadding: false };
    expect(new all[`AvgPool${axes}d`](2, more).forward(x).toArray()).toEqual(all[`avgPool${axes}d`](x, 2, more).toArray());
    for (const kind of ['Avg', 'Max'])
      expect(new all[`Adaptive${kind}Pool${axes}d`](3).forward(x).toArray()).toEqual(all[`adaptive${kind}Pool${axes}d`](x, 3).toArray());
    const { values, indices } = new all[`MaxPool${axes}d`](2).withIndices(x);
    const size = axes === 1 ? 6 : x.shape.slice(2);
    const back = new all[`MaxUnpool${axes}d`](2, { size }).forward(values, indices);
    expect(back.shape).toEqual(x.shape);
    expect(back.toArray()).toEqual(all[`maxUnpool${axes}d`](values, indices, 2, { size }).toArray());
  });
});

describe('bad input is refused, by name', () => {
  refuses('%s', [
    ['no kernel', () => new MaxPool2d(undefined as never), ValueError, /^MaxPool2d: expected a kernel size of whole numbers from 1, got undefined/],
    ['a padding over half a window', () => new AvgPool2d(2, { padding: 2 }), ValueError, /^AvgPool2d: expected a padding of at most half the window \[2, 2\], got \[2, 2\]/],
    ['countPadding of the largest', () => new MaxPool2d(2, { countPadding: true } as never), ValueError, /^MaxPool2d: there is no option countPadding/],
    ['a pair for three axes', () => new MaxPool3d([2, 2] as never), ValueError, /^MaxPool3d: expected a kernel size/],
    ['a size of 0', () => new AdaptiveAvgPool1d(0), ValueError, /^AdaptiveAvgPool1d: expected a size from 1 to pool to, got 0/],
    ['a size of two for one axis', () => new AdaptiveAvgPool1d([1, 1] as never), ValueError, /^AdaptiveAvgPool1d: expected a size from 1/],
    ['options of unpooling that are none', () => new MaxUnpool2d(2, { outputSize: 3 } as never), ValueError, /^MaxUnpool2d: there is no option outputSize/],
    ['a size to unpool to', () => new MaxUnpool2d(2, { size: -1 }), ValueError, /^MaxUnpool2d: expected a size of whole numbers from 1/],
    ['no tensor', () => new AdaptiveMaxPool2d(1).forward([1] as never), DtypeError, /^AdaptiveMaxPool2d: expected a tensor for x/],
  ]); // biome-ignore format: one line a case
});
