/** Layers with a weight that is computed from what is learned. Each holds another layer, which is called with that weight in place of its own. */

import { ValueError } from '../base/errors.ts';
import {
  anything,
  extend,
  numberAbove,
  type OptionTable,
  optional,
  quote,
  type Requirement,
  readOptions,
  wholeNumber,
  wholeNumberFrom,
  withoutDefault,
} from '../base/options.ts';
import { generatorOf, type Randomness } from '../base/random.ts';
import { lengthsOf, outputAxis, rowsByOutput, type SpectralVectors, spectralNorm, weightNorm } from '../functions/nn/reparametrization.ts';
import { Buffer } from '../tensor/buffer.ts';
import { Parameter } from '../tensor/parameter.ts';
import { unrecorded } from '../tensor/recorders.ts';
import { Tensor } from '../tensor/tensor.ts';
import { isTraining } from '../tensor/training-scope.ts';

/** A layer that has a weight among its parameters. */
export interface WeightedLayer {
  forward(...given: any[]): any;
}

/** Options of `WeightNorm`. */
export interface WeightNormLayerOptions {
  /** Which parameter of the layer it is. Default `'weight'`. */
  readonly parameter?: string;
  /** The axis of the outputs. Default the last of a matrix, else the first. */
  readonly axis?: number;
}

/** Options of `SpectralNorm`. */
export interface SpectralNormLayerOptions extends WeightNormLayerOptions, Randomness {
  /** How many steps of the power iteration a step of training makes. Default 1. */
  readonly iterations?: number;
  /** What lengths of vectors are at least, when they are divided by. Default 1e-12. */
  readonly epsilon?: number;
}

const text: Requirement = { words: 'the name of a parameter', holds: (x) => typeof x === 'string' };
const weightNormOptions: OptionTable<WeightNormLayerOptions> = {
  parameter: /* @__PURE__ */ optional(text, 'weight'),
  axis: /* @__PURE__ */ withoutDefault(wholeNumber),
};
const spectralNormOptions: OptionTable<SpectralNormLayerOptions> = /* @__PURE__ */ extend(weightNormOptions, {
  iterations: /* @__PURE__ */ optional(/* @__PURE__ */ wholeNumberFrom(1), 1),
  epsilon: /* @__PURE__ */ optional(/* @__PURE__ */ numberAbove(0), 1e-12),
  random: /* @__PURE__ */ withoutDefault(anything),
  seed: /* @__PURE__ */ withoutDefault(anything),
});

/** The parameter of a layer by its name. */
function parameterOf(where: string, layer: WeightedLayer, name: string): Parameter {
  if (typeof (layer as Partial<WeightedLayer> | null | undefined)?.forward !== 'function')
    throw new ValueError(`${where}: expected a layer, with a forward method, got ${quote(layer)}`);
  const property = Object.getOwnPropertyDescriptor(layer, name);
  if (property?.value instanceof Parameter && property.writable) return property.value;
  throw new ValueError(`${where}: expected a layer with a parameter ${quote(name)} in a property of its own, got ${quote(layer)}`);
}

/** Calls a layer that has another weight as long as the call lasts. */
function withWeight<T>(layer: object, name: string, weight: Tensor, f: () => T): T {
  const held = layer as Record<string, Tensor>;
  const own = held[name]!;
  held[name] = weight;
  try {
    return f();
  } finally {
    held[name] = own;
  }
}

/**
 * A layer whose weight has a direction and, for each output, a length, both learned: `w = magnitude · v / ‖v‖` (Salimans and Kingma 2016).
 *
 * `v` is the layer's own parameter, and `magnitude : [outputs]` starts from its lengths, so that at first the layer computes what it did.
 * @example
 * const layer = new WeightNorm(new Linear(3, 2));
 * layer.forward(Tensor.zeros([5, 3])).shape // => [5, 2]
 * Object.keys(stateDict(layer)) // => ['layer.weight', 'layer.bias', 'magnitude']
 */
export class WeightNorm<L extends WeightedLayer = WeightedLayer> {
  readonly layer: L;
  readonly magnitude: Parameter;
  readonly parameter: string;
  readonly axis: number;

