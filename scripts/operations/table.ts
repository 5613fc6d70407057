/**
 * The table of every primitive operation. It is found by walking the modules that may declare operations: each literal that a file exports is in the
 * table, under its own name. None is listed, and `test/operations/literals.test.ts` refuses a literal that is not exported, so none can be forgotten.
 */

import { readdirSync } from 'node:fs';
import { fileURLToPath, pathToFileURL } from 'node:url';
import type { Op } from '../../src/tensor/op.ts';

const root = fileURLToPath(new URL('../../src/', import.meta.url));

/** The rooms whose files declare operations. */
export const rooms = ['tensor/ops', 'functions'] as const;

/** The files that may declare operations, below `src/`. */
export const files: readonly string[] = rooms.flatMap((room) =>
  readdirSync(`${root}${room}`, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .map((name) => `${room}/${name.replaceAll('\\', '/')}`)
    .sort(),
);

const isOp = (x: unknown): x is Op<any, any> =>
  typeof x === 'object' && x !== null && ['shape', 'forward', 'sample'].every((part) => typeof Reflect.get(x, part) === 'function');

/** All that these files export. */
const declared: readonly (readonly [string, unknown])[] = (
  await Promise.all(files.map(async (file) => Object.entries(await import(pathToFileURL(root + file).href))))
).flat();

/** Every literal, in the order of names. */
export const literals: readonly Op<any, any>[] = declared
  .map(([, value]) => value)
  .filter(isOp)
  .sort((a, b) => (a.name < b.name ? -1 : 1));

/** Every operation under its name. */
export const ops: Readonly<Record<string, Op<any, any>>> = Object.fromEntries(literals.map((op) => [op.name, op]));

/** The names of the functions that these files export. */
export const functionNames: ReadonlySet<string> = new Set(
  declared.filter(([, value]) => typeof value === 'function').map(([name]) => name),
);
