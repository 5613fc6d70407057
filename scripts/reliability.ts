/**
 * What breaks, and what does not: `npm run reliability` reads a million hostile files, kills a process a thousand times while it saves, kills a training fifty times and starts it
 * again, resumes trainings of every kind after every step, and writes the figures into `docs/reliability.md`. With a name and a number it does that part alone, so many
 * times: `npm run reliability -- files 70000`.
 */

import { everyStep } from './reliability/every-step.ts';
import { hostileFiles } from './reliability/hostile-files.ts';
import { killedSaves } from './reliability/killed-saves.ts';
import { killedTrainings } from './reliability/killed-trainings.ts';
import { writeSection } from './reliability/section.ts';

const parts = {
  files: { mark: 'hostile files', count: 1_000_000, measure: hostileFiles },
  saves: { mark: 'killed saves', count: 1000, measure: killedSaves },
  trainings: { mark: 'killed trainings', count: 50, measure: killedTrainings },
  steps: { mark: 'every step', count: 1, measure: everyStep },
};
type Name = keyof typeof parts;

const [wanted, times] = process.argv.slice(2);
if (wanted !== undefined && !Object.hasOwn(parts, wanted))
  throw new Error(`expected one of ${Object.keys(parts).join(', ')}, got ${wanted}`);
for (const name of wanted === undefined ? (Object.keys(parts) as Name[]) : [wanted as Name]) {
  const { mark, count, measure } = parts[name];
  writeSection(mark, await measure(Number(times ?? count)));
}