  /** @throws ValueError for what is no layer with such a parameter, ShapeError for one without inputs or with no such axis. */
  constructor(layer: L, options?: WeightNormLayerOptions) {
    const { parameter, axis } = readOptions<WeightNormLayerOptions>('WeightNorm', options, weightNormOptions);
    const direction = parameterOf('WeightNorm', layer, parameter!);
    this.layer = layer;
    this.parameter = parameter!;
    this.axis = outputAxis('WeightNorm', direction, axis);
    const lengths = unrecorded(() => lengthsOf(direction, this.axis));
    this.magnitude = new Parameter(lengths.reshape([lengths.size]) as Tensor);
  }

  /** The weight that the layer is called with. */
  get weight(): Tensor {
    return weightNorm(parameterOf('WeightNorm', this.layer, this.parameter), this.magnitude, { axis: this.axis });
  }

  /** What the layer gives. */
  forward(...given: Parameters<L['forward']>): ReturnType<L['forward']> {
    return withWeight(this.layer, this.parameter, this.weight, () => this.layer.forward(...given));
  }
}

/**
 * A layer whose weight is divided by its largest singular value, so that it stretches nothing: `w / σ` (Miyato et al. 2018).
 *
 * `σ` comes from a power iteration, of which training makes one step each time, and whose vectors are buffers: they are saved, but not trained.
 * They start from 15 steps, from normal numbers. In evaluation they stay as they are.
 * @example
 * const layer = new SpectralNorm(new Linear(3, 2));
 * layer.forward(Tensor.zeros([5, 3])).shape // => [5, 2]
 * Object.keys(stateDict(layer)) // => ['layer.weight', 'layer.bias', 'left', 'right']
 */
export class SpectralNorm<L extends WeightedLayer = WeightedLayer> {
  readonly layer: L;
  readonly left: Buffer;
  readonly right: Buffer;
  readonly parameter: string;
  readonly axis: number;
  readonly iterations: number;
  readonly epsilon: number;

  /** @throws ValueError for what is no layer with such a parameter, ShapeError for one without inputs or with no such axis. */
  constructor(layer: L, options?: SpectralNormLayerOptions) {
    const read = readOptions<SpectralNormLayerOptions>('SpectralNorm', options, spectralNormOptions) as Required<SpectralNormLayerOptions>;
    const weight = parameterOf('SpectralNorm', layer, read.parameter);
    const random = generatorOf('SpectralNorm', options ?? {});
    this.layer = layer;
    this.parameter = read.parameter;
    this.axis = outputAxis('SpectralNorm', weight, read.axis);
    this.iterations = read.iterations;
    this.epsilon = read.epsilon;
    const { left, right } = unrecorded(() => {
      const [outputs, others] = rowsByOutput(weight, this.axis).sizes as [number, number];
      const drawn = (size: number) => Tensor.normal([size], { random, dtype: weight.dtype }) as Tensor;
      return this.#normed(weight, { left: drawn(outputs), right: drawn(others) }, 15);
    });
    this.left = new Buffer(left);
    this.right = new Buffer(right);
  }

  /** The weight that the layer is called with in evaluation. */
  get weight(): Tensor {
    return this.#now(0).weight;
  }

  /** What the layer gives. */
  forward(...given: Parameters<L['forward']>): ReturnType<L['forward']> {
    const { weight, left, right } = this.#now(isTraining() && !this.left.frozen ? this.iterations : 0);
    if (isTraining()) {
      this.left.replace(left);
      this.right.replace(right);
    }
    return withWeight(this.layer, this.parameter, weight, () => this.layer.forward(...given));
  }

  /** The weight and the vectors after some more steps. */
  #now(iterations: number) {
    const weight = parameterOf('SpectralNorm', this.layer, this.parameter);
    return this.#normed(weight, { left: this.left.value, right: this.right.value }, iterations);
  }

  #normed(weight: Tensor, vectors: SpectralVectors, iterations: number) {
    return spectralNorm(weight, vectors, { axis: this.axis, iterations, epsilon: this.epsilon });
  }
}
