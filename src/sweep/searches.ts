/** Searches whose trials are known from the start: all combinations, random ones, and those that lie evenly. */

import { ValueError } from '../base/errors.ts';
import { extend, optional, readOptions, required, wholeNumberFrom, withoutDefault } from '../base/options.ts';
import { Random, seedOption } from '../base/random.ts';
import { haltonPoints } from './halton.ts';
import { type Choice, type ConfigurationOf, checkSpace, configurationAt, type Grid, type Space } from './space.ts';
import { Trials, type TrialsOptions, trialsOptions } from './trials.ts';

/** Options of a search whose trials are all run for the same number of epochs. */
export interface GridSearchOptions extends TrialsOptions {
  /** For how many epochs: handed to the trials. Default whatever the trial does. */
  readonly epochs?: number | undefined;
}

/** Options of searches that draw. */
export interface DrawnSearchOptions extends GridSearchOptions {
  /** How many configurations are drawn. */
  readonly trials: number;
  /** The seed from which they are drawn. Default 0. */
  readonly seed?: number;
}

export const gridOptions = /* @__PURE__ */ extend(trialsOptions, {
  epochs: /* @__PURE__ */ withoutDefault(/* @__PURE__ */ wholeNumberFrom(1)),
});
const drawnOptions = /* @__PURE__ */ extend(gridOptions, {
  trials: /* @__PURE__ */ required(/* @__PURE__ */ wholeNumberFrom(1)),
  seed: /* @__PURE__ */ optional(seedOption, 0),
});

/** More trials than this are a mistake. */
const MOST = 1_000_000;

/**
 * All combinations of values, the last name the fastest. Of a list of grids all combinations of the first, then of the second, and so on: so single
 * configurations can be listed too.
 *
 * @param grid lists of values by name, or a list of such
 * @param options `seeds`, default [0]; `folds`, default none; `objective`, default 'value'; `direction`, default 'minimize'; `epochs`, default none
 * @throws ValueError for what is no grid, or too large, and for options that are not known.
 * @example gridSearch({ depth: [1, 2], bias: [true, false] }).ask().map(({ configuration }) => configuration.bias) // => [true, false, true, false]
 */
export function gridSearch<const G extends Grid>(grid: G | readonly G[], options?: GridSearchOptions): Trials<ConfigurationOf<G>> {
  const { epochs, ...others } = readOptions<GridSearchOptions>('gridSearch', options, gridOptions);
  const grids: readonly Grid[] = Array.isArray(grid) && grid.length > 0 ? grid : [grid as G];
  for (const each of grids) checkSpace('gridSearch', each, false);
  const count = grids.reduce((sum, each) => sum + Object.values(each).reduce((product, values) => product * values.length, 1), 0);
  if (count > MOST) throw new ValueError(`gridSearch: expected at most ${MOST} combinations, got ${count}`);
  const configurations = grids.flatMap(combinations);
  return fixedSearch({ search: 'grid', grids }, merged(grids), configurations, epochs, others);
}

function combinations(grid: Grid): Record<string, Choice>[] {
  let all: Record<string, Choice>[] = [{}];
  for (const [name, values] of Object.entries(grid)) all = all.flatMap((one) => values.map((value) => ({ ...one, [name]: value })));
  return all;
}

/** A grid with all values of several. */
function merged(grids: readonly Grid[]): Grid {
  const all: Record<string, Choice[]> = {};
  for (const grid of grids) for (const [name, values] of Object.entries(grid)) all[name] = [...new Set([...(all[name] ?? []), ...values])];
  return all;
}

/**
 * Random configurations: each value of a list equally likely, ranges evenly or evenly by their logarithm (Bergstra & Bengio 2012). Fewer trials find as much
 * as a grid, where only some of the names matter.
 *
 * @param space lists of values and ranges, `between(low, high)`, by name
 * @param options `trials`, how many; `seed` of the draws, default 0; and those of `gridSearch`
 * @throws ValueError for what is no space, and for options that are not known.
 * @example randomSearch({ x: between(0, 1) }, { trials: 3 }).ask().map(({ configuration }) => configuration.x)
 * // => [0.5488135039273248, 0.7151893663724195, 0.6027633760716439]
 */
export function randomSearch<const S extends Space>(space: S, options: DrawnSearchOptions): Trials<ConfigurationOf<S>> {
  const { trials, seed, epochs, ...others } = readOptions<DrawnSearchOptions>('randomSearch', options, drawnOptions);
  checkSpace('randomSearch', space, true);
  return fixedSearch({ search: 'random', trials, seed }, space, randomConfigurations(space, trials, seed), epochs, others);
}

/** The first of them are the same for any `count`. */
export function randomConfigurations(space: Space, count: number, seed: number): Record<string, Choice>[] {
  const random = new Random(seed);
  return Array.from({ length: count }, () =>
    configurationAt(
      space,
      Object.keys(space).map(() => random.float()),
    ),
  );
}

/**
 * Configurations that fill the space more evenly than random ones: a Halton sequence with permuted digits (Halton 1960, Owen 2017; for learning Bousquet et
 * al. 2017, "Critical hyper-parameters: no random, no cry").
 *
 * @param space lists of values and ranges, `between(low, high)`, by name
 * @param options `trials`, how many; `seed` of the permutations, default 0; and those of `gridSearch`
 * @throws ValueError for what is no space, and for options that are not known.
 * @example
 * const trials = quasiRandomSearch({ x: between(0, 4) }, { trials: 4 });
 * trials.ask().map(({ configuration }) => Math.floor(configuration.x)).sort() // => [0, 1, 2, 3]
 */
export function quasiRandomSearch<const S extends Space>(space: S, options: DrawnSearchOptions): Trials<ConfigurationOf<S>> {
  const { trials, seed, epochs, ...others } = readOptions<DrawnSearchOptions>('quasiRandomSearch', options, drawnOptions);
  checkSpace('quasiRandomSearch', space, true);
  return fixedSearch({ search: 'quasi-random', trials, seed }, space, quasiRandomConfigurations(space, trials, seed), epochs, others);
}

export const quasiRandomConfigurations = (space: Space, count: number, seed: number): Record<string, Choice>[] =>
  haltonPoints(count, Object.keys(space).length, new Random(seed)).map((place) => configurationAt(space, place));

/** A search of one rung. */
function fixedSearch<C>(
  description: object,
  space: Space,
  configurations: readonly object[],
  epochs: number | undefined,
  options: TrialsOptions,
): Trials<C> {
  const all = configurations.map((configuration, trial) => ({ trial, configuration: configuration as C, epochs }));
  const next = (rungs: readonly unknown[]) => (rungs.length > 0 ? [] : all);
  return new Trials<C>({ space, description: { ...description, epochs: epochs ?? null }, rungs: 1, next }, options);
}
