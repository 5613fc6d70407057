/** Weights that are computed from what is learned: from a direction and lengths, or by their largest singular value. */

import { ShapeError } from '../../base/errors.ts';
import { numberAbove, type OptionTable, optional, readOptions, wholeNumber, wholeNumberFrom, withoutDefault } from '../../base/options.ts';
import { formatShape, normalizeAxis } from '../../base/shape.ts';
import { checkFloats, checkTensor, type Tensor } from '../../tensor/tensor.ts';
import { stopGradient } from '../elementwise/stop-gradient.ts';
import { moveAxis } from '../layout/rearrange.ts';
import { norm } from '../sums/norm.ts';

/** Options of `weightNorm`. */
export interface WeightNormOptions {
  /** The axis of the outputs: there is a length for each. Default the last of a matrix, else the first, that of a convolution's outputs. */
  readonly axis?: number;
}

/** Options of `spectralNorm`. */
export interface SpectralNormOptions extends WeightNormOptions {
  /** How many steps of the power iteration there are. Default 1. */
  readonly iterations?: number;
  /** What lengths of vectors are at least, when they are divided by. Default 1e-12. */
  readonly epsilon?: number;
}

/** Singular vectors, or what comes near: `left` of the size of the axis of the outputs, `right` of the size of all others. */
export interface SpectralVectors {
  readonly left: Tensor;
  readonly right: Tensor;
}

export const weightNormOptions: OptionTable<WeightNormOptions> = { axis: /* @__PURE__ */ withoutDefault(wholeNumber) };
const spectralNormOptions: OptionTable<SpectralNormOptions> = {
  axis: /* @__PURE__ */ withoutDefault(wholeNumber),
  iterations: /* @__PURE__ */ optional(/* @__PURE__ */ wholeNumberFrom(0), 1),
  epsilon: /* @__PURE__ */ optional(/* @__PURE__ */ numberAbove(0), 1e-12),
};

/** The axis of the outputs of a weight. */
export function outputAxis(where: string, weight: Tensor, axis: number | undefined): number {
  checkFloats(where, weight, 'the weight');
  if (weight.rank < 2) throw new ShapeError(`${where}: expected a weight of at least two axes, got ${formatShape(weight.sizes)}`);
  return normalizeAxis(where, axis ?? (weight.rank === 2 ? 1 : 0), weight.sizes);
}

/** The lengths of the parts of a weight, one for each output, with axes of size 1. */
export const lengthsOf = (weight: Tensor, axis: number): Tensor =>
  norm(
    weight,
    [...weight.sizes.keys()].filter((other) => other !== axis),
    { keepDims: true },
  );

/**
 * A weight from a direction and a length for each output: `w = magnitude · direction / ‖direction‖` (Salimans and Kingma 2016).
 * @param magnitude `[outputs]`
 * @param options `axis`, that of the outputs, default the last of a matrix, else the first
 * @throws ShapeError, DtypeError for what does not fit.
 * @example weightNorm(Tensor.of([[3], [4]]), Tensor.of([10])).toArray() // => [[6], [8]]
 */
export function weightNorm(direction: Tensor, magnitude: Tensor, options?: WeightNormOptions): Tensor {
  const axis = outputAxis('weightNorm', direction, readOptions<WeightNormOptions>('weightNorm', options, weightNormOptions).axis);
  checkTensor('weightNorm', 'magnitude', magnitude);
  const outputs = direction.sizes[axis]!;
  if (magnitude.rank !== 1 || magnitude.size !== outputs)
    throw new ShapeError(`weightNorm: expected a magnitude of shape [${outputs}], got ${formatShape(magnitude.sizes)}`);
  const lengths = lengthsOf(direction, axis);
  return direction.mul(magnitude.reshape(lengths.sizes).div(lengths));
}

/** A weight as a matrix with a row for each output. */
export const rowsByOutput = (weight: Tensor, axis: number): Tensor => {
  const outputs = weight.sizes[axis]!;
  return moveAxis(weight, axis, 0).reshape([outputs, outputs === 0 ? 0 : weight.size / outputs]);
};

/**
 * A weight divided by its largest singular value, `w / σ` with `σ = leftᵀ w right`, where the vectors come nearer to the singular ones by each
 * step of a power iteration: `left ← w right / ‖w right‖`, `right ← wᵀ left / ‖wᵀ left‖` (Miyato et al. 2018). No gradient goes through the
 * vectors.
 * @param vectors those of the last step, for a start
 * @param options `axis`, that of the outputs, default the last of a matrix, else the first; `iterations`, default 1; `epsilon`, what lengths are
 *   at least, default 1e-12
 * @returns the weight, and the vectors to start from next time
 * @throws ShapeError, DtypeError for what does not fit.
 * @example
 * const vectors = { left: Tensor.of([1, 0]), right: Tensor.of([1, 0]) };
 * spectralNorm(Tensor.of([[4, 0], [0, 2]]), vectors).weight.toArray() // => [[1, 0], [0, 0.5]]
 */
export function spectralNorm(
  weight: Tensor,
  vectors: SpectralVectors,
  options?: SpectralNormOptions,
): { readonly weight: Tensor } & SpectralVectors {
  const read = readOptions<SpectralNormOptions>('spectralNorm', options, spectralNormOptions) as Required<SpectralNormOptions>;
  const matrix = rowsByOutput(weight, outputAxis('spectralNorm', weight, read.axis));
  let { left, right } = checkedVectors(vectors, matrix);
  const still = stopGradient(matrix);
  const unit = (x: Tensor) => x.div(norm(x).maximum(read.epsilon));
  for (let i = 0; i < read.iterations; i++) {
    left = unit(still.matmul(right));
    right = unit(left.matmul(still));
  }
  return { weight: weight.div(left.mul(matrix.matmul(right)).sum()), left, right };
}

/** The vectors, as constants. */
function checkedVectors(vectors: SpectralVectors, matrix: Tensor): SpectralVectors {
  const checked = (name: 'left' | 'right', size: number) => {
    const vector = (vectors as SpectralVectors | undefined | null)?.[name];
    checkFloats('spectralNorm', vector, name);
    if (vector.rank === 1 && vector.size === size) return stopGradient(vector);
    throw new ShapeError(`spectralNorm: expected ${name} of shape [${size}], got ${formatShape(vector.sizes)}`);
  };
  return { left: checked('left', matrix.sizes[0]!), right: checked('right', matrix.sizes[1]!) };
}
