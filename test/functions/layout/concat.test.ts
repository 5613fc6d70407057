/** Tensors joined along an axis. */

import { expect, test } from 'vitest';
import * as tapegrad from '../../../src/index.ts';
import { refuses } from '../../lib/refuses.ts';
import { counted } from '../../lib/tensors.ts';

refuses('%s is refused', [
  ['concat of other ranks', () => tapegrad.concat([counted(2, 3), counted(2)], 1), /^concat: tensor 1 of shape \[2\] does not follow/],
  ['concat of other ranks, the first being less', () => tapegrad.concat([counted(2), counted(2, 3)]), /^concat: tensor 1 of shape/],
  [
    'concat of two tensors',
    () => tapegrad.concat(counted(2) as never, counted(2) as never),
    /^concat: expected a list of tensors, concat\(\[a, b\]\), got a tensor of shape \[2\]/,
  ],
  ['stack of nothing', () => tapegrad.stack([]), /^stack: expected at least one tensor, got none/],
  ['stack of an array', () => tapegrad.stack([[1] as never]), /^stack: expected a tensor for part 0, got an array/],
  [
    'stack of two dtypes',
    () => tapegrad.stack([counted(2), counted(2).cast('float64')]),
    /^stack: expected tensors of one dtype, got float32/,
  ],
  ['concat along an axis that is not there', () => tapegrad.concat([counted(2)], 1), /^concat: there is no axis 1/],
  ['concat along text', () => tapegrad.concat([counted(2)], '0' as never), /^concat: there is no axis '0'/],
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
