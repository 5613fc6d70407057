/** The files of a dataset from below an address, by way of the cache. */

import { type Digests, readCached, readDigests, sha256, writeCached, writeDigests } from './cache.ts';
import { type DownloadOptions, download } from './download.ts';
import type { SizeOf } from './unzip.ts';

/** A file of a dataset. */
export interface DatasetFile {
  /** The names under which it is distributed; unzipped it has the first. */
  readonly names: readonly string[];
  /** The SHA-256 of its contents, if they are known beforehand. */
  readonly digest: string | undefined;
  readonly sizeOf: SizeOf;
  /** Raises a DataError for contents that are not those of such a file. */
  readonly check: (bytes: Uint8Array, file: string) => Promise<void>;
}

/** Where to keep downloads, and how to make them. */
export interface RemoteOptions extends Omit<DownloadOptions, 'signal'> {
  /** Undefined to keep none. */
  readonly cache: string | undefined;
  readonly signal: AbortSignal | undefined;
}

/** The contents of a file. */
interface Part {
  readonly bytes: Uint8Array;
  /** Their SHA-256; undefined where nothing is kept. */
  readonly digest: string | undefined;
  readonly isFresh: boolean;
}

/**
 * The contents of files, and what keeps them. Those whose contents are known beforehand are kept at once; others are by `keep`, which is to be
 * called once the dataset that they make was checked.
 */
export async function fetchFiles(
  base: URL,
  files: readonly DatasetFile[],
  options: RemoteOptions,
): Promise<{ contents: Uint8Array[]; keep: () => Promise<void> }> {
  const { cache } = options;
  const listed = cache ? await readDigests(cache, base.href) : {};
  const all = (digests: Digests) =>
    together(options.signal, (signal) =>
      files.map((file) => cachedOrDownloaded(base, file, file.digest ?? digests[file.names[0]!], { ...options, signal })),
    );
  let parts = await all(listed);
  // What is at the address has changed since the list was written: then what the cache has of it belongs to other files.
  const hasChanged = parts.some(({ isFresh, digest }, i) => isFresh && digest !== (files[i]!.digest ?? listed[files[i]!.names[0]!]));
  if (hasChanged && !parts.every(({ isFresh }) => isFresh)) parts = await all({});
  const keep = async () => {
    if (!cache) return;
    for (const [i, { bytes, digest, isFresh }] of parts.entries())
      if (isFresh && !files[i]!.digest) await writeCached(cache, files[i]!.names[0]!, digest!, bytes);
    if (parts.some(({ isFresh }) => isFresh))
      await writeDigests(cache, base.href, Object.fromEntries(files.map(({ names: [name] }, i) => [name, parts[i]!.digest])));
  };
  return { contents: parts.map(({ bytes }) => bytes), keep };
}

async function cachedOrDownloaded(
  base: URL,
  { names, digest, sizeOf, check }: DatasetFile,
  known: string | undefined,
  { cache, ...options }: RemoteOptions & DownloadOptions,
): Promise<Part> {
  const name = names[0]!;
  const cached = cache && known && (await readCached(cache, name, known));
  if (cached) return { bytes: cached, digest: known, isFresh: false };
  // Zipped ones first: they come faster.
  const zipped = names.filter((name) => name.endsWith('.gz'));
  const { bytes, url } = await download(
    [...new Set([...zipped, ...names])].map((name) => below(base, name)),
    sizeOf,
    options,
  );
  await check(bytes, url);
  if (cache && digest) await writeCached(cache, name, digest, bytes);
  return { bytes, digest: digest ?? (cache && (await sha256(bytes))), isFresh: true };
}

/** The address of a file below another. What follows a question mark there, as a key does, stays. */
function below(base: URL, name: string): string {
  const url = new URL(base);
  url.pathname = `${url.pathname.replace(/\/?$/, '/')}${name}`;
  return url.href;
}

/** Tasks of which none goes on after one has failed. */
async function together<T>(signal: AbortSignal | undefined, tasks: (signal: AbortSignal) => readonly Promise<T>[]): Promise<T[]> {
  const group = new AbortController();
  const end = () => group.abort(signal?.reason);
  signal?.addEventListener('abort', end);
  try {
    signal?.throwIfAborted();
    return await Promise.all(tasks(group.signal));
  } catch (error) {
    group.abort(error);
    throw error;
  } finally {
    signal?.removeEventListener('abort', end);
  }
}
