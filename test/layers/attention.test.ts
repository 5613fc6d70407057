/** Attention of several heads as a layer. */

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  DtypeError,
  grad,
  gradcheck,
  type KeyValues,
  MultiHeadAttention,
  type MultiHeadAttentionOptions,
  manualSeed,
  parameters,
  Random,
  repeatInterleave,
  ShapeError,
  scaledDotProductAttention,
  Tensor,
  training,
  ValueError,
} from '../../src/index.ts';
import { expectClose } from '../book/lib.ts';
import { patterned, setLinear } from '../lib/patterned.ts';
import { refuses } from '../lib/refuses.ts';
import { runs } from '../lib/runs.ts';
import { expectSameBits } from '../lib/same.ts';

/** A layer with the weights that the golden values were computed with, from `by` on. */
function made(by: number, options?: MultiHeadAttentionOptions): MultiHeadAttention {
  const attention = new MultiHeadAttention(4, 2, { dtype: 'float64', ...options });
  [attention.query, attention.key, attention.value, attention.output].forEach((linear, i) => setLinear(linear, by + 2 * i));
  return attention;
}

/** `MultiheadAttention(4, 2, batch_first=True)` of PyTorch 2.13 with the same weights, transposed. */
const golden = {
  self: [
    0.4082620978, -0.1890175053, -0.2562573002, 0.1213015687, 0.4081500646, -0.189091227, -0.2556841882, 0.1211384534, 0.4080380384,
    -0.1891649413, -0.2551111091, 0.1209753447, 0.3882997377, -0.1559786447, -0.1231357496, 0.0306709142, 0.3881877309, -0.1560523226,
    -0.1225627409, 0.0305078022, 0.3880757439, -0.1561259272, -0.1219897603, 0.0303446388,
  ],
  causal: [
    0.389953125, -0.2022929687, -0.1640898437, 0.09628125, 0.3990621335, -0.1956797182, -0.2099343045, 0.1087179357, 0.4080380384,
    -0.1891649413, -0.2551111091, 0.1209753447, 0.3701484375, -0.168484375, -0.0309648437, 0.0049921875, 0.3791983223, -0.1621597754,
    -0.0768106204, 0.0176757859, 0.3880757439, -0.1561259272, -0.1219897603, 0.0303446388,
  ],
  cross: [
    0.4002037991, -0.1670757135, -0.1973080729, 0.0732431493, 0.399981031, -0.1674367613, -0.1967902856, 0.0732047542, 0.3997581003,
    -0.1677979286, -0.1962701516, 0.0731661387, 0.3365840799, -0.2273469815, 0.0459432314, 0.0051588285, 0.3365420723, -0.2273746191,
    0.0461581296, 0.0050976609, 0.3365000684, -0.227402243, 0.0463730225, 0.0050364836,
  ],
  widths: [
    -0.2122589208, -0.4094879215, 0.1042115277, 0.3167956212, -0.212426607, -0.4094579963, 0.1043253394, 0.3167887909, -0.2125928449,
    -0.4094289014, 0.1044383263, 0.3167821101, -0.222788269, -0.4136618152, 0.1233812986, 0.3232371982, -0.2228477951, -0.4136507529,
    0.1233547929, 0.3231965409, -0.2229085254, -0.413638351, 0.1233286771, 0.3231555903,
  ],
} as const;

const x = patterned([2, 3, 4], 5);
const memory = patterned([2, 5, 4], 9);

describe('its numbers are those of PyTorch', () => {
  test.each<[keyof typeof golden, () => Tensor]>([
    ['self', () => made(1).forward(x)],
    ['causal', () => made(1).forward(x, { causal: true })],
    ['cross', () => made(1).forward(x, { key: memory, lengths: [5, 2] })],
    ['widths', () => made(2, { keyWidth: 3, valueWidth: 2 }).forward(x, { key: patterned([2, 5, 3], 4), value: patterned([2, 5, 2], 6) })],
  ])('%s', (name, call) => expectClose(call(), new Tensor([2, 3, 4], Float64Array.from(golden[name])), 1e-9));
});

