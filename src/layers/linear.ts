import type { FloatDtype } from '../base/dtype.ts';
import { DtypeError, ShapeError } from '../base/errors.ts';
import { generatorOf, type Randomness } from '../base/random.ts';
import { formatShape, sameShape } from '../base/shape.ts';
import { Parameter } from '../tensor/parameter.ts';
import { checkTensor, Tensor } from '../tensor/tensor.ts';
import { type Initialization, initialize } from './initializers.ts';

/** How to make a linear layer. */
export interface LinearOptions extends Randomness {
  /** Whether there is a bias. There is unless told. */
  readonly bias?: boolean;
  /** What the weight starts from; U(±1/√inputs) unless told. The bias starts likewise for `'fanIn'`, else from 0. */
  readonly initialization?: Initialization;
  /** float32 unless told. */
  readonly dtype?: FloatDtype;
}

/**
 * `y = x · weight + bias`
 *
 * `x : [rows, inputs]`, `weight : [inputs, outputs]`, `bias : [outputs]`, `y : [rows, outputs]`. Weight and bias start as U(±1/√inputs).
 * @example new Linear(784, 300).forward(Tensor.zeros([64, 784])).shape // => [64, 300]
 */
export class Linear<In extends number = any, Out extends number = any> {
  readonly weight: Parameter<[In, Out]>;
  readonly bias: Parameter<[Out]> | undefined;

  constructor(inputs: In, outputs: Out, { bias = true, initialization = 'fanIn', dtype = 'float32', ...randomness }: LinearOptions = {}) {
    for (const size of [inputs, outputs]) {
      if (!(Number.isInteger(size) && size > 0))
        throw new ShapeError(`Linear: expected sizes that are whole numbers from 1, got ${inputs} inputs and ${outputs} outputs`);
    }
    const random = generatorOf(randomness);
    const weight = initialize(initialization, inputs, outputs, random, dtype);
    checkTensor('Linear', 'the initial weight', weight);
    if (weight.dtype !== dtype) throw new DtypeError(`Linear: expected an initial weight of ${dtype}, got ${weight.dtype}`);
    if (!sameShape(weight.shape, [inputs, outputs]))
      throw new ShapeError(
        `Linear: expected an initial weight of shape ${formatShape([inputs, outputs])}, got ${formatShape(weight.shape)}`,
      );
    const bound = initialization === 'fanIn' ? 1 / Math.sqrt(inputs) : 0;
    this.weight = new Parameter(weight);
    this.bias = bias ? new Parameter(Tensor.uniform([outputs], { low: -bound, high: bound, random, dtype })) : undefined;
  }

  forward<N extends number>(x: Tensor<readonly [N, In]>): Tensor<[N, Out]> {
    const product = (x as Tensor).matmul(this.weight);
    return this.bias ? product.add(this.bias) : product;
  }
}
