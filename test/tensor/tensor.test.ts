/** Methods of tensors on what is empty or scalar, and what they refuse. */

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { DtypeError, formula, Parameter, ShapeError, StateError, Tape, Tensor, unaryOp, vmap } from '../../src/index.ts';
import { refuses } from '../lib/refuses.ts';

describe('an empty tensor', () => {
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
});

describe('movement', () => {
  test('of a scalar is the scalar', () => {
    expect(Tensor.of(5).permute([]).item()).toBe(5);
    expect(Tensor.of(5).slice([]).item()).toBe(5);
  });
});

describe('bad input is refused, by name', () => {
  const x = Tensor.zeros([2, 3]);
  refuses('%s', [
    ['squeeze', () => x.squeeze(0), ShapeError, /^squeeze: expected axis 0 of shape \[2, 3\] to have size 1, got 2/],
    ['flatten', () => x.flatten(1, 0), ShapeError, /^flatten: axis 1 comes after axis 0/],
  ]);
});

describe("JavaScript's own operators", () => {
  const operators: Readonly<Record<string, (a: any, b: any) => unknown>> = {
    '+': (a, b) => a + b,
    '-': (a, b) => a - b,
    '*': (a, b) => a * b,
    '/': (a, b) => a / b,
    '**': (a, b) => a ** b,
    '%': (a, b) => a % b,
    '<': (a, b) => a < b,
    '>=': (a, b) => a >= b,
    // biome-ignore lint/suspicious/noDoubleEquals: the operator that converts
    '==': (a, b) => a == b,
    '&': (a, b) => a & b,
    'unary -': (a) => -a,
    'unary +': (a) => +a,
  };
  const x = Tensor.of(2);

  test.each(Object.entries(operators))('%s is refused for a tensor, a parameter and a number on either side', (_, operator) => {
    fc.assert(
      fc.property(fc.constantFrom<Tensor>(x, new Parameter(x)), fc.oneof(fc.integer(), fc.string()), (tensor, other) => {
        expect(() => operator(tensor, other)).toThrow(DtypeError);
        expect(() => operator(tensor, other)).toThrow(/do not compute with a tensor: write a\.add\(b\), .*x\.item\(\)/);
      }),
    );
  });

  test('are refused for formulas, where they would compare texts', () => {
    const relu = unaryOp('myRelu', { forward: (x) => ((x as never) > 0 ? x : x.mul(0)), backward: null });
    expect(() => x.apply(relu)).toThrow(/operators do not compute with a formula/);
    expect(() => formula((x) => ((x as never) * (x as never)) as never)('float32')).toThrow(/with a formula: write/);
  });

  test('are no templates, and comparing what a tensor is asks for no number', () => {
    expect([`${x}`, String(x), x === x, (x as unknown) == null]).toEqual(['Tensor float32 [] 2', 'Tensor float32 [] 2', true, false]);
  });
});

describe('shape', () => {
  const x = new Parameter(Tensor.ones([2, 3]));
  const record = (tape = new Tape()) => {
    const y = tape.record(() => x.mul(2).sum());
    return { tape, gradients: tape.backward(y) };
  };
  const tensors: Readonly<Record<string, () => { readonly shape: readonly number[] }>> = {
    'a tensor': () => Tensor.ones([2, 3]),
    'a tensor made of two arrays': () => new Tensor([2, 3], new Float32Array(6)),
    'a parameter': () => x,
    'a result': () => x.exp(),
    'a view': () => x.reshape([3, 2]),
    'a scalar': () => Tensor.of(1),
    'a gradient': () => record().gradients.get(x),
    'a gradient that is not formed yet': () => {
      const w = new Parameter(Tensor.ones([2, 3]));
      const tape = new Tape();
      return tape.backward(tape.record(() => Tensor.ones([1, 2]).matmul(w).sum())).get(w);
    },
    'a value on a tape': () => record().tape.values[0]!,
    'an example inside of vmap': () => {
      let seen: Tensor | undefined;
      vmap((row: Tensor) => (seen = row).mul(2))(Tensor.ones([2, 3]));
      return seen!;
    },
  };

  test.each(Object.entries(tensors))('of %s cannot be changed', (_, make) => {
    const y = make();
    const before = [...y.shape];
    const shape = y.shape as number[];
    for (const change of [() => shape.push(1), () => (shape[0] = 5), () => (shape.length = 0)]) expect(change).toThrow(TypeError);
    expect(() => ((y as { shape: readonly number[] }).shape = [1])).toThrow(TypeError);
    expect([y.shape, y.shape]).toEqual([before, before]);
  });

  test('does not follow the array that a tensor was made with, or reshaped to', () => {
    const makers: readonly ((shape: number[]) => Tensor)[] = [
      (shape) => Tensor.zeros(shape),
      (shape) => Tensor.uniform(shape, { seed: 1 }),
      (shape) => Tensor.fromTypedArray(new Float32Array(6), shape),
      (shape) => x.reshape(shape),
      (shape) => Tensor.of(1).broadcastTo(shape),
      (shape) => x.as(shape),
    ];
    for (const make of makers) {
      const shape = [2, 3];
      const y = make(shape);
      shape[0] = 5;
      expect(y.shape).toEqual([2, 3]);
    }
  });
});

