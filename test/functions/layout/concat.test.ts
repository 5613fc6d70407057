/** Tensors joined along an axis. */

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
