/** Files that are old or new, never half. */

import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, expect, test } from 'vitest';
import { DataError, Parameter, Tensor } from '../../src/index.ts';
import { load } from '../../src/io/index.ts';
import { previousOf, readWhole, writeWhole } from '../../src/io/whole-files.ts';
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

test('many at once leave one of them, whole, and nothing else', async () => {
  const path = join(folder, 'many.bin');
  const texts = Array.from({ length: 20 }, (_, i) => String(i).repeat(5000));
  await Promise.all(texts.map((x) => writeWhole(path, bytes(x))));
  expect(texts).toContain(await text(path));
  expect(readdirSync(folder).filter((name) => name.startsWith('many'))).toEqual(['many.bin', 'many.bin.previous']);
});

test('where it cannot be written, what was there stays, and nothing is left over', async () => {
  const path = join(folder, 'nowhere', 'a.bin');
  await expect(writeWhole(path, bytes('x'))).rejects.toThrow(/cannot be written/);
  await expect(readWhole(path)).rejects.toThrow(/cannot be read/);
  writeFileSync(join(folder, 'file'), '');
  await expect(writeWhole(join(folder, 'file', 'a.bin'), bytes('x'))).rejects.toThrow(DataError);
  expect(existsSync(join(folder, 'nowhere'))).toBe(false);
});

test('a process that is killed while it saves leaves a whole file', { timeout: 300_000 }, async () => {
  const path = join(folder, 'model.safetensors');
  const program = new URL('../lib/saving-process.ts', import.meta.url).pathname;
  const model = { w: new Parameter(Tensor.zeros([20_000])) };
  for (let kill = 0; kill < runs(8); kill++) {
    const child = spawn(process.execPath, ['--import', 'tsx', program, path], { stdio: ['ignore', 'pipe', 'inherit'] });
    await new Promise((resolve) => child.stdout.once('data', resolve));
    while (!existsSync(path)) await new Promise((resolve) => setTimeout(resolve, 5));
    await new Promise((resolve) => setTimeout(resolve, (kill * 7) % 40));
    child.kill('SIGKILL');
    await new Promise((resolve) => child.once('exit', resolve));
    await load(model, path);
    const numbers = new Set(model.w.data);
    expect(numbers.size).toBe(1);
    expect(model.w.data[0]).toBeGreaterThan(0);
    expect(readFileSync(path).length).toBeGreaterThan(80_000);
  }
});
