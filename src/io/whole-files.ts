/** Files that are old or new, never half: on disk, or where there is none in the browser's storage. */

import { DataError } from '../base/errors.ts';
import { readInBrowser, writeInBrowser } from './browser-files.ts';
import type { Disk } from './file-system.ts';
import { removeLeftovers, siblingOf } from './leftovers.ts';

interface Modules {
  readonly 'node:fs/promises': Disk;
  readonly 'node:path': { dirname(path: string): string; basename(path: string): string };
  readonly 'node:url': { fileURLToPath(url: URL): string };
}

const nodeModule = <Name extends keyof Modules>(name: Name): Modules[Name] | undefined =>
  (globalThis as { readonly process?: { getBuiltinModule?(name: string): unknown } }).process?.getBuiltinModule?.(name) as
    | Modules[Name]
    | undefined;

/** The file of the generation before. */
export const previousOf = (path: string | URL): string | URL =>
  path instanceof URL ? new URL(`${path.href}.previous`) : `${path}.previous`;

/** The last write of each file that is not over yet. */
const writes = /* @__PURE__ */ new Map<string, Promise<void>>();

/**
 * Writes a file whole or not at all: a sibling is written in full, synced, and renamed; then the folder is synced. What stood there before is kept beside it,
 * under the name with `.previous`. Of several at once for one file the last call is the last to be written.
 * @param bytes or what becomes of them; what it throws is thrown
 * @throws DataError where it cannot be written. What stood there before is still there then.
 */
export async function writeWhole(path: string | URL, bytes: Uint8Array | Promise<Uint8Array>): Promise<void> {
  const name = String(path);
  const before = writes.get(name);
  const write = Promise.all([bytes, before?.catch(() => {})]).then(([bytes]) => writeNow(path, bytes));
  writes.set(name, write);
  try {
    await write;
  } finally {
    if (writes.get(name) === write) writes.delete(name);
  }
}

async function writeNow(path: string | URL, bytes: Uint8Array): Promise<void> {
  const files = nodeModule('node:fs/promises');
  try {
    if (isRemote(path)) throw new Error('it is an address of the network');
    if (files) await writeOnDisk(files, path instanceof URL ? nodeModule('node:url')!.fileURLToPath(path) : path, bytes);
    else await writeInBrowser(String(path), String(previousOf(path)), bytes);
  } catch (error) {
    const advice = codeOf(error) === 'ENOENT' ? '; is its folder there?' : '';
    throw new DataError(`${String(path)}: cannot be written: ${String(error)}${advice}`, { cause: error });
  }
}

/** Whether a path is an address of the network. */
export const isRemote = (path: string | URL): boolean => /^https?:/i.test(String(path));

/**
 * The bytes of a file, or of what is at an address.
 * @throws DataError where it is not there, or cannot be read.
 */
export async function readWhole(path: string | URL): Promise<Uint8Array> {
  const files = nodeModule('node:fs/promises');
  try {
    const bytes = isRemote(path) ? await fetched(path) : files ? await files.readFile(path) : await readInBrowser(String(path));
    // A plain array of bytes, not Node's own kind of it.
    return new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  } catch (error) {
    throw new DataError(`${String(path)}: cannot be read: ${reasonOf(error)}`, { cause: error });
  }
}

async function fetched(address: string | URL): Promise<Uint8Array> {
  const response = await fetch(address);
  if (!response.ok)
    throw Object.assign(
      new Error(`status ${`${response.status} ${response.statusText}`.trim()}`),
      response.status === 404 && { code: 'ENOENT' },
    );
  // Some servers answer with their first page where there is no such file.
  if (response.headers.get('content-type')?.startsWith('text/html')) throw new Error('what came is a page, not a file');
  return new Uint8Array(await response.arrayBuffer());
}

/** What went wrong; `fetch` says it in the cause of what it throws. */
const reasonOf = (error: unknown): string => String((error as { readonly cause?: unknown } | undefined)?.cause ?? error);

/** Whether a file could not be read because it is not there. */
export function isMissing(error: unknown): boolean {
  const cause = (error as Error | undefined)?.cause as (Error & { readonly code?: string }) | undefined;
  return cause?.code === 'ENOENT' || ['NotFoundError', 'NotFound'].includes(cause?.name ?? '');
}

const codeOf = (error: unknown): string => (error as { readonly code?: string } | undefined)?.code ?? '';

/** The files beside which this process has looked for what others have left. */
const looked = /* @__PURE__ */ new Set<string>();

async function writeOnDisk(files: Disk, path: string, bytes: Uint8Array): Promise<void> {
  const { dirname, basename } = nodeModule('node:path')!;
  const folder = dirname(path);
  if (!looked.has(path)) await removeLeftovers(files, folder, basename(path));
  looked.add(path);
  const beside = siblingOf(path);
  const [fresh, old] = [beside('new'), beside('old')];
  try {
    await writeNew(files, fresh, bytes);
    await keepPrevious(files, path, fresh, old);
    await renamed(files, fresh, path);
  } catch (error) {
    for (const file of [fresh, old]) await files.rm(file, { force: true }).catch(() => {});
    throw error;
  }
  await syncFolder(files, folder);
}

async function writeNew(files: Disk, path: string, bytes: Uint8Array): Promise<void> {
  const file = await files.open(path, 'wx');
  try {
    // One call may write a part.
    for (let at = 0; at < bytes.length; ) at += (await file.write(bytes, at, bytes.length - at)).bytesWritten;
    await file.sync();
  } finally {
    await file.close();
  }
}

/** Keeps what stands at a path as the generation before, by a second name, so that it never is without a file. Who may read it stays. */
async function keepPrevious(files: Disk, path: string, fresh: string, old: string): Promise<void> {
  try {
    const { mode } = await files.stat(path);
    // Not every disk has modes, nor may everyone set them.
    await files.chmod(fresh, mode & 0o777).catch(() => {});
    await files.link(path, old).catch((error) => {
      if (codeOf(error) === 'ENOENT') throw error;
      // Where a file cannot have two names.
      return files.copyFile(path, old);
    });
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return;
    throw error;
  }
  await renamed(files, old, String(previousOf(path)));
  // To rename one name of a file to another name of the same file does nothing.
  await files.rm(old, { force: true });
}

/** Virus scanners of Windows hold a file for a moment. It is never written in place instead. */
async function renamed(files: Disk, from: string, to: string): Promise<void> {
  for (let attempt = 0; ; attempt++) {
    try {
      return await files.rename(from, to);
    } catch (error) {
      if (attempt === 7 || !['EPERM', 'EACCES', 'EBUSY'].includes(codeOf(error))) throw error;
      await new Promise((resolve) => setTimeout(resolve, 10 * 2 ** attempt));
    }
  }
}

/** A rename is sure to last only when its folder is written; some systems cannot be told to. */
async function syncFolder(files: Disk, folder: string): Promise<void> {
  try {
    const handle = await files.open(folder, 'r');
    try {
      await handle.sync();
    } finally {
      await handle.close();
    }
  } catch (error) {
    if (!['EISDIR', 'EPERM', 'EINVAL', 'EACCES', 'ENOTSUP'].includes(codeOf(error))) throw error;
  }
}
