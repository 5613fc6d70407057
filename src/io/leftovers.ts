/** Names for what is written beside a file, and what of it a process left that was killed while it wrote. */

import { crc32 } from './crc32.ts';
import type { Disk } from './file-system.ts';

interface Process {
  readonly pid?: number;
  uptime?(): number;
  kill?(pid: number, signal: number): void;
  getBuiltinModule?(name: string): unknown;
}

const process = (): Process => (globalThis as { readonly process?: Process }).process ?? {};

/** The name of this machine, as eight hexadecimal digits; containers have one each. */
function machine(): string {
  const { hostname } = (process().getBuiltinModule?.('node:os') ?? {}) as { hostname?(): string };
  let name = '';
  try {
    name = hostname?.() ?? '';
  } catch {
    // A program that may not know it.
  }
  return crc32(new TextEncoder().encode(name)).toString(16).padStart(8, '0');
}

/** The name of a file beside another that no other call has, now or earlier: processes in containers have the same number each time. */
export function siblingOf(path: string): (kind: 'new' | 'old') => string {
  const own = `${machine()}-${process().pid ?? 0}-${[...crypto.getRandomValues(new Uint32Array(2))].map((x) => x.toString(36)).join('')}`;
  return (kind) => `${path}.${own}.${kind}`;
}

/** What follows the name of the file. */
const SIBLING = /^\.([0-9a-f]{8})-(\d+)-[0-9a-z]+\.(?:new|old)$/;

/** Where it is not known whether a process lives, what was not written to for an hour is left over. */
const HOUR = 3_600_000;

/** Removes what was left beside a file by processes that are no more. What cannot be removed stays. */
export async function removeLeftovers(files: Disk, folder: string, name: string): Promise<void> {
  for (const entry of await files.readdir(folder).catch(() => [])) {
    const [, host, pid] = (entry.startsWith(name) && SIBLING.exec(entry.slice(name.length))) || [];
    if (host === undefined) continue;
    const file = `${folder}/${entry}`;
    try {
      const { mtimeMs } = await files.stat(file);
      if (isLeft(host, Number(pid), mtimeMs)) await files.rm(file, { force: true });
    } catch {
      // Gone by now, or another's.
    }
  }
}

function isLeft(host: string, pid: number, written: number): boolean {
  const own = process();
  const age = Date.now() - written;
  if (host !== machine()) return age > HOUR;
  // An earlier process of the same number.
  if (pid === own.pid) return age > 1000 * (own.uptime?.() ?? Infinity);
  try {
    own.kill?.(pid, 0);
  } catch (error) {
    if ((error as { readonly code?: string }).code === 'ESRCH') return true;
  }
  return age > HOUR;
}
