/** The files of `src/` as TypeScript reads them. */

import { readdirSync, readFileSync } from 'node:fs';
import ts from 'typescript';

/** Every source file by its path, `src/tensor/op.ts`. */
export const sources: ReadonlyMap<string, ts.SourceFile> = new Map(
  readdirSync('src', { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .map((name) => `src/${name.replaceAll('\\', '/')}`)
    .sort()
    .map((file) => [file, ts.createSourceFile(file, readFileSync(file, 'utf8'), ts.ScriptTarget.Latest, true)]),
);
