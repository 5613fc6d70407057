/**
 * Reports of classification held against those of scikit-learn, numbers and printed table to the last character, on 1,000 random and degenerate
 * cases: `npm run metrics`. Needs a Python with scikit-learn, by default `python3`, or the one that `PYTHON` names. With `--update` it writes 60
 * small cases to `test/golden/metrics.json`, which the tests compare.
 */

import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { Random } from 'tapegrad';
import { type Answer, differences, drawCase } from './metrics/cases.ts';

const random = new Random(12);
const cases = Array.from({ length: 1000 }, () => drawCase(random));
const output = execFileSync(process.env['PYTHON'] ?? 'python3', ['scripts/metrics/reference.py'], {
  input: JSON.stringify(cases),
  maxBuffer: 2 ** 30,
});
const { version, answers } = JSON.parse(output.toString()) as { version: string; answers: readonly Answer[] };
const wrong = cases.flatMap((given, i) => {
  const found = differences(given, answers[i]!);
  return found.length > 0 ? [`${JSON.stringify(given)}\n  ${found.join('\n  ')}`] : [];
});
console.log(`${cases.length} cases, scikit-learn ${version}: ${wrong.length} differ`);
for (const each of wrong.slice(0, 5)) console.log(each);
if (wrong.length > 0) process.exitCode = 1;
else if (process.argv.includes('--update')) {
  const small = cases
    .map((given, i) => ({ ...given, answer: answers[i]! }))
    .filter(({ targets, count }) => targets.length <= 32 && count <= 10);
  writeFileSync('test/golden/metrics.json', `${JSON.stringify({ version, cases: small.slice(0, 60) })}\n`);
}
