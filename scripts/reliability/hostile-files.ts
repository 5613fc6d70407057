import { attack, readers, slow } from '../../test/lib/fuzz.ts';
import { counted } from './section.ts';

/** Figures of all files of a reader. Whatever is neither numbers nor a DataError ends the program, with the number of the file. */
async function attacked(name: string, count: number): Promise<readonly string[]> {
  let [refused, slowest] = [0, 0];
  for (let seed = 0; seed < count; seed++) {
    const outcome = await attack(name, seed);
    if (outcome.refused) refused++;
    slowest = Math.max(slowest, outcome.milliseconds);
  }
  return [...[count, refused, count - refused].map(counted), slowest.toFixed(0)];
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

/** What hostile files do to readers, so many of them to all readers together. */
export async function hostileFiles(count: number): Promise<string> {
  const names = Object.keys(readers);
  const before = process.memoryUsage().rss;
  const figures = new Map<string, readonly string[]>();
  for (const name of names) figures.set(name, await attacked(name, Math.ceil(count / names.length)));
  const more = Math.round((process.resourceUsage().maxRSS * 1024 - before) / 2 ** 20);
  const rows: string[] = [];
  for (const [name, cells] of figures) rows.push(`| ${[name, ...cells, await growth(name)].join(' | ')} |`);
  return `| reader | files | refused | read | slowest, ms | 4 × as long |
| --- | --- | --- | --- | --- | --- |
${rows.join('\n')}

While it read these files the process had at most ${more} MB more than before them, on Node ${process.versions.node}.`;
}
