/** What the batching functions of several operations share. The families that operations name are in `autograd/transforms/batching.ts`. */

import type { Batched } from './op.ts';

/**
 * An input with axes of size 1 behind that of the examples, so that `rank` axes follow it and broadcasting aligns them. An input that is
 * the same for each example aligns as it is.
 */
export const aligned = ({ x, batched }: Batched, rank: number): Batched['x'] =>
  batched && x.rank <= rank ? x.reshape([x.sizes[0]!, ...new Array<number>(rank + 1 - x.rank).fill(1), ...x.sizes.slice(1)]) : x;

/** An input with an axis for the examples in front: where it is the same for each, it is repeated. */
export const repeated = ({ x, batched }: Batched, count: number): Batched['x'] => (batched ? x : x.broadcastTo([count, ...x.sizes]));
