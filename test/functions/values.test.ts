/** What the generic suite cannot know: values at ties, at infinity, and of nothing. */

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { grad, jacobian, Parameter, Tape, Tensor } from '../../src/index.ts';

const float64 = (values: number | number[]): Tensor => Tensor.of(values, 'float64');
const special = fc.constantFrom(0, -0, 1, -1, 0.5, 2, Infinity, -Infinity, NaN);

describe('comparisons', () => {
  const meanings = {
    less: (a: number, b: number) => a < b,
    lessEqual: (a: number, b: number) => a <= b,
    greater: (a: number, b: number) => a > b,
    greaterEqual: (a: number, b: number) => a >= b,
    equal: (a: number, b: number) => a === b,
    notEqual: (a: number, b: number) => a !== b,
  } as const;
  const names = Object.keys(meanings) as (keyof typeof meanings)[];

  test.each(names)('%s is what JavaScript says, at ties and for NaN too, in every dtype', (name) => {
    fc.assert(
      fc.property(special, special, fc.constantFrom('float32' as const, 'float64' as const), (a, b, dtype) => {
        expect(Tensor.of(a, dtype)[name](Tensor.of(b, dtype)).item()).toBe(Number(meanings[name](a, b)));
      }),
    );
    fc.assert(
      fc.property(fc.integer(), fc.integer(), fc.boolean(), (a, b, alike) => {
        const [x, y] = [Tensor.of(a, 'int32'), Tensor.of(alike ? a : b, 'int32')];
        expect(x[name](y).item()).toBe(Number(meanings[name](a, alike ? a : b)));
        expect(x[name](y).dtype).toBe('int32');
      }),
    );
  });

  test('choose takes the first where the condition is not 0, and numbers take the dtype beside them', () => {
    const condition = Tensor.of([1, 0, -2, 0], 'int32');
    expect(condition.where(Tensor.of([1, 2, 3, 4]), 9).toArray()).toEqual([1, 9, 3, 9]);
    expect(condition.where(7, Tensor.of([1, 2, 3, 4], 'float64')).dtype).toBe('float64');
    expect(condition.where(1, 0).toArray()).toEqual([1, 0, 1, 0]);
  });

  test('the larger and the smaller of two are NaN where either is', () => {
    fc.assert(
      fc.property(special, special, (a, b) => {
        expect(float64(a).maximum(b).item() + 0).toBe(Math.max(a, b) + 0);
        expect(float64(a).minimum(b).item() + 0).toBe(Math.min(a, b) + 0);
      }),
    );
  });
});

test('the larger and the smaller pass the gradient to both where either is NaN', () => {
  for (const name of ['maximum', 'minimum'] as const) {
    for (const [a, b] of [
      [NaN, 1],
      [1, NaN],
      [NaN, NaN],
    ] as const) {
      const slope = (which: 0 | 1) => grad((a: Tensor, b: Tensor) => a[name](b), which)(float64(a), float64(b)).item();
      expect([slope(0), slope(1)]).toEqual([1, 1]);
    }
  }
});

describe('the largest and the smallest', () => {
  test('are NaN where one is NaN, and there the place is that of the first NaN', () => {
    const x = float64([3, NaN, 5, NaN]);
    expect([x.max().item(), x.min().item(), x.max(0).item()]).toEqual([NaN, NaN, NaN]);
    expect([x.argmax().item(), x.argmin().item()]).toEqual([1, 1]);
  });

  test('lie at the first of those that tie', () => {
    const x = float64([1, 4, 4, 0, 0]);
    expect([x.argmax(0).item(), x.argmin(0).item()]).toEqual([1, 3]);
  });

  test('of int32 are int32', () => {
    const x = Tensor.of(
      [
        [3, 1],
        [2, 5],
      ],
      'int32',
    );
    expect([x.max(0).toArray(), x.min(0).toArray(), x.max(1).toArray(), x.max().dtype]).toEqual([[3, 5], [2, 1], [3, 5], 'int32']);
  });
});

