/** Scaled dot-product attention, and what of it may be seen. */

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  DtypeError,
  grad,
  gradcheck,
  gradgradcheck,
  Random,
  ShapeError,
  scaledDotProductAttention,
  Tape,
  Tensor,
  training,
  ValueError,
  vjp,
  vmap,
} from '../../../src/index.ts';
import { expectClose, tensor } from '../../book/lib.ts';
import { patterned } from '../../lib/patterned.ts';
import { refuses } from '../../lib/refuses.ts';
import { runs } from '../../lib/runs.ts';
import { expectSameBits } from '../../lib/same.ts';

const [q, k, v] = [patterned([1, 2, 3, 4], 1), patterned([1, 2, 5, 4], 2), patterned([1, 2, 5, 2], 3)];
const mask = Tensor.of([[1, 0, 1, 1, 0], [0, 1, 0, 0, 0], [1, 1, 1, 1, 1]]); // biome-ignore format: a matrix

/** `F.scaled_dot_product_attention` of PyTorch 2.13, and the gradients for q, k and v where `patterned(y.shape, 7)` arrives. */
const golden = {
  plain: {
    y: [
      -0.0656161096, 0.3093838904, -0.0615834874, 0.3134165126, -0.0575178218, 0.3174821782, 0.0582906183, -0.0876073337, 0.2477150601,
      -0.1621116908, 0.2445324862, -0.1599736593,
    ],
    gradients: [
      [
        0.0072645916, 0.0072645916, 0.0072645916, -0.0531185121, -0.0054434591, -0.0054434591, -0.0054434591, 0.0414354276, 0.0047863063,
        0.0047863063, 0.0047863063, -0.0380348936, -0.0688145562, 0.0227280495, 0.0227280495, 0.0227280495, -0.011314104, 0.0017480274,
        0.0017480274, 0.0017480274, 0.1008775477, -0.0245484506, -0.0245484506, -0.0245484506,
      ],
      [
        -0.0153623821, -0.0013216149, 0.0127191522, 0.0267599194, 0.0120778287, 0.0013276272, -0.0094225742, -0.0201727757, -0.0109623387,
        -0.0012547313, 0.0084528762, 0.0181604836, 0.0258322253, 0.0023268625, -0.0211785002, -0.044683863, -0.0115853332, -0.0010781436,
        0.0094290461, 0.0199362357, -0.0931647854, 0.0060070325, 0.0140690785, 0.0221311244, 0.0080616053, 0.0164487478, 0.0035817954,
        -0.0092851569, 0.0590190437, -0.0243997262, -0.0145175991, -0.0046354719, -0.0182150969, 0.0229621241, 0.0093334223, -0.0042952796,
        0.0442992333, -0.0210181783, -0.0124666971, -0.003915216,
      ],
      [
        -0.0161391393, 0.1696591388, -0.0163260426, 0.1643078447, -0.0164179894, 0.1593093942, -0.0253910806, 0.270160046, -0.0257257481,
        0.2615635763, -0.0591569426, -0.0865426542, -0.0661772754, -0.091252379, 0.0969475739, -0.0524195474, 0.0918156412, -0.0574245172,
        0.086571003, -0.0623609022,
      ],
    ],
  },
  causal: {
    y: [
      0.425, 0.8, -0.0063480618, 0.3686519382, 0.0915373402, 0.4665373402, -0.7, -0.325, -0.3317375561, 0.0432624439, 0.1944310644,
      -0.1815410839,
    ],
    gradients: [
      [
        0, 0, 0, 0, -0.0105936081, -0.0105936081, -0.0105936081, -0.0105936081, 0.0018624448, 0.0018624448, 0.0018624448, 0.0018624448, 0,
        0, 0, 0, -0.0055646094, -0.0055646094, -0.0055646094, -0.0055646094, 0.1988176174, -0.0284497075, -0.0284497075, -0.0284497075,
      ],
      [
        0.0150406457, -0.0016773459, -0.0183953375, -0.035113329, -0.0005115484, 0.006730945, 0.0139734383, 0.0212159316, -0.0145290973,
        -0.0050535991, 0.0044218992, 0.0138973974, 0, 0, 0, 0, 0, 0, 0, 0, -0.09483857, 0.0704835793, 0.0208869345, -0.0287097103,
        0.0004352197, 0.0099340895, 0.0070844285, 0.0042347676, 0.0944033503, -0.0804176688, -0.0279713631, 0.0244749427, 0, 0, 0, 0, 0, 0,
        0, 0,
      ],
      [
        0.0666084346, 0.7563545587, -0.2251241543, 0.0847388939, 0.0585157196, 0.1839065475, 0, 0, 0, 0, -0.4589012663, -0.2299849309,
        0.239191901, 0.0879464488, 0.3697093653, -0.207961518, 0, 0, 0, 0,
      ],
    ],
  },
  scale: {
    y: [
      -0.1848564832, 0.1901435168, -0.1631678448, 0.2118321552, -0.1411287101, 0.2338712899, -0.1627330302, 0.017537126, 0.419978047,
      -0.2203599071, 0.4099573991, -0.2201482533,
    ],
    gradients: [
      [
        -0.002757191, -0.002757191, -0.002757191, -0.1592504739, 0.0040837884, 0.0040837884, 0.0040837884, 0.1234184784, -0.0053759843,
        -0.0053759843, -0.0053759843, -0.1125003101, -0.1264901808, 0.0779901067, 0.0779901067, 0.0779901067, -0.0104336894, 0.0034743126,
        0.0034743126, 0.0034743126, 0.1381056696, -0.0288239277, -0.0288239277, -0.0288239277,
      ],
      [
        -0.0298896188, -0.0017793867, 0.0263308454, 0.0544410774, 0.0140474607, 0.0023980212, -0.0092514183, -0.0209008578, -0.0203154997,
        -0.003480234, 0.0133550316, 0.0301902972, 0.1352436782, 0.0119323767, -0.1113789248, -0.2346902262, -0.0990860205, -0.0090707772,
        0.0809444661, 0.1709597094, -0.3079069049, -0.0826383935, 0.0314289596, 0.1454963127, 0.1573301185, 0.0969582852, -0.005233985,
        -0.1074262553, 0.1696176256, -0.1077277565, -0.0508502034, 0.0060273498, -0.1497561939, 0.1724424958, 0.0669162629, -0.0386099701,
        0.1307153547, -0.079034631, -0.0422610341, -0.0054874371,
      ],
      [
        -0.0064523862, 0.0693981689, -0.0066395137, 0.0612459875, -0.0063215665, 0.0550679041, -0.0392275172, 0.4467928477, -0.0413590165,
        0.3924950918, -0.2366200064, -0.1256148076, -0.2768380578, -0.1456326832, 0.233688846, -0.0068588002, 0.2212792771, -0.0270195169,
        0.2084899411, -0.044874192,
      ],
    ],
  },
  mask: {
    y: [
      -0.0659732376, 0.3090267624, -0.45, -0.075, -0.0575178218, 0.3174821782, -0.1171997043, -0.1833329894, 0.05, 0.425, 0.2445324862,
      -0.1599736593,
    ],
    gradients: [
      [
        0.0313834419, 0.0313834419, 0.0313834419, -0.1537769666, 0, 0, 0, 0, 0.0047863063, 0.0047863063, 0.0047863063, -0.0380348936,
        -0.1364221705, 0.028676975, 0.028676975, 0.028676975, 0, 0, 0, 0, 0.1008775477, -0.0245484506, -0.0245484506, -0.0245484506,
      ],
      [
        -0.0385813905, -0.0022411357, 0.0340991191, 0.0704393739, 0.0132991402, 0.0046257879, -0.0040475644, -0.0127209167, -0.0269019483,
        -0.0019577104, 0.0229865275, 0.0479307654, 0.0646180801, 0.0038978865, -0.056822307, -0.1175425006, -0.0124338815, -0.0043248284,
        0.0037842248, 0.011893278, -0.103442385, -0.005485632, 0.0146570857, 0.0347998035, -0.019777277, 0.01684731, 0.0058599339,
        -0.0051274422, 0.0995222448, -0.0153284778, -0.0176222894, -0.019916101, -0.0190958121, 0.0404202915, 0.0097847451, -0.0208508013,
        0.0427932293, -0.0364534916, -0.0126794753, 0.0110945409,
      ],
      [
        0.1142947609, 0.2824847816, -0.5465510779, -0.1105891021, 0.1048504506, 0.2613938388, 0.1825093471, 0.4506071352, 0.0448965193,
        0.1411033464, -0.2008546434, -0.2087122265, 0.161920471, 0.3620447351, 0.0027512135, -0.1966642029, -0.0047960533, -0.1992426113,
        0.1909790122, -0.1074256944,
      ],
    ],
  },
};

