/** A step of the build: the package's own operations go without their `sample`, which the tests of this repository alone draw from. */

import { readFile } from 'node:fs/promises';
import type { Options } from 'tsup';
import ts from 'typescript';

/** The text of a file, in which each `sample` of an object literal is blank; lines and columns of all else stay, for source maps. */
export function withoutSamples(text: string): string {
  const source = ts.createSourceFile('module.ts', text, ts.ScriptTarget.Latest, true);
  let rest = text;
  const visit = (node: ts.Node): void => {
    if (ts.isObjectLiteralElementLike(node) && node.name?.getText() === 'sample') {
      const end = text[node.end] === ',' ? node.end + 1 : node.end;
      rest = rest.slice(0, node.pos) + text.slice(node.pos, end).replace(/[^\n]/g, ' ') + rest.slice(end);
    } else ts.forEachChild(node, visit);
  };
  visit(source);
  return rest;
}

export const leaveOutSamples: NonNullable<Options['esbuildPlugins']>[number] = {
  name: 'leave-out-samples',
  setup: (build) =>
    build.onLoad({ filter: /src[\\/](functions|tensor[\\/]ops)[\\/].*\.ts$/ }, async ({ path }) => ({
      contents: withoutSamples(await readFile(path, 'utf8')),
      loader: 'ts',
    })),
};
