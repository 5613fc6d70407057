/** The identity that refuses numbers out of range: a check that is made for each example, whatever maps the function that asks for it. */

import { convert } from '../../base/dtype.ts';
import { ValueError } from '../../base/errors.ts';
import { formatShape } from '../../base/shape.ts';
import type { Op } from '../../tensor/op.ts';
import { perform, type Tensor } from '../../tensor/tensor.ts';

/** The function that was called, what its numbers are, and the bounds, both included. */
interface Limits {
  readonly by: string;
  readonly what: string;
  readonly from: number;
  readonly to: number;
}

/** `x` itself, of which no number may be out of range. NaN passes: it shows in the result. */
export const inRangeOp: Op<'x', Limits> = {
  name: 'inRange',
  batching: ({ inputs: { x }, perform }) => perform({ x: x.x }),
  dtypes: 'any',
  shape: ({ x }) => x.sizes,
  forward({ x, by, what, from, to }) {
    const place = x.numbers.findIndex((n) => n < from || n > to);
    if (place >= 0)
      throw new ValueError(
        `${by}: expected ${what} from ${from}${to < Infinity ? ` to ${to}` : ''}, got ${x.numbers[place]} at place ${place} of ${formatShape(x.sizes)}`,
      );
    return convert(by, x.numbers, x.dtype);
  },
  backward: { x: ({ dy }) => dy },
  sample: (draw) => ({ x: draw.tensor([draw.size(), draw.size()]), by: 'sample', what: 'numbers', from: -Infinity, to: Infinity }),
};

/**
 * `x` itself, of which no number may be out of range.
 * @param by the function that is named in the error, beside what the numbers are
 */
export const inRange = (by: string, what: string, x: Tensor, from: number, to = Infinity): Tensor =>
  perform(inRangeOp, { x }, { by, what, from, to });
