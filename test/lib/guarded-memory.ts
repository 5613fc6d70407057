/** Bytes around what a kernel computes, which must stay as they were: they may be what another thread computes. */

import { vi } from 'vitest';
import type { Memory } from '../../src/machine/wasm/memory.ts';

const GUARD = 0xa5;

/** Where `rows` rows of so many bytes are to be computed, `pitch` apart, with guards before, between and behind them. */
export interface GuardedRows {
  readonly address: number;
  /** Throws if a guard has changed. */
  check(): void;
}

export function guardedRows(memory: Memory, rows: number, rowBytes: number, pitch: number): GuardedRows {
  const before = 64;
  const bytes = before + rows * pitch + 128;
  const start = memory.allocate(bytes);
  const area = () => new Uint8Array(memory.memory.buffer, start, bytes);
  area().fill(GUARD);
  return {
    address: start + before,
    check: () =>
      area().forEach((byte, i) => {
        const place = i - before;
        const isInRow = place >= 0 && place < rows * pitch && place % pitch < rowBytes;
        if (!isInRow && byte !== GUARD)
          throw new Error(`byte ${place % pitch} of row ${Math.floor(place / pitch)} was written, of ${rowBytes}`);
      }),
  };
}

/** Calls `f` while a guard lies behind all scratch space that is allocated; throws if something was written there. */
export function guardingAllocations<T>(memory: Memory, f: () => T): T {
  const guards: { readonly address: number; readonly bytes: number }[] = [];
  const check = (mark: number) => {
    for (let last = guards.at(-1); last && last.address >= mark; last = guards.at(-1)) {
      const { address, bytes } = guards.pop()!;
      const written = new Uint8Array(memory.memory.buffer, address + bytes, 128).findIndex((byte) => byte !== GUARD);
      if (written >= 0) throw new Error(`byte ${written} behind ${bytes} bytes was written`);
    }
  };
  const { allocate, release, copyOut } = memory;
  const spies = [
    vi.spyOn(memory, 'allocate').mockImplementation((bytes) => {
      const address = allocate.call(memory, bytes);
      guards.push({ address, bytes });
      new Uint8Array(memory.memory.buffer, address + bytes, 128).fill(GUARD);
      return address;
    }),
    vi.spyOn(memory, 'release').mockImplementation((mark) => {
      check(mark);
      release.call(memory, mark);
    }),
    vi.spyOn(memory, 'copyOut').mockImplementation((dtype, address, length, mark) => {
      check(mark);
      return copyOut.call(memory, dtype, address, length, mark);
    }),
  ];
  try {
    return f();
  } finally {
    for (const spy of spies) spy.mockRestore();
  }
}
