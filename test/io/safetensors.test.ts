/** Files of safetensors: what the reference reader enforces, and what it leaves out. */

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { DataError, DtypeError, Tensor } from '../../src/index.ts';
import { readSafetensors, writeSafetensors } from '../../src/io/safetensors.ts';
import { runs } from '../lib/runs.ts';

/** A file with a header as given, and so many bytes of data, or these. */
function file(header: unknown, data: number | readonly number[] = 0): Uint8Array {
  const text = new TextEncoder().encode(typeof header === 'string' ? header : JSON.stringify(header));
  const body = typeof data === 'number' ? new Uint8Array(data) : Uint8Array.from(data);
  const bytes = new Uint8Array(8 + text.length + body.length);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(text.length), true);
  bytes.set(text, 8);
  bytes.set(body, 8 + text.length);
  return bytes;
}
const entry = (dtype: string, shape: unknown, data_offsets: unknown) => ({ dtype, shape, data_offsets });
const values = (bytes: Uint8Array, name = 'a') => readSafetensors(bytes).tensors.get(name)!.toArray();

const tensors = fc
  .tuple(fc.constantFrom('float32' as const, 'float64' as const, 'int32' as const), fc.array(fc.nat(3), { maxLength: 3 }), fc.nat(1000))
  .map(([dtype, shape, seed]) =>
    Tensor.normal(shape, { dtype: dtype === 'int32' ? 'float64' : dtype, seed, standardDeviation: 100 })
      .round()
      .cast(dtype),
  );

describe('what is written', () => {
  test('is read again to the bit, with its metadata', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), tensors, { maxKeys: 5 }), fc.dictionary(fc.string(), fc.string()), (named, metadata) => {
        fc.pre(!Object.keys(named).includes('__metadata__'));
        const found = readSafetensors(writeSafetensors(named, { metadata }));
        expect(found.tensors.size).toBe(Object.keys(named).length);
        for (const [name, x] of Object.entries(named)) {
          const y = found.tensors.get(name)!;
          expect([y.dtype, y.shape, [...y.data]]).toEqual([x.dtype, x.shape, [...x.data]]);
        }
        expect([...found.metadata]).toEqual(Object.entries(metadata));
      }),
      { numRuns: runs(100) },
    );
  });

  test('is the same bytes for the same tensors in any order, wide dtypes first, all of it aligned', () => {
    const [a, b, c] = [Tensor.of([1]), Tensor.of([2], 'float64'), Tensor.of([3], 'int32')];
    const bytes = writeSafetensors({ a, b, c });
    expect([...writeSafetensors(new Map([['c', c], ['b', b], ['a', a]]))]).toEqual([...bytes]); // biome-ignore format: pairs
    const length = Number(new DataView(bytes.buffer).getBigUint64(0, true));
    expect(length % 8).toBe(0);
    expect(new TextDecoder().decode(bytes.subarray(8, 8 + length)).trimEnd()).toBe(
      '{"b":{"dtype":"F64","shape":[1],"data_offsets":[0,8]},"a":{"dtype":"F32","shape":[1],"data_offsets":[8,12]},' +
        '"c":{"dtype":"I32","shape":[1],"data_offsets":[12,16]}}',
    );
  });

  test('are tensors by names that are texts', () => {
    expect(() => writeSafetensors({ a: [1] } as never)).toThrow(DtypeError);
    expect(() => writeSafetensors([Tensor.of(1)] as never)).toThrow(/expected tensors by name/);
    expect(() => writeSafetensors({ __metadata__: Tensor.of(1) })).toThrow(DataError);
    expect(() => writeSafetensors({}, { metadata: { a: 1 } } as never)).toThrow(/texts by name/);
  });
});

