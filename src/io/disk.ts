/** Files on a disk. Node's file system is looked up at run time, never imported, since browsers do not have it. */

import { DataError } from '../base/errors.ts';

/** The part of `node:fs/promises` that is used here. */
interface Disk {
  readFile(path: string | URL): Promise<Uint8Array>;
  writeFile(path: string, bytes: Uint8Array): Promise<void>;
  mkdir(path: string, options: { recursive: boolean }): Promise<unknown>;
  rename(from: string, to: string): Promise<void>;
  rm(path: string, options: { force: boolean }): Promise<void>;
}

interface Host {
  process?: { getBuiltinModule?(name: string): unknown; env?: Record<string, string | undefined> };
}

const host = globalThis as unknown as Host;

/** The file system, where there is one. */
export const disk = (): Disk | undefined => host.process?.getBuiltinModule?.('node:fs/promises') as Disk | undefined;

/** The variables of the environment, where there is one. */
export const environment = (): Record<string, string | undefined> => host.process?.env ?? {};

/** Whether a file is not there, rather than hidden from this program. */
const isMissing = (error: unknown): boolean => ['ENOENT', 'ENOTDIR'].includes((error as { code?: string }).code ?? '');

/**
 * The first file of a directory that has one of some names, and its path.
 * @param advice what to do where there is none, for the error
 * @throws DataError where there is none, and for one that cannot be read.
 */
export async function readFrom(
  directory: string | URL,
  names: readonly string[],
  advice: string,
): Promise<{ bytes: Uint8Array; file: string }> {
  const within = String(directory).replace(/[\\/]+$/, '');
  for (const name of names) {
    const file = `${within}/${name}`;
    const bytes = await disk()!
      .readFile(directory instanceof URL ? new URL(file) : file)
      .catch((error: unknown) => {
        if (isMissing(error)) return undefined;
        throw new DataError(`${file}: cannot be read: ${String(error)}`);
      });
    if (bytes) return { bytes, file };
  }
  throw new DataError(`${within}: expected ${names[0]} (or ${names.slice(1).join(', ')}), found none; ${advice}`);
}
