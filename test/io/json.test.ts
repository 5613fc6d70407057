/** JSON from strangers. */

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { DataError } from '../../src/index.ts';
import { type Json, parseJson } from '../../src/io/json.ts';
import { runs } from '../lib/runs.ts';

/** What `JSON.parse` would give. */
const plain = (x: Json): unknown => {
  if (x instanceof Map) return Object.fromEntries([...x].map(([name, part]) => [name, plain(part)]));
  if (Array.isArray(x)) return x.map(plain);
  return typeof x === 'object' && x !== null ? x.number : x;
};

test('it reads what JSON.parse reads', () => {
  fc.assert(
    fc.property(fc.jsonValue({ maxDepth: 6 }), fc.constantFrom(undefined, 2, '\t'), (value, space) => {
      const text = JSON.stringify(value, null, space);
      expect(plain(parseJson(text, 'x'))).toEqual(JSON.parse(text));
    }),
    { numRuns: runs(300) },
  );
});

test('it refuses what JSON.parse refuses, with the place', () => {
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.stringMatching(/^[[\]{}",:0-9a-z.eE+\- \\]{0,12}$/)), (text) => {
      let expected: unknown;
      try {
        expected = JSON.parse(text);
      } catch {
        expect(() => parseJson(text, 'x')).toThrow(DataError);
        return;
      }
      expect(plain(parseJson(text, 'x'))).toEqual(expected);
    }),
    { numRuns: runs(500) },
  );
  expect(() => parseJson('[1, 2', 'file')).toThrow('file: expected JSON with a comma or ] at character 5, got its end');
  expect(() => parseJson('{"a": 1 "b"}', 'file')).toThrow('file: expected JSON with a comma or } at character 8, got "\\"b\\"}"');
});

test('a name that occurs twice is refused, and names of prototypes are names', () => {
  expect(() => parseJson('{"a": 1, "\\u0061": 2}', 'file')).toThrow('file: the name "a" occurs twice');
  expect([...(parseJson('{"__proto__": 1, "constructor": 2}', 'x') as Map<string, Json>).keys()]).toEqual(['__proto__', 'constructor']);
});

test('whole numbers are told from others, and from those that JavaScript cannot hold', () => {
  const wholeOf = (text: string) => (parseJson(text, 'x') as { whole: number | undefined }).whole;
  expect(['0', '12', '9007199254740991'].map(wholeOf)).toEqual([0, 12, 2 ** 53 - 1]);
  expect(['1.0', '1e3', '-1', '-0', '9007199254740992', '9007199254740993'].map(wholeOf)).toEqual(new Array(6).fill(undefined));
});

test('too many levels are refused, and long texts are read in a time that grows with them', () => {
  expect(() => parseJson('['.repeat(100_000), 'x')).toThrow(/at most 64 levels/);
  const text = `"${'\\\\'.repeat(1_000_000)}"`;
  expect((parseJson(text, 'x') as string).length).toBe(1_000_000);
});
