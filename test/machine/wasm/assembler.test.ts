/** The assembler writes WebAssembly that engines accept, and that does what it says. */

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { advance, assemble, i32, loopWhile, repeat, repeatWhile, unsigned } from '../../../src/machine/wasm/assembler.ts';
import { vectors } from '../../../src/machine/wasm/lanes.ts';
import { Memory } from '../../../src/machine/wasm/memory.ts';
import { runs } from '../../lib/runs.ts';

/** Runs a function over a fresh memory that begins with the given numbers, and returns its first numbers afterwards. */
function run(bytes: Uint8Array<ArrayBuffer>, integers: readonly number[], before: readonly number[] = []): Float32Array {
  const memory = new WebAssembly.Memory({ initial: 1 });
  const numbers = new Float32Array(memory.buffer);
  numbers.set(before);
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(bytes), { host: { memory, totals: 0 } });
  (exports['run'] as (...integers: number[]) => void)(...integers);
  return numbers;
}

const v = vectors.float32;

test('integers are written in LEB128: seven bits a byte, the least significant first', () => {
  const flat = (code: unknown): number[] => (Array.isArray(code) ? code.flatMap(flat) : [code as number]);
  fc.assert(
    fc.property(fc.nat(), (n) => {
      const bytes = flat(unsigned(n));
      expect(bytes.reduceRight((sum, byte) => sum * 128 + (byte & 127), 0)).toBe(n);
      expect(bytes.map((byte) => byte >= 128)).toEqual(bytes.map((_, i) => i < bytes.length - 1));
    }),
  );
});

test('integers of either sign reach the function as they were written', () => {
  fc.assert(
    fc.property(fc.integer({ min: -(2 ** 20), max: 2 ** 20 }), (n) => {
      // Stores 7 at the address n + (16 − n).
      const bytes = assemble(['rest'], ({ rest }) => v.store(i32.add(i32.constant(n), rest), v.constant(7)));
      expect(run(bytes, [16 - n])[4]).toBe(7);
    }),
  );
});

test('parameters have the listed names, in that order', () => {
  const bytes = assemble(['second', 'first'], ({ first, second }) => v.store(i32.add(first, second), v.constant(3)));
  const subtracted = assemble(['from', 'by'], ({ by, from }) => v.store(i32.sub(from, by), v.constant(5)));
  expect(run(bytes, [4, 8])[3]).toBe(3);
  expect(run(subtracted, [16, 4])[3]).toBe(5);
});

describe('loops', () => {
  /** Adds 1 to the first number as often as a loop runs. */
  const counting = (loop: 'repeat' | 'repeatWhile' | 'loopWhile') =>
    assemble(['count'], ({ count }, scope) => {
      const at = scope.integer();
      const body = [v.store(i32.constant(0), v.add(v.load(i32.constant(0)), v.constant(1))), advance(at, 1)];
      return loop === 'repeat' ? repeat(count, body) : { repeatWhile, loopWhile }[loop](i32.less(at, count), body);
    });
  const times = (loop: 'repeat' | 'repeatWhile' | 'loopWhile', count: number) => run(counting(loop), [count])[0];

  test('repeat runs as often as its count', () => expect([1, 2, 9].map((n) => times('repeat', n))).toEqual([1, 2, 9]));
  test('repeatWhile runs at least once', () => expect([0, 1, 9].map((n) => times('repeatWhile', n))).toEqual([1, 1, 9]));
  test('loopWhile may never run', () => expect([0, 1, 9].map((n) => times('loopWhile', n))).toEqual([0, 1, 9]));
});

test('numbers in scratch space are unchanged however much the memory grows, at addresses that do not overlap', () => {
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.constantFrom('float32' as const, 'float64' as const), fc.nat({ max: 40_000 })), { maxLength: 6 }),
      (wanted) => {
        const memory = new Memory();
        const copied = wanted.map(([dtype, size], i) => {
          const data = (dtype === 'float32' ? new Float32Array(size) : new Float64Array(size)).fill(i + 0.5);
          return { dtype, data, address: memory.copyIn(data) };
        });
        for (const { dtype, data, address } of copied) {
          expect(address % 16).toBe(0);
          expect(memory.copyOut(dtype, address, data.length, memory.mark())).toEqual(data);
        }
      },
    ),
    { numRuns: runs(30) },
  );
});
