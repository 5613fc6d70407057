/**
 * Names of other frameworks beside tapegrad's: `npm run coming-from` writes `docs/coming-from.md` from the tables in `scripts/coming-from/`;
 * `npm run coming-from -- --check` fails where the page is not what it would write.
 */

import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { page } from './coming-from/page.ts';
import { writeOrCheck } from './write-or-check.ts';

/** The page and its text. */
export const comingFrom = (): Map<string, string> =>
  new Map([['docs/coming-from.md', page(readFileSync('scripts/coming-from/conventions.md', 'utf8').trim())]]);

if (process.argv[1] === fileURLToPath(import.meta.url)) writeOrCheck('coming-from', comingFrom());
