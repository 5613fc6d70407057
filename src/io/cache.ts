/**
 * Downloads on disk. A file is kept under the SHA-256 of its contents; what the files at an address are is kept in a list, which is written
 * after them. So a list never leads to half a file, to a damaged one, or to one of another address.
 */

import { DataError } from '../base/errors.ts';
import { disk, environment } from './disk.ts';

/** What the files at an address are: the SHA-256 of each by its name. */
export type Digests = Readonly<Record<string, string | undefined>>;

/** The SHA-256 of bytes, in hexadecimal; undefined where the host cannot compute it, as on pages that are not served securely. */
export async function sha256(bytes: Uint8Array): Promise<string | undefined> {
  const digest = await globalThis.crypto?.subtle?.digest('SHA-256', bytes as Uint8Array<ArrayBuffer>);
  return digest && [...new Uint8Array(digest)].map((byte) => byte.toString(16).padStart(2, '0')).join('');
}

/**
 * The default directory for downloads, in the user's cache directory; undefined where there is no disk.
 * @throws DataError where the program may not know it, as in Deno without a permission.
 */
export function cacheDirectory(name: string): string | undefined {
  if (!disk()) return undefined;
  try {
    const env = environment();
    const home = env['XDG_CACHE_HOME'] || (env['HOME'] || env['LOCALAPPDATA'] || '').replace(/(.)$/, '$1/.cache');
    return home ? `${home}/tapegrad/${name}` : undefined;
  } catch (error) {
    throw new DataError(
      `${name}: the cache directory cannot be found: ${String(error)}; allow it (--allow-env), or give { cache: directory } or { cache: false }`,
    );
  }
}

/** A file by its name and contents, if it is there and whole. */
export async function readCached(directory: string, name: string, digest: string): Promise<Uint8Array | undefined> {
  const bytes = await readEntry(directory, entryOf(name, digest));
  return bytes && (await sha256(bytes)) === digest ? bytes : undefined;
}

/** Keeps a file. */
export const writeCached = (directory: string, name: string, digest: string, bytes: Uint8Array): Promise<void> =>
  writeEntry(directory, entryOf(name, digest), bytes);

/** What was kept of an address. */
export async function readDigests(directory: string, url: string): Promise<Digests> {
  const bytes = await readEntry(directory, await listOf(url));
  try {
    const { files } = JSON.parse(new TextDecoder().decode(bytes)) as { files: Record<string, unknown> };
    return Object.fromEntries(Object.entries(files).filter((entry): entry is [string, string] => isDigest(entry[1])));
  } catch {
    // There is none, or it was damaged.
    return {};
  }
}

/** Keeps what the files at an address are. */
export const writeDigests = async (directory: string, url: string, files: Digests): Promise<void> =>
  writeEntry(directory, await listOf(url), new TextEncoder().encode(JSON.stringify({ url, files })));

const isDigest = (x: unknown): boolean => typeof x === 'string' && /^[0-9a-f]{64}$/.test(x);

const entryOf = (name: string, digest: string): string => `${name}-${digest.slice(0, 16)}`;

const listOf = async (url: string): Promise<string> => `${(await sha256(new TextEncoder().encode(url)))!.slice(0, 16)}.json`;

async function readEntry(directory: string, entry: string): Promise<Uint8Array | undefined> {
  const file = `${directory}/${entry}`;
  return disk()!
    .readFile(file)
    .catch((error: unknown) => {
      // Deno says so by the name of the error: a permission that the program was started without.
      if ((error as Error).name !== 'NotCapable') return undefined;
      throw new DataError(
        `${file}: the cache cannot be read: ${String(error)}; allow it (--allow-read, --allow-write), or say { cache: false }`,
      );
    });
}

/** Writes an entry: whole or not at all, since it is written under a name that no other process has, and then renamed. */
async function writeEntry(directory: string, entry: string, bytes: Uint8Array): Promise<void> {
  const files = disk()!;
  const draft = `${directory}/.${entry}.${crypto.getRandomValues(new Uint32Array(2)).join('')}.part`;
  try {
    await files.mkdir(directory, { recursive: true });
    await files.writeFile(draft, bytes);
    await files.rename(draft, `${directory}/${entry}`);
  } catch {
    // A cache that cannot be written is only slower the next time.
    await files.rm(draft, { force: true }).catch(() => {});
  }
}
