/** How an operation of a tape is written as nodes of ONNX. */

import type { FloatDtype } from '../../base/dtype.ts';
import { ValueError } from '../../base/errors.ts';
import type { Formula } from '../../formula/formula.ts';
import { readFormula } from './formulas.ts';
import type { Graph, Value } from './graph-builder.ts';
import type { Kind } from './model-message.ts';
import type { Size } from './sizes.ts';

/** One operation of a tape. */
export interface Call {
  readonly graph: Graph;
  /** Its inputs, by name. */
  readonly inputs: Readonly<Record<string, Value>>;
  /** Its attributes; numbers of them that change with the batch are `Free`. */
  readonly attributes: Readonly<Record<string, unknown>>;
  /** The shape of its result. */
  readonly sizes: readonly Size[];
  readonly kind: Kind;
}

/** Writes an operation, and returns the name of its result. */
export type Writer = (call: Call) => string;

/** Sizes and other numbers that must not change with the batch. */
export function fixed(what: string, sizes: unknown): readonly number[] {
  const list = sizes as readonly Size[];
  if (list.every((size) => typeof size === 'number')) return list;
  throw new ValueError(`its ${what} ${list.length > 1 ? 'change' : 'changes'} with the size of the batch`);
}

/** One such number. */
export const one = (what: string, size: unknown): number => fixed(what, [size])[0]!;

/** Whole axes from 0 on. */
export const axesFrom = (first: number, count: number): number[] => Array.from({ length: count }, (_, i) => first + i);

/** Writes a formula of some values, which are floats of the same kind. */
export const map = (graph: Graph, rule: (dtype: FloatDtype) => Formula, kind: Kind, ...inputs: readonly string[]): string =>
  readFormula(graph, rule(kind as FloatDtype), inputs, undefined);
