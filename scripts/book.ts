/**
 * Turns the chapters in `test/book/` into pages: `npm run book` writes `docs/book/`; `npm run book -- --check` writes nothing, and fails with the names of
 * the pages that are out of date.
 */

import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { type Chapter, readChapter } from './book/chapter.ts';
import { contentsOf, pageOf } from './book/page.ts';
import { draw } from './book/picture.ts';

const sources = 'test/book';
const folder = 'docs/book';

const introduction = `# Reverse-mode autodiff, in laws that run

Each page is made from a file of [\`${sources}/\`](../../${sources}) by \`npm run book\`, and each heading is the title of a test. The text states a law, and
the code under it checks the law on random tensors with [fast-check](https://fast-check.dev): a hundred times by default, and a case that fails is reduced
to the smallest one that still fails.

How to read the code: \`fc.property(vectors(2), eighths, ([x, v], c) => …)\` says that for any two vectors x and v of one length and any number c what
follows holds, and \`fc.assert\` tries it. \`vectors\`, \`eighths\` (multiples of 1/8), \`anyFunction\` (one of five smooth functions) and \`expectClose\` (equal to
rounding) are in [what the chapters share](lib.md).

A chapter builds only on those before it. To run all of them: \`npx vitest run ${sources}\`. A good exercise is to break a law, by a sign or a factor, and to
read the message of the test that fails.`;

/** The chapters in order, and then the files that they share. */
export function readBook(): Chapter[] {
  const files = readdirSync(sources).filter((file) => file.endsWith('.ts') && (/^\d/.test(file) || !file.endsWith('.test.ts')));
  return files.sort().map((file) => readChapter(file, readFileSync(`${sources}/${file}`, 'utf8')));
}

/** The texts of all pages, by name. */
export function pages(): Map<string, string> {
  const book = readBook();
  const chapters = book.map((chapter) => [chapter.page, pageOf(chapter, book)] as const);
  return new Map([['README.md', contentsOf(introduction, book)], ...chapters]);
}

function main(): void {
  const wanted = new Map<string, Uint8Array>([...pages(), ...draw()].map(([name, content]) => [name, Buffer.from(content)]));
  const found = existsSync(folder) ? readdirSync(folder) : [];
  const stale = [...wanted].filter(([name, content]) => !found.includes(name) || !readFileSync(`${folder}/${name}`).equals(content));
  const extra = found.filter((name) => !wanted.has(name));
  if (process.argv.includes('--check')) {
    if (stale.length + extra.length === 0) {
      console.log(`book: ${wanted.size} files are up to date`);
      return;
    }
    const names = [...stale.map(([name]) => name), ...extra.map((name) => `${name} (belongs to no chapter)`)];
    console.error(`book: not what npm run book writes:\n${names.map((name) => `  ${folder}/${name}`).join('\n')}`);
    process.exitCode = 1;
    return;
  }
  mkdirSync(folder, { recursive: true });
  for (const name of extra) rmSync(`${folder}/${name}`);
  for (const [name, content] of stale) writeFileSync(`${folder}/${name}`, content);
  console.log(`book: ${wanted.size} files, ${stale.length} of them written, ${extra.length} removed`);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) main();
