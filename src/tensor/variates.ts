/**
 * Random numbers of distributions beyond the uniform and the normal, drawn as NumPy's `RandomState` draws them, so that both give the same
 * numbers for a seed but for the last digits of logarithms and powers.
 */

import { newData } from '../base/dtype.ts';
import { exactLog } from '../base/exact-log.ts';
import type { Random } from '../base/random.ts';
import { numberOf } from '../formula/evaluate.ts';
import { formula } from '../formula/formula.ts';

const power = /* @__PURE__ */ formula((a, b) => a.pow(b));

const logistic = /* @__PURE__ */ formula((x) => x.sigmoid());

const log = (x: number): number => (x === 0 ? -Infinity : exactLog(x));

/** Exponentially distributed with the rate 1: `−ln(1 − U)`. */
export const exponentialOf = (random: Random): number => 0 - log(1 - random.float());

/**
 * Gamma distributed with the rate 1. For a concentration from 1 on by Marsaglia and Tsang 2000, "A simple method for generating gamma
 * variables"; below, by rejection from an exponential distribution with a power (Ahrens and Dieter 1974, algorithm GS).
 */
export function gammaOf(random: Random, concentration: number): number {
  if (concentration === 1) return exponentialOf(random);
  return concentration < 1 ? smallGamma(random, concentration) : largeGamma(random, concentration);
}

function smallGamma(random: Random, concentration: number): number {
  for (;;) {
    const u = random.float();
    const limit = exponentialOf(random);
    if (u <= 1 - concentration) {
      const x = numberOf(power, u, 1 / concentration);
      if (x <= limit) return x;
    } else {
      const y = 0 - log((1 - u) / concentration);
      const x = numberOf(power, 1 - concentration + concentration * y, 1 / concentration);
      if (x <= limit + y) return x;
    }
  }
}

function largeGamma(random: Random, concentration: number): number {
  const b = concentration - 1 / 3;
  const c = 1 / Math.sqrt(9 * b);
  for (;;) {
    let [x, root] = [0, 0];
    do {
      x = random.normal();
      root = 1 + c * x;
    } while (root <= 0);
    const v = root * root * root;
    const u = random.float();
    // The first test is what the second mostly comes to, without logarithms.
    if (u < 1 - 0.0331 * (x * x) * (x * x)) return b * v;
    if (log(u) < 0.5 * x * x + b * (1 - v + log(v))) return b * v;
  }
}

/** Beta distributed: by Jöhnk 1964 where neither parameter exceeds 1, else from two gamma distributed numbers. */
export function betaOf(random: Random, a: number, b: number): number {
  if (a > 1 || b > 1) {
    const x = gammaOf(random, a);
    return x / (x + gammaOf(random, b));
  }
  for (;;) {
    const [u, v] = [random.float(), random.float()];
    const [x, y] = [numberOf(power, u, 1 / a), numberOf(power, v, 1 / b)];
    if (x + y > 1) continue;
    if (x + y > 0) return x / (x + y);
    // Both powers underflow: what counts is the difference of their logarithms, or which is the larger where both are infinite.
    const difference = log(u) / a - log(v) / b;
    if (difference === difference) return numberOf(logistic, difference);
    return log(u) * b > log(v) * a ? 1 : 0;
  }
}

/** Sums of weights so far, divided by the sum of all. */
function shares(weights: ArrayLike<number>): Float64Array {
  const sums = new Float64Array(weights.length);
  // So that the sum of the largest numbers is one.
  const scale = Array.prototype.some.call(weights, (w: number) => w > 2 ** 900) ? 2 ** -100 : 1;
  let total = 0;
  for (let i = 0; i < weights.length; i++) sums[i] = total += weights[i]! * scale;
  return sums.map((sum) => sum / total);
}

/** The class in whose share a number from 0 to below 1 lies. */
function classAt(sums: Float64Array, u: number): number {
  let [low, high] = [0, sums.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (sums[middle]! > u) high = middle;
    else low = middle + 1;
  }
  return low;
}

/** Draws classes, each as likely as its weight, which may be drawn again. */
export function classesOf(random: Random, weights: ArrayLike<number>, count: number): Int32Array {
  const drawn = newData('int32', count) as Int32Array;
  if (count === 0) return drawn;
  const sums = shares(weights);
  return drawn.map(() => classAt(sums, random.float()));
}

/** Draws different classes: rounds of as many numbers as classes are missing, in which those found before have no weight. */
export function differentClassesOf(random: Random, weights: ArrayLike<number>, count: number): Int32Array {
  const left = Float64Array.from(weights);
  const found = new Set<number>();
  while (found.size < count) {
    for (const which of classesOf(random, left, count - found.size)) {
      found.add(which);
      left[which] = 0;
    }
  }
  return Int32Array.from(found);
}
