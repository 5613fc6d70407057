/** SIMD instructions that pooling alone needs: shuffles, and what is compared. */

import { type Binary, two } from './assembler.ts';
import { type Lanes, simd, sixteen } from './lanes.ts';

/** Every second lane of two vectors that follow one another, from the first on. */
export const everySecond = ({ bytes }: Lanes): Binary =>
  two([simd(13), sixteen((index) => 2 * bytes * Math.floor(index / bytes) + (index % bytes))]);

/** All bits of a lane where `a ≤ b`, none elsewhere. */
export const lessEqual = ({ count }: Lanes): Binary => two(simd(count === 4 ? 69 : 75));

/** All bits of a lane where both are the same int32, none elsewhere. */
export const same: Binary = /* @__PURE__ */ two(/* @__PURE__ */ simd(55));

/** The first two lanes of two vectors of float32, one of each in turn. */
export const weaveFirst: Binary = /* @__PURE__ */ weave(0);

/** The last two likewise. */
export const weaveLast: Binary = /* @__PURE__ */ weave(8);

function weave(first: number): Binary {
  return two([simd(13), sixteen((index) => first + 16 * (Math.floor(index / 4) % 2) + 4 * Math.floor(index / 8) + (index % 4))]);
}
