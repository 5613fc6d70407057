/** The elements at places in channels that are known to exist, such as those of the largest in each window; and the adjoint. */

import { type FloatData, newData } from '../../base/dtype.ts';
import { sizeOf } from '../../base/shape.ts';
import { repeated } from '../../tensor/batched.ts';
import type { Batched, BatchedCall, Draw, Op } from '../../tensor/op.ts';
import { perform, type Tensor } from '../../tensor/tensor.ts';

/** What is known of places. */
interface Places {
  /** Whether those of a channel are all different, as those in windows that do not overlap. Default false. */
  readonly apart?: boolean;
}

/** `y[n, c, …] = x[n, c][places[n, c, …]]`, where places count the elements of a channel in row-major order. The adjoint of `toPlacesOp`. */
export const atPlacesOp: Op<'x' | 'places', Places> = {
  name: 'atPlaces',
  batching: (call) => inRows(call, 'x', 'places'),
  indices: ['places'],
  shape: ({ places }) => places.sizes,
  forward({ x: { sizes, dtype, numbers: data }, places: { sizes: shape, numbers: places } }) {
    const out = newData(dtype, places.length) as FloatData;
    const [pixels, count] = [sizeOf(sizes.slice(2)), sizeOf(shape.slice(2))];
    for (let to = 0, from = 0; to < out.length; from += pixels) {
      for (const end = to + count; to < end; to++) out[to] = data[from + places[to]!]!;
    }
    return out;
  },
  backward: {
    x: ({ dy, x, places, apart = false }) => perform(toPlacesOp, { x: dy, places }, { to: x.sizes.slice(2), apart }),
    places: null,
  },
  sample(draw) {
    const { image, places } = sampleOf(draw);
    return { x: draw.tensor(image), places };
  },
};

/** Zeros `[n, c, ...to]`, to which each element of `x` is added at its place in its channel. The adjoint of `atPlacesOp`. */
export const toPlacesOp: Op<'x' | 'places', Places & { readonly to: readonly number[] }> = {
  name: 'toPlaces',
  batching: (call) => inRows(call, 'x', 'places'),
  indices: ['places'],
  shape: ({ x, to }) => [x.sizes[0]!, x.sizes[1]!, ...to],
  forward({ x: { sizes, dtype, numbers: data }, places: { numbers: places }, to, apart }, shape) {
    const out = newData(dtype, sizeOf(shape)) as FloatData;
    const [pixels, count] = [sizeOf(to), sizeOf(sizes.slice(2))];
    const totals = apart || dtype === 'float64' ? undefined : new Float64Array(pixels);
    for (let from = 0, first = 0; from < data.length; first += pixels) {
      const end = from + count;
      if (totals) {
        // Of a channel at a time, in float64: so many small numbers are not lost in rounding one by one.
        totals.fill(0);
        for (; from < end; from++) totals[places[from]!]! += data[from]!;
        out.set(totals, first);
      } else for (; from < end; from++) out[first + places[from]!]! += data[from]!;
    }
    return out;
  },
  backward: {
    x: ({ dy, places, apart = false }) => perform(atPlacesOp, { x: dy, places }, { apart }),
    places: null,
  },
  sample(draw) {
    const { image, places } = sampleOf(draw);
    return { x: draw.tensor(places.sizes), places, to: image.slice(2) };
  },
};

/** Many examples are more images. */
function inRows<Attributes>(
  { inputs, attributes, shape, count, perform }: BatchedCall<'x' | 'places', Attributes>,
  ...names: readonly ['x', 'places']
): Tensor {
  const [x, places] = names.map((name) => {
    const [many, n, ...rest] = repeated(inputs[name] as Batched, count).sizes as [number, number, ...number[]];
    return repeated(inputs[name] as Batched, count).reshape([many * n, ...rest]);
  }) as [Tensor, Tensor];
  return perform({ x, places }, attributes).reshape([count, ...shape]);
}

function sampleOf(draw: Draw) {
  const image = [draw.size(), draw.size(), 2, 3];
  return { image, places: draw.indices([image[0]!, image[1]!, 2, 2], 6) };
}
