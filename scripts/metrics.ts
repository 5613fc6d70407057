/**
 * Reports of classification held against those of scikit-learn, numbers and printed table to the last character, and all other metrics, on 1,000
 * random and degenerate cases each: `npm run metrics`. Needs a Python with scikit-learn, by default `python3`, or the one that `PYTHON` names. With `--update` it writes 60
 * small cases of each to `test/golden/metrics.json`, which the tests compare.
 */

import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { Random } from 'tapegrad';
import { type Answer, differences, drawCase } from './metrics/cases.ts';
import { drawScoreCase, type ScoreAnswer, scoreDifferences } from './metrics/scores.ts';

const random = new Random(12);
const cases = Array.from({ length: 1000 }, () => drawCase(random));
const scores = Array.from({ length: 1000 }, () => drawScoreCase(random));
const output = execFileSync(process.env['PYTHON'] ?? 'python3', ['scripts/metrics/reference.py'], {
  input: JSON.stringify({ cases, scores }),
  maxBuffer: 2 ** 30,
});
const read = JSON.parse(output.toString()) as {
  version: string;
  answers: readonly Answer[];
  scores: readonly ScoreAnswer[];
};
const wrong = [
  ...cases.map((given, i) => ({ given, found: differences(given, read.answers[i]!) })),
  ...scores.map((given, i) => ({ given, found: scoreDifferences(given, read.scores[i]!) })),
].filter(({ found }) => found.length > 0);
console.log(`${cases.length + scores.length} cases, scikit-learn ${read.version}: ${wrong.length} differ`);
for (const { given, found } of wrong.slice(0, 5)) console.log(`${JSON.stringify(given)}\n  ${found.join('\n  ')}`);
if (wrong.length > 0) process.exitCode = 1;
else if (process.argv.includes('--update')) {
  const small = cases
    .map((given, i) => ({ ...given, answer: read.answers[i]! }))
    .filter(({ targets, count }) => targets.length <= 32 && count <= 10);
  const few = scores.map((given, i) => ({ ...given, answer: read.scores[i]! })).filter(({ targets }) => targets.length <= 24);
  const { version } = read;
  writeFileSync('test/golden/metrics.json', `${JSON.stringify({ version, cases: small.slice(0, 60), scores: few.slice(0, 60) })}\n`);
}
