/** Convolutions by kernels that read images where they are: the same bits as their definitions, which lay windows out. */

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { newData } from '../../../src/base/dtype.ts';
import { type Correlation, convBiasOp, convOp, convTransposeOp, convWeightOp } from '../../../src/functions/nn/correlation.ts';
import { Tensor } from '../../../src/index.ts';
import { plain } from '../../../src/machine/plain.ts';
import { WasmMachine } from '../../../src/machine/wasm/wasm-machine.ts';
import { fast } from '../../lib/kernels.ts';
import { runs } from '../../lib/runs.ts';
import { expectSameBits } from '../../lib/same.ts';

/** Images, filters and windows, by their sizes. */
interface Case {
  readonly image: readonly number[];
  readonly filters: readonly number[];
  readonly stride?: readonly number[];
  readonly padding?: readonly number[];
  readonly dilation?: readonly number[];
  readonly dtype?: 'float32' | 'float64';
}

/** The three operations of a case, by kernels and by their definitions. */
function expectSame({ image, filters, dtype = 'float32', ...given }: Case, special = false): void {
  const axes = image.slice(2);
  const windows: Correlation = {
    kernel: filters.slice(2),
    stride: given.stride ?? axes.map(() => 1),
    padding: given.padding ?? axes.map(() => 0),
    dilation: given.dilation ?? axes.map(() => 1),
    groups: image[1]! / filters[1]!,
  };
  const drawn = (sizes: readonly number[], seed: number) => Tensor.normal([...sizes], { seed, dtype }) as Tensor;
  const x = special ? withInfinities(drawn(image, 1)) : drawn(image, 1);
  const weight = drawn(filters, 2);
  const inputs = { x, weight, ...windows };
  const shape = convOp.shape(inputs);
  expectSameBits(convOp.forward(inputs, shape, fast), convOp.forward(inputs, shape, plain));
  const [bias, y] = [drawn([filters[0]!], 4), new Tensor(shape, convOp.forward(inputs, shape, fast))];
  const sum = y.add(bias.reshape([filters[0]!, ...axes.map(() => 1)]));
  for (const machine of [fast, plain]) expectSameBits(convBiasOp.forward({ ...inputs, bias }, shape, machine), sum.data);
  const g = drawn(shape, 3);
  const back = { x: g, weight, ...windows, to: axes };
  expectSameBits(convTransposeOp.forward(back, image, fast), convTransposeOp.forward(back, image, plain));
  const both = { x, g, ...windows };
  expectSameBits(convWeightOp.forward(both, filters, fast), convWeightOp.forward(both, filters, plain));
}

function withInfinities(x: Tensor): Tensor {
  const data = newData(x.dtype, x.size);
  data.set(x.data);
  for (let i = 0; i < data.length; i += 17) data[i] = [Infinity, NaN, -Infinity][i % 3]!;
  return new Tensor(x.shape, data);
}

