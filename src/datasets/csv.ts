/** Text in comma-separated values: fields, their types, and tables of them (RFC 4180, with the line ends and marks that programs write). */

import { DataError, ValueError } from '../base/errors.ts';
import { isPlainObject, optional, quote, type Requirement, readOptions, withoutDefault } from '../base/options.ts';
import { type Column, Table } from './table.ts';

/** Options of `readCSV`. */
export interface CSVOptions {
  /** What stands between fields, one character. Default a comma. */
  readonly delimiter?: string;
  /** Whether the first line has the names of columns; or the names, where it has not. Default true. */
  readonly header?: boolean | readonly string[];
  /** Whether columns are numbers or text, by name. Default a column is of numbers where all that is not missing in it reads as one. */
  readonly types?: { readonly [column: string]: 'number' | 'text' } | undefined;
  /** What stands for a missing value. Default nothing at all, NA, N/A, NaN, nan, null and NULL. */
  readonly missing?: readonly string[];
}

/** A field, and the line where it begins. */
interface Field {
  readonly text: string;
  readonly line: number;
}

const oneCharacter: Requirement = {
  words: 'one character that is no quote and no line end',
  holds: (x) => typeof x === 'string' && x.length === 1 && !/["\r\n]/.test(x),
};
const texts = (x: unknown): boolean => Array.isArray(x) && x.every((each) => typeof each === 'string');
const names: Requirement = { words: 'true, false, or a list of names', holds: (x) => typeof x === 'boolean' || texts(x) };
const kinds: Requirement = {
  words: "'number' or 'text' by the names of columns",
  holds: (x) => isPlainObject(x) && Object.values(x).every((kind) => kind === 'number' || kind === 'text'),
};
const textList: Requirement = { words: 'a list of text', holds: texts };

/**
 * Reads a table out of the text of comma-separated values.
 *
 * Fields may be in quotes, `"…"`, in which delimiters, line ends and doubled quotes are text. Lines end in LF, CRLF or CR; a mark of byte order and
 * empty lines are skipped. Numbers are decimal, such as `-1.5e3`, with blanks around them or not.
 *
 * @param text the text, not its bytes: `new TextDecoder().decode(bytes)`, or `await readFile(path, 'utf8')`
 * @param options `delimiter`, default a comma; `header`, default true; `types`, default inferred; `missing`, default nothing, NA, N/A, NaN, null
 * @throws DataError for text that is no table, with the line and the column; ValueError for options that are not known
 * @example
 * const table = readCSV('size,kind\n1.5,"cat, small"\n2,dog');
 * [table.names, table.numbers('size'), table.text('kind')] // => [['size', 'kind'], [1.5, 2], ['cat, small', 'dog']]
 */
export function readCSV(text: string, options?: CSVOptions): Table {
  const { delimiter, header, types, missing } = readOptions<CSVOptions>('readCSV', options, {
    delimiter: optional(oneCharacter, ','),
    header: optional(names, true),
    types: withoutDefault(kinds),
    missing: optional(textList, ['', 'NA', 'N/A', 'NaN', 'nan', 'null', 'NULL']),
  });
  if (typeof text !== 'string')
    throw new ValueError(`readCSV: expected text, got ${quote(text)}; of bytes take new TextDecoder().decode(bytes)`);
  const rows = rowsOf(text.replace(/^\uFEFF/, ''), delimiter);
  const columns = columnNames(rows, header);
  if (rows.length === 0) throw new DataError(`readCSV: expected at least one line of values, got none${isPath(text) ? PATH : ''}`);
  const stray = Object.keys(types ?? {}).find((name) => !columns.includes(name));
  if (stray !== undefined) throw new ValueError(`readCSV: expected types of the columns ${columns.join(', ')}, got one of ${quote(stray)}`);
  const ragged = rows.find((row) => row.length !== columns.length);
  if (ragged) throw new DataError(`readCSV: line ${ragged[0]!.line}: expected ${columns.length} fields, got ${ragged.length}`);
  const absent = new Set(missing);
  return new Table(
    new Map(
      columns.map((name, i) => [name, columnOf(rows, i, name, types && Object.hasOwn(types, name) ? types[name] : undefined, absent)]),
    ),
    Int32Array.from(rows, ([first]) => first!.line),
  );
}

/** Whether text is more likely the name of a file than what is in one. */
const isPath = (text: string): boolean => /^\S+\.\w+$/.test(text);
const PATH = "; it takes the text of a file, such as await readFile(path, 'utf8'), not its name";

/** The names of columns; the line that has them is taken off the rows. */
function columnNames(rows: Field[][], header: boolean | readonly string[]): string[] {
  if (Array.isArray(header)) return distinct([...(header as readonly string[])], 0);
  if (!header) return (rows[0] ?? []).map((_, i) => `column ${i + 1}`);
  const first = rows.shift();
  if (!first) throw new DataError('readCSV: expected a line with the names of columns, got nothing');
  return distinct(first.map(({ text }, i) => text.trim() || `column ${i + 1}`), first[0]!.line); // biome-ignore format: one line
}

function distinct(names: string[], line: number): string[] {
  const seen = new Set<string>();
  const twice = names.findIndex((name) => seen.size === seen.add(name).size);
  if (twice >= 0)
    throw new DataError(
      `readCSV: ${line ? `line ${line}, column ${twice + 1}` : 'header'}: expected different names of columns, got ${quote(names[twice])} twice`,
    );
  return names;
}

const DECIMAL = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$|^[+-]?(inf|infinity)$/i;

/** The number that text is; undefined where it is none. */
function numberIn(text: string): number | undefined {
  const plain = text.trim();
  if (!DECIMAL.test(plain)) return undefined;
  return /inf/i.test(plain) ? (plain.startsWith('-') ? -Infinity : Infinity) : Number(plain);
}

function columnOf(
  rows: readonly (readonly Field[])[],
  place: number,
  name: string,
  kind: 'number' | 'text' | undefined,
  missing: ReadonlySet<string>,
): Column {
  const isMissing = (text: string) => missing.has(text) || missing.has(text.trim());
  if (kind !== 'text') {
    const numbers = new Float64Array(rows.length);
    const other = rows.findIndex((row, i) => {
      const { text } = row[place]!;
      const number = isMissing(text) ? Number.NaN : numberIn(text);
      if (number !== undefined) numbers[i] = number;
      return number === undefined;
    });
    if (other < 0) return numbers;
    if (kind === 'number') {
      const { text, line } = rows[other]![place]!;
      throw new DataError(`readCSV: line ${line}, column ${place + 1} (${name}): expected a number, got ${quote(text)}`);
    }
  }
  return rows.map((row) => (isMissing(row[place]!.text) ? null : row[place]!.text));
}

/** The fields of each line that has any. */
function rowsOf(text: string, delimiter: string): Field[][] {
  const rows: Field[][] = [];
  let row: Field[] = [];
  let [at, line] = [0, 1];
  // Where plain fields end.
  const end = new RegExp(`[\\r\\n"${delimiter.replace(/[\\\]^-]/, '\\$&')}]`, 'g');
  while (at < text.length) {
    const begun = { line, column: row.length + 1 };
    let value: string;
    if (text[at] === '"') {
      const closing = closingQuote(text, at, begun);
      value = text.slice(at + 1, closing).replaceAll('""', '"');
      line += value.match(/\r\n|\r|\n/g)?.length ?? 0;
      at = closing + 1;
      const next = text[at];
      if (next !== undefined && next !== delimiter && next !== '\r' && next !== '\n')
        throw new DataError(
          `readCSV: line ${line}, column ${begun.column}: expected ${quote(delimiter)} or a line end after a quoted field, got ${quote(next)}`,
        );
    } else {
      end.lastIndex = at;
      const stop = end.exec(text)?.index ?? text.length;
      if (text[stop] === '"' && delimiter !== '"')
        throw new DataError(
          `readCSV: line ${line}, column ${begun.column}: expected no quote within a field, got one; put the field in quotes, and double it: "…""…"`,
        );
      value = text.slice(at, stop);
      at = stop;
    }
    const isAlone = row.length === 0 && value === '' && text[at] !== delimiter && text[at - 1] !== '"';
    if (!isAlone) row.push({ text: value, line: begun.line });
    if (text[at] === delimiter) {
      at++;
      // After the last delimiter of the text there is one more field.
      if (at === text.length) row.push({ text: '', line });
      else if (text[at] === '\r' || text[at] === '\n') row.push({ text: '', line });
      else continue;
    }
    at += text[at] === '\r' && text[at + 1] === '\n' ? 2 : 1;
    line++;
    if (row.length > 0) rows.push(row);
    row = [];
  }
  if (row.length > 0) rows.push(row);
  return rows;
}

/** The place of the quote that closes a field; doubled ones are text. */
function closingQuote(text: string, opening: number, { line, column }: { readonly line: number; readonly column: number }): number {
  let at = opening + 1;
  for (;;) {
    at = text.indexOf('"', at);
    if (at < 0) throw new DataError(`readCSV: line ${line}, column ${column}: expected a closing quote, got the end of the text`);
    if (text[at + 1] !== '"') return at;
    at += 2;
  }
}