test.each([
  ['plain', {}],
  ['causal', { causal: true }],
  ['scale', { scale: 2 }],
  ['mask', { keep: mask }],
] as const)('its values and gradients are those of PyTorch: %s', (name, options) => {
  const [y, pullback] = vjp((...[q, k, v]: Tensor[]) => scaledDotProductAttention(q!, k!, v!, options), q, k, v);
  expectClose(y, new Tensor([1, 2, 3, 2], Float64Array.from(golden[name].y)), 1e-9);
  pullback(patterned([1, 2, 3, 2], 7)).forEach((gradient, i) => {
    expectClose(gradient, new Tensor(gradient.shape, Float64Array.from(golden[name].gradients[i]!)), 1e-9);
  });
});

/** Queries, keys, values, and a mask of which any may see nothing. */
const problems = fc
  .record({ queries: fc.integer({ min: 1, max: 3 }), keys: fc.integer({ min: 1, max: 4 }), width: fc.integer({ min: 1, max: 3 }) })
  .chain(({ queries, keys, width }) =>
    fc.record({
      q: tensor([queries, width]),
      k: tensor([keys, width]),
      v: tensor([keys, 2]),
      keep: tensor([queries, keys], fc.constantFrom(0, 1)),
    }),
  );

describe('what may not be seen', () => {
  test('counts for nothing: it is as if the key were not there', () => {
    fc.assert(
      fc.property(problems, ({ q, k, v, keep }) => {
        const y = scaledDotProductAttention(q, k, v, { keep });
        for (let i = 0; i < q.shape[0]!; i++) {
          const seen = [...keep.slice([i]).data.keys()].filter((j) => keep.slice([i, j]).item() === 1);
          const rows = (x: Tensor) => Tensor.of([...seen.map((j) => x.slice([j]).toArray())], 'float64');
          const wanted =
            seen.length === 0 ? Tensor.zeros([1, 2], 'float64') : scaledDotProductAttention(q.slice([[i, i + 1]]), rows(k), rows(v));
          expectClose(y.slice([[i, i + 1]]), wanted, 1e-12);
        }
      }),
      { numRuns: runs(60) },
    );
  });

  test('gets no gradient, and a row that sees nothing gives 0 with gradient 0', () => {
    fc.assert(
      fc.property(problems, ({ q, k, v, keep }) => {
        const [y, pullback] = vjp((q: Tensor, k: Tensor, v: Tensor) => scaledDotProductAttention(q, k, v, { keep }), q, k, v);
        const [dq, dk, dv] = pullback(patterned(y.shape, 3)) as [Tensor, Tensor, Tensor];
        for (const x of [y, dq, dk, dv]) expect(x.data.every(Number.isFinite)).toBe(true);
        const [rows, columns] = [keep.max(1).data, keep.max(0).data];
        rows.forEach((sees, i) => {
          if (sees === 0) for (const x of [y, dq]) expect(x.slice([i]).data.every((g) => g === 0)).toBe(true);
        });
        columns.forEach((seen, j) => {
          if (seen === 0) for (const x of [dk, dv]) expect(x.slice([j]).data.every((g) => g === 0)).toBe(true);
        });
      }),
      { numRuns: runs(60) },
    );
  });

  test('has derivatives to second order', () => {
    const keep = Tensor.of([[1, 0, 1], [0, 0, 0]]); // biome-ignore format: a matrix
    const f = (q: Tensor, k: Tensor, v: Tensor) => scaledDotProductAttention(q, k, v, { keep });
    const points = [patterned([2, 2], 1), patterned([3, 2], 2), patterned([3, 2], 3)];
    gradcheck(f, points);
    gradgradcheck(f, points);
  });

  test('leaves the check for finite numbers in peace', () => {
    const keep = Tensor.zeros([3, 5]);
    const tape = new Tape();
    const y = tape.record(() => scaledDotProductAttention(q, k, v, { keep }), { check: 'finite' });
    expect(y.data.every((x) => x === 0)).toBe(true);
  });
});