describe('what may be seen', () => {
  test('is told by keys, by queries, or by heads, to the same bits', () => {
    const keep = Tensor.of([[1, 1, 1, 1, 1], [1, 1, 0, 0, 0]]); // biome-ignore format: a matrix
    const layer = made(1);
    const wanted = layer.forward(x, { key: memory, keep }).data;
    expectSameBits(layer.forward(x, { key: memory, keep: keep.unsqueeze(1) }).data, wanted);
    expectSameBits(layer.forward(x, { key: memory, keep: keep.reshape([2, 1, 1, 5]) }).data, wanted);
    expectSameBits(layer.forward(x, { key: memory, lengths: Tensor.of([5, 2], 'int32') }).data, wanted);
  });

  test('may be nothing: the output is then its bias, and no gradient passes', () => {
    const layer = made(1);
    const f = (x: Tensor) => layer.forward(x, { key: memory, lengths: [0, 0] });
    expectClose(f(x), layer.output.bias!.broadcastTo([2, 3, 4]), 0);
    expect(grad((x: Tensor) => f(x).sum())(x).data.every((g) => g === 0)).toBe(true);
  });

  test('does not change what is seen: padding may be any number', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 5 }), fc.double({ min: -1e3, max: 1e3, noNaN: true }), (length, filler) => {
        const layer = made(1);
        const padded = Tensor.arange(5, { dtype: 'float64' }).less(length).unsqueeze(1).where(memory, filler);
        const lengths = [length, length];
        expectSameBits(layer.forward(x, { key: padded, lengths }).data, layer.forward(x, { key: memory, lengths }).data);
        expectClose(layer.forward(x, { key: padded, lengths }), layer.forward(x, { key: memory.slice([null, [0, length]]) }), 1e-12);
      }),
      { numRuns: runs(30) },
    );
  });
});

describe('going on with a sequence', () => {
  const cases: [string, MultiHeadAttentionOptions][] = [
    ['plain', {}],
    ['with rotations', { rotary: true }],
    ['with rotations of halves', { rotary: { pairs: 'halves', base: 100 } }],
    ['with heads that share keys and values', { keyValueHeads: 1, rotary: true }],
  ];
  test.each(cases)('gives what the whole sequence gives at once, in parts of any size: %s', (_, options) => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 3 }), { minLength: 1, maxLength: 4 }), (sizes) => {
        const layer = new MultiHeadAttention(4, 2, { dtype: 'float64', seed: 1, ...options });
        const time = sizes.reduce((a, b) => a + b);
        const whole = Tensor.normal([2, time, 4], { dtype: 'float64', seed: 2 });
        const keep = Tensor.uniform([2, time], { seed: 3 }).greater(0.3);
        const wanted = layer.forward(whole, { causal: true, keep });
        let [past, at]: [KeyValues | undefined, number] = [undefined, 0];
        for (const size of sizes) {
          const [y, all]: readonly [Tensor, KeyValues] = layer.next(whole.slice([null, [at, at + size]]), past, {
            keep: keep.slice([null, [0, at + size]]),
          });
          expectClose(y, wanted.slice([null, [at, at + size]]), 1e-13);
          [past, at] = [all, at + size];
        }
        expect(past!.keys.shape).toEqual([2, layer.keyValueHeads, time, 2]);
      }),
      { numRuns: runs(20) },
    );
  });

  test('keys and values that were made once may be attended to again', () => {
    const layer = made(1);
    const keyValues = layer.keyValues(memory);
    expectSameBits(layer.forward(x, { keyValues, lengths: [5, 2] }).data, layer.forward(x, { key: memory, lengths: [5, 2] }).data);
  });
});

