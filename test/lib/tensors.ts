/** Short ways to write tensors, and to see what was recorded. */

import { Tape, Tensor } from '../../src/index.ts';

/** A float64 tensor of a number or nested arrays. */
export const float64 = (values: any): Tensor => Tensor.of(values, 'float64');

/** An int32 tensor of a number or nested arrays. */
export const int32 = (values: any): Tensor => Tensor.of(values, 'int32');

/** The float32 numbers 0, 1, 2, … in a shape. */
export const counted = (...shape: number[]): Tensor => Tensor.arange(shape.reduce((a, b) => a * b, 1)).reshape(shape);

/** The names of the operations that a function performs. */
export function operationsOf(f: () => unknown): string[] {
  const tape = new Tape();
  tape.record(f);
  return tape.entries.map(({ op }) => op.name);
}
