/** Weights by direction and length, and by their largest singular value: PyTorch's numbers, and what they are for. */

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  eigh,
  gradcheck,
  gradgradcheck,
  norm,
  ShapeError,
  spectralNorm,
  Tape,
  Tensor,
  ValueError,
  weightNorm,
} from '../../../src/index.ts';
import { refuses } from '../../lib/refuses.ts';
import { runs } from '../../lib/runs.ts';
import { expectClose, spread } from '../../lib/spread.ts';
import { float64 } from '../../lib/tensors.ts';

describe('a weight by direction and length', () => {
  test('has the value and the gradients of PyTorch 2.13.0', () => {
    // PyTorch's weight is the transposed one.
    const [direction, magnitude] = [spread(29, 2, 3).transpose() as Tensor, float64([2, 3])];
    const tape = new Tape({ direction, magnitude });
    let y = direction;
    const loss = tape.record(() => {
      y = spread(5, 2, 3).matmul(weightNorm(direction, magnitude));
      return y.pow(2).sum();
    });
    expectClose(y, [1.3888888889, 1.4044937664, -2.1111111111, -3.1601109743]);
    const [dv, dg] = tape.backward(loss, [direction, magnitude]) as [Tensor, Tensor];
    expectClose(dg, [6.3858024691, 7.9726027397]);
    expectClose(dv.transpose(), [-1.4150281969, -2.2060661485, 2.4959609816, -7.6978795271, -7.5897917058, -0.6485269281]);
  });

  test('has a length for each output of a convolution, its first axis', () => {
    expectClose(weightNorm(spread(29, 2, 2, 2), float64([2, 3])), [-1.4792005233, 0.7396002616, -0.1849000654, -1.1094003925, 1.6641005887, 0.2773500981, -1.1094003925, 2.2188007849]); // biome-ignore format: numbers
  });

  test('has the lengths that are asked for, along any axis, and the derivatives that differences measure', () => {
    fc.assert(
      fc.property(fc.constantFrom(0, 1, 2, -1), fc.nat(), (axis, seed) => {
        const direction = Tensor.normal([2, 3, 2], { seed, dtype: 'float64' }) as Tensor;
        const magnitude = Tensor.uniform([direction.shape.at(axis)!], { low: 0.5, seed, dtype: 'float64' }) as Tensor;
        const others = [0, 1, 2].filter((other) => other !== (axis + 3) % 3);
        expectClose(norm(weightNorm(direction, magnitude, { axis }), others), [...magnitude.data]);
        gradcheck((v: Tensor, g: Tensor) => weightNorm(v, g, { axis }), [direction, magnitude]);
      }),
      { numRuns: runs(10) },
    );
    const [v, g] = [Tensor.normal([3, 2], { seed: 1, dtype: 'float64' }), Tensor.normal([2], { seed: 2, dtype: 'float64' })] as [
      Tensor,
      Tensor,
    ];
    gradgradcheck((v: Tensor, g: Tensor) => weightNorm(v, g), [v, g]);
  });
});

describe('a weight by its largest singular value', () => {
  test('has the value, the gradient and the vectors of PyTorch 2.13.0', () => {
    const weight = spread(29, 2, 3).transpose() as Tensor;
    const tape = new Tape({ weight });
    let [y, left, right] = [weight, weight, weight];
    const loss = tape.record(() => {
      const normed = spectralNorm(weight, { left: float64([0.6, 0.8]), right: float64([0.6, 0.8, 0]) });
      ({ left, right } = normed);
      y = spread(5, 2, 3).matmul(normed.weight);
      return y.pow(2).sum();
    });
    expectClose(y, [1.9803882829, 1.267448501, -3.01019019, -2.8517591274]);
    expectClose(left, [-0.8, 0.6]);
    expectClose(right, [0.8872139507, 0.1267448501, 0.4436069754]);
    const [slope] = tape.backward(loss, [weight]) as [Tensor];
    expectClose(slope.transpose(), [58.3696230706, 17.4535491363, 43.3916388445, -80.3987032467, -2.133836551, -29.0547733101]);
  });

  test('stretches nothing after enough steps, and the vectors are the singular ones', () => {
    const weight = Tensor.normal([4, 3], { seed: 1, dtype: 'float64' }) as Tensor;
    const start = { left: Tensor.ones([3], 'float64'), right: Tensor.ones([4], 'float64') } as const;
    const { weight: normed, left, right } = spectralNorm(weight, start, { iterations: 200 });
    expect(eigh(normed.transposedTimes(normed)).values.max().item()).toBeCloseTo(1, 12);
    expectClose(normed.matmul(left), [...right.data]);
  });

  test('is measured by the vectors as they are where there is no step', () => {
    const vectors = { left: float64([1, 0]), right: float64([0, 1]) };
    expect(spectralNorm(float64([[4, 8], [2, 2]]), vectors, { iterations: 0 }).weight.toArray()).toEqual([[2, 4], [1, 1]]); // biome-ignore format: matrices
    gradcheck((w: Tensor) => spectralNorm(w, vectors, { iterations: 0 }).weight, [float64([[4, 8], [2, 2]])]); // biome-ignore format: matrices
  });
});

describe('what does not fit is refused, by name', () => {
  const weight = Tensor.ones([3, 2]) as Tensor;
  const vectors = { left: Tensor.ones([2]), right: Tensor.ones([3]) };
  refuses('%s', [
    [
      'lengths of the inputs',
      () => weightNorm(weight, Tensor.ones([3])),
      ShapeError,
      /^weightNorm: expected a magnitude of shape \[2\], got \[3\]/,
    ],
    [
      'a vector',
      () => weightNorm(Tensor.ones([3]), Tensor.ones([3])),
      ShapeError,
      /^weightNorm: expected a weight of at least two axes, got \[3\]/,
    ],
    ['no such axis', () => weightNorm(weight, Tensor.ones([3]), { axis: 2 }), ShapeError, /^weightNorm: .*axis/],
    ['PyTorch’s word', () => weightNorm(weight, Tensor.ones([2]), { dim: 0 } as never), ValueError, /^weightNorm: there is no option dim/],
    ['no vectors', () => spectralNorm(weight, undefined as never), /^spectralNorm: expected a tensor for left, got undefined/],
    [
      'vectors that are exchanged',
      () => spectralNorm(weight, { left: vectors.right, right: vectors.left }),
      ShapeError,
      /^spectralNorm: expected left of shape \[2\], got \[3\]/,
    ],
    [
      'half a step',
      () => spectralNorm(weight, vectors, { iterations: 0.5 }),
      /^spectralNorm: expected iterations to be a whole number from 0, got 0.5/,
    ],
  ]);
});
