/** Files that are old or new, never half: on disk, or where there is none in the browser's storage. */

import { DataError } from '../base/errors.ts';

/** An open file of `node:fs/promises`. */
interface FileHandle {
  write(bytes: Uint8Array, offset: number, length: number): Promise<{ bytesWritten: number }>;
  sync(): Promise<void>;
  close(): Promise<void>;
}

interface Disk {
  open(path: string | URL, flags: string): Promise<FileHandle>;
  readFile(path: string | URL): Promise<Uint8Array>;
  rename(from: string | URL, to: string | URL): Promise<void>;
  link(from: string | URL, to: string | URL): Promise<void>;
  copyFile(from: string | URL, to: string | URL): Promise<void>;
  rm(path: string | URL, options: { force: boolean }): Promise<void>;
}

interface Host {
  readonly process?: { readonly pid?: number; getBuiltinModule?(name: string): unknown };
}

const host = globalThis as unknown as Host;
const disk = () => host.process?.getBuiltinModule?.('node:fs/promises') as Disk | undefined;

/** The file of the generation before. */
export const previousOf = (path: string | URL): string | URL =>
  path instanceof URL ? new URL(`${path.href}.previous`) : `${path}.previous`;

/**
 * Writes a file whole or not at all: a sibling is written in full, synced, and renamed; then the folder is synced. What stood there before is kept beside it,
 * under the name with `.previous`.
 * @throws DataError where it cannot be written. What stood there before is still there then.
 */
export async function writeWhole(path: string | URL, bytes: Uint8Array): Promise<void> {
  const files = disk();
  try {
    if (files) await writeOnDisk(files, path, bytes);
    else await writeInBrowser(String(path), bytes);
  } catch (error) {
    throw new DataError(`${String(path)}: cannot be written: ${String(error)}`, { cause: error });
  }
}

/**
 * The bytes of a file.
 * @throws DataError where it is not there, or cannot be read.
 */
export async function readWhole(path: string | URL): Promise<Uint8Array> {
  const files = disk();
  try {
    const bytes = files ? await files.readFile(path) : await readInBrowser(String(path));
    // A plain array of bytes, not Node's own kind of it.
    return new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  } catch (error) {
    throw new DataError(`${String(path)}: cannot be read: ${String(error)}`, { cause: error });
  }
}

/** Whether a file could not be read because it is not there. */
export function isMissing(error: unknown): boolean {
  const cause = (error as Error | undefined)?.cause as (Error & { readonly code?: string }) | undefined;
  return cause?.code === 'ENOENT' || ['NotFoundError', 'NotFound'].includes(cause?.name ?? '');
}

/** Tells apart the files that one process writes at once. */
let count = 0;

const codeOf = (error: unknown): string => (error as { readonly code?: string } | undefined)?.code ?? '';

async function writeOnDisk(files: Disk, path: string | URL, bytes: Uint8Array): Promise<void> {
  const beside = siblingOf(path);
  const fresh = beside('new');
  try {
    await writeNew(files, fresh, bytes);
    await keepPrevious(files, path, beside('old'));
    await renamed(files, fresh, path);
  } catch (error) {
    await files.rm(fresh, { force: true }).catch(() => {});
    throw error;
  }
  await syncFolder(files, path);
}

/** Names beside a path that no other process, thread or call has. */
function siblingOf(path: string | URL): (kind: string) => string | URL {
  const own = `${host.process?.pid ?? 0}-${threadId()}-${count++}`;
  return (kind) => (path instanceof URL ? new URL(`${path.href}.${own}.${kind}`) : `${path}.${own}.${kind}`);
}

const threadId = (): number =>
  (host.process?.getBuiltinModule?.('node:worker_threads') as { readonly threadId: number } | undefined)?.threadId ?? 0;

async function writeNew(files: Disk, path: string | URL, bytes: Uint8Array): Promise<void> {
  const file = await files.open(path, 'wx');
  try {
    // One call may write a part.
    for (let at = 0; at < bytes.length; ) at += (await file.write(bytes, at, bytes.length - at)).bytesWritten;
    await file.sync();
  } finally {
    await file.close();
  }
}

