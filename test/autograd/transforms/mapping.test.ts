/** What is called for one example after another inside of a `vmap`, and what batching rules must give. */

import { describe, expect, test } from 'vitest';
import {
  customVjp,
  grad,
  gradcheck,
  jacobian,
  manualSeed,
  type Op,
  Parameter,
  perform,
  sin,
  Tape,
  Tensor,
  vmap,
} from '../../../src/index.ts';

/** A square root by bisection: it looks at numbers at every step. */
const root = customVjp(
  (x: Tensor) => {
    let [low, high] = [0, Math.max(1, x.item())];
    while (high - low > 1e-14) {
      const middle = (low + high) / 2;
      if (middle * middle > x.item()) high = middle;
      else low = middle;
    }
    return Tensor.of(low, 'float64');
  },
  ({ y, dy }) => [dy.div(y.mul(2))],
);
const xs = Tensor.of([1, 4, 9], 'float64');
const close = (found: Tensor, wanted: readonly number[]) => wanted.forEach((x, i) => expect(found.data[i]).toBeCloseTo(x, 10));

describe('a function with a derivative of its own that looks at numbers', () => {
  test('is called for one example after another, whatever differentiates it and however deep it is mapped', () => {
    close(vmap(root)(xs), [1, 2, 3]);
    close(vmap(grad(root))(xs), [1 / 2, 1 / 4, 1 / 6]);
    close(grad((xs: Tensor) => vmap(root)(xs).sum())(xs), [1 / 2, 1 / 4, 1 / 6]);
    close(vmap(grad(grad(root)))(xs), [-1 / 4, -1 / 32, -1 / 108]);
    gradcheck((xs: Tensor) => vmap((x: Tensor) => sin(root(x.mul(2))))(xs), [xs]);
    const table = Tensor.of(
      [
        [1, 4],
        [9, 16],
      ],
      'float64',
    );
    close(vmap(vmap(root))(table), [1, 2, 3, 4]);
    close(vmap(vmap(grad(root)))(table), [1 / 2, 1 / 4, 1 / 6, 1 / 8]);
    close(grad((table: Tensor) => vmap(vmap(root))(table).sum())(table), [1 / 2, 1 / 4, 1 / 6, 1 / 8]);
    close(jacobian((xs: Tensor) => vmap(root)(xs))(xs), [1 / 2, 0, 0, 0, 1 / 4, 0, 0, 0, 1 / 6]);
  });

  test('draws the same random numbers for each example, and is one operation on a tape', () => {
    const noisy = customVjp(
      (x: Tensor) => (x.item() > 0 ? x : x.neg()).add(Tensor.uniform([], { dtype: 'float64' })),
      ({ dy }) => [dy],
    );
    manualSeed(3);
    const noise = Tensor.uniform([], { dtype: 'float64' }).item();
    manualSeed(3);
    const tape = new Tape();
    const y = tape.record(() => vmap(noisy)(Tensor.of([1, -2, 3], 'float64')));
    close(y, [1 + noise, 2 + noise, 3 + noise]);
    expect(tape.entries.map(({ op }) => op.name)).toEqual(['customVjp']);
  });

  test('must give values of one shape for all examples', () => {
    const odd = customVjp(
      (x: Tensor) => (x.item() > 2 ? Tensor.zeros([2]) : x),
      ({ dy }) => [dy],
    );
    expect(() => vmap(odd)(xs)).toThrow(/stack: /);
  });
});

test('a batching rule must give the shape of an example for each', () => {
  const wrong: Op<'x'> = {
    name: 'wrong',
    shape: ({ x }) => x.shape,
    forward: ({ x }) => x.data.slice(),
    backward: { x: ({ dy }) => dy },
    batching: ({ inputs }) => inputs.x.x.sum(0),
    sample: (draw) => ({ x: draw.tensor([2]) }),
  };
  expect(() => vmap((x: Tensor) => perform(wrong, { x }))(Tensor.ones([3, 2]))).toThrow(
    'wrong: expected batching to give shape [3, 2], an example of shape [2] for each of 3, got [2]',
  );
});

test('a tape inside sees an example, a tape outside all of them', () => {
  const [inner, outer] = [new Tape(), new Tape()];
  outer.record(() => vmap((x: Tensor) => inner.record(() => x.mul(2).add(1)))(Tensor.ones([3, 2])));
  expect(String(inner)).toBe('%1 : [2] = mul(%0, 2)\n%2 : [2] = add(%1, 1)');
  expect(String(outer)).toBe('%1 : [3, 2] = mul(%0, 2)\n%2 : [3, 2] = add(%1, 1)');
});

test('a scalar that differs is no constant on a tape', () => {
  const tape = new Tape();
  vmap((x: Tensor) => tape.record(() => x.exp()))(Tensor.of([1, 2]));
  expect(String(tape)).toBe('%1 : [] = exp(%0)');
});

test('a function that returns its argument, a parameter, gives a tensor that stays', () => {
  const w = new Parameter(Tensor.of([1, 4, 9]));
  const [mapped, shared] = [vmap((x: Tensor) => x)(w), vmap((_: Tensor) => w)(w)];
  w.assign(Tensor.zeros([3]));
  expect([mapped.toArray(), shared.toArray()[2]]).toEqual([
    [1, 4, 9],
    [1, 4, 9],
  ]);
});
