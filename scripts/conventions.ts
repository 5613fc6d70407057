/**
 * What is chosen where there is a choice: `npm run conventions` writes `docs/conventions.md` from the cases in `scripts/conventions/`, each of which
 * runs as a test; `npm run conventions -- --check` fails where the page is not what it would write.
 */

import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { type Case, sections } from './conventions/cases.ts';
import { written } from './conventions/evaluate.ts';
import { writeOrCheck } from './write-or-check.ts';

const HEAD = `# Conventions

Where a function has no value, or no slope, or several, something has to be chosen. This page says what, in float64: the value of an expression at \`x\`,
the gradient of its sum, and the gradient of the sum of that. All ways to a derivative (\`grad\`, \`jvp\`, \`jacobian\`, \`hessian\`, \`vmap\`) agree, which a
test tries for every operation at special numbers.

Each row is a case that runs as a test (\`scripts/conventions/cases.ts\`). Written by \`npm run conventions\`.`;

const cell = (text: string): string => text.replaceAll('|', '\\|');

function row(given: Case): string {
  const { expression, at, why } = given;
  const found =
    'refused' in given
      ? [given.refused, '', '']
      : [given.value, given.slope, given.second].map((found) => (typeof found === 'string' ? found : written(found)));
  return `| ${[`\`${expression}\``, written(at), ...found, why].map(cell).join(' | ')} |`;
}

/** The page and its text. */
export const conventions = (): Map<string, string> => {
  const tables = sections.map(({ title, about, cases }) => {
    const head = '| expression | at | value | slope | its slope | why |\n| --- | --- | --- | --- | --- | --- |';
    return [`## ${title}`, ...(about ? [about] : []), `${head}\n${cases.map(row).join('\n')}`].join('\n\n');
  });
  const differences = readFileSync('scripts/conventions/differences.md', 'utf8').trim();
  return new Map([['docs/conventions.md', `${[HEAD, ...tables, differences].join('\n\n')}\n`]]);
};

if (process.argv[1] === fileURLToPath(import.meta.url)) writeOrCheck('conventions', conventions());