describe('what is read', () => {
  test('becomes float32 from halves, int32 from whole numbers and booleans', () => {
    expect(values(file({ a: entry('F16', [5], [0, 10]) }, [0, 0x3e, 0xff, 0x7b, 1, 0, 0, 0xfc, 0, 0x80]))).toEqual([
      1.5,
      65504,
      2 ** -24,
      -Infinity,
      -0,
    ]);
    expect(values(file({ a: entry('BF16', [2], [0, 4]) }, [0xc0, 0x3f, 0, 0xc0]))).toEqual([1.5, -2]);
    expect(values(file({ a: entry('I64', [2], [0, 16]) }, [5, 0, 0, 0, 0, 0, 0, 0, ...new Array(8).fill(255)]))).toEqual([5, -1]);
    expect(values(file({ a: entry('BOOL', [3], [0, 3]) }, [0, 1, 7]))).toEqual([0, 1, 1]);
    expect(values(file({ a: entry('I8', [2], [0, 2]) }, [255, 127]))).toEqual([-1, 127]);
    expect(values(file({ a: entry('U16', [1], [0, 2]) }, [255, 255]))).toEqual([65535]);
    expect(Number.isNaN((values(file({ a: entry('F16', [1], [0, 2]) }, [1, 0x7c])) as number[])[0])).toBe(true);
  });

  test('may begin at any byte, and may have white space around its header', () => {
    expect(values(file(`${JSON.stringify({ a: entry('F64', [1], [0, 8]) })}  `, [0, 0, 0, 0, 0, 0, 0xf0, 0x3f]))).toEqual([1]);
    expect(values(file(` \n${JSON.stringify({ a: entry('F32', [], [0, 4]) })}`, [0, 0, 0x80, 0x3f]))).toBe(1);
    const whole = file({ a: entry('F32', [1], [0, 4]) }, [0, 0, 0x80, 0x3f]);
    const shifted = new Uint8Array(whole.length + 3);
    shifted.set(whole, 3);
    expect(values(shifted.subarray(3))).toEqual([1]);
  });

  test('may be empty, of any name, with fields that nobody knows', () => {
    expect(readSafetensors(file({})).tensors.size).toBe(0);
    expect(readSafetensors(file({ __metadata__: {} })).metadata.size).toBe(0);
    const found = readSafetensors(file('{"__proto__":{"dtype":"F32","shape":[0,5],"data_offsets":[0,0],"more":[1,{"x":null}]}}'));
    expect(found.tensors.get('__proto__')!.shape).toEqual([0, 5]);
    expect(({} as { dtype?: unknown }).dtype).toBe(undefined);
  });

  const good = entry('F32', [2], [0, 8]);
  test.each<[string, Uint8Array, RegExp]>([
    ['too short for a length', Uint8Array.of(1, 2, 3), /8 bytes for the length of its header, got 3 in all/],
    ['a header longer than allowed', file('{}').with(4, 1), /at most 100000000 bytes/],
    ['a header beyond the file', file('{}').with(0, 200), /truncated/],
    ['a header that is no UTF-8', file('{"\u00e9":1}').with(10, 0xff), /UTF-8/],
    ['a header that is no JSON', file('{'), /expected JSON/],
    ['a header that is no object', file('[]'), /an object/],
    ['something behind the header', file('{} x'), /nothing more/],
    ['a name that occurs twice', file(`{"a":${JSON.stringify(good)},"a":${JSON.stringify(good)}}`, 8), /occurs twice/],
    ['metadata that are no texts', file({ __metadata__: { a: 1 } }), /__metadata__/],
    ['metadata that are a list', file({ __metadata__: [] }), /__metadata__/],
    ['an entry that is none', file({ a: 3 }), /found no dtype/],
    ['an entry without a shape', file({ a: { dtype: 'F32', data_offsets: [0, 0] } }), /shape: expected a list/],
    ['a dtype that is unknown', file({ a: entry('F8_E4M3', [1], [0, 1]) }, 1), /got 'F8_E4M3', which has no counterpart here/],
    ['a dtype of a prototype', file({ a: entry('constructor', [1], [0, 1]) }, 1), /no counterpart/],
    ['sizes below 0', file({ a: entry('F32', [-1], [0, 4]) }, 4), /whole numbers from 0/],
    ['sizes that are no whole numbers', file('{"a":{"dtype":"F32","shape":[1.0],"data_offsets":[0,4]}}', 4), /whole numbers/],
    ['sizes beyond what numbers hold', file('{"a":{"dtype":"F32","shape":[9007199254740993],"data_offsets":[0,4]}}', 4), /whole numbers/],
    ['sizes whose product overflows', file({ a: entry('F32', [2 ** 40, 2 ** 40], [0, 4]) }, 4), /below 2⁶⁴/],
    ['too many offsets', file({ a: entry('F32', [1], [0, 4, 8]) }, 4), /\[begin, end\]/],
    ['an end before its beginning', file({ a: entry('F32', [1], [4, 0]) }, 4), /\[begin, end\]/],
    ['offsets that do not fit the shape', file({ a: entry('F32', [2], [0, 4]) }, 4), /expected 8 bytes/],
    ['a hole', file({ a: entry('F32', [1], [0, 4]), b: entry('F32', [1], [8, 12]) }, 12), /begin at byte 4/],
    ['an overlap', file({ a: entry('F32', [1], [0, 4]), b: entry('F32', [1], [0, 4]) }, 4), /begin at byte 4/],
    ['an empty tensor in the midst of another', file({ a: entry('F32', [2], [0, 8]), b: entry('F32', [0], [4, 4]) }, 8), /begin at byte 8/],
    ['data that are cut off', file({ a: good }, 4), /truncated/],
    ['bytes behind the data', file({ a: good }, 12), /belongs to no tensor/],
    [
      'whole numbers beyond int32',
      file({ a: entry('U32', [1], [0, 4]) }, [255, 255, 255, 255]),
      /'a': expected uint32 numbers that int32 can hold, got 4294967295/,
    ],
    ['large whole numbers', file({ a: entry('I64', [1], [0, 8]) }, [0, 0, 0, 0, 1, 0, 0, 0]), /got 4294967296 at place 0/],
  ])('is refused: %s', (_, bytes, message) => {
    expect(() => readSafetensors(bytes, 'model')).toThrow(DataError);
    expect(() => readSafetensors(bytes, 'model')).toThrow(/^model/);
    expect(() => readSafetensors(bytes, 'model')).toThrow(message);
  });

  test('is refused where it is no bytes', () => {
    expect(() => readSafetensors(new ArrayBuffer(8) as never)).toThrow(/write new Uint8Array\(buffer\)/);
    expect(() => readSafetensors(file({}), 3 as never)).toThrow(DataError);
  });
});

