/** Parts that together are the whole. */

import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { DataLoader, Dataset, examples, kFold, randomSplit } from '../../src/datasets/index.ts';
import { DtypeError, Tensor, ValueError } from '../../src/index.ts';
import { refuses } from '../lib/refuses.ts';

const numbered = (size: number) => new Dataset(Tensor.arange(0, size, 1, 'int32'));
const labels = (values: readonly number[]) => Tensor.of([...values], 'int32');
const placesOf = ({ x }: { x: Tensor }): number[] => x.toArray() as number[];
const sorted = (numbers: readonly number[]) => numbers.toSorted((a, b) => a - b);
const many = fc.array(fc.nat({ max: 3 }), { minLength: 2, maxLength: 40 });

describe('a split at random', () => {
  test('has every example in one part, the sizes asked for, and for the same seed the same', () => {
    fc.assert(
      fc.property(many, fc.nat(), fc.nat({ max: 40 }), fc.boolean(), (values, seed, cut, stratified) => {
        const first = cut % (values.length + 1);
        const options = { seed, stratify: stratified ? labels(values) : undefined };
        const split = () => randomSplit(numbered(values.length), [first, values.length - first], options).map(placesOf);
        const parts = split();
        expect(parts.map(({ length }) => length)).toEqual([first, values.length - first]);
        expect(sorted(parts.flat())).toEqual([...values.keys()]);
        expect(split()).toEqual(parts);
      }),
    );
  });

  test('by fractions rounds down, and gives what is left over to the first parts, as PyTorch 2.13 does', () => {
    const sizes = (size: number, parts: number[]) => randomSplit(numbered(size), parts).map(({ size }) => size);
    expect(sizes(10, [0.7, 0.2, 0.1])).toEqual([7, 2, 1]);
    expect(sizes(11, [0.5, 0.25, 0.25])).toEqual([6, 3, 2]);
    expect(sizes(3, [0.25, 0.25, 0.25, 0.25])).toEqual([1, 1, 1, 0]);
    expect(sizes(1, [1])).toEqual([1]);
  });

  test('keeps the shares of classes where it is told them', () => {
    const values = Array.from({ length: 100 }, (_, i) => Number(i % 10 === 0));
    for (let seed = 0; seed < 20; seed++) {
      const [train, validation] = randomSplit(new Dataset(Tensor.zeros([100]), labels(values)), [0.8, 0.2], {
        seed,
        stratify: labels(values),
      });
      expect(Math.abs(train!.y.sum().item() - 8)).toBeLessThanOrEqual(1);
      expect(Math.abs(validation!.y.sum().item() - 2)).toBeLessThanOrEqual(1);
    }
  });

  test('divides other datasets too', () => {
    const parts = randomSplit(examples(['a', 'b', 'c']), [2, 1]);
    expect(parts.flatMap((part) => [...new DataLoader(part, { batchSize: 1 })].flat()).toSorted()).toEqual(['a', 'b', 'c']);
  });
});

describe('folds', () => {
  interface Case {
    readonly size: number;
    readonly folds: number;
    readonly shuffle: boolean;
    readonly seed: number;
    readonly classes: readonly number[] | null;
    readonly validation: readonly (readonly number[])[];
  }
  const { version, cases } = JSON.parse(readFileSync('test/golden/folds.json', 'utf8')) as { version: string; cases: readonly Case[] };

  test.each(cases)(
    `are those of scikit-learn ${version}: $size examples in $folds, $shuffle, $classes`,
    ({ size, classes, validation, ...options }) => {
      const found = kFold(numbered(size), { ...options, stratify: classes ? labels(classes) : undefined });
      expect(found.map(({ validation }) => placesOf(validation))).toEqual(validation);
    },
  );

  test('each have the rest to train on, and every example once to validate with', () => {
    fc.assert(
      fc.property(
        many,
        fc.integer({ min: 2, max: 6 }),
        fc.boolean(),
        fc.boolean(),
        fc.nat(),
        (values, folds, shuffle, stratified, seed) => {
          const most = Math.max(...[0, 1, 2, 3].map((kind) => values.filter((value) => value === kind).length));
          fc.pre(folds <= (stratified ? most : values.length));
          const found = kFold(numbered(values.length), { folds, shuffle, seed, stratify: stratified ? labels(values) : undefined });
          expect(found.length).toBe(folds);
          for (const { train, validation } of found)
            expect(sorted([...placesOf(train), ...placesOf(validation)])).toEqual([...values.keys()]);
          expect(sorted(found.flatMap(({ validation }) => placesOf(validation)))).toEqual([...values.keys()]);
        },
      ),
    );
  });
});

refuses('%s is refused', [
  ['sizes that do not add up', () => randomSplit(numbered(5), [2, 2]), ValueError, /^randomSplit: expected sizes that add up to 5, or fractions that add up to 1, got a sum of 4/],
  ['fractions that do not', () => randomSplit(numbered(5), [0.5, 0.4]), ValueError, /got a sum of 0\.9/],
  ...[[], [-1, 6], ['5'], 5, null, undefined].map((parts): [string, () => unknown, typeof ValueError, RegExp] => [
    `${JSON.stringify(parts)} for parts`,
    () => randomSplit(numbered(5), parts as never),
    ValueError,
    /^randomSplit: expected parts to be a list of sizes, or of fractions that add up to 1, got/,
  ]),
  ['a list', () => randomSplit([1, 2] as never, [1, 1]), ValueError, /^randomSplit: expected a dataset, got \[1,2\]/],
  ['classes of others', () => randomSplit(numbered(5), [5], { stratify: labels([0, 1]) }), DtypeError, /^randomSplit: expected stratify in int32 of shape \[5\], got int32 \[2\]/],
  ['a class list', () => kFold(numbered(2), { folds: 2, stratify: [0, 1] as never }), DtypeError, /^kFold: expected a tensor for stratify/],
  ['one fold', () => kFold(numbered(5), { folds: 1 }), ValueError, /^kFold: expected folds to be a whole number from 2, got 1/],
  ['more folds than examples', () => kFold(numbered(4)), ValueError, /^kFold: expected at most 4 folds, one for each example, got 5/],
  ['more folds than a class', () => kFold(numbered(6), { folds: 4, stratify: labels([0, 0, 0, 1, 1, 2]) }), ValueError, /^kFold: expected at most 3 folds, as many as the largest class has examples, got 4/],
  ['another option', () => kFold(numbered(5), { k: 5 } as never), ValueError, /^kFold: there is no option k/],
]); // biome-ignore format: one line a case