describe('causal', () => {
  test('is the mask of a lower triangle, from the beginnings of queries and keys', () => {
    const triangle = Tensor.of([[1, 0, 0, 0, 0], [1, 1, 0, 0, 0], [1, 1, 1, 0, 0]]); // biome-ignore format: a matrix
    expectSameBits(scaledDotProductAttention(q, k, v, { causal: true }).data, scaledDotProductAttention(q, k, v, { keep: triangle }).data);
  });

  test('begins at another key where start says so', () => {
    const triangle = Tensor.of([[1, 1, 1, 0, 0], [1, 1, 1, 1, 0], [1, 1, 1, 1, 1]]); // biome-ignore format: a matrix
    const wanted = scaledDotProductAttention(q, k, v, { keep: triangle });
    expectSameBits(scaledDotProductAttention(q, k, v, { causal: true, start: 2 }).data, wanted.data);
    const all = scaledDotProductAttention(q, k, v);
    expectSameBits(scaledDotProductAttention(q, k, v, { causal: true, start: 4 }).data, all.data);
    expectSameBits(scaledDotProductAttention(q, k, v, { causal: true, start: 9 }).data, all.data);
  });

  test('lets what comes later change nothing', () => {
    const y = scaledDotProductAttention(q, q, q, { causal: true });
    const changed = q.add(Tensor.of([[0], [0], [5]], 'float64'));
    const other = scaledDotProductAttention(changed, changed, changed, { causal: true });
    expectSameBits(other.slice([null, null, [0, 2]]).data, y.slice([null, null, [0, 2]]).data);
  });
});

