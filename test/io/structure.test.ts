/** Plain data in two parts, and together again. */

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { DataError, Tensor } from '../../src/index.ts';
import { putTogether, takeApart } from '../../src/io/structure.ts';
import { runs } from '../lib/runs.ts';

const tensor = fc.array(fc.double(), { maxLength: 4 }).map((numbers) => Tensor.fromTypedArray(Float64Array.from(numbers)));
const { data } = fc.letrec((tie) => ({
  data: fc.oneof(
    { maxDepth: 4 },
    fc.constantFrom<unknown>(undefined, null, true, false, Number.NaN, Infinity, -Infinity, -0),
    fc.double(),
    fc.string({ unit: 'binary' }),
    fc.float32Array({ maxLength: 3 }),
    fc.float64Array({ maxLength: 3 }),
    fc.int32Array({ maxLength: 3 }),
    tensor,
    fc.array(fc.double(), { minLength: 17, maxLength: 20 }),
    fc.array(tie('data'), { maxLength: 4 }),
    fc.dictionary(fc.oneof(fc.string(), fc.constantFrom('$', '__proto__', 'a.b', 'a', 'constructor')), tie('data'), { maxKeys: 4 }),
  ),
}));
/** Tensors as what they hold. */
const plain = (x: unknown): unknown => {
  if (x instanceof Tensor) return { tensor: x.dtype, shape: x.shape, numbers: [...x.data] };
  if (Array.isArray(x)) return x.map(plain);
  if (typeof x !== 'object' || x === null || ArrayBuffer.isView(x)) return x;
  return Object.entries(x).map(([key, part]) => [key, plain(part)]);
};

test('any plain data come back, to the bit', () => {
  fc.assert(
    fc.property(data, (x) => {
      expect(plain(putTogether(takeApart(x as never), 'file'))).toEqual(plain(x));
    }),
    { numRuns: runs(300) },
  );
});

test('one tensor at several places is written once, and is one again', () => {
  const x = Tensor.of([1, 2]);
  const { text, tensors } = takeApart({ a: { b: x }, 'a.b': Tensor.of([3]), c: [x] });
  expect([...tensors.keys()]).toEqual(['a.b', 'a.b_']);
  const again = putTogether({ text, tensors }, 'file') as { a: { b: Tensor }; c: [Tensor] };
  expect(again.a.b).toBe(again.c[0]);
});

test('what was not written so is told', () => {
  const tensors = new Map([['m', Tensor.ones([2, 2])]]);
  for (const text of ['', '{"$":"?"}', '{"$":1}', '{"$":"tensor"}', '{"$":"list","at":"m"}', '{"$":"numbers","at":"x"}', '{"$":"object","of":[]}', '{"$":null}'])
    expect(() => putTogether({ text, tensors }, 'file')).toThrow(DataError); // biome-ignore format: one list
});
