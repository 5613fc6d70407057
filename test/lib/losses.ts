/** Predictions and targets of three examples, and what a loss of them is by its definition. */

import { expect } from 'vitest';
import type { Tensor } from '../../src/index.ts';
import { float64 } from './tensors.ts';

export const x = float64([1, -2, 0.5]);
export const y = float64([0.5, 1, 3]);
export const none = { reduction: 'none' } as const;

/** The definition of a loss at each of the examples, to twelve digits. */
export const each = (definition: (...numbers: number[]) => number, ...parts: Tensor[]): unknown[] =>
  [0, 1, 2].map((i) => expect.closeTo(definition(...parts.map(({ data }) => data[i]!)), 12));
