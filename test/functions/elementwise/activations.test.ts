/** Activations, roundings and losses, one number at a time: what they are, and their slopes at the kinks, which no small step can measure. */

import { describe, expect, test } from 'vitest';
import { huberOp as huber } from '../../../src/functions/losses/regression-losses.ts';
import * as tapegrad from '../../../src/index.ts';
import { Tensor, vjp } from '../../../src/index.ts';

const numbers = [
  -Infinity,
  -1000,
  -7,
  -3,
  -2.5,
  -1.5,
  -1,
  -0.625,
  -0.5,
  -0.25,
  -1e-5,
  -0,
  0,
  1e-5,
  0.25,
  0.5,
  0.625,
  1,
  1.5,
  2.5,
  3,
  4,
  6,
  7,
  1000,
  Infinity,
  NaN,
];
const sigmoid = (x: number) => 1 / (1 + Math.exp(-x));
const softplus = (x: number) => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)));
const clamp = (x: number, low: number, high: number) => Math.min(Math.max(x, low), high);
/** `½ (1 + tanh √(2/π) (x + 0.044715 x³))` */
const share = (x: number) => sigmoid(2 * Math.sqrt(2 / Math.PI) * (x + 0.044715 * x ** 3));
const even = (x: number) => {
  const below = Math.floor(x);
  return !Number.isFinite(x) || x - below < 0.5 || (x - below === 0.5 && below % 2 === 0) ? below : below + 1;
};

type One = (x: Tensor) => Tensor;
const values: Record<string, readonly [One, (x: number) => number]> = {
  floor: [(x) => x.floor(), Math.floor],
  ceil: [(x) => x.ceil(), Math.ceil],
  trunc: [(x) => x.trunc(), Math.trunc],
  round: [(x) => x.round(), even],
  clamp: [(x) => x.clamp(-1, 3), (x) => clamp(x, -1, 3)],
  'clamp from below': [(x) => x.clamp(-1, Infinity), (x) => Math.max(x, -1)],
  relu6: [tapegrad.relu6, (x) => clamp(x, 0, 6)],
  hardtanh: [tapegrad.hardtanh, (x) => clamp(x, -1, 1)],
  hardsigmoid: [tapegrad.hardsigmoid, (x) => clamp((x + 3) / 6, 0, 1)],
  hardswish: [tapegrad.hardswish, (x) => x * clamp((x + 3) / 6, 0, 1)],
  leakyRelu: [tapegrad.leakyRelu, (x) => (x > 0 ? x : 0.01 * x)],
  elu: [(x) => tapegrad.elu(x, 2), (x) => (x > 0 ? x : 2 * Math.expm1(x))],
  celu: [(x) => tapegrad.celu(x, 2), (x) => (x > 0 ? x : 2 * Math.expm1(x / 2))],
  selu: [tapegrad.selu, (x) => 1.0507009873554805 * (x > 0 ? x : 1.6732632423543772 * Math.expm1(x))],
  softplus: [tapegrad.softplus, softplus],
  'softplus, sharper': [(x) => tapegrad.softplus(x, { beta: 2 }), (x) => softplus(2 * x) / 2],
  'softplus, straight from a threshold': [(x) => tapegrad.softplus(x, { threshold: 1 }), (x) => (x > 1 ? x : softplus(x))],
  logSigmoid: [tapegrad.logSigmoid, (x) => -softplus(-x)],
  'gelu, by tanh': [(x) => tapegrad.gelu(x, { approximate: 'tanh' }), (x) => x * share(x)],
  tanhshrink: [tapegrad.tanhshrink, (x) => x - Math.tanh(x)],
  softsign: [tapegrad.softsign, (x) => x / (1 + Math.abs(x))],
  softshrink: [tapegrad.softshrink, (x) => (x > 0.5 ? x - 0.5 : x < -0.5 ? x + 0.5 : x * 0)],
  hardshrink: [tapegrad.hardshrink, (x) => (Math.abs(x) <= 0.5 ? 0 : x)],
  threshold: [(x) => tapegrad.threshold(x, 0.5, 9), (x) => (x > 0.5 ? x : 9)],
};

