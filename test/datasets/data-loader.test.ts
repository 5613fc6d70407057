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
  [
    'a batch size in text',
    () => new DataLoader(numbered(4), { batchSize: '2' as never }),
    /batchSize to be a whole number from 1, got '2'/,
  ],
  [
    'a seed that is none',
    () => new DataLoader(numbered(4), { batchSize: 1, seed: -1 }),
    /DataLoader: expected seed to be a whole number from 0 to 2³² − 1, got -1/,
  ],
  ['a seed in text', () => new DataLoader(numbered(4), { batchSize: 1, seed: '3' as never }), /seed to be .*, got '3'/],
  [
    'an option it does not have',
    () => new DataLoader(numbered(4), { batch_size: 1 } as never),
    /no option batch_size; did you mean batchSize\?/,
  ],
  [
    'a loader without a batch size',
    () => new DataLoader(numbered(4), undefined as never),
    /DataLoader: expected batchSize to be a whole number from 1, got undefined/,
  ],
  [
    'a list for a dataset',
    () => new DataLoader([[1], [2]] as never, { batchSize: 1 }),
    /DataLoader: expected a dataset, got \[\[1\],\[2\]\]/,
  ],
  [
    'a tensor for a dataset',
    () => new DataLoader(Tensor.zeros([2]) as never, { batchSize: 1 }),
    /DataLoader: expected a dataset, got a tensor of shape \[2\]; make one with new Dataset\(x, y\)/,
  ],
  ['no examples', () => new DataLoader(numbered(4).slice(0, 0), { batchSize: 1 }), /0 examples do not fill one batch/],
  [
    'too few examples for a full batch',
    () => new DataLoader(numbered(4), { batchSize: 5, dropLast: true }),
    /4 examples do not fill one batch of 5/,
  ],
])('%s is refused', (_, make, message) => expect(make).toThrow(message));

test('targets are batched in the form they have: numbers of any shape, several tensors, or none', () => {
  const regression = new Dataset(Tensor.zeros([5, 2]), Tensor.arange(10).reshape([5, 2]));
  expect([...new DataLoader(regression, { batchSize: 3 })].map(([, y]) => y.toArray())).toEqual([
    [
      [0, 1],
      [2, 3],
      [4, 5],
    ],
    [
      [6, 7],
      [8, 9],
    ],
  ]);
  const named = new Dataset({ a: Tensor.arange(3), b: Tensor.arange(3).neg() }, [Tensor.arange(3), Tensor.ones([3, 1])]);
  const order = new DataLoader(named, { batchSize: 3, shuffle: true, seed: 5 });
  for (const [{ a, b }, [c, d]] of order) {
    expect(b.toArray()).toEqual(a.neg().toArray());
    expect(c.toArray()).toEqual(a.toArray());
    expect(d.shape).toEqual([3, 1]);
  }
  for (const batch of new DataLoader(new Dataset(Tensor.arange(3)), { batchSize: 3 }))
    expect(batch.map((x) => x.toArray())).toEqual([[0, 1, 2]]);
});

test('an epoch can be had by its number, whatever was gone through before, and is not counted', () => {
  fc.assert(
    fc.property(
      sizes,
      batches,
      fc.boolean(),
      fc.nat(),
      fc.array(fc.nat({ max: 6 }), { maxLength: 6 }),
      (size, batchSize, shuffle, seed, asked) => {
        const loader = () => new DataLoader(numbered(size), { batchSize, shuffle, seed });
        const inOrder = loader();
        const epochs = Array.from({ length: 7 }, () => labels(inOrder));
        const other = loader();
        for (const epoch of asked) {
          expect([...other.epoch(epoch)].flatMap(([, y]) => [...y.data])).toEqual(epochs[epoch]);
          if (epoch % 2) other.epoch(3);
        }
        expect([labels(other), labels(other)]).toEqual(epochs.slice(0, 2));
      },
    ),
  );
});

test.each([-1, 0.5, '1', undefined])('%o is refused as the number of an epoch, at once', (epoch) => {
  expect(() => new DataLoader(numbered(2), { batchSize: 1 }).epoch(epoch as number)).toThrow(
    /^DataLoader.epoch: expected number to be a whole number from 0, got/,
  );
});

test('an epoch can be taken up at any batch: what follows is what would have followed', () => {
  fc.assert(
    fc.property(
      sizes,
      batches,
      fc.boolean(),
      fc.nat(),
      fc.nat({ max: 5 }),
      fc.nat({ max: 45 }),
      (size, batchSize, shuffle, seed, epoch, first) => {
        const loader = () => new DataLoader(numbered(size), { batchSize, shuffle, seed });
        const whole = [...loader().epoch(epoch)].map(([, y]) => y.toArray());
        expect([...loader().epoch(epoch, first)].map(([, y]) => y.toArray())).toEqual(whole.slice(first));
      },
    ),
  );
  expect(() => new DataLoader(numbered(2), { batchSize: 1 }).epoch(0, -1)).toThrow(
    /^DataLoader.epoch: expected first to be a whole number from 0, got -1/,
  );
});

test('what has a size and rows at places is a dataset', () => {
  const squares = { size: 5, rows: (places: ArrayLike<number>) => Array.from(places, (place) => place * place) };
  expect([...new DataLoader(squares, { batchSize: 2 })]).toEqual([[0, 1], [4, 9], [16]]);
  expect(() => new DataLoader({ rows: squares.rows } as never, { batchSize: 1 })).toThrow(
    /DataLoader: undefined examples do not fill one batch of 1/,
  );
});
