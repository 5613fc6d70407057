/** The elements at places in channels that are known to exist, such as those of the largest in each window; and the adjoint. */

import { type Data, type FloatData, newData } from '../../base/dtype.ts';
import { sizeOf } from '../../base/shape.ts';
import { repeated } from '../../tensor/batched.ts';
import type { Batched, BatchedCall, Draw, Op } from '../../tensor/op.ts';
import { perform, type Tensor } from '../../tensor/tensor.ts';

/** `y[n, c, …] = x[n, c][places[n, c, …]]`, where places count the elements of a channel in row-major order. The adjoint of `toPlacesOp`. */
export const atPlacesOp: Op<'x' | 'places'> = {
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
    x: ({ dy, x, places }) => perform(toPlacesOp, { x: dy, places }, { to: x.sizes.slice(2) }),
    places: null,
  },
  sample(draw) {
    const { image, places } = sampleOf(draw);
    return { x: draw.tensor(image), places };
  },
};

/** Zeros `[n, c, ...to]`, to which each element of `x` is added at its place in its channel. The adjoint of `atPlacesOp`. */
export const toPlacesOp: Op<'x' | 'places', { readonly to: readonly number[] }> = {
  name: 'toPlaces',
  batching: (call) => inRows(call, 'x', 'places'),
  indices: ['places'],
  shape: ({ x, to }) => [x.sizes[0]!, x.sizes[1]!, ...to],
  forward({ x: { sizes, dtype, numbers: data }, places: { numbers: places }, to }, shape) {
    const out = newData(dtype, sizeOf(shape)) as FloatData;
    const [pixels, count] = [sizeOf(to), sizeOf(sizes.slice(2))];
    // In which channel a place last got something: most places get one element at most, and then nothing is to be added up.
    const last = new Int32Array(pixels);
    for (let from = 0, first = 0, channel = 1; from < data.length; from += count, first += pixels, channel++) {
      let i = from;
      for (; i < from + count && last[places[i]!] !== channel; i++) {
        last[places[i]!] = channel;
        out[first + places[i]!]! += data[i]!;
      }
      if (i < from + count)
        addInDoubles(data.subarray(from, from + count), places.subarray(from, from + count), out.subarray(first, first + pixels));
    }
    return out;
  },
  backward: {
    x: ({ dy, places }) => perform(atPlacesOp, { x: dy, places }),
    places: null,
  },
  sample(draw) {
    const { image, places } = sampleOf(draw);
    return { x: draw.tensor(places.sizes), places, to: image.slice(2) };
  },
};

/** Numbers added up at places, in float64: so many small numbers are not lost in rounding one by one. */
function addInDoubles(data: Data, places: Data, out: FloatData): void {
  const totals = new Float64Array(out.length);
  for (let i = 0; i < data.length; i++) totals[places[i]!]! += data[i]!;
  out.set(totals);
}

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