describe('a value', () => {
  test.each(Object.entries(values))('of %s is what its definition says, at kinks, at infinity, and for NaN', (_, [f, definition]) => {
    for (const x of numbers) {
      const wanted = definition(x);
      const found = f(Tensor.of(x, 'float64')).item();
      if (Number.isFinite(wanted))
        expect(Math.abs(found - wanted), `at ${x}: ${found}, not ${wanted}`).toBeLessThanOrEqual(1e-13 * Math.max(1, Math.abs(wanted)));
      else if (!(Number.isNaN(wanted) && Math.abs(x) === Infinity)) expect(found, `at ${x}`).toBe(wanted);
    }
  });

  test('that is rounded keeps the sign of its zero', () => {
    const signs = (f: One) => [-0.25, -0, 0, 0.25].map((x) => Object.is(f(Tensor.of(x, 'float64')).item(), -0));
    expect(signs((x) => x.round())).toEqual([true, true, false, false]);
    expect(signs((x) => x.ceil())).toEqual([true, true, false, false]);
    expect(signs((x) => x.trunc())).toEqual([true, true, false, false]);
    for (const x of [2 ** 52 + 1, -(2 ** 53), 1e300]) expect(Tensor.of(x, 'float64').round().item()).toBe(x);
  });

  test('of softshrink that is nothing keeps the sign of x, at the edges too', () => {
    const signs = [-0.5, -0.25, -0, 0, 0.25, 0.5].map((x) => Object.is(tapegrad.softshrink(Tensor.of(x, 'float64')).item(), -0));
    expect(signs).toEqual([true, true, true, false, false, false]);
  });

  test('of gelu is the share of the normal distribution below x, times x', () => {
    // Φ(1), Φ(−2)
    expect(tapegrad.gelu(Tensor.of(1, 'float64')).item()).toBeCloseTo(0.8413447460685429, 15);
    expect(tapegrad.gelu(Tensor.of(-2, 'float64')).item()).toBeCloseTo(-2 * 0.02275013194817921, 15);
  });

  test('of softplus as it is by default takes one operation', () => {
    const x = Tensor.of([1]);
    const tape = new tapegrad.Tape({ x });
    tape.record(() => tapegrad.softplus(x));
    expect(String(tape)).toBe('%0 : [1] = softplus(x)');
  });

  test('of tanhshrink keeps its digits near 0, where x and tanh x are nearly alike', () => {
    for (const x of [1e-5, 0.01, 0.3, 0.62]) {
      const [a, b] = [
        x ** 3 / 3 - (2 * x ** 5) / 15 + (17 * x ** 7) / 315 - (62 * x ** 9) / 2835 + (1382 * x ** 11) / 155925,
        tapegrad.tanhshrink(Tensor.of(x, 'float64')).item(),
      ];
      expect(Math.abs(b / a - 1)).toBeLessThan(x < 0.1 ? 1e-13 : 2e-3);
    }
  });
});

/** The gradient for each argument at some numbers, for a gradient of 1 that arrives. */
const slopes = (f: (...xs: Tensor[]) => Tensor, ...at: number[]): number[] =>
  vjp(f, ...at.map((x) => Tensor.of(x, 'float64')))[1](Tensor.of(1, 'float64')).map((dx) => dx.item() + 0);

