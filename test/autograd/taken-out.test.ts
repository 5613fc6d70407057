/** What derivative rules work out in numbers: right where nothing more is asked of it, else refused. */

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  checkpoint,
  customVjp,
  grad,
  hessian,
  hvp,
  jacobian,
  jvp,
  type Op,
  onGradient,
  perform,
  Tape,
  TapeError,
  Tensor,
  vjp,
  vmap,
} from '../../src/index.ts';
import { expectClose, vectors } from '../book/lib.ts';
import { runs } from '../lib/runs.ts';

type Function = (x: Tensor) => Tensor;
const numbers = (x: Tensor, of: (i: number) => number) =>
  Tensor.fromTypedArray(
    x.data.map((_, i) => of(i)),
    x.shape,
  );

/** `x³`, whose rules know its slope in different ways. */
const plain: Function = (x) => x.mul(x).mul(x);
const fromBoth = customVjp(plain, ({ xs: [x], dy }) => [numbers(x!, (i) => 3 * x!.data[i]! ** 2 * dy.data[i]!)]);
const fromArgument = customVjp(plain, ({ xs: [x], dy }) => [dy.mul(numbers(x!, (i) => 3 * x!.data[i]! ** 2))]);
const fromDerived = customVjp(plain, ({ xs: [x], dy }) => {
  const slope = x!.mul(x!).mul(3).mul(dy);
  return [numbers(slope, (i) => slope.data[i]!)];
});
/** An operation whose rule is worked out in numbers. */
const tripled: Op<'x'> = {
  name: 'tripled',
  shape: ({ x }) => x.shape,
  forward: ({ x }) => x.data.map((x) => 3 * x),
  backward: { x: ({ dy }) => numbers(dy, (i) => 3 * dy.data[i]!) },
  sample: (draw) => ({ x: draw.tensor([draw.size()]) }),
};

const refused =
  /: its derivative was worked out in numbers, of which no tape knows, so it cannot be differentiated again; write it in operations$/;

describe.each<[string, Function]>([
  ['of the gradient that arrives', fromBoth],
  ['of the argument', fromArgument],
  ['of what was computed from both', fromDerived],
])('a rule worked out from the numbers %s', (_, cube) => {
  test('is right for first derivatives, by every way', () => {
    fc.assert(
      fc.property(vectors(2), ([x, dx]) => {
        expectClose(grad((x) => cube(x).sum())(x), grad((x) => plain(x).sum())(x));
        expectClose(jacobian(cube)(x), jacobian(plain)(x));
        expectClose(jvp(cube, [x], [dx])[1], jvp(plain, [x], [dx])[1]);
        const tall =
          (f: Function): Function =>
          (x) =>
            f(x)
              .broadcastTo([x.size + 1, x.size])
              .mul(2);
        expectClose(jacobian(tall(cube))(x), jacobian(tall(plain))(x));
        expectClose(vmap(grad(cube))(x), grad((x) => plain(x).sum())(x));
        expectClose(grad((x) => vmap(cube)(x).sum())(x), grad((x) => plain(x).sum())(x));
        expectClose(vjp(cube, x)[1](dx)[0], vjp(plain, x)[1](dx)[0]);
      }),
      { numRuns: runs(30) },
    );
  });

  test('is refused a second derivative', () => {
    const x = Tensor.of([1, 2], 'float64');
    const total: Function = (x) => cube(x).sum();
    const slope = grad(total);
    for (const second of [
      () => hessian(total)(x),
      () => hvp(total, x, x),
      () => grad((x) => slope(x).sum())(x),
      () => jvp(slope, [x], [x]),
      () => vmap(grad((x: Tensor) => slope(x).sum()))(x.reshape([2, 1])),
      () => grad((x) => vmap(slope)(x.reshape([2, 1])).sum())(x),
      () => grad((x) => grad(checkpoint(total))(x).sum())(x),
    ]) {
      expect(second).toThrow(TapeError);
      expect(second).toThrow(refused);
    }
  });

  test('is recorded all the same, as long as nobody asks for a derivative along it', () => {
    const [x, w] = [Tensor.of([1, 2], 'float64'), Tensor.of([5, 7], 'float64')];
    const tape = new Tape({ x, w });
    const y = tape.record(() =>
      grad((x) => cube(x).sum())(x)
        .mul(w)
        .sum(),
    );
    expect(tape.backward(y, [w], { keep: true })[0].toArray()).toEqual([3, 12]);
    expect(() => tape.backward(y, [x])).toThrow(/^plain: its derivative/);
  });
});

test('an operation whose rule is worked out in numbers has first derivatives only', () => {
  const f: Function = (x) => perform(tripled, { x });
  const x = Tensor.of([1, 2], 'float64');
  expect(jvp(f, [x], [x])[1].toArray()).toEqual([3, 6]);
  expect(jacobian(f)(x).toArray()).toEqual([
    [3, 0],
    [0, 3],
  ]);
  expect(jacobian((x) => f(x.sum()).broadcastTo([3]))(x).toArray()).toEqual([
    [3, 3],
    [3, 3],
    [3, 3],
  ]);
  expect(() => grad((x) => grad((x) => f(x).pow(2).sum())(x).sum())(x)).toThrow(/^tripled: its derivative was worked out in numbers/);
  // Nothing flows back, so nothing is missing.
  const nothing: Function = (x) => perform({ ...tripled, backward: { x: ({ dy }) => Tensor.zeros(dy.shape, dy.dtype) } }, { x });
  expect(grad((x) => grad((x) => nothing(x).sum())(x).sum())(x).toArray()).toEqual([0, 0]);
});

