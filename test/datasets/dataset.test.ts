/** Examples and targets of every form, and parts of them. */

import fc from 'fast-check';
import { expect, expectTypeOf, test } from 'vitest';
import { DataLoader, Dataset } from '../../src/datasets/index.ts';
import { DtypeError, ShapeError, Tensor, ValueError } from '../../src/index.ts';

/** Examples that tell their own number, wide enough to have a buffer of their own. */
const numbered = (size: number) => new Dataset(Tensor.arange(size * 20).reshape([size, 20]), Tensor.arange(0, size, 1, 'int32'));

test('targets are classes, numbers of any shape, several tensors, or nothing', () => {
  const x = Tensor.zeros([3, 2]);
  for (const y of [Tensor.zeros([3], 'int32'), Tensor.zeros([3]), Tensor.zeros([3, 2, 2], 'float64'), Tensor.zeros([3, 4], 'int32')]) {
    const dataset = new Dataset(x, y);
    expect([dataset.x, dataset.y, dataset.size]).toEqual([x, y, 3]);
  }
  expect(new Dataset(x)).toMatchObject({ x, y: undefined, size: 3 });
  const several = new Dataset([x, Tensor.ones([3])], { mean: Tensor.zeros([3]), deviation: Tensor.ones([3]) });
  expect(several.x[1].toArray()).toEqual([1, 1, 1]);
  expect(several.y.deviation.toArray()).toEqual([1, 1, 1]);
});

test('the types follow, to the shapes of batches', () => {
  const [image, age] = [Tensor.zeros([4, 2, 2]), Tensor.zeros([4])];
  const [inputs, rate] = [...new DataLoader(new Dataset({ image, age }, Tensor.zeros([4, 1])), { batchSize: 2 })][0]!;
  expectTypeOf(inputs).toEqualTypeOf<{ image: Tensor<[number, 2, 2]>; age: Tensor<[number]> }>();
  expectTypeOf(rate).toEqualTypeOf<Tensor<[number, 1]>>();
  const list = new Dataset([image, age]);
  const [[first, second]] = [...new DataLoader(list, { batchSize: 2 })][0]!;
  expectTypeOf(first).toEqualTypeOf<Tensor<[number, 2, 2]>>();
  expectTypeOf(second).toEqualTypeOf<Tensor<[number]>>();
  expectTypeOf(new Dataset(image).y).toEqualTypeOf<undefined>();
  expectTypeOf(new Dataset(image, age)).toExtend<Dataset>();
});

test('lists and objects are copied: what the caller does to them later changes nothing', () => {
  const [a, b] = [Tensor.of([1]), Tensor.of([2])];
  const x = { a, b };
  const dataset = new Dataset(x);
  x.a = b;
  expect(dataset.x.a).toBe(a);
});

test.each([
  [[[[1]], [0]], DtypeError, 'Dataset: expected a tensor for x, got an array; write Tensor.of(values)'],
  [[Tensor.zeros([2]), [0, 1]], DtypeError, 'Dataset: expected a tensor for y, got an array; write Tensor.of(values)'],
  [[Tensor.zeros([2]), undefined], DtypeError, 'Dataset: expected a tensor for y, got undefined'],
  [[], DtypeError, 'Dataset: expected a tensor for x, got undefined'],
  [
    [Tensor.zeros([2]), Tensor.zeros([2]), Tensor.zeros([2])],
    ValueError,
    'Dataset: expected x and y, got 3 arguments; put several tensors in a list: [a, b]',
  ],
  [[Tensor.zeros([3, 2]), Tensor.zeros([2])], ShapeError, 'Dataset: expected tensors with one row for each example, got x [3, 2], y [2]'],
  [
    [Tensor.zeros([3, 2]), Tensor.of([0, 1, -1], 'int32')],
    ValueError,
    "Dataset: expected classes from 0 in y, got -1 at place 2; numbers that are no classes are floats: cast('float32')",
  ],
  [
    [Tensor.zeros([1]), { label: Tensor.of([-3], 'int32') }],
    ValueError,
    "Dataset: expected classes from 0 in y.label, got -3 at place 0; numbers that are no classes are floats: cast('float32')",
  ],
] as const)('%o is refused', (examples, kind, message) => {
  expect(() => new Dataset(...(examples as unknown as [Tensor]))).toThrow(new kind(message));
});

test('only classes must not be negative: neither floats, nor tables of whole numbers, nor examples', () => {
  const whole = Tensor.of([-1], 'int32');
  expect(new Dataset(whole, Tensor.of([-1])).size).toBe(1);
  expect(new Dataset(whole, whole.reshape([1, 1])).size).toBe(1);
});

