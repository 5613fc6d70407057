/** The numbers of parameters in the memory of the kernels: a cache that moves them as it likes, and never changes or loses one. */

import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { KeptStorage } from '../../../src/machine/storage.ts';
import { KeptNumbers } from '../../../src/machine/wasm/kept.ts';
import { Memory } from '../../../src/machine/wasm/memory.ts';
import { runs } from '../../lib/runs.ts';

/** Finalizers, by the storage they wait for: the test runs them, since engines run them at unknown times. */
const finalizers = new Map<object, () => void>();
beforeEach(() => {
  finalizers.clear();
  vi.stubGlobal(
    'FinalizationRegistry',
    class {
      constructor(readonly cleanup: (value: unknown) => void) {}
      register(storage: object, value: unknown) {
        finalizers.set(storage, () => this.cleanup(value));
      }
    },
  );
});
afterEach(() => void vi.unstubAllGlobals());

/** A cache of 4 KB, that may grow to 16 KB. */
const cache = (limits = { least: 4096, most: 16_384, gaps: 512 }) => {
  const memory = new Memory();
  return { memory, kept: new KeptNumbers(memory, limits) };
};
const isIn = (storage: KeptStorage) => storage.place.array === undefined;
/** 1 KB in the memory, with the margin. */
const kilobyte = (value: number) => new Float32Array(224).fill(value);

test('numbers are what was written last, whatever is kept, used, dropped or computed in between', () => {
  const command = fc.oneof(
    fc.record({ kind: fc.constant('keep' as const), size: fc.integer({ min: 0, max: 800 }), wide: fc.boolean() }),
    fc.record({ kind: fc.constantFrom('use' as const, 'write' as const, 'drop' as const), which: fc.nat() }),
    fc.record({ kind: fc.constant('compute' as const), bytes: fc.integer({ min: 1, max: 100_000 }) }),
  );
  fc.assert(
    fc.property(fc.array(command, { maxLength: 40 }), (commands) => {
      const { memory, kept } = cache();
      const alive: { storage: KeptStorage; value: number; size: number }[] = [];
      commands.forEach((command, i) => {
        if (command.kind === 'keep') {
          const data = new (command.wide ? Float64Array : Float32Array)(command.size).fill(i);
          const storage = kept.keep(data);
          data.fill(-1);
          alive.push({ storage, value: i, size: command.size });
        } else if (command.kind === 'compute') {
          const mark = memory.mark();
          memory.view('float32', memory.allocate(command.bytes), command.bytes >> 2).fill(-2);
          memory.release(mark);
        } else if (alive.length > 0) {
          const at = command.which % alive.length;
          const one = alive[at]!;
          if (command.kind === 'use') kept.use(one.storage.place);
          else if (command.kind === 'drop') finalizers.get(alive.splice(at, 1)[0]!.storage)!();
          else {
            one.value = i;
            one.storage.write(one.storage.read().fill(i));
          }
        }
        const places = alive.map(({ storage }) => storage.place).filter(({ array }) => !array);
        for (const a of places)
          for (const b of places)
            if (a !== b) expect(a.address + 4 * a.length <= b.address || b.address + 4 * b.length <= a.address).toBe(true);
        for (const { storage, value, size } of alive) expect([...storage.read()]).toEqual(new Array(size).fill(value));
      });
    }),
    { numRuns: runs(150) },
  );
});