test('masks of several kinds leave what all of them allow', () => {
  const keep = Tensor.of([1, 0, 1, 1, 1]);
  const both = Tensor.of([[1, 0, 0, 0, 0], [1, 0, 0, 0, 0], [1, 0, 1, 0, 0]]); // biome-ignore format: a matrix
  const y = scaledDotProductAttention(q, k, v, { keep, causal: true, lengths: [4] });
  expectSameBits(y.data, scaledDotProductAttention(q, k, v, { keep: both }).data);
});

test('lengths count along all leading axes, or along the first of them', () => {
  const [many, keys] = [patterned([2, 2, 3, 4], 1), patterned([2, 2, 5, 4], 2)];
  const of = (lengths: Tensor | number[]) => scaledDotProductAttention(many, keys, keys, { lengths });
  expectSameBits(of([3, 1]).data, of(Tensor.of([[3, 3], [1, 1]], 'int32')).data); // biome-ignore format: a matrix
  expect(
    of([0, 5])
      .slice([0])
      .data.every((y) => y === 0),
  ).toBe(true);
});

test('the leading axes broadcast', () => {
  const shared = patterned([5, 4], 2);
  const y = scaledDotProductAttention(patterned([2, 3, 3, 4], 1), shared, shared);
  expect(y.shape).toEqual([2, 3, 3, 4]);
  expectClose(y.slice([1, 2]), scaledDotProductAttention(patterned([2, 3, 3, 4], 1).slice([1, 2]), shared, shared), 1e-13);
});

test('without keys there is nothing to see', () => {
  expect(scaledDotProductAttention(Tensor.ones([2, 4]), Tensor.zeros([0, 4]), Tensor.zeros([0, 3])).toArray()).toEqual([
    [0, 0, 0],
    [0, 0, 0],
  ]);
});

test('large scores do not overflow', () => {
  const large = Tensor.of([[1e4], [-1e4]], 'float64');
  expect(scaledDotProductAttention(large, large, Tensor.of([[1], [2]], 'float64')).toArray()).toEqual([[1], [2]]);
});

