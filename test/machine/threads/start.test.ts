/** Where threads cannot be had, everything goes on with one, and it is told why. */

import { describe, expect, test } from 'vitest';
import type { Crew } from '../../../src/machine/threads/crew.ts';
import { coresOf, type Host } from '../../../src/machine/threads/helper.ts';
import { startThreads } from '../../../src/machine/threads/start.ts';
import { WasmMachine } from '../../../src/machine/wasm/wasm-machine.ts';

const node = globalThis as Host;
const total = (on: WasmMachine) => on.sum(new Float32Array(100).fill(1), { before: 1, count: 100, after: 1 })[0];

describe('nothing has changed', () => {
  test.each<[string, Host, RegExp]>([
    ['where memory cannot be shared', { process: node.process! }, /not cross-origin isolated/],
    ['on a page that is not isolated', { ...node, SharedArrayBuffer, crossOriginIsolated: false }, /not cross-origin isolated/],
    [
      'where workers are forbidden',
      {
        SharedArrayBuffer,
        process: {
          getBuiltinModule: () => ({
            Worker: class {
              constructor() {
                throw new Error('ERR_ACCESS_DENIED');
              }
            },
          }),
        },
      },
      /no worker can be started: Error: ERR_ACCESS_DENIED/,
    ],
    ['where there are no workers', { SharedArrayBuffer }, /no worker can be started/],
  ])('%s', (_, host, reason) => {
    const on = new WasmMachine();
    const { memory } = on.host.memory;
    expect(startThreads(on, 2, host)).toMatch(reason);
    expect([on.host.memory.memory, on.host.memory.team]).toEqual([memory, undefined]);
    expect(total(on)).toBe(100);
  });

  test('where one thread is asked for', () => {
    const on = new WasmMachine();
    expect(startThreads(on, 1)).toBeUndefined();
    expect(on.host.memory.team).toBeUndefined();
  });
});

test('a helper that cannot go on is told of, and the program goes on by itself', () => {
  let fail = (_: unknown) => {};
  class Worker {
    on(_: string, listener: typeof fail) {
      fail = listener;
    }
    unref() {}
    postMessage() {}
    terminate() {}
  }
  const on = new WasmMachine();
  expect(startThreads(on, 3, { SharedArrayBuffer, process: { getBuiltinModule: () => ({ Worker }) } })).toBeUndefined();
  const crew = on.host.memory.team as Crew;
  expect(crew.count).toBe(3);
  expect(total(on)).toBe(100);
  fail(new Error('out of memory'));
  expect([crew.count, crew.failure]).toEqual([1, 'Error: out of memory']);
  expect(total(on)).toBe(100);
});

test('a page has helpers from a text, and hears of a policy that forbids them', () => {
  const made: { url: string; onerror?: (event: { message: string }) => void }[] = [];
  class Worker {
    constructor(readonly url: string) {
      made.push(this);
    }
    postMessage() {}
    terminate() {}
  }
  const on = new WasmMachine();
  const host = { SharedArrayBuffer, crossOriginIsolated: true, Worker } as unknown as Host;
  expect(startThreads(on, 2, host)).toBeUndefined();
  expect(made.map(({ url }) => url.slice(0, 5))).toEqual(['blob:']);
  made[0]!.onerror!({ message: '' });
  expect((on.host.memory.team as Crew).failure).toMatch(/worker-src blob:/);
});

test('there are as many cores as the host says, and one if it says nothing', () => {
  expect(coresOf({ process: { getBuiltinModule: () => ({ availableParallelism: () => 5 }) } })).toBe(5);
  expect(coresOf({ navigator: { hardwareConcurrency: 3 } })).toBe(3);
  expect(coresOf({})).toBe(1);
});
