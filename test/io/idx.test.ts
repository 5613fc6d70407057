/** The idx format: what is written is read again, and nothing that is cut or lengthened passes. */

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { readIdx } from '../../src/datasets/index.ts';

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
