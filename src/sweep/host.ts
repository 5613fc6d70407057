/** What a sweep needs of Node, looked up at run time, since browsers do not have it. */

import { DataError, ValueError } from '../base/errors.ts';
import { quote, type Requirement } from '../base/options.ts';

interface Modules {
  readonly 'node:fs': {
    openSync(path: string, flags: string): number;
    closeSync(file: number): void;
    writeSync(file: number, text: string): number;
    fsyncSync(file: number): void;
    fstatSync(file: number): { readonly size: number };
    readFileSync(path: string, encoding: 'utf8'): string;
    truncateSync(path: string, length: number): void;
    mkdirSync(path: string, options: { recursive: boolean }): void;
  };
  readonly 'node:worker_threads': unknown;
  readonly 'node:os': { availableParallelism(): number };
  readonly 'node:path': { resolve(...parts: string[]): string };
  readonly 'node:url': { fileURLToPath(url: URL): string; pathToFileURL(path: string): URL };
}

const host = globalThis as unknown as { readonly process?: { readonly pid?: number; getBuiltinModule?(name: string): unknown } };

/** A module of Node, where there is one. */
export const nodeModule = <Name extends keyof Modules>(name: Name): Modules[Name] | undefined =>
  host.process?.getBuiltinModule?.(name) as Modules[Name] | undefined;

/**
 * A module of Node for what cannot be done without.
 * @param what what needs it, for the error
 */
export function needed<Name extends keyof Modules>(where: string, what: string, name: Name): Modules[Name] {
  const found = nodeModule(name);
  if (!found) throw new ValueError(`${where}: ${what} needs ${name}, which there is in Node, Bun and Deno, and not here`);
  return found;
}

/** The number of this process. */
export const processId = (): number => host.process?.pid ?? 0;

/** What the option `folder` must be. */
export const folderOption: Requirement = {
  words: 'a path, or the URL of a folder',
  holds: (x) => (typeof x === 'string' && x !== '') || (x instanceof URL && x.protocol === 'file:'),
};

/** The path of a folder, which is made where it is not there. */
export function madeFolder(where: string, folder: string | URL, ...below: readonly string[]): string {
  if (!folderOption.holds(folder)) throw new ValueError(`${where}: expected folder to be ${folderOption.words}, got ${quote(folder)}`);
  const { resolve } = needed(where, 'a folder', 'node:path');
  const path = resolve(folder instanceof URL ? needed(where, 'a folder', 'node:url').fileURLToPath(folder) : folder, ...below);
  try {
    needed(where, 'a folder', 'node:fs').mkdirSync(path, { recursive: true });
  } catch (error) {
    throw new DataError(`${path}: cannot be made a folder: ${String(error)}`, { cause: error });
  }
  return path;
}
