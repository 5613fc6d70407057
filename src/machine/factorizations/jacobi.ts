/**
 * Jacobi's rotations, on symmetric matrices in plain arrays, row after row, always in float64. Nothing here knows a tensor.
 * Only arithmetic that every engine rounds alike is used.
 */

/** More sweeps over all pairs of axes than ever needed: convergence is quadratic, and ten are many. */
const MAX_SWEEPS = 64;

/**
 * `A V = V diag(w)` of a symmetric matrix, by rotations: `values : [n]` ascending, the orthonormal `vectors : [n, n]` in columns. The
 * element of largest size in each vector, the first of those that tie, is positive. Where the matrix is not finite, the result is NaN.
 */
export function jacobi(a: Float64Array, n: number): { values: Float64Array; vectors: Float64Array } {
  const work = a.slice();
  const rotated = new Float64Array(n * n);
  for (let i = 0; i < n; i++) rotated[i * n + i] = 1;
  if (!work.every(Number.isFinite)) return { values: new Float64Array(n).fill(NaN), vectors: rotated.fill(NaN) };
  for (let sweep = 0; sweep < MAX_SWEEPS; sweep++) if (!sweepOver(work, rotated, n)) break;
  const order = Array.from({ length: n }, (_, i) => i).sort((i, j) => work[i * n + i]! - work[j * n + j]!);
  const vectors = new Float64Array(n * n);
  order.forEach((from, to) => {
    let peak = 0;
    for (let i = 0; i < n; i++) if (Math.abs(rotated[from * n + i]!) > Math.abs(peak)) peak = rotated[from * n + i]!;
    for (let i = 0; i < n; i++) vectors[i * n + to] = peak < 0 ? 0 - rotated[from * n + i]! : rotated[from * n + i]!;
  });
  return { values: Float64Array.from(order, (i) => work[i * n + i]!), vectors };
}

/** Rotates every pair of axes so that their off-diagonal element vanishes, and the rows of `v` with them; returns whether there was any. */
function sweepOver(a: Float64Array, v: Float64Array, n: number): boolean {
  let found = false;
  for (let p = 0; p < n; p++) {
    for (let q = p + 1; q < n; q++) {
      const offDiagonal = a[p * n + q]!;
      const [first, second] = [a[p * n + p]!, a[q * n + q]!];
      const matters =
        Math.abs(first) + Math.abs(offDiagonal) !== Math.abs(first) || Math.abs(second) + Math.abs(offDiagonal) !== Math.abs(second);
      if (matters) {
        found = true;
        const ratio = (second - first) / (2 * offDiagonal);
        const tangent = (ratio < 0 ? -1 : 1) / (Math.abs(ratio) + Math.sqrt(ratio * ratio + 1));
        const cosine = 1 / Math.sqrt(tangent * tangent + 1);
        rotateRows(a, n, p, q, cosine, tangent * cosine);
        rotateRows(v, n, p, q, cosine, tangent * cosine);
        for (let i = 0; i < n; i++) {
          a[i * n + p] = a[p * n + i]!;
          a[i * n + q] = a[q * n + i]!;
        }
        // These are known more exactly than the rotation computes them.
        a[p * n + p] = first - tangent * offDiagonal;
        a[q * n + q] = second + tangent * offDiagonal;
      }
      a[p * n + q] = a[q * n + p] = 0;
    }
  }
  return found;
}

function rotateRows(a: Float64Array, n: number, p: number, q: number, cosine: number, sine: number): void {
  for (let j = 0; j < n; j++) {
    const x = a[p * n + j]!;
    const y = a[q * n + j]!;
    a[p * n + j] = cosine * x - sine * y;
    a[q * n + j] = sine * x + cosine * y;
  }
}
