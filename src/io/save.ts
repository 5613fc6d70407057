import { DataError, ValueError } from '../base/errors.ts';
import { quote, readOptions } from '../base/options.ts';
import { stateDict, stateOf } from '../layers/state.ts';
import { checkTensor, type Tensor } from '../tensor/tensor.ts';
import { tensorsOf } from '../tensor/walk.ts';
import { sha256 } from './cache.ts';
import { readJson, writeJson } from './model-json.ts';
import { readNpz, writeNpz } from './npz.ts';
import { byName, type Placed, type PlacingOptions, place, placingOptions, plainEntries } from './placing.ts';
import { readSafetensors, type SafetensorsOptions, safetensorsOptions, writeSafetensors } from './safetensors.ts';
import { isRemote, previousOf, readWhole, writeWhole } from './whole-files.ts';

const FORMATS = ['safetensors', 'npz', 'json'] as const;

/** The format of a file, by the end of its name. */
function formatOf(where: string, path: string | URL): (typeof FORMATS)[number] {
  if (typeof path !== 'string' && !(path instanceof URL))
    throw new ValueError(`${where}: expected a path, such as 'model.safetensors', got ${quote(path)}`);
  // What follows a name in an address belongs to the server.
  const name = isRemote(path) ? new URL(path).pathname : String(path);
  const format = FORMATS.find((format) => name.endsWith(`.${format}`));
  if (format) return format;
  const pickle = /\.(?:pt|pth|bin|ckpt|pkl)$/.test(name)
    ? "; a pickle is a program, which is never run: write it anew in Python by safetensors.torch's save_file"
    : '';
  throw new ValueError(
    `${where}: expected a path that ends in ${FORMATS.map((format) => `.${format}`).join(', ')}, got ${quote(String(path))}${pickle}`,
  );
}

/** Refuses what holds the parameters of a model, and more than them, which would be lost. Known by its words: a page that loads a model trains none. */
function checkModel(where: string, model: object): void {
  const has = (...words: readonly string[]) => typeof model === 'object' && model !== null && words.every((word) => word in model);
  const found = has('minimize', 'step', 'parameters')
    ? 'an optimizer'
    : has('model', 'optimizer', 'data', 'loss', 'keep')
      ? 'a run'
      : undefined;
  if (found) throw new ValueError(`${where}: expected a model, got ${found}; ${where}Run(run, path) keeps all of a training`);
}

/**
 * Saves the parameters and buffers of a model, by their paths, whole or not at all: after a crash the file is the old one or the new one. The one before is
 * kept beside it, under the name with `.previous`.
 *
 * On a disk where there is one, else in the browser's private file system or its database. A safetensors file has a SHA-256 of its data in its metadata. What is
 * saved is the model at the call; of several calls for one file the last is the one that stays.
 * @param path ends in `.safetensors`, `.npz` or `.json`
 * @throws ValueError for another path and for what is no model, such as a run or an optimizer; DataError where it cannot be written.
 * @example
 * import { load, save } from 'tapegrad/io';
 * const path = `${process.env['TMPDIR'] ?? '/tmp'}/tapegrad-save-${process.pid}.safetensors`;
 * const [a, b] = [new Linear(2, 3), new Linear(2, 3)];
 * await save(a, path);
 * await load(b, path);
 * b.weight.toArray() // => a.weight.toArray()
 */
export async function save(model: object, path: string | URL): Promise<void> {
  const format = formatOf('save', path);
  checkModel('save', model);
  stateOf('save', model);
  const state = stateDict(model);
  if (Object.keys(state).length === 0 && !tensorsOf(model).next().done)
    throw new ValueError('save: expected a model, which has parameters, got tensors; saveTensors(tensors, path) saves these by name');
  await writeWhole(path, bytesFor(format, state));
}

/**
 * Saves tensors by name, whole or not at all, as `save` does those of a model: such as `saveTensors(toPyTorch(model), 'model.safetensors')`.
 * @param tensors in an object or a Map
 * @param path ends in `.safetensors`, `.npz` or `.json`
 * @param options `metadata`, texts by name, of a safetensors file. Default none. Some programs ask for `{ format: 'pt' }`
 * @throws ValueError for another path, and for metadata in another format; DtypeError for what is no tensor; DataError where it cannot be written.
 * @example
 * import { loadTensors, saveTensors } from 'tapegrad/io';
 * const path = `${process.env['TMPDIR'] ?? '/tmp'}/tapegrad-tensors-${process.pid}.npz`;
 * await saveTensors({ w: Tensor.of([1, 2]) }, path);
 * (await loadTensors(path)).get('w')!.toArray() // => [1, 2]
 */
