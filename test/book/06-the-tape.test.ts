/**
 * 6. The tape.
 *
 * While a function runs, a tape writes down every operation, its inputs and its output. To differentiate, the list is read from the end: each
 * operation takes the gradient that has arrived at its output, multiplies it by its own local derivatives, and adds the products to its inputs.
 * When an operation’s turn comes, everything that used its output has had its turn, because it stands later on the list.
 */

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { sin, Tape, Tensor } from '../../src/index.ts';
import { anyFunction, expectClose, vectors } from './lib.ts';

const float64 = (values: number | number[]): Tensor => Tensor.of(values, 'float64');

// Values from outside have names, results have numbers. This is `(x · w − 1)²`.
test('a printed tape reads like the computation', () => {
  const [x, w] = [float64([1, 2]), float64([3, 4])];
  const tape = new Tape({ x, w });
  tape.record(() => x.mul(w).sum().sub(1).pow(2));
  expect(String(tape)).toMatchInlineSnapshot(`
    "%0 : [2] = mul(x, w)
    %1 : [] = sum(%0, axes: [0])
    %2 : [] = sub(%1, 1)
    %3 : [] = pow(%2, 2)"
  `);
});

// For `e^(sin x²)` the list has three lines. Read from the end it says `(eᵇ)′ = eᵇ`, then `(sin a)′ = cos a`, then `(x²)′ = 2x`, and each is
// multiplied by what has arrived.
test('the sweep multiplies the local derivatives, from the end to the beginning', () => {
  fc.assert(
    fc.property(fc.double({ min: -2, max: 2, noNaN: true }), (value) => {
      const x = float64(value);
      const tape = new Tape({ x });
      const [a, b, c] = tape.record(() => {
        const a = x.mul(x);
        const b = sin(a);
        return [a, b, b.exp()] as const;
      });
      const [dx, da, db] = tape.backward(c, [x, a, b]);
      const dbByHand = c.item(); // (eᵇ)′ = eᵇ
      const daByHand = dbByHand * Math.cos(a.item()); // (sin a)′ = cos a
      expectClose(db, float64(dbByHand));
      expectClose(da, float64(daByHand));
      expectClose(dx, float64(daByHand * 2 * value)); // (x²)′ = 2x
    }),
  );
});

// A tape writes down only the operations inside of `record`.
test('an operation outside of record is not recorded', () => {
  fc.assert(
    fc.property(anyFunction, vectors(1), ({ f }, [x]) => {
      const tape = new Tape();
      f(x);
      tape.record(() => {});
      f(x);
      expect(tape.entries).toEqual([]);
    }),
  );
});

// A change of y below does not change the loss.
test('a tensor that the loss does not depend on has a gradient of zeros', () => {
  const [x, y] = [float64([1, 2]), float64([3, 4])];
  const tape = new Tape();
  const loss = tape.record(() => {
    y.exp();
    return x.sum();
  });
  expect(tape.backward(loss, [x, y]).map((g) => g.toArray())).toEqual([
    [1, 1],
    [0, 0],
  ]);
});

// The sweep passes through every intermediate value. What has arrived there is the gradient of the loss with respect to that value.
test('an intermediate value has a gradient as well: that of the loss with respect to it', () => {
  fc.assert(
    fc.property(anyFunction, anyFunction, vectors(1), ({ f }, { f: g }, [x]) => {
      const tape = new Tape({ x });
      const [h, loss] = tape.record(() => {
        const h = f(x);
        return [h, g(h).sum()] as const;
      });
      const alone = new Tape({ h });
      const [wanted] = alone.backward(
        alone.record(() => g(h).sum()),
        [h],
      );
      expectClose(tape.backward(loss, [h])[0], wanted);
    }),
  );
});

// In 20 doublings, `2²⁰` paths lead from x to the end, and by the chain rule the gradient is the sum over all paths. The sweep adds up all
// contributions to a value before it goes on, so it does not follow the paths one by one.
test('a sweep visits an operation once, however often its result is used', () => {
  const x = float64(2);
  const tape = new Tape({ x });
  const loss = tape.record(() => {
    let y = x.mul(1);
    for (let i = 0; i < 20; i++) y = y.add(y);
    return y;
  });
  const sweep = new Tape();
  const [dx] = sweep.record(() => tape.backward(loss, [x]));
  expect(dx!.item()).toBe(2 ** 20);
  expect(sweep.entries.length).toBeLessThan(50);
});
