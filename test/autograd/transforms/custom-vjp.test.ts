/** Derivatives of one’s own, and functions that see a gradient pass. */

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  cos,
  customVjp,
  DerivativeError,
  defaultRandom,
  type Entry,
  grad,
  gradcheck,
  gradgradcheck,
  onGradient,
  perform,
  sin,
  Tape,
  Tensor,
  valueAndGrad,
} from '../../../src/index.ts';
import { expectClose, vectors } from '../../book/lib.ts';
import { expectSameBits } from '../../lib/same.ts';

describe('a custom derivative', () => {
  /** The solution of `x = cos(a x)`, by iteration; its slope by the implicit function theorem. */
  const fixed = customVjp(
    (a: Tensor) => {
      let x: Tensor = Tensor.full(a.shape, 0.7, a.dtype);
      for (let i = 0; i < 200; i++) x = cos(a.mul(x));
      return x;
    },
    ({ xs: [a], y, dy }) => {
      const bend = sin(a!.mul(y)).neg();
      return [dy.mul(bend).mul(y).div(bend.mul(a!).neg().add(1))];
    },
  );

  test('gives the derivatives of the point that an iteration converges to, to second order', () => {
    const a = Tensor.of([0.2, 0.5, 0.8]);
    gradcheck(fixed, [a]);
    gradgradcheck(fixed, [a]);
  });

  test('does not record the steps of the iteration', () => {
    const tape = new Tape();
    tape.record(() => fixed(Tensor.of([0.5])));
    expect(tape.entries.length).toBe(1);
  });

  test('is called once for all arguments in each sweep', () => {
    let calls = 0;
    const product = customVjp(
      (a: Tensor, b: Tensor) => a.mul(b),
      ({ xs: [a, b], dy }) => {
        calls++;
        return [dy.mul(b), dy.mul(a)];
      },
    );
    const [a, b] = [Tensor.of([2, 3], 'float64'), Tensor.of([5, 7], 'float64')];
    const tape = new Tape({ a, b });
    const y = tape.record(() => product(a, b));
    const dy = Tensor.ones([2], 'float64');
    tape.backward(y, [a, b], { gradient: dy, keep: true });
    expect(calls).toBe(1);
    expect(tape.backward(y, [a, b], { gradient: dy })[0].toArray()).toEqual([5, 7]);
    expect(calls).toBe(2);
    gradgradcheck(product, [a, b]);
  });

  test('calls its function once when it is performed and not in its shape rule, and draws the same random numbers when it is performed again', () => {
    let calls = 0;
    const noisy = customVjp(
      (x: Tensor) => {
        calls++;
        return x.add(Tensor.normal(x.shape, { dtype: 'float64' }));
      },
      ({ dy }) => [dy],
    );
    fc.assert(
      fc.property(vectors(2), ([x, other]) => {
        const tape = new Tape({ x });
        const y = tape.record(() => noisy(x));
        const [{ op }] = tape.entries as [Entry];
        calls = 0;
        expect(op.shape({ x0: other })).toEqual(x.shape);
        expect(calls).toBe(0);
        const before = defaultRandom().state;
        expectSameBits(perform(op, { x0: x }).data, y.data);
        const noise = (x: Tensor) => perform(op, { x0: x }).sub(x);
        expectClose(noise(other), noise(x));
        expect(calls).toBe(3);
        expect(defaultRandom().state).toEqual(before);
      }),
    );
  });

  test('is refused where its function gives another shape when it is performed again', () => {
    const x = Tensor.of([1, 2]);
    const tape = new Tape();
    tape.record(() =>
      customVjp(
        (x: Tensor) => (x.data[0] === 1 ? x : x.sum()),
        ({ xs: [x] }) => [x],
      )(x),
    );
    const [{ op }] = tape.entries as [Entry];
    expect(() => perform(op, { x0: Tensor.of([5, 2]) })).toThrow(/expected a value of shape \[2\], as it had before, got \[\]/);
  });

  test('is refused where a gradient has another shape, or the number of gradients is not that of the arguments', () => {
    const wrong = (gradients: any) => () =>
      grad((x: Tensor) =>
        customVjp(
          (x: Tensor) => x.mul(2),
          () => gradients,
        )(x).sum(),
      )(Tensor.of([1, 2]));
    expect(wrong([Tensor.of([1])])).toThrow(DerivativeError);
    expect(wrong([])).toThrow(/a gradient for each of the 1 arguments, got 0/);
    expect(wrong([null])().toArray()).toEqual([0, 0]);
  });
});

describe('onGradient', () => {
  test('calls back with the gradient, which it may replace, and changes no value', () => {
    fc.assert(
      fc.property(vectors(2), ([x, w]) => {
        const seen: Tensor[] = [];
        const f = (x: Tensor) =>
          onGradient(x.mul(2), (dy) => void seen.push(dy))
            .mul(w)
            .sum();
        const [y, slope] = valueAndGrad(f)(x);
        expectClose(y, x.mul(2).mul(w).sum());
        expectClose(seen[0]!, w);
        expectClose(slope, w.mul(2));
        expectClose(
          grad((x: Tensor) =>
            onGradient(x, (dy) => dy.mul(10))
              .mul(w)
              .sum(),
          )(x),
          w.mul(10),
        );
      }),
    );
  });
});