describe('a slope', () => {
  test.each<[string, (...xs: Tensor[]) => Tensor, number[], number[]]>([
    ['clamp, at the lower bound', (x, a, b) => x!.clamp(a!, b!), [-1, -1, 1], [1, 0, 0]],
    ['clamp, at the upper bound', (x, a, b) => x!.clamp(a!, b!), [1, -1, 1], [1, 0, 0]],
    ['clamp, below', (x, a, b) => x!.clamp(a!, b!), [-2, -1, 1], [0, 1, 0]],
    ['clamp, above', (x, a, b) => x!.clamp(a!, b!), [2, -1, 1], [0, 0, 1]],
    ['clamp, between bounds that are exchanged', (x, a, b) => x!.clamp(a!, b!), [0, 1, -1], [0, 0, 1]],
    ['clamp, between bounds that are one', (x, a, b) => x!.clamp(a!, b!), [0, 1, 1], [0, 0, 0]],
    ['hardtanh, at the lower bound', (x, a, b) => tapegrad.hardtanh(x!, { low: a!, high: b! }), [-1, -1, 1], [0, 1, 0]],
    ['hardtanh, at the upper bound', (x, a, b) => tapegrad.hardtanh(x!, { low: a!, high: b! }), [1, -1, 1], [0, 0, 1]],
    ['hardtanh, between bounds that are exchanged', (x, a, b) => tapegrad.hardtanh(x!, { low: a!, high: b! }), [0, 1, -1], [0, 0, 1]],
    ['hardtanh, beyond bounds that are exchanged', (x, a, b) => tapegrad.hardtanh(x!, { low: a!, high: b! }), [-2, 1, -1], [0, 0, 1]],
    ['hardtanh, between bounds that are one', (x, a, b) => tapegrad.hardtanh(x!, { low: a!, high: b! }), [0, 1, 1], [0, 0, 0]],
    ['leakyRelu, at 0', (x, a) => tapegrad.leakyRelu(x!, a), [0, 0.25], [0.25, 0]],
    ['elu, at 0', (x, a) => tapegrad.elu(x!, a), [0, 3], [3, 0]],
    ['elu, above', (x, a) => tapegrad.elu(x!, a), [0.5, 3], [1, 0]],
    ['elu, far above, where the exponential would be infinite', (x, a) => tapegrad.elu(x!, a), [1000, 3], [1, 0]],
    ['hardswish, at −3', (x) => tapegrad.hardswish(x!), [-3], [-0.5]],
    ['hardswish, at 3', (x) => tapegrad.hardswish(x!), [3], [1.5]],
    ['hardsigmoid, at −3', (x) => tapegrad.hardsigmoid(x!), [-3], [0]],
    ['hardsigmoid, at 3', (x) => tapegrad.hardsigmoid(x!), [3], [0]],
    ['softshrink, at the edge', (x, a) => tapegrad.softshrink(x!, a), [0.5, 0.5], [0, 0]],
    ['softshrink, at the other edge', (x, a) => tapegrad.softshrink(x!, a), [-0.5, 0.5], [0, 0]],
    ['softshrink, beyond', (x, a) => tapegrad.softshrink(x!, a), [-2, 0.5], [1, 1]],
    ['hardshrink, at the edge', (x) => tapegrad.hardshrink(x!), [0.5], [0]],
    ['threshold, at the limit', (x) => tapegrad.threshold(x!, 1, 2), [1], [0]],
    ['logAddExp, of two infinities', (a, b) => tapegrad.logAddExp(a!, b!), [-Infinity, -Infinity], [0.5, 0.5]],
    ['logAddExp, of two that tie', (a, b) => tapegrad.logAddExp(a!, b!), [2, 2], [0.5, 0.5]],
    ['xlogy, of 0 and 0', (a) => tapegrad.xlogy(a!, 0), [0], [0]],
    ['xlogy, of 0 and 2', (a) => tapegrad.xlogy(a!, 2), [0], [Math.LN2]],
    ['huber, at the seam', (x, y) => tapegrad.huberLoss(x!, y!), [3, 2], [1, -1]],
    ['klDivLoss, where nothing is expected', (x, y) => tapegrad.klDivLoss(x!, y!, { reduction: 'sum' }), [-2, 0], [0, 2]],
    [
      'binaryCrossEntropy, where it is certain and right',
      (p, y) => tapegrad.binaryCrossEntropy(p!, y!, { reduction: 'sum' }),
      [1, 1],
      [0, -100],
    ],
    [
      'binaryCrossEntropy, where it is certain and wrong',
      (p, y) => tapegrad.binaryCrossEntropy(p!, y!, { reduction: 'sum' }),
      [0, 1],
      [-1e12, 100],
    ],
    ['norm, at 0', (x) => tapegrad.norm(x!), [0], [0]],
    ['hypot, at a length of 1', (a, b) => tapegrad.hypot(a!, b!), [1, 0], [1, 0]],
    ['hypot, at another length of 1', (a, b) => tapegrad.hypot(a!, b!), [0, 1], [0, 1]],
    ['hypot, at the origin', (a, b) => tapegrad.hypot(a!, b!), [0, 0], [0, 0]],
  ])('of %s is PyTorch’s', (_, f, at, wanted) => expect(slopes(f, ...at)).toEqual(wanted));

  test('of an angle is right for the longest sides and the shortest', () => {
    for (const unit of [1e-300, 1e-160, 1, 1e160, 1e300]) {
      const [byHeight, byWidth] = slopes((a, b) => tapegrad.atan2(a!, b!), 3 * unit, -4 * unit);
      expect([byHeight! * unit * 25, byWidth! * unit * 25]).toEqual([-4, -3].map((n) => expect.closeTo(n, 12)));
      const [up] = slopes((a, b) => tapegrad.atan2(a!, b!), -4 * unit, 3 * unit);
      expect(up! * unit * 25).toBeCloseTo(3, 12);
    }
    for (const [a, b] of [
      [1e-200, 1e200],
      [1e200, 1e-200],
      [-1e200, 1e-200],
      [1e-200, -1e200],
    ] as const) {
      const [byHeight, byWidth] = slopes((a, b) => tapegrad.atan2(a!, b!), a, b);
      const longer = Math.abs(a) > Math.abs(b) ? a : b;
      expect([byHeight! * longer, byWidth! * longer]).toEqual(
        longer === a ? [0, -1].map((y) => expect.closeTo(y, 12)) : [expect.closeTo(1, 12), expect.closeTo(0, 12)],
      );
    }
  });

  test('of the inverse hyperbolic sine is one over x where x is large, and its own slope too', () => {
    for (const x of [1e9, -1e9, 1e150, 1e200, -1e300]) {
      expect(slopes((x) => tapegrad.asinh(x!), x)[0]! * Math.abs(x)).toBeCloseTo(1, 12);
      expect(
        slopes(
          tapegrad.grad((x) => tapegrad.asinh(x!)),
          x,
        )[0]! *
          x *
          Math.abs(x),
      ).toBeCloseTo(Math.abs(x) < 1e155 ? -1 : 0, 12);
    }
  });

  test('of huber along its limit is how far the error is beyond it', () => {
    const limited = (x: Tensor | undefined, delta: Tensor | undefined) => tapegrad.perform(huber, { x: x!, delta: delta! });
    expect(slopes((x, delta) => limited(x, delta), 3, 1)).toEqual([1, 2]);
    expect(slopes((x, delta) => limited(x, delta), 1, 1)).toEqual([1, 0]);
    expect(slopes((x, delta) => limited(x, delta), 0.5, 1)).toEqual([0.5, 0]);
  });
});

