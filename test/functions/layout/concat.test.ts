/** Tensors joined along an axis. */

import * as tapegrad from '../../../src/index.ts';
import { refuses } from '../../lib/refuses.ts';
import { counted } from '../../lib/tensors.ts';

refuses('%s is refused', [
  ['concat of other ranks', () => tapegrad.concat([counted(2, 3), counted(2)], 1), /^concat: tensor 1 of shape \[2\] does not follow/],
  ['concat of other ranks, the first being less', () => tapegrad.concat([counted(2), counted(2, 3)]), /^concat: tensor 1 of shape/],
]);
