import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { saveRun } from 'tapegrad/io';
import { bundled } from '../../test/lib/bundled.ts';
import { bytesOf, type Features, goOn, made, optimizers } from '../../test/lib/resumable.ts';
import { counted } from './section.ts';

const plain: Omit<Features, 'optimizer'> = {
  rate: 'number',
  dropout: false,
  batchNorm: false,
  shuffle: false,
  accumulate: 1,
  carried: 'no',
  tied: false,
  late: false,
  groups: false,
  ownRandom: false,
  byHand: false,
  freezing: false,
  dtype: 'float32',
};

/** What a training may have, each by itself, and then all that go together. */
const kinds: Readonly<Record<string, Partial<Features>>> = {
  'nothing else': {},
  'a schedule': { rate: 'schedule' },
  'a rate that waits for a plateau': { rate: 'plateau' },
  'a rate changed by hand': { byHand: true },
  dropout: { dropout: true },
  BatchNorm: { batchNorm: true },
  shuffling: { shuffle: true },
  'accumulation over three batches': { accumulate: 3 },
  'a carried state, kept by the run': { carried: 'kept' },
  'a carried state, kept by the model': { carried: 'in the model' },
  'tied weights': { tied: true },
  'a parameter without a gradient yet': { late: true },
  'groups of parameters': { groups: true },
  'a generator of its own': { ownRandom: true },
  'frozen layers': { freezing: true },
  float64: { dtype: 'float64' },
  'all of these': { rate: 'plateau', byHand: true, dropout: true, batchNorm: true, shuffle: true, accumulate: 3, carried: 'kept', tied: true, late: true, groups: true, ownRandom: true, freezing: true, dtype: 'float64' }, // biome-ignore format: one list
};

/** Trainings saved after every step, each of which another process goes on with. Ends in an error where one comes to other bits. */
export async function everyStep(): Promise<string> {
  const program = await bundled('test/lib/continuing-process.ts');
  const rows: string[] = [];
  let total = 0;
  for (const [kind, given] of Object.entries(kinds)) {
    let resumed = 0;
    for (const optimizer of Object.keys(optimizers)) resumed += await resumedAtEveryStep(program, kind, { ...plain, ...given, optimizer });
    rows.push(`| ${kind} | ${resumed} | ${resumed} |`);
    total += resumed;
  }
  return `| a training with | resumed | to the same SHA-256 |
| --- | --- | --- |
${rows.join('\n')}
| | ${counted(total)} | ${counted(total)} |`;
}

async function resumedAtEveryStep(program: string, kind: string, features: Features): Promise<number> {
  // LBFGS has neither groups nor accumulation.
  const given = features.optimizer === 'LBFGS' ? { ...features, groups: false, accumulate: 1 } : features;
  const folder = mkdtempSync(join(tmpdir(), 'tapegrad-resumed-'));
  const run = made(given);
  await goOn(run, given, (step) => saveRun(run, join(folder, `${step}.safetensors`)));
  const expected = createHash('sha256').update(bytesOf(run)).digest('hex');
  const found = execFileSync(process.execPath, [program, folder, JSON.stringify(given)], { encoding: 'utf8' })
    .trim()
    .split('\n');
  for (const [step, hash] of found.entries())
    if (hash !== expected) throw new Error(`${features.optimizer} with ${kind}: other bits after step ${step}`);
  rmSync(folder, { recursive: true });
  return found.length;
}
