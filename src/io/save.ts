import { DataError, ValueError } from '../base/errors.ts';
import { quote, readOptions } from '../base/options.ts';
import { stateDict } from '../layers/state.ts';
import { checkTensor, type Tensor } from '../tensor/tensor.ts';
import { tensorsOf } from '../tensor/walk.ts';
import { sha256 } from './cache.ts';
import { readJson, writeJson } from './model-json.ts';
import { readNpz, writeNpz } from './npz.ts';
import { byName, type Placed, type PlacingOptions, place, placingOptions, plainEntries } from './placing.ts';
import { readSafetensors, type SafetensorsOptions, safetensorsOptions, writeSafetensors } from './safetensors.ts';
import { previousOf, readWhole, writeWhole } from './whole-files.ts';

const FORMATS = ['safetensors', 'npz', 'json'] as const;

/** The format of a file, by the end of its name. */
function formatOf(where: string, path: string | URL): (typeof FORMATS)[number] {
  if (typeof path !== 'string' && !(path instanceof URL))
    throw new ValueError(`${where}: expected a path, such as 'model.safetensors', got ${quote(path)}`);
  const format = FORMATS.find((format) => String(path).endsWith(`.${format}`));
  if (format) return format;
  throw new ValueError(
    `${where}: expected a path that ends in ${FORMATS.map((format) => `.${format}`).join(', ')}, got ${quote(String(path))}`,
  );
}

/**
 * Saves the parameters and buffers of a model, by their paths, whole or not at all: after a crash the file is the old one or the new one. The one before is
 * kept beside it, under the name with `.previous`.
 *
 * On a disk where there is one, else in the browser's private file system or its database. A safetensors file has a SHA-256 of its data in its metadata.
 * @param path ends in `.safetensors`, `.npz` or `.json`
 * @throws ValueError for another path and for what is no model; DataError where it cannot be written.
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
  const state = stateDict(model);
  if (Object.keys(state).length === 0 && !tensorsOf(model).next().done)
    throw new ValueError('save: expected a model, which has parameters, got tensors; saveTensors(tensors, path) saves these by name');
  await writeWhole(path, await bytesFor(format, state));
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
  await writeWhole(path, await bytesFor(format, named, metadata));
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
 * `fromPyTorch` turns those of PyTorch.
 * @param path ends in `.safetensors`, `.npz` or `.json`
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
  return place('load', plainEntries('load', model), await tensorsIn(format, path), given);
}

/**
 * The tensors of a file, by name.
 * @param path ends in `.safetensors`, `.npz` or `.json`
 * @throws DataError for a file that is not there, not whole, or breaks the rules of its format; ValueError for another path.
 * @example
 * import { loadTensors } from 'tapegrad/io';
 * await loadTensors('nowhere.npz') // throws DataError
 */
export async function loadTensors(path: string | URL): Promise<Map<string, Tensor>> {
  return tensorsIn(formatOf('loadTensors', path), path);
}

async function tensorsIn(format: (typeof FORMATS)[number], path: string | URL): Promise<Map<string, Tensor>> {
  const bytes = await readWhole(path);
  const file = String(path);
  if (format === 'json') return readJson(new TextDecoder().decode(bytes), file);
  if (format === 'npz') return readNpz(bytes, file);
  const { tensors, metadata } = readSafetensors(bytes, file);
  const expected = metadata.get('sha256');
  const found = expected && (await sha256(dataOf(bytes)));
  if (found && found !== expected)
    throw new DataError(
      `${file}: the numbers have another SHA-256 than they had when it was written; it is damaged; the one before is ${String(previousOf(path))}`,
    );
  return tensors;
}
