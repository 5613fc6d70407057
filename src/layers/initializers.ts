import type { FloatDtype } from '../base/dtype.ts';
import { ValueError } from '../base/errors.ts';
import type { Random } from '../base/random.ts';
import { Tensor } from '../tensor/tensor.ts';

/** What a weight of `inputs × outputs` starts from. U(±b) is uniform between −b and b; N(0, s) normal with standard deviation s. */
export type Initialization = keyof typeof rules | ((inputs: number, outputs: number, random: Random, dtype: FloatDtype) => Tensor);

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

/** Draws a weight `[inputs, outputs]`. */
export function initialize(initialization: Initialization, inputs: number, outputs: number, random: Random, dtype: FloatDtype): Tensor {
  if (typeof initialization === 'function') return initialization(inputs, outputs, random, dtype);
  if (!Object.hasOwn(rules, initialization)) {
    throw new ValueError(
      `Linear: expected an initialization, one of ${Object.keys(rules).join(', ')}, or a function, got ${JSON.stringify(initialization)}`,
    );
  }
  const range = rules[initialization](inputs, outputs);
  const options = { random, dtype, ...range };
  return 'low' in range ? Tensor.uniform([inputs, outputs], options) : Tensor.normal([inputs, outputs], options);
}