/** Keeps what stands at a path as the generation before, by a second name, so that it never is without a file. */
async function keepPrevious(files: Disk, path: string | URL, old: string | URL): Promise<void> {
  try {
    await files.link(path, old).catch((error) => {
      if (codeOf(error) === 'ENOENT') throw error;
      // Where a file cannot have two names.
      return files.copyFile(path, old);
    });
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return;
    throw error;
  }
  await renamed(files, old, previousOf(path));
  // To rename one name of a file to another name of the same file does nothing.
  await files.rm(old, { force: true });
}

/** Virus scanners of Windows hold a file for a moment. It is never written in place instead. */
async function renamed(files: Disk, from: string | URL, to: string | URL): Promise<void> {
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
async function syncFolder(files: Disk, path: string | URL): Promise<void> {
  const folder = path instanceof URL ? new URL('.', path) : path.replace(/[^\\/]*$/, '') || '.';
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

/** A directory of the origin private file system. */
interface Directory {
  getFileHandle(
    name: string,
    options?: { create: boolean },
  ): Promise<{
    getFile(): Promise<Blob>;
    createWritable(): Promise<{ write(bytes: Uint8Array): Promise<void>; close(): Promise<void>; abort(): Promise<void> }>;
  }>;
}

const directory = async (): Promise<Directory | undefined> =>
  (globalThis as { navigator?: { storage?: { getDirectory?(): Promise<Directory> } } }).navigator?.storage?.getDirectory?.();

/** A name that is no path: private files stand side by side. */
const flat = (path: string): string => encodeURIComponent(path);

async function writeInBrowser(path: string, bytes: Uint8Array): Promise<void> {
  const root = await directory().catch(() => undefined);
  if (!root) return writeInDatabase(path, bytes);
  const before = await readPrivate(root, path).catch(() => undefined);
  if (before) await writePrivate(root, String(previousOf(path)), before);
  await writePrivate(root, path, bytes);
}

/** What is written takes the place of the file when it is closed. */
async function writePrivate(root: Directory, path: string, bytes: Uint8Array): Promise<void> {
  const file = await (await root.getFileHandle(flat(path), { create: true })).createWritable();
  try {
    await file.write(bytes);
  } catch (error) {
    await file.abort();
    throw error;
  }
  await file.close();
}

async function readPrivate(root: Directory, path: string): Promise<Uint8Array> {
  const file = await (await root.getFileHandle(flat(path))).getFile();
  return new Uint8Array(await file.arrayBuffer());
}

async function readInBrowser(path: string): Promise<Uint8Array> {
  const root = await directory().catch(() => undefined);
  if (root) return readPrivate(root, path);
  const found = (await inStore('readonly', (store) => store.get(path))) as Uint8Array | undefined;
  if (!found) throw Object.assign(new Error('there is no such file'), { code: 'ENOENT' });
  return found;
}

const writeInDatabase = async (path: string, bytes: Uint8Array): Promise<void> => {
  await inStore('readwrite', (store) => {
    const request = store.get(path);
    request.onsuccess = () => {
      if (request.result) store.put(request.result, String(previousOf(path)));
      store.put(bytes, path);
    };
    return request;
  });
};

/** What one transaction gives: all of it happens or nothing. */
async function inStore(mode: IDBTransactionMode, act: (store: IDBObjectStore) => IDBRequest): Promise<unknown> {
  const factory = globalThis.indexedDB;
  if (!factory) throw new Error('there is no disk, no private file system and no database here');
  const database = await settled(factory.open('tapegrad', 1), (request) => {
    request.onupgradeneeded = () => void request.result.createObjectStore('files');
  });
  try {
    const transaction = database.transaction('files', mode);
    const request = act(transaction.objectStore('files'));
    await new Promise<void>((resolve, reject) => {
      transaction.oncomplete = () => resolve();
      transaction.onabort = transaction.onerror = () => reject(transaction.error);
    });
    return request.result;
  } finally {
    database.close();
  }
}

const settled = <R extends IDBRequest>(request: R, prepare: (request: R) => void): Promise<R['result']> =>
  new Promise((resolve, reject) => {
    prepare(request);
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
