/** Distances from means, and lengths with their slopes, at the numbers where rounding or a kink would spoil them. */

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { grad, hessian, jacobian, jvp, norm, perform, Tensor, vmap } from '../../../src/index.ts';
import { centre, normSlope } from '../../../src/tensor/ops/lengths.ts';
import { runs } from '../../lib/runs.ts';
import { float64 } from '../../lib/tensors.ts';

describe('numbers less their mean', () => {
  test('are right to a rounding of the numbers, however large the mean is beside them', () => {
    const small = fc.array(fc.integer({ min: -8, max: 8 }), { minLength: 1, maxLength: 40 });
    fc.assert(
      fc.property(small, fc.integer({ min: 0, max: 24 }), (differences, power) => {
        const offset = 2 ** power;
        const x = Tensor.of(differences.map((d) => d + offset));
        const held = [...x.data].map((v) => v - offset);
        const mean = held.reduce((a, b) => a + b) / held.length;
        const y = perform(centre, { x }, { axes: [0] });
        const ulp = 2 ** -23 * Math.max(1, ...held.map(Math.abs));
        held.forEach((v, i) => {
          // Where numbers have an ulp of 2, so has what is left of the mean after two subtractions.
          expect(Math.abs(y.data[i]! - (v - mean))).toBeLessThanOrEqual(8 * ulp);
        });
      }),
      { numRuns: runs(200) },
    );
  });

  test('are along some axes, and of nothing are nothing', () => {
    const x = float64([[1, 3], [5, 11]]); // biome-ignore format: a matrix
    expect(perform(centre, { x }, { axes: [1] }).toArray()).toEqual([[-1, 1], [-3, 3]]); // biome-ignore format: a matrix
    expect(perform(centre, { x }, { axes: [0, 1] }).toArray()).toEqual([[-4, -2], [0, 6]]); // biome-ignore format: a matrix
    expect(perform(centre, { x: Tensor.zeros([2, 0]) }, { axes: [1] }).shape).toEqual([2, 0]);
  });
});

describe('a length of 0', () => {
  const zeros = float64([0, 0]);
  test('is flat to the second derivative, by every way', () => {
    const length = (x: Tensor) => norm(x);
    const flat = [[0, 0], [0, 0]]; // biome-ignore format: a matrix
    expect(hessian(length)(zeros).toArray()).toEqual(flat);
    expect(jacobian(length)(zeros).toArray()).toEqual([0, 0]);
    expect(jvp(length, [zeros], [float64([1, 0])])[1].item()).toBe(0);
    expect(vmap(hessian(length))(float64([[0, 0], [0, 0]])).toArray()).toEqual([flat, flat]); // biome-ignore format: a matrix
  });

  test('has no second derivative where the gradient vanishes with it, and others do not mind', () => {
    expect(hessian((x: Tensor) => norm(x).pow(2))(zeros).data.every(Number.isNaN)).toBe(true);
    const gradient = grad((x: Tensor) => norm(x).pow(2));
    expect(jvp(gradient, [zeros], [float64([1, 0])])[1].data.every(Number.isNaN)).toBe(true);
    expect(jacobian(gradient)(zeros).data.every(Number.isNaN)).toBe(true);
    expect(gradient(zeros).toArray()).toEqual([0, 0]);
    const lines = (x: Tensor) => norm(x, 1).pow(2).sum();
    const second = hessian(lines)(float64([[0, 0], [3, 4]])); // biome-ignore format: a matrix
    const [none, some] = [second.slice([0]), second.slice([1])];
    expect(none.slice([null, 0]).data.every(Number.isNaN)).toBe(true);
    const [a, b] = some.slice([null, 1]).toArray() as number[][];
    for (const [found, wanted] of [[a![0], 2], [a![1], 0], [b![0], 0], [b![1], 2]] as const) expect(found).toBeCloseTo(wanted!, 12); // biome-ignore format: pairs
  });

  test('has a slope of 0, whatever gradient arrives', () => {
    for (const gradient of [0, 3, Infinity, NaN])
      expect(perform(normSlope, { x: zeros, gradient: float64([gradient]) }, { axes: [0] }).toArray()).toEqual([0, 0]);
  });
});
