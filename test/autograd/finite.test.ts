/** Where the first NaN or infinity comes from. */

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  acosh,
  asin,
  exp2,
  fmod,
  Linear,
  log2,
  log10,
  logit,
  NonFiniteError,
  Parameter,
  perform,
  Sequential,
  SGD,
  Sigmoid,
  sinh,
  Tape,
  Tensor,
  unaryOp,
  ValueError,
  where,
  xlogy,
} from '../../src/index.ts';
import { anyFunction, tensor } from '../book/lib.ts';

const message = (f: () => unknown): string => {
  try {
    f();
  } catch (error) {
    expect(error).toBeInstanceOf(NonFiniteError);
    return (error as Error).message;
  }
  throw new Error('nothing was thrown');
};
const checked = (f: () => Tensor): string => message(() => new Tape().record(f, { check: 'finite' }));

describe('while recording with a check', () => {
  test('finite numbers pass, with the same value and gradient as without the check', () => {
    fc.assert(
      fc.property(anyFunction, tensor([3]), ({ f }, x) => {
        const run = (options?: { check: 'finite' }) => {
          const tape = new Tape({ x });
          const y = tape.record(() => f(x).sum(), options);
          return [y.item(), tape.backward(y, [x])[0].toArray()];
        };
        expect(run({ check: 'finite' })).toEqual(run());
      }),
    );
  });

  const x = Tensor.of([
    [0, 4],
    [-1, 1e30],
  ]);
  test.each<[string, () => Tensor, RegExp]>([
    [
      'log',
      () => Tensor.of([1, 0]).log(),
      /^log: in the result of shape \[2\], 1 of 2 elements is not finite, the first, -Infinity, at \[1\]; given x \[2\] from 0 to 1; likely cause: the logarithm of 0/,
    ],
    ['a negative log', () => x.log(), /the first, -Infinity, at \[0, 0\].*the logarithm of 0/],
    ['log1p', () => Tensor.of([-1]).log1p(), /the logarithm of 0/],
    [
      'log of less',
      () => Tensor.of([-3]).log(),
      /the first, NaN, at \[0\]; given x \[1\] is -3; likely cause: the logarithm of a negative number/,
    ],
    ['div', () => Tensor.of([1, 2]).div(Tensor.of([1, 0])), /^div: .*at \[1\].*division by 0/],
    ['reciprocal', () => Tensor.of([0]).reciprocal(), /division by 0/],
    ['sqrt', () => Tensor.of([-1e-9]).sqrt(), /root of a negative number/],
    ['pow', () => Tensor.of([-2]).pow(0.5), /power of a negative number/],
    ['exp', () => Tensor.of([800]).exp(), /^exp: .*given x \[1\] is 800; likely cause: overflow of the exponential/],
    ['mul', () => x.mul(x).mul(x), /^mul: .*grew too large; the learning rate may be too high/],
    ['div of what is nearly 0', () => Tensor.of([1e30]).div(1e-30), /grew too large/],
    ['fmod', () => fmod(Tensor.of([1]), Tensor.of([0])), /^fmod: .*division by 0/],
    ['log1p of less', () => Tensor.of([-2]).log1p(), /the logarithm of a negative number/],
    ['log2', () => log2(Tensor.of([0])), /the logarithm of 0/],
    ['log10', () => log10(Tensor.of([-1])), /the logarithm of a negative number/],
    ['xlogy', () => xlogy(Tensor.of([1]), Tensor.of([0])), /^xlogy: .*the logarithm of 0/],
    ['pow of 0', () => Tensor.of([0]).pow(-1), /likely cause: a negative power at 0/],
    ['sinh', () => sinh(Tensor.of([800])), /overflow of the exponential/],
    ['exp2', () => exp2(Tensor.of([2000])), /overflow of the exponential/],
    ['asin', () => asin(Tensor.of([2])), /outside, or at the edge, of where the function is defined/],
    ['acosh', () => acosh(Tensor.of([0])), /outside, or at the edge/],
    ['logit', () => logit(Tensor.of([1])), /outside, or at the edge/],
    ['a scalar', () => Tensor.of(0).log(), /of shape \[\], 1 of 1 element is not finite, the first, -Infinity; given/],
  ])('%s is named, with what it was given and why', (_, f, wanted) => expect(checked(f)).toMatch(wanted));

  test('the error names the first operation whose result is not finite, and the layer before it', () => {
    const model = new Sequential(new Linear(2, 2, { seed: 1 }), new Sigmoid(), new Linear(2, 2, { seed: 2 }));
    new SGD(model, { learningRate: 1 }); // names the parameters
    expect(
      checked(() =>
        model
          .forward(Tensor.of([[1, 2]]))
          .mul(0)
          .log()
          .mul(3)
          .sum(),
      ),
    ).toMatch(/^log: .*; it comes after layers\.2$/);
    const logarithm = { forward: (x: Tensor) => x.sub(x).log() };
    const deep = new Sequential(new Linear(2, 2, { seed: 1 }), new Sequential(new Sigmoid(), logarithm));
    new SGD(deep, { learningRate: 1 });
    expect(checked(() => deep.forward(Tensor.of([[1, 2]])))).toMatch(/^layers\.1\.layers\.1: log: .*; it comes after layers\.0$/);
  });

  test('numbers that were not finite before recording are reported as such: data, and parameters after a bad step', () => {
    const w = new Parameter(Tensor.of([1, NaN]), 'layers.0.weight');
    expect(checked(() => w.mul(2))).toMatch(
      /^layers\.0: layers\.0\.weight, of shape \[2\]: 1 of 2 elements is not finite, the first, NaN, at \[1\]; an earlier step spoiled it/,
    );
    expect(checked(() => Tensor.of([NaN]).mul(2))).toMatch(/^a tensor from outside, of shape \[1\].*the data has it already/);
    expect(checked(() => new Parameter(Tensor.of([Infinity])).mul(2))).toMatch(/an earlier step spoiled it/);
  });

  test('an infinity among the inputs is accepted, such as that of a mask', () => {
    const scores = Tensor.of([
      [1, 2],
      [3, 4],
    ]);
    const tape = new Tape({ scores });
    const y = tape.record(
      () =>
        Tensor.of([
          [1, 0],
          [1, 1],
        ])
          .where(scores, -Infinity)
          .softmax()
          .sum(),
      { check: 'finite' },
    );
    expect(tape.backward(y, [scores])[0].data.every(Number.isFinite)).toBe(true);
    // But a NaN made of infinities is one.
    expect(checked(() => Tensor.of([[Infinity]]).sub(Infinity))).toMatch(/^sub: .*NaN/);
  });

  test('any other check is refused', () => {
    expect(() => new Tape().record(() => 1, { check: 'nan' as never })).toThrow(ValueError);
  });
});

