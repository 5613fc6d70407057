/**
 * An overview of all that the package exports: `npm run overview` writes `docs/overview.md` and the list in README.md; `npm run overview -- --check`
 * fails where they are not what it would write.
 */

import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { exportsOfPackage, membersOf } from './overview/exports.ts';
import { PAGE, page, shortList, withShortList } from './overview/page.ts';
import { writeOrCheck } from './write-or-check.ts';

/** The texts that are written, by file. */
export function overview(): Map<string, string> {
  const contents = { items: exportsOfPackage(), members: membersOf('Tensor', 'src/tensor/tensor.ts') };
  return new Map([
    [PAGE, page(contents)],
    ['README.md', withShortList(readFileSync('README.md', 'utf8'), shortList(contents))],
  ]);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) writeOrCheck('overview', overview());
