/** Tensors as text, as NumPy prints arrays: columns aligned, and large arrays abbreviated. */

import type { Data } from './dtype.ts';
import { DtypeError } from './errors.ts';
import { formatShape, stridesOf } from './shape.ts';
import type { Shape } from './shape-types.ts';

/** Tensors of more elements are abbreviated to the first and last few of each axis. */
const MOST = 1000;
/** How many elements are shown at either end of an abbreviated axis. */
const EDGE = 3;
/** The most decimals that are shown. */
const DIGITS = 8;

/** `Tensor float32 [2, 3]` and the numbers in brackets. */
export function print(name: string, shape: Shape, dtype: string, data: Data): string {
  const numbers = data.length === 0 ? '[]' : inBrackets(shape, dtype, data);
  return `${name} ${dtype} ${formatShape(shape)}${numbers.includes('\n') ? '\n' : ' '}${numbers}`;
}

/** The numbers in brackets, axis by axis and without recursion, since a tensor may have more axes than a call stack is deep. */
function inBrackets(shape: Shape, dtype: string, data: Data): string {
  const places = edges(shape, data.length > MOST);
  const strides = stridesOf(shape);
  // By axis, where each part begins that is shown; `undefined` stands for an ellipsis.
  const starts: (number | undefined)[][] = [[0]];
  for (const [axis, indices] of places.entries())
    starts.push(
      starts[axis]!.flatMap((start) =>
        start === undefined ? [] : indices.map((i) => (i === undefined ? undefined : start + i * strides[axis]!)),
      ),
    );
  const last = starts[shape.length]!;
  const shown = last.flatMap((start) => (start === undefined ? [] : data[start]!));
  const write = formatFor(shown, dtype);
  const width = shape.length === 0 ? 0 : Math.max(0, ...shown.map((x) => write(x).length));
  let texts = last.map((start) => (start === undefined ? '...' : write(data[start]!).padStart(width)));
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    const between = axis === shape.length - 1 ? ', ' : `,${'\n'.repeat(Math.min(2, shape.length - 1 - axis))}${' '.repeat(axis + 1)}`;
    const count = places[axis]!.length;
    let next = 0;
    texts = starts[axis]!.map((start) => (start === undefined ? '...' : `[${texts.slice(next, (next += count)).join(between)}]`));
  }
  return texts[0]!;
}

/** The indices of each axis that are shown; `undefined` stands for an ellipsis. */
const edges = (shape: Shape, short: boolean): (number | undefined)[][] =>
  shape.map((size) => {
    if (!short || size <= 2 * EDGE) return Array.from({ length: size }, (_, i) => i);
    const first = Array.from({ length: EDGE }, (_, i) => i);
    return [...first, undefined, ...first.map((i) => size - EDGE + i)];
  });

/**
 * A common format for some numbers: with as many decimals as the number that needs most of them; in scientific notation if they differ by
 * orders of magnitude.
 */
function formatFor(numbers: readonly number[], dtype: string): (x: number) => string {
  if (dtype === 'int32') return String;
  const sizes = numbers.filter((x) => Number.isFinite(x) && x !== 0).map(Math.abs);
  const [least, most] = [Math.min(...sizes), Math.max(...sizes)];
  const exponential = most >= 1e8 || least < 1e-4 || most / least > 1e3; // Of no numbers at all none of these is so.
  const decimalsOf = (x: number) => {
    const [mantissa, exponent] = Number(shortest(x, dtype)).toExponential().split('e') as [string, string];
    const digits = mantissa.split('.')[1]?.length ?? 0;
    return exponential ? digits : Math.max(0, digits - Number(exponent));
  };
  const decimals = Math.min(DIGITS, Math.max(0, ...sizes.map(decimalsOf)));
  return (x) => {
    if (!Number.isFinite(x)) return String(x).replace('Infinity', 'inf').replace('NaN', 'nan');
    // Exponents have at least two digits.
    const text = exponential ? x.toExponential(decimals).replace(/e([+-])(\d)$/, 'e$10$2') : x.toFixed(decimals);
    return Object.is(x, -0) ? `-${text}` : text;
  };
}

/** The shortest decimal that rounds to the same float32 or float64. */
function shortest(x: number, dtype: string): string {
  if (dtype === 'float64') return String(x);
  for (let digits = 1; digits < 9; digits++) {
    const text = x.toPrecision(digits);
    if (Math.fround(Number(text)) === x) return String(Number(text));
  }
  return String(Number(x.toPrecision(9)));
}

/** What JavaScript is to take an object for: its text, in templates only. Its operators know no numbers but their own. */
export function asPrimitive(what: string, hint: string, x: { toString(): string }): string {
  if (hint === 'string') return x.toString();
  throw new DtypeError(
    `JavaScript's operators do not compute with ${what}: write a.add(b), a.mul(b), a.less(b).where(…, …) for a + b, a * b, a < b ? … : …; ` +
      'the number of a tensor is x.item(), its text String(x)',
  );
}
