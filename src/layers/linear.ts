import type { FloatDtype } from '../base/dtype.ts';
import { DtypeError, ShapeError } from '../base/errors.ts';
import { anything, boolean, optional, quote, readOptions, withoutDefault } from '../base/options.ts';
import { generatorOf, type Randomness } from '../base/random.ts';
import type { Shape } from '../base/shape-types.ts';
import type { ElementwiseOp } from '../tensor/op.ts';
import { Parameter } from '../tensor/parameter.ts';
import { checkTensor, Tensor } from '../tensor/tensor.ts';
import { type Initialization, initialize } from './initializers.ts';
import { joinedLinear } from './joined.ts';
import type { HasWidth, WithWidth } from './widths.ts';

/** Options of `Linear`. */
export interface LinearOptions extends Randomness {
  /** Whether there is a bias. Default true. */
  readonly bias?: boolean;
  /** What the weight starts from. Default `'fanIn'`, U(±1/√inputs). The bias starts likewise for `'fanIn'`, else from 0. */
  readonly initialization?: Initialization;
  /** Default float32. */
  readonly dtype?: FloatDtype;
}

/**
 * `y = x · weight + bias`, along the last axis of `x`
 *
 * `x : […, inputs]` with any axes in front, or none; `weight : [inputs, outputs]`, `bias : [outputs]`, `y : […, outputs]`. All of one
 * dtype. Weight and bias start from U(±1/√inputs), drawn from the default generator unless a `seed` or a `random` is given.
 * @example new Linear(784, 300).forward(Tensor.zeros([64, 784])).shape // => [64, 300]
 * @example new Linear(16, 8).forward(Tensor.zeros([4, 7, 16])).shape // => [4, 7, 8]
 */
export class Linear<In extends number = any, Out extends number = any> {
  /** The width of the last axis of what it takes. */
  readonly inputs: In;
  /** The width of the last axis of what it gives. */
  readonly outputs: Out;
  readonly weight: Parameter<[In, Out]>;
  readonly bias: Parameter<[Out]> | undefined;

  /**
   * @throws ShapeError for sizes that are not whole numbers from 1; ValueError for options that are not known; what `initialization` may
   * cause.
   */
  constructor(inputs: In, outputs: Out, options?: LinearOptions) {
    for (const size of [inputs, outputs]) {
      if (!(Number.isInteger(size) && size > 0))
        throw new ShapeError(
          `Linear: expected sizes that are whole numbers from 1, got ${quote(inputs)} inputs and ${quote(outputs)} outputs`,
        );
    }
    const { bias, initialization, dtype } = readOptions('Linear', options, {
      bias: optional(boolean, true),
      initialization: optional(anything, 'fanIn'),
      dtype: optional(anything, 'float32'),
      random: withoutDefault(anything),
      seed: withoutDefault(anything),
    });
    if (dtype !== 'float32' && dtype !== 'float64')
      throw new DtypeError(`Linear: expected the dtype 'float32' or 'float64', got ${quote(dtype)}`);
    const random = generatorOf('Linear', options ?? {});
    this.inputs = inputs;
    this.outputs = outputs;
    this.weight = new Parameter(initialize('Linear', initialization, inputs, outputs, random, dtype));
    const bound = initialization === 'fanIn' ? 1 / Math.sqrt(inputs) : 0;
    this.bias = bias ? new Parameter(Tensor.uniform([outputs], { low: -bound, high: bound, random, dtype })) : undefined;
  }

  /** @throws ShapeError for another width, DtypeError for another dtype. */
  forward<S extends Shape>(x: Tensor<S> & HasWidth<S, In>): Tensor<WithWidth<S, Out>> {
    checkTensor('Linear', 'x', x);
    const joined = this.bias && joinedLinear(x, this.weight, this.bias);
    if (joined) return joined;
    const product = (x as Tensor).matmul(this.weight);
    return this.bias ? product.add(this.bias) : product;
  }

  /**
   * What an activation makes of what `forward` gives, in one kernel, where that is possible.
   * @internal
   */
  'tapegrad.forwardTo'(activation: ElementwiseOp<'x'>, x: Tensor): Tensor | undefined {
    return this.bias && isLinear(this.forward) ? joinedLinear(x, this.weight, this.bias, activation) : undefined;
  }
}

// Outside of the class: a class that names itself is renamed by bundlers, and consoles would print the other name.
const isLinear = (forward: unknown): boolean => forward === Linear.prototype.forward;
