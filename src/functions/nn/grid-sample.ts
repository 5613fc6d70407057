/** Images and volumes read at positions between their elements, and the positions of affine maps. */

import { newData } from '../../base/dtype.ts';
import { DtypeError, ShapeError } from '../../base/errors.ts';
import { boolean, extend, type OptionTable, oneOf, optional, quote, readOptions } from '../../base/options.ts';
import { checkShape, formatShape, sizeOf } from '../../base/shape.ts';
import { checkFloats, checkTensor, Tensor } from '../../tensor/tensor.ts';
import { fmod } from '../elementwise/remainders.ts';
import { stopGradient } from '../elementwise/stop-gradient.ts';

/** What −1 and 1 are. */
export interface GridOptions {
  /** Whether −1 and 1 are the centres of the first and of the last element; else the edges of the image. Default false. */
  readonly alignCorners?: boolean;
}

/** Options of `gridSample`. */
export interface GridSampleOptions extends GridOptions {
  /**
   * What is read between elements: `'bilinear'`, of volumes trilinear; `'nearest'`, where halves go to the even one; `'bicubic'`, of images only (Keys
   * 1981, slope −0.75). Default `'bilinear'`.
   */
  readonly mode?: 'bilinear' | 'nearest' | 'bicubic';
  /** What lies beyond the edges: zeros, the element at the edge, or a reflection. Default `'zeros'`. */
  readonly padding?: 'zeros' | 'border' | 'reflection';
}

const gridOptions: OptionTable<GridOptions> = { alignCorners: /* @__PURE__ */ optional(boolean, false) };
const sampleOptions: OptionTable<GridSampleOptions> = /* @__PURE__ */ extend(gridOptions, {
  mode: /* @__PURE__ */ optional(/* @__PURE__ */ oneOf('bilinear', 'nearest', 'bicubic'), 'bilinear'),
  padding: /* @__PURE__ */ optional(/* @__PURE__ */ oneOf('zeros', 'border', 'reflection'), 'zeros'),
});

/** What is read along one axis: at which elements, of any number, and how much each counts; without weights each counts wholly. */
interface Reading {
  readonly place: Tensor;
  readonly weight?: Tensor | undefined;
}

/**
 * Images or volumes read at the positions of a grid, with derivatives in both. A position is `[x, y]` or `[x, y, z]`, from −1, left, above and in
 * front, to 1: beyond that lies what `padding` says. At a position that is NaN the result is NaN.
 * @param x `[n, channels, height, width]` or `[n, channels, depth, height, width]`
 * @param grid `[n, rows, columns, 2]` or `[n, planes, rows, columns, 3]`, in the dtype of `x`
 * @param options `mode`, default `'bilinear'`; `padding`, default `'zeros'`; `alignCorners`, default false
 * @returns `[n, channels, rows, columns]` or `[n, channels, planes, rows, columns]`
 * @throws ShapeError where the two do not fit each other, DtypeError for two dtypes.
 * @example gridSample(Tensor.of([[[[0, 1], [2, 3]]]]), Tensor.of([[[[0, 0], [-0.5, -0.5]]]])).toArray() // => [[[[1.5, 0]]]]
 */
export function gridSample(x: Tensor, grid: Tensor, options?: GridSampleOptions): Tensor {
  const { mode, padding, alignCorners } = readOptions('gridSample', options, sampleOptions);
  checkFit(x, grid, mode!);
  const [n, c, ...size] = x.sizes as [number, number, ...number[]];
  const to = grid.sizes.slice(1, -1);
  const images = x.reshape([n, c, sizeOf(size)]);
  // The last number of a position belongs to the first axis.
  const positions = size.map((length, i) => positionsOf(grid, size.length - 1 - i, length, alignCorners!));
  const readings = positions.map((position, i) => {
    const inside = (at: Tensor) => (padding === 'zeros' ? at : within(at, size[i]!, padding === 'reflection', alignCorners!));
    return readingsAt(position, mode!, inside);
  });
  const terms = readings
    .reduce<Reading[][]>((all, some) => all.flatMap((before) => some.map((one) => [...before, one])), [[]])
    .map((axes) => termOf(images, axes, size));
  const y = terms.reduce((sum, term) => sum.add(term));
  const undefinedAt = positions.map((position) => position.notEqual(position)).reduce((a, b) => a.maximum(b));
  return undefinedAt.where(Number.NaN, y).reshape([n, c, ...to]);
}