describe('logarithms', () => {
  const pair = (f: (a: Tensor, b: Tensor) => Tensor, a: number, b: number) => f(Tensor.of(a, 'float64'), Tensor.of(b, 'float64')).item();
  test('of sums are exact where one is far larger, and infinite or NaN where they should be', () => {
    const cases: [number, number, number][] = [
      [0, 0, Math.LN2],
      [1000, 0, 1000],
      [0, 1000, 1000],
      [-Infinity, 3, 3],
      [3, -Infinity, 3],
      [Infinity, -Infinity, Infinity],
      [Infinity, Infinity, Infinity],
      [-Infinity, -Infinity, -Infinity],
      [NaN, 1, NaN],
      [1, NaN, NaN],
    ];
    for (const [a, b, wanted] of cases) expect(pair(tapegrad.logAddExp, a, b), `${a}, ${b}`).toBe(wanted);
  });

  test('times nothing are nothing, unless there is no logarithm at all', () => {
    const cases: [number, number, number][] = [
      [0, 0, 0],
      [0, -1, 0],
      [0, Infinity, 0],
      [0, NaN, NaN],
      [2, 1, 0],
      [2, 0, -Infinity],
      [NaN, 2, NaN],
    ];
    for (const [a, b, wanted] of cases) expect(pair(tapegrad.xlogy, a, b) + 0, `${a}, ${b}`).toBe(wanted);
  });

  test('of odds keep their digits where these are nearly even, and where they are hopeless', () => {
    const logit = (p: number) => tapegrad.logit(Tensor.of(p, 'float64')).item();
    for (let i = -50; i <= 50; i++) {
      const p = 0.5 + (i + 0.5) * 1.37e-8;
      expect(logit(p) / (2 * Math.atanh(2 * (p - 0.5)))).toBeCloseTo(1, 14);
    }
    expect([1e-20, 1e-300].map((p) => logit(p) / Math.log(p))).toEqual([expect.closeTo(1, 13), expect.closeTo(1, 13)]);
  });

  test('of odds are what the sigmoid undoes, kept finite on demand', () => {
    for (const p of [0.01, 0.5, 0.99]) expect(sigmoid(tapegrad.logit(Tensor.of(p, 'float64')).item())).toBeCloseTo(p, 14);
    expect(
      tapegrad
        .logit(Tensor.of([0, 1], 'float64'), { epsilon: 0.25 })
        .toArray()
        .map(sigmoid),
    ).toEqual([0.25, 0.75].map((p) => expect.closeTo(p, 14)));
  });
});

