/** Whatever has examples by index can be loaded. */

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { DataLoader, Dataset, examples, type Listed, padded, subset, transformed } from '../../src/datasets/index.ts';
import { DataError, Tensor, ValueError } from '../../src/index.ts';
import { refuses } from '../lib/refuses.ts';

const loaded = (list: Listed<number>) => [...new DataLoader(examples(list), { batchSize: 2 })].flatMap((batch) => batch.toArray());

test('arrays, and objects with a size or length and at or get, give the same batches', () => {
  const list = [5, 6, 7];
  for (const form of [
    list,
    { length: 3, at: (i: number) => list[i]! },
    { length: 3, get: (i: number) => list[i]! },
    { size: 3, at: (i: number) => list[i]! },
    { size: 3, get: (i: number) => list[i]! },
    Float32Array.from(list),
  ])
    expect(loaded(form)).toEqual([5, 6, 7]);
});

test('a method of an object is called as its method', () => {
  class Squares {
    readonly size = 4;
    readonly factor = 10;
    get(i: number) {
      return this.factor * i * i;
    }
  }
  expect(loaded(new Squares())).toEqual([0, 10, 40, 90]);
});

test('the examples of a dataset are its rows: collated, they are the batches of the dataset', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 20 }), fc.integer({ min: 1, max: 9 }), fc.nat(), (size, batchSize, seed) => {
      const dataset = new Dataset({ a: Tensor.arange(2 * size).reshape([size, 2]) }, Tensor.arange(0, size, 1, 'int32'));
      const options = { batchSize, shuffle: true, seed };
      const batches = (loader: Iterable<readonly [{ a: Tensor }, Tensor]>) =>
        [...loader].map(([{ a }, y]) => [a.toArray(), y.toArray(), y.dtype]);
      const one = new DataLoader(examples(dataset), options) as unknown as Iterable<readonly [{ a: Tensor }, Tensor]>;
      expect(batches(one)).toEqual(batches(new DataLoader(dataset, options) as never));
    }),
  );
});

test('an example is transformed when its batch is asked for, and told its index', () => {
  const asked: number[] = [];
  const dataset = examples([10, 20, 30], { transform: (x, index) => x + Number(asked.push(index) > 0) + index });
  expect(asked).toEqual([]);
  expect(dataset.rows([2, 0]).toArray()).toEqual([33, 11]);
  expect(asked).toEqual([2, 0]);
});

test('how a batch is made can be chosen; the indices are told', () => {
  const sums = examples([1, 2, 3], { collate: (list, { places }) => [list.reduce((a, b) => a + b, 0), ...Array.from(places)] });
  expect([...new DataLoader(sums, { batchSize: 2 })]).toEqual([[3, 0, 1], [3, 2]]); // biome-ignore format: one line
  const { values, lengths } = examples([[1], [2, 3]], { collate: padded() }).rows([0, 1]);
  expect([values.toArray(), lengths.toArray()]).toEqual([[[1, 0], [2, 3]], [1, 2]]); // biome-ignore format: one line
});

test('where examples are promises, batches are', async () => {
  const sources = [examples({ length: 3, get: async (i: number) => ({ x: i }) }), examples([0, 1, 2], { transform: async (x) => ({ x }) })];
  for (const source of sources) {
    const seen: unknown[] = [];
    for await (const { x } of new DataLoader(source, { batchSize: 2 })) seen.push(x.toArray());
    expect(seen).toEqual([[0, 1], [2]]);
  }
  const doubled = transformed(sources[0]!, ({ x }) => x.mul(2));
  expect((await doubled.rows([2, 1])).toArray()).toEqual([4, 2]);
});

test('a subset has the examples at its places, of a dataset and of others', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 9 }), fc.array(fc.nat(), { minLength: 1 }), (size, numbers) => {
      const places = numbers.map((n) => n % size);
      const x = Tensor.arange(size).mul(3);
      const wanted = places.map((place) => 3 * place);
      expect(subset(new Dataset(x), places).x.toArray()).toEqual(wanted);
      const view = subset(examples(wanted.length ? (x.toArray() as number[]) : []), places);
      expect([...new DataLoader(view, { batchSize: 2 })].flatMap((batch) => batch.toArray())).toEqual(wanted);
    }),
  );
});

const failing = (index: number) =>
  examples([0, 1, 2, 3, 4], {
    transform: (x) => {
      if (x === index) throw new Error('cannot be read');
      return x;
    },
  });

test('an error names the example by its index, and keeps its cause', async () => {
  const error = (() => {
    try {
      for (const _ of new DataLoader(failing(3), { batchSize: 2, shuffle: true, seed: 1 }));
      return undefined;
    } catch (error) {
      return error as DataError;
    }
  })();
  expect(error).toBeInstanceOf(DataError);
  expect(error!.message).toBe('examples: example 3: cannot be read');
  expect((error!.cause as Error).message).toBe('cannot be read');
  const later = examples([1, 2], { transform: (x) => (x === 2 ? Promise.reject(new Error('lost')) : Promise.resolve(x)) });
  await expect(later.rows([0, 1])).rejects.toThrow('examples: example 1: lost');
  expect(() => examples([Tensor.zeros([2]), Tensor.zeros([2]), Tensor.zeros([3])]).rows([1, 2])).toThrow(
    /as in example 1, got \[3\] in example 2/,
  );
  expect(() => examples({ length: 2, get: (i: number) => [1][i]! }).rows([0, 1])).toThrow(
    'examples: example 1: expected an example, got undefined',
  );
});

refuses('%s is refused', [
  ...[5, 'text', null, undefined, {}, new Map([[0, 1]]).keys(), { size: 2 }, { size: -1, at: () => 1 }, { length: '3', at: () => 1 }].map(
    (list): [string, () => unknown, typeof ValueError, RegExp] => [
      `${String(list)} as a list`,
      () => examples(list as never),
      ValueError,
      /^examples: expected an array, or an object with length or size and at or get, got .*; others are batched by batches\(…\)/,
    ],
  ),
  ['a transform that is none', () => examples([1], { transform: 1 } as never), ValueError, /^examples: expected transform to be a function, got 1/],
  ['another option', () => examples([1], { batchSize: 1 } as never), ValueError, /^examples: there is no option batchSize/],
  ['a place that is none', () => examples([1]).rows([1]), ValueError, /^examples: expected places to be a list of whole numbers from 0 to below 1, got \[1\]/],
  ['a subset of a list', () => subset([1] as never, [0]), ValueError, /^subset: expected a dataset, got \[1\]; make one with new Dataset\(x, y\), or of a list with examples\(list\)/],
  ['a subset beyond', () => subset(new Dataset(Tensor.zeros([2])), [2]), ValueError, /^subset: expected places to be a list of whole numbers from 0 to below 2, got \[2\]/],
  ['a place beyond a subset', () => subset(examples([1, 2]), [1]).rows([1]), ValueError, /^subset: expected among to be/],
  ['batches of a list', () => transformed([1] as never, (x) => x), ValueError, /^transformed: expected a dataset/],
  ['what is no function', () => transformed(examples([1]), 1 as never), ValueError, /^transformed: expected f to be a function, got 1/],
]); // biome-ignore format: one line a case
