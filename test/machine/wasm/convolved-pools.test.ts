/** What arrives at the results that were pooled, and the sums of their channels: what loops give. */

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { newData } from '../../../src/base/dtype.ts';
import { plain } from '../../../src/machine/plain.ts';
import { sumInto } from '../../../src/machine/reduce.ts';
import { spreadToPlaces, sumsOfChannels } from '../../../src/machine/wasm/convolved-pools.ts';
import { channelsOf, frameOfLines } from '../../../src/machine/wasm/frames.ts';
import { fast } from '../../lib/kernels.ts';
import { runs } from '../../lib/runs.ts';
import { expectSameBits } from '../../lib/same.ts';

const axis = fc
  .record({
    kernel: fc.integer({ min: 1, max: 3 }),
    more: fc.integer({ min: 0, max: 2 }),
    count: fc.integer({ min: 1, max: 9 }),
    rest: fc.integer({ min: 0, max: 2 }),
  })
  .map(({ kernel, more, count, rest }) => ({ kernel, stride: kernel + more, count, size: (count - 1) * (kernel + more) + kernel + rest }));
/** Mostly windows of two columns next to each other, for which there is a kernel. */
const across = fc.oneof(
  axis,
  fc
    .record({ count: fc.integer({ min: 1, max: 9 }), rest: fc.integer({ min: 0, max: 2 }) })
    .map(({ count, rest }) => ({ kernel: 2, stride: 2, count, size: 2 * count + rest })),
);

test('gradients are at their places among zeros, wherever windows lie, and whatever was there before', () => {
  const dtypes = fc.constantFrom('float32' as const, 'float64' as const);
  fc.assert(
    fc.property(
      axis,
      across,
      fc.integer({ min: 1, max: 3 }),
      fc.integer({ min: 0, max: 3 }),
      dtypes,
      fc.nat(),
      (y, x, channels, padded, dtype, seed) => {
        const { memory } = fast.host;
        const windows = { kernel: [y.kernel, x.kernel], stride: [y.stride, x.stride], padding: [0, 0], dilation: [1, 1] };
        const count = y.count * x.count;
        const first = seed % 2;
        const all = (first + channels) * count;
        const dy = newData(dtype, all).map((_, i) => [-0, NaN, Infinity][(i + seed) % 11] ?? i + 1) as Float32Array;
        const places = new Int32Array(all).map((_, i) => {
          const [line, column] = [Math.floor((i % count) / x.count), i % x.count];
          const which = (i * 7 + seed) % (y.kernel * x.kernel + 1);
          if (which === y.kernel * x.kernel) return -1;
          return (line * y.stride + Math.floor(which / x.kernel)) * x.size + column * x.stride + (which % x.kernel);
        });
        const frame = frameOfLines(y.size, x.size, x.size + padded);
        const expected = newData(dtype, channels * frame.channel);
        for (let i = first * count; i < all; i++) {
          const place = places[i]!;
          if (place < 0) continue;
          const channel = Math.floor(i / count) - first;
          expected[channel * frame.channel + Math.floor(place / x.size) * frame.row + (place % x.size)] = dy[i]! + 0;
        }
        const mark = memory.mark();
        const address = memory.allocate(8 * expected.length);
        memory.view(dtype, address, expected.length).fill(5);
        spreadToPlaces(fast.host, { dy, places, pool: { windows, counts: [y.count, x.count] } })(
          memory.view(dtype, address, expected.length),
          frame,
          first,
          channels,
        );
        expectSameBits(memory.view(dtype, address, expected.length).slice(), expected);
        memory.release(mark);
        expect(memory.mark()).toBe(mark);
      },
    ),
    { numRuns: runs(300) },
  );
});

test('sums of channels are those of all examples, pixels first', () => {
  for (const [n, o, counts] of [
    [1, 3, [2, 3]],
    [5, 2, [24, 25]],
    [3, 4, [1, 1]],
    [300, 1, [7, 9]],
  ] as const) {
    const data = newData('float32', n * o * counts[0] * counts[1]).map((_, i) => Math.fround(Math.sqrt(i + 1) - 10)) as Float32Array;
    const found = sumsOfChannels(fast.host, 'float32', channelsOf(data), { n, o, counts });
    expectSameBits(found!, sumInto([o, 1, 1], { sizes: [n, o, ...counts], data }, plain));
  }
});
