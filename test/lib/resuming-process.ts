/** A process that trains, saving after each step, and goes on from what it finds; for `test/io/save-run.test.ts` and `scripts/reliability/`. */

import { createHash } from 'node:crypto';
import { loadRun, saveRun } from '../../src/io/index.ts';
import { bytesOf, goOn, made } from './resumable.ts';

const [path, features, stop] = process.argv.slice(2) as [string, string, string];
const given = JSON.parse(features) as Parameters<typeof made>[0];
const run = made(given);
const isThere = await loadRun(run, path, { ifThere: true });
process.stdout.write(`${isThere ? run.steps : 0} `);
await goOn(run, given, async (step) => {
  await saveRun(run, path);
  return step !== Number(stop);
});
process.stdout.write(createHash('sha256').update(bytesOf(run)).digest('hex'));
