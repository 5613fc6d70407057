/** The form of the tables of names. */

/**
 * One thing under its names in tapegrad, PyTorch, JAX, NumPy and TensorFlow.js, and what there is to know for whoever comes from there.
 *
 * The expression of tapegrad is code that the compiler checks and nobody runs: the page shows its text, of an array its elements. The others are text;
 * `''` is for what a framework does not have.
 */
export type Row = readonly [here: () => unknown, torch: string, jax: string, numpy: string, tfjs: string, note?: string];

/** Rows under a heading. */
export interface Section {
  readonly title: string;
  readonly rows: readonly Row[];
}
