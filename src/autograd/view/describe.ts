/** What a page shows of a tensor's numbers, and the value that each gradient belongs to. */

import { censusOf } from '../../base/census.ts';
import { TapeError } from '../../base/errors.ts';
import { quote } from '../../base/options.ts';
import { print } from '../../base/print.ts';
import { formatShape, sameShape } from '../../base/shape.ts';
import { Parameter } from '../../tensor/parameter.ts';
import { checkTensor, type Tensor } from '../../tensor/tensor.ts';
import { isReleased } from '../entries.ts';
import type { Tape } from '../tape.ts';

/** What is shown of a tensor. */
export interface Description {
  readonly rows: readonly (readonly [string, string])[];
  readonly numbers: string;
  /** Whether any number is NaN or infinite. */
  readonly broken: boolean;
}

/** Up to `ALL` numbers are shown in full; of more, the first `FEW`. */
const ALL = 100;
const FEW = 8;

export function describe({ shape, dtype, data }: Tensor): Description {
  const { nan, infinite, min, max, sum } = censusOf(data);
  const finite = data.length - nan - infinite;
  const shortly = (x: number) => (finite > 0 ? String(Number(x.toPrecision(6))) : 'none');
  const rows: [string, string][] = [
    ['min', shortly(min)],
    ['mean', shortly(sum / finite)],
    ['max', shortly(max)],
    ['NaN', String(nan)],
    ['±∞', String(infinite)],
  ];
  const whole = data.length <= ALL;
  // Without the heading that `print` gives: shape and dtype are shown elsewhere.
  const text = print('', whole ? shape : [FEW], dtype, whole ? data : data.subarray(0, FEW)).replace(/^.*?\](?=\s)\s/, '');
  return { rows, numbers: whole ? text : text.replace(/\]$/, `, … ${data.length - FEW} more]`), broken: finite < data.length };
}

/**
 * The gradients by the id of the value they belong to, and how many belong to none. A tape that was swept has no tensors any more, but it
 * has the paths of parameters.
 */
export function placeGradients(tape: Tape, gradients: Iterable<readonly [Tensor, Tensor]>): { placed: Map<number, Tensor>; lost: number } {
  const placed = new Map<number, Tensor>();
  let lost = 0;
  const swept = isReleased(tape);
  for (const pair of gradients) {
    if (!Array.isArray(pair)) throw new TapeError(`toHTML: expected pairs of a tensor and its gradient, got ${quote(pair)}`);
    const [x, gradient] = pair as readonly [Tensor, Tensor];
    checkTensor('toHTML', 'a tensor that has a gradient', x);
    checkTensor('toHTML', 'a gradient', gradient);
    const found = [...tape.values.keys()].filter((id) => {
      const { tensor, shape, name, version } = tape.values[id]!;
      if (!swept) return tensor === x;
      return version !== undefined && name !== undefined && x instanceof Parameter && x.path === name && sameShape(x.shape, shape);
    });
    if (found.length === 0 && !swept)
      throw new TapeError(
        `toHTML: expected gradients of what the tape saw, got one of a tensor of shape ${formatShape(x.shape)} that it never saw`,
      );
    if (found.length === 1 || !swept) for (const id of found) placed.set(id, gradient);
    else lost++;
  }
  return { placed, lost };
}
