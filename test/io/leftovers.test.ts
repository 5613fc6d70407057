/** What a process leaves beside a file that was killed while it wrote. */

import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, expect, test } from 'vitest';
import { siblingOf } from '../../src/io/leftovers.ts';
import { writeWhole } from '../../src/io/whole-files.ts';
import { runs } from '../lib/runs.ts';

const root = mkdtempSync(join(tmpdir(), 'tapegrad-leftovers-'));
afterAll(() => rmSync(root, { recursive: true }));
let count = 0;
const bytes = new Uint8Array(3);
/** The number of a process that is no more. */
const dead = spawnSync(process.execPath, ['-e', '']).pid;
/** A name as this process gives it, with parts of another. */
const named = (path: string, { pid = process.pid, host }: { pid?: number; host?: string }, kind: 'new' | 'old') => {
  const [, own, rest] = /\.([0-9a-f]{8})-\d+-(.*)$/.exec(siblingOf(path)(kind))!;
  return `${path}.${host ?? own}-${pid}-${rest}`;
};
const HOUR = 3_600_000;

test('is removed by the next process that writes the file; what one that lives is writing stays, and what is no leftover', async () => {
  const started = Date.now() - 1000 * process.uptime();
  const cases: readonly [what: string, by: { pid?: number; host?: string }, written: number, isLeft: boolean][] = [
    ['a dead process, just now', { pid: dead }, Date.now(), true],
    ['a living one, just now', { pid: process.ppid }, Date.now(), false],
    ['a living one of that number, long ago', { pid: process.ppid }, Date.now() - 2 * HOUR, true],
    ['this one', {}, Date.now(), false],
    ['an earlier one of the number of this one', {}, started - 5000, true],
    ['one on another machine, just now', { pid: dead, host: '00000000' }, Date.now(), false],
    ['one on another machine, long ago', { pid: dead, host: '00000000' }, Date.now() - 2 * HOUR, true],
  ];
  await fc.assert(
    fc.asyncProperty(fc.subarray([...cases]), fc.constantFrom('new' as const, 'old' as const), async (present, kind) => {
      const path = join(root, `a${count++}.bin`);
      const others = [`${path}.previous`, `${path}.npz`, `${path}.5.new`, `${path}x.00000000-1-a.new`, `${path}.new`];
      for (const file of others) writeFileSync(file, '');
      const files = present.map(([, by, written, isLeft]) => ({ file: named(path, by, kind), written, isLeft }));
      for (const { file, written } of files) {
        writeFileSync(file, '');
        utimesSync(file, written / 1000, written / 1000);
      }
      await writeWhole(path, bytes);
      const kept = files.filter(({ isLeft }) => !isLeft).map(({ file }) => file);
      const found = readdirSync(root).filter((name) => name.startsWith(`a${count - 1}.bin`));
      expect(found.map((name) => join(root, name)).sort()).toEqual([path, ...others, ...kept].sort());
    }),
    { numRuns: runs(30) },
  );
});

test('does not stand in the way, whatever its name', async () => {
  const path = join(root, 'way.bin');
  // In a container every program has the same number each time it is started.
  for (let save = 0; save < 3; save++) for (const kind of ['new', 'old']) writeFileSync(`${path}.${process.pid}-0-${save}.${kind}`, 'half');
  for (let save = 0; save < 3; save++) await writeWhole(path, bytes);
  expect(statSync(path).size).toBe(3);
});

test('no two names are the same', () => {
  const names = Array.from({ length: 1000 }, () => siblingOf('a')('new'));
  expect(new Set(names).size).toBe(1000);
});