function checkFit(x: Tensor, grid: Tensor, mode: string): void {
  checkFloats('gridSample', x);
  checkTensor('gridSample', 'the grid', grid);
  const axes = x.rank - 2;
  if (axes !== 2 && axes !== 3)
    throw new ShapeError(
      `gridSample: expected images [n, channels, height, width] or volumes [n, channels, depth, height, width], got ${formatShape(x.sizes)}`,
    );
  if (grid.dtype !== x.dtype)
    throw new DtypeError(`gridSample: expected a grid in ${x.dtype}, as x, got ${grid.dtype}; convert one with cast`);
  if (grid.rank !== x.rank || grid.sizes[0] !== x.sizes[0] || grid.sizes.at(-1) !== axes)
    throw new ShapeError(
      `gridSample: expected a grid of shape [${x.sizes[0]}, ${axes === 3 ? 'planes, ' : ''}rows, columns, ${axes}] for x ` +
        `${formatShape(x.sizes)}, got ${formatShape(grid.sizes)}`,
    );
  if (x.sizes.slice(2).includes(0))
    throw new ShapeError(`gridSample: expected ${axes === 2 ? 'images' : 'volumes'} with elements, got ${formatShape(x.sizes)}`);
  if (mode === 'bicubic' && axes === 3) throw new ShapeError(`gridSample: expected images for 'bicubic', got ${formatShape(x.sizes)}`);
}

/** One number of each position, `[n, 1, positions]`, in elements of its axis: 0 is the centre of the first. */
function positionsOf(grid: Tensor, which: number, length: number, alignCorners: boolean): Tensor {
  const at = grid.slice([...grid.sizes.slice(1).map(() => null), which]).reshape([grid.sizes[0]!, 1, sizeOf(grid.sizes.slice(1, -1))]);
  return alignCorners
    ? at
        .add(1)
        .div(2)
        .mul(length - 1)
    : at.add(1).mul(length).sub(1).div(2);
}

/** Positions within an axis: those beyond the edges are moved to them, or reflected first. Where they are moved the slope is 0. */
function within(at: Tensor, length: number, reflects: boolean, alignCorners: boolean): Tensor {
  const [first, span] = alignCorners ? [0, length - 1] : [-0.5, length];
  const reflected =
    !reflects || span === 0
      ? at
      : fmod(at.sub(first).abs(), 2 * span)
          .sub(span)
          .abs()
          .neg()
          .add(span + first);
  const moves = reflected.greater(0).mul(reflected.less(length - 1));
  return moves.where(reflected, stopGradient(reflected.clamp(0, length - 1)));
}

/** What is read along one axis at each position. */
function readingsAt(position: Tensor, mode: string, inside: (at: Tensor) => Tensor): Reading[] {
  if (mode === 'nearest') return [{ place: inside(position).round() }];
  const at = mode === 'bicubic' ? position : inside(position);
  const before = stopGradient(at.floor());
  const rest = at.sub(before);
  if (mode === 'bilinear') return [{ place: before, weight: rest.neg().add(1) }, { place: before.add(1), weight: rest }]; // biome-ignore format: a line
  return cubicWeights(rest).map((weight, k) => ({ place: inside(before.add(k - 1)), weight }));
}

