/**
 * What hostile files do to readers: `npm run reliability` reads a million and writes the figures into `docs/reliability.md`; with a number it reads as many
 * for each reader and prints them.
 */

import { readFileSync, writeFileSync } from 'node:fs';
import { attack, readers, slow } from '../test/lib/fuzz.ts';

const PAGE = 'docs/reliability.md';
const asked = process.argv[2] === undefined ? undefined : Number(process.argv[2]);
const count = asked ?? 143_000;

/** A row of figures. Whatever is neither numbers nor a DataError ends the program, with the number of the file. */
async function row(name: string): Promise<string> {
  let [refused, slowest] = [0, 0];
  for (let seed = 0; seed < count; seed++) {
    const outcome = await attack(name, seed);
    if (outcome.refused) refused++;
    slowest = Math.max(slowest, outcome.milliseconds);
  }
  const growth = await Promise.all(
    slow[name]!.map(async (make) => (await timeOf(name, make(480_000))) / (await timeOf(name, make(120_000)))),
  );
  const cells = [count, refused, count - refused].map((n) => n.toLocaleString('en'));
  return `| ${[name, ...cells, slowest.toFixed(0), Math.max(...growth).toFixed(1)].join(' | ')} |`;
}

/** The milliseconds that a reader takes, the least of a few, and at least a tenth, below which clocks tell nothing. */
async function timeOf(name: string, bytes: Uint8Array): Promise<number> {
  let least = Infinity;
  for (let i = 0; i < 5; i++) {
    const start = performance.now();
    await Promise.resolve()
      .then(() => readers[name]!.read(bytes))
      .catch(() => {});
    least = Math.min(least, performance.now() - start);
  }
  return Math.max(least, 0.1);
}

const before = process.memoryUsage().rss;
const rows: string[] = [];
for (const name of Object.keys(readers)) {
  rows.push(await row(name));
  console.log(rows.at(-1));
}
const more = Math.round((process.resourceUsage().maxRSS * 1024 - before) / 2 ** 20);
const table = ['| reader | files | refused | read | slowest, ms | 4 × as long |', '| --- | --- | --- | --- | --- | --- |', ...rows].join(
  '\n',
);
const figures = `${table}\n\nThe process never had more than ${more} MB above what it began with, on Node ${process.versions.node}.`;
if (asked === undefined) {
  const page = readFileSync(PAGE, 'utf8');
  writeFileSync(
    PAGE,
    page.replace(/(<!-- hostile files -->\n)[\s\S]*?(\n<!-- end -->)/, (_, begin, end) => begin + figures + end),
  );
} else console.log(figures);