describe('losses, number by number', () => {
  const float64 = (...xs: number[]): Tensor => Tensor.of(xs, 'float64');
  const [x, y, v] = [float64(1, -2, 0.5), float64(0.5, 1, 3), float64(0.5, 2, 1e-9)];
  const each = (f: (...numbers: number[]) => number, ...parts: Tensor[]) =>
    [0, 1, 2].map((i) => expect.closeTo(f(...parts.map(({ data }) => data[i]!)), 12));
  const none = { reduction: 'none' } as const;

  test.each<[string, () => Tensor, unknown[]]>([
    ['mse', () => tapegrad.mseLoss(x, y, none), each((x, y) => (x - y) ** 2, x, y)],
    ['l1', () => tapegrad.l1Loss(x, y, none), each((x, y) => Math.abs(x - y), x, y)],
    [
      'huber',
      () => tapegrad.huberLoss(x, y, { ...none, delta: 0.75 }),
      each((x, y) => (Math.abs(x - y) < 0.75 ? (x - y) ** 2 / 2 : 0.75 * (Math.abs(x - y) - 0.375)), x, y),
    ],
    [
      'smooth l1',
      () => tapegrad.smoothL1Loss(x, y, { ...none, beta: 0.75 }),
      each((x, y) => (Math.abs(x - y) < 0.75 ? (x - y) ** 2 / 1.5 : Math.abs(x - y) - 0.375), x, y),
    ],
    ['smooth l1 with nothing smooth', () => tapegrad.smoothL1Loss(x, y, { ...none, beta: 0 }), each((x, y) => Math.abs(x - y), x, y)],
    ['Poisson', () => tapegrad.poissonNLLLoss(x, y, none), each((x, y) => Math.exp(x) - x * y, x, y)],
    [
      'Poisson of rates',
      () => tapegrad.poissonNLLLoss(y, v, { ...none, logInput: false, epsilon: 0.25 }),
      each((x, y) => x - y * Math.log(x + 0.25), y, v),
    ],
    [
      'Gauss',
      () => tapegrad.gaussianNLLLoss(x, y, v, none),
      each((x, y, v) => (Math.log(Math.max(v, 1e-6)) + (x - y) ** 2 / Math.max(v, 1e-6)) / 2, x, y, v),
    ],
    [
      'margin ranking',
      () => tapegrad.marginRankingLoss(x, y, float64(1, -1, 1), { ...none, margin: 0.25 }),
      each((a, b, s) => Math.max(0, -s * (a - b) + 0.25), x, y, float64(1, -1, 1)),
    ],
    [
      'hinge embedding',
      () => tapegrad.hingeEmbeddingLoss(x, float64(1, -1, -1), none),
      each((x, s) => (s === 1 ? x : Math.max(0, 1 - x)), x, float64(1, -1, -1)),
    ],
    [
      'soft margin',
      () => tapegrad.softMarginLoss(x, float64(1, -1, -1), none),
      each((x, s) => Math.log1p(Math.exp(-s * x)), x, float64(1, -1, -1)),
    ],
    ['Kullback and Leibler', () => tapegrad.klDivLoss(x, y, none), each((x, y) => y * (Math.log(y) - x), x, y)],
    [
      'Kullback and Leibler of logarithms',
      () => tapegrad.klDivLoss(x, y, { ...none, logTarget: true }),
      each((x, y) => Math.exp(y) * (y - x), x, y),
    ],
  ])('%s', (_, find, wanted) => expect(find().toArray()).toEqual(wanted));

  test('become their mean by default, or their sum', () => {
    const all = tapegrad.mseLoss(x, y, none);
    expect(tapegrad.mseLoss(x, y).item()).toBe(all.mean().item());
    expect(tapegrad.mseLoss(x, y, { reduction: 'sum' }).item()).toBe(all.sum().item());
    expect(tapegrad.smoothL1Loss(x, y, { beta: 0, reduction: 'sum' }).item()).toBe(tapegrad.l1Loss(x, y, none).sum().item());
    const rows = Tensor.of(
      [
        [0.1, 0.2],
        [0.3, 0.4],
      ],
      'float64',
    );
    expect(tapegrad.klDivLoss(rows, rows, { reduction: 'batchmean' }).item()).toBeCloseTo(
      tapegrad.klDivLoss(rows, rows, { reduction: 'sum' }).item() / 2,
      14,
    );
  });

  test('of distances and angles are those of their vectors', () => {
    const [a, p, n] = [
      Tensor.of(
        [
          [0, 0],
          [1, 0],
        ],
        'float64',
      ),
      Tensor.of(
        [
          [3, 4],
          [1, 1],
        ],
        'float64',
      ),
      Tensor.of(
        [
          [0, 1],
          [5, 3],
        ],
        'float64',
      ),
    ];
    expect(tapegrad.pairwiseDistance(a, p).toArray()).toEqual([5, 1]);
    expect(tapegrad.pairwiseDistance(a, p, { order: 1 }).toArray()).toEqual([7, 1]);
    expect(tapegrad.tripletMarginLoss(a, p, n, { margin: 0.5, ...none }).toArray()).toEqual([4.5, 0]);
    const cosine = tapegrad.cosineSimilarity(p, n).toArray();
    expect(cosine).toEqual([expect.closeTo(0.8, 14), expect.closeTo(8 / Math.sqrt(68), 14)]);
    expect(tapegrad.cosineEmbeddingLoss(p, n, Tensor.of([1, -1], 'float64'), { margin: 0.25, ...none }).toArray()).toEqual([
      expect.closeTo(0.2, 14),
      expect.closeTo(cosine[1] - 0.25, 14),
    ]);
    expect(() => tapegrad.pairwiseDistance(Tensor.of(1), Tensor.of(2))).toThrow(/^pairwiseDistance: expected vectors, got shape \[\]/);
  });

  test('of rows take one operation where nothing is weighed, and an impossible class beside the right one costs nothing', () => {
    const [logits, classes] = [Tensor.of([[0, 0, -Infinity]]), Tensor.of([1], 'int32')];
    const tape = new tapegrad.Tape({ logits, classes });
    tape.record(() => tapegrad.crossEntropy(logits, classes, none));
    expect(tape.entries.map(({ op }) => op.name)).toEqual(['crossEntropyOfClasses']);
    const mean = new tapegrad.Tape();
    mean.record(() => tapegrad.crossEntropy(logits, classes));
    expect(mean.entries.map(({ op }) => op.name)).toEqual(['crossEntropyOfClasses', 'sum', 'div']);
    const weighed = tapegrad.crossEntropy(logits, classes, { weight: Tensor.ones([3]) });
    expect(weighed.item()).toBeCloseTo(Math.LN2, 6);
  });

  test('of a single class may ignore it, and what is ignored need be no class', () => {
    const loss = tapegrad.nllLoss(Tensor.of([[-1], [-2]]), Tensor.of([0, -100], 'int32'), { ignoreIndex: -100 });
    expect(loss.item()).toBe(1);
  });

  test('of images have a class for each pixel', () => {
    const logits = Tensor.normal([2, 3, 2, 2], { seed: 1, dtype: 'float64' });
    const classes = Tensor.of(
      [
        [
          [0, 1],
          [2, 0],
        ],
        [
          [1, 1],
          [2, 2],
        ],
      ],
      'int32',
    );
    const losses = tapegrad.crossEntropy(logits, classes, none);
    expect(losses.shape).toEqual([2, 2, 2]);
    expect(losses.slice([1, 0, 1]).item()).toBeCloseTo(-logits.logSoftmax(1).slice([1, 1, 0, 1]).item(), 13);
    expect(tapegrad.nllLoss(logits.logSoftmax(1), classes, none).toArray()).toEqual(
      losses.toArray().map((plane: number[][]) => plane.map((row) => row.map((loss) => expect.closeTo(loss, 13)))),
    );
    const smoothed = (labelSmoothing: number) => tapegrad.crossEntropy(logits, classes, { labelSmoothing, ...none });
    expect(smoothed(1).slice([0, 0, 0]).item()).toBeCloseTo(-logits.logSoftmax(1).slice([0, null, 0, 0]).mean().item(), 13);
    for (const wrong of [-0.1, 1.1, NaN]) expect(() => smoothed(wrong)).toThrow(/^crossEntropy: expected labelSmoothing from 0 to 1/);
    expect(() => tapegrad.crossEntropy(Tensor.zeros([3]), Tensor.of([0, 1, 2], 'int32'))).toThrow(
      /^crossEntropy: expected predictions \[n, classes, …\], got \[3\]/,
    );
    expect(() => tapegrad.crossEntropy(Tensor.zeros([1, 3]), Tensor.of([-1], 'int32'), { ignoreIndex: 0 })).toThrow(
      /^crossEntropy: label -1 at place 0/,
    );
  });
});

