import { readFileSync, writeFileSync } from 'node:fs';

const PAGE = 'docs/reliability.md';

/** Writes figures between the marks of a name in the page. */
export function writeSection(name: string, text: string): void {
  const page = readFileSync(PAGE, 'utf8');
  const [begin, end] = [`<!-- ${name} -->\n`, '\n<!-- end -->'];
  const from = page.indexOf(begin) + begin.length;
  if (from < begin.length) throw new Error(`${PAGE}: has no ${begin.trim()}`);
  writeFileSync(PAGE, page.slice(0, from) + text + page.slice(page.indexOf(end, from)));
  console.log(`${name}\n\n${text}\n`);
}

/** A number with commas at the thousands. */
export const counted = (n: number): string => n.toLocaleString('en');
