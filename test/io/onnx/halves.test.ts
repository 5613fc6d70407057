import fc from 'fast-check';
import { expect, test } from 'vitest';
import { kinds } from '../../../src/io/kinds.ts';
import { bytesOfHalves } from '../../../src/io/onnx/halves.ts';
import { runs } from '../../lib/runs.ts';

const view = (bits: number) => new DataView(Uint16Array.of(bits).buffer);
const numberOf = (bits: number): number => kinds.f2.read(view(bits), 0, true);
const bitsOf = (x: number): number => new DataView(bytesOfHalves('w', Float32Array.of(x)).buffer).getUint16(0, true);

test('every float16 but NaN is kept, to the sign of zero', () => {
  for (let bits = 0; bits < 65536; bits++) if (!Number.isNaN(numberOf(bits))) expect(bitsOf(numberOf(bits))).toBe(bits);
});

test('other numbers round to the nearest, ties to the even one', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 0x7bfe }), fc.double({ min: 0, max: 1, noNaN: true }), (bits, share) => {
      const [low, high] = [numberOf(bits), numberOf(bits + 1)];
      const x = Math.fround(low + (high - low) * share);
      const rest = (x - low) / (high - low);
      expect(bitsOf(x)).toBe(rest < 0.5 || (rest === 0.5 && bits % 2 === 0) ? bits : bits + 1);
    }),
    { numRuns: runs(500) },
  );
  expect([1 + 2 ** -11, 1 + 3 * 2 ** -11, 2 ** -25, 2 ** -25 + 2 ** -40, -65519].map(bitsOf)).toEqual([0x3c00, 0x3c02, 0, 1, 0xfbff]);
});

test('NaN stays NaN, and a number beyond the largest is refused by name and place', () => {
  expect(Number.isNaN(numberOf(bitsOf(NaN)))).toBe(true);
  expect(() => bytesOfHalves('layers.0.weight', Float32Array.of(1, 65520))).toThrow(
    'layers.0.weight has 65520 at place 1, float16 goes up to 65504',
  );
});
