import type { FloatDtype } from '../../src/base/dtype.ts';

/** The distance between neighbouring numbers about `x`. */
export function ulp(x: number, dtype: FloatDtype): number {
  const [digits, least] = dtype === 'float32' ? [23, -126] : [52, -1022];
  return 2 ** (Math.max(Math.floor(Math.log2(Math.abs(x))), least) - digits);
}
