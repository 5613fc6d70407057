/**
 * Reflections and rotations of matrices in plain arrays, row after row, always in float64. Nothing here knows a tensor.
 * Only arithmetic that every engine rounds alike is used.
 */

/**
 * `A = Q R` by Householder's reflections, for `m ≥ n`: the columns of `q : [m, n]` are orthonormal, `r : [n, n]` is upper triangular and its
 * diagonal not negative.
 */
export function reflect(a: Float64Array, m: number, n: number): { q: Float64Array; r: Float64Array } {
  const work = a.slice();
  const mirrors: Float64Array[] = [];
  for (let k = 0; k < n; k++) {
    const mirror = mirrorOf(work, m, n, k);
    mirrors.push(mirror);
    mirrorRows(work, n, k, mirror);
  }
  const [q, r] = [new Float64Array(m * n), new Float64Array(n * n)];
  for (let i = 0; i < n; i++) q[i * n + i] = 1;
  for (let k = n - 1; k >= 0; k--) mirrorRows(q, n, k, mirrors[k]!);
  for (let k = 0; k < n; k++) {
    const sign = work[k * n + k]! < 0 ? -1 : 1;
    for (let j = k; j < n; j++) r[k * n + j] = sign * work[k * n + j]!;
    for (let i = 0; i < m; i++) q[i * n + k]! *= sign;
  }
  return { q, r };
}

/** The direction `v`, of length √2, such that `1 − v vᵀ` turns column `k`, from the diagonal downward, into one number and zeros. */
function mirrorOf(a: Float64Array, m: number, n: number, k: number): Float64Array {
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
    // Scaled, no square is too large or too small.
    v[i - k] = a[i * n + k]! / scale;
    squares += v[i - k]! * v[i - k]!;
  }
  const length = Math.sqrt(squares);
  // Away from zero, so that no digits cancel.
  const first = v[0]! < 0 ? v[0]! - length : v[0]! + length;
  v[0] = first;
  const half = Math.sqrt(length * Math.abs(first));
  for (let i = 0; i < v.length; i++) v[i]! /= half;
  return v;
}

/** `(1 − v vᵀ) A`, on the rows from `top`. In the columns before it these rows are 0. */
function mirrorRows(a: Float64Array, n: number, top: number, v: Float64Array): void {
  for (let j = top; j < n; j++) {
    let dot = 0;
    for (let i = 0; i < v.length; i++) dot += v[i]! * a[(top + i) * n + j]!;
    for (let i = 0; i < v.length; i++) a[(top + i) * n + j]! -= dot * v[i]!;
  }
}

/** More sweeps than were ever needed: convergence is quadratic, and ten are many. */
const SWEEPS = 64;

/**
 * `A V = V diag(w)` of a symmetric matrix, by Jacobi's rotations: `values : [n]` ascending, the orthonormal `vectors : [n, n]` in columns. The
 * largest number of each vector, the first of those that tie, is positive. Where the matrix is not finite, all is NaN.
 */
export function rotate(a: Float64Array, n: number): { values: Float64Array; vectors: Float64Array } {
  const work = a.slice();
  const turned = new Float64Array(n * n);
  for (let i = 0; i < n; i++) turned[i * n + i] = 1;
  if (!work.every(Number.isFinite)) return { values: new Float64Array(n).fill(NaN), vectors: turned.fill(NaN) };
  for (let sweep = 0; sweep < SWEEPS; sweep++) if (!sweepOver(work, turned, n)) break;
  const order = Array.from({ length: n }, (_, i) => i).sort((i, j) => work[i * n + i]! - work[j * n + j]!);
  const vectors = new Float64Array(n * n);
  order.forEach((from, to) => {
    let peak = 0;
    for (let i = 0; i < n; i++) if (Math.abs(turned[from * n + i]!) > Math.abs(peak)) peak = turned[from * n + i]!;
    for (let i = 0; i < n; i++) vectors[i * n + to] = peak < 0 ? 0 - turned[from * n + i]! : turned[from * n + i]!;
  });
  return { values: Float64Array.from(order, (i) => work[i * n + i]!), vectors };
}

/** Rotates every pair of axes until their mixed element is gone, and with them the rows of `v`; tells whether there was any left. */
function sweepOver(a: Float64Array, v: Float64Array, n: number): boolean {
  let found = false;
  for (let p = 0; p < n; p++) {
    for (let q = p + 1; q < n; q++) {
      const mixed = a[p * n + q]!;
      const [first, second] = [a[p * n + p]!, a[q * n + q]!];
      const counts = Math.abs(first) + Math.abs(mixed) !== Math.abs(first) || Math.abs(second) + Math.abs(mixed) !== Math.abs(second);
      if (counts) {
        found = true;
        const ratio = (second - first) / (2 * mixed);
        const tangent = (ratio < 0 ? -1 : 1) / (Math.abs(ratio) + Math.sqrt(ratio * ratio + 1));
        const cosine = 1 / Math.sqrt(tangent * tangent + 1);
        turnRows(a, n, p, q, cosine, tangent * cosine);
        turnRows(v, n, p, q, cosine, tangent * cosine);
        for (let i = 0; i < n; i++) {
          a[i * n + p] = a[p * n + i]!;
          a[i * n + q] = a[q * n + i]!;
        }
        // Known without rounding.
        a[p * n + p] = first - tangent * mixed;
        a[q * n + q] = second + tangent * mixed;
      }
      a[p * n + q] = a[q * n + p] = 0;
    }
  }
  return found;
}

function turnRows(a: Float64Array, n: number, p: number, q: number, cosine: number, sine: number): void {
  for (let j = 0; j < n; j++) {
    const x = a[p * n + j]!;
    const y = a[q * n + j]!;
    a[p * n + j] = cosine * x - sine * y;
    a[q * n + j] = sine * x + cosine * y;
  }
}
