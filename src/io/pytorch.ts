/** State dicts as PyTorch has them: its names, its layouts. */

import { ValueError } from '../base/errors.ts';
import { readOptions } from '../base/options.ts';
import { stateOf } from '../layers/state.ts';
import { unrecorded } from '../tensor/recorders.ts';
import { Tensor } from '../tensor/tensor.ts';
import { byName, type Entry, type Part, type Placed, type PlacingOptions, place, placingOptions, valueNow } from './placing.ts';
import { heldBy } from './pytorch-names.ts';

/**
 * The parameters and buffers of a model as a state dict of PyTorch: what `load_state_dict` takes there, for a module with the same parts under the same names.
 *
 * Weights of `Linear` and of recurrent layers are transposed, query, key and value of an attention packed, and names are those of `torch.nn`: `0.weight` of a
 * `Sequential`, `weight_ih_l0` of an `LSTM`, `running_mean` of a `BatchNorm`, `self_attn.in_proj_weight` of a `TransformerEncoderLayer`. Properties of classes
 * of your own keep their names, lists have places. What is tied stands under each of its names. Settings, such as epsilon and the number of heads, are not
 * in a state dict.
 * @throws ValueError for what is no model, and for what PyTorch has no layer for: grouped heads, rotary positions, `resetAfter: false`.
 * @example
 * import { toPyTorch } from 'tapegrad/io';
 * const model = new Sequential(new Linear(2, 3), relu, new BatchNorm(3));
 * [...toPyTorch(model)].slice(0, 3).map(([name, { shape }]) => [name, ...shape]) // => [['0.weight', 3, 2], ['0.bias', 3], ['2.weight', 3]]
 */
export function toPyTorch(model: object): Map<string, Tensor> {
  const entries = entriesOf('toPyTorch', model);
  return unrecorded(() => new Map(entries.map(({ name, parts, write }) => [name, write(parts.map(valueNow))])));
}

/**
 * Gives a model the numbers of a state dict of PyTorch, all of them or, where anything does not fit, none: the reverse of `toPyTorch`.
 *
 * From a file: `fromPyTorch(model, await loadTensors('model.safetensors'))`. RMSNorm's epsilon is another one there by default, see `RMSNorm`.
 * @param tensors by name, in an object or a Map
 * @param options `names`, from PyTorch's names of this model to those in the file, default the same; `partial`, default false
 * @returns the names that were loaded, that the file lacks, and that are left over
 * @throws StateError with every entry that is missing, left over, of another shape or dtype; ValueError for what `toPyTorch` refuses.
 * @example
 * import { fromPyTorch } from 'tapegrad/io';
 * const model = new Linear(2, 1);
 * fromPyTorch(model, { weight: Tensor.of([[1, 2]]), bias: Tensor.of([3]) });
 * model.weight.toArray() // => [[1], [2]]
 */
export function fromPyTorch(
  model: object,
  tensors: Readonly<Record<string, Tensor>> | ReadonlyMap<string, Tensor>,
  options?: PlacingOptions,
): Placed {
  const given = readOptions<PlacingOptions>('fromPyTorch', options, placingOptions) as PlacingOptions;
  const named = byName('fromPyTorch', 'those of loadTensors(path)', tensors);
  return place('fromPyTorch', entriesOf('fromPyTorch', model), named, given);
}

/** All tensors of a state dict, depth first, as PyTorch has them in order. What stands at several places is there several times. */
function entriesOf(where: string, model: object): Entry[] {
  const parts = new Set<Part>(stateOf(where, model).values());
  const entries = new Map<string, Entry>();
  // What is still to be looked at, the next one last, with an object to be left when all in it was. No recursion: models may be nested deeper than a call stack.
  const ahead: { readonly name: string; readonly whole: unknown; readonly leave?: true }[] = [{ name: '', whole: model }];
  const open = new Set<unknown>();
  for (let next = ahead.pop(); next; next = ahead.pop()) {
    const { name: path, whole, leave } = next;
    if (leave) open.delete(whole);
    if (leave || !isWhole(whole) || open.has(whole)) continue;
    open.add(whole);
    ahead.push({ ...next, leave: true });
    const held = heldBy(path ? `${where}: ${path}` : where, whole);
    const full = (name: string) => (path ? `${path}.${name}` : name);
    for (const entry of held) if (!('whole' in entry)) addTo(where, entries, { ...entry, name: full(entry.name) });
    for (const part of [...held].reverse()) if ('whole' in part) ahead.push({ name: full(part.name), whole: part.whole });
  }
  for (const { parts: placed } of entries.values()) for (const part of placed) parts.delete(part);
  const [lost] = parts;
  if (lost)
    throw new ValueError(
      `${where}: ${[...stateOf(where, model)].find(([, part]) => part === lost)![0]} is in a layer that PyTorch has, and is no part of it there`,
    );
  return [...entries.values()];
}

const isWhole = (x: unknown): x is object => typeof x === 'object' && x !== null && !ArrayBuffer.isView(x) && !(x instanceof Tensor);

function addTo(where: string, entries: Map<string, Entry>, entry: Entry): void {
  if (entries.has(entry.name))
    throw new ValueError(`${where}: two tensors have the name ${entry.name}; give one of the properties another name`);
  entries.set(entry.name, entry);
}
