/** A cache that gives back what was put in, or nothing. */

import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest';
import { DataError } from '../../src/index.ts';
import { cacheDirectory, readCached, readDigests, sha256, writeCached, writeDigests } from '../../src/io/cache.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'cache-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));
afterEach(() => vi.unstubAllGlobals());

const fresh = () => join(mkdtempSync(join(folder, 'one-')), 'deep', 'down');
const bytes = Uint8Array.of(1, 2, 3);
const digest = '039058c6f2c0cb492c533b0a4d14ef77cc0f78abccced5287d84a1a2011cfb81';

/** Another process in the place of this one. */
const real = process;
const host = (change: object) => {
  const plain = { getBuiltinModule: (name: string) => real.getBuiltinModule(name as never), env: {} };
  vi.stubGlobal('process', Object.defineProperties(plain, Object.getOwnPropertyDescriptors(change)));
};

test('the digest is the SHA-256 in hexadecimal, or nothing where there is none', async () => {
  expect(await sha256(bytes)).toBe(digest);
  for (const crypto of [undefined, {}]) {
    vi.stubGlobal('crypto', crypto);
    expect(await sha256(bytes)).toBeUndefined();
  }
});

test('a file that was kept is found by its name and digest, and nothing else of it stays', async () => {
  const directory = fresh();
  expect(await readCached(directory, 'file', digest)).toBeUndefined();
  await writeCached(directory, 'file', digest, bytes);
  expect(Uint8Array.from((await readCached(directory, 'file', digest))!)).toEqual(bytes);
  expect(await readCached(directory, 'other', digest)).toBeUndefined();
  expect(await readCached(directory, 'file', `1${digest.slice(1)}`)).toBeUndefined();
  expect(readdirSync(directory)).toEqual(['file-039058c6f2c0cb49']);
});

test('a file whose contents have changed is as if it were not there', async () => {
  const directory = fresh();
  await writeCached(directory, 'file', digest, bytes);
  writeFileSync(join(directory, 'file-039058c6f2c0cb49'), Uint8Array.of(1, 2));
  expect(await readCached(directory, 'file', digest)).toBeUndefined();
});

test('what the files at an address are is kept for each address', async () => {
  const directory = fresh();
  const [one, other] = ['https://host/one/', 'https://host/other/'];
  expect(await readDigests(directory, one)).toEqual({});
  await writeDigests(directory, one, { file: digest });
  await writeDigests(directory, other, { file: digest.replaceAll('0', '1') });
  expect(await readDigests(directory, one)).toEqual({ file: digest });
  expect(await readDigests(directory, other)).toEqual({ file: digest.replaceAll('0', '1') });
  expect(readdirSync(directory).length).toBe(2);
});

test.each(['', '{', 'null', '[]', '{"files":null}', `{"files":{"file":5,"other":"abc","more":"${'x'.repeat(64)}"}}`])(
  'of a damaged list, %j, nothing is believed',
  async (text) => {
    const directory = fresh();
    await writeDigests(directory, 'https://host/', { file: digest });
    writeFileSync(join(directory, readdirSync(directory)[0]!), text);
    expect(await readDigests(directory, 'https://host/')).toEqual({});
  },
);

test('many that write the same file at once leave it whole, and no drafts', async () => {
  const directory = fresh();
  const long = new Uint8Array(2 ** 20).fill(5);
  const known = (await sha256(long))!;
  await Promise.all(Array.from({ length: 20 }, () => writeCached(directory, 'file', known, long)));
  expect(readdirSync(directory)).toEqual([`file-${known.slice(0, 16)}`]);
  expect((await readCached(directory, 'file', known))!.length).toBe(2 ** 20);
});

test('a file is written under another name and renamed: whoever dies within leaves nothing that is read', async () => {
  const directory = fresh();
  const calls: string[] = [];
  const name = (path: string) => path.slice(directory.length + 1).replace(/\d+/g, (digits) => (digits.length > 3 ? 'N' : digits));
  const files = {
    readFile,
    mkdir: async () => {},
    writeFile: async (path: string) => void calls.push(`write ${name(path)}`),
    rename: async () => Promise.reject(new Error('died')),
    rm: async (path: string, options: object) => void calls.push(`remove ${name(path)} ${JSON.stringify(options)}`),
  };
  host({ getBuiltinModule: () => files });
  await writeCached(directory, 'f', 'ab', bytes);
  expect(calls).toEqual(['write .f-ab.N.part', 'remove .f-ab.N.part {"force":true}']);
});

test('a cache that cannot be written is only slower the next time', async () => {
  const file = join(mkdtempSync(join(folder, 'one-')), 'file');
  writeFileSync(file, 'here');
  await writeCached(file, 'name', digest, bytes);
  expect(readFileSync(file, 'utf8')).toBe('here');
  expect(await readCached(file, 'name', digest)).toBeUndefined();
});

test('the default directory is that of the user, where there is one', () => {
  const directory = (env: object) => {
    host({ env });
    return cacheDirectory('digits');
  };
  expect(directory({ XDG_CACHE_HOME: '/x', HOME: '/home/me' })).toBe('/x/tapegrad/digits');
  expect(directory({ XDG_CACHE_HOME: '', HOME: '/home/me' })).toBe('/home/me/.cache/tapegrad/digits');
  expect(directory({ HOME: '/home/me', LOCALAPPDATA: 'C:\\me' })).toBe('/home/me/.cache/tapegrad/digits');
  expect(directory({ HOME: '', LOCALAPPDATA: 'C:\\me' })).toBe('C:\\me/.cache/tapegrad/digits');
  expect(directory({})).toBeUndefined();
  vi.stubGlobal('process', undefined);
  expect(cacheDirectory('digits')).toBeUndefined();
});

test('permissions that are missing are named, with the way out', async () => {
  const denied = (what: string) => Object.assign(new Error(`Requires ${what} access`), { name: 'NotCapable' });
  host({
    get env() {
      throw denied('env');
    },
  });
  expect(() => cacheDirectory('digits')).toThrow(
    new DataError(
      'digits: the cache directory cannot be found: NotCapable: Requires env access; allow it (--allow-env), or give { cache: directory } or { cache: false }',
    ),
  );
  host({ getBuiltinModule: () => ({ readFile: () => Promise.reject(denied('read')) }) });
  await expect(readCached('/x', 'file', digest)).rejects.toThrow(
    new DataError(
      '/x/file-039058c6f2c0cb49: the cache cannot be read: NotCapable: Requires read access; allow it (--allow-read, --allow-write), or say { cache: false }',
    ),
  );
});
