import { type FloatDtype, Random, Tensor } from 'tapegrad';
import { inBoth, type Part } from './part.ts';

/** Rows, terms of each sum, columns: on both sides of what fills a vector or a tile. */
const sizes = [
  [1, 1, 1],
  [1, 785, 10],
  [3, 5, 7],
  [37, 1, 19],
  [17, 129, 31],
  [65, 301, 11],
  [131, 67, 71],
] as const;

function* allForms(dtype: FloatDtype): Generator<Tensor> {
  const random = new Random(3);
  for (const [m, k, n] of sizes) {
    const a = Tensor.normal([m, k], { random, dtype });
    const b = Tensor.normal([k, n], { random, dtype });
    yield a.matmul(b);
    yield a.timesTransposed(Tensor.normal([n, k], { random, dtype }));
    yield Tensor.normal([k, m], { random, dtype }).transposedTimes(b);
  }
}

/** Matrix products `a b`, `a bᵀ` and `aᵀ b`. */
export const products: readonly Part[] = inBoth('products', allForms);