describe('the rules of the reference reader, safetensors 0.8.0', () => {
  const entry = (name: string, rest: string) => new TextEncoder().encode(`{"${name}":${rest}}`);
  const of = (header: Uint8Array, ...data: number[]) => {
    const bytes = new Uint8Array(8 + header.length + data.length);
    new DataView(bytes.buffer).setUint32(0, header.length, true);
    bytes.set(header, 8);
    bytes.set(data, 8 + header.length);
    return bytes;
  };
  const byte = '{"dtype":"U8","shape":[1],"data_offsets":[0,1]}';

  test('names and metadata are whole characters', () => {
    expect([...readSafetensors(of(entry('a\\ud83d\\ude00', byte), 1)).tensors.keys()]).toEqual(['a\u{1f600}']);
    for (const half of ['\\ud800', 'a\\udc00', '\\ude00\\ud83d'])
      expect(() => readSafetensors(of(entry(half, byte), 1))).toThrow(/half of a character stands alone/);
    expect(() => readSafetensors(of(entry('__metadata__', '{"a":"\\ud800"}')))).toThrow(DataError);
  });

  test('metadata may be null', () => {
    expect(readSafetensors(of(entry('__metadata__', 'null'))).metadata.size).toBe(0);
  });

  test('no product of sizes is beyond 64 bits, also where another size is 0', () => {
    const empty = (shape: string) => of(entry('a', `{"dtype":"F32","shape":[${shape}],"data_offsets":[0,0]}`));
    expect(readSafetensors(empty('0,4294967296,4294967296,4294967296')).tensors.get('a')!.size).toBe(0);
    expect(() => readSafetensors(empty('4294967296,4294967296,4294967296,0'))).toThrow(/below 2⁶⁴/);
  });

  test('a number in a field that nobody knows is one that float64 can hold', () => {
    expect(() => readSafetensors(of(entry('a', '{"dtype":"U8","shape":[1],"data_offsets":[0,1],"x":1e999}'), 1))).toThrow(DataError);
  });

  test('what it would not read is not written', () => {
    expect(() => writeSafetensors({ '\ud800': Tensor.of(1) })).toThrow(DataError);
    expect(() => writeSafetensors({}, { metadata: { a: '\udc00' } })).toThrow(/texts by name/);
    expect(() => writeSafetensors({}, { metadata: { '\udc00': 'a' } })).toThrow(/texts by name/);
  });

  test('a whole number that int32 cannot hold is told as it is, by name', () => {
    const i64 = of(entry('ids', '{"dtype":"U64","shape":[1],"data_offsets":[0,8]}'), ...Array(8).fill(255));
    expect(() => readSafetensors(i64)).toThrow(/'ids': expected uint64 numbers that int32 can hold, got 18446744073709551615 at place 0/);
  });
});
