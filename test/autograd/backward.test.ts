/** The sweep that tapes and optimizers share. */

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { pullBack } from '../../src/autograd/backward.ts';
import { Linear, mseLoss, Parameter, Sequential, SGD, Tape, Tensor, tanh } from '../../src/index.ts';
import { runs } from '../lib/runs.ts';
import { expectSameBits } from '../lib/same.ts';

const sizes = fc.tuple(fc.integer({ min: 1, max: 9 }), fc.integer({ min: 1, max: 9 }), fc.integer({ min: 1, max: 9 }));

test('an optimizer by itself moves parameters to the same bits as a tape and a step', () => {
  fc.assert(
    fc.property(sizes, fc.nat({ max: 1000 }), ([rows, inputs, outputs], seed) => {
      const [x, y] = [Tensor.normal([rows, inputs], { seed }), Tensor.normal([rows, outputs], { seed: seed + 1 })];
      const [one, other] = [0, 0].map(() => {
        const model = new Sequential(new Linear(inputs, 5, { seed }), tanh, new Linear(5, outputs, { seed: seed + 2 }));
        return { model, optimizer: new SGD(model, { learningRate: 0.1, momentum: 0.5 }) };
      });
      for (let step = 0; step < 2; step++) {
        const loss = one!.optimizer.minimize(() => mseLoss(one!.model.forward(x), y));
        const tape = new Tape();
        const wanted = tape.record(() => mseLoss(other!.model.forward(x), y));
        other!.optimizer.step(tape.backward(wanted));
        expect(loss).toBe(wanted.item());
      }
      const [found, wanted] = [one!, other!].map(({ model }) => (model.layers[0] as Linear).weight);
      expectSameBits(found!.data, wanted!.data);
    }),
    { numRuns: runs(50) },
  );
});

test('an optimizer by itself refuses what a tape refuses, in the same words', () => {
  const w = new Parameter(Tensor.of([1, 2]));
  const optimizer = new SGD({ w }, { learningRate: 0.1 });
  const outside = w.sum();
  const losses: readonly (readonly [lossOf: () => Tensor, message: RegExp])[] = [
    [() => outside, /^backward: the tape never saw the value of shape \[\] to start from; was it computed inside record\?$/],
    [() => Tensor.of([1, 2]).sum(), /^backward: the tape saw no parameter; name tensors/],
    [() => w.mul(2), /^backward: expected a scalar, got shape \[2\]/],
    [() => w.mul(2).sum().cast('int32'), /^backward: cannot start from int32/],
    [
      () => {
        const loss = w.mul(w).sum();
        w.assign(w.mul(2));
        return loss;
      },
      /^backward: w of shape \[2\] was assigned after the tape recorded it/,
    ],
  ];
  for (const [lossOf, message] of losses) {
    expect(() => optimizer.minimize(lossOf)).toThrow(message);
    const tape = new Tape();
    expect(() => tape.backward(tape.record(lossOf))).toThrow(message);
  }
});

test('after a step the recording holds no tensor, so what a loss kept can be recorded again', () => {
  const w = new Parameter(Tensor.of([3]));
  const optimizer = new SGD({ w }, { learningRate: 0.5 });
  let kept: Tensor | undefined;
  optimizer.minimize(() => (kept = w.mul(w)).sum());
  const tape = new Tape();
  const y = tape.record(() => kept!.mul(kept!).sum());
  expect(tape.backward(y, [kept!])[0].toArray()).toEqual([18]);
});

test('what is swept for a rule gives the gradients of its function, and refuses what is none', () => {
  const [x, dy] = [Tensor.of([1, 2]), Tensor.of([10, 100])];
  expect(pullBack(() => x.mul(x), [x], dy).map((dx) => dx.toArray())).toEqual([[20, 400]]);
  expect(() => pullBack(3 as never, [x], dy)).toThrow(/^pullBack: expected a function and a list of tensors, got 3 and \[/);
  expect(() => pullBack(() => x.mul(x), x as never, dy)).toThrow(/^pullBack: expected a function and a list of tensors, got a function/);
  expect(() => pullBack(() => x.mul(x), [x, Tensor.of(1)], dy)).toThrow(/^backward: the tape never saw tensor 1 of shape \[\]/);
});
