/** Groups of parameters with options of their own, such as no weight decay for biases. */

import { ValueError } from '../base/errors.ts';
import { isPlainObject, quote } from '../base/options.ts';
import { namedParameters } from '../layers/state.ts';
import type { Parameter } from '../tensor/parameter.ts';
import type { Schedule } from './schedules.ts';

/** The options that a group has in the place of those of the optimizer: any of them but `frozen` and `groups`. */
export interface GroupedOptions {
  /** How far its parameters go. A schedule is given the number of the step, as that of the optimizer is. */
  learningRate?: number | Schedule;
  /** How much of each parameter is added to its gradient, or taken off it. */
  weightDecay?: number;
  [option: string]: unknown;
}

/** Some parameters of a model, and the options that they have. */
export interface ParameterGroup extends GroupedOptions {
  /** The paths of the parameters, such as `layers.0.bias`. */
  readonly parameters: readonly string[];
}

/** A group as it is written: its parameters may be named in other ways too. */
export interface ParameterGroupInput extends GroupedOptions {
  /** Parts of the model (a layer, a parameter, or an array or an object of them); a list of paths; or a function that chooses among all. */
  readonly parameters: object | readonly string[] | ((path: string, parameter: Parameter) => boolean);
}

/**
 * Groups of parameters of a model, each with options that take the place of the optimizer's; parameters of no group have the optimizer's own. It is one of
 * the options of optimizers; what is `frozen` moves in no group.
 *
 * `list` is plain data, in which parameters stand by their paths. Options may be changed there between steps.
 *
 * @example
 * const model = new Sequential(new Linear(4, 8), relu, new Linear(8, 2));
 * const groups = new ParameterGroups(model, [
 *   { parameters: biasesAndNorms(model), weightDecay: 0 },
 *   { parameters: (path) => path === 'layers.2.weight', learningRate: linearWarmup(1e-2, { steps: 10 }) },
 * ]);
 * const optimizer = new AdamW(model, { learningRate: 1e-3, weightDecay: 0.1, groups });
 * groups.list.map(({ parameters }) => parameters) // => [['layers.0.bias', 'layers.2.bias'], ['layers.2.weight']]
 */
export class ParameterGroups {
  /** The groups, in the order in which they were given. */
  readonly list: readonly ParameterGroup[];
  readonly #members: readonly (readonly Parameter[])[];

  /**
   * @param model the one whose optimizer has the groups
   * @throws ValueError for what is no list of groups, for a parameter in two groups or that the model does not have, and for a function that chooses none.
   */
  constructor(model: object, groups: readonly ParameterGroupInput[]) {
    const named = namedParameters(model);
    if (!Array.isArray(groups))
      throw new ValueError(`ParameterGroups: expected a list of groups, [{ parameters, weightDecay: 0 }], got ${quote(groups)}`);
    this.list = groups.map((group, i) => ({ ...group, parameters: pathsOf(`ParameterGroups: group ${i}`, group, named) }));
    const groupOf = new Map<string, number>();
    this.list.forEach(({ parameters }, i) => {
      for (const path of parameters) {
        const other = groupOf.get(path);
        if (other !== undefined)
          throw new ValueError(`ParameterGroups: ${path} is in group ${other} and in group ${i}; leave it out of one`);
        groupOf.set(path, i);
      }
    });
    this.#members = this.list.map(({ parameters }) => parameters.map((path) => named.get(path)!));
  }

  /**
   * What each parameter of a group has in the place of something of an optimizer.
   * @internal
   */
  each<T>(where: string, owned: readonly Parameter[], optionsOf: (own: object, group: string) => T): ReadonlyMap<Parameter, T> {
    const found = new Map<Parameter, T>();
    const all = new Set(owned);
    this.list.forEach(({ parameters, ...own }, i) => {
      const options = optionsOf(own, `${where}, group ${i}`);
      this.#members[i]!.forEach((w, j) => {
        if (!all.has(w)) throw new ValueError(`${where}: group ${i} has ${parameters[j]}, which is no parameter of its model`);
        found.set(w, options);
      });
    });
    return found;
  }
}

/** The paths of the parameters of a group. */
function pathsOf(where: string, group: ParameterGroupInput, named: ReadonlyMap<string, Parameter>): string[] {
  if (!isPlainObject(group)) throw new ValueError(`${where}: expected an object, { parameters, weightDecay: 0 }, got ${quote(group)}`);
  for (const option of ['frozen', 'groups'])
    if (option in group) throw new ValueError(`${where}: ${option} is an option of the whole optimizer`);
  const given: unknown = group.parameters;
  const isList = Array.isArray(given) && given.every((path) => typeof path === 'string');
  const paths = isList ? [...given] : typeof given === 'function' ? chosen(where, given as never, named) : partsOf(where, given, named);
  const strange = paths.find((path) => !named.has(path));
  if (strange !== undefined) throw new ValueError(`${where}: the model has no parameter ${quote(strange)}`);
  const twice = paths.find((path, i) => paths.indexOf(path) !== i);
  if (twice !== undefined) throw new ValueError(`${where}: has ${twice} twice`);
  return paths;
}

function chosen(where: string, isIn: (path: string, w: Parameter) => unknown, named: ReadonlyMap<string, Parameter>): string[] {
  const paths = [...named].filter(([path, w]) => isIn(path, w)).map(([path]) => path);
  if (paths.length === 0) throw new ValueError(`${where}: its function chooses none of the parameters ${[...named.keys()].join(', ')}`);
  return paths;
}

/** The paths, in the model, of the parameters of parts of it. */
function partsOf(where: string, parts: unknown, named: ReadonlyMap<string, Parameter>): string[] {
  if (typeof parts !== 'object' || parts === null)
    throw new ValueError(
      `${where}: expected parameters to be parts of the model, a list of paths, or a function of paths, got ${quote(parts)}`,
    );
  const pathOf = new Map([...named].map(([path, w]) => [w, path]));
  return [...namedParameters(parts)].map(([own, w]) => {
    const path = pathOf.get(w);
    if (path === undefined) throw new ValueError(`${where}: ${own || 'the parameter'} is no parameter of the model`);
    return path;
  });
}

/**
 * The parameters of a model that weight decay mostly leaves out: those of less than two axes, as the biases of all layers and the scales and shifts of
 * normalizations are, and those whose name ends in `bias`.
 * @throws ValueError for a model that is no object.
 * @example biasesAndNorms(new Linear(2, 3)).map(({ shape }) => shape) // => [[3]]
 */
export function biasesAndNorms(model: object): Parameter[] {
  return [...namedParameters(model)].filter(([path, { rank }]) => rank < 2 || /bias$/i.test(path)).map(([, parameter]) => parameter);
}
