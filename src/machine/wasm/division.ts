/** Work of kernels that several threads may do together, if a program asked for some: what is said here does not know who they are. */

import type { Kernel } from './assembler.ts';

/** What is divided: each kind has an own measure of whether that pays. */
export const KINDS = ['packing', 'product', 'update', 'windows', 'formula'] as const;
export type Kind = (typeof KINDS)[number];

/**
 * Calls of kernels in chunks, none of which reads what another writes or writes what another reads: so they may be performed in any order and by anybody.
 * No sum is ever divided; what is computed does not depend on who does it.
 */
export interface Division {
  /** How many chunks are best. */
  readonly pieces: number;
  /** Begins a chunk; what is called in it is performed in that order. */
  chunk(): void;
  /** A kernel, to be called now: it runs at once, or later as a part of the chunk. */
  of(run: Kernel): Kernel;
  /** Performs what is not done yet. */
  finish(): void;
}

/** Who shares the memory of kernels. */
export interface Team {
  /** How many threads there are, with the one that asks. */
  readonly count: number;
  /** Fewer operations are never divided. */
  readonly least: number;
  /** How so many operations are best done. */
  divide(operations: number, kind: Kind): Division;
  /** Compiles a kernel, for all. */
  compile(bytes: Uint8Array<ArrayBuffer>): Kernel;
}

/** All in one piece, at once. */
export const ALONE: Division = { pieces: 1, chunk: () => {}, of: (run) => run, finish: () => {} };

/** As a part of the chunk that has begun. */
export const withinChunk = (division: Division): Division => ({ ...ALONE, of: (run) => division.of(run) });

/** A part of a row of things: where it begins, and how many it has. */
export interface Part {
  readonly first: number;
  readonly count: number;
}

/** So many things in so many parts of about one size, each a multiple of `step` but the last. */
export function partsOf(count: number, pieces: number, step = 1): readonly Part[] {
  if (pieces <= 1) return [{ first: 0, count }];
  const size = step * Math.max(1, Math.ceil(count / step / pieces));
  return Array.from({ length: Math.ceil(count / size) }, (_, i) => ({ first: i * size, count: Math.min(size, count - i * size) }));
}