describe('data', () => {
  test('is an array with a buffer of its own, whoever made the tensor, and the same at each reading', () => {
    const [a, b, part] = [Tensor.ones([30]), Tensor.ones([30]), new Tensor([2], Float32Array.of(1, 2, 3).subarray(1))];
    for (const x of [a, b, part, a.add(b), Tensor.ones([5000]), Tensor.of(1)]) {
      const { data } = x;
      expect([data.buffer.byteLength, x.data === data]).toEqual([data.byteLength, true]);
    }
    expect(part.toArray()).toEqual([2, 3]);
  });

  test('is an array of its own for a tensor and for what has the same numbers, whichever is read first', () => {
    for (const readFirst of [true, false]) {
      const x = Tensor.ones([5000]).add(1);
      if (readFirst) void x.data;
      const y = x.reshape([50, 100]);
      const z = y.reshape([5000]);
      const shown = [z, x, y].map(({ data }) => data);
      expect(new Set(shown.map(({ buffer }) => buffer)).size).toBe(3);
      structuredClone(shown[0], { transfer: [shown[0]!.buffer as ArrayBuffer] });
      expect([x.sum().item(), y.sum().item(), x.data === shown[1]]).toEqual([10000, 10000, true]);
      expect(() => z.sum()).toThrow(StateError);
    }
  });

  test('can be transferred, which takes the numbers of that tensor alone', () => {
    const [a, b] = [Tensor.ones([30]), Tensor.ones([30])];
    structuredClone(a.data, { transfer: [a.data.buffer as ArrayBuffer] });
    expect(b.sum().item()).toBe(30);
    expect(() => a.data).toThrow(StateError);
    expect(() => a.add(1)).toThrow(
      'the numbers of a tensor of shape [30] are not here any more: their buffer was transferred; transfer that of a copy, x.data.slice()',
    );
  });
});

describe('nested arrays', () => {
  const shapes = fc.array(fc.integer({ min: 1, max: 3 }), { maxLength: 5 });

  test('are read and given back in row-major order, as a recursion would', () => {
    const nest = (shape: readonly number[], next: () => number): unknown =>
      shape.length === 0 ? next() : Array.from({ length: shape[0]! }, () => nest(shape.slice(1), next));
    fc.assert(
      fc.property(shapes, (shape) => {
        let count = 0;
        const nested = nest(shape, () => count++);
        const x = Tensor.of(nested as never, 'int32');
        expect([x.shape, [...x.data]]).toEqual([shape, [...Array(count).keys()]]);
        expect(x.toArray()).toEqual(nested);
      }),
    );
    for (const shape of [[0], [0, 2], [2, 0], [2, 0, 3]]) expect(Tensor.zeros(shape).toArray()).toEqual(nest(shape, () => 0));
  });

  test('may be deeper than a call stack, but hold no array that holds itself', () => {
    let deep: unknown = 7;
    for (let i = 0; i < 20_000; i++) deep = [deep];
    const x = Tensor.of(deep as never);
    expect(x.rank).toBe(20_000);
    let [inner, depth] = [x.toArray(), 0];
    for (; Array.isArray(inner); depth++) inner = inner[0];
    expect([inner, depth]).toEqual([7, 20_000]);
    const round: unknown[] = [];
    round.push(round);
    expect(() => Tensor.of(round as never)).toThrow(/Tensor\.of: expected numbers in the end, got an array that holds itself/);
  });

  test('that are ragged are refused, with the place', () => {
    expect(() => Tensor.of([[[1, 2]], [[3]]] as never)).toThrow(
      'Tensor.of: ragged array: expected 2 elements at values[1][0], as in the first of its kind, got 1',
    );
    expect(() => Tensor.of([[1], [2, 3]] as never)).toThrow('expected 1 elements at values[1]');
    expect(() => Tensor.of([[1], 2] as never)).toThrow('expected an array of 1 at values[1], got 2');
    expect(() => Tensor.of([[1, [2]]] as never)).toThrow(
      'expected a number at values[0][1], as values of shape [1, 2] have there, got an array of 1',
    );
    expect(() => Tensor.of([[1, 'a']] as never)).toThrow("expected a number at values[0][1], got 'a'");
    expect(() => Tensor.of([[1, null]] as never)).toThrow('expected a number at values[0][1], got null');
    expect(() => Tensor.of('a' as never)).toThrow("expected a number at values, got 'a'");
    expect(() => Tensor.of([[], []] as never)).toThrow('got an empty array; for a tensor without elements write Tensor.zeros([2, 0])');
  });
});