describe('to look at a gradient', () => {
  const x = Tensor.of([1, 2], 'float64');
  const twice = (look: (dy: Tensor) => Tensor | undefined) =>
    grad((x) => grad((x) => onGradient(plain(x), look).sum())(x).sum())(x).toArray();

  test('harms no derivative of it', () => {
    const seen: (readonly number[])[] = [];
    expect(twice((dy) => void seen.push([...dy.data]))).toEqual([6, 12]);
    expect(seen).toEqual([[1, 1]]);
    expect(twice((dy) => (dy.data[0]! > 0 ? dy : undefined))).toEqual([6, 12]);
    expect(twice((dy) => dy.mul(2))).toEqual([12, 24]);
  });

  test('and to replace it by what was worked out in numbers is refused a derivative', () => {
    const scaled = (dy: Tensor) => dy.mul(dy.data[0]!);
    // The gradient that arrives is 1, whatever `x` is.
    expect(twice(scaled)).toEqual([6, 12]);
    expect(() => grad((x) => grad((x) => onGradient(plain(x), scaled).pow(2).sum())(x).sum())(x)).toThrow(
      /^onGradient: its derivative was worked out in numbers/,
    );
    const looking: Function = (x) => onGradient(plain(x), (dy) => numbers(dy, (i) => 2 * dy.data[i]!));
    expect(jvp(looking, [x], [x])[1].toArray()).toEqual([6, 48]);
  });

  test('a gradient that was kept is an ordinary tensor afterwards', () => {
    const kept: Tensor[] = [];
    twice((dy) => void kept.push(dy));
    expect(kept.map((dy) => dy.mul(3).toArray())).toEqual([[3, 3]]);
  });
});

test('a rule may call functions with derivatives of their own, which look at numbers', () => {
  const double = customVjp(
    (x: Tensor) => numbers(x, (i) => 2 * x.data[i]!),
    ({ dy }) => [dy.mul(2)],
  );
  const cube = customVjp(plain, ({ xs: [x], dy }) => [double(dy.mul(x!).mul(x!)).mul(1.5)]);
  const x = Tensor.of([1, 2], 'float64');
  expect(hessian((x) => cube(x).sum())(x).toArray()).toEqual([
    [6, 0],
    [0, 12],
  ]);
  const closing = customVjp(plain, ({ xs: [x], dy }) => [
    customVjp(
      (dy: Tensor) => dy.mul(x!).mul(x!),
      ({ dy }) => [dy.mul(x!).mul(x!)],
    )(dy).mul(3),
  ]);
  expect(jvp(closing, [x], [x])[1].toArray()).toEqual([3, 24]);
});

test('the rule of a function with several arguments is refused for those alone whose numbers it looked at', () => {
  const product = customVjp(
    (a: Tensor, b: Tensor) => a.mul(a).mul(b).mul(b),
    ({ xs: [a, b], dy }) => [dy.mul(a!).mul(numbers(b!, (i) => 2 * b!.data[i]! ** 2)), dy.mul(a!).mul(a!).mul(b!).mul(2)],
  );
  const [a, b] = [Tensor.of([3], 'float64'), Tensor.of([5], 'float64')];
  const slope = grad((a: Tensor, b: Tensor) => product(a, b).sum());
  expect(grad((a: Tensor) => slope(a, b).sum())(a).toArray()).toEqual([50]);
  expect(() => grad((b: Tensor) => slope(a, b).sum())(b)).toThrow(refused);
});

test('functions with a derivative of their own take arguments of several dtypes', () => {
  const [x, narrow, labels] = [Tensor.of([1, 2], 'float64'), Tensor.of([3, 4]), Tensor.of([5, 6], 'int32')];
  const f = (x: Tensor, narrow: Tensor, labels: Tensor) => x.mul(narrow.cast('float64')).mul(labels.cast('float64'));
  const own = customVjp(f, ({ xs: [x, narrow, labels], dy }) => [
    dy.mul(narrow!.cast('float64')).mul(labels!.cast('float64')),
    dy.mul(x!).mul(labels!.cast('float64')).cast('float32'),
    null,
  ]);
  for (const wrapped of [own, checkpoint(f)]) {
    expect(wrapped(x, narrow, labels).toArray()).toEqual([15, 48]);
    expect(grad((x: Tensor) => wrapped(x, narrow, labels).sum())(x).toArray()).toEqual([15, 24]);
    expect(grad((narrow: Tensor) => wrapped(x, narrow, labels).sum())(narrow).toArray()).toEqual([5, 12]);
    expect(vmap(wrapped)(x, narrow, labels).toArray()).toEqual([15, 48]);
    expect(grad((narrow: Tensor) => vmap(wrapped)(x, narrow, labels).sum())(narrow).toArray()).toEqual([5, 12]);
  }
});
