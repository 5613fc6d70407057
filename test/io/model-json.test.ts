/** Models as text. */

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { DataError, DtypeError, Tensor } from '../../src/index.ts';
import { readJson, writeJson } from '../../src/io/model-json.ts';
import { runs } from '../lib/runs.ts';

test('every number comes back to the bit', () => {
  fc.assert(
    fc.property(fc.float64Array({ maxLength: 10 }), fc.float32Array({ maxLength: 10 }), fc.int32Array({ maxLength: 10 }), (a, b, c) => {
      const tensors = {
        a: Tensor.fromTypedArray(a, [a.length]),
        b: Tensor.fromTypedArray(b, [b.length]),
        c: Tensor.fromTypedArray(c, [1, c.length]),
      };
      const found = readJson(writeJson(tensors));
      for (const [name, x] of Object.entries(tensors)) {
        const y = found.get(name)!;
        expect([y.dtype, y.shape, [...y.data]]).toEqual([x.dtype, x.shape, [...x.data]]);
      }
      expect(() => JSON.parse(writeJson(tensors))).not.toThrow();
    }),
    { numRuns: runs(100) },
  );
});

test('anything else is refused, by name', () => {
  const wrong = (text: string) => () => readJson(text, 'a.json');
  expect(wrong('[]')).toThrow(/expected tensors by name/);
  expect(wrong('{"w": 3}')).toThrow("a.json: 'w': expected a dtype, one of float32, float64, int32");
  expect(wrong('{"w": {"dtype": "float16", "shape": [], "data": [1]}}')).toThrow(/expected a dtype/);
  expect(wrong('{"w": {"dtype": "float32", "shape": 1, "data": [1]}}')).toThrow(/expected lists/);
  expect(wrong('{"w": {"dtype": "float32", "shape": [1.5], "data": [1]}}')).toThrow(/whole numbers from 0/);
  expect(wrong('{"w": {"dtype": "float32", "shape": [2], "data": [1]}}')).toThrow(/as many numbers as its shape \[2\] holds, got 1/);
  expect(wrong('{"w": {"dtype": "float32", "shape": [1], "data": ["one"]}}')).toThrow(/something else at place 0/);
  expect(wrong('{"w": {"dtype": "int32", "shape": [1], "data": [0.5]}}')).toThrow(/expected int32 numbers/);
  for (const [dtype, number] of [
    ['float32', '1e39'],
    ['float32', '-3.5e38'],
    ['float64', '1e999'],
    ['float32', '1e999'],
  ])
    expect(wrong(`{"w": {"dtype": "${dtype}", "shape": [1], "data": [${number}]}}`)).toThrow(DataError);
  expect(wrong('{"w": {"dtype": "float32", "shape": [1], "data": [3.4028235e38]}}')).not.toThrow();
  expect(() => writeJson(new Map([[3, Tensor.of(1)]]) as never)).toThrow(/names that are texts/);
  expect(() => readJson(3 as never)).toThrow(DataError);
  expect(() => readJson('{}', 3 as never)).toThrow(DataError);
  expect(() => writeJson({ a: 1 } as never)).toThrow(DtypeError);
  expect(() => writeJson(3 as never)).toThrow(/tensors by name/);
});
