/**
 * tapegrad beside its peers, in one run: `npm run bench`, about ten minutes. Every contender is a process of its own; for each job they take turns, a
 * burst each, round after round, so that other load on the machine affects all of them alike. Writes `bench/results.json` and `bench/RESULTS.md`.
 *
 * `--rounds 5`, `--milliseconds 300` (of a burst), `--only step,tiny` and `--contenders tapegrad,jax` make it longer or shorter; with the last two
 * nothing is written. `--before FOLDER` names an older build, a `dist`, that takes part as well; `--built` takes the build that is there. `BENCH_PYTHON` names a Python that has NumPy and PyTorch.
 */

import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { type Contender, contenders, start, threadContenders } from './contenders.ts';
import { type Job, jobs, memoryJobs, writeNumbers } from './jobs.ts';
import { measureProgram } from './program.ts';
import { report } from './report.ts';
import { median, megabytes, type Results } from './results.ts';
import { measureThreads } from './threads.ts';

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '5' },
    milliseconds: { type: 'string', default: '250' },
    only: { type: 'string' },
    contenders: { type: 'string' },
    before: { type: 'string' },
    built: { type: 'boolean', default: false },
  },
});
const [rounds, milliseconds] = [Number(values.rounds), Number(values.milliseconds)];
const wanted = (list: string | undefined, name: string) => list === undefined || list.split(',').some((part) => name.startsWith(part));

const npm = (...args: readonly string[]) => execFileSync('npm', args, { stdio: 'inherit' });
if (!existsSync('bench/peers/node_modules')) npm('ci', '--prefix', 'bench/peers', '--no-audit', '--no-fund');
if (!values.built) npm('run', 'build', '--silent');
const whole = values.only === undefined && values.contenders === undefined;

const folder = mkdtempSync(join(tmpdir(), 'tapegrad-bench-'));
writeNumbers(folder);
const results: Results = {
  rounds,
  milliseconds,
  absent: {},
  perCall: {},
  peaks: {},
  losses: {},
  versions: {},
  ...(whole ? measureProgram() : { size: 0, importing: 0, firstStep: 0 }),
};
const running: { readonly contender: Contender; readonly process: ReturnType<typeof start> }[] = [];
for (const contender of contenders(values.before)) {
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
  const apart = Object.values(results.losses[job.name] ?? {});
  console.log(
    `${job.name}: ${Object.entries(times)
      .map(([name, all]) => `${name} ${job.show(median(all))}`)
      .join(', ')}${apart.length > 0 ? `; losses differ by ${Math.max(...apart).toExponential(1)} at most` : ''}`,
  );
}
results.threads = wanted(values.contenders, 'tapegrad')
  ? await measureThreads(threadContenders(), (name) => wanted(values.only, name), { folder, rounds, milliseconds })
  : {};
for (const job of memoryJobs) if (wanted(values.only, job.name)) await measurePeak(job);
for (const [who, why] of Object.entries(results.absent)) console.log(`${who} did not take part: ${why}`);
for (const { process } of running) process.end();
rmSync(folder, { recursive: true });

if (whole) {
  writeFileSync('bench/results.json', `${JSON.stringify(results, null, 1)}\n`);
  writeFileSync('bench/RESULTS.md', report(results));
  spawnSync('npx', ['biome', 'format', '--write', 'bench/results.json']);
  console.log(`\n${readFileSync('bench/RESULTS.md', 'utf8')}`);
}

/** How much memory a fresh process of each contender has taken after some calls, in bytes. */
async function measurePeak({ name, request, calls }: (typeof memoryJobs)[number]): Promise<void> {
  const found: Record<string, number> = {};
  for (const { contender } of running) {
    if (contender.only && !contender.only.includes(name)) continue;
    const process = start(contender, folder);
    const { peak } = await process.ask({ job: request, calls });
    process.end();
    if (peak !== undefined) found[contender.name] = peak;
  }
  results.peaks[name] = found;
  console.log(
    `peak memory, ${name}: ${Object.entries(found)
      .map(([who, bytes]) => `${who} ${megabytes(bytes)}`)
      .join(', ')}`,
  );
}

/** All contenders must have the same losses, step by step: otherwise they do not do the same work. */
async function compareLosses({ name, request }: Job): Promise<void> {
  if (request[0] !== 'network' && request[0] !== 'model') return;
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
