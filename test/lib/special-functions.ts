/** Special functions against decimal numbers of fifty digits. */

import { readFileSync } from 'node:fs';
import { Tensor } from '../../src/index.ts';
import { ulp } from './ulp.ts';

const golden = JSON.parse(readFileSync('test/golden/special-functions.json', 'utf8')) as Readonly<
  Record<string, readonly (readonly [x: number, high: number, low: number])[]>
>;

/** The largest error in ulps, in float64 and, where float32 has the argument, in float32. */
export function worstUlps(name: string, f: (x: Tensor) => Tensor): { float64: number; float32: number } {
  const worst = { float64: 0, float32: 0 };
  for (const dtype of ['float64', 'float32'] as const) {
    const rows = golden[name]!.filter(([x, y]) => dtype === 'float64' || (Math.fround(x) === x && Math.abs(y) < 3.4e38));
    const found = f(
      Tensor.of(
        rows.map(([x]) => x),
        { dtype },
      ),
    ).data;
    rows.forEach(([, high, low], i) => {
      // In float32 a result may underflow.
      const error = Math.abs(found[i]! - high - low) / ulp(high === 0 ? 2 ** -1074 : high, dtype);
      worst[dtype] = Math.max(worst[dtype], Number.isNaN(error) ? Infinity : error);
    });
  }
  return worst;
}
