/**
 * Householder's reflections, on matrices in plain arrays, row after row, always in float64. Nothing here knows a tensor.
 * Only arithmetic that every engine rounds alike is used.
 */

/**
 * `A = Q R` by reflections, for `m ≥ n`: the columns of `q : [m, n]` are orthonormal, `r : [n, n]` is upper triangular and its
 * diagonal not negative.
 */
export function householder(a: Float64Array, m: number, n: number): { q: Float64Array; r: Float64Array } {
  const work = a.slice();
  const reflectors: Float64Array[] = [];
  for (let k = 0; k < n; k++) {
    const reflector = reflectorOf(work, m, n, k);
    reflectors.push(reflector);
    applyReflector(work, n, k, reflector);
  }
  const [q, r] = [new Float64Array(m * n), new Float64Array(n * n)];
  for (let i = 0; i < n; i++) q[i * n + i] = 1;
  for (let k = n - 1; k >= 0; k--) applyReflector(q, n, k, reflectors[k]!);
  for (let k = 0; k < n; k++) {
    const sign = work[k * n + k]! < 0 ? -1 : 1;
    for (let j = k; j < n; j++) r[k * n + j] = sign * work[k * n + j]!;
    for (let i = 0; i < m; i++) q[i * n + k]! *= sign;
  }
  return { q, r };
}

/** The vector `v`, of length √2, for which `1 − v vᵀ` turns column `k`, from the diagonal downward, into one number and zeros. */
function reflectorOf(a: Float64Array, m: number, n: number, k: number): Float64Array {
  const v = new Float64Array(m - k);
  let scale = 0;
  for (let i = k; i < m; i++) {
    const size = Math.abs(a[i * n + k]!);
    if (size > scale || size !== size) scale = size;
  }
  // A column of zeros is left as it is.
  if (scale === 0) return v;
  let squares = 0;
  for (let i = k; i < m; i++) {
    // Scaled, so that no square overflows or underflows.
    v[i - k] = a[i * n + k]! / scale;
    squares += v[i - k]! * v[i - k]!;
  }
  const length = Math.sqrt(squares);
  // Of the sign that makes it larger, so that no digits cancel.
  const first = v[0]! < 0 ? v[0]! - length : v[0]! + length;
  v[0] = first;
  const half = Math.sqrt(length * Math.abs(first));
  for (let i = 0; i < v.length; i++) v[i]! /= half;
  return v;
}

/** `(1 − v vᵀ) A`, on the rows from `top`. In the columns before it these rows are 0. */
function applyReflector(a: Float64Array, n: number, top: number, v: Float64Array): void {
  for (let j = top; j < n; j++) {
    let dot = 0;
    for (let i = 0; i < v.length; i++) dot += v[i]! * a[(top + i) * n + j]!;
    for (let i = 0; i < v.length; i++) a[(top + i) * n + j]! -= dot * v[i]!;
  }
}
