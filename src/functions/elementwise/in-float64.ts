/** Operations on each element whose values are computed in float64, whatever the dtype, and rounded once. */

import { convert, type Data, type FloatData, type FloatDtype } from '../../base/dtype.ts';
import type { Formula } from '../../formula/formula.ts';
import type { Machine } from '../../machine/machine.ts';
import type { Tensor } from '../../tensor/tensor.ts';

/** The numbers of a tensor in float64. */
export const wide = (x: Tensor): Float64Array =>
  (x.dtype === 'float64' ? x.numbers : convert('wide', x.numbers, 'float64')) as Float64Array;

/** Numbers of float64 in the dtype of a tensor. */
export const rounded = (numbers: Data, { dtype }: Tensor): Data => (dtype === 'float64' ? numbers : convert('rounded', numbers, dtype));

/** A formula of each of some numbers. */
export const mapped = (rule: (dtype: FloatDtype) => Formula, numbers: Float64Array, machine: Machine): FloatData =>
  machine.map(rule('float64'), [numbers.length], [{ sizes: [numbers.length], data: numbers }]);
