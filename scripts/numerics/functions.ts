/** The functions that are measured, the errors that are promised, and what a measurement finds. */

import {
  acos,
  acosh,
  asin,
  asinh,
  atan,
  atanh,
  cos,
  cosh,
  erf,
  erfc,
  exp2,
  log2,
  log10,
  logSigmoid,
  sin,
  sinh,
  softplus,
  type Tensor,
  tan,
} from 'tapegrad';

const methods = ['exp', 'expm1', 'log', 'log1p', 'tanh', 'sigmoid', 'sqrt', 'reciprocal'] as const;
type Method = (typeof methods)[number];
const functions = {
  erf,
  erfc,
  exp2,
  log2,
  log10,
  sin,
  cos,
  tan,
  asin,
  acos,
  atan,
  sinh,
  cosh,
  asinh,
  acosh,
  atanh,
  softplus,
  logSigmoid,
} as const;
export type Name = Method | keyof typeof functions;

/** How far from the exact value a result may be at most, in units in the last place. */
export const promised: { readonly [name in Name | 'pow']: number } = {
  exp: 1,
  expm1: 1.5,
  log: 1,
  log1p: 1.5,
  sin: 1.5,
  cos: 1.5,
  tanh: 1.5,
  sigmoid: 2.5,
  erf: 1.5,
  erfc: 3,
  exp2: 1,
  log2: 1.5,
  log10: 1.5,
  tan: 2,
  asin: 1.5,
  acos: 1.5,
  atan: 1.5,
  sinh: 2,
  cosh: 2,
  asinh: 2,
  acosh: 2,
  atanh: 2,
  softplus: 2,
  logSigmoid: 2,
  sqrt: 0.5,
  reciprocal: 0.5,
  pow: 2,
};

export const names = Object.keys(promised).filter((name) => name !== 'pow') as readonly Name[];

/** Applies the function of the package. */
export const apply = (name: Name, x: Tensor): Tensor =>
  name in functions ? (functions as { readonly [name in string]?: (x: Tensor) => Tensor })[name]!(x) : x[name as Method]();

/** The result of measuring one function in one dtype. */
export interface Finding {
  readonly name: string;
  readonly dtype: 'float32' | 'float64';
  /** The largest error in units in the last place, and the input or inputs that have it. */
  readonly worst: number;
  readonly at: readonly number[];
  readonly judged: number;
  /** How many results were correctly rounded. */
  readonly nearest: number;
}

/** The distance between neighbours around `x`: `digits` after the first, none below the smallest normal number. */
export function ulp(x: number, dtype: 'float32' | 'float64'): number {
  const [digits, least] = dtype === 'float32' ? [23, -126] : [52, -1022];
  return 2 ** (Math.max(exponentOf(x), least) - digits);
}

const double = new Float64Array(1);
const words = new Uint32Array(double.buffer);
function exponentOf(x: number): number {
  double[0] = x;
  return ((words[1]! >>> 20) & 2047) - 1023;
}

/** A generator of uniform random numbers, the same for the same seed. */
export function randomly(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    const high = state >>> 5;
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return (high * 67108864 + (state >>> 6)) / 9007199254740992;
  };
}