describe('when there are too many numbers', () => {
  test('those that were not used for longest leave for arrays, until half of the budget is free', () => {
    const { kept } = cache();
    const all = [1, 2, 3, 4].map((value) => kept.keep(kilobyte(value)));
    expect(all.map(isIn)).toEqual([true, true, true, true]);
    kept.use(all[0]!.place);
    all.push(kept.keep(kilobyte(5)));
    expect(all.map(isIn)).toEqual([true, false, false, false, true]);
    expect(all.map((storage) => storage.read()[0])).toEqual([1, 2, 3, 4, 5]);
  });

  test('those that come back make the budget twice as large, up to its limit', () => {
    const { kept } = cache();
    const all = Array.from({ length: 20 }, (_, i) => kept.keep(kilobyte(i)));
    const count = () => all.filter(isIn).length;
    expect(count()).toBeLessThanOrEqual(4);
    for (const storage of all.slice(0, 7)) kept.use(storage.place);
    expect(all.slice(0, 7).map(isIn)).toEqual(new Array(7).fill(true));
    for (let round = 0; round < 3; round++) for (const storage of all) kept.use(storage.place);
    expect(count()).toBeGreaterThanOrEqual(7);
    expect(count()).toBeLessThanOrEqual(16);
    expect(isIn(all[19]!)).toBe(true);
  });

  test('numbers that alone are more than the limit stay in an array of their own', () => {
    const { kept } = cache();
    const data = new Float32Array(5000).fill(1);
    const storage = kept.keep(data);
    expect(isIn(storage)).toBe(false);
    kept.use(storage.place);
    expect(isIn(storage)).toBe(false);
    data.fill(2);
    expect(storage.read()[4999]).toBe(1);
  });

  test('and the host has no memory for them, they stay in an array; other failures are not hidden', () => {
    const { memory, kept } = cache({ least: 2 ** 20, most: 2 ** 20, gaps: 0 });
    const grow = vi.spyOn(memory.memory, 'grow').mockImplementation(() => {
      throw new RangeError('no more');
    });
    const storage = kept.keep(new Float32Array(50_000).fill(3));
    expect([isIn(storage), storage.read()[49_999]]).toEqual([false, 3]);
    grow.mockRestore();
    kept.use(storage.place);
    expect([isIn(storage), storage.read()[49_999]]).toEqual([true, 3]);
    vi.spyOn(memory, 'beginScratchAt').mockImplementation(() => {
      throw new TypeError('a mistake');
    });
    expect(() => kept.keep(kilobyte(1))).toThrow('a mistake');
  });
});

test('nothing moves while scratch space is in use', () => {
  const { memory, kept } = cache();
  const all = [1, 2, 3, 4, 5].map((value) => kept.keep(kilobyte(value)));
  const out = all.find((storage) => !isIn(storage))!;
  const mark = memory.mark();
  memory.allocate(8);
  kept.use(out.place);
  expect(isIn(out)).toBe(false);
  memory.release(mark);
  kept.use(out.place);
  expect(isIn(out)).toBe(true);
});

describe('gaps that dropped numbers leave', () => {
  test('are closed once they are more than half, and not before', () => {
    const { kept } = cache({ least: 2 ** 20, most: 2 ** 20, gaps: 512 });
    const all = Array.from({ length: 10 }, (_, i) => kept.keep(kilobyte(i)));
    const begin = all[0]!.place.address;
    for (const storage of all.slice(0, 5)) finalizers.get(storage)!();
    const sixth = all[6]!;
    const { address } = sixth.place;
    expect(kept.keep(kilobyte(10)).place.address).toBeGreaterThan(all[9]!.place.address);
    expect(sixth.place.address).toBe(address);
    finalizers.get(all[5]!)!();
    kept.keep(kilobyte(11));
    expect(sixth.place.address).toBe(begin);
    expect(sixth.read()[0]).toBe(6);
  });

  test('of numbers that have left already are none', () => {
    const { kept } = cache({ least: 4096, most: 16_384, gaps: 0 });
    const all = [1, 2, 3, 4, 5].map((value) => kept.keep(kilobyte(value)));
    for (const storage of all.filter((storage) => !isIn(storage))) finalizers.get(storage)!();
    const { address } = all[4]!.place;
    kept.keep(kilobyte(6));
    expect(all[4]!.place.address).toBe(address);
  });

  test('take time in proportion to what was dropped', () => {
    const { kept } = cache({ least: 2 ** 28, most: 2 ** 28, gaps: 0 });
    const all = Array.from({ length: 40_000 }, () => kept.keep(new Float32Array(8)));
    const start = performance.now();
    all.forEach((storage, i) => {
      if (i % 2 === 0) finalizers.get(storage)!();
    });
    // Two orders of magnitude below what a search for each takes.
    expect(performance.now() - start).toBeLessThan(500);
  });
});