describe('kernels give what the definitions give', () => {
  test.each<[string, Case]>([
    ['tiles, strips and a rest of each', { image: [3, 3, 11, 13], filters: [7, 3, 3, 5] }],
    ['lines of few windows', { image: [2, 2, 9, 5], filters: [5, 2, 3, 3] }],
    ['a product of more elements than a block', { image: [2, 20, 7, 9], filters: [6, 20, 3, 3], padding: [1, 1] }],
    ['more filters than a block', { image: [1, 3, 6, 7], filters: [131, 3, 3, 3], padding: [1, 2] }],
    ['groups with more filters than a block', { image: [1, 2, 4, 5], filters: [264, 1, 2, 3], stride: [1, 2] }],
    ['lines that are cut into pieces', { image: [1, 1, 2, 1200], filters: [2, 1, 1, 7] }],
    ['such lines, with a stride', { image: [1, 1, 1, 1301], filters: [1, 1, 1, 5], stride: [1, 2], padding: [0, 2] }],
    ['more lines than a block', { image: [1, 2, 70, 12], filters: [3, 2, 3, 3] }],
    ['windows of single pixels', { image: [2, 5, 6, 7], filters: [9, 5, 1, 1] }],
    ['strides beyond the windows', { image: [2, 2, 11, 12], filters: [3, 2, 2, 2], stride: [3, 4] }],
    ['padding beyond the windows', { image: [1, 1, 3, 4], filters: [2, 1, 2, 2], padding: [5, 6], stride: [2, 3] }],
    [
      'dilation and stride with a common divisor',
      { image: [2, 2, 14, 15], filters: [3, 2, 3, 3], stride: [2, 4], dilation: [4, 2], padding: [3, 1] },
    ],
    [
      'windows that see as many rows as the image has, but others',
      { image: [2, 2, 4, 6], filters: [10, 1, 4, 3], padding: [1, 0], stride: [4, 1] },
    ],
    ['volumes', { image: [2, 2, 5, 6, 7], filters: [4, 2, 2, 3, 3], stride: [2, 1, 2], padding: [1, 1, 1], dilation: [1, 2, 1] }],
    ['channels by themselves', { image: [2, 5, 8, 9], filters: [5, 1, 3, 3], padding: [1, 1] }],
  ])('%s', (_, sizes) => {
    expectSame(sizes);
    expectSame({ ...sizes, dtype: 'float64' });
    expectSame(sizes, true);
  });

  test('for windows of any size, stride, padding and dilation', () => {
    const pair = (min: number, max: number) => fc.tuple(fc.integer({ min, max }), fc.integer({ min, max }));
    const cases = fc.record({ size: pair(1, 14), kernel: pair(1, 4), stride: pair(1, 4), padding: pair(0, 4), dilation: pair(1, 3) });
    const channels = fc.record({
      n: fc.integer({ min: 1, max: 3 }),
      groups: fc.integer({ min: 1, max: 2 }),
      c: fc.integer({ min: 1, max: 3 }),
      o: fc.integer({ min: 1, max: 6 }),
      dtype: fc.constantFrom('float32' as const, 'float64' as const),
      special: fc.boolean(),
    });
    fc.assert(
      fc.property(cases, channels, ({ size, kernel, ...windows }, { n, groups, c, o, dtype, special }) => {
        fc.pre(size.every((one, i) => one + 2 * windows.padding[i]! > windows.dilation[i]! * (kernel[i]! - 1)));
        expectSame({ image: [n, groups * c, ...size], filters: [groups * o, c, ...kernel], ...windows, dtype }, special);
      }),
      { numRuns: runs(150) },
    );
  });

  test('weights that are not finite leave pixels alone that no window of theirs sees', () => {
    const weight = withInfinities(Tensor.normal([2, 1, 3, 3], { seed: 1 }) as Tensor);
    const windows: Correlation = { kernel: [3, 3], stride: [2, 2], padding: [0, 0], dilation: [1, 1], groups: 1 };
    const given = { x: Tensor.ones([1, 2, 2, 2]) as Tensor, weight, ...windows, to: [6, 6] };
    const found = convTransposeOp.forward(given, [1, 1, 6, 6], fast);
    expectSameBits(found, convTransposeOp.forward(given, [1, 1, 6, 6], plain));
    expect(found[35]).toBe(0);
  });
});

test('kernels take little memory beside images and results, however many elements windows have', () => {
  const machine = new WasmMachine();
  const [x, weight] = [Tensor.normal([4, 16, 64, 64], { seed: 1 }) as Tensor, Tensor.normal([4, 16, 7, 7], { seed: 2 }) as Tensor];
  const windows: Correlation = { kernel: [7, 7], stride: [1, 1], padding: [3, 3], dilation: [1, 1], groups: 1 };
  const shape = convOp.shape({ x, weight, ...windows });
  const g = new Tensor(shape, convOp.forward({ x, weight, ...windows }, shape, machine));
  convTransposeOp.forward({ x: g, weight, ...windows, to: [64, 64] }, x.shape, machine);
  convWeightOp.forward({ x, g, ...windows }, weight.shape, machine);
  // The windows laid out would be 51 MB.
  expect(machine.bytes).toBeLessThan(2 ** 22);
});
