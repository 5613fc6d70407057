/** Fourier transforms of any length, held against the sums that define them and against their own laws. */

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { DtypeError, gradcheck, gradgradcheck, irfft, rfft, ShapeError, stack, Tensor, ValueError, vmap } from '../../../src/index.ts';
import { expectWithin, peak } from '../../lib/matrices.ts';
import { refuses } from '../../lib/refuses.ts';
import { runs } from '../../lib/runs.ts';
import { float64 } from '../../lib/tensors.ts';

const normal = (shape: number[], seed: number): Tensor => Tensor.normal(shape, { seed, dtype: 'float64' }) as Tensor;
/** Lengths of every kind: powers of two, products of small primes, large primes, and products with one. */
const length = fc.oneof(fc.integer({ min: 1, max: 80 }), fc.constantFrom(127, 128, 134, 210, 251, 256, 359, 360, 509, 1024));

describe('rfft', () => {
  test('is the sum of the numbers times cosines and sines, for every length', () =>
    void fc.assert(
      fc.property(length, fc.nat(), (n, seed) => {
        const x = normal([n], seed);
        const { real, imaginary } = rfft(x);
        const half = Math.floor(n / 2) + 1;
        expect([real.shape, imaginary.shape]).toEqual([[half], [half]]);
        for (let k = 0; k < half; k += 1 + Math.floor(half / 7)) {
          let [a, b] = [0, 0];
          for (let t = 0; t < n; t++) {
            const angle = (2 * Math.PI * ((k * t) % n)) / n;
            a += x.data[t]! * Math.cos(angle);
            b -= x.data[t]! * Math.sin(angle);
          }
          expect(Math.abs(real.data[k]! - a)).toBeLessThan(1e-13 * n);
          expect(Math.abs(imaginary.data[k]! - b)).toBeLessThan(1e-13 * n);
        }
        expect(imaginary.data[0]).toBe(0);
        if (n % 2 === 0) expect(imaginary.data[half - 1]).toBe(0);
      }),
      { numRuns: runs(60) },
    ));

  test('has as much energy as the numbers, with the norm ortho', () =>
    void fc.assert(
      fc.property(length, fc.nat(), (n, seed) => {
        const x = normal([n], seed);
        const { real, imaginary } = rfft(x, -1, { norm: 'ortho' });
        const energy = [...real.data].reduce((sum, a, k) => {
          const once = k === 0 || 2 * k === n;
          return sum + (once ? 1 : 2) * (a * a + imaginary.data[k]! ** 2);
        }, 0);
        expect(energy / x.mul(x).sum().item()).toBeCloseTo(1, 11);
      }),
      { numRuns: runs(40) },
    ));

  test('of 1, 2, 3, 4 is exact, and along any axis, cut or filled up', () => {
    const { real, imaginary } = rfft(Tensor.of([1, 2, 3, 4]));
    expect([real.toArray(), imaginary.toArray()]).toEqual([[10, -2, -2], [0, 2, 0]]); // biome-ignore format: a matrix
    const x = normal([4, 2], 1);
    expect(rfft(x, 0).real.toArray()).toEqual((rfft(x.transpose() as Tensor).real.transpose() as Tensor).toArray());
    expect(rfft(x, 0, { length: 3 }).real.toArray()).toEqual(rfft(x.slice([[0, 3]]), 0).real.toArray());
    const longer = Tensor.zeros([6, 2], 'float64').add(x.unslice([6, 2], [0, 0], [1, 1])) as Tensor;
    expect(rfft(x, 0, { length: 6 }).imaginary.toArray()).toEqual(rfft(longer, 0).imaginary.toArray());
    expect(rfft(Tensor.zeros([0, 3])).real.shape).toEqual([0, 2]);
  });
});

describe('irfft', () => {
  test('gives back the numbers, for every length and norm', () =>
    void fc.assert(
      fc.property(length, fc.constantFrom('backward', 'forward', 'ortho'), fc.nat(), (length, norm, seed) => {
        const x = normal([2, length], seed);
        const { real, imaginary } = rfft(x, -1, { norm });
        const back = irfft(real, imaginary, -1, { length, norm });
        expectWithin(back, x, 1e-14 * Math.max(4, peak(x)) * Math.log2(length + 1));
      }),
      { numRuns: runs(60) },
    ));

  test('takes no notice of the imaginary parts of the first and the middle frequency, and fills up or cuts what it gets', () => {
    const [a, b] = [float64([3, 1, 2]), float64([7, 1, 9])];
    expectWithin(irfft(a, b), irfft(a, float64([0, 1, 0])), 0);
    expectWithin(irfft(a, b, -1, { length: 7 }), irfft(float64([3, 1, 2, 0]), float64([7, 1, 9, 0]), -1, { length: 7 }), 0);
    expectWithin(irfft(a, b, -1, { length: 2 }), irfft(a.slice([[0, 2]]), b.slice([[0, 2]])), 0);
  });
});

describe('gradients', () => {
  test('are those of finite differences, to second order', () => {
    for (const n of [1, 2, 5, 6]) {
      for (const part of ['real', 'imaginary'] as const) gradcheck((x) => rfft(x!)[part], [normal([2, n], n)]);
      const half = Math.floor(n / 2) + 1;
      gradcheck((a, b) => irfft(a!, b!, -1, { length: n }), [normal([half], 1), normal([half], 2)]);
      gradgradcheck((x) => rfft(x!).real.pow(2).add(rfft(x!).imaginary.pow(2)) as Tensor, [normal([n], n)]);
    }
    gradcheck((x) => rfft(x!, 0, { length: 3, norm: 'ortho' }).imaginary, [normal([4, 2], 3)]);
  });

  test('mapped, each example is transformed by itself', () => {
    const [x, y] = [normal([5], 1), normal([5], 2)];
    const both = vmap((x: Tensor) => rfft(x).imaginary)(stack([x, y]));
    expect(both.toArray()).toEqual([rfft(x).imaginary.toArray(), rfft(y).imaginary.toArray()]);
  });
});

refuses('%s is refused', [
  ['nothing to transform', () => rfft(Tensor.zeros([2, 0])), ShapeError, /^rfft: there is nothing to transform along axis -1 of \[2, 0\]/],
  ['a scalar', () => rfft(Tensor.of(1)), ShapeError, /^rfft: there is no axis -1/],
  ['parts of two shapes', () => irfft(Tensor.of([1]), Tensor.of([1, 2])), ShapeError, /^irfft: expected parts of one shape, got \[1\] and \[2\]/],
  ['parts of two dtypes', () => irfft(Tensor.of([1, 2]), float64([1, 2])), DtypeError, /^irfft: expected parts of one dtype/],
  ['one frequency without a length', () => irfft(Tensor.of([1]), Tensor.of([1])), ShapeError, /^irfft: expected a length of at least 1, got 0 for \[1\]; say it/],
  ['a length of 0', () => rfft(Tensor.of([1]), -1, { length: 0 }), ValueError, /^rfft: expected length to be a whole number from 1, got 0/],
  ['PyTorch’s name of the length', () => rfft(Tensor.of([1]), -1, { n: 4 } as never), ValueError, /^rfft: there is no option n/],
  ['another norm', () => rfft(Tensor.of([1]), -1, { norm: 'unitary' as never }), ValueError, /^rfft: expected norm to be 'backward', 'forward' or 'ortho', got 'unitary'/],
]); // biome-ignore format: one line a case
