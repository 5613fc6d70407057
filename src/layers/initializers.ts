import type { FloatDtype } from '../base/dtype.ts';
import { DtypeError, ShapeError, ValueError } from '../base/errors.ts';
import { quote } from '../base/options.ts';
import type { Random } from '../base/random.ts';
import { formatShape, sameShape } from '../base/shape.ts';
import type { Shape } from '../base/shape-types.ts';
import { checkTensor, Tensor } from '../tensor/tensor.ts';

/**
 * What a weight starts from: a rule by name, or a function that makes tensors, such as `Tensor.normal` or `orthogonal`. U(±b) is uniform
 * between −b and b; N(0, s) normal with standard deviation s.
 */
export type Initialization =
  | keyof typeof rules
  | ((shape: Shape, options: { readonly random: Random; readonly dtype: FloatDtype }) => Tensor);

const uniform = (bound: number) => ({ low: -bound, high: bound });
const normal = (standardDeviation: number) => ({ standardDeviation });

const rules = {
  /** U(±1/√inputs): PyTorch's choice for its linear layers. */
  fanIn: (inputs: number) => uniform(1 / Math.sqrt(inputs)),
  /** U(±√(6 / (inputs + outputs))): Glorot & Bengio 2010, equation 16. */
  xavierUniform: (inputs: number, outputs: number) => uniform(Math.sqrt(6 / (inputs + outputs))),
  /** N(0, √(2 / (inputs + outputs))): Glorot & Bengio 2010, equation 12. */
  xavierNormal: (inputs: number, outputs: number) => normal(Math.sqrt(2 / (inputs + outputs))),
  /** U(±√(6 / inputs)): He et al. 2015, equation 10, for layers that a ReLU follows. */
  kaimingUniform: (inputs: number) => uniform(Math.sqrt(6 / inputs)),
  /** N(0, √(2 / inputs)): He et al. 2015, equation 10, for layers that a ReLU follows. */
  kaimingNormal: (inputs: number) => normal(Math.sqrt(2 / inputs)),
  /** N(0, 1), whatever the sizes: what textbooks show, and too wide for any but the smallest layers. */
  standardNormal: () => normal(1),
  /** All 0. */
  zeros: () => uniform(0),
};

/**
 * Draws a weight for a layer.
 * @param where the layer, for errors
 * @param shape default `[inputs, outputs]`
 * @throws ValueError for an initialization that is not known; ShapeError and DtypeError where a function gives another weight.
 */
export function initialize(
  where: string,
  initialization: Initialization,
  inputs: number,
  outputs: number,
  random: Random,
  dtype: FloatDtype,
  shape: Shape = [inputs, outputs],
): Tensor {
  if (typeof initialization !== 'function') {
    if (!Object.hasOwn(rules, initialization))
      throw new ValueError(
        `${where}: expected an initialization, one of ${Object.keys(rules).join(', ')}, or a function, got ${quote(initialization)}`,
      );
    const range = rules[initialization](inputs, outputs);
    const options = { random, dtype, ...range };
    return 'low' in range ? Tensor.uniform(shape, options) : Tensor.normal(shape, options);
  }
  const weight = initialization(shape, { random, dtype });
  checkTensor(where, 'the initial weight', weight);
  if (weight.dtype !== dtype) throw new DtypeError(`${where}: expected an initial weight of ${dtype}, got ${weight.dtype}`);
  if (!sameShape(weight.shape, shape))
    throw new ShapeError(`${where}: expected an initial weight of shape ${formatShape(shape)}, got ${formatShape(weight.shape)}`);
  return weight;
}