describe('log Σ eˣ', () => {
  test.each([
    [[-Infinity, -Infinity], -Infinity],
    [[-Infinity, 3], 3],
    [[Infinity, 1], Infinity],
    [[0, 1000], 1000],
    [[1000, 0], 1000],
    [[-2000, -1000], -1000],
    [[NaN, 1], NaN],
  ])('of %j is %d', (values, wanted) => expect(float64(values).logSumExp().item()).toBe(wanted));

  test('of nothing is −∞, the logarithm of 0', () => {
    expect(Tensor.zeros([2, 0]).logSumExp(1).toArray()).toEqual([-Infinity, -Infinity]);
    expect(Tensor.zeros([0, 2]).logSumExp(1).shape).toEqual([0]);
  });

  test('slopes by the softmax, and by 0 where nothing is possible', () => {
    const slopes = (values: number[]) => grad((x: Tensor) => x.logSumExp())(float64(values)).toArray();
    expect(slopes([0, 1000])).toEqual([0, 1]);
    expect(slopes([-Infinity, 3])).toEqual([0, 1]);
    expect(slopes([-Infinity, -Infinity])).toEqual([0, 0]);
    expect(slopes([Infinity, 1])).toEqual([NaN, 0]);
  });
});

describe('the cross-entropy of rows of probabilities', () => {
  test('what has no probability adds nothing, even where it would be an infinite surprise', async () => {
    const { crossEntropy } = await import('../../src/index.ts');
    expect(crossEntropy(Tensor.of([[-Infinity, 0]]), Tensor.of([[0, 1]]), { reduction: 'none' }).item()).toBe(0);
    expect(crossEntropy(Tensor.of([[0, 0]], 'float64'), Tensor.of([[0.25, 0.75]], 'float64'), { reduction: 'none' }).item()).toBeCloseTo(
      Math.LN2,
      14,
    );
  });
});

describe('powers', () => {
  test('0⁰ is 1 and flat in both directions; 0ᵇ is flat along b for b from 0', () => {
    const slope = (a: number, b: number, which: 0 | 1) => grad((a: Tensor, b: Tensor) => a.pow(b), which)(float64(a), float64(b)).item();
    expect([slope(0, 0, 0), slope(0, 0, 1), slope(0, 0.5, 1), slope(0, 2, 1)].map((y) => y + 0)).toEqual([0, 0, 0, 0]);
    expect(slope(0, 1, 0)).toBe(1);
    expect(slope(0, -1, 1)).toBe(-Infinity);
    expect(slope(2, 0, 1)).toBeCloseTo(Math.LN2, 14);
  });
});

describe('nothing', () => {
  test('sums to 0, has no mean, and keeps its shape through everything', () => {
    const x = Tensor.zeros([0, 3]);
    expect(x.sum().item()).toBe(0);
    expect(x.sum(0).toArray()).toEqual([0, 0, 0]);
    expect(x.mean().item()).toBe(NaN);
    expect(x.exp().softmax(1).shape).toEqual([0, 3]);
    expect(x.softmax(0).shape).toEqual([0, 3]);
    expect(x.matmul(Tensor.zeros([3, 2])).shape).toEqual([0, 2]);
    expect(
      Tensor.zeros([2, 0])
        .matmul(Tensor.zeros([0, 2]))
        .toArray(),
    ).toEqual([
      [0, 0],
      [0, 0],
    ]);
  });

  test('has a Jacobian without rows', () => expect(jacobian((x) => x.slice([[0, 0]]))(Tensor.of([1, 2])).shape).toEqual([0, 2]));
});

describe('a tape that is printed', () => {
  test('calls scalars from outside by their number, all else by name or in order of appearance', () => {
    const [x, scale, rate] = [Tensor.of([5, 6]), new Parameter(Tensor.of(3), 'scale'), Tensor.of(0.5)];
    const unnamed = new Parameter(Tensor.of(7));
    const tape = new Tape({ rate });
    tape.record(() => x.mul(scale).mul(rate).mul(unnamed).add(2));
    expect(String(tape)).toMatchInlineSnapshot(`
      "%1 : [2] = mul(%0, scale)
      %2 : [2] = mul(%1, rate)
      %4 : [2] = mul(%2, %3)
      %5 : [2] = add(%4, 2)"
    `);
  });
});
