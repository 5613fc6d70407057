/** A process that sweeps into a folder, for `test/sweep/run-sweep.test.ts`; it is killed, and started again. */

import { between, successiveHalving, sweep } from '../../src/sweep/index.ts';

const trials = successiveHalving({ x: between(0, 1) }, { trials: 6, epochs: [1, 2, 3], factor: 2, seeds: [0, 1] });
const result = await sweep(trials, new URL('sweep-trial.mjs', import.meta.url), { workers: 2, folder: process.argv[2]! });
process.stdout.write(`${result}\n`);
