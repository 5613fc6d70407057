// `npm run reproduce` runs the program on this Node, and on Bun and Deno where they are on PATH, with kernels and without, and compares all bits
// with expected.json; `npm run reproduce -- --update` writes that file anew, after a change that is meant to change bits.
import { bundle } from './bundle.ts';
import { enginesAtHand, THREADS } from './engine.ts';
import type { Report } from './entry.ts';
import { type Asked, complaint, readExpected, writeExpected } from './expected.ts';

await bundle();
const update = process.argv.includes('--update');
const engines = enginesAtHand();

const reports: { readonly title: string; readonly asked: Asked; readonly report: Report }[] = [];
for (const { name, version, run, runDivided } of engines) {
  const [fast, plain] = await Promise.all([run(true), run(false)]);
  reports.push({ title: `${name} ${version}, kernels`, asked: { kernels: true }, report: fast });
  reports.push({ title: `${name} ${version}, plain loops`, asked: { kernels: false }, report: plain });
  for (const threads of runDivided ? THREADS : [])
    reports.push({
      title: `${name} ${version}, ${threads} threads`,
      asked: { kernels: true, threads },
      report: await runDivided!(threads),
    });
}

const expected = update ? reports[0]!.report : readExpected();
for (const { title, asked, report } of reports) {
  const problem = complaint(expected, report, asked);
  console.log(`${title}: ${report.all} (${report.seconds.toFixed(1)} s)`);
  if (!problem) continue;
  console.error(`  ${problem}`);
  process.exitCode = 1;
}

if (process.exitCode) {
  console.error(
    update
      ? 'Nothing written: engines and kernels have to agree first.'
      : 'If bits were meant to change, npm run reproduce -- --update writes the new ones.',
  );
} else if (update) {
  writeExpected(expected);
  for (const [name, hash] of Object.entries(expected.parts)) console.log(`${hash.slice(0, 16)}  ${name}`);
}
