/** Pooling by kernels: the same bits as the definitions. */

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { foldOp, unfoldOp } from '../../../src/functions/nn/unfold.ts';
import { largestOfWindowsOp, type Pooling, spreadWindowsOp, sumWindowsOp } from '../../../src/functions/nn/window-sums.ts';
import { Tensor } from '../../../src/index.ts';
import { plain } from '../../../src/machine/plain.ts';
import { fast } from '../../lib/kernels.ts';
import { runs } from '../../lib/runs.ts';
import { expectSameBits } from '../../lib/same.ts';

const windowsOf = (kernel: readonly number[], counts: readonly number[], more: Partial<Pooling> = {}): Pooling => ({
  kernel,
  counts,
  stride: kernel.map(() => 1),
  padding: kernel.map(() => 0),
  dilation: kernel.map(() => 1),
  ...more,
});

function expectSame(x: Tensor, pooling: Pooling): void {
  for (const op of [largestOfWindowsOp, sumWindowsOp]) {
    const shape = op.shape({ x, ...pooling });
    expectSameBits(op.forward({ x, ...pooling }, shape, fast), op.forward({ x, ...pooling }, shape, plain));
  }
  const to = x.sizes.slice(2);
  const y = Tensor.normal(sumWindowsOp.shape({ x, ...pooling }) as number[], { seed: 1, dtype: x.dtype as 'float32' }) as Tensor;
  const spread = { x: y, to, ...pooling };
  expectSameBits(spreadWindowsOp.forward(spread, x.sizes, fast), spreadWindowsOp.forward(spread, x.sizes, plain));
}

/** The windows of images as columns, and these added up. */
function expectSameColumns(x: Tensor, { counts: _, ...windows }: Pooling): void {
  const shape = unfoldOp.shape({ x, ...windows });
  const columns = unfoldOp.forward({ x, ...windows }, shape, fast);
  expectSameBits(columns, unfoldOp.forward({ x, ...windows }, shape, plain));
  const back = { x: new Tensor(shape, columns) as Tensor, to: x.sizes.slice(2), ...windows };
  expectSameBits(foldOp.forward(back, x.sizes, fast), foldOp.forward(back, x.sizes, plain));
}

test('windows of any size, stride, padding and dilation, whole or not, of numbers of every kind', () => {
  const numbers = fc.constantFrom(0, -0, 1, -1, 2.5, 3, Infinity, -Infinity, -Infinity, NaN);
  const axis = fc
    .record({
      size: fc.integer({ min: 1, max: 11 }),
      kernel: fc.integer({ min: 1, max: 3 }),
      stride: fc.integer({ min: 1, max: 4 }),
      dilation: fc.integer({ min: 1, max: 2 }),
      before: fc.boolean(),
    })
    .map(({ before, ...one }) => ({ ...one, padding: before ? one.kernel >> 1 : 0 }))
    .filter(({ size, kernel, dilation, padding }) => size + 2 * padding > dilation * (kernel - 1) && padding < size);
  fc.assert(
    fc.property(
      fc.array(axis, { minLength: 2, maxLength: 3 }),
      fc.array(numbers, { minLength: 5, maxLength: 40 }),
      fc.constantFrom('float32' as const, 'float64' as const),
      (axes, given, dtype) => {
        const of = (name: 'size' | 'kernel' | 'stride' | 'padding' | 'dilation') => axes.map((one) => one[name]);
        const counts = axes.map(({ size, kernel, stride, padding, dilation }) => {
          const whole = Math.floor((size + 2 * padding - dilation * (kernel - 1) - 1) / stride) + 1;
          // One more that is not whole, if it begins within the image.
          return whole + Number(whole * stride < size + padding && whole * stride - padding >= 0);
        });
        const x = Tensor.zeros([2, 3, ...of('size')], dtype);
        const data = Array.from({ length: x.size }, (_, i) => given[(i * 7) % given.length]!);
        const pooling = { kernel: of('kernel'), stride: of('stride'), padding: of('padding'), dilation: of('dilation'), counts };
        const images = Tensor.of(data, dtype).reshape([...x.shape]) as Tensor;
        expectSame(images, pooling);
        if (axes.length === 2) expectSameColumns(images, pooling);
      },
    ),
    { numRuns: runs(300) },
  );
});

test('windows of more elements than a block of a sum, and long lines', () => {
  expectSame(Tensor.normal([1, 2, 20, 21], { seed: 1 }) as Tensor, windowsOf([17, 17], [4, 5]));
  expectSame(Tensor.normal([2, 1, 1, 1003], { seed: 2 }) as Tensor, windowsOf([1, 5], [1, 334], { stride: [1, 3] }));
});

test('the first element is the largest where all are −∞, and no window sees what lies beyond the edges', () => {
  const x = Tensor.full([1, 1, 2, 2], -Infinity) as Tensor;
  const pooling = windowsOf([2, 2], [3, 3], { padding: [1, 1] });
  const found = largestOfWindowsOp.forward({ x, ...pooling }, [1, 1, 3, 3], fast);
  expect([...found]).toEqual([0, 0, 1, 0, 0, 1, 2, 2, 3]);
});
