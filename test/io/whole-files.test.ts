/** Files that are old or new, never half. */

import { chmodSync, existsSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, expect, test } from 'vitest';
import { DataError } from '../../src/index.ts';
import { previousOf, readWhole, writeWhole } from '../../src/io/whole-files.ts';
import { bundled } from '../lib/bundled.ts';
import { killWhileSaving } from '../lib/killed-saves.ts';
import { runs } from '../lib/runs.ts';

const folder = mkdtempSync(join(tmpdir(), 'tapegrad-whole-'));
afterAll(() => rmSync(folder, { recursive: true }));
const bytes = (x: string) => new TextEncoder().encode(x);
const text = async (path: string | URL) => new TextDecoder().decode(await readWhole(path));

test('a file takes the place of another, which is kept beside it', async () => {
  for (const path of [join(folder, 'a.bin'), pathToFileURL(join(folder, 'with space.bin'))]) {
    await writeWhole(path, bytes('one'));
    expect(await text(path)).toBe('one');
    await expect(readWhole(previousOf(path))).rejects.toThrow(DataError);
    await writeWhole(path, bytes('two'));
    await writeWhole(path, bytes('three'));
    expect([await text(path), await text(previousOf(path))]).toEqual(['three', 'two']);
  }
  expect(readdirSync(folder).sort()).toEqual(['a.bin', 'a.bin.previous', 'with space.bin', 'with space.bin.previous']);
});

test('many at once leave the last of them, and the one before it, whole, and nothing else', async () => {
  const path = join(folder, 'many.bin');
  const texts = Array.from({ length: 20 }, (_, i) => String(i).repeat(5000));
  await Promise.all(texts.map((x) => writeWhole(path, bytes(x))));
  expect([await text(previousOf(path)), await text(path)]).toEqual(texts.slice(-2));
  expect(readdirSync(folder).filter((name) => name.startsWith('many'))).toEqual(['many.bin', 'many.bin.previous']);
});

test('who may read a file stays', async () => {
  const path = join(folder, 'secret.bin');
  await writeWhole(path, bytes('one'));
  chmodSync(path, 0o600);
  await writeWhole(path, bytes('two'));
  expect(statSync(path).mode & 0o777).toBe(0o600);
});

test('what cannot be made into bytes is thrown as it is, and the next write goes on', async () => {
  const path = join(folder, 'thrown.bin');
  const first = writeWhole(path, Promise.reject(new RangeError('no bytes')));
  const second = writeWhole(path, bytes('two'));
  await expect(first).rejects.toThrow(RangeError);
  await second;
  expect(await text(path)).toBe('two');
});

test('where it cannot be written, what was there stays, and nothing is left over', async () => {
  const path = join(folder, 'nowhere', 'a.bin');
  await expect(writeWhole(path, bytes('x'))).rejects.toThrow(/cannot be written/);
  await expect(readWhole(path)).rejects.toThrow(/cannot be read/);
  writeFileSync(join(folder, 'file'), '');
  await expect(writeWhole(join(folder, 'file', 'a.bin'), bytes('x'))).rejects.toThrow(DataError);
  expect(existsSync(join(folder, 'nowhere'))).toBe(false);
});

test('a process that is killed while it saves leaves the model that it saved or the next one, whole, and one before it', async () => {
  const program = await bundled('test/lib/saving-process.ts');
  const path = join(folder, 'model.safetensors');
  let inside = 0;
  for (let kill = 0, first = 1; kill < runs(50); kill++) {
    const { saved, found, before, isInside } = await killWhileSaving(program, path, first, (kill * 7) % 20);
    expect([saved, saved + 1]).toContain(found);
    // The one before is kept first: between the two steps both names are of one file.
    expect([found - 1, found]).toContain(before);
    if (isInside) inside++;
    first = found + 1;
  }
  // Each process has removed what the one before it had left; the last one's is removed here.
  await writeWhole(path, bytes('end'));
  expect(
    readdirSync(folder)
      .filter((name) => name.startsWith('model.safetensors'))
      .sort(),
  ).toEqual(['model.safetensors', 'model.safetensors.previous']);
  expect(inside).toBeGreaterThan(0);
}, 3_600_000);