export async function saveTensors(
  tensors: Readonly<Record<string, Tensor>> | ReadonlyMap<string, Tensor>,
  path: string | URL,
  options?: SafetensorsOptions,
): Promise<void> {
  const format = formatOf('saveTensors', path);
  const { metadata } = readOptions<SafetensorsOptions>('saveTensors', options, safetensorsOptions) as SafetensorsOptions;
  if (metadata && format !== 'safetensors')
    throw new ValueError(`saveTensors: a .${format} file has no metadata; leave them out, or write a .safetensors file`);
  const named = byName('saveTensors', 'toPyTorch(model)', tensors);
  for (const [name, x] of named) checkTensor('saveTensors', name, x);
  await writeWhole(path, bytesFor(format, named, metadata));
}

async function bytesFor(
  format: (typeof FORMATS)[number],
  tensors: Readonly<Record<string, Tensor>> | ReadonlyMap<string, Tensor>,
  metadata?: Readonly<Record<string, string>>,
): Promise<Uint8Array> {
  if (format === 'json') return new TextEncoder().encode(writeJson(tensors));
  if (format === 'npz') return writeNpz(tensors);
  const plain = writeSafetensors(tensors);
  const digest = await sha256(dataOf(plain));
  return writeSafetensors(tensors, { metadata: { ...metadata, ...(digest && { sha256: digest }) } });
}

/** What follows the header of a safetensors file. */
const dataOf = (bytes: Uint8Array): Uint8Array =>
  bytes.subarray(8 + Number(new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength).getBigUint64(0, true)));

/**
 * Gives a model the parameters and buffers of a file; all of them or, where anything does not fit, none.
 *
 * A file of another program may have other names, which `names` tells: `{ names: { 'layers.0.weight': 'fc1.weight' } }`. The numbers must be laid out as here:
 * `fromPyTorch` turns those of PyTorch. Of a file of `saveRun` it is the model that is loaded.
 * @param path ends in `.safetensors`, `.npz` or `.json`; or an address, `https://…` or `new URL('model.safetensors', import.meta.url)` on a page, which is fetched
 * @param options `names`, from names of the model to names in the file, default the same; `partial`, default false: what the file lacks keeps its numbers, and
 *   what the model lacks is left out
 * @returns the names that were loaded, that the file lacks, and that are left over
 * @throws StateError with every entry that does not fit; DataError for a file that is not there, not whole, or breaks the rules of its format; ValueError for
 *   another path, for what is no model, and for names that it does not have.
 * @example
 * import { load } from 'tapegrad/io';
 * await load(new Linear(2, 3), 'nowhere.safetensors', { names: { weight: 'kernel' } }) // throws DataError
 */
export async function load(model: object, path: string | URL, options?: PlacingOptions): Promise<Placed> {
  const format = formatOf('load', path);
  const given = readOptions<PlacingOptions>('load', options, placingOptions) as PlacingOptions;
  checkModel('load', model);
  const entries = plainEntries('load', model);
  const { tensors, isRun } = await contentsOf(format, path);
  return place('load', entries, isRun ? modelIn(tensors) : tensors, given);
}

/** The tensors of the model of a run, as `saveRun` names them. */
const modelIn = (tensors: ReadonlyMap<string, Tensor>): Map<string, Tensor> =>
  new Map([...tensors].flatMap(([name, x]) => (name.startsWith('model.') ? [[name.slice('model.'.length), x] as const] : [])));

/**
 * The tensors of a file, by name.
 * @param path ends in `.safetensors`, `.npz` or `.json`; or an address, which is fetched
 * @throws DataError for a file that is not there, not whole, or breaks the rules of its format; ValueError for another path.
 * @example
 * import { loadTensors } from 'tapegrad/io';
 * await loadTensors('nowhere.npz') // throws DataError
 */
export async function loadTensors(path: string | URL): Promise<Map<string, Tensor>> {
  return (await contentsOf(formatOf('loadTensors', path), path)).tensors;
}

/** The tensors of a file, and whether `saveRun` wrote it. */
async function contentsOf(
  format: (typeof FORMATS)[number],
  path: string | URL,
): Promise<{ tensors: Map<string, Tensor>; isRun?: boolean }> {
  const bytes = await readWhole(path);
  const file = String(path);
  if (format === 'json') return { tensors: readJson(new TextDecoder().decode(bytes), file) };
  if (format === 'npz') return { tensors: await readNpz(bytes, file) };
  const { tensors, metadata } = readSafetensors(bytes, file);
  const expected = metadata.get('sha256');
  const found = expected && (await sha256(dataOf(bytes)));
  if (found && found !== expected)
    throw new DataError(
      `${file}: the numbers have another SHA-256 than they had when it was written; it is damaged; the one before is ${String(previousOf(path))}`,
    );
  return { tensors, isRun: metadata.get('tapegrad') === 'run' };
}
