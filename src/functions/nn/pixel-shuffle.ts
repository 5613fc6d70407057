/** Channels exchanged for pixels, and back (Shi et al. 2016). */

import { ShapeError } from '../../base/errors.ts';
import { check, wholeNumberFrom } from '../../base/options.ts';
import { formatShape } from '../../base/shape.ts';
import { checkTensor, type Tensor } from '../../tensor/tensor.ts';

/** The sizes of images with any axes in front, and those axes as one. */
function images(name: string, x: Tensor, factor: number): { lead: readonly number[]; c: number; h: number; w: number } {
  checkTensor(name, 'x', x);
  check(name, { factor }, wholeNumberFrom(1));
  if (x.rank < 3) throw new ShapeError(`${name}: expected images of shape [..., channels, height, width], got ${formatShape(x.sizes)}`);
  const [c, h, w] = x.sizes.slice(-3) as [number, number, number];
  return { lead: x.sizes.slice(0, -3), c, h, w };
}

/** The last five axes in another order. */
const reordered = (x: Tensor, order: readonly number[]): Tensor => {
  const first = x.rank - 5;
  return x.permute([...Array.from({ length: first }, (_, i) => i), ...order.map((axis) => first + axis)]);
};

/**
 * Images `factor` times as high and as wide, of fewer channels: `y[c, h·r + i, w·r + j] = x[c·r² + i·r + j, h, w]`.
 * @param x `[..., channels · factor², height, width]`
 * @returns `[..., channels, height · factor, width · factor]`
 * @throws ShapeError where the channels are no multiple of `factor²`, ValueError for a factor below 1.
 * @example pixelShuffle(Tensor.of([[[1]], [[2]], [[3]], [[4]]]), 2).toArray() // => [[[1, 2], [3, 4]]]
 */
export function pixelShuffle(x: Tensor, factor: number): Tensor {
  const { lead, c, h, w } = images('pixelShuffle', x, factor);
  if (c % (factor * factor) !== 0)
    throw new ShapeError(`pixelShuffle: expected a multiple of ${factor * factor} channels, got ${c}, in ${formatShape(x.sizes)}`);
  const channels = c / (factor * factor);
  const parts = x.reshape([...lead, channels, factor, factor, h, w]);
  return reordered(parts, [0, 3, 1, 4, 2]).reshape([...lead, channels, h * factor, w * factor]);
}

/**
 * Images `factor` times less high and wide, of more channels: what undoes `pixelShuffle`.
 * @param x `[..., channels, height, width]`
 * @returns `[..., channels · factor², height / factor, width / factor]`
 * @throws ShapeError where height or width are no multiple of the factor, ValueError for a factor below 1.
 * @example pixelUnshuffle(Tensor.of([[[1, 2], [3, 4]]]), 2).toArray() // => [[[1]], [[2]], [[3]], [[4]]]
 */
export function pixelUnshuffle(x: Tensor, factor: number): Tensor {
  const { lead, c, h, w } = images('pixelUnshuffle', x, factor);
  if (h % factor !== 0 || w % factor !== 0)
    throw new ShapeError(`pixelUnshuffle: expected a height and a width that ${factor} divides, got ${formatShape(x.sizes)}`);
  const parts = x.reshape([...lead, c, h / factor, factor, w / factor, factor]);
  return reordered(parts, [0, 2, 4, 1, 3]).reshape([...lead, c * factor * factor, h / factor, w / factor]);
}