describe('in the sweep', () => {
  const swept = (f: (x: Tensor) => Tensor, values: number[]): string => {
    const x = new Parameter(Tensor.of(values), 'layers.1.scale');
    const tape = new Tape();
    const y = tape.record(() => f(x).sum(), { check: 'finite' });
    return message(() => tape.backward(y));
  };

  test('the error names the rule that gives the first number that is not finite, with its layer', () => {
    expect(swept((x) => x.sqrt(), [4, 0])).toMatch(
      /^layers\.1: sqrt, backward: in the gradient for x, of shape \[2\], 1 of 2 elements is not finite, the first, Infinity, at \[1\].*the slope of the root at 0/,
    );
    expect(swept((x) => x.pow(0.5), [4, 0])).toMatch(/^layers\.1: pow, backward: .*the slope of a negative power at 0/);
    expect(swept((x) => x.mul(1e30).mul(1e-30).mul(1e20).mul(1e25), [1e-30])).toMatch(
      /^mul, backward: in the gradient for a, .*numbers that grew too large.*; it comes after layers\.1$/,
    );
  });

  test('the error names the branch that was not taken, where nothing arrives at an infinite slope, and the remedy', () => {
    const hint = /; or 0 · ∞, the gradient of a branch that where, an index or clamp did not take.*where\(c, f\(where\(c, x, 1\)\), 0\)$/;
    const branches: ((x: Tensor) => Tensor)[] = [
      (x) => where(x.greater(0), x.sqrt(), 0),
      (x) => x.sqrt().slice([0]),
      (x) => x.sqrt().clamp(1),
    ];
    for (const f of branches) expect(swept(f, [4, 0])).toMatch(hint);
    expect(swept((x) => x.sqrt(), [4, 0])).not.toMatch(/where/);
    expect(() => swept((x) => where(x.greater(0), where(x.greater(0), x, 1).sqrt(), 0), [4, 0])).toThrow('nothing was thrown');
  });

  test('the error names a logarithm for its slope at 0, whatever the gradient that arrives there', () => {
    const masked = Tensor.of([1, 0]);
    const safe = unaryOp('safe', {
      forward: (x) => x.equal(0).where(0, x.log()),
      backward: ({ dy, x }) => dy.div(x),
      nonFinite: 'logarithm',
    });
    expect(swept((x) => perform(safe, { x }).mul(masked), [1, 0])).toMatch(/^layers\.1: safe, backward: .*NaN.*the logarithm of 0/);
  });

  test('a diverging training stops before a parameter becomes infinite or NaN', () => {
    const w = new Parameter(Tensor.of([1]), 'w');
    const optimizer = new SGD({ w }, { learningRate: 1e10 });
    const step = () => {
      const tape = new Tape();
      const loss = tape.record(() => w.mul(w).mul(w).mul(w).sum(), { check: 'finite' });
      optimizer.step(tape.backward(loss));
    };
    const text = message(() => {
      for (let i = 0; i < 100; i++) step();
    });
    expect(text).toMatch(/^mul: .*the learning rate may be too high/);
    expect(Number.isFinite(w.item())).toBe(true);
  });
});

