/** Parameters live in the memory of the kernels: it grows under them, is given back after them, and ends somewhere. */

import fc from 'fast-check';
import { describe, expect, test, vi } from 'vitest';
import { MemoryError, Parameter, StateError, Tensor } from '../../src/index.ts';
import { Memory } from '../../src/machine/wasm/memory.ts';
import { WasmMachine } from '../../src/machine/wasm/wasm-machine.ts';
import { runs } from '../lib/runs.ts';

/** A registry that forgets when it is told to, since nobody can say when an engine does. */
function forgetful(): { forgetAll: () => void } {
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
  return { forgetAll: () => held.splice(0).forEach((forget) => forget()) };
}

describe('kept numbers', () => {
  test('stay what they are while others are lent, however much the memory grows', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.integer({ min: 0, max: 3000 }), fc.integer({ min: 0, max: 60_000 })), { maxLength: 8 }), (sizes) => {
        const memory = new Memory();
        const kept = sizes.map(([size, lent], i) => {
          const room = memory.keep(new Float64Array(size).fill(i + 0.25));
          const mark = memory.mark();
          memory.put(new Float32Array(lent).fill(-1));
          memory.release(mark);
          return { room, expected: new Float64Array(size).fill(i + 0.25) };
        });
        for (const { room, expected } of kept) expect(room.read()).toEqual(expected);
      }),
      { numRuns: runs(30) },
    );
  });

  test('do not overlap, and what is forgotten is used again', () => {
    const { forgetAll } = forgetful();
    try {
      fc.assert(
        fc.property(fc.array(fc.integer({ min: 0, max: 500 }), { minLength: 1, maxLength: 12 }), (sizes) => {
          const memory = new Memory();
          const keepAll = () => sizes.map((size) => memory.keep(new Float32Array(size)).address);
          const first = keepAll();
          for (const [i, address] of first.entries()) {
            for (const [j, other] of first.entries()) if (i < j) expect(address + 4 * sizes[i]!).toBeLessThanOrEqual(other);
          }
          forgetAll();
          expect(keepAll()).toEqual(first);
          forgetAll();
        }),
        { numRuns: runs(50) },
      );
    } finally {
      vi.unstubAllGlobals();
    }
  });

  test('of which some are forgotten leave gaps, which neighbours join and others fill', () => {
    const held = new Map<number, () => void>();
    vi.stubGlobal(
      'FinalizationRegistry',
      class {
        constructor(readonly cleanup: (value: unknown) => void) {}
        register(room: { address: number }, value: unknown) {
          held.set(room.address, () => this.cleanup(value));
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
      // Two neighbours make room for one that fits neither.
      expect(memory.keep(new Float32Array(200)).address).toBe(b);
      held.get(d)!();
      expect(memory.keep(new Float32Array(50)).address).toBeLessThan(d);
      expect(a).toBeLessThan(b);
    } finally {
      vi.unstubAllGlobals();
    }
  });

  test('that would need more than there is are refused by a clear error, and nothing else is lost', () => {
    const memory = new Memory();
    const room = memory.keep(Float32Array.of(1, 2, 3));
    expect(() => memory.room(3e9)).toThrow(MemoryError);
    expect(() => memory.room(3e9)).toThrow(/cannot have 2862 MB.*smaller batches/);
    expect([...room.read()]).toEqual([1, 2, 3]);
    const mark = memory.mark();
    expect(memory.take('float32', memory.put(Float32Array.of(7)), 1, mark)[0]).toBe(7);
  });

  test('can be refused by the host as well', () => {
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

  test('takes over a gradient that was still waiting, though forming it moves the memory', async () => {
    for (const use of ['assign', 'update by plain loops', 'operate'] as const) {
      // A memory of its own, that has not grown yet.
      vi.resetModules();
      const fresh = await import('../../src/index.ts');
      const w = new fresh.Parameter(fresh.Tensor.zeros([100, 120]));
      const x = fresh.Tensor.ones([2000, 100]);
      const tape = new fresh.Tape();
      fresh.useKernels(false);
      const y = tape.record(() => x.matmul(w).sum());
      fresh.useKernels(true);
      const gradient = tape.backward(y).get(w);
      if (use === 'assign') w.assign(gradient);
      else if (use === 'operate') w.assign(w.add(gradient));
      else {
        fresh.useKernels(false);
        w.update(
          fresh.formula((w, g) => w!.add(g!)),
          gradient,
        );
      }
      expect(w.data.every((y) => y === 2000)).toBe(true);
    }
  });

  test('can be worked on though the memory has to grow, and move, for it', () => {
    const machine = new WasmMachine();
    const home = machine.keep(new Float32Array(100_000).fill(0.5));
    expect(machine.sum(home.read(), 1, 100_000, 1)[0]).toBe(50_000);
  });

  test('lends its array to no tensor for long: a tensor that took it over says so, when it is gone', () => {
    const machine = new WasmMachine();
    const home = machine.keep(Float32Array.of(1, 2, 3));
    const taken = new Tensor([3], home.read());
    machine.sum(new Float32Array(1_000_000), 1, 1_000_000, 1);
    expect(() => taken.data).toThrow(StateError);
    expect(() => taken.add(1)).toThrow(/copy them: Tensor.fromTypedArray/);
    expect([...home.read()]).toEqual([1, 2, 3]);
  });
});
