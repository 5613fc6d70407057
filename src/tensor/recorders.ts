/** Those who want to hear of every operation as it happens. Usually nobody; a tape while it is open. */

import type { Op } from './op.ts';
import type { Tensor } from './tensor.ts';

/** Hears of `output = op(inputs, attributes)`. */
export type Recorder = (op: Op<any, any>, inputs: Readonly<Record<string, Tensor>>, attributes: object, output: Tensor) => void;

/** The innermost last: recordings end in the order opposite to that in which they began. */
export const recorders: Recorder[] = [];

/** Calls a function whose operations nobody hears of. */
export function unrecorded<T>(f: () => T): T {
  const held = recorders.splice(0);
  try {
    return f();
  } finally {
    recorders.push(...held);
  }
}
