/** The loss of labels whose places are unknown, held against the sum over all alignments, written out. */

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ctcLoss, DtypeError, grad, gradcheck, gradgradcheck, ShapeError, stack, Tensor, ValueError, vmap } from '../../../src/index.ts';
import { none } from '../../lib/losses.ts';
import { refuses } from '../../lib/refuses.ts';
import { runs } from '../../lib/runs.ts';
import { float64, int32 } from '../../lib/tensors.ts';

/** Log-probabilities `[…, classes]`. */
const logs = (shape: number[], seed: number): Tensor => (Tensor.normal(shape, { seed, dtype: 'float64' }) as Tensor).logSoftmax();
const labelsOf = (labels: number[]): Tensor => (labels.length === 0 ? Tensor.zeros([0], 'int32') : int32(labels)) as Tensor;

/** What is left of a path when repeated classes are merged and blanks left out. */
const merged = (path: number[], blank: number): number[] => path.filter((c, t) => c !== blank && c !== path[t - 1]);

/** The probabilities of all paths that give the labels, added up. */
function byPaths(x: Tensor, labels: number[], blank: number): number {
  const [steps, classes] = x.shape as [number, number];
  let total = 0;
  for (let which = 0; which < classes ** steps; which++) {
    const path = Array.from({ length: steps }, (_, t) => Math.floor(which / classes ** t) % classes);
    if (merged(path, blank).join() === labels.join()) total += Math.exp(path.reduce((sum, c, t) => sum + x.data[t * classes + c]!, 0));
  }
  return -Math.log(total);
}

describe('values', () => {
  test('are the negative logarithm of the sum over all paths that give the labels: repeated ones, none, too many', () =>
    void fc.assert(
      fc.property(
        fc.nat(5),
        fc.integer({ min: 2, max: 3 }),
        fc.array(fc.nat(1), { maxLength: 4 }),
        fc.nat(2),
        fc.nat(),
        (steps, classes, given, blank, seed) => {
          const own = blank % classes;
          // The classes but the blank.
          const labels = given.map((label) => [0, 1, 2].filter((c) => c !== own)[label % (classes - 1)]!);
          const x = logs([steps, classes], seed);
          const [found, wanted] = [ctcLoss(x, labelsOf(labels), { blank: own, reduction: 'sum' }).item(), byPaths(x, labels, own)];
          if (wanted === Infinity) expect(found).toBe(Infinity);
          else expect(Math.abs(found - wanted)).toBeLessThan(1e-12);
        },
      ),
      { numRuns: runs(150) },
    ));

  test('the probabilities of all labellings of a length and less add up to 1', () => {
    const x = logs([3, 3], 4);
    const all = [[], [1], [2], [1, 1], [1, 2], [2, 1], [2, 2], [1, 2, 1], [2, 1, 2]];
    const total = all.reduce((sum, labels) => sum + Math.exp(-ctcLoss(x, labelsOf(labels), { reduction: 'sum' }).item()), 0);
    expect(total).toBeCloseTo(1, 13);
  });

  test('of a batch with lengths are those of each example alone, whatever is beyond its lengths', () => {
    const x = logs([3, 5, 4], 7);
    const labels = int32([[1, 2, 2], [3, -7, 99], [1, 1, 0]]); // biome-ignore format: a matrix
    const options = { inputLengths: [5, 3, 4], targetLengths: int32([3, 1, 2]), ...none };
    const alone = [
      [0, 5, 3],
      [1, 3, 1],
      [2, 4, 2],
    ].map(
      (
        [i, time, count], // biome-ignore format: cases
      ) => ctcLoss(x.slice([i!, [0, time!]]), labels.slice([i!, [0, count!]]) as Tensor, none).item(),
    );
    expect(ctcLoss(x, labels, options).toArray()).toEqual(alone.map((loss) => expect.closeTo(loss, 12)));
    const mean = alone[0]! / 3 + alone[1]! + alone[2]! / 2;
    expect(ctcLoss(x, labels, { ...options, reduction: 'mean' }).item()).toBeCloseTo(mean / 3, 12);
  });

  test('are finite where no probability could be held', () => {
    const x = float64([[-5000, -1e-9], [-5000, -1e-9]]); // biome-ignore format: a matrix
    expect(ctcLoss(x, labelsOf([0]), { blank: 1, reduction: 'sum' }).item()).toBeCloseTo(5000 - Math.log(2), 8);
  });

  test('labels that do not fit have the loss ∞ or 0, and the gradient 0', () => {
    const x = logs([2, 3], 1);
    for (const [zeroInfinity, wanted] of [
      [false, Infinity],
      [true, 0],
    ] as const) {
      // biome-ignore format: cases
      const loss = (x: Tensor) => ctcLoss(x, labelsOf([1, 1]), { zeroInfinity });
      expect(loss(x).item()).toBe(wanted);
      expect([...grad(loss)(x).data].every((g) => g === 0)).toBe(true);
    }
    expect(ctcLoss(Tensor.zeros([0, 3]), labelsOf([]), { reduction: 'sum' }).item() + 0).toBe(0);
    expect(ctcLoss(Tensor.zeros([0, 3]), labelsOf([1])).item()).toBe(Infinity);
  });
});

