/** Examples in turn, and batches ahead of the loop. */

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { batches, DataLoader, examples, prefetch } from '../../src/datasets/index.ts';
import { DataError, type Tensor, ValueError } from '../../src/index.ts';
import { refuses } from '../lib/refuses.ts';

const later = () => new Promise((resolve) => setTimeout(resolve, 0));

async function* slowly<T>(values: Iterable<T>, ended: { count: number } = { count: 0 }): AsyncGenerator<T> {
  try {
    for (const value of values) {
      await later();
      yield value;
    }
  } finally {
    ended.count++;
  }
}

async function listOf<T>(source: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const each of source) all.push(each);
  return all;
}

const arrays = (tensors: readonly Tensor[]) => tensors.map((x) => x.toArray());

test('an iterable, an async iterable and a list with an index give the same batches', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.integer(), { minLength: 1, maxLength: 12 }),
      fc.integer({ min: 1, max: 12 }),
      fc.boolean(),
      async (list, batchSize, dropLast) => {
        fc.pre(!dropLast || list.length >= batchSize);
        const options = { batchSize, dropLast };
        const wanted = arrays([...new DataLoader(examples(list), options)]);
        expect(arrays([...batches(list, options)])).toEqual(wanted);
        expect(arrays(await listOf(batches(slowly(list), options)))).toEqual(wanted);
        expect(arrays(await listOf(prefetch(new DataLoader(examples(list), options), 2)))).toEqual(wanted);
      },
    ),
    { numRuns: 30 },
  );
});

test('each loop begins anew', async () => {
  const twice = batches([1, 2, 3], { batchSize: 2 });
  expect([arrays([...twice]), arrays([...twice])]).toEqual([[[1, 2], [3]], [[1, 2], [3]]]); // biome-ignore format: one line
  const ahead = prefetch(new DataLoader(examples([1, 2, 3]), { batchSize: 2, shuffle: true }));
  const [first, second] = [await listOf(ahead), await listOf(ahead)];
  const loader = new DataLoader(examples([1, 2, 3]), { batchSize: 2, shuffle: true });
  expect([arrays(first), arrays(second)]).toEqual([arrays([...loader]), arrays([...loader])]);
});

test('ahead of a loader are its epochs by number, from any batch on, and its length', async () => {
  const options = { batchSize: 2, shuffle: true, seed: 3 };
  const loader = new DataLoader(examples([1, 2, 3, 4, 5]), options);
  const ahead = prefetch(new DataLoader(examples([1, 2, 3, 4, 5]), options), 2);
  expect(ahead.length).toBe(3);
  for (const [epoch, first] of [[4, 0], [0, 1], [2, 2], [1, 3]] as const) // biome-ignore format: one list
    expect(arrays(await listOf(ahead.epoch(epoch, first)))).toEqual(arrays([...loader.epoch(epoch, first)]));
  expect('epoch' in prefetch([1, 2])).toBe(false);
});

test('examples are transformed in turn and told their index; an async one waits', async () => {
  expect(arrays([...batches([5, 6], { batchSize: 2, transform: (x, i) => 10 * x + i })])).toEqual([[50, 61]]);
  expect(arrays(await listOf(batches(slowly([5, 6]), { batchSize: 2, transform: async (x, i) => 10 * x + i })))).toEqual([[50, 61]]);
});

test('a loop that is left ends the source', async () => {
  let ended = 0;
  function* source() {
    try {
      for (let i = 0; ; i++) yield i;
    } finally {
      ended++;
    }
  }
  for (const _ of batches(source(), { batchSize: 2 })) break;
  expect(ended).toBe(1);
  const open = { count: 0 };
  for await (const _ of batches(slowly([1, 2, 3], open), { batchSize: 1 })) break;
  expect(open.count).toBe(1);
  for await (const _ of prefetch(slowly([1, 2, 3], open), 2)) break;
  expect(open.count).toBe(2);
});

test('an error ends the source, and names the example by its index', async () => {
  const open = { count: 0 };
  const transform = (x: number) => {
    if (x === 30) throw new Error('no picture');
    return x;
  };
  await expect(listOf(batches(slowly([10, 20, 30, 40], open), { batchSize: 2, transform }))).rejects.toThrow(
    new DataError('batches: example 2: no picture'),
  );
  expect(open.count).toBe(1);
  expect(() => [...batches([10, 20, 30], { batchSize: 2, transform })]).toThrow('batches: example 2: no picture');
  function* broken() {
    yield 1;
    throw new Error('cut off');
  }
  expect(() => [...batches(broken(), { batchSize: 4 })]).toThrow('batches: example 1: cut off');
  expect(() => [...batches([[1], [2], [3, 4]], { batchSize: 1 })]).not.toThrow();
  expect(() => [...batches([[1], [2], [3], [3, 4]], { batchSize: 2 })]).toThrow(/as in example 2, got \[2\] in example 3/);
});

test('as many batches as asked are under way while the loop works, and no more', async () => {
  for (const count of [0, 1, 3]) {
    let begun = 0;
    const source = examples([...Array(10).keys()], {
      transform: async (x) => {
        begun++;
        await later();
        return x;
      },
    });
    let seen = 0;
    for await (const _ of prefetch(new DataLoader(source, { batchSize: 1 }), count)) {
      seen++;
      await later();
      expect(begun).toBe(Math.min(10, seen + count));
    }
    expect(seen).toBe(10);
  }
});

test('the error of a batch comes at its turn, after the batches before it', async () => {
  const source = examples([1, 2, 3], { transform: async (x) => (x === 2 ? Promise.reject(new Error('lost')) : x) });
  const seen: unknown[] = [];
  await expect(
    (async () => {
      for await (const batch of prefetch(new DataLoader(source, { batchSize: 1 }), 2)) seen.push(batch.toArray());
    })(),
  ).rejects.toThrow('examples: example 1: lost');
  expect(seen).toEqual([[1]]);
});

refuses('%s is refused', [
  ...[5, 'text', null, undefined, {}].flatMap((source): [string, () => unknown, typeof ValueError, RegExp][] => [
    [`${String(source)} to batch`, () => batches(source as never, { batchSize: 1 }), ValueError, /^batches: expected an iterable or an async iterable, got/],
    [`${String(source)} to fetch`, () => prefetch(source as never), ValueError, /^prefetch: expected a loader, or another iterable or async iterable, got/],
  ]),
  ['no size', () => batches([1], {} as never), ValueError, /^batches: expected batchSize to be a whole number from 1, got undefined/],
  ['another option', () => batches([1], { batchSize: 1, shuffle: true } as never), ValueError, /^batches: there is no option shuffle/],
  ['a count that is none', () => prefetch([1], -1), ValueError, /^prefetch: expected count to be a whole number from 0, got -1/],
]); // biome-ignore format: one line a case
