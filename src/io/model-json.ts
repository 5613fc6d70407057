/** Tensors as JSON, for models small enough to be read. */

import { type Dtype, newData } from '../base/dtype.ts';
import { DataError, DtypeError } from '../base/errors.ts';
import { isPlainObject, quote } from '../base/options.ts';
import { sizeOf } from '../base/shape.ts';
import { checkTensor, Tensor } from '../tensor/tensor.ts';
import { checkName, type Json, parseJson } from './json.ts';

/**
 * Writes tensors as JSON: `{ "w": { "dtype": "float32", "shape": [2], "data": [1, 2] } }`. Every number is written such that it is read again to the bit,
 * NaN and infinities as texts.
 * @param tensors by name, in an object or a Map
 * @throws DtypeError for what is no tensor; DataError for a name that is no text.
 * @example writeJson({ w: Tensor.of([1, 0.5]) }) // => '{"w":{"dtype":"float32","shape":[2],"data":[1,0.5]}}'
 */
export function writeJson(tensors: Readonly<Record<string, Tensor>> | ReadonlyMap<string, Tensor>): string {
  if (!(tensors instanceof Map) && !isPlainObject(tensors))
    throw new DtypeError(`writeJson: expected tensors by name, such as stateDict(model), got ${quote(tensors)}`);
  const named = [...(tensors instanceof Map ? tensors : new Map(Object.entries(tensors)))] as [string, Tensor][];
  const parts = named.map(([name, x]) => {
    checkName('writeJson', name);
    checkTensor('writeJson', name, x);
    const data = Array.from(x.numbers, (xi) => (Object.is(xi, -0) ? '-0' : Number.isFinite(xi) ? String(xi) : `"${xi}"`));
    return `${JSON.stringify(name)}:{"dtype":"${x.dtype}","shape":${JSON.stringify(x.sizes)},"data":[${data.join(',')}]}`;
  });
  return `{${parts.join(',')}}`;
}

const DTYPES: readonly string[] = ['float32', 'float64', 'int32'] satisfies Dtype[];
const NOT_FINITE: Readonly<Record<string, number>> = { NaN: Number.NaN, Infinity, '-Infinity': -Infinity };

/**
 * Reads what `writeJson` wrote.
 * @param file its name, for errors
 * @throws DataError for anything else.
 * @example readJson(writeJson({ w: Tensor.of([1, 0.5]) })).get('w')!.toArray() // => [1, 0.5]
 */
export function readJson(text: string, file: string = 'JSON'): Map<string, Tensor> {
  if (typeof file !== 'string') throw new DataError(`readJson: expected the name of the file, for errors, got ${quote(file)}`);
  if (typeof text !== 'string') throw new DataError(`${file}: expected text, got ${quote(text)}`);
  const found = parseJson(text, file);
  if (!(found instanceof Map)) throw new DataError(`${file}: expected tensors by name, {"w": {…}}, got something else`);
  return new Map([...found].map(([name, entry]) => [name, tensorOf(entry, `${file}: ${quote(name)}`)]));
}

function tensorOf(entry: Json, what: string): Tensor {
  const part = (key: string): Json | undefined => (entry instanceof Map ? entry.get(key) : undefined);
  const [dtype, sizes, numbers] = [part('dtype'), part('shape'), part('data')];
  if (typeof dtype !== 'string' || !DTYPES.includes(dtype)) throw new DataError(`${what}: expected a dtype, one of ${DTYPES.join(', ')}`);
  if (!Array.isArray(sizes) || !Array.isArray(numbers)) throw new DataError(`${what}: expected lists for shape and data`);
  const shape = sizes.map((size) => {
    const whole = typeof size === 'object' && size !== null && 'whole' in size ? size.whole : undefined;
    if (whole === undefined) throw new DataError(`${what}: expected whole numbers from 0 for its shape`);
    return whole;
  });
  if ((shape.includes(0) ? 0 : sizeOf(shape)) !== numbers.length)
    throw new DataError(`${what}: expected as many numbers as its shape [${shape.join(', ')}] holds, got ${numbers.length}`);
  const data = newData(dtype as Dtype, numbers.length);
  numbers.forEach((x, i) => {
    const number =
      typeof x === 'string' && Object.hasOwn(NOT_FINITE, x)
        ? NOT_FINITE[x]!
        : typeof x === 'object' && x !== null && 'number' in x
          ? x.number
          : undefined;
    const isHeld = number !== undefined && (dtype !== 'int32' || number === (number | 0));
    data[i] = isHeld ? number : 0;
    // A number that float32 cannot hold is no infinity.
    if (!isHeld || (Number.isFinite(number) && !Number.isFinite(data[i])))
      throw new DataError(`${what}: expected ${dtype} numbers, got something else at place ${i}`);
  });
  return Tensor.fromTypedArray(data, shape);
}
