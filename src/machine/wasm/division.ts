/** Work of kernels that several threads may do together, if a program asked for some: what is said here does not know who they are. */

import type { Rules } from '../../formula/formula.ts';
import type { Kernel } from './assembler.ts';

/** What is divided: each kind has an own measure of whether that pays. */
export type Kind = 'product' | 'products' | 'update' | 'windows' | 'formula';

/** A part of a row of things: where it begins, and how many it has. */
export interface Part {
  readonly first: number;
  readonly count: number;
}

/** A part of a matrix of tiles. */
export interface Rectangle {
  readonly strip: Part;
  readonly panel: Part;
}

/**
 * Calls of kernels in chunks, none of which reads what another writes or writes what another reads: so they may be performed in any order and by anybody.
 * No sum is ever divided; what is computed does not depend on who does it.
 */
export interface Division {
  /** So many things, which are this share of all, in as many parts as are best. */
  parts(count: number, share: number): readonly Part[];
  /** A matrix of tiles, likewise. */
  rectangles(strips: number, panels: number): readonly Rectangle[];
  /** Begins a chunk; what is called in it is performed in that order. */
  chunk(): void;
  /** A kernel, to be called now: it runs at once, or later as a part of the chunk. */
  of(run: Kernel): Kernel;
  /** Performs what is not done yet: what comes next may read it. */
  settle(): void;
  /** The same, and all is done. */
  finish(): void;
}

/** A formula at so many numbers in a row, as `runRow` computes it. */
export interface FormulaRow {
  readonly rules: Rules;
  readonly size: number;
  readonly out: number;
  readonly addresses: readonly number[];
  readonly isUniform: readonly boolean[];
}

/** Who shares the memory of kernels. */
export interface Team {
  /** How many threads there are, with the one that asks. */
  readonly count: number;
  /** How so many operations are best done. */
  divide(operations: number, kind: Kind): Division;
  /** How a formula at so many numbers is. */
  divideFormula(rules: Rules, numbers: number): Division;
  /** Calls a function for each of several products of so many operations, some of them at a time; it is told what it is a part of, if it is. */
  each(count: number, operations: number, multiply: (i: number, within?: Division) => void): void;
  /** Computes a formula; false if that is not worth dividing. */
  row(run: Kernel, row: FormulaRow): boolean;
  /** Compiles a kernel, for all. */
  compile(bytes: Uint8Array<ArrayBuffer>): Kernel;
}

/** All in one piece, at once. */
export const ALONE: Division = {
  parts: (count) => [{ first: 0, count }],
  rectangles: (strips, panels) => [{ strip: { first: 0, count: strips }, panel: { first: 0, count: panels } }],
  chunk: () => {},
  of: (run) => run,
  settle: () => {},
  finish: () => {},
};
