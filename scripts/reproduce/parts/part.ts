import { concat, type FloatDtype, Tensor } from 'tapegrad';

/** Something to compute, whose bits are hashed. */
export interface Part {
  readonly name: string;
  readonly tensors: () => Iterable<Tensor>;
}

/** A part for each float dtype. */
export const inBoth = (name: string, tensors: (dtype: FloatDtype) => Iterable<Tensor>): Part[] =>
  (['float32', 'float64'] as const).map((dtype) => ({ name: `${name}, ${dtype}`, tensors: () => tensors(dtype) }));

/** How many bit patterns are tried: one for every sign, exponent and beginning of a mantissa of float32. */
const PATTERNS = 2 ** 16;

/** Numbers of every size, among them subnormal ones and NaN, spread over all bit patterns. */
function patterns(dtype: FloatDtype): Tensor {
  if (dtype === 'float32')
    return Tensor.fromTypedArray(new Float32Array(Uint32Array.from({ length: PATTERNS }, (_, i) => i * 0x10001).buffer));
  const view = new DataView(new ArrayBuffer(8));
  return Tensor.fromTypedArray(
    Float64Array.from({ length: PATTERNS }, (_, i) => {
      view.setUint32(0, i * 0x10001);
      view.setUint32(4, Math.imul(i, 0x9e3779b1));
      return view.getFloat64(0);
    }),
  );
}

const special = [0, -0, 1, -1, Infinity, -Infinity, NaN, 2 ** -149, -(2 ** -149), 2 ** -126, 2 ** 127, 2 ** -1074, 2 ** -1022, 2 ** 1023];

/** Numbers of ordinary size, from −30 to 30, more densely near 0. */
export const ordinary = (dtype: FloatDtype): Tensor =>
  concat([Tensor.linspace(-30, 30, 15001, dtype), Tensor.linspace(-1.5, 1.5, 15001, dtype)]);

/** The arguments of elementary functions. */
export const everything = (dtype: FloatDtype): Tensor => concat([Tensor.of(special, dtype), patterns(dtype), ordinary(dtype)]);

/** The same numbers in another order, to make pairs of them. */
export const shuffled = (x: Tensor, seed: number): Tensor => x.gather(0, Tensor.permutation(x.size, { seed }));
