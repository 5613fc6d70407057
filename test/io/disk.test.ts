/** Files of a directory, by the names under which they are distributed. */

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest';
import { DataError } from '../../src/index.ts';
import { disk, environment, readFrom } from '../../src/io/disk.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'disk-'));
  writeFileSync(join(folder, 'second'), 'two');
  writeFileSync(join(folder, 'third'), 'three');
  mkdirSync(join(folder, 'first of all'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));
afterEach(() => vi.unstubAllGlobals());

test('the first name that is there counts; the directory may be a path or a URL, with a slash behind it or not', async () => {
  for (const directory of [folder, `${folder}/`, pathToFileURL(folder), pathToFileURL(`${folder}/`)]) {
    const { bytes, file } = await readFrom(directory, ['first', 'second', 'third'], 'advice');
    expect(new TextDecoder().decode(bytes)).toBe('two');
    expect(file).toBe(`${String(directory).replace(/\/$/, '')}/second`);
  }
});

test('where there is none, the names and the advice are told', async () => {
  for (const directory of [folder, join(folder, 'nowhere'), join(folder, 'second')])
    await expect(readFrom(directory, ['one', 'two', 'three'], 'look elsewhere')).rejects.toThrow(
      new DataError(`${directory}: expected one (or two, three), found none; look elsewhere`),
    );
});

test('a file that is there but cannot be read is told, not passed over', async () => {
  await expect(readFrom(folder, ['first of all', 'second'], '')).rejects.toThrow(/first of all: cannot be read: Error: EISDIR/);
});

test('without a host there are neither a disk nor an environment', () => {
  expect(disk()).toBeDefined();
  expect(environment()).toBe(process.env);
  vi.stubGlobal('process', undefined);
  expect(disk()).toBeUndefined();
  expect(environment()).toEqual({});
  vi.stubGlobal('process', {});
  expect(disk()).toBeUndefined();
  expect(environment()).toEqual({});
});
