/** Plain data as JSON, with all tensors and long lists of numbers beside it: to the bit, NaN, infinities and −0 included. */

import { DataError } from '../base/errors.ts';
import { quote } from '../base/options.ts';
import { isNumbers, type PlainData } from '../tensor/plain-data.ts';
import { Tensor } from '../tensor/tensor.ts';
import { type Json, parseJson } from './json.ts';

/** Plain data in two parts. */
export interface Structure {
  /** JSON, in which a tensor is `{"$":"tensor","at":"its name"}`. */
  readonly text: string;
  /** The tensors by name: the path of the first place where each stands. */
  readonly tensors: Map<string, Tensor>;
}

/** Lists of more numbers than this stand among the tensors. */
const LONG = 16;

/** Takes plain data apart. One tensor that stands at several places is written once. */
export function takeApart(data: PlainData): Structure {
  const tensors = new Map<string, Tensor>();
  const names = new Map<object, string>();
  const beside = (kind: string, path: string, whole: object, x: () => Tensor): string => {
    let name = names.get(whole) ?? (path || 'data');
    if (!names.has(whole)) {
      // Two paths may read alike, since names may have dots in them.
      while (tensors.has(name) || name === '__metadata__') name += '_';
      names.set(whole, name);
      tensors.set(name, x());
    }
    return `{"$":"${kind}","at":${JSON.stringify(name)}}`;
  };
  const write = (value: PlainData, path: string): string => {
    const within = (key: string | number) => (path ? `${path}.${key}` : String(key));
    if (value === undefined) return '{"$":"undefined"}';
    if (typeof value === 'number') return Object.is(value, -0) ? '-0' : Number.isFinite(value) ? String(value) : `{"$":"${value}"}`;
    if (value === null || typeof value !== 'object') return JSON.stringify(value);
    if (value instanceof Tensor) return beside('tensor', path, value, () => value);
    if (isNumbers(value)) return beside('numbers', path, value, () => Tensor.fromTypedArray(value));
    if (Array.isArray(value)) {
      const isLong = value.length > LONG && value.every((x) => typeof x === 'number');
      if (isLong) return beside('list', path, value, () => Tensor.fromTypedArray(Float64Array.from(value as number[])));
      return `[${value.map((part, i) => write(part, within(i))).join(',')}]`;
    }
    const parts = Object.entries(value).map(([key, part]) => `${JSON.stringify(key)}:${write(part, within(key))}`);
    return Object.hasOwn(value, '$') ? `{"$":"object","of":{${parts.join(',')}}}` : `{${parts.join(',')}}`;
  };
  return { text: write(data, ''), tensors };
}

const NOT_FINITE: Readonly<Record<string, number>> = { NaN: Number.NaN, Infinity, '-Infinity': -Infinity };

/**
 * Puts plain data together again.
 * @param file its name, for errors
 * @throws DataError for what `takeApart` would not have written.
 */
export function putTogether({ text, tensors }: Structure, file: string): PlainData {
  const wrong = (what: unknown) => new DataError(`${file}: expected what stands for a tensor or a number, got ${quote(what)}`);
  const beside = (name: Json | undefined): Tensor => {
    const x = typeof name === 'string' ? tensors.get(name) : undefined;
    if (x) return x;
    throw new DataError(`${file}: there is no tensor ${quote(name)}, which its state names`);
  };
  const row = (name: Json | undefined): Tensor => {
    const x = beside(name);
    if (x.rank === 1) return x;
    throw new DataError(`${file}: expected ${quote(name)} to be a list of numbers, got a tensor of ${x.rank} axes`);
  };
  const special = (kind: Json, json: Map<string, Json>): PlainData => {
    if (kind === 'undefined') return undefined;
    if (kind === 'tensor') return beside(json.get('at'));
    if (kind === 'numbers') return row(json.get('at')).numbers.slice();
    if (kind === 'list') return [...row(json.get('at')).numbers];
    const whole = json.get('of');
    if (kind === 'object' && whole instanceof Map) return object(whole);
    if (typeof kind === 'string' && Object.hasOwn(NOT_FINITE, kind)) return NOT_FINITE[kind];
    throw wrong(kind);
  };
  const object = (json: Map<string, Json>): PlainData => Object.fromEntries([...json].map(([key, part]) => [key, read(part)]));
  const read = (json: Json): PlainData => {
    if (json === null || typeof json !== 'object') return json;
    if (Array.isArray(json)) return json.map(read);
    if (!(json instanceof Map)) return json.number;
    const kind = json.get('$');
    return kind === undefined ? object(json) : special(kind, json);
  };
  return read(parseJson(text, `${file}: state`));
}
