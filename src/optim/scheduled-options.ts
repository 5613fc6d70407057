/** The options of optimizers: what each may be, and what they are at a step, where some may be schedules. */

import {
  boolean,
  check,
  numberFrom,
  type Option,
  optional,
  type Requirement,
  refuseUnknown,
  required,
  type WithDefaults,
} from '../base/options.ts';
import type { ParameterGroups } from './parameter-groups.ts';
import type { Schedule } from './schedules.ts';

/** An option of an optimizer. */
export interface OptimizerOption<T> extends Option<T> {
  /** What a schedule must give at each step, if the option may be a schedule. */
  readonly eachStep?: Requirement;
}

/** All options of an optimizer, by name. */
export type OptimizerOptionTable<Options> = {
  readonly [Name in Exclude<keyof Options, keyof Frozen>]-?: OptimizerOption<Exclude<Options[Name], undefined>>;
};

/** What is left as it is. All optimizers have this option. */
export interface Frozen {
  /**
   * Parts of the model that are not moved, on purpose: a layer, a parameter, or an array or an object of them. It may be changed between steps; what is
   * remembered of a parameter stays. Default none.
   */
  readonly frozen?: object | undefined;
  /** Groups of parameters with options of their own, such as no weight decay. Default none. */
  readonly groups?: ParameterGroups | undefined;
}

type OptionsByName = Readonly<Record<string, OptimizerOption<unknown>>>;

/** The options of an optimizer at one step: a schedule is the number that it gives there. */
export type OptionsAtStep<Options> = { readonly [Name in keyof Options]-?: Exclude<Options[Name], Schedule | undefined> };

/** An option that is true or false, by default false. */
export const flag: OptimizerOption<boolean> = /* @__PURE__ */ optional(boolean, false);

/** A number from 0, such as a weight decay. */
export const amount = (fallback: number): OptimizerOption<number> => optional(numberFrom(0), fallback);

/** A number from 0 to below 1: how much of an average is kept. */
export const fraction = (fallback: number): OptimizerOption<number> => optional(numberFrom(0, 1), fallback);

/** A fraction, or a schedule of fractions. */
export const scheduledFraction = (fallback: number): OptimizerOption<number> => ({
  ...optional(orSchedule(numberFrom(0, 1)), fallback),
  eachStep: numberFrom(0, 1),
});

/** A learning rate: a number from 0, or a schedule. Without a default it has to be given. */
export const rate = (fallback?: number): OptimizerOption<number> => ({
  ...(fallback === undefined ? required(orSchedule(numberFrom(0))) : optional(orSchedule(numberFrom(0)), fallback)),
  eachStep: numberFrom(0),
});

/** How much is kept of two running averages. */
export const betas = (fallback: readonly [number, number]): OptimizerOption<readonly [number, number]> =>
  optional(
    {
      words: `two numbers from 0 to below 1, such as [${fallback.join(', ')}]`,
      holds: (x) => Array.isArray(x) && x.length === 2 && x.every(numberFrom(0, 1).holds),
    },
    fallback,
  );

const orSchedule = ({ words, holds }: Requirement): Requirement => ({
  words: `${words}, or a schedule`,
  holds: (x) => typeof x === 'function' || holds(x),
});

/**
 * The options at a step, all checked, since they may have been changed, or misspelt ones added.
 * @throws ValueError: `SGD: expected learningRate(3) to be a finite number from 0, got NaN`
 */
export function optionsAt<Options>(
  where: string,
  options: WithDefaults<Options>,
  table: OptimizerOptionTable<Options>,
  step: number,
): OptionsAtStep<Options> {
  const at: Record<string, unknown> = {};
  // Asked before each step of a training, so what is right is found out first.
  for (const name of Object.keys(options as object)) if (!Object.hasOwn(table, name)) refuseUnknown(where, options, Object.keys(table));
  for (const name of Object.keys(table)) {
    const { requirement, eachStep } = (table as OptionsByName)[name]!;
    const value: unknown = options[name as keyof Options];
    const isSchedule = eachStep && typeof value === 'function';
    const now = isSchedule ? value(step) : value;
    const must = isSchedule ? eachStep : requirement;
    if (!must.holds(now)) check(where, { [isSchedule ? `${name}(${step})` : name]: now }, must);
    at[name] = now;
  }
  return at as OptionsAtStep<Options>;
}
