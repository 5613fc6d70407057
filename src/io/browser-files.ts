/** Files that are old or new, never half, where there is no disk: in the browser's private file system, or in its database. */

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

/** Writes a file whole or not at all; the one before is kept beside it, under the name `previous`. */
export async function writeInBrowser(path: string, previous: string, bytes: Uint8Array): Promise<void> {
  const root = await directory().catch(() => undefined);
  if (!root) return writeInDatabase(path, previous, bytes);
  const before = await readPrivate(root, path).catch(() => undefined);
  if (before) await writePrivate(root, previous, before);
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

/** The bytes of a file. What is thrown where there is none has the code ENOENT, or the name NotFoundError. */
export async function readInBrowser(path: string): Promise<Uint8Array> {
  const root = await directory().catch(() => undefined);
  if (root) return readPrivate(root, path);
  const found = (await inStore('readonly', (store) => store.get(path))) as Uint8Array | undefined;
  if (!found) throw Object.assign(new Error('there is no such file'), { code: 'ENOENT' });
  return found;
}

const writeInDatabase = async (path: string, previous: string, bytes: Uint8Array): Promise<void> => {
  await inStore('readwrite', (store) => {
    const request = store.get(path);
    request.onsuccess = () => {
      if (request.result) store.put(request.result, previous);
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
