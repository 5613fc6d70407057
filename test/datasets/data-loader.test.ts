/** An epoch shows every example once. */

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { DataLoader, Dataset } from '../../src/datasets/index.ts';
import { Tensor } from '../../src/index.ts';

/** Examples that tell their own number, in rows of some width. */
const numbered = (size: number, width = 2): Dataset =>
  new Dataset(Tensor.arange(size * width).reshape([size, width]), Tensor.arange(0, size, 1, 'int32'));

const sizes = fc.integer({ min: 1, max: 40 });
const batches = fc.integer({ min: 1, max: 45 });
const labels = (loader: DataLoader) => [...loader].flatMap(([, y]) => [...y.data]);

test('without shuffling the examples come in their order, each with its class, in batches that are full except for the last', () => {
  fc.assert(
    fc.property(sizes, batches, fc.integer({ min: 1, max: 20 }), (size, batchSize, width) => {
      const loader = new DataLoader(numbered(size, width), { batchSize });
      let next = 0;
      for (const [x, y] of loader) {
        expect(x.shape).toEqual([Math.min(batchSize, size - next), width]);
        for (let row = 0; row < y.size; row++, next++) {
          expect(y.data[row]).toBe(next);
          expect([...x.data.subarray(row * width, (row + 1) * width)]).toEqual(Array.from({ length: width }, (_, i) => next * width + i));
        }
      }
      expect(next).toBe(size);
      expect([...loader].length).toBe(loader.length);
    }),
  );
});

test('a shuffled epoch has every example once, its class beside it', () => {
  fc.assert(
    fc.property(sizes, batches, fc.nat(), (size, batchSize, seed) => {
      const seen: number[] = [];
      for (const [x, y] of new DataLoader(numbered(size), { batchSize, shuffle: true, seed })) {
        y.data.forEach((label, row) => {
          expect(x.data[2 * row]).toBe(2 * label);
          seen.push(label);
        });
      }
      expect(seen.sort((a, b) => a - b)).toEqual(Array.from({ length: size }, (_, i) => i));
    }),
  );
});

test('each epoch has another order, and the same seed the same orders', () => {
  const loader = () => new DataLoader(numbered(50), { batchSize: 8, shuffle: true, seed: 3 });
  const [one, other] = [loader(), loader()];
  const [first, second] = [labels(one), labels(one)];
  expect(first).not.toEqual(second);
  expect([labels(other), labels(other)]).toEqual([first, second]);
  expect(labels(new DataLoader(numbered(50), { batchSize: 8, shuffle: true, seed: 4 }))).not.toEqual(first);
});

test('a last batch that is not full can be left out', () => {
  fc.assert(
    fc.property(sizes, batches, (size, batchSize) => {
      fc.pre(size >= batchSize);
      const loader = new DataLoader(numbered(size), { batchSize, dropLast: true });
      expect(labels(loader).length).toBe(size - (size % batchSize));
      expect(loader.length).toBe(Math.floor(size / batchSize));
    }),
  );
});

test('batches have memory of their own', () => {
  const dataset = numbered(4);
  for (const [x] of new DataLoader(dataset, { batchSize: 4 })) x.data.fill(9);
  expect(dataset.x.data[1]).toBe(1);
});

test.each([
  [
    'a batch size of 0',
    () => new DataLoader(numbered(4), { batchSize: 0 }),
    /DataLoader: expected batchSize to be a whole number from 1, got 0/,
  ],
  ['a batch size that is no whole number', () => new DataLoader(numbered(4), { batchSize: 1.5 }), /batchSize/],
  ['a seed that is none', () => new DataLoader(numbered(4), { batchSize: 1, seed: -1 }), /seed/],
  [
    'an option it does not have',
    () => new DataLoader(numbered(4), { batch_size: 1 } as never),
    /no option batch_size; did you mean batchSize\?/,
  ],
  [
    'an option without its options',
    () => new DataLoader(numbered(4), undefined as never),
    /DataLoader: expected options, such as { batchSize: … }, got undefined/,
  ],
  [
    'a list for a dataset',
    () => new DataLoader([[1], [2]] as never, { batchSize: 1 }),
    /DataLoader: expected a dataset, got \[\[1\],\[2\]\]/,
  ],
  ['no examples', () => new DataLoader(numbered(4).slice(0, 0), { batchSize: 1 }), /0 examples do not fill one batch/],
  [
    'too few examples for a full batch',
    () => new DataLoader(numbered(4), { batchSize: 5, dropLast: true }),
    /4 examples do not fill one batch of 5/,
  ],
  ['classes that are not int32', () => new Dataset(Tensor.zeros([2, 2]), Tensor.zeros([2])), /Dataset: expected classes in int32/],
  [
    'fewer classes than examples',
    () => new Dataset(Tensor.zeros([3, 2]), Tensor.zeros([2], 'int32')),
    /one class for each example, got examples \[3, 2\] and classes \[2\]/,
  ],
])('%s is refused', (_, make, message) => expect(make).toThrow(message));

test('a slice of a dataset selects like the slice of an array, and shares its memory', () => {
  fc.assert(
    fc.property(fc.nat({ max: 8 }), fc.integer({ min: -10, max: 10 }), fc.integer({ min: -10, max: 10 }), (size, start, end) => {
      const dataset = numbered(size);
      const part = dataset.slice(start, end);
      expect([...part.y.data]).toEqual([...dataset.y.data].slice(start, end));
      expect(part.x.shape).toEqual([part.size, 2]);
      expect(part.x.numbers.buffer).toBe(dataset.x.numbers.buffer);
    }),
  );
});
