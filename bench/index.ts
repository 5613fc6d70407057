/**
 * tapegrad beside its peers, in one run: `npm run bench`, about ten minutes. Every contender is a process of its own; for each job they take turns, a
 * burst each, round after round, so that other load on the machine affects all of them alike. Writes `bench/results.json` and `bench/RESULTS.md`.
 *
 * `--rounds 5`, `--milliseconds 300` (of a burst), `--only step,tiny` and `--contenders tapegrad,jax` make it longer or shorter; with the last two
 * nothing is written. `BENCH_PYTHON` names a Python that has NumPy and PyTorch.
 */

import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { type Contender, contenders, start } from './contenders.ts';
import { type Job, jobs, writeNumbers } from './jobs.ts';
import { measureProgram } from './program.ts';
import { type Results, report } from './report.ts';

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '5' },
    milliseconds: { type: 'string', default: '250' },
    only: { type: 'string' },
    contenders: { type: 'string' },
  },
});
const [rounds, milliseconds] = [Number(values.rounds), Number(values.milliseconds)];
const wanted = (list: string | undefined, name: string) => list === undefined || list.split(',').some((part) => name.startsWith(part));

const npm = (...args: readonly string[]) => execFileSync('npm', args, { stdio: 'inherit' });
if (!existsSync('bench/peers/node_modules')) npm('ci', '--prefix', 'bench/peers', '--no-audit', '--no-fund');
npm('run', 'build', '--silent');

const folder = mkdtempSync(join(tmpdir(), 'tapegrad-bench-'));
writeNumbers(folder);
const results: Results = { rounds, milliseconds, absent: {}, perCall: {}, losses: {}, versions: {}, ...measureProgram() };
const running: { readonly contender: Contender; readonly process: ReturnType<typeof start> }[] = [];
for (const contender of contenders()) {
  if (!wanted(values.contenders, contender.name)) continue;
  if (contender.missing) results.absent[contender.name] = contender.missing;
  else {
    running.push({ contender, process: start(contender, folder) });
    results.versions[contender.name] = contender.version;
  }
}

for (const job of jobs) {
  if (!wanted(values.only, job.name)) continue;
  await compareLosses(job);
  const times: Record<string, number[]> = {};
  for (let round = 0; round < rounds; round++) {
    for (const { contender, process } of running) {
      if (contender.only && !contender.only.includes(job.name)) continue;
      const { perCall, error } = await process.ask({ job: job.request, milliseconds });
      if (perCall !== undefined) (times[contender.name] ??= []).push(perCall);
      else if (error) results.absent[`${contender.name}: ${job.name}`] = error;
    }
  }
  results.perCall[job.name] = times;
  console.log(
    `${job.name}: ${Object.entries(times)
      .map(([name, all]) => `${name} ${job.show(middle(all))}`)
      .join(', ')}`,
  );
}
for (const [who, why] of Object.entries(results.absent)) console.log(`${who} did not take part: ${why}`);
for (const { process } of running) process.end();
rmSync(folder, { recursive: true });

if (values.only === undefined && values.contenders === undefined) {
  writeFileSync('bench/results.json', `${JSON.stringify(results, null, 1)}\n`);
  writeFileSync('bench/RESULTS.md', report(results));
  spawnSync('npx', ['biome', 'format', '--write', 'bench/results.json']);
  console.log(`\n${readFileSync('bench/RESULTS.md', 'utf8')}`);
}

/** All contenders must have the same losses, step by step: otherwise they do not do the same work. */
async function compareLosses({ name, request }: Job): Promise<void> {
  if (request[0] !== 'network') return;
  const found: Record<string, readonly number[]> = {};
  for (const { contender, process } of running) {
    if (contender.only && !contender.only.includes(name)) continue;
    const { losses } = await process.ask({ job: request, losses: 5 });
    if (losses) found[contender.name] = losses;
  }
  const own = found['tapegrad'];
  results.losses[name] = Object.fromEntries(
    Object.entries(found).map(([peer, losses]) => [peer, Math.max(...losses.map((loss, i) => Math.abs(loss / (own ?? losses)[i]! - 1)))]),
  );
}

function middle(times: readonly number[]): number {
  return [...times].sort((a, b) => a - b)[times.length >> 1]!;
}