test('dropout acts on the weights after the softmax, so that they no longer sum to 1', () => {
  const ones = Tensor.ones([8, 64, 1], 'float64');
  const y = training(() => scaledDotProductAttention(ones, ones, ones, { dropout: 0.5 }), { random: new Random(1) });
  const counts = y.mul(32);
  expect(counts.data.every((n) => Math.abs(n - Math.round(n)) < 1e-9)).toBe(true);
  expect(new Set(counts.data.map(Math.round)).size).toBeGreaterThan(5);
  expect(Math.abs(y.mean().item() - 1)).toBeLessThan(0.05);
  expect(scaledDotProductAttention(ones, ones, ones, { dropout: 0.5 }).data.every((n) => Math.abs(n - 1) < 1e-12)).toBe(true);
});

test('it may be mapped over examples, masks and lengths among them', () => {
  const [many, keep] = [patterned([2, 3, 4], 1), Tensor.of([[1, 0, 1], [0, 0, 0]])]; // biome-ignore format: a matrix
  const lengths = Tensor.of([3, 1], 'int32');
  const f = (x: Tensor, keep: Tensor, length: Tensor) =>
    scaledDotProductAttention(x.unsqueeze(0), x, x, { keep, lengths: length.unsqueeze(0) }).squeeze(0);
  const mapped = vmap(f)(many, keep, lengths);
  for (const i of [0, 1]) expectClose(mapped.slice([i]), f(many.slice([i]), keep.slice([i]), lengths.slice([i])), 1e-13);
});

test('masks of any dtype mean the same', () => {
  const wanted = scaledDotProductAttention(q, k, v, { keep: mask }).data;
  for (const dtype of ['int32', 'float64'] as const)
    expectSameBits(scaledDotProductAttention(q, k, v, { keep: mask.cast(dtype) }).data, wanted);
});

test('no gradient passes to a mask', () => {
  expect(grad((keep: Tensor) => scaledDotProductAttention(q, k, v, { keep }).sum())(mask.cast('float64')).data.every((g) => g === 0)).toBe(
    true,
  );
});

describe('refusals', () => {
  const name = 'scaledDotProductAttention: expected';
  refuses('%s is refused', [
    ['a vector', () => scaledDotProductAttention(Tensor.ones([4]), k, v), ShapeError, `${name} […, time, width] for q, got [4]` as never],
    ['integers', () => scaledDotProductAttention(q, k.cast('int32'), v), DtypeError],
    ['keys of another width', () => scaledDotProductAttention(q, v, v), ShapeError, /queries and keys of one width/],
    ['more keys than values', () => scaledDotProductAttention(q, k, q), ShapeError, /a value for each key/],
    ['another batch', () => scaledDotProductAttention(patterned([3, 1, 3, 4], 1), patterned([2, 1, 5, 4], 1), v), ShapeError],
    ['a mask for more', () => scaledDotProductAttention(q, k, v, { keep: Tensor.ones([2, 1, 1, 5]) }), ShapeError, /keep \[2, 1, 1, 5\]/],
    [
      'a mask of infinities',
      () => scaledDotProductAttention(q, k, v, { keep: Tensor.of([-Infinity]) }),
      ValueError,
      /1 for what may be seen/,
    ],
    ['lengths of floats', () => scaledDotProductAttention(q, k, v, { lengths: Tensor.of([1]) }), DtypeError, /int32 lengths/],
    ['half a length', () => scaledDotProductAttention(q, k, v, { lengths: [1.5] }), ValueError],
    ['a negative length', () => scaledDotProductAttention(q, k, v, { lengths: [-1] }), ValueError, /lengths from 0 to 5, got -1/],
    ['a negative start', () => scaledDotProductAttention(q, k, v, { start: -1 }), ValueError, /start to be a whole number from 0/],
    ['an infinite scale', () => scaledDotProductAttention(q, k, v, { scale: Infinity }), ValueError],
    ['a misspelt option', () => scaledDotProductAttention(q, k, v, { isCausal: true } as never), /did you mean causal\?/],
  ]);
});
