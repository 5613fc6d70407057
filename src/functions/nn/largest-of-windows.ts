/** The largest elements of windows, and where they are: two operations, which kernels compute in one go. */

import { floats } from '../../base/dtype.ts';
import { machine } from '../../machine/backend.ts';
import { largestElements } from '../../machine/wasm/window-pools.ts';
import { callRecorders, isTracing } from '../../tensor/recorders.ts';
import { perform, Tensor } from '../../tensor/tensor.ts';
import { atPlacesOp } from './window-places.ts';
import { largestOfWindowsOp, type Pooling } from './window-sums.ts';

/** Of images the largest element of each window, of those that tie the first, and where in its channel it is. */
export function largestOfWindows(images: Tensor, pooling: Pooling): { readonly values: Tensor; readonly places: Tensor } {
  const apart = areApart(pooling);
  const atOnce = foundAtOnce(images, pooling);
  if (!atOnce) {
    const places = perform(largestOfWindowsOp, { x: images }, pooling);
    return { values: perform(atPlacesOp, { x: images, places }, { apart }), places };
  }
  const { values, places } = atOnce;
  callRecorders(largestOfWindowsOp, { x: images }, pooling, places);
  callRecorders(atPlacesOp, { x: images, places }, { apart }, values);
  return atOnce;
}

/** What both operations give, by one kernel where there is one. */
function foundAtOnce(images: Tensor, pooling: Pooling): { readonly values: Tensor; readonly places: Tensor } | undefined {
  const { host } = machine();
  if (!host || images.size === 0 || isTracing()) return undefined;
  const { counts, ...windows } = pooling;
  const shape = largestOfWindowsOp.shape({ x: images, ...pooling });
  const found = largestElements(host, floats(images.numbers), { windows, image: images.sizes.slice(2), counts });
  return found && { values: new Tensor(shape, found.values), places: new Tensor(shape, found.places) };
}

/** Whether no two windows have an element in common. */
export const areApart = ({ kernel, stride, dilation }: Pooling): boolean =>
  stride.every((step, i) => step >= dilation[i]! * (kernel[i]! - 1) + 1);