test('with fewer heads of keys and values, each serves its heads of queries in turn, as in PyTorch', () => {
  const layer = new MultiHeadAttention(8, 4, { keyValueHeads: 2, dtype: 'float64', seed: 1 });
  const x = Tensor.normal([2, 3, 8], { dtype: 'float64', seed: 2 });
  const { keys, values } = layer.keyValues(x);
  const queries = layer.query.forward(x).reshape([2, 3, 4, 2]).transpose(1, 2);
  const keep = Tensor.uniform([2, 4, 3, 3], { seed: 3 }).greater(0.4);
  const heads = scaledDotProductAttention(queries, repeatInterleave(keys, 2, 1), repeatInterleave(values, 2, 1), { keep });
  expectClose(layer.forward(x, { keep }), layer.output.forward(heads.transpose(1, 2).reshape([2, 3, 8])), 1e-13);
  expect(layer.key.weight.shape).toEqual([8, 4]);
});

test('sequences may have any leading axes, or none', () => {
  const layer = made(1);
  const many = patterned([2, 3, 5, 4], 1);
  const keep = Tensor.of([1, 0, 1, 1, 0]).broadcastTo([2, 3, 5]);
  const together = layer.forward(many, { keep });
  for (const i of [0, 1])
    for (const j of [0, 1, 2]) expectClose(layer.forward(many.slice([i, j]), { keep: keep.slice([i, j]) }), together.slice([i, j]), 1e-13);
});

test('rotations make the result depend on distances alone', () => {
  const layer = new MultiHeadAttention(4, 1, { rotary: true, dtype: 'float64', seed: 1 });
  const x = Tensor.normal([1, 3, 4], { dtype: 'float64', seed: 2 });
  const shifted = layer.forward(x, { keyValues: layer.keyValues(x, x, { start: 7 }), start: 7 });
  expectClose(shifted, layer.forward(x), 1e-12);
  expect(
    layer
      .forward(x)
      .sub(layer.forward(x, { start: 1 }))
      .abs()
      .max()
      .item(),
  ).toBeGreaterThan(1e-3);
});

test('dropout drops weights in training only, from the scope’s generator', () => {
  const layer = made(1, { dropout: 0.5 });
  expectSameBits(layer.forward(x).data.slice(), made(1).forward(x).data.slice());
  const trained = (seed: number) => training(() => layer.forward(x), { random: new Random(seed) });
  expectSameBits(trained(1).data.slice(), trained(1).data.slice());
  expect(trained(1).data).not.toEqual(trained(2).data);
});

test('its weights start as those of PyTorch do, from one generator', () => {
  manualSeed(3);
  const layer = new MultiHeadAttention(64, 4);
  const bound = (x: Tensor) => x.abs().max().item();
  for (const { weight, bias } of [layer.query, layer.key, layer.value]) {
    expect(bound(weight)).toBeLessThanOrEqual(Math.sqrt(6 / 256));
    expect(bound(weight)).toBeGreaterThan(0.98 * Math.sqrt(6 / 256));
    expect(bias!.data.every((b) => b === 0)).toBe(true);
  }
  expect(bound(layer.output.weight)).toBeLessThanOrEqual(1 / 8);
  expect(bound(layer.output.weight)).toBeGreaterThan(0.98 / 8);
  const apart = new MultiHeadAttention(64, 4, { keyWidth: 32 });
  expect(bound(apart.key.weight)).toBeGreaterThan(0.95 * Math.sqrt(6 / 96));
  expect(parameters(new MultiHeadAttention(4, 2, { bias: false })).length).toBe(4);
  const [a, b] = [new MultiHeadAttention(4, 2, { seed: 1 }), new MultiHeadAttention(4, 2, { seed: 1 })];
  expectSameBits(a.value.weight.data, b.value.weight.data);
  expect(a.value.weight.data).not.toEqual(a.key.weight.data);
});

