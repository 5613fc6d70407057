/** Names of what tries many configurations. None of the four frameworks has any; the note says what the usual packages call them. */

import {
  between,
  collectTrials,
  gridSearch,
  type Job,
  type Outcome,
  quasiRandomSearch,
  randomSearch,
  readOutcome,
  runTrial,
  type Search,
  SweepResult,
  successiveHalving,
  sweep,
  type TrialFunction,
  Trials,
  writeOutcome,
} from 'tapegrad/sweep';
import type { Section } from './row.ts';

declare const trial: TrialFunction;
declare const job: Job;
declare const outcome: Outcome;
declare const search: Search;
declare const trials: Trials;
declare const result: SweepResult;
declare const text: string;

export const sweeps: readonly Section[] = [
  {
    title: 'Sweeps',
    rows: [
      [() => gridSearch({ depth: [1, 2] }), '', '', '', '', '`ParameterGrid` of scikit-learn, `GridSampler` of Optuna'],
      [
        () => randomSearch({ rate: between(1e-4, 1, { log: true }) }, { trials: 20 }),
        '',
        '',
        '',
        '',
        '`RandomSampler` and `suggest_float` of Optuna',
      ],
      [() => quasiRandomSearch({ rate: between(0, 1) }, { trials: 16 }), '', '', 'scipy.stats.qmc.Halton', '', '`QMCSampler` of Optuna'],
      [
        () => successiveHalving({ rate: between(0, 1) }, { trials: 27, epochs: [1, 3, 9] }),
        '',
        '',
        '',
        '',
        '`HalvingRandomSearchCV` of scikit-learn, `SuccessiveHalvingPruner` of Optuna',
      ],
      [
        () => [new Trials(search), trials.ask(), trials.tell('trial-0000-seed-0', outcome)],
        '',
        '',
        '',
        '',
        '`study.ask()`, `study.tell(trial, value)` of Optuna',
      ],
      [
        () => sweep(trials, './trial.ts', { workers: 4, folder: 'sweep' }),
        '',
        '',
        '',
        '',
        '`study.optimize(objective, n_jobs=4)` of Optuna, `Tuner.fit` of Ray; the same table for any number of workers',
      ],
      [() => [trials.result.best, new SweepResult([], 'value', 'minimize')], '', '', '', '', '`study.best_trial` of Optuna'],
      [() => [runTrial(job, trial), collectTrials(trials, 'sweep')], '', '', '', '', 'one job in a process of its own, and all outcomes'],
      [() => [writeOutcome(outcome), readOutcome(text)], '', '', '', '', 'an outcome as JSON, with NaN'],
    ],
  },
];
