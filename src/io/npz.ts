/** NumPy's format of several arrays: a ZIP archive of npy files. */

import { DataError, DtypeError } from '../base/errors.ts';
import { boolean, isPlainObject, optional, quote, readOptions } from '../base/options.ts';
import { checkTensor, type Tensor } from '../tensor/tensor.ts';
import { insteadOfBytes, isBytes } from './bytes.ts';
import { checkName } from './json.ts';
import { readNpy, writeNpy } from './npy.ts';
import { readZip, writeZip } from './zip.ts';

/**
 * Reads an npz file, as `numpy.savez` and `savez_compressed` write it: a tensor for each array, by its name without `.npy`.
 * @param file its name, for errors
 * @throws DataError for what is no archive or is corrupt, and for each array what `readNpy` refuses.
 * @example
 * const bytes = await writeNpz({ w: Tensor.of([1, 2]) });
 * (await readNpz(bytes)).get('w')!.toArray() // => [1, 2]
 */
export async function readNpz(bytes: Uint8Array, file: string = 'npz'): Promise<Map<string, Tensor>> {
  if (typeof file !== 'string') throw new DataError(`readNpz: expected the name of the file, for errors, got ${quote(file)}`);
  if (!isBytes(bytes)) throw new DataError(`${file}: expected the bytes of an npz file in a Uint8Array, got ${insteadOfBytes(bytes)}`);
  const tensors = new Map<string, Tensor>();
  for (const entry of readZip(bytes, file)) {
    // Folders, which some programs list.
    if (entry.name.endsWith('/')) continue;
    const name = entry.name.replace(/\.npy$/, '');
    if (tensors.has(name)) throw new DataError(`${file}: ${quote(name)} occurs twice`);
    tensors.set(name, readNpy(await entry.read(), `${file}: ${quote(name)}`));
  }
  return tensors;
}

/** Options of `writeNpz`. */
export interface NpzOptions {
  /** Whether the arrays are deflated. Default false. */
  readonly compress?: boolean;
}

/**
 * Writes an npz file, which `numpy.load` reads.
 * @param tensors by name, in an object or a Map
 * @throws DtypeError for what is no tensor; DataError for a name that is no text.
 * @example (await readNpz(await writeNpz({ a: Tensor.of(1), b: Tensor.of([2]) }, { compress: true }))).size // => 2
 */
export async function writeNpz(
  tensors: Readonly<Record<string, Tensor>> | ReadonlyMap<string, Tensor>,
  options?: NpzOptions,
): Promise<Uint8Array> {
  const { compress } = readOptions<NpzOptions>('writeNpz', options, { compress: optional(boolean, false) });
  if (!(tensors instanceof Map) && !isPlainObject(tensors))
    throw new DtypeError(`writeNpz: expected tensors by name, such as stateDict(model), got ${quote(tensors)}`);
  const named = [...(tensors instanceof Map ? tensors : new Map(Object.entries(tensors)))] as [string, Tensor][];
  const files = named.map(([name, x]) => {
    checkName('writeNpz', name);
    checkTensor('writeNpz', name, x);
    return { name: `${name}.npy`, bytes: writeNpy(x) };
  });
  return writeZip(files, compress);
}
