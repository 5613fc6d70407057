/**
 * Random words by their number: a counter-based generator. The words of a key can be had in any order, by any number of threads, and once more without
 * having been kept.
 */

const MULTIPLIER_0 = 0xd2511f53;
const MULTIPLIER_1 = 0xcd9e8d57;
const WEYL_0 = 0x9e3779b9;
const WEYL_1 = 0xbb67ae85;

/** Two words of 32 bits that choose a sequence. */
export type PhiloxKey = readonly [number, number];

/**
 * One block of four words of 32 bits: Philox4x32 with ten rounds (Salmon, Moraes, Dror & Shaw 2011, "Parallel random numbers: as easy as 1, 2, 3").
 * @param counter the block's number, as four words, the lowest first
 * @param out where to write the four words, from `at` on
 */
export function philox(key: PhiloxKey, counter: readonly [number, number, number, number], out: Uint32Array, at = 0): void {
  let [c0, c1, c2, c3] = counter;
  let [k0, k1] = key;
  for (let round = 0; round < 10; round++) {
    const high0 = upperProduct(MULTIPLIER_0, c0);
    const high1 = upperProduct(MULTIPLIER_1, c2);
    const low0 = Math.imul(MULTIPLIER_0, c0);
    const low1 = Math.imul(MULTIPLIER_1, c2);
    c0 = high1 ^ c1 ^ k0;
    c1 = low1;
    c2 = high0 ^ c3 ^ k1;
    c3 = low0;
    k0 = (k0 + WEYL_0) | 0;
    k1 = (k1 + WEYL_1) | 0;
  }
  out[at] = c0;
  out[at + 1] = c1;
  out[at + 2] = c2;
  out[at + 3] = c3;
}

/** The upper 32 bits of the product of two words, from products of half words, which numbers hold exactly. */
function upperProduct(a: number, b: number): number {
  const aHigh = a >>> 16;
  const aLow = a & 0xffff;
  const bHigh = b >>> 16;
  const bLow = b & 0xffff;
  const middle = aHigh * bLow + ((aLow * bLow) >>> 16);
  return (aHigh * bHigh + Math.floor(middle / 65536) + Math.floor(((middle % 65536) + aLow * bHigh) / 65536)) | 0;
}

/** The words of a key from the first on, as many as are asked for. */
export function philoxWords(key: PhiloxKey, count: number): Uint32Array {
  const words = new Uint32Array(Math.ceil(count / 4) * 4);
  const counter: [number, number, number, number] = [0, 0, 0, 0];
  for (let i = 0; i < words.length; i += 4) {
    counter[0] = (i / 4) | 0;
    counter[1] = Math.floor(i / 2 ** 34);
    philox(key, counter, words, i);
  }
  return words;
}
