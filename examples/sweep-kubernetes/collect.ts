/** What the pods found, as the table of a sweep: `npm run table`, with their `FOLDER`. */

import { collectTrials } from 'tapegrad/sweep';
import { makeTrials } from '../lib/spirals.ts';

const trials = makeTrials();
const missing = await collectTrials(trials, process.env['FOLDER'] ?? 'build');
console.log(String(trials.result));
if (missing > 0) {
  console.error(`\n${missing} jobs have no outcome yet`);
  process.exitCode = 1;
}
