/** Columns of numbers and text, as files have them, and tensors of them. */

import type { FloatDtype } from '../base/dtype.ts';
import { DataError, ValueError } from '../base/errors.ts';
import { check, nearest, oneOf, optional, quote, type Requirement, readOptions, required, withoutDefault } from '../base/options.ts';
import { Tensor } from '../tensor/tensor.ts';
import { Dataset } from './dataset.ts';

/** A column: numbers, of which missing ones are NaN, or text, of which what is missing is `null`. */
export type Column = Float64Array | readonly (string | null)[];

/** Options of `Table.dataset`. */
export interface TableDatasetOptions {
  /** The columns to learn from. Text becomes one column for each category, 1 where a row is of it. Default all but those of `y`. */
  readonly x?: readonly string[] | undefined;
  /** The column to learn, or several of numbers. Text becomes classes, from 0 in the order of their names. */
  readonly y: string | readonly string[];
  /** Whether `y` is a class or a number. Default a class where it is text. */
  readonly target?: 'class' | 'number' | undefined;
  /** The dtype of numbers. Default float32. */
  readonly dtype?: FloatDtype;
}

/** A dataset out of a table. */
export interface TableDataset {
  /** `x : [rows, features]`; `y : [rows]`, or `[rows, columns]` of several columns. */
  readonly data: Dataset<[Tensor, Tensor]>;
  /** What the features are called: a column, or `column=category`. */
  readonly features: readonly string[];
  /** What the classes are called; none for numbers. */
  readonly classes: readonly string[];
}

/** Text in classes. */
export interface Categories {
  /** The class of each row, `[rows]` in int32. */
  readonly codes: Tensor<[number]>;
  /** What the classes are called, in the order of their code units. */
  readonly names: readonly string[];
}

const nameList: Requirement = {
  words: 'a list of names of columns',
  holds: (x) => Array.isArray(x) && x.length > 0 && x.every((name) => typeof name === 'string'),
};
const oneName: Requirement = {
  words: 'the name of a column, or a list of names',
  holds: (x) => typeof x === 'string' || nameList.holds(x),
};

/**
 * A table: columns of numbers and of text, by name. What `readCSV` gives; or made of columns.
 *
 * @example
 * const table = new Table({ size: [1.5, 2], kind: ['cat', 'dog'] });
 * table.dataset({ y: 'kind' }).data.y.toArray() // => [0, 1]
 */
export class Table {
  /** The names of the columns, in their order. */
  readonly names: readonly string[];
  /** How many rows there are. */
  readonly size: number;
  readonly #columns: ReadonlyMap<string, Column>;
  readonly #lines: Int32Array | undefined;

