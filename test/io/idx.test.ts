/** The idx format: what is written is read again, and nothing that is cut or lengthened passes. */

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { readIdx } from '../../src/datasets/index.ts';
import { DataError } from '../../src/index.ts';
import { idxSize } from '../../src/io/idx.ts';

/** The kinds of number by their code, as the format's author lists them. */
const kinds = {
  8: { bytes: 1, write: (view: DataView, at: number, x: number) => view.setUint8(at, x), number: fc.nat({ max: 255 }) },
  9: { bytes: 1, write: (view: DataView, at: number, x: number) => view.setInt8(at, x), number: fc.integer({ min: -128, max: 127 }) },
  11: { bytes: 2, write: (view: DataView, at: number, x: number) => view.setInt16(at, x), number: fc.integer({ min: -32768, max: 32767 }) },
  12: { bytes: 4, write: (view: DataView, at: number, x: number) => view.setInt32(at, x), number: fc.integer() },
  13: { bytes: 4, write: (view: DataView, at: number, x: number) => view.setFloat32(at, x), number: fc.float({ noNaN: true }) },
  14: { bytes: 8, write: (view: DataView, at: number, x: number) => view.setFloat64(at, x), number: fc.double({ noNaN: true }) },
} as const;
type Code = keyof typeof kinds;

function writeIdx(code: Code, shape: readonly number[], numbers: readonly number[]): Uint8Array {
  const { bytes, write } = kinds[code];
  const header = 4 + 4 * shape.length;
  const file = new Uint8Array(header + bytes * numbers.length);
  const view = new DataView(file.buffer);
  file.set([0, 0, code, shape.length]);
  shape.forEach((size, axis) => view.setUint32(4 + 4 * axis, size));
  numbers.forEach((x, i) => write(view, header + i * bytes, x));
  return file;
}

const files = fc.constantFrom<Code>(8, 9, 11, 12, 13, 14).chain((code) =>
  fc.array(fc.nat({ max: 4 }), { maxLength: 3 }).chain((shape) => {
    const size = shape.reduce((a, b) => a * b, 1);
    return fc
      .array(kinds[code].number as fc.Arbitrary<number>, { minLength: size, maxLength: size })
      .map((numbers) => ({ shape, numbers, file: writeIdx(code, shape, numbers) }));
  }),
);

test('a written file is read back, in every number type and with any number of axes', () => {
  fc.assert(
    fc.property(files, ({ shape, numbers, file }) => {
      const { shape: readShape, data } = readIdx(file, 'file');
      expect(readShape).toEqual(shape);
      expect([...data]).toEqual(numbers);
    }),
  );
});

test('a file that is too short or too long is refused by name', () => {
  fc.assert(
    fc.property(files, fc.nat(), ({ file }, cut) => {
      expect(() => readIdx(file.subarray(0, cut % file.length), 'digits')).toThrow(/^digits: expected .*truncated$/);
      expect(() => readIdx(Uint8Array.of(...file, 0), 'digits')).toThrow(/^digits: expected .*does not belong to it$/);
    }),
  );
});

test('a file that is not an IDX file is refused, with its first bytes in the message', () => {
  expect(() => readIdx(Uint8Array.of(0x50, 0x4b, 3, 4), 'digits')).toThrow('got 50 4b 03 04');
  expect(() => readIdx(Uint8Array.of(0, 0, 10, 1), 'digits')).toThrow(/a kind of number from 08 to 0e/);
});

test('the beginning of a file tells its size, or how much of it is needed to tell more', () => {
  fc.assert(
    fc.property(files, fc.nat(), ({ shape, file }, cut) => {
      const beginning = file.subarray(0, cut % (file.length + 1));
      const header = 4 + 4 * shape.length;
      expect(idxSize(beginning)).toBe(beginning.length < 4 ? 4 : beginning.length < header ? header : file.length);
    }),
  );
});

test('of what is no idx file no more than the first bytes are needed', () => {
  for (const bytes of [
    [0x3c, 0x21, 8, 1, 0],
    [0, 1, 8, 1, 0],
    [1, 0, 8, 1, 0],
    [0, 0, 10, 1, 0],
  ])
    expect(idxSize(Uint8Array.from(bytes))).toBe(4);
});

test('an axis of size 0 leaves nothing, however long the others are', () => {
  const file = Uint8Array.of(0, 0, 14, 40, ...Array<number>(39 * 4).fill(255), 0, 0, 0, 0);
  expect(readIdx(file, 'file').data.length).toBe(0);
  expect(idxSize(file)).toBe(file.length);
});

test.each([
  [undefined, 'got undefined'],
  ['text', "got 'text'"],
  [new ArrayBuffer(8), 'got an ArrayBuffer; write new Uint8Array(buffer)'],
])('%o is refused in the place of bytes', (given, message) => {
  expect(() => readIdx(given as never, 'digits')).toThrow(
    new DataError(`digits: expected the bytes of an idx file in a Uint8Array, ${message}`),
  );
  expect(() => readIdx(given as never)).toThrow(/^idx: /);
});

test.each([
  [[], 'digits: expected an idx file, with a header of at least 4 bytes, got 0; it is truncated'],
  [[0, 0, 8], 'digits: expected an idx file, with a header of at least 4 bytes, got 3; it is truncated'],
  [[0, 0, 8, 2, 0], 'digits: expected an idx file, with a header of at least 12 bytes, got 5; it is truncated'],
  [[0, 0, 8, 1, 0, 0, 0, 2, 5], 'digits: expected 10 bytes for unsigned bytes of shape [2], got 9; it is truncated'],
  [
    [0, 0, 11, 1, 0, 0, 0, 1, 5, 5, 5],
    'digits: expected 10 bytes for shorts of shape [1], got more; something follows that does not belong to it',
  ],
])('%j is refused, with what is wrong', (bytes, message) => {
  expect(() => readIdx(Uint8Array.from(bytes), 'digits')).toThrow(new DataError(message));
});
