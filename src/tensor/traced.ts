/** Tensors that stand for others, on which a trace performs all operations. Their own numbers are not at hand. */

import type { Data, FloatData, FloatDtype } from '../base/dtype.ts';
import { TapeError } from '../base/errors.ts';
import type { Storage } from '../machine/storage.ts';
import { innerOf, type Trace } from './recorders.ts';
import type { Tensor } from './tensor.ts';

/** Thrown where the numbers of a tensor are asked for that stands for many. */
export class HiddenNumbers extends TapeError {}

/** The storage of a tensor that stands for another: for one example of `x`, say. */
export class Traced implements Storage {
  readonly lazy = false;
  readonly dtype: FloatDtype;

  constructor(
    readonly trace: Trace,
    readonly x: Tensor,
  ) {
    this.dtype = x.dtype as FloatDtype;
  }

  read(): FloatData {
    return this.trace.read(this.x);
  }
}

/** The trace that made a tensor, if any did. */
export const traceOf = ({ storage }: Tensor): Trace | undefined => (storage instanceof Traced ? storage.trace : undefined);

/** The innermost trace among those that made some tensors. */
export function innermostOf(xs: readonly Tensor[]): Trace | undefined {
  let found: Trace | undefined;
  for (const x of xs) {
    const trace = traceOf(x);
    if (trace) found = innerOf(found, trace);
  }
  return found;
}

/** The tensor that one stands for in the end, with an axis in front for each `vmap`; a tensor that stands for none is itself. */
export function wholeOf(x: Tensor): Tensor {
  let whole = x;
  while (whole.storage instanceof Traced) whole = whole.storage.x;
  return whole;
}

/** The numbers of a tensor, of all examples of it: for checks that look at each number by itself. */
export const numbersOf = (x: Tensor): Data => wholeOf(x).numbers;
