/** Examples that are put together come apart again. */

import fc from 'fast-check';
import { expect, expectTypeOf, test } from 'vitest';
import { collate, padded } from '../../src/datasets/index.ts';
import { DtypeError, ShapeError, Tensor, ValueError } from '../../src/index.ts';
import { refuses } from '../lib/refuses.ts';

/** Plain data of whatever was put together. */
const plain = (x: unknown): unknown => (x instanceof Tensor ? x.toArray() : x);

test('of every part, the row of an example is what the example has there', () => {
  const example = fc.tuple(fc.integer(), fc.array(fc.integer(), { minLength: 3, maxLength: 3 }), fc.string());
  fc.assert(
    fc.property(fc.array(example, { minLength: 1, maxLength: 9 }), (given) => {
      const batch = collate(
        given.map(([n, row, text]) => ({
          n,
          all: [row, new Float64Array(row), text] as const,
          x: Tensor.of([row], 'int32'),
          yes: n > 0,
        })),
        { numbers: 'float64' },
      );
      given.forEach(([n, row, text], i) => {
        const at = (x: Tensor) => x.slice([i]).toArray();
        expect([at(batch.n), at(batch.all[0]), at(batch.all[1]), batch.all[2][i], at(batch.x), at(batch.yes)]).toEqual([
          n,
          row,
          row,
          text,
          [row],
          Number(n > 0),
        ]);
      });
      expect([batch.n.dtype, batch.all[1].dtype, batch.x.dtype]).toEqual(['float64', 'float64', 'int32']);
    }),
  );
});

test('the compiler knows what comes out', () => {
  const batch = collate([{ x: Tensor.zeros([2, 3]), y: 1, name: 'a', pair: [1, 'b'] as [number, string] }]);
  expectTypeOf(batch.x).toExtend<Tensor>();
  expectTypeOf(batch.y).toEqualTypeOf<Tensor<[number]>>();
  expectTypeOf(batch.name).toEqualTypeOf<string[]>();
  expectTypeOf(batch.pair[1]).toEqualTypeOf<string[]>();
});

test('numbers are float32 whether they are whole or not, or of the dtype that is asked for', () => {
  expect([collate([1, 2]).dtype, collate([1.5]).dtype, collate([1, 2], { numbers: 'int32' }).dtype]).toEqual([
    'float32',
    'float32',
    'int32',
  ]);
});

test('what is neither numbers nor a list or object is kept in a list', () => {
  const date = new Date(0);
  expect(collate([{ date }, { date }])).toEqual({ date: [date, date] });
  expect(collate([null, null])).toEqual([null, null]);
});

test('a batch has memory of its own', () => {
  const x = Tensor.of([1, 2]);
  collate([x]).data[0] = 9;
  expect(x.toArray()).toEqual([1, 2]);
});

test('padded sequences begin with what they were, then comes the value, and their lengths are told', () => {
  const sequences = fc.array(fc.array(fc.integer({ min: -9, max: 9 }), { minLength: 1, maxLength: 6 }), { minLength: 1, maxLength: 6 });
  fc.assert(
    fc.property(sequences, fc.integer({ min: -9, max: 9 }), (given, value) => {
      const { values, lengths } = padded({ value })(
        given.map((numbers) =>
          Tensor.of(
            numbers.map((x) => [x, -x]),
            'int32',
          ),
        ),
      );
      const longest = Math.max(...given.map(({ length }) => length));
      expect(values.shape).toEqual([given.length, longest, 2]);
      expect(lengths.toArray()).toEqual(given.map(({ length }) => length));
      given.forEach((numbers, i) =>
        expect(values.slice([i]).toArray()).toEqual(
          Array.from({ length: longest }, (_, t) =>
            t < numbers.length ? [numbers[t], numbers[t] === 0 ? -0 || 0 : -numbers[t]!] : [value, value],
          ),
        ),
      );
    }),
  );
});

test('in padded trees numbers stay numbers, and sequences that are equally long are padded ones all the same', () => {
  const { x, y } = padded()([
    { x: [1, 2], y: 3 },
    { x: [4, 5], y: 6 },
  ]);
  expectTypeOf(y).toEqualTypeOf<Tensor<[number]>>();
  expect([plain(x.values), plain(x.lengths), plain(y)]).toEqual([[[1, 2], [4, 5]], [2, 2], [3, 6]]); // biome-ignore format: one line
});

const [two, three] = [Tensor.zeros([2]), Tensor.zeros([3])];
refuses('%s is refused, and the example is named', [
  ['another shape', () => collate([{ x: two }, { x: three }]), ShapeError, /^collate: expected x of shape \[2\], as in example 0, got \[3\] in example 1; sequences/],
  ['another shape at known places', () => collate([two, three], { places: [7, 4] }), ShapeError, /examples of shape \[2\], as in example 7, got \[3\] in example 4/],
  ['another dtype', () => collate([[two], [two.cast('float64')]]), DtypeError, /^collate: expected \[?examples\[0\].* in float32, as in example 0, got float64 in example 1; convert one with cast/],
  ['another kind', () => collate([{ a: 1 }, { a: 'x' }]), ValueError, /^collate: expected a to be numbers, as in example 0, got 'x' in example 1/],
  ['another part', () => collate([{ a: { b: 1 } }, { a: { c: 1 } }]), ValueError, /^collate: expected a to be an object of b, as in example 0, got \{"c":1\} in example 1/],
  ['a longer list', () => collate([['a'], ['a', 'b']]), ValueError, /expected examples to be a list of 0, as in example 0, got \["a","b"\] in example 1/],
  ['a ragged array', () => collate([[[1], [2, 3]]]), ValueError, /^collate: examples in example 0: Tensor\.of: ragged array/],
  ['a fraction for a class', () => collate([{ y: 0.5 }], { numbers: 'int32' }), ValueError, /^collate: y in example 0: .*got 0\.5/],
  ['nothing', () => collate([]), ValueError, /^collate: expected a list of examples, got \[\]/],
  ['what is no list', () => collate(5 as never), ValueError, /^collate: expected a list of examples, got 5/],
  ['another option', () => collate([1], { dtype: 'int32' } as never), ValueError, /^collate: there is no option dtype/],
  ['a dtype that is none', () => collate([1], { numbers: 'half' } as never), ValueError, /^collate: expected numbers to be 'float32'/],
  ['other steps', () => padded()([Tensor.zeros([2, 3]), Tensor.zeros([2, 4])]), ShapeError, /^padded: expected examples of shape \['length', 3\], as in example 0, got \[2, 4\] in example 1/],
  ['no steps', () => padded()([two, Tensor.of(1)]), ShapeError, /got \[\] in example 1/],
  ['a fraction after int32', () => padded({ value: 0.5 })([Tensor.of([1], 'int32')]), ValueError, /^padded: expected value to be a whole number that fits in int32, as examples is, got 0\.5/],
  ['a value in text', () => padded({ value: '0' } as never), ValueError, /^padded: expected value to be a number, got '0'/],
]); // biome-ignore format: one line a case

test('examples that hold themselves are refused', () => {
  const loop: Record<string, unknown> = { x: 1 };
  loop['self'] = loop;
  expect(() => collate([loop])).toThrow('collate: expected examples no more than 32 levels deep; do they hold themselves?');
});
