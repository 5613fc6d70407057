/** The fourth front door, `tapegrad/sweep`: many trainings over cores and machines, and what came of them. */

export { type SweepOptions, sweep } from './run-sweep.ts';
export { collectTrials, type RunTrialOptions, runTrial } from './run-trial.ts';
export { type DrawnSearchOptions, type GridSearchOptions, gridSearch, quasiRandomSearch, randomSearch } from './searches.ts';
export { type BetweenOptions, between, type Choice, type ConfigurationOf, type Grid, type Range, type Space } from './space.ts';
export { type SuccessiveHalvingOptions, successiveHalving } from './successive-halving.ts';
export { type Direction, type JobResult, SweepResult, type TrialResult } from './sweep-result.ts';
export {
  type Job,
  type Outcome,
  readOutcome,
  type TrialContext,
  type TrialError,
  type TrialFunction,
  writeOutcome,
} from './trial.ts';
export { type Proposal, type Search, Trials, type TrialsOptions } from './trials.ts';
