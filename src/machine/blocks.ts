/** Matrices in a workspace, and what a computation can do with them. */

import type { FloatData, FloatDtype } from '../base/dtype.ts';
import type { Formulas } from '../formula/joined-formulas.ts';
import type { Extreme } from './machine.ts';
import type { Operand } from './storage.ts';

/** A matrix in a workspace: rows of so many neighbouring numbers. */
export interface Block {
  /** The array that it is in; nothing where it is in the memory of kernels. */
  readonly home: FloatData | undefined;
  /** The place of its first number, and how many numbers after that each next row begins: none where all rows are one. */
  readonly start: number;
  readonly stride: number;
  readonly rows: number;
  readonly columns: number;
}

/** A factor of a product: a matrix whose rows follow one another, or its transpose. */
export interface WorkspaceFactor {
  readonly block: Block;
  readonly transposed?: boolean;
}

/** The same for several things that have nothing to do with each other, so many operations for each. */
export interface Things<Place> {
  readonly count: number;
  readonly operations: number;
  /** Has room made, and writes. */
  enter(thing: number): Place;
  /** Computes, in what `enter` made room for and more; it neither writes nor reads. */
  compute(place: Place): void;
  /** Reads. */
  leave(place: Place, thing: number): void;
}

/** What a computation can do with matrices. */
export interface Workspace {
  readonly dtype: FloatDtype;
  /** The numbers of an operand as a matrix that is only read. To be asked for before any room is. */
  place(x: Operand, rows: number, columns: number): Block;
  /** A matrix to be written to, of any numbers as yet. */
  room(rows: number, columns: number): Block;
  /** Calls a function, after which the matrices are gone that it had room made for. */
  briefly(f: () => void): void;
  /** Does something for each of several things, for some of them at a time where there are threads. */
  each<Place>(things: Things<Place>): void;
  /** Copies as many numbers to a matrix whose rows follow one another, from a place in an array on; and the other way round. */
  write(to: Block, numbers: FloatData, from: number): void;
  read(from: Block, numbers: FloatData, to: number): void;
  /** Computes formulas of inputs, each to a matrix. Inputs of one column are the same along each row. */
  map(rules: Formulas, to: readonly Block[], inputs: readonly Block[]): void;
  /** The product of two factors. */
  multiply(a: WorkspaceFactor, b: WorkspaceFactor, to: Block): void;
  /** The sum of each row, as a matrix of one column. */
  sums(x: Block): Block;
  /** The largest or smallest number of each row, as a matrix of one column. */
  extremes(which: Extreme, x: Block): Block;
}

/** Neighbouring columns of a matrix. */
export const columnsOf = (x: Block, first: number, columns: number): Block => ({ ...x, start: x.start + first, columns });

/** The columns of a matrix in parts of `width`. */
export const partsOf = (x: Block, width: number): Block[] =>
  Array.from({ length: x.columns / width }, (_, part) => columnsOf(x, part * width, width));

/** Neighbouring rows of a matrix. */
export const rowsOf = (x: Block, first: number, rows: number): Block => ({ ...x, start: x.start + first * x.stride, rows });

/** A matrix of so many rows that are all the first one. */
export const repeatedRow = (x: Block, rows: number): Block => ({ ...x, rows, stride: 0 });
