/** What is forgotten in the forward pass and computed again in the sweep. */

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { checkpoint, cos, grad, Linear, manualSeed, Parameter, Sequential, sin, Tanh, Tape, Tensor } from '../../../src/index.ts';
import { anyFunction, tensor } from '../../book/lib.ts';
import { expectSameBits } from '../../lib/same.ts';

const vector = fc.integer({ min: 1, max: 4 }).chain((n) => tensor([n]));

describe('checkpoint', () => {
  test('changes no bit of a value, a gradient, or a gradient of a gradient', () => {
    fc.assert(
      fc.property(anyFunction, vector, ({ f }, x) => {
        const plain = (x: Tensor) => f(x).mul(x).sum();
        const kept = checkpoint(plain);
        const bend = (f: (x: Tensor) => Tensor) => grad((x: Tensor) => grad(f)(x).tanh().sum())(x);
        expectSameBits(kept(x).data, plain(x).data);
        expectSameBits(grad(kept)(x).data, grad(plain)(x).data);
        expectSameBits(bend(kept).data, bend(plain).data);
      }),
    );
  });

  test('finds the gradients of parameters, and of tensors that are closed over', () => {
    const model = new Sequential(new Linear(3, 4, { seed: 1 }), new Tanh(), new Linear(4, 2, { seed: 2 }));
    const [x, scale] = [Tensor.normal([5, 3], { seed: 3 }), new Parameter(Tensor.of(2))];
    const closed = x.mul(0.5);
    const run = (wrap: <F>(f: F) => F) => {
      const tape = new Tape();
      const inner = wrap((h: Tensor) => model.forward(h.mul(closed)).mul(scale));
      const gradients = tape.backward(tape.record(() => inner(x.mul(2)).exp().mean()));
      return [model.layers[0], model.layers[2]]
        .flatMap((layer) => [gradients.get((layer as Linear).weight), gradients.get((layer as Linear).bias!)])
        .concat(gradients.get(scale) as never);
    };
    const [plain, kept] = [run((f) => f), run(checkpoint as never)];
    plain.forEach((g, i) => expectSameBits(kept[i]!.data.slice(), g.data.slice()));
    const product = (y: Tensor) => grad((x: Tensor) => checkpoint((z: Tensor) => z.mul(x.mul(y)))(x).sum())(Tensor.of([3, 4]));
    expect(product(Tensor.of([1, 2])).toArray()).toEqual([6, 16]);
  });

  test('is one operation on the tape, whatever it performs inside', () => {
    const tape = new Tape();
    const x = Tensor.of([1, 2]);
    tape.record(() => checkpoint((x: Tensor) => cos(sin(x.exp())))(x).sum());
    expect(tape.entries.map(({ op }) => op.name)).toEqual(['checkpoint', 'sum']);
  });

  test('draws the same random numbers when it recomputes, and leaves the generator in the state of a single run', () => {
    const dropout = (x: Tensor) => x.mul(Tensor.uniform(x.shape, { dtype: x.dtype }).less(0.5));
    const run = (f: (x: Tensor) => Tensor) => {
      manualSeed(4);
      const slope = grad((x: Tensor) => f(x).mul(x).sum())(Tensor.arange(20, undefined, 1, 'float64'));
      return [slope.toArray(), Tensor.uniform([3]).toArray()];
    };
    expect(run(checkpoint(dropout))).toEqual(run(dropout));
  });
});
