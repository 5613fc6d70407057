/** A process that goes on with each of the trainings saved in a folder, and prints the SHA-256 of the state at the end of each; for `scripts/reliability/`. */

import { createHash } from 'node:crypto';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { loadRun } from '../../src/io/index.ts';
import { bytesOf, type Features, goOn, made } from './resumable.ts';

const [folder, features] = process.argv.slice(2) as [string, string];
const given = JSON.parse(features) as Features;
for (const file of readdirSync(folder).filter((name) => name.endsWith('.safetensors'))) {
  const run = made(given, 99);
  await loadRun(run, join(folder, file));
  await goOn(run, given);
  console.log(createHash('sha256').update(bytesOf(run)).digest('hex'));
}
