/** Successive halving: many trials for a short time, the best of them for longer. */

import { extend, oneOf, optional, type Requirement, readOptions, required, wholeNumberFrom } from '../base/options.ts';
import { seedOption } from '../base/random.ts';
import { quasiRandomConfigurations, randomConfigurations } from './searches.ts';
import { type ConfigurationOf, checkSpace, type Space } from './space.ts';
import { compareTrials, competes } from './sweep-result.ts';
import { Trials, type TrialsOptions, trialsOptions } from './trials.ts';

/** Options of `successiveHalving`. */
export interface SuccessiveHalvingOptions extends TrialsOptions {
  /** How many configurations are drawn for the first rung. */
  readonly trials: number;
  /** For how many epochs the trials of each rung are run in all, such as [1, 3, 9]. */
  readonly epochs: readonly number[];
  /** One in how many trials of a rung goes on to the next, rounded down, but at least one trial. Default 3. */
  readonly factor?: number;
  /** How configurations are drawn. Default 'random'. */
  readonly sampling?: 'random' | 'quasiRandom';
  /** The seed from which they are drawn. Default 0. */
  readonly seed?: number;
}

const rising: Requirement = {
  words: 'a list of whole numbers above 0, each larger than the one before',
  holds: (x) => Array.isArray(x) && x.length > 0 && x.every((epochs, i) => Number.isInteger(epochs) && epochs > (i > 0 ? x[i - 1] : 0)),
};

const halvingOptions = /* @__PURE__ */ extend(trialsOptions, {
  trials: /* @__PURE__ */ required(/* @__PURE__ */ wholeNumberFrom(1)),
  epochs: /* @__PURE__ */ required(rising),
  factor: /* @__PURE__ */ optional(/* @__PURE__ */ wholeNumberFrom(2), 3),
  sampling: /* @__PURE__ */ optional(/* @__PURE__ */ oneOf('random', 'quasiRandom'), 'random'),
  seed: /* @__PURE__ */ optional(seedOption, 0),
});

/**
 * Synchronous successive halving (Karnin, Koren & Somekh 2013; Jamieson & Talwalkar 2016): all trials are run for the epochs of the first rung, the best
 * third of them for those of the second, and so on. Which go on is decided when a rung is complete, by the means over all seeds and folds, so it does not
 * depend on who came first. Of equal trials the one with the smaller number goes on; what failed or is not finite never does.
 *
 * A trial that goes on is run again with more `epochs`, and with the same `folder`, in which it finds its own checkpoint.
 * @param space lists of values and ranges, `between(low, high)`, by name
 * @param options `trials`, how many begin; `epochs` of each rung; `factor`, default 3; `sampling`, default 'random'; `seed` of the draws, default 0; and
 *   `seeds`, `folds`, `objective`, `direction` as for `gridSearch`
 * @throws ValueError for what is no space, and for options that are not known.
 * @example
 * const trials = successiveHalving({ x: between(0, 1) }, { trials: 9, epochs: [1, 3, 9] });
 * while (!trials.finished) for (const { id, configuration } of trials.ask()) trials.tell(id, { values: { value: configuration.x } });
 * [0, 1, 2].map((rung) => trials.rung(rung).length) // => [9, 3, 1]
 */
export function successiveHalving<const S extends Space>(space: S, options: SuccessiveHalvingOptions): Trials<ConfigurationOf<S>> {
  const { trials, epochs, factor, sampling, seed, ...others } = readOptions<SuccessiveHalvingOptions>(
    'successiveHalving',
    options,
    halvingOptions,
  );
  checkSpace('successiveHalving', space, true);
  const configurations = (sampling === 'random' ? randomConfigurations : quasiRandomConfigurations)(
    space,
    trials,
    seed,
  ) as ConfigurationOf<S>[];
  return new Trials<ConfigurationOf<S>>(
    {
      space,
      description: { search: 'successive halving', trials, epochs: [...epochs], factor, sampling, seed },
      rungs: epochs.length,
      next(rungs) {
        const length = epochs[rungs.length];
        const last = rungs.at(-1);
        if (length === undefined) return [];
        if (!last) return configurations.map((configuration, trial) => ({ trial, configuration, epochs: length }));
        const best = last.filter(competes).toSorted(compareTrials(others.direction));
        return best
          .slice(0, Math.max(1, Math.floor(last.length / factor)))
          .toSorted((a, b) => a.trial - b.trial)
          .map(({ trial, configuration }) => ({ trial, configuration, epochs: length }));
      },
    },
    others,
  );
}
