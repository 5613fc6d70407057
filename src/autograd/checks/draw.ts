import { type Dtype, type FloatDtype, newData } from '../../base/dtype.ts';
import { sizeOf } from '../../base/shape.ts';
import type { Shape } from '../../base/shape-types.ts';
import { type Domain, type Draw, reals } from '../../tensor/op.ts';
import { Tensor } from '../../tensor/tensor.ts';

/** A whole number from `from` to `to`, both included. */
export type DrawWhole = (from: number, to: number) => number;

/** What to draw. */
export interface Drawing {
  readonly sizes: { readonly min: number; readonly max: number };
  readonly dtype: FloatDtype;
  /** The elements of tensors of floats. By default quarters within each argument's domain, which are exact in binary and short to read. */
  readonly element?: (domain: Domain) => number;
}

/** Draws arguments of operations from a source of whole numbers. */
export const drawFrom = (whole: DrawWhole, { sizes, dtype, element }: Drawing): Draw => ({
  size: () => whole(sizes.min, sizes.max),
  axis: (shape) => whole(0, shape.length - 1),
  axes: (shape) => [...shape.keys()].filter(() => whole(0, 1) === 0),
  oneOf: (...choices) => choices[whole(0, choices.length - 1)]!,
  tensor: (shape, domain = reals) => fill(shape, dtype, element ? () => element(domain) : quarters(whole, domain)),
  indices: (shape, below) => fill(shape, 'int32', () => whole(0, below - 1)),
});

function quarters(whole: DrawWhole, { from, to, awayFromZero = false, distinct = false, between = false }: Domain): () => number {
  const drawn = new Set<number>();
  const next = (): number => {
    const x = whole(Math.ceil(from * 4), Math.floor(to * 4)) / 4 + (between ? 0.125 : 0);
    if (distinct && drawn.has(x)) return next();
    drawn.add(x);
    return awayFromZero && x === 0 ? 0.25 : x;
  };
  return next;
}

function fill(shape: Shape, dtype: Dtype, next: () => number): Tensor {
  const data = newData(dtype, sizeOf(shape));
  for (let i = 0; i < data.length; i++) data[i] = next();
  return new Tensor(shape, data);
}
