/** Comma-separated values beside another reader of them, csv-parse 7.0. */

import { parse } from 'csv-parse/sync';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type CSVOptions, readCSV } from '../../src/datasets/index.ts';
import { DataError, ValueError } from '../../src/index.ts';
import { refuses } from '../lib/refuses.ts';

const asText = (rows: readonly (readonly string[])[], options: CSVOptions = {}) => {
  const width = rows[0]!.length;
  return {
    header: false,
    missing: [],
    types: Object.fromEntries(rows[0]!.map((_, i) => [`column ${i + 1}`, 'text' as const])),
    ...options,
    width,
  };
};

/** The rows of a text, as text. */
function read(text: string, width: number, delimiter = ','): (string | null)[][] {
  const { width: _, ...options } = asText([Array<string>(width).fill('')]);
  const table = readCSV(text, { ...options, delimiter });
  const columns = table.names.map((name) => table.text(name));
  return Array.from({ length: table.size }, (_, row) => columns.map((column) => column[row]!));
}

const field = fc.oneof(
  fc.string({ maxLength: 5 }),
  fc.stringMatching(/^[ab,;"\r\n\t ]{0,5}$/),
  fc.constantFrom('', '"', '""', '\r\n', ',', 'a"b', ' ', '\uFEFF'),
);
const tables = fc
  .integer({ min: 1, max: 4 })
  .chain((width) => fc.array(fc.array(field, { minLength: width, maxLength: width }), { minLength: 1, maxLength: 5 }));

test('what was written is read, with any delimiter and line end, in quotes where it must be or always, and as csv-parse reads it', () => {
  const ends = fc.constantFrom('\n', '\r\n', '\r');
  fc.assert(
    fc.property(
      tables,
      fc.constantFrom(',', ';', '\t', '|', '^', ']', '-'),
      ends,
      fc.boolean(),
      fc.boolean(),
      fc.boolean(),
      (rows, delimiter, end, last, always, mark) => {
        const written = (text: string) =>
          always || text === '' || [delimiter, '"', '\r', '\n', '\uFEFF'].some((sign) => text.includes(sign))
            ? `"${text.replaceAll('"', '""')}"`
            : text;
        const text = (mark ? '\uFEFF' : '') + rows.map((row) => row.map(written).join(delimiter)).join(end) + (last ? end : '');
        expect(read(text, rows[0]!.length, delimiter)).toEqual(rows);
        expect(parse(text, { delimiter, bom: true, record_delimiter: ['\r\n', '\n', '\r'] })).toEqual(rows);
      },
    ),
  );
});

test('any text is read as csv-parse reads it, or refused where it is', () => {
  const signs = fc.stringMatching(/^[ab,"\n]{1,12}$/);
  fc.assert(
    fc.property(signs, (text) => {
      let theirs: string[][] | undefined;
      try {
        theirs = parse(text, { skip_empty_lines: true, record_delimiter: ['\n'] });
      } catch {
        theirs = undefined;
      }
      const width = theirs?.[0]?.length;
      // Where nothing is read there is no table.
      if (width === undefined) expect(() => readCSV(text, { header: false, missing: [] })).toThrow(DataError);
      else expect(read(text, width)).toEqual(theirs);
    }),
    { numRuns: 1000 },
  );
});

test('columns are of numbers where all that is there reads as one', () => {
  const table = readCSV('a,b,c,d\n 1 ,x,,1e3\n-.5,2,NA,"+2."\n');
  expect(table.names).toEqual(['a', 'b', 'c', 'd']);
  expect([table.numbers('a'), table.text('b'), table.numbers('c'), table.numbers('d')]).toEqual([[1, -0.5], ['x', '2'], [NaN, NaN], [1000, 2]]); // biome-ignore format: one line
  for (const [text, number] of [['inf', Infinity], ['-Infinity', -Infinity], ['1E-2', 0.01]] as const) // biome-ignore format: one list
    expect(readCSV(`a\n${text}`).numbers('a')).toEqual([number]);
  for (const text of ['0x1', '1_000', '1,5', '', '--1', '1e', 'e1', '.'])
    expect(() => readCSV(`a\n"${text}"\n"x"`, { missing: [] }).numbers('a')).toThrow(/which is text/);
});

test('a number is read as JavaScript reads it', () => {
  fc.assert(
    fc.property(fc.double({ noNaN: true }), (x) => {
      expect(readCSV(`a\n${Object.is(x, -0) ? '-0' : x}`).numbers('a')).toEqual([x]);
    }),
  );
});

test('types and missing values can be told, and names where the text has none', () => {
  const text = '007,-\n008,5\n';
  const table = readCSV(text, { header: ['id', 'n'], types: { id: 'text' }, missing: ['-'] });
  expect([table.text('id'), table.numbers('n')]).toEqual([['007', '008'], [NaN, 5]]); // biome-ignore format: one line
  expect(readCSV(text, { header: false }).names).toEqual(['column 1', 'column 2']);
  expect(readCSV(',b\n1,2').names).toEqual(['column 1', 'b']);
  expect(readCSV('a\nx\n\n\nNA').text('a')).toEqual(['x', null]);
});

refuses('%s is refused, by line and column', [
  ['a short line', () => readCSV('a,b\n"1\n2",3\n4'), DataError, /^readCSV: line 4: expected 2 fields, got 1/],
  ['a long line', () => readCSV('a\r\n1\r\n2,3'), DataError, /^readCSV: line 3: expected 1 fields, got 2/],
  ['a quote that is not closed', () => readCSV('a,b\n1,"2\n3,4'), DataError, /^readCSV: line 2, column 2: expected a closing quote, got the end of the text/],
  ['text after a quote', () => readCSV('a,b\n"1"x,2'), DataError, /^readCSV: line 2, column 1: expected ',' or a line end after a quoted field, got 'x'/],
  ['a quote within a field', () => readCSV('a,b\n1,5" pipe'), DataError, /^readCSV: line 2, column 2: expected no quote within a field, got one/],
  ['text for a number', () => readCSV('a,b\n1,2\n3,x', { types: { b: 'number' } }), DataError, /^readCSV: line 3, column 2 \(b\): expected a number, got 'x'/],
  ['a name twice', () => readCSV('a,b,a\n1,2,3'), DataError, /^readCSV: line 1, column 3: expected different names of columns, got 'a' twice/],
  ['a name told twice', () => readCSV('1,2', { header: ['a', 'a'] }), DataError, /^readCSV: header: expected different names of columns, got 'a' twice/],
  ['nothing', () => readCSV(''), DataError, /^readCSV: expected a line with the names of columns, got nothing/],
  ['the name of a file', () => readCSV('data/houses.csv'), DataError, /got none; it takes the text of a file, .*, not its name$/],
  ['names alone', () => readCSV('a,b\n'), DataError, /^readCSV: expected at least one line of values, got none/],
  ['bytes', () => readCSV(new Uint8Array(2) as never), ValueError, /^readCSV: expected text, got .*; of bytes take new TextDecoder\(\)\.decode\(bytes\)/],
  ['types of another column', () => readCSV('a\n1', { types: { b: 'text' } }), ValueError, /^readCSV: expected types of the columns a, got one of 'b'/],
  ['a type that is none', () => readCSV('a\n1', { types: { a: 'date' } } as never), ValueError, /^readCSV: expected types to be 'number' or 'text' by the names of columns, got/],
  ['two delimiters', () => readCSV('a\n1', { delimiter: ', ' }), ValueError, /^readCSV: expected delimiter to be one character that is no quote and no line end, got ', '/],
  ['another option', () => readCSV('a\n1', { separator: ';' } as never), ValueError, /^readCSV: there is no option separator/],
]); // biome-ignore format: one line a case
