import { DataError, ValueError } from '../base/errors.ts';
import { quote } from '../base/options.ts';
import { loadStateDict, stateDict } from '../layers/state.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { sha256 } from './cache.ts';
import { readJson, writeJson } from './model-json.ts';
import { readNpz, writeNpz } from './npz.ts';
import { readSafetensors, writeSafetensors } from './safetensors.ts';
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
  await writeWhole(path, await bytesFor(format, stateDict(model)));
}

async function bytesFor(format: (typeof FORMATS)[number], state: Readonly<Record<string, Tensor>>): Promise<Uint8Array> {
  if (format === 'json') return new TextEncoder().encode(writeJson(state));
  if (format === 'npz') return writeNpz(state);
  const plain = writeSafetensors(state);
  const digest = await sha256(dataOf(plain));
  return writeSafetensors(state, { metadata: { ...(digest && { sha256: digest }) } });
}

/** What follows the header of a safetensors file. */
const dataOf = (bytes: Uint8Array): Uint8Array =>
  bytes.subarray(8 + Number(new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength).getBigUint64(0, true)));

/**
 * Gives a model the parameters and buffers of a file; all of them or, where anything does not fit, none.
 * @param path ends in `.safetensors`, `.npz` or `.json`
 * @throws StateError with every entry that does not fit; DataError for a file that is not there, not whole, or breaks the rules of its format; ValueError for
 *   another path and for what is no model.
 * @example
 * import { load } from 'tapegrad/io';
 * await load(new Linear(2, 3), 'nowhere.safetensors') // throws DataError
 */
export async function load(model: object, path: string | URL): Promise<void> {
  const format = formatOf('load', path);
  loadStateDict(model, Object.fromEntries(await tensorsIn(format, path)));
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