test('the derivatives for queries, keys and values are those that finite differences measure', () => {
  const layer = made(1, { rotary: true });
  gradcheck((x: Tensor, memory: Tensor) => layer.forward(x, { key: memory, lengths: [4, 0] }), [x, memory]);
});

describe('refusals', () => {
  const layer = made(1);
  refuses('%s is refused', [
    ['a width that the heads do not divide', () => new MultiHeadAttention(6, 4), ShapeError, /a width that 4 heads divide, got 6/],
    [
      'heads of keys that do not divide',
      () => new MultiHeadAttention(8, 4, { keyValueHeads: 3 }),
      /expected keyValueHeads to divide 4 heads, got 3/,
    ],
    ['no heads', () => new MultiHeadAttention(6, 0), /expected heads to be a whole number from 1, got 0/],
    [
      'rotations of an odd width',
      () => new MultiHeadAttention(6, 2, { rotary: true }),
      /rotaryEmbedding: expected .* an even width, got \[1, 3\]/,
    ],
    ['an unknown kind of pairs', () => new MultiHeadAttention(4, 2, { rotary: { pairs: 'odd' as never } }), /expected pairs to be/],
    [
      'another width',
      () => layer.forward(Tensor.zeros([1, 2, 5], 'float64')),
      ShapeError,
      /^MultiHeadAttention: expected \[…, time, 4\] for x, got \[1, 2, 5\]/,
    ],
    [
      'another width of keys',
      () => layer.forward(Tensor.zeros([1, 2, 4], 'float64'), { key: Tensor.zeros([1, 2, 5], 'float64') }),
      ShapeError,
      /^MultiHeadAttention: expected \[…, time, 4\] for key, got \[1, 2, 5\]/,
    ],
    [
      'another dtype',
      () => layer.forward(Tensor.zeros([1, 2, 4])),
      DtypeError,
      /^MultiHeadAttention: expected x in float64, as the layer is, got float32/,
    ],
    [
      'keys of other heads',
      () =>
        layer.forward(Tensor.zeros([1, 2, 4], 'float64'), {
          keyValues: new MultiHeadAttention(4, 4, { dtype: 'float64' }).keyValues(Tensor.zeros([1, 2, 4], 'float64')),
        }),
      ShapeError,
      /^MultiHeadAttention: expected \[…, 2, time, 2\] for the keys that it made, got \[1, 4, 2, 1\]/,
    ],
    [
      'a mask of other sizes, by the name of the layer',
      () => layer.forward(Tensor.zeros([1, 2, 4], 'float64'), { keep: Tensor.ones([1, 3]) }),
      ShapeError,
      /^MultiHeadAttention: expected a mask that broadcasts/,
    ],
    ['a vector', () => layer.forward(Tensor.zeros([4], 'float64')), /MultiHeadAttention: expected \[…, time, 4\] for x, got \[4\]/],
    ['a mask without keys', () => layer.forward(x, { keep: Tensor.ones([3]) }), /of 2 to 4 axes, got \[3\]/],
    [
      'a mask that does not fit',
      () => layer.forward(x, { keep: Tensor.ones([2, 4]) }),
      ShapeError,
      /expected a mask that broadcasts to \[2, 2, 3, 3\]/,
    ],
    [
      'a mask to be added',
      () => layer.forward(x, { keep: Tensor.of([[0, -1e9, 0]]) }),
      ValueError,
      /keep, 1 for what may be seen and 0 for what may not,/,
    ],
    ['both keys and their values', () => layer.forward(x, { key: x, keyValues: layer.keyValues(x) }), /leave these out/],
    ['what is no keys and values', () => layer.next(x, [x, x] as never), ValueError, /expected keys and values that it made/],
    ['lengths of another batch', () => layer.forward(x, { lengths: [1, 2, 3] }), ShapeError, /expected a length for each of \[2, 2\]/],
    ['lengths beyond the keys', () => layer.forward(x, { lengths: [1, 4] }), ValueError, /expected lengths from 0 to 3, got 4/],
  ]);
});
