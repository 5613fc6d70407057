/** What an operation may say of many examples at once. `vmap` does what it says. */

import type { Shape } from '../base/shape-types.ts';
import type { Op } from './op.ts';
import type { Tensor } from './tensor.ts';

/** An input for many examples at once: with an axis for them in front, unless it is the same for each. */
export interface Batched {
  readonly x: Tensor;
  readonly batched: boolean;
}

/** An operation and its inputs for many examples, of which one differs at least. */
export interface BatchedCall<In extends string = string, Attributes = object> {
  readonly op: Op<In, Attributes>;
  readonly inputs: { readonly [name in In]: Batched };
  readonly attributes: Attributes;
  /** The shape of the result for one example. */
  readonly shape: Shape;
  /** How many examples there are. */
  readonly count: number;
}

/**
 * What makes of an operation on one example one on many: a function that performs it, with the examples first in what it gives; or the family that it
 * belongs to.
 *
 * - `axes`: attributes named `axis` and `axes` count axes; `to`, `sizes`, `starts` and `steps` have an element for each. All move up by one.
 * - `matrices`: its inputs are the last axes; those before align as in broadcasting.
 * - `rows`: what lies along the first axis of every input is done alike, each by itself, so examples are more of it.
 *
 * Further names are those of single operations of the project's.
 */
export type Batching<In extends string = string, Attributes = object> =
  | 'axes'
  | 'matrices'
  | 'rows'
  | 'product'
  | 'broadcastTo'
  | 'sumTo'
  | 'permute'
  | 'indexSelect'
  | 'indexAdd'
  | ((batch: BatchedCall<In, Attributes>) => Tensor);
