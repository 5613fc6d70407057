/** Predicted and true classes of some rows. */

import fc from 'fast-check';
import { Tensor } from '../../src/index.ts';

export const CLASSES = 4;
export const labels = (values: number[]) => Tensor.of(values, 'int32') as Tensor;
export const judged = fc.array(fc.tuple(fc.nat({ max: CLASSES - 1 }), fc.nat({ max: CLASSES - 1 })), { minLength: 1, maxLength: 40 });
