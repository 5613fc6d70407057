/** Derivatives by finite differences, and tables that put several answers side by side. */

import { stack, Tensor } from 'tapegrad';

/**
 * All derivatives of a function by central differences: `(f(x + h eⱼ) − f(x − h eⱼ)) / 2h`, the slope between two points that lie close together.
 *
 * @returns `[...f(x).shape, x.size]`: the last axis runs over the elements of `x`, as in `jacobian`
 */
export function finiteDifferences(f: (x: Tensor) => Tensor, x: Tensor, step = 1e-5): Tensor {
  const columns = Array.from(x.data, (_, j) => {
    const nudge = Tensor.of(j, 'int32').oneHot(x.size, x.dtype).mul(step);
    return f(x.add(nudge))
      .sub(f(x.sub(nudge)))
      .div(2 * step);
  });
  return stack(columns, -1);
}

/** The largest difference between elements of two tensors of one shape; relative to the largest element of `b` where that exceeds 1. */
export const largestDifference = (a: Tensor, b: Tensor): number => a.sub(b).abs().max().item() / Math.max(1, b.abs().max().item());

/** A difference in short: `4.4e-16`. */
export const tiny = (x: number): string => (x === 0 ? '0' : x.toExponential(1));

/** Lines of text, a column for each name: words aligned at the left, numbers at the decimal point. */
export function table(names: readonly string[], rows: readonly (readonly (string | number)[])[], decimals = 12): string {
  const lines = [names, ...rows.map((row) => row.map((x) => (typeof x === 'number' && Number.isFinite(x) ? x.toFixed(decimals) : `${x}`)))];
  return lines.map((line) => `  ${line.map((cell, i) => pad(cell, i)).join('   ')}`.trimEnd()).join('\n');

  function pad(cell: string, column: number): string {
    const width = Math.max(...lines.map((line) => line[column]!.length));
    return typeof rows[0]?.[column] === 'string' ? cell.padEnd(width) : cell.padStart(width);
  }
}
