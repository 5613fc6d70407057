/** The memory of the kernels grows, and has a limit. */

import { describe, expect, test, vi } from 'vitest';
import { MemoryError } from '../../../src/index.ts';
import { BOTTOM, Memory } from '../../../src/machine/wasm/memory.ts';

describe('scratch space', () => {
  test('is a stack: what is released is used again, and numbers are copied in and out unchanged', () => {
    const memory = new Memory();
    for (const data of [new Float32Array(0), Float32Array.of(1, 2), new Float64Array(33).fill(0.5), new Float32Array(100_000).fill(7)]) {
      const mark = memory.mark();
      const [first, second] = [memory.copyIn(data), memory.copyIn(data)];
      expect(first).toBeGreaterThanOrEqual(BOTTOM);
      expect(second).toBeGreaterThanOrEqual(first + data.byteLength);
      expect(memory.busy).toBe(true);
      const dtype = data instanceof Float32Array ? 'float32' : 'float64';
      expect(memory.copyOut(dtype, second, data.length, mark)).toEqual(data);
      expect([memory.mark(), memory.busy]).toEqual([mark, false]);
    }
  });

  test('that exceeds the memory is refused by an error that says what to do, and other numbers are unchanged', () => {
    const memory = new Memory();
    memory.beginScratchAt(2 ** 20);
    memory.view('float32', BOTTOM, 3).set([1, 2, 3]);
    expect(() => memory.allocate(3e9)).toThrow(MemoryError);
    expect(() => memory.allocate(3e9)).toThrow(
      "kernels: cannot allocate 2863 MB, of which parameters take 1 MB (WebAssembly addresses end at 2 GB here); use smaller batches, or useBackend('plain')",
    );
    expect([...memory.view('float32', BOTTOM, 3)]).toEqual([1, 2, 3]);
    const mark = memory.mark();
    expect(memory.copyOut('float32', memory.copyIn(Float32Array.of(7)), 1, mark)[0]).toBe(7);
  });

  test('is refused with the reason of the host where it gives no more memory, and released', () => {
    const memory = new Memory();
    vi.spyOn(memory.memory, 'grow').mockImplementation(() => {
      throw new RangeError('no more');
    });
    memory.allocate(8);
    expect(() => memory.allocate(1_000_000)).toThrow(/\(no more\)/);
    expect(memory.busy).toBe(false);
  });

  test('doubles the memory at least when it grows', () => {
    const memory = new Memory();
    memory.allocate(70_000);
    expect(memory.bytes).toBe(131_072);
    memory.allocate(400_000);
    expect(memory.bytes).toBe(524_288);
  });
});
