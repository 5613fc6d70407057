/** What `npm run reproduce` compares, in small: the whole of it takes too long for a test. */

import { afterEach, expect, test } from 'vitest';
import { bitsOf, digest } from '../scripts/reproduce/digest.ts';
import { complaint } from '../scripts/reproduce/expected.ts';
import { trainTiny } from '../scripts/reproduce/parts/tiny-network.ts';
import { backend, Tensor, useBackend } from '../src/index.ts';

afterEach(() => useBackend('wasm'));

test.each(['float32', 'float64'] as const)('a small network trained in %s has the same hash with kernels and without', async (dtype) => {
  const fast = await digest(trainTiny(dtype, 1));
  expect(backend().name).toBe('wasm');
  useBackend('plain');
  expect(await digest(trainTiny(dtype, 1))).toBe(fast);
});

test('a hash sees the last bit and the sign of 0, and takes all NaNs for one', async () => {
  const hash = (x: Float32Array | Float64Array) => digest([Tensor.fromTypedArray(x)]);
  expect(await hash(Float64Array.of(1 + 2 ** -52))).not.toBe(await hash(Float64Array.of(1)));
  expect(await hash(Float32Array.of(-0))).not.toBe(await hash(Float32Array.of(0)));
  expect(await hash(Float32Array.of(1))).not.toBe(await hash(Float64Array.of(1)));
  const float32 = new Float32Array(Uint32Array.of(0x7fc00000, 0xffc00000, 0x7f800001).buffer);
  expect([...bitsOf(Tensor.fromTypedArray(float32))]).toEqual([0, 0, 0xc0, 0x7f, 0, 0, 0xc0, 0x7f, 0, 0, 0xc0, 0x7f]);
  const float64 = new Float64Array(Uint32Array.of(1, 0xfff80000).buffer);
  expect([...bitsOf(Tensor.fromTypedArray(float64))]).toEqual([0, 0, 0, 0, 0, 0, 0xf8, 0x7f]);
});

test('the parts that differ are named, those that are missing or new among them', () => {
  const expected = { all: '', parts: { alike: 'a', other: 'b', missing: 'c' } };
  const report = { all: '', kernels: true, seconds: 0, ready: 1, parts: { alike: 'a', other: 'x', new: 'd' } };
  expect(complaint(expected, report, { kernels: true })).toBe('not the expected bits in: other; missing; new');
  expect(complaint(expected, report, { kernels: false })).toMatch(/not switched off/);
  expect(complaint(report, report, { kernels: true })).toBe(undefined);
});

test('threads that were not there are complained of, and so is a page that does not say why it has none', () => {
  const report = { all: '', kernels: true, seconds: 0, ready: 2, parts: {} };
  expect(complaint(report, report, { kernels: true, threads: 3 })).toBe('2 of 3 threads were ready');
  expect(complaint(report, report, { kernels: true, threads: 2 })).toBe(undefined);
  const alone = { ...report, ready: 1 };
  expect(complaint(alone, alone, { kernels: true, refused: true })).toMatch(/does not say why/);
  const refused = { ...alone, reason: 'a page that is not cross-origin isolated cannot share memory' };
  expect(complaint(refused, refused, { kernels: true, refused: true })).toBe(undefined);
});
