/**
 * The singular value decomposition by one-sided rotations (Hestenes 1958), on matrices in plain arrays, row after row, always in float64. Nothing
 * here knows a tensor. Only arithmetic that every engine rounds alike is used.
 */

/** `A = U diag(s) Vᵀ` of a matrix `[m, n]`, with `k = min(m, n)`. */
export interface SingularValues {
  /** `[m, k]`, with orthonormal columns. */
  readonly u: Float64Array;
  /** `[k]`, descending, none negative. */
  readonly s: Float64Array;
  /** `[n, k]`, with orthonormal columns. The element of largest size in each, the first of those that tie, is positive. */
  readonly v: Float64Array;
}

/** More sweeps over all pairs of columns than ever needed: convergence is quadratic, and ten are many. */
const MAX_SWEEPS = 64;

/** The decomposition of a matrix of `m` rows and `n` columns. Where the matrix is not finite, the result is NaN. */
export function singularValues(a: Float64Array, m: number, n: number): SingularValues {
  const k = Math.min(m, n);
  if (!a.every(Number.isFinite)) {
    const nan = (size: number) => new Float64Array(size).fill(NaN);
    return { u: nan(m * k), s: nan(k), v: nan(n * k) };
  }
  const unit = powerOfTwoNear(a);
  const columns = Array.from({ length: n }, (_, j) => Float64Array.from({ length: m }, (_, i) => a[i * n + j]! / unit));
  const { left, sizes, right } = m >= n ? rotated(columns) : turned(rotated(rowsOf(columns, m)));
  right.forEach((vector, j) => {
    if (peakOf(vector) >= 0) return;
    for (const one of [vector, left[j]!]) for (let i = 0; i < one.length; i++) one[i] = 0 - one[i]!;
  });
  return { u: asColumns(left, m), s: Float64Array.from(sizes, (size) => size * unit), v: asColumns(right, n) };
}

/** As many orthonormal vectors as are missing to a basis of `m` dimensions: `[m, m − k]`, in columns, for the `k` columns of `q : [m, k]`. */
export function complementOf(q: Float64Array, m: number, k: number): Float64Array {
  const known = Array.from({ length: k }, (_, j) => Float64Array.from({ length: m }, (_, i) => q[i * k + j]!));
  return asColumns(completed(known, m, m).slice(k), m);
}

/** The parts of a decomposition as lists of vectors, in the order of descending sizes. */
interface Vectors {
  readonly left: readonly Float64Array[];
  readonly sizes: readonly number[];
  readonly right: readonly Float64Array[];
}

const turned = ({ left, sizes, right }: Vectors): Vectors => ({ left: right, sizes, right: left });

/** Rotates pairs of columns until all are orthogonal; then their lengths are the singular values. There are no fewer rows than columns. */
function rotated(columns: readonly Float64Array[]): Vectors {
  const n = columns.length;
  const m = columns[0]?.length ?? 0;
  const turns = Array.from({ length: n }, (_, j) => Float64Array.from({ length: n }, (_, i) => Number(i === j)));
  for (let sweep = 0; sweep < MAX_SWEEPS; sweep++) {
    let found = false;
    for (let p = 0; p < n; p++) {
      for (let q = p + 1; q < n; q++) {
        const tangent = tangentOf(columns[p]!, columns[q]!);
        if (tangent === 0) continue;
        found = true;
        rotate(columns[p]!, columns[q]!, tangent);
        rotate(turns[p]!, turns[q]!, tangent);
      }
    }
    if (!found) break;
  }
  const lengths = columns.map(lengthOf);
  const order = lengths.map((_, j) => j).sort((i, j) => lengths[j]! - lengths[i]!);
  const sizes = order.map((j) => lengths[j]!);
  const units = order.filter((j) => lengths[j]! > 0).map((j) => columns[j]!.map((x) => x / lengths[j]!));
  return { left: completed(units, m, n), sizes, right: order.map((j) => turns[j]!) };
}

/** The tangent of the rotation that makes two vectors orthogonal; 0 where they are so already, but for rounding. */
function tangentOf(x: Float64Array, y: Float64Array): number {
  let [first, second, dot] = [0, 0, 0];
  for (let i = 0; i < x.length; i++) {
    first += x[i]! * x[i]!;
    second += y[i]! * y[i]!;
    dot += x[i]! * y[i]!;
  }
  if (Math.abs(dot) <= Number.EPSILON * Math.sqrt(x.length) * Math.sqrt(first) * Math.sqrt(second)) return 0;
  const ratio = (second - first) / (2 * dot);
  return (ratio < 0 ? -1 : 1) / (Math.abs(ratio) + Math.sqrt(ratio * ratio + 1));
}

function rotate(x: Float64Array, y: Float64Array, tangent: number): void {
  const cosine = 1 / Math.sqrt(tangent * tangent + 1);
  const sine = tangent * cosine;
  for (let i = 0; i < x.length; i++) {
    const [a, b] = [x[i]!, y[i]!];
    x[i] = cosine * a - sine * b;
    y[i] = sine * a + cosine * b;
  }
}

/** Orthonormal vectors of `m` numbers, and as many more as make `count` of them: what is left of the axis that is farthest from all so far. */
function completed(known: readonly Float64Array[], m: number, count: number): readonly Float64Array[] {
  const all = [...known];
  while (all.length < count) {
    const rests = Float64Array.from({ length: m }, (_, i) => all.reduce((rest, one) => rest - one[i]! * one[i]!, 1));
    const axis = rests.reduce((best, rest, i) => (rest > rests[best]! ? i : best), 0);
    const next = new Float64Array(m);
    next[axis] = 1;
    // Once more, for what the rounding of the first time left.
    for (let time = 0; time < 2; time++) {
      for (const one of all) {
        let dot = 0;
        for (let i = 0; i < m; i++) dot += one[i]! * next[i]!;
        for (let i = 0; i < m; i++) next[i]! -= dot * one[i]!;
      }
    }
    const length = lengthOf(next);
    all.push(next.map((x) => x / length));
  }
  return all;
}

/** A length, in multiples of the largest number, so that no square underflows. */
function lengthOf(x: Float64Array): number {
  const largest = Math.abs(peakOf(x));
  if (largest === 0) return 0;
  let squares = 0;
  for (const one of x) squares += (one / largest) * (one / largest);
  return largest * Math.sqrt(squares);
}

/** The element of largest size, the first of those that tie. */
function peakOf(x: Float64Array): number {
  let peak = 0;
  for (const one of x) if (Math.abs(one) > Math.abs(peak)) peak = one;
  return peak;
}

/** The largest power of two that no element of largest size is below; 1 for zeros. What is divided by it is not rounded. */
function powerOfTwoNear(a: Float64Array): number {
  const peak = Math.abs(peakOf(a));
  if (peak === 0) return 1;
  let unit = 1;
  while (peak / unit >= 2) unit *= 2;
  while (peak / unit < 1) unit /= 2;
  return unit;
}

const rowsOf = (columns: readonly Float64Array[], m: number): Float64Array[] =>
  Array.from({ length: m }, (_, i) => Float64Array.from(columns, (column) => column[i]!));

function asColumns(vectors: readonly Float64Array[], m: number): Float64Array {
  const k = vectors.length;
  return Float64Array.from({ length: m * k }, (_, place) => vectors[place % k]![Math.floor(place / k)]!);
}
