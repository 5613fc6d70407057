/** Threads as a program asks for them: how many there are, and that they never keep it from ending. */

import { spawn } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { afterEach, describe, expect, test } from 'vitest';
import { backend, threads, threadsReady, useBackend, useThreads, ValueError } from '../../../src/index.ts';

afterEach(() => {
  useBackend('wasm');
  useThreads(1);
});

test.each([0, -1, 1.5, NaN, Infinity, '2', null, {}])('useThreads(%o) is refused', (count) => {
  expect(() => useThreads(count as number)).toThrow(ValueError);
  expect(() => useThreads(count as number)).toThrow('useThreads: expected how many threads, 1, 2, …, got');
});

test('there are no more threads than cores, and it is told why', async () => {
  const cores = availableParallelism();
  useThreads(cores + 1);
  await threadsReady();
  expect(threads()).toEqual({ count: cores, ready: cores, reason: expect.stringMatching(/^the host runs .* at a time$/) });
  expect(backend().threads).toBe(cores);
  useThreads(1);
  expect(threads()).toEqual({ count: 1, ready: 1, reason: undefined });
});

test('without kernels there is one thread', () => {
  useBackend('plain');
  useThreads(2);
  expect(threads()).toEqual({ count: 1, ready: 1, reason: "kernels are not in use: chosen by useBackend('plain')" });
});

describe('a program with helpers ends', () => {
  /** Its exit code or the signal that ended it, and whether it computed. */
  async function run(how: string): Promise<{ code: unknown; computed: boolean }> {
    const program = new URL('../../lib/threads-process.ts', import.meta.url).pathname;
    const child = spawn(process.execPath, ['--import', 'tsx', program, how], { stdio: ['ignore', 'pipe', 'ignore'] });
    let computed = false;
    child.stdout.on('data', () => {
      computed = true;
      if (how === 'signal') child.kill('SIGTERM');
    });
    const code = await new Promise((resolve) => child.once('exit', (code, signal) => resolve(code ?? signal)));
    return { code, computed };
  }

  test.each([
    ['when nothing is left to do', 'end', 0],
    ['before its helpers have started', 'at once', 0],
    ['by process.exit', 'exit', 3],
    ['by an error that nobody catches', 'error', 1],
    ['by a signal', 'signal', 'SIGTERM'],
  ])('%s', async (_, how, code) => {
    expect(await run(how)).toMatchObject({ code, computed: true });
  });
});
