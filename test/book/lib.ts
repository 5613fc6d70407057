/**
 * What the chapters share.
 *
 * Random tensors, which shrink to small ones where a test fails, and comparisons that throw where tensors differ.
 */
import fc from 'fast-check';
import { sin, Tensor } from '../../src/index.ts';

/** Multiples of 1/8 from −4 to 4: sums and products of a few of them are exact. They shrink towards 0. */
export const eighths: fc.Arbitrary<number> = fc.integer({ min: -32, max: 32 }).map((i) => i / 8);

/** A small size. */
export const size: fc.Arbitrary<number> = fc.integer({ min: 1, max: 4 });

const length = (shape: readonly number[]) => shape.reduce((a, b) => a * b, 1);

/** A float64 tensor of a shape. */
export const tensor = (shape: readonly number[], number: fc.Arbitrary<number> = eighths): fc.Arbitrary<Tensor> =>
  fc.array(number, { minLength: length(shape), maxLength: length(shape) }).map((data) => new Tensor(shape, Float64Array.from(data)));

/** Some vectors of one random length. */
export const vectors = <N extends keyof Vectors>(count: N, number?: fc.Arbitrary<number>): fc.Arbitrary<Vectors[N]> =>
  size.chain((n) => fc.tuple(...Array.from({ length: count }, () => tensor([n], number)))) as unknown as fc.Arbitrary<Vectors[N]>;
interface Vectors {
  1: [Tensor];
  2: [Tensor, Tensor];
  3: [Tensor, Tensor, Tensor];
}

/** `⟨a, b⟩ = Σ aᵢ bᵢ` */
export const dot = (a: Tensor, b: Tensor): number => a.mul(b).sum().item();

/** Throws unless two tensors agree to a tolerance times the larger of 1 and the largest element of the second. */
export function expectClose(found: Tensor, wanted: Tensor, tolerance = 1e-10): void {
  const scale = Math.max(1, ...wanted.data.map(Math.abs));
  const same = String(found.shape) === String(wanted.shape);
  const differs = same ? found.data.findIndex((x, i) => !(Math.abs(x - wanted.data[i]!) <= tolerance * scale)) : 0;
  if (differs >= 0) throw new Error(`expected ${wanted}\nfound ${found}`);
}

/** Throws unless two numbers agree to a tolerance times the larger of 1 and the second. */
export const expectNear = (found: number, wanted: number, tolerance = 1e-10): void =>
  expectClose(Tensor.of(found, 'float64'), Tensor.of(wanted, 'float64'), tolerance);

/** Smooth functions of a vector. Some act on each element by itself, some mix the elements. */
export const functions: readonly { readonly name: string; readonly f: (x: Tensor) => Tensor }[] = [
  { name: 'sin x · e^(x/4)', f: (x) => sin(x).mul(x.div(4).exp()) },
  { name: 'tanh x − x²', f: (x) => x.tanh().sub(x.mul(x)) },
  { name: 'σ(x) · Σ x', f: (x) => x.sigmoid().mul(x.sum()) },
  { name: 'softmax x', f: (x) => x.softmax() },
  { name: 'x / (1 + x²)', f: (x) => x.div(x.mul(x).add(1)) },
];
export const anyFunction = fc.constantFrom(...functions);
