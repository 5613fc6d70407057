/**
 * The accuracy of the elementary functions: `npm run numerics` measures all of them and writes the table of `docs/numerics.md`, which takes a quarter of
 * an hour; with `--quick` it tests samples, which takes a minute, and writes nothing. Fails where an error is larger than promised.
 */

import { spawn } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { type Finding, names, promised } from './numerics/functions.ts';

const quick = process.argv.includes('--quick');
const jobs: readonly (readonly string[])[] = [
  ...names.map((name) => ['single', name, quick ? '4099' : '1']),
  ...names.map((name) => ['double', name, quick ? '2000' : '200000']),
  ...['float32', 'float64'].map((dtype) => ['double', 'pow', quick ? '2000' : '200000', dtype]),
];

const queue = [...jobs];
const findings: Finding[] = [];
await Promise.all(
  Array.from({ length: availableParallelism() }, async () => {
    for (let job = queue.shift(); job; job = queue.shift()) findings.push(await run(job));
  }),
);

/** Runs one job in its own process. */
async function run([script, ...rest]: readonly string[]): Promise<Finding> {
  const child = spawn(process.execPath, ['--import', 'tsx', `scripts/numerics/${script}.ts`, ...rest], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let output = '';
  for await (const part of child.stdout) output += part;
  if (!output) throw new Error(`${script} ${rest.join(' ')} found nothing`);
  const { worst, at, ...others } = JSON.parse(output) as Finding & { worst: string; at: string[] };
  const finding = { ...others, worst: Number(worst), at: at.map(Number) };
  console.log(`${finding.name} ${finding.dtype}: at most ${finding.worst.toFixed(3)} ulp, at ${finding.at.join(', ')}`);
  return finding;
}

const told = Object.keys(promised) as (keyof typeof promised)[];
const cell = (name: string, dtype: string) => {
  const { worst, at, judged, nearest } = findings.find((finding) => finding.name === name && finding.dtype === dtype)!;
  const inputs = judged >= 2 ** 24 ? `all ${judged.toLocaleString('en')}` : judged.toLocaleString('en');
  return `${worst.toFixed(2)} | ${at.map((x) => Number(x.toPrecision(8))).join(', ') || '–'} | ${inputs} | ${((100 * nearest) / judged).toFixed(2)} %`;
};
const table = [
  '| function | dtype | promised | largest error (ulp) | at | inputs tested | correctly rounded |',
  '| --- | --- | --- | --- | --- | --- | --- |',
  ...told.flatMap((name) => ['float32', 'float64'].map((dtype) => `| ${name} | ${dtype} | ${promised[name]} | ${cell(name, dtype)} |`)),
].join('\n');
console.log(`\n${table}`);

if (!quick) {
  const [before, after] = readFileSync('docs/numerics.md', 'utf8').split(/<!-- table -->[\s\S]*<!-- end of table -->/) as [string, string];
  writeFileSync('docs/numerics.md', `${before}<!-- table -->\n\n${table}\n\n<!-- end of table -->${after}`);
}
const broken = findings.filter(({ name, worst }) => !(worst <= promised[name as keyof typeof promised]));
if (broken.length > 0) {
  console.error(`more than promised: ${broken.map(({ name, dtype }) => `${name} in ${dtype}`).join(', ')}`);
  process.exit(1);
}
