/** Arrays of NumPy. The files are what NumPy 2.4 writes. */

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { DataError, Tensor } from '../../src/index.ts';
import { readNpy, writeNpy } from '../../src/io/npy.ts';
import { runs } from '../lib/runs.ts';

/** A file of a version with a header and data as given. */
function file(header: string, data: readonly number[] = [], version: 1 | 2 | 3 = 1): Uint8Array {
  const text = new TextEncoder().encode(`${header}\n`);
  const start = version === 1 ? 10 : 12;
  const bytes = new Uint8Array(start + text.length + data.length);
  bytes.set([0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, version, 0]);
  const view = new DataView(bytes.buffer);
  if (version === 1) view.setUint16(8, text.length, true);
  else view.setUint32(8, text.length, true);
  bytes.set(text, start);
  bytes.set(data, start + text.length);
  return bytes;
}
const header = (descr: string, shape: string, order = 'False') => `{'descr': '${descr}', 'fortran_order': ${order}, 'shape': ${shape}, }`;
const read = (...given: Parameters<typeof file>) => readNpy(file(...given), 'a.npy');

test('what is written is read again, to the bit', () => {
  fc.assert(
    fc.property(
      fc.array(fc.nat(3), { maxLength: 4 }),
      fc.constantFrom('float32' as const, 'float64' as const),
      fc.nat(99),
      (shape, dtype, seed) => {
        const x = Tensor.normal(shape, { dtype, seed });
        const y = readNpy(writeNpy(x));
        expect([y.dtype, y.shape, [...y.data]]).toEqual([x.dtype, x.shape, [...x.data]]);
      },
    ),
    { numRuns: runs(100) },
  );
  expect(readNpy(writeNpy(Tensor.of([-5, 7], 'int32'))).toArray()).toEqual([-5, 7]);
});

test('the bytes are those that NumPy writes', () => {
  const bytes = writeNpy(Tensor.of([1, 2]));
  expect(new TextDecoder('latin1').decode(bytes.subarray(1, 6))).toBe('NUMPY');
  expect(new TextDecoder().decode(bytes.subarray(10, 128))).toBe(
    `${"{'descr': '<f4', 'fortran_order': False, 'shape': (2,), }".padEnd(117)}\n`,
  );
  expect(bytes.length).toBe(136);
  expect(new TextDecoder().decode(writeNpy(Tensor.of(1))).includes("'shape': (), }")).toBe(true);
});

test('all versions, orders of axes and of bytes, and kinds of number are read', () => {
  expect(read(header('<f4', '(1,)'), [0, 0, 0x80, 0x3f], 2).toArray()).toEqual([1]);
  expect(read(header('<f4', '(1,)'), [0, 0, 0x80, 0x3f], 3).toArray()).toEqual([1]);
  expect(read(header('>f4', '(1,)'), [0x3f, 0x80, 0, 0]).toArray()).toEqual([1]);
  expect(read(header('>i2', '()'), [1, 0]).item()).toBe(256);
  expect(read(header('>i8', '()'), [255, 255, 255, 255, 255, 255, 255, 254]).item()).toBe(-2);
  expect(read(header('|u1', '(2, 3)', 'True'), [1, 2, 3, 4, 5, 6]).toArray()).toEqual([[1, 3, 5], [2, 4, 6]]); // biome-ignore format: a matrix
  expect(read(header('|b1', '(2,)'), [1, 0]).toArray()).toEqual([1, 0]);
  expect(read(header('<f2', '(1,)'), [0, 0x3e]).toArray()).toEqual([1.5]);
  expect(read("{'shape': (2,), 'fortran_order': False, 'descr': '|i1'}", [1, 255]).toArray()).toEqual([1, -1]);
  expect(read('{"descr": "<i4", "fortran_order": False, "shape": (1L, )}', [1, 0, 0, 0]).toArray()).toEqual([1]);
});

test('Fortran order is that of the indices, for any shape', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: 4 }), { maxLength: 4 }), (shape) => {
      const size = shape.reduce((a, b) => a * b, 1);
      const y = read(
        header('|u1', `(${shape.join(', ')}${shape.length === 1 ? ',' : ''})`, 'True'),
        Array.from({ length: size }, (_, i) => i),
      );
      const axes = shape.map((_, axis) => shape.length - 1 - axis);
      expect(y.toArray()).toEqual(
        Tensor.arange(size)
          .reshape([...shape].reverse())
          .permute(axes)
          .toArray(),
      );
    }),
    { numRuns: runs(50) },
  );
});

describe('what is no array of numbers is refused, by name', () => {
  test.each<[string, Uint8Array, RegExp]>([
    ['another file', Uint8Array.of(80, 75, 3, 4, 0, 0, 0, 0, 0, 0), /begins with \\x93NUMPY/],
    ['a version to come', file(header('<f4', '()'), [0, 0, 0, 0]).with(6, 4), /version 1.0 to 3.0, got 4.0/],
    ['a header beyond the file', file(header('<f4', '()')).with(8, 250), /truncated/],
    ['a header of gigabytes', file(header('<f4', '()'), [], 2).with(11, 255), /at most 65536 bytes/],
    ['pickled objects', file(header('|O', '(1,)'), [0]), /pickled objects, which are programs and are never run/],
    ['texts', file(header('<U3', '(1,)'), [0]), /texts/],
    ['complex numbers', file(header('<c16', '(1,)'), [0]), /complex numbers/],
    ['dates', file(header('<M8[ns]', '(1,)'), [0]), /dates/],
    ['raw bytes', file(header('|V2', '(1,)'), [0, 0]), /raw bytes/],
    ['float8', file(header('<f1', '(1,)'), [0]), /no counterpart/],
    ['structures', file("{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (1,), }"), /structured type/],
    ['an order of this machine', file(header('=f4', '(1,)'), [0, 0, 0, 0]), /no counterpart/],
    ['numbers of several bytes without an order', file(header('|f4', '(1,)'), [0, 0, 0, 0]), /no counterpart/],
    ['a part that is missing', file("{'descr': '<f4', 'shape': (1,), }"), /fortran_order True or False/],
    ['a part that occurs twice', file("{'descr': '<f4', 'descr': '<f4', 'fortran_order': False, 'shape': (1,), }"), /each once/],
    ['a shape that is none', file(header('<f4', '(1)')), /a shape, such as \(2, 3\)/],
    ['sizes below 0', file(header('<f4', '(-1,)')), /expected a header/],
    ['sizes beyond what numbers hold', file(header('<f4', '(9007199254740993,)')), /sizes up to/],
    ['a program', file("__import__('os')"), /expected a header/],
    ['too few bytes', file(header('<f4', '(2,)'), [0, 0, 0, 0]), /expected 8 bytes for float32 \[2\], got 4; it is truncated/],
    ['too many', file(header('|u1', '(1,)'), [0, 0]), /does not belong to it/],
    ['more numbers than there are', file(header('|u1', '(1000000000000,)'), [0]), /truncated/],
    ['numbers beyond int32', file(header('<i8', '()'), [0, 0, 0, 0, 1, 0, 0, 0]), /int64 numbers that int32 can hold/],
  ])('%s', (_, bytes, message) => {
    expect(() => readNpy(bytes, 'a.npy')).toThrow(DataError);
    expect(() => readNpy(bytes, 'a.npy')).toThrow(message);
  });

  test('what is no bytes', () => {
    expect(() => readNpy('x' as never)).toThrow(DataError);
    expect(() => readNpy(writeNpy(Tensor.of(1)), 3 as never)).toThrow(DataError);
    expect(() => writeNpy([1] as never)).toThrow(/writeNpy/);
  });
});
