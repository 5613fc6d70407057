/**
 * 8. Broadcasting is undone by summing.
 *
 * When a row is added to every row of a matrix, each of its elements is used once for each row. What is used in several places collects the
 * gradients of all (chapter 2), so the gradient of a tensor that was broadcast is the sum over the axes along which it was repeated. Repeating and
 * summing are adjoint.
 */

import fc from 'fast-check';
import { test } from 'vitest';
import { grad, sin, Tensor, vjp } from '../../src/index.ts';
import { dot, expectClose, expectNear, size, tensor } from './lib.ts';

/** A shape, and another that broadcasts to it. */
const stretched = fc.array(fc.tuple(size, fc.boolean()), { minLength: 1, maxLength: 3 }).chain((axes) =>
  fc.nat({ max: axes.length - 1 }).map((dropped) => {
    const to = axes.map(([n]) => n);
    const from = axes
      .map(([n, stays]) => (stays ? n : 1))
      .slice(axes[0]![1] ? 0 : Math.min(dropped, axes.findIndex(([, stays]) => stays) >>> 0));
    return { to, from: from.every((n, i) => n === 1 || n === to[i + to.length - from.length]) ? from : to };
  }),
);
const pairs = stretched.chain(({ to, from }) => fc.tuple(tensor(to), tensor(from), tensor(to)));

// For `Y = X + row` the gradient of Y goes to X as it is, and to the row summed over the rows: `drow = Σᵢ dY[i]`.
test('the gradient of a broadcast term is the sum of the gradient of the result over the broadcast axes', () => {
  fc.assert(
    fc.property(pairs, ([x, row, dy]) => {
      const [, pullback] = vjp((x: Tensor, row: Tensor) => x.add(row), x, row);
      const [dx, drow] = pullback(dy);
      expectClose(dx, dy);
      expectClose(drow, dy.sumTo(row.shape));
    }),
  );
});

// For `Y = X · row` each contribution is multiplied by the other factor first: `drow = Σᵢ dY[i] · X[i]`.
test('the gradient of a broadcast factor is the sum, over the broadcast axes, of the gradient of the result times the other factor', () => {
  fc.assert(
    fc.property(pairs, ([x, row, dy]) => {
      const [, pullback] = vjp((x: Tensor, row: Tensor) => x.mul(row), x, row);
      expectClose(pullback(dy)[1], dy.mul(x).sumTo(row.shape));
    }),
  );
});

// Repeating is linear, so it has a matrix, and summing has the transposed one. This is the law of chapter 5 for that matrix.
test('repeating and summing are adjoint: ⟨repeat(r), y⟩ = ⟨r, sum(y)⟩', () => {
  fc.assert(fc.property(pairs, ([, row, y]) => expectNear(dot(row.broadcastTo(y.shape), y), dot(row, y.sumTo(row.shape)))));
});

// Whether an operation broadcasts its argument or `broadcastTo` did so before, the sweep sums over the same axes.
test('broadcasting an argument explicitly first does not change its gradient', () => {
  fc.assert(
    fc.property(pairs, ([x, row]) => {
      const f = (stretch: (row: Tensor) => Tensor) => (row: Tensor) => sin(x.mul(stretch(row))).sum();
      expectClose(grad(f((row) => row))(row), grad(f((row) => row.broadcastTo(x.shape)))(row));
    }),
  );
});

// A mean is a sum divided by n; so each element has the slope `1/n`: `∇ mean(x) = (1/n, …, 1/n)`.
test('the gradient of a mean of n elements is 1/n for each of them', () => {
  fc.assert(
    fc.property(
      size.chain((n) => tensor([n])),
      (x) => expectClose(grad((x: Tensor) => x.mean())(x), Tensor.full(x.shape, 1 / x.size, 'float64')),
    ),
  );
});
