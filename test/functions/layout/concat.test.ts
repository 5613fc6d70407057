/** Tensors joined along an axis. */

import { expect, test } from 'vitest';
import * as tapegrad from '../../../src/index.ts';
import { refuses } from '../../lib/refuses.ts';
import { counted } from '../../lib/tensors.ts';

refuses('%s is refused', [
  ['concat of other ranks', () => tapegrad.concat([counted(2, 3), counted(2)], 1), /^concat: tensor 1 of shape \[2\] does not follow/],
  ['concat of other ranks, the first being less', () => tapegrad.concat([counted(2), counted(2, 3)]), /^concat: tensor 1 of shape/],
]);

test('the sweep gives each part its own piece of the gradient, and reads the sizes of the parts once for all of them', () => {
  const { concat, Parameter, Tape, Tensor } = tapegrad;
  const parts = Array.from({ length: 300 }, (_, i) => new Parameter(Tensor.zeros([i % 4, 2])));
  const tape = new Tape();
  const joined = tape.record(() => concat(parts));
  const slope = Tensor.arange(joined.size).reshape(joined.shape);
  let reads = 0;
  for (const part of parts) {
    const { shape } = part;
    const get = () => {
      reads++;
      return shape;
    };
    Object.defineProperty(part, 'shape', { get });
  }
  const gradients = tape.backward(joined, { gradient: slope });
  let start = 0;
  for (const part of parts) {
    const rows = part.shape[0]!;
    expect(gradients.get(part).toArray()).toEqual(slope.slice([[start, start + rows]]).toArray());
    start += rows;
  }
  expect(reads).toBeLessThan(300 * 20);
});