/** How much the four elements around a position count, by how far it is past the second of them. */
function cubicWeights(rest: Tensor): Tensor[] {
  const slope = -0.75;
  const near = (x: Tensor) =>
    x
      .mul(slope + 2)
      .sub(slope + 3)
      .mul(x)
      .mul(x)
      .add(1);
  const far = (x: Tensor) =>
    x
      .mul(slope)
      .sub(5 * slope)
      .mul(x)
      .add(8 * slope)
      .mul(x)
      .sub(4 * slope);
  const other = rest.neg().add(1);
  return [far(rest.add(1)), near(rest), near(other), far(other.add(1))];
}

/** The elements at places along all axes, by their weights; 0 where a place lies beyond the edges. */
function termOf(images: Tensor, axes: readonly Reading[], size: readonly number[]): Tensor {
  const isInside = axes.flatMap(({ place }, i) => [place.greaterEqual(0), place.lessEqual(size[i]! - 1)]).reduce((a, b) => a.mul(b));
  const index = axes
    .map(({ place }) => stopGradient(isInside.where(place, 0)).cast('int32'))
    .reduce((sum, place, i) => sum.mul(size[i]!).add(place));
  const [n, , positions] = index.sizes as [number, number, number];
  const seen = images.gather(2, index.broadcastTo([n, images.sizes[1]!, positions]));
  const weights = axes.flatMap(({ weight }) => weight ?? []);
  return isInside.where(weights.length > 0 ? seen.mul(weights.reduce((a, b) => a.mul(b))) : seen, 0);
}

/**
 * The positions, for `gridSample`, that an affine map sends the elements of an image or volume to: `grid[n, i, j] = theta[n] · [x, y, 1]`.
 * @param theta `[n, 2, 3]`, or for volumes `[n, 3, 4]`
 * @param size of the result of `gridSample`: `[n, channels, rows, columns]` or `[n, channels, planes, rows, columns]`
 * @param options `alignCorners`, default false, as for `gridSample`
 * @returns `[n, rows, columns, 2]` or `[n, planes, rows, columns, 3]`
 * @throws ShapeError where the two do not fit each other.
 * @example affineGrid(Tensor.of([[[1, 0, 0], [0, 1, 0]]]), [1, 1, 1, 2]).toArray() // => [[[[-0.5, 0], [0.5, 0]]]]
 */
export function affineGrid(theta: Tensor, size: readonly number[], options?: GridOptions): Tensor {
  const { alignCorners } = readOptions('affineGrid', options, gridOptions);
  checkFloats('affineGrid', theta);
  checkShape('affineGrid', size);
  const to = size.slice(2);
  const axes = to.length;
  if (axes !== 2 && axes !== 3)
    throw new ShapeError(`affineGrid: expected a size of four or five numbers, [n, channels, rows, columns], got ${quote(size)}`);
  if (theta.rank !== 3 || theta.sizes[0] !== size[0] || theta.sizes[1] !== axes || theta.sizes[2] !== axes + 1)
    throw new ShapeError(`affineGrid: expected theta of shape [${size[0]}, ${axes}, ${axes + 1}], got ${formatShape(theta.sizes)}`);
  checkShape('affineGrid', [size[0]!, ...to, axes]);
  const from = elementsOf(to, alignCorners!, theta.dtype);
  return from.matmul(theta.transpose(1, 2)).reshape([size[0]!, ...to, axes]);
}

/** The positions of all elements, `[elements, axes + 1]`, the last axis first, and a 1 behind. */
function elementsOf(size: readonly number[], alignCorners: boolean, dtype: Tensor['dtype']): Tensor {
  const width = size.length + 1;
  const data = newData(dtype, sizeOf(size) * width).fill(1);
  let after = sizeOf(size);
  for (const [axis, length] of size.entries()) {
    after /= length;
    for (let i = 0; i < sizeOf(size); i++) {
      const at = Math.floor(i / after) % length;
      const position = alignCorners ? (2 * at) / (length - 1) - 1 : (2 * at + 1 - length) / length;
      data[i * width + size.length - 1 - axis] = length === 1 ? 0 : position;
    }
  }
  return new Tensor([sizeOf(size), width], data);
}
