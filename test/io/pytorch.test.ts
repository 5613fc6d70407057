/** Names and layouts of PyTorch. What PyTorch itself makes of them is in test/golden/pytorch.test.ts. */

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { cases } from '../../scripts/pytorch/layers.ts';
import {
  BatchNorm,
  Dropout,
  DtypeError,
  Embedding,
  evaluation,
  GRU,
  GRUCell,
  InstanceNorm,
  Linear,
  MultiHeadAttention,
  Parameter,
  Residual,
  relu,
  Sequential,
  StateError,
  stateDict,
  Tensor,
  TransformerEncoderLayer,
  ValueError,
  WeightNorm,
} from '../../src/index.ts';
import { fromPyTorch, toPyTorch } from '../../src/io/pytorch.ts';
import { runs } from '../lib/runs.ts';

const bits = (model: object) => Object.entries(stateDict(model)).map(([path, { data }]) => [path, ...data]);
const names = (model: object) => [...toPyTorch(model).keys()];

/** The cases, but for the one whose count of batches is read as at least 1. */
const counted = Object.keys(cases).filter((name) => name !== 'instance-norm');

test('every model comes back to the bit, whatever it is nested in', () => {
  fc.assert(
    fc.property(
      fc.array(fc.constantFrom(...counted), { minLength: 1, maxLength: 4 }),
      fc.constantFrom('float32' as const, 'float64' as const),
      (chosen, dtype) => {
        const make = () => {
          const [first, ...others] = chosen.map((name) => cases[name]!(dtype).model);
          return {
            first,
            others,
            map: new Map([['a', { first: new Linear(2, 3, { dtype }) }]]),
            deep: new Sequential(new Residual(new Linear(2, 2, { dtype }))),
          };
        };
        const [a, b] = [make(), make()];
        const written = toPyTorch(a);
        const { loaded } = fromPyTorch(b, written);
        expect(loaded).toEqual([...written.keys()]);
        expect(bits(b)).toEqual(bits(a));
      },
    ),
    { numRuns: runs(30) },
  );
});

describe('names', () => {
  test('of a Sequential are places, of classes of one’s own their properties, of lists and Maps places and keys', () => {
    const model = {
      net: new Sequential(new Linear(1, 1), relu, new Sequential(relu, new Linear(1, 1))),
      list: [new Linear(1, 1)],
      map: new Map([['key', new Linear(1, 1)]]),
    };
    expect(names(model)).toEqual(['net.0.weight', 'net.0.bias', 'net.2.1.weight', 'net.2.1.bias', 'list.0.weight', 'list.0.bias', 'map.key.weight', 'map.key.bias']); // biome-ignore format: names
  });

  test('of a Sequential with properties of its own are both', () => {
    class Own extends Sequential {
      readonly scale = new Parameter(Tensor.of([1]));
    }
    expect(names(new Own(new Linear(1, 1)))).toEqual(['scale', '0.weight', '0.bias']);
  });

  test('of the cells of a recurrent layer tell layer and direction', () => {
    expect(names(new GRU(2, 3, { layers: 2, bidirectional: true, bias: false }))).toEqual(
      ['l0', 'l0_reverse', 'l1', 'l1_reverse'].flatMap((which) => [`weight_ih_${which}`, `weight_hh_${which}`]),
    );
  });

  test('of an activation with parameters are its own', () => {
    const activation = Object.assign(new Linear(6, 6), {});
    expect(names(new TransformerEncoderLayer(4, 2, { hidden: 6, activation }))).toContain('activation.weight');
  });

  test('of what is there twice are both, and one of them is enough to load it', () => {
    const layer = new Linear(2, 2);
    const model = { a: layer, b: layer };
    const written = toPyTorch(model);
    expect([...written.keys()]).toEqual(['a.weight', 'a.bias', 'b.weight', 'b.bias']);
    expect(fromPyTorch(model, new Map([...written].filter(([name]) => name.startsWith('b')))).loaded).toEqual(['b.weight', 'b.bias']);
    written.set('b.bias', Tensor.of([5, 6]));
    expect(() => fromPyTorch(model, written)).toThrow(/tied: a\.bias and b\.bias are one, and have different numbers/);
  });

  test('may be harmless ones such as __proto__', () => {
    const model = { parts: new Map([['__proto__', new Parameter(Tensor.of([1]))]]) };
    const written = toPyTorch(model);
    expect(names(model)).toEqual(['parts.__proto__']);
    fromPyTorch(model, written);
    expect(({} as { numbers?: unknown }).numbers).toBe(undefined);
  });

  test('end where a model holds itself, and are found however deep it is', () => {
    const round: Record<string, unknown> = { layer: new Linear(1, 1) };
    round['self'] = round;
    expect(names(round)).toEqual(['layer.weight', 'layer.bias']);
    let deep: unknown = new Linear(1, 1);
    for (let i = 0; i < 5000; i++) deep = [deep];
    expect(toPyTorch({ deep }).size).toBe(2);
  });

  test('that two tensors would have are refused', () => {
    const model = new Map<unknown, unknown>([['0', new Parameter(Tensor.of(1))]]);
    Object.assign(model, { 0: new Parameter(Tensor.of(2)) });
    expect(() => toPyTorch(model)).toThrow(ValueError);
  });
});

