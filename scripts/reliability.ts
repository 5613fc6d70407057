/**
 * What hostile files do to readers: `npm run reliability` reads a million of them and writes the figures into `docs/reliability.md`; with a number, as many for
 * each reader.
 */

import { readFileSync, writeFileSync } from 'node:fs';
import { attack, readers, slow } from '../test/lib/fuzz.ts';

const PAGE = 'docs/reliability.md';
const count = Number(process.argv[2] ?? 143_000);

/** Figures of all files. Whatever is neither numbers nor a DataError ends the program, with the number of the file. */
async function attacked(name: string): Promise<readonly string[]> {
  let [refused, slowest] = [0, 0];
  for (let seed = 0; seed < count; seed++) {
    const outcome = await attack(name, seed);
    if (outcome.refused) refused++;
    slowest = Math.max(slowest, outcome.milliseconds);
  }
  return [...[count, refused, count - refused].map((n) => n.toLocaleString('en')), slowest.toFixed(0)];
}

/** How many times as long a file takes that is four times as long, of the forms that were made to be slow the one that does worst. */
async function growth(name: string): Promise<string> {
  const ratios: number[] = [];
  for (const make of slow[name]!) ratios.push((await timeOf(name, make(480_000))) / (await timeOf(name, make(120_000))));
  return Math.max(...ratios).toFixed(1);
}

/** The milliseconds of the processor that a reader takes, the least of three; at least 20, below which they tell more of the engine than of the reader. */
async function timeOf(name: string, bytes: Uint8Array): Promise<number> {
  let least = Infinity;
  for (let i = 0; i < 3; i++) {
    const start = process.cpuUsage().user;
    await Promise.resolve()
      .then(() => readers[name]!.read(bytes))
      .catch(() => {});
    least = Math.min(least, (process.cpuUsage().user - start) / 1000);
  }
  return Math.max(least, 20);
}

const before = process.memoryUsage().rss;
const figures = new Map<string, readonly string[]>();
for (const name of Object.keys(readers)) figures.set(name, await attacked(name));
const more = Math.round((process.resourceUsage().maxRSS * 1024 - before) / 2 ** 20);
const rows: string[] = [];
for (const [name, cells] of figures) rows.push(`| ${[name, ...cells, await growth(name)].join(' | ')} |`);
const table = ['| reader | files | refused | read | slowest, ms | 4 × as long |', '| --- | --- | --- | --- | --- | --- |', ...rows].join(
  '\n',
);
const text = `${table}\n\nWhile it read these files the process had at most ${more} MB more than before them, on Node ${process.versions.node}.`;
const page = readFileSync(PAGE, 'utf8');
writeFileSync(
  PAGE,
  page.replace(/(<!-- hostile files -->\n)[\s\S]*?(\n<!-- end -->)/, (_, begin, end) => begin + text + end),
);
console.log(text);
