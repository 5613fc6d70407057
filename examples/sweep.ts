/**
 * Which of twelve networks reads digits best, and how little has to be trained to know?
 *
 * Learning rate, hidden units and dropout are drawn at random. Successive halving trains all twelve for two epochs, the best four of them for six and
 * the best one for eighteen: 52 epochs for each fold instead of 216, since each goes on where it was. Every number is a mean over three folds. The trial is a module of its own,
 * `lib/sweep-trial.ts`, and runs in threads; the table is the same for any number of them. The journal lies in a folder: kill the program and start it again,
 * and it goes on where it was. `optuna-dashboard examples/out/sweep/journal.log` shows it live.
 *
 * Run with `npm run example sweep`. It takes a minute or two.
 */

import { rmSync } from 'node:fs';
import { between, type Job, successiveHalving, sweep } from 'tapegrad/sweep';
import { curves, type Series } from './lib/curves.ts';
import { folderOf, quick, saveFigures, savePicture, seed } from './lib/output.ts';

const EPOCHS = quick ? [1, 2] : [2, 6, 18];
const FOLDS = quick ? 2 : 3;

const space = {
  learningRate: between(3e-4, 0.1, { log: true }),
  hidden: between(8, 128, { log: true, integer: true }),
  dropout: [0, 0.25, 0.5],
};
const trials = successiveHalving(space, {
  trials: quick ? 4 : 12,
  epochs: EPOCHS,
  seed,
  seeds: [seed],
  folds: FOLDS,
  objective: 'accuracy',
  direction: 'maximize',
});

let ended = 0;
const onOutcome = ({ id }: Job) => {
  ended++;
  if (ended % 10 === 0) console.log(`   ${ended} jobs have ended, the last ${id}`);
};

const folder = folderOf('sweep');
const result = await sweep(trials, new URL('./lib/sweep-trial.ts', import.meta.url), { folder, onOutcome });
const { best } = result;
console.log(`\n${result}\n`);
const trained = result.trials.reduce((sum, { epochs }) => sum + epochs!, 0);
console.log(
  `The best is trial ${best!.trial}. ${trained} epochs were trained for each fold instead of ${result.trials.length * EPOCHS.at(-1)!}.`,
);

/** The share of digits that were read wrongly, the mean over the folds, by trial and then by epochs. */
const errors = result.trials.map((): [number, number][] => []);
for (let rung = 0; rung < trials.rungs; rung++)
  for (const { id, trial, epochs, fold } of trials.rung(rung)) {
    if (fold === 0) errors[trial]!.push([epochs!, 0]);
    errors[trial]!.at(-1)![1] += (1 - trials.outcome(id)!.values!['accuracy']!) / FOLDS;
  }
const series = errors.map((points, trial): Series => ({ name: points.length > 1 ? `trial ${trial}` : '', points }));
savePicture('sweep', curves(series, { title: 'Digits read wrongly, of those held out', x: 'epoch', y: 'share', log: true }));
saveFigures('sweep', {
  seed,
  trials: result.trials.map(({ trial, configuration, epochs, mean, deviation }) => ({ trial, configuration, epochs, mean, deviation })),
  best: best!.trial,
});
// All of it is in the table now.
rmSync(folder, { recursive: true });