describe('gradients', () => {
  test('are those of finite differences, to second order', () => {
    for (const labels of [[1, 2], [1, 1], [2], []]) {
      // biome-ignore format: cases
      const f = (x: Tensor) => ctcLoss(x, labelsOf(labels));
      gradcheck((x) => f(x!), [logs([4, 3], 3)]);
      gradgradcheck((x) => f(x!), [logs([3, 3], 3)]);
    }
  });

  test('by log-probabilities say how probable it is that a class comes at a step: they sum to −1', () => {
    const sums = grad((x: Tensor) => ctcLoss(x, int32([[1, 2], [1, 1]]), { reduction: 'sum' }))(logs([2, 4, 3], 5)).sum(-1) as Tensor; // biome-ignore format: a matrix
    for (const sum of sums.data) expect(sum).toBeCloseTo(-1, 13);
  });

  test('mapped, each example has its own', () => {
    const [x, y] = [logs([4, 3], 1), logs([4, 3], 2)];
    const slope = grad((x: Tensor) => ctcLoss(x, labelsOf([1, 2])));
    expect(vmap(slope as (x: Tensor) => Tensor)(stack([x, y])).toArray()).toEqual([slope(x).toArray(), slope(y).toArray()]);
  });
});

const x = logs([1, 4, 3], 1);
refuses('%s is refused', [
  ['the blank among the labels', () => ctcLoss(x, int32([[1, 0]])), ValueError, /^ctcLoss: expected distances of labels from the blank, class 0, from 1, got 0 at place 1 of \[1, 2\]/],
  ['a label that is no class', () => ctcLoss(x, int32([[1, 3]])), ValueError, /^ctcLoss: expected labels from 0 to 2, got 3 at place 1 of \[1, 2\]/],
  ['labels of floats', () => ctcLoss(x, float64([[1]])), DtypeError, /^ctcLoss: expected labels in int32, got float64/],
  ['labels of another batch', () => ctcLoss(x, int32([[1], [1]])), ShapeError, /^ctcLoss: expected labels \[1, labels\] for predictions \[1, 4, 3\], got shape \[2, 1\]/],
  ['labels for each step', () => ctcLoss(x, int32([1])), ShapeError, /^ctcLoss: expected labels/],
  ['numbers', () => ctcLoss(float64([1, 2]), int32([1])), ShapeError, /^ctcLoss: expected predictions \[n, time, classes\] or \[time, classes\], got shape \[2\]/],
  ['more steps than there are', () => ctcLoss(x, int32([[1]]), { inputLengths: [5] }), ValueError, /^ctcLoss: expected inputLengths from 0 to 4, got 5/],
  ['more labels than there are', () => ctcLoss(x, int32([[1]]), { targetLengths: int32([2]) }), ValueError, /^ctcLoss: expected targetLengths from 0 to 1, got 2/],
  ['lengths for another batch', () => ctcLoss(x, int32([[1]]), { inputLengths: [1, 2] }), ShapeError, /^ctcLoss: expected a number for each example, inputLengths of shape \[1\], got \[2\]/],
  ['a blank that is no class', () => ctcLoss(x, int32([[1]]), { blank: 3 }), ValueError, /^ctcLoss: expected blank to be a class below 3, got 3/],
  ['PyTorch’s names', () => ctcLoss(x, int32([[1]]), { zero_infinity: true } as never), ValueError, /^ctcLoss: there is no option zero_infinity; did you mean zeroInfinity\?/],
]); // biome-ignore format: one line a case
