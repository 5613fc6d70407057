/** Every tensor of a model, wherever it is kept. */

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Linear, namedParameters, Parameter, parameters, Sequential, SGD, Tensor } from '../../src/index.ts';
import { tensorsOf } from '../../src/tensor/walk.ts';

const of = (value = 1) => new Parameter(Tensor.of([value]));
const pathsOf = (model: object) => [...tensorsOf(model)].map(([path]) => path);

test('Maps are walked by their keys, Sets and arrays by place, one in another', () => {
  const shared = of();
  const model = {
    blocks: new Map<unknown, unknown>([
      ['first', new Linear(1, 1)],
      [7, [of(), new Set([of(), shared])]],
      [{}, new Map([['deep', of()]])],
    ]),
    again: shared,
    set: new Set([new Sequential(new Linear(1, 1, { bias: false }))]),
  };
  expect(pathsOf(model)).toEqual([
    'blocks.first.weight',
    'blocks.first.bias',
    'blocks.7.0',
    'blocks.7.1.0',
    'blocks.7.1.1',
    'blocks.2.deep',
    'set.0.layers.0.weight',
  ]);
});

test('however a model is put together, each tensor is found once, and moves', () => {
  type Tree = Parameter | readonly Tree[] | Map<string, Tree> | Set<Tree> | { readonly [name: string]: Tree };
  const { tree } = fc.letrec<{ tree: Tree }>((tie) => ({
    tree: fc.oneof(
      { maxDepth: 4, depthSize: 'small' },
      fc.constant(0).map(() => of()),
      fc.array(tie('tree'), { maxLength: 3 }),
      fc.array(tie('tree'), { maxLength: 3 }).map((parts) => new Set(parts)),
      fc.array(tie('tree'), { maxLength: 3 }).map((parts) => new Map(parts.map((part, i) => [`m${i}`, part]))),
      fc.array(tie('tree'), { maxLength: 3 }).map((parts) => Object.fromEntries(parts.map((part, i) => [`o${i}`, part]))),
    ),
  }));
  const leaves = (tree: Tree): Parameter[] =>
    tree instanceof Parameter
      ? [tree]
      : [...(tree instanceof Map || tree instanceof Set ? tree : Object.values(tree)).values()].flatMap(leaves as never);
  fc.assert(
    fc.property(tree, (tree) => {
      const wanted = leaves(tree);
      expect(parameters(tree)).toEqual(wanted);
      expect(new Set(namedParameters(tree).keys()).size).toBe(wanted.length);
      if (wanted.length === 0) return;
      new SGD(tree, { learningRate: 1 }).minimize(() => wanted.reduce((sum, w) => sum.add(w.sum()), Tensor.of(0) as Tensor));
      for (const w of wanted) expect(w.item()).toBe(0);
    }),
  );
});

test('a Map and a Set are models themselves, and so is a subclass with properties beside', () => {
  expect([...namedParameters(new Map([['w', of()]])).keys()]).toEqual(['w']);
  expect(pathsOf(new Set([of(), of()]))).toEqual(['0', '1']);
  class Named extends Map<string, Parameter> {
    readonly scale = of();
  }
  expect(pathsOf(new Named([['w', of()]]))).toEqual(['w', 'scale']);
});

test('a tensor of another copy of the package is reported, not passed over', () => {
  const foreign = { [Symbol.for('tapegrad.Tensor')]: true, shape: [1], data: Float32Array.of(1) };
  expect(() => parameters({ a: of(), b: { c: foreign } })).toThrow(
    /^b\.c: expected a tensor of this copy, got a tensor of another copy of tapegrad/,
  );
  expect(() => new SGD(foreign, { learningRate: 1 })).toThrow(/^the model: expected a tensor of this copy/);
});

test('a model may be nested deeper than a call stack, and hold itself', () => {
  let deep: Record<string, unknown> = { w: of() };
  for (let i = 0; i < 20_000; i++) deep = { deep };
  expect(parameters(deep)).toHaveLength(1);
  const round: Record<string, unknown> = { w: of() };
  round['self'] = new Map([['again', round]]);
  expect(pathsOf(round)).toEqual(['w']);
});