test('a slice of a dataset selects like the slice of an array, and shares its memory', () => {
  fc.assert(
    fc.property(fc.nat({ max: 8 }), fc.integer({ min: -10, max: 10 }), fc.integer({ min: -10, max: 10 }), (size, start, end) => {
      const dataset = numbered(size);
      const part = dataset.slice(start, end);
      expect([...part.y.data]).toEqual([...dataset.y.data].slice(start, end));
      expect(part.x.shape).toEqual([part.size, 20]);
      expect(part.x.numbers.buffer).toBe(dataset.x.numbers.buffer);
      expect([...dataset.slice(start).y.data]).toEqual([...dataset.y.data].slice(start));
    }),
  );
  expect(new Dataset({ a: Tensor.of([1, 2]) }).slice(1)).toMatchObject({ y: undefined, size: 1 });
});

test.each([
  [[0.5], 'got 0.5 and 4'],
  [['1', 2], "got '1' and 2"],
  [[1, null], 'got 1 and null'],
])('places to slice by that are no whole numbers are refused: %o', (places, message) => {
  expect(() => numbered(4).slice(...(places as [number]))).toThrow(
    new ShapeError(`Dataset: expected whole numbers to slice by, ${message}`),
  );
});

const sizes = fc.array(fc.nat({ max: 5 }), { maxLength: 5 });

test('the parts of a split have the given sizes; without shuffling they lie one after another, and share memory', () => {
  fc.assert(
    fc.property(sizes, (sizes) => {
      const dataset = numbered(sizes.reduce((a, b) => a + b, 0));
      const parts = dataset.split(sizes);
      expect(parts.map(({ size }) => size)).toEqual(sizes);
      expect(parts.flatMap(({ y }) => [...y.data])).toEqual([...dataset.y.data]);
      for (const { x } of parts) expect(x.numbers.buffer).toBe(dataset.x.numbers.buffer);
    }),
  );
});

test('shuffled parts have every example once with its target, and depend on the seed alone', () => {
  fc.assert(
    fc.property(sizes, fc.nat(), (sizes, seed) => {
      const dataset = numbered(sizes.reduce((a, b) => a + b, 0));
      const parts = dataset.split(sizes, { shuffle: true, seed });
      expect(parts.map(({ size }) => size)).toEqual(sizes);
      const labels = parts.flatMap(({ x, y }) => {
        y.data.forEach((label, row) => expect(x.data[20 * row]).toBe(20 * label));
        return [...y.data];
      });
      expect(labels.sort((a, b) => a - b)).toEqual([...dataset.y.data]);
      const again = dataset.split([dataset.size], { shuffle: true, seed })[0]!;
      expect(parts.flatMap(({ y }) => [...y.data])).toEqual([...again.y.data]);
    }),
  );
  const first = (seed?: number) => [...numbered(30).split([30], { shuffle: true, ...(seed !== undefined && { seed }) })[0]!.y.data];
  expect(first()).toEqual(first(0));
  expect(first(1)).not.toEqual(first(0));
  expect(first()).not.toEqual([...numbered(30).y.data]);
});

test.each([
  [[3], {}, 'Dataset.split: expected a list of sizes that add up to 4, got [3]'],
  [[5, -1], {}, 'Dataset.split: expected a list of sizes that add up to 4, got [5,-1]'],
  [[0.5, 3.5], {}, 'Dataset.split: expected a list of sizes that add up to 4, got [0.5,3.5]'],
  [4, {}, 'Dataset.split: expected a list of sizes that add up to 4, got 4'],
  [['4'], {}, 'Dataset.split: expected a list of sizes that add up to 4, got ["4"]'],
  [[4], { shufle: true }, 'Dataset.split: there is no option shufle; did you mean shuffle?'],
  [[4], { seed: '1' }, "Dataset.split: expected seed to be a whole number from 0 to 2³² − 1, got '1'"],
  [[4], true, 'Dataset.split: expected options, such as { shuffle: … }, got true'],
])('a split by %o with %o is refused', (sizes, options, message) => {
  expect(() => numbered(4).split(sizes as number[], options as never)).toThrow(new ValueError(message));
});

test('rows at any places come as a batch, in that order, with memory of their own', () => {
  const dataset = new Dataset(Tensor.of([[1, 2], [3, 4]]), Tensor.of([7, 8], 'int32')); // biome-ignore format: a matrix
  const [x, y] = dataset.rows([1, 1, 0]);
  expect([x.toArray(), y.toArray()]).toEqual([[[3, 4], [3, 4], [1, 2]], [8, 8, 7]]); // biome-ignore format: a matrix
  x.data[0] = 9;
  expect(dataset.x.data[2]).toBe(3);
  expect(dataset.rows([])[0].shape).toEqual([0, 2]);
  for (const places of [[2], [-1], [0.5], ['0'], 5, null, undefined, {}])
    expect(() => dataset.rows(places as never)).toThrow(
      /^Dataset\.rows: expected places to be a list of whole numbers from 0 to below 2, got/,
    );
});