describe('a custom operation', () => {
  const inverse = unaryOp('inverse', {
    forward: (x) => x.reciprocal(),
    backward: ({ dy, y }) => dy.mul(y).mul(y).neg(),
    nonFinite: ({ x }, pass) => (x.data.includes(0) ? `nothing is the inverse of 0, ${pass}` : undefined),
  });

  test('gives the cause in its own words, or gives none', () => {
    expect(checked(() => perform(inverse, { x: Tensor.of([0]) }))).toMatch(/likely cause: nothing is the inverse of 0, forward$/);
    expect(checked(() => perform(inverse, { x: Tensor.of([1e-40]) }))).toMatch(/likely cause: numbers that grew too large/);
    const x = Tensor.of([1e-30]);
    const tape = new Tape({ x });
    const y = tape.record(() => perform(inverse, { x }).sum(), { check: 'finite' });
    expect(message(() => tape.backward(y, [x]))).toMatch(/^inverse, backward: .*likely cause: numbers that grew too large/);
  });

  test('has a cause only if it declares one, whatever its name', () => {
    const log = unaryOp('log', { forward: (x) => x.log(), backward: ({ dy, x }) => dy.div(x) });
    expect(checked(() => perform(log, { x: Tensor.of([0]) }))).toMatch(/likely cause: numbers that grew too large/);
  });
});

test('numbers that are named on the tape are looked at as all others are', () => {
  const x = Tensor.of([NaN]);
  expect(() => new Tape({ x }).record(() => x.add(1), { check: 'finite' })).toThrow(NonFiniteError);
  const model = new Linear(1, 1);
  model.weight.assign(Tensor.of([[NaN]]));
  expect(() => new Tape({ model }).record(() => model.forward(Tensor.ones([1, 1])), { check: 'finite' })).toThrow(/^weight/);
});
