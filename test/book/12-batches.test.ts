/**
 * 12. Batches.
 *
 * The loss of a batch is a sum, or a mean, over its rows, and the gradient of a sum is the sum of the gradients (chapter 2). So images may go
 * through the network one by one, their gradients added up, or all at once as one matrix. At once is faster, because the gradient of a weight
 * is one matrix product, which sums over the rows (chapter 9).
 */

import fc from 'fast-check';
import { test } from 'vitest';
import { Gradients, Linear, Random, Sequential, Sigmoid, SoftmaxCrossEntropy, Tape, Tensor } from '../../src/index.ts';
import { expectClose, tensor } from './lib.ts';

const [IN, HIDDEN, OUT] = [3, 4, 3];
const network = (seed: number) => {
  const options = { random: new Random(seed), dtype: 'float64' } as const;
  return new Sequential(new Linear(IN, HIDDEN, options), new Sigmoid(), new Linear(HIDDEN, OUT, options));
};
type Network = ReturnType<typeof network>;

function gradientsOf(model: Network, x: Tensor, y: Tensor, reduction: 'sum' | 'mean'): Gradients {
  const criterion = new SoftmaxCrossEntropy({ reduction });
  const tape = new Tape();
  return tape.backward(tape.record(() => criterion.forward(model.forward(x), y)));
}

const batches = fc.integer({ min: 1, max: 6 }).chain((rows) =>
  fc.record({
    seed: fc.nat({ max: 1000 }),
    x: tensor([rows, IN]),
    y: fc.array(fc.nat({ max: OUT - 1 }), { minLength: rows, maxLength: rows }).map((labels) => Tensor.of(labels, 'int32') as Tensor),
  }),
);
const rowsOf = (x: Tensor, y: Tensor) => Array.from({ length: y.size }, (_, i) => [x.slice([[i, i + 1]]), y.slice([[i, i + 1]])] as const);
const expectSame = (found: Gradients, wanted: Gradients) => {
  for (const [w, gradient] of wanted) expectClose(found.get(w), gradient, 1e-13);
};

// `∇ Σᵢ l(xᵢ) = Σᵢ ∇ l(xᵢ)`, for all weights of a small network.
test('the gradient of the summed loss of a batch is the sum of the gradients of its rows', () => {
  fc.assert(
    fc.property(batches, ({ seed, x, y }) => {
      const model = network(seed);
      const oneByOne = rowsOf(x, y).map(([x, y]) => gradientsOf(model, x, y, 'sum'));
      expectSame(
        oneByOne.reduce((sum, gradients) => sum.add(gradients)),
        gradientsOf(model, x, y, 'sum'),
      );
    }),
  );
});

// `∇ (1/n) Σᵢ l(xᵢ) = (1/n) Σᵢ ∇ l(xᵢ)`. The divisor is the number of rows of this batch; the last batch of a dataset may have fewer than the others.
test('the gradient of the mean loss of a batch is the mean of the gradients of its rows, however many there are', () => {
  fc.assert(
    fc.property(batches, ({ seed, x, y }) => {
      const model = network(seed);
      const oneByOne = rowsOf(x, y).map(([x, y]) => gradientsOf(model, x, y, 'mean'));
      expectSame(
        oneByOne.reduce((sum, gradients) => sum.add(gradients), new Gradients()).scale(1 / y.size),
        gradientsOf(model, x, y, 'mean'),
      );
    }),
  );
});

// This is gradient accumulation: a batch that is too large for memory is computed in parts.
test('a batch may be cut anywhere: the gradients of its parts add up', () => {
  fc.assert(
    fc.property(batches, fc.nat(), ({ seed, x, y }, cut) => {
      fc.pre(y.size > 1);
      const model = network(seed);
      const at = 1 + (cut % (y.size - 1));
      const [first, rest] = [[null, at] as const, [at, null] as const];
      const parts = [first, rest].map((range) => gradientsOf(model, x.slice([range]), y.slice([range]), 'sum'));
      expectSame(parts[0]!.add(parts[1]!), gradientsOf(model, x, y, 'sum'));
    }),
  );
});

// A sum may be taken in any order, to rounding.
test('the order of the rows of a batch does not change its gradient', () => {
  fc.assert(
    fc.property(batches, ({ seed, x, y }) => {
      const model = network(seed);
      const backward = [null, null, -1] as const;
      expectSame(gradientsOf(model, x.slice([backward]), y.slice([backward]), 'mean'), gradientsOf(model, x, y, 'mean'));
    }),
  );
});

// Two equal rows are twice the one: `l(x) + l(x) = 2 l(x)`.
test('a row that stands in a batch twice counts twice', () => {
  fc.assert(
    fc.property(batches, ({ seed, x, y }) => {
      const model = network(seed);
      const [[row, label]] = rowsOf(x, y) as [readonly [Tensor, Tensor]];
      expectSame(
        gradientsOf(model, row.broadcastTo([2, IN]), label.broadcastTo([2]), 'sum'),
        gradientsOf(model, row, label, 'sum').scale(2),
      );
    }),
  );
});