describe('layouts', () => {
  test('of Linear are [outputs, inputs], square ones too', () => {
    const layer = new Linear(2, 2, { initialization: () => Tensor.of([[1, 2], [3, 4]]), bias: false }); // biome-ignore format: a matrix
    expect(toPyTorch(layer).get('weight')!.toArray()).toEqual([[1, 3], [2, 4]]); // biome-ignore format: a matrix
    fromPyTorch(layer, { weight: Tensor.of([[5, 6], [7, 8]]) }); // biome-ignore format: a matrix
    expect(layer.weight.toArray()).toEqual([[5, 7], [6, 8]]); // biome-ignore format: a matrix
  });

  test('of attention are packed where all widths are one', () => {
    const x = toPyTorch(new MultiHeadAttention(4, 2));
    expect([...x].map(([name, { shape }]) => [name, shape])).toEqual([
      ['in_proj_weight', [12, 4]],
      ['in_proj_bias', [12]],
      ['out_proj.weight', [4, 4]],
      ['out_proj.bias', [4]],
    ]);
    expect(names(new MultiHeadAttention(4, 2, { keyWidth: 3, bias: false }))).toEqual([
      'q_proj_weight',
      'k_proj_weight',
      'v_proj_weight',
      'out_proj.weight',
    ]);
  });

  test('that PyTorch does not have are refused, with the place', () => {
    expect(() => toPyTorch(new Sequential(new Dropout(0), { gru: new GRU(2, 2, { resetAfter: false }), forward: relu } as never))).toThrow(
      /^toPyTorch: 1\.gru: PyTorch has no GRU/,
    );
    expect(() => fromPyTorch(new GRUCell(2, 2, { resetAfter: false }), {})).toThrow(/^fromPyTorch: PyTorch has no GRU/);
    expect(() => toPyTorch(new MultiHeadAttention(4, 2, { rotary: true }))).toThrow(/rotary/);
    expect(() => toPyTorch(new MultiHeadAttention(4, 2, { keyValueHeads: 1 }))).toThrow(/1 heads of keys for 2 of queries/);
    const extra = Object.assign(new Linear(1, 1), { more: new Parameter(Tensor.of([1])) });
    expect(() => toPyTorch({ extra })).toThrow(/extra\.more is in a layer that PyTorch has/);
    expect(() => toPyTorch(new WeightNorm(new GRUCell(2, 2), { parameter: 'weightHidden' }))).not.toThrow();
  });
});

describe('what is loaded', () => {
  const small = () => new Sequential(new Linear(2, 3), new BatchNorm(3));

  test('is all or nothing, with everything that does not fit', () => {
    const model = small();
    const before = bits(model);
    const tensors = toPyTorch(small());
    tensors.set('0.weight', Tensor.zeros([2, 3]));
    tensors.set('0.bias', Tensor.zeros([3], 'float64'));
    tensors.delete('1.running_var');
    tensors.set('fc.weight', Tensor.zeros([1]));
    expect(() => fromPyTorch(model, tensors)).toThrow(StateError);
    for (const line of [
      'misfit: 0.weight, expected float32 [3, 2], got float32 [2, 3]',
      'misfit: 0.bias, expected float32 [3], got float64 [3]',
      'missing: 1.running_var, float32 [3]',
      'left over: fc.weight, which the model does not have',
    ])
      expect(() => fromPyTorch(model, tensors)).toThrow(line);
    expect(bits(model)).toEqual(before);
    expect(() => fromPyTorch(model, tensors, { partial: true })).toThrow(/misfit: 0\.weight/);
    expect(() => fromPyTorch(model, [] as never)).toThrow(DtypeError);
    expect(() => fromPyTorch(model, { ...Object.fromEntries(tensors), '0.weight': 3 as never })).toThrow(/got the number 3/);
    expect(() => fromPyTorch(model, new Map([[Symbol('s'), Tensor.of(1)]]) as never)).toThrow(/names that are texts/);
    expect(() => toPyTorch(3 as never)).toThrow(ValueError);
  });

  test('has seen batches where an InstanceNorm has, whose count stays 0 in PyTorch', () => {
    const layer = new InstanceNorm(2, { running: true });
    const tensors = { running_mean: Tensor.zeros([2]), running_var: Tensor.of([3, 3]), num_batches_tracked: Tensor.of(0, 'int32') };
    fromPyTorch(layer, tensors);
    expect(evaluation(() => layer.forward(Tensor.ones([1, 2, 2]))).shape).toEqual([1, 2, 2]);
  });

  test('may be a table alone, by another name', () => {
    const model = { embed: new Embedding(3, 2), head: new Linear(2, 3) };
    const report = fromPyTorch(
      model,
      { wte: Tensor.ones([3, 2]), ln: Tensor.ones([2]) },
      { names: { 'embed.weight': 'wte' }, partial: true },
    );
    expect(report).toEqual({ loaded: ['embed.weight'], missing: ['head.weight', 'head.bias'], leftOver: ['ln'] });
    expect(model.embed.weight.toArray()).toEqual([[1, 1], [1, 1], [1, 1]]); // biome-ignore format: a matrix
  });
});