describe('glu', () => {
  test('gates the first half of an axis with the second', () => {
    const x = Tensor.of(
      [
        [1, 2, 5, 1],
        [3, 4, -1, 1000],
      ],
      'float64',
    );
    const found = tapegrad.glu(x).toArray();
    [
      [sigmoid(5), 2 * sigmoid(1)],
      [3 * sigmoid(-1), 4],
    ].forEach((row, i) => row.forEach((y, j) => expect(found[i][j]).toBeCloseTo(y, 14)));
    expect(
      tapegrad
        .glu(x, 0)
        .toArray()[0]
        .map((y: number, j: number) => y / x.slice([0, j]).item()),
    ).toEqual([3, 4, -1, 1000].map((y) => expect.closeTo(sigmoid(y), 14)));
    expect(() => tapegrad.glu(Tensor.zeros([2, 3]))).toThrow(/^glu: expected an even size along axis 1 of shape \[2, 3\], got 3/);
  });
});

describe('prelu', () => {
  test('has one slope for all, or one for each channel', () => {
    const x = Tensor.of(
      [
        [
          [-1, 2],
          [-4, -8],
        ],
      ],
      'float64',
    );
    expect(tapegrad.prelu(x, Tensor.of([0.5], 'float64')).toArray()).toEqual([
      [
        [-0.5, 2],
        [-2, -4],
      ],
    ]);
    expect(tapegrad.prelu(x, Tensor.of([0.5, 0.25], 'float64')).toArray()).toEqual([
      [
        [-0.5, 2],
        [-1, -2],
      ],
    ]);
    expect(tapegrad.prelu(Tensor.of([[-1, -4]], 'float64'), Tensor.of([0.5, 0.25], 'float64')).toArray()).toEqual([[-0.5, -1]]);
    for (const weight of [[2, 1], [3], [2, 2]])
      expect(() => tapegrad.prelu(x, Tensor.ones(weight, 'float64'))).toThrow(/^prelu: expected a weight/);
    expect(() => tapegrad.prelu(Tensor.ones([2], 'float64'), Tensor.ones([2], 'float64'))).toThrow(/^prelu: expected a weight/);
  });
});
