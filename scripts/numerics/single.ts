/**
 * One function of float32 at every one of the 2³² inputs, or at each `stride`-th, against the same function in float64, which `double.ts` judges.
 * Prints the result as JSON: `single.ts exp 1`.
 */

import { backend, Tensor } from 'tapegrad';
import { apply, type Finding, type Name, ulp } from './functions.ts';

const [name, stride] = [process.argv[2] as Name, Number(process.argv[3] ?? 1)];
if (backend().name !== 'wasm') throw new Error(`this takes days without kernels: ${backend().reason}`);

const BLOCK = 2 ** 18;
const bits = new Uint32Array(BLOCK);
const inputs = new Float32Array(bits.buffer);
let [worst, at, judged, nearest] = [0, 0, 0, 0];
for (let start = 0; start < 2 ** 32; start += BLOCK * stride) {
  for (let i = 0; i < BLOCK; i++) bits[i] = start + i * stride;
  const found = apply(name, new Tensor([BLOCK], inputs)).data;
  const wanted = apply(name, new Tensor([BLOCK], Float64Array.from(inputs))).data;
  for (let i = 0; i < BLOCK; i++) {
    const [x, y] = [inputs[i]!, wanted[i]!];
    if (x !== x) continue;
    judged++;
    if (Object.is(Math.fround(y), found[i]!)) nearest++;
    else if (y !== y || Math.abs(y) === Infinity) [worst, at] = [Infinity, x];
    else {
      const error = Math.abs(found[i]! - y) / ulp(y, 'float32');
      if (!(error <= worst)) [worst, at] = [error, x];
    }
  }
}
// A correctly rounded result still has an error of up to half an ulp.
const finding: Finding = { name, dtype: 'float32', worst: Math.max(worst, 0.5), at: [at], judged, nearest };
console.log(JSON.stringify({ ...finding, worst: String(finding.worst), at: finding.at.map(String) }));