  /**
   * @param columns each a list of numbers or of text, in which `null` is what is missing, or NaN among numbers
   * @param lines the line of each row in its file, for errors
   * @throws ValueError for columns that are none, or of different lengths.
   */
  constructor(columns: ReadonlyMap<string, Column> | { readonly [name: string]: ArrayLike<number | string | null> }, lines?: Int32Array) {
    if (typeof columns !== 'object' || columns === null)
      throw new ValueError(`Table: expected columns by their names, got ${quote(columns)}`);
    const entries = columns instanceof Map ? [...(columns as ReadonlyMap<string, Column>)] : Object.entries(columns);
    this.#columns = new Map(entries.map(([name, column]) => [name, readColumn(name, column)]));
    const [first] = this.#columns.values();
    if (!first) throw new ValueError('Table: expected at least one column, got none');
    const other = [...this.#columns].find(([, { length }]) => length !== first.length);
    if (other) throw new ValueError(`Table: expected ${first.length} values in each column, got ${other[1].length} in ${other[0]}`);
    this.names = [...this.#columns.keys()];
    this.size = first.length;
    this.#lines = lines;
  }

  /**
   * A line for each column: its name, whether it is of numbers or of text, and its first values.
   * @example String(new Table({ size: [1, NaN], kind: ['cat', 'dog'] })) // => 'Table of 2 rows\n  size, numbers: 1, missing\n  kind, text: cat, dog'
   */
  toString(): string {
    const shown = ([name, column]: [string, Column]) => {
      const first = Array.from<unknown>(column.slice(0, 5)).map((value) => (isMissing(value) ? 'missing' : value));
      return `  ${name}, ${column instanceof Float64Array ? 'numbers' : 'text'}: ${first.join(', ')}${this.size > first.length ? ', …' : ''}`;
    };
    return [`Table of ${this.size} rows`, ...[...this.#columns].map(shown)].join('\n');
  }

  /**
   * A column of numbers; what is missing is NaN.
   * @throws ValueError for a column that is not there, or of text.
   */
  numbers(name: string): number[] {
    const column = this.#column('Table.numbers', name);
    if (column instanceof Float64Array) return [...column];
    throw new ValueError(`Table.numbers: expected a column of numbers, got ${name}, which is text`);
  }

  /**
   * A column as text; what is missing is `null`.
   * @throws ValueError for a column that is not there.
   */
  text(name: string): (string | null)[] {
    const column = this.#column('Table.text', name);
    return column instanceof Float64Array ? Array.from(column, (x) => (Number.isNaN(x) ? null : String(x))) : [...column];
  }

  /**
   * The rows in which nothing is missing, of all columns or of some.
   * @throws ValueError for a column that is not there.
   * @example new Table({ a: [1, NaN], b: ['x', 'y'] }).complete().size // => 1
   */
  complete(names: readonly string[] = this.names): Table {
    check('Table.complete', { names }, nameList);
    const columns = names.map((name) => this.#column('Table.complete', name));
    const rows = Int32Array.from({ length: this.size }, (_, row) => row).filter((row) =>
      columns.every((column) => !isMissing(column[row])),
    );
    const kept = (column: Column): Column =>
      column instanceof Float64Array ? Float64Array.from(rows, (row) => column[row]!) : Array.from(rows, (row) => column[row]!);
    const lines = this.#lines;
    return tableOf(
      new Map([...this.#columns].map(([name, column]) => [name, kept(column)])),
      lines && Int32Array.from(rows, (row) => lines[row]!),
    );
  }

  /**
   * A column in classes, each value one, in the order of their names; numbers in that of their size.
   * @throws ValueError for a column that is not there; DataError for a row in which it is missing.
   * @example new Table({ kind: ['dog', 'cat', 'dog'] }).categories('kind').codes.toArray() // => [1, 0, 1]
   */
  categories(name: string): Categories {
    const column = this.#present('Table.categories', name);
    const values: (number | string)[] = [...new Set<number | string>(Array.from<number | string>(column as ArrayLike<number | string>))];
    const sorted = values.sort((a, b) => (a < b ? -1 : Number(a > b)));
    const codes = new Map(sorted.map((value, code) => [value, code]));
    const classes = Int32Array.from({ length: this.size }, (_, row) => codes.get(column[row]!)!);
    return { codes: new Tensor([this.size], classes), names: sorted.map(String) };
  }

  /**
   * Examples and targets out of the columns.
   *
   * @throws ValueError for columns that are not there, or that cannot be what they should, and for options that are not known; DataError for a row in
   * which one is missing: leave such rows out with `complete`.
   * @example
   * const { data, features } = new Table({ color: ['red', 'blue'], size: [1, 2], price: [3, 4] }).dataset({ y: 'price' });
   * [data.x.toArray(), features] // => [[[0, 1, 1], [1, 0, 2]], ['color=blue', 'color=red', 'size']]
   */
  dataset(options: TableDatasetOptions): TableDataset {
    const { x, y, target, dtype } = readOptions<TableDatasetOptions>('Table.dataset', options, {
      x: withoutDefault(nameList),
      y: required(oneName),
      target: withoutDefault(oneOf('class', 'number')),
      dtype: optional(oneOf('float32', 'float64'), 'float32'),
    });
    const wanted = typeof y === 'string' ? [y] : y;
    for (const name of wanted) this.#column('Table.dataset', name);
    const given = x ?? this.names.filter((name) => !wanted.includes(name));
    if (given.length === 0) throw new ValueError('Table.dataset: expected at least one column to learn from, got none');
    const features = given.flatMap((name) => this.#features(name));
    const isClass = target ? target === 'class' : typeof y === 'string' && !(this.#column('Table.dataset', y) instanceof Float64Array);
    if (isClass && typeof y !== 'string') throw new ValueError(`Table.dataset: expected one column of classes, got ${quote(y)}`);
    const { codes, names } = isClass ? this.categories(y as string) : { codes: undefined, names: [] };
    const numbers = wanted.map((name) => (isClass ? [] : this.#numeric('Table.dataset', name)));
    const targets = codes ?? this.#matrix(numbers, typeof y === 'string' ? [this.size] : [this.size, wanted.length]).cast(dtype);
    const inputs = this.#matrix(features.map(([, values]) => values), [this.size, features.length]); // biome-ignore format: one line
    return { data: new Dataset(inputs.cast(dtype), targets as Tensor), features: features.map(([name]) => name), classes: names };
  }

  /** A column as it is, or one column for each category of text. */
  #features(name: string): (readonly [name: string, values: ArrayLike<number>])[] {
    const column = this.#present('Table.dataset', name);
    if (column instanceof Float64Array) return [[name, column]];
    const { codes, names } = this.categories(name);
    return names.map((category, code) => [`${name}=${category}`, Array.from(codes.numbers, (each) => Number(each === code))]);
  }

  #numeric(where: string, name: string): Float64Array {
    const column = this.#present(where, name);
    if (column instanceof Float64Array) return column;
    throw new ValueError(`${where}: expected numbers in ${name}, got text; for classes name it alone`);
  }

  #matrix(columns: readonly ArrayLike<number>[], shape: readonly number[]): Tensor {
    const width = columns.length;
    return new Tensor(
      shape as number[],
      Float64Array.from({ length: this.size * width }, (_, i) => columns[i % width]![Math.floor(i / width)]!),
    );
  }

  #column(where: string, name: string): Column {
    const column = this.#columns.get(name);
    if (column) return column;
    const near = typeof name === 'string' ? nearest(name, this.names) : undefined;
    const help = near === undefined ? `the columns are ${this.names.join(', ')}` : `did you mean ${near}?`;
    throw new ValueError(`${where}: there is no column ${quote(name)}; ${help}`);
  }

  /** A column of which no value is missing. */
  #present(where: string, name: string): Column {
    const column = this.#column(where, name);
    const row = Array.from<number | string | null>(column as ArrayLike<number | string | null>).findIndex(isMissing);
    if (row < 0) return column;
    const place = this.#lines ? `line ${this.#lines[row]}` : `row ${row}`;
    throw new DataError(`${where}: expected a value in each row, got none in ${name} of ${place}; leave such rows out: table.complete()`);
  }
}

// Outside of the class: a class that names itself is renamed by bundlers, and consoles would print the other name.
const tableOf = (...given: ConstructorParameters<typeof Table>): Table => new Table(...given);

const isMissing = (value: unknown): boolean => value === null || (typeof value === 'number' && Number.isNaN(value));

function readColumn(name: string, column: ArrayLike<number | string | null>): Column {
  const values: unknown[] = Array.isArray(column) || ArrayBuffer.isView(column) ? Array.from(column as ArrayLike<unknown>) : [undefined];
  if (values.every((value) => typeof value === 'number')) return Float64Array.from(values as number[]);
  const other = values.findIndex((value) => value !== null && typeof value !== 'string');
  if (other < 0) return values as (string | null)[];
  throw new ValueError(`Table: expected a list of numbers, or of text, for ${name}, got ${quote(values[other] ?? column)}`);
}
