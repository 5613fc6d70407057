/**
 * The Cholesky factorization, on symmetric matrices in plain arrays, row after row, always in float64. Nothing here knows a tensor.
 * Only arithmetic that every engine rounds alike is used.
 */

/**
 * The lower triangular `l : [n, n]` with `l lᵀ = a`; or, where `a` is not positive definite, the first pivot that is not above 0 and its
 * row.
 */
export function choleskyFactor(a: Float64Array, n: number): Float64Array | { readonly pivot: number; readonly row: number } {
  const l = new Float64Array(n * n);
  for (let i = 0; i < n; i++) {
    for (let j = 0; j <= i; j++) {
      let rest = a[i * n + j]!;
      for (let k = 0; k < j; k++) rest -= l[i * n + k]! * l[j * n + k]!;
      if (i === j && rest <= 0) return { pivot: rest, row: i };
      l[i * n + j] = i === j ? Math.sqrt(rest) : rest / l[j * n + j]!;
    }
  }
  return l;
}
