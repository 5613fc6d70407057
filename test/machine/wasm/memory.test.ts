/** The memory of the kernels holds the numbers of parameters: it grows, is freed, and has a limit. */

import fc from 'fast-check';
import { describe, expect, test, vi } from 'vitest';
import { MemoryError, Parameter, StateError, Tensor } from '../../../src/index.ts';
import { Memory } from '../../../src/machine/wasm/memory.ts';
import { WasmMachine } from '../../../src/machine/wasm/wasm-machine.ts';
import { runs } from '../../lib/runs.ts';

/** A registry whose finalizers the test runs, since engines run them at unknown times. */
function stubFinalizers(): { finalizeAll: () => void } {
  const held: (() => void)[] = [];
  vi.stubGlobal(
    'FinalizationRegistry',
    class {
      constructor(readonly cleanup: (value: unknown) => void) {}
      register(_: object, value: unknown) {
        held.push(() => this.cleanup(value));
      }
    },
  );
  return { finalizeAll: () => held.splice(0).forEach((finalize) => finalize()) };
}

describe('numbers in kept storage', () => {
  test('are unchanged while scratch space is used, however much the memory grows', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.integer({ min: 0, max: 3000 }), fc.integer({ min: 0, max: 60_000 })), { maxLength: 8 }), (sizes) => {
        const memory = new Memory();
        const stored = sizes.map(([size, scratch], i) => {
          const storage = memory.keep(new Float64Array(size).fill(i + 0.25));
          const mark = memory.mark();
          memory.copyIn(new Float32Array(scratch).fill(-1));
          memory.release(mark);
          return { storage, expected: new Float64Array(size).fill(i + 0.25) };
        });
        for (const { storage, expected } of stored) expect(storage.read()).toEqual(expected);
      }),
      { numRuns: runs(30) },
    );
  });

  test('do not overlap, and freed memory is used again', () => {
    const { finalizeAll } = stubFinalizers();
    try {
      fc.assert(
        fc.property(fc.array(fc.integer({ min: 0, max: 500 }), { minLength: 1, maxLength: 12 }), (sizes) => {
          const memory = new Memory();
          const keepAll = () => sizes.map((size) => memory.keep(new Float32Array(size)).address);
          const first = keepAll();
          for (const [i, address] of first.entries()) {
            for (const [j, other] of first.entries()) if (i < j) expect(address + 4 * sizes[i]!).toBeLessThanOrEqual(other);
          }
          finalizeAll();
          expect(keepAll()).toEqual(first);
          finalizeAll();
        }),
        { numRuns: runs(50) },
      );
    } finally {
      vi.unstubAllGlobals();
    }
  });

  test('leave gaps when they are freed, which merge with neighbouring gaps and are filled again', () => {
    const held = new Map<number, () => void>();
    vi.stubGlobal(
      'FinalizationRegistry',
      class {
        constructor(readonly cleanup: (value: unknown) => void) {}
        register(storage: { address: number }, value: unknown) {
          held.set(storage.address, () => this.cleanup(value));
        }
      },
    );
    try {
      const memory = new Memory();
      const [a, b, c, d] = [100, 100, 100, 100].map((size) => memory.keep(new Float32Array(size)).address) as [
        number,
        number,
        number,
        number,
      ];
      held.get(c)!();
      held.get(b)!();
      // Two neighbouring gaps hold what fits neither.
      expect(memory.keep(new Float32Array(200)).address).toBe(b);
      held.get(d)!();
      expect(memory.keep(new Float32Array(50)).address).toBeLessThan(d);
      expect(a).toBeLessThan(b);
    } finally {
      vi.unstubAllGlobals();
    }
  });

  test('that exceed the memory are refused by a clear error, and other numbers are unchanged', () => {
    const memory = new Memory();
    const storage = memory.keep(Float32Array.of(1, 2, 3));
    expect(() => memory.allocate(3e9)).toThrow(MemoryError);
    expect(() => memory.allocate(3e9)).toThrow(/cannot allocate 2862 MB, of which parameters take 1 MB.*smaller batches/);
    expect([...storage.read()]).toEqual([1, 2, 3]);
    const mark = memory.mark();
    expect(memory.copyOut('float32', memory.copyIn(Float32Array.of(7)), 1, mark)[0]).toBe(7);
  });

  test('are refused with the reason of the host where it gives no more memory', () => {
    const memory = new Memory();
    vi.spyOn(memory.memory, 'grow').mockImplementation(() => {
      throw new RangeError('no more');
    });
    expect(() => memory.keep(new Float32Array(1_000_000))).toThrow(/\(no more\)/);
  });
});

describe('a parameter', () => {
  test('shows its numbers at any time, also after the memory has moved', () => {
    const w = new Parameter(Tensor.arange(100));
    const before = w.data;
    // Far more than there was.
    Tensor.zeros([1_000_000])
      .add(Tensor.zeros([1_000_000], 'float32'))
      .mul(2);
    Tensor.zeros([40_000_000]).neg();
    expect([...w.data]).toEqual(Array.from({ length: 100 }, (_, i) => i));
    w.assign(w.mul(2));
    expect(w.data[50]).toBe(100);
    // What was shown before is not shown wrongly: it is gone, or it follows.
    expect(before.length === 0 || before[50] === 100).toBe(true);
  });

  test('is assigned a lazy gradient correctly, though forming it moves the memory', async () => {
    for (const use of ['assign', 'update by plain loops', 'operate'] as const) {
      // A memory of its own, that has not grown yet.
      vi.resetModules();
      const fresh = await import('../../../src/index.ts');
      const w = new fresh.Parameter(fresh.Tensor.zeros([100, 120]));
      const x = fresh.Tensor.ones([2000, 100]);
      const tape = new fresh.Tape();
      fresh.useBackend('plain');
      const y = tape.record(() => x.matmul(w).sum());
      fresh.useBackend('wasm');
      const gradient = tape.backward(y).get(w);
      if (use === 'assign') w.assign(gradient);
      else if (use === 'operate') w.assign(w.add(gradient));
      else {
        fresh.useBackend('plain');
        w.update(
          fresh.formula((w, g) => w!.add(g!)),
          gradient,
        );
      }
      expect(w.data.every((y) => y === 2000)).toBe(true);
    }
  });

  test('is summed correctly though the memory has to grow, and its views are detached', () => {
    const machine = new WasmMachine();
    const storage = machine.keep(new Float32Array(100_000).fill(0.5));
    expect(machine.sum(storage.read(), { before: 1, count: 100_000, after: 1 })[0]).toBe(50_000);
  });

  test('shows an array that no tensor may take over: such a tensor throws once the array is detached', () => {
    const machine = new WasmMachine();
    const storage = machine.keep(Float32Array.of(1, 2, 3));
    const taken = new Tensor([3], storage.read());
    machine.sum(new Float32Array(1_000_000), { before: 1, count: 1_000_000, after: 1 });
    expect(() => taken.data).toThrow(StateError);
    expect(() => taken.add(1)).toThrow(/copy those of a parameter: Tensor.fromTypedArray/);
    expect([...storage.read()]).toEqual([1, 2, 3]);
  });
});
