/**
 * Values and gradients from PyTorch, in float64: every case of an operation that exists here, or that is a line of those that do. What waits for the
 * wide operation table is listed by name, so that nothing is left out unseen.
 */

import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import * as tapegrad from '../../src/index.ts';
import { concat, erf, grad, parameters, SGD, SoftmaxCrossEntropy, softmaxCrossEntropy, stack, Tape, Tensor, vjp, Parameter } from '../../src/index.ts';

interface Stored {
  readonly shape: readonly number[];
  readonly data: (number | string)[];
  readonly dtype?: string;
}
interface Case {
  readonly name: string;
  readonly op: string;
  readonly params: any;
  readonly inputs: Record<string, Stored>;
  readonly output: Stored;
  readonly grad_output?: Stored;
  readonly grads?: Record<string, Stored>;
}

const read = (file: string) => JSON.parse(readFileSync(`test/golden/${file}.json`, 'utf8'));
const tensorOf = ({ shape, data, dtype }: Stored): Tensor =>
  new Tensor(shape, dtype === 'int64' ? Int32Array.from(data, Number) : Float64Array.from(data, Number));

/** Relative to each number, since PyTorch sums in another order and its functions round otherwise in the last bit. */
const TOLERANCE = 1e-12;
/** Relative to the largest number of the result, or 1: what cancellation leaves where the true number is near 0. */
const CANCELLED = 1e-15;

function expectClose(found: Tensor, wanted: Stored, what: string): void {
  expect(found.shape, what).toEqual(wanted.shape);
  const numbers = wanted.data.map(Number);
  const scale = Math.max(1, ...numbers.filter(Number.isFinite).map(Math.abs));
  numbers.forEach((y, i) => {
    const x = found.data[i]!;
    if (Number.isFinite(y)) expect(Math.abs(x - y), `${what}[${i}] is ${x}, should be ${y}`).toBeLessThanOrEqual(TOLERANCE * Math.abs(y) + CANCELLED * scale);
    else expect(x, `${what}[${i}]`).toBe(y);
  });
}

type Run = (x: any, params: any) => Tensor;
const axes = ({ axis }: any) => axis ?? undefined;
const keep = ({ keepdim = false }: any) => ({ keepDims: keepdim });
const reduced = (losses: Tensor, { reduction }: any): Tensor => (reduction === 'none' ? losses : losses[reduction as 'sum' | 'mean']());
/** `−x[i, t[i]]` for each row: the loss of log-probabilities. */
const picked = (x: Tensor, t: Tensor) => x.gather(1, t.reshape([-1, 1])).reshape([-1]).neg();

/** How an operation of PyTorch is said here. */
const said: Record<string, Run> = {
  add: ({ a, b }) => a.add(b),
  sub: ({ a, b }) => a.sub(b),
  mul: ({ a, b }) => a.mul(b),
  div: ({ a, b }) => a.div(b),
  pow: ({ a, b }, { exponent }) => a.pow(b ?? exponent),
  maximum: ({ a, b }) => a.maximum(b),
  minimum: ({ a, b }) => a.minimum(b),
  lerp: ({ a, b }, { weight }) => a.add(b.sub(a).mul(weight)),
  reuse: ({ a }) => a.mul(a).mul(a),
  abs: ({ a }) => a.abs(),
  sign: ({ a }) => a.sign(),
  log: ({ a }) => a.log(),
  log2: ({ a }) => a.log().div(Math.LN2),
  log10: ({ a }) => a.log().div(Math.LN10),
  sqrt: ({ a }) => a.sqrt(),
  sin: ({ a }) => a.sin(),
  cos: ({ a }) => a.cos(),
  tan: ({ a }) => a.sin().div(a.cos()),
  tanh: ({ a }) => a.tanh(),
  expm1: ({ a }) => a.expm1(),
  log1p: ({ a }) => a.log1p(),
  erf: ({ a }) => erf(a),
  sigmoid: ({ a }) => a.sigmoid(),
  silu: ({ a }) => a.mul(a.sigmoid()),
  relu: ({ a }) => a.relu(),
  leaky_relu: ({ a }, { negative_slope }) => a.greater(0).choose(a, a.mul(negative_slope)),
  prelu: ({ a, w }) => a.greater(0).choose(a, a.mul(w)),
  sum: ({ a }, p) => a.sum(axes(p), keep(p)),
  mean: ({ a }, p) => a.mean(axes(p), keep(p)),
  max: ({ a }, p) => a.max(axes(p), keep(p)),
  min: ({ a }, p) => a.min(axes(p), keep(p)),
  amax: ({ a }, p) => a.amax(axes(p), keep(p)),
  amin: ({ a }, p) => a.amin(axes(p), keep(p)),
  argmax: ({ a }, p) => a.argmax(axes(p)),
  argmin: ({ a }, p) => a.argmin(axes(p)),
  logsumexp: ({ a }, p) => a.logSumExp(axes(p), keep(p)),
  softmax: ({ a }, { axis }) => a.softmax(axis),
  log_softmax: ({ a }, { axis }) => a.logSoftmax(axis),
  matmul: ({ a, b }) => a.matmul(b),
  linear: ({ x, w, b }) => x.timesTransposed(w).add(b),
  affine: ({ x, w, b }) => x.matmul(w).add(b),
  outer: ({ a, b }) => a.reshape([-1, 1]).mul(b),
  transpose: ({ a }, { dim0, dim1 }) => a.transpose(dim0, dim1),
  permute: ({ a }, { dims }) => a.permute(dims),
  unsqueeze: ({ a }, { axis }) => a.reshape(a.shape.toSpliced(axis < 0 ? a.rank + 1 + axis : axis, 0, 1)),
  broadcast_to: ({ a }, { shape }) => a.broadcastTo(shape),
  slice: ({ a }, { slices }) => a.slice(slices),
  select: ({ a }, { axis, index }) => a.slice([...Array.from({ length: axis }, () => null), index]),
  flip: ({ a }, { axis }) => a.slice(a.shape.map((_: number, i: number) => (axis.includes(i) ? [null, null, -1] : null))),
  roll: ({ a }, { shift, axis }) => {
    const before = Array.from({ length: axis }, () => null);
    return concat([a.slice([...before, [-shift]]), a.slice([...before, [0, -shift]])], axis);
  },
  index_add: ({ a, index, src }) => a.scatterAdd(0, index.reshape([-1, 1]).broadcastTo(src.shape), src),
  concat: ({ a, b, c }, { axis }) => concat(c ? [a, b, c] : [a, b], axis),
  stack: ({ a, b }, { axis }) => stack([a, b], axis),
  cross_entropy: ({ x, t }, p) => new SoftmaxCrossEntropy({ reduction: p.reduction }).forward(x, t),
  nll_loss: ({ x, t }, p) => reduced(picked(x, t), p),
  mse_loss: ({ x, y }, p) => reduced(x.sub(y).pow(2), p),
  l1_loss: ({ x, y }, p) => reduced(x.sub(y).abs(), p),
  bce: ({ x, y }, p) => reduced(y.mul(x.log()).add(y.neg().add(1).mul(x.neg().add(1).log())).neg(), p),
  assignment_q3: ({ x, W, b, V, c, t }) => softmaxCrossEntropy(x.matmul(W).add(b).sigmoid().matmul(V).add(c), t).mean(),
  gru_cell({ x, h, wi, wh, bi, bh }) {
    const gates = (v: Tensor, w: Tensor, b: Tensor) => [0, 1, 2].map((k) => v.timesTransposed(w).add(b).slice([null, [2 * k, 2 * k + 2]]));
    const [fromX, fromH] = [gates(x, wi, bi), gates(h, wh, bh)];
    const [r, z] = [0, 1].map((k) => fromX[k]!.add(fromH[k]!).sigmoid()) as [Tensor, Tensor];
    const n = fromX[2]!.add(r.mul(fromH[2]!)).tanh();
    return n.mul(z.neg().add(1)).add(z.mul(h));
  },
  attention({ q, k, v }) {
    const scores: Tensor = q.matmul(k.transpose()).div(Math.sqrt(q.shape.at(-1)));
    const [rows, columns] = scores.shape.slice(-2) as [number, number];
    const later = Tensor.arange(rows, undefined, 1, 'float64').reshape([rows, 1]).less(Tensor.arange(columns, undefined, 1, 'float64'));
    return later.choose(-Infinity, scores).softmax().matmul(v);
  },
};

/** Cases whose operation, or whose convention, belongs to the wide operation table. */
const waiting = new Set([
  'floor', 'acos', 'sinh', 'atanh', 'relu6', 'elu', 'selu', 'log_sigmoid', 'hardtanh', 'hardswish', 'softplus/extreme', 'clamp/min', 'atan2/broadcast',
  'elu/at_kink', 'hardtanh/at_kink', 'relu6/at_kink', 'clamp/at_bounds', 'max_pool2d/tie', 'prod/zeros', 'norm/at_zero', 'bce_with_logits/extreme', 'cross_entropy/all_ignored',
  'var/one_element', 'round/half_to_even', 'var/c0/[0, 2]/False', 'std/c0/None/False', 'std/c0/[0, 2]/False', 'prod/0/False', 'prod/1/True', 'cumsum/0', 'cumsum/1', 'cumprod/1',
  'sort', 'topk', 'einsum/bij,bjk->bik', 'einsum/ij->ji', 'einsum/ii->', 'tile', 'repeat_interleave', 'pad/constant', 'pad/replicate', 'pad/negative_crops', 'tril',
  'cross_entropy/weight/mean', 'smooth_l1_loss/mean', 'cross_entropy/label_smoothing/sum', 'smooth_l1_loss/sum', 'huber_loss/sum', 'bce_with_logits/sum', 'kl_div/sum',
  'cross_entropy/ignore_index/none', 'cross_entropy/label_smoothing/none', 'bce_with_logits/none', 'kl_div/none', 'kl_div/log_target', 'cross_entropy/N_C_d',
  'bce_with_logits/pos_weight', 'smooth_l1_loss/beta', 'cosine_similarity',
]);

const families = ['elementwise', 'reduce', 'matmul', 'shape', 'loss', 'conventions', 'composite'];
const cases = families.flatMap((family) => (read(family).cases as Case[]).map((found) => ({ family, found })));

test('every case is run, or waits for an operation that is still to come, and never both', () => {
  const neither = cases.filter(({ found }) => !said[found.op] && !waiting.has(found.name));
  expect(neither.map(({ found }) => found.name)).toEqual([]);
  const gone = [...waiting].filter((name) => cases.every(({ found }) => found.name !== name));
  expect(gone).toEqual([]);
});

/** Other names under which a waiting operation may arrive. */
const alsoCalled: Record<string, readonly string[]> = {
  var: ['variance'], std: ['standardDeviation'], prod: ['product'], repeat: ['tile'], norm: ['vectorNorm'], erf: ['errorFunction'],
  bce_with_logits: ['binaryCrossEntropyWithLogits'], kl_div: ['klDivergence', 'kullbackLeibler'], huber_loss: ['huber'], smooth_l1_loss: ['smoothL1'],
};

test('nothing waits for an operation that has come', () => {
  const here = new Set([...Object.getOwnPropertyNames(Tensor.prototype), ...Object.keys(tapegrad)].map((name) => name.toLowerCase()));
  const come = cases.filter(
    ({ found: { name, op } }) =>
      waiting.has(name) && !said[op] && [op.replaceAll('_', ''), ...(alsoCalled[op] ?? [])].some((called) => here.has(called.toLowerCase())),
  );
  expect(come.map(({ found }) => `${found.name}: say ${found.op} above, and strike it from the list`)).toEqual([]);
});

test('what is compared is told apart in the eleventh digit, in shape, and where it is no number', () => {
  expectClose(Tensor.of([1 / 3, 2], 'float64'), { shape: [2], data: [1 / 3, 2] }, 'the same');
  expect(() => expectClose(Tensor.of([1 / 3 + 1e-11, 2], 'float64'), { shape: [2], data: [1 / 3, 2] }, 'near')).toThrow();
  expect(() => expectClose(Tensor.of([NaN], 'float64'), { shape: [1], data: [1] }, 'no number')).toThrow();
  expect(() => expectClose(Tensor.of([Infinity], 'float64'), { shape: [1], data: ['-Infinity'] }, 'sign')).toThrow();
  expect(() => expectClose(Tensor.of([[1]], 'float64'), { shape: [1], data: [1] }, 'shape')).toThrow();
  expectClose(Tensor.of([-0, NaN], 'float64'), { shape: [2], data: [0, 'NaN'] }, 'zeros have no sign here');
});

describe.each(families)('%s', (family) => {
  for (const { found } of cases.filter((one) => one.family === family)) {
    test.skipIf(waiting.has(found.name))(`${found.name} is what PyTorch finds, and so are its gradients`, () => {
      const inputs = Object.fromEntries(Object.entries(found.inputs).map(([name, stored]) => [name, tensorOf(stored)]));
      const smooth = Object.keys(found.grads ?? {});
      const f = (...xs: Tensor[]) => said[found.op]!({ ...inputs, ...Object.fromEntries(smooth.map((name, i) => [name, xs[i]!])) }, found.params);
      if (!found.grad_output) return expectClose(f(), found.output, 'output');
      const [y, pullback] = vjp(f, ...smooth.map((name) => inputs[name]!));
      expectClose(y, found.output, 'output');
      const gradients = pullback(tensorOf(found.grad_output));
      smooth.forEach((name, i) => expectClose(gradients[i]!, found.grads![name]!, `gradient for ${name}`));
    });
  }
});

interface SecondOrder {
  readonly name: string;
  readonly inputs: Record<string, Stored>;
  readonly output: Stored;
  readonly first: Record<string, Stored>;
  readonly u: Record<string, Stored>;
  readonly hvp: Record<string, Stored>;
}

const curved: Record<string, (x: Record<string, Tensor>) => Tensor> = {
  'sum(exp(a) * sin(b))': ({ a, b }) => a!.exp().mul(b!.sin()).sum(),
  'sum(tanh(a @ b)^2)': ({ a, b }) => a!.matmul(b!).tanh().pow(2).sum(),
  'sum(softmax(a, 1)^2)': ({ a }) => a!.softmax(1).pow(2).sum(),
  'sum(a / b)': ({ a, b }) => a!.div(b!).sum(),
  'mean cross_entropy(a @ W), targets [0, 2]': ({ a, W }) => softmaxCrossEntropy(a!.matmul(W!), Tensor.of([0, 2], 'int32')).mean(),
  'sum(var(a, 1, correction 1))': ({ a }) => a!.sub(a!.mean(1, { keepDims: true })).pow(2).sum(1).div(a!.shape[1]! - 1).sum(),
  'sum(layer_norm(a)^3)'({ a }) {
    const centred = a!.sub(a!.mean(1, { keepDims: true }));
    return centred.div(centred.pow(2).mean(1, { keepDims: true }).add(1e-5).sqrt()).pow(3).sum();
  },
};

describe('second derivatives', () => {
  for (const { name, inputs, output, first, u, hvp } of read('second_order').cases as SecondOrder[]) {
    test.skipIf(name.startsWith('sum(conv2d'))(`of ${name}, along a direction, are what PyTorch finds`, () => {
      const names = Object.keys(inputs);
      const f = (...xs: Tensor[]) => curved[name]!(Object.fromEntries(names.map((key, i) => [key, xs[i]!])));
      const xs = names.map((key) => tensorOf(inputs[key]!));
      const slopes = (...at: Tensor[]) => {
        const [y, pullback] = vjp(f, ...at);
        return pullback(Tensor.ones(y.shape, y.dtype));
      };
      expectClose(f(...xs), output, 'output');
      slopes(...xs).forEach((slope, i) => expectClose(slope, first[names[i]!]!, `slope along ${names[i]}`));
      const along = (...at: Tensor[]) => slopes(...at).map((slope, i) => slope.mul(tensorOf(u[names[i]!]!)).sum()).reduce((a, b) => a.add(b));
      names.forEach((key, i) => expectClose(grad(along, i)(...xs), hvp[key]!, `curvature along ${key}`));
    });
  }
});

interface OptimizerRun {
  readonly name: string;
  readonly options: { lr: number; momentum: number; weight_decay: number; nesterov: boolean };
  readonly loss: number[];
  readonly x: number[][];
  readonly m: number[][];
}

describe('thirty steps of', () => {
  const { problem, runs } = read('optim') as { problem: Record<string, Stored>; runs: OptimizerRun[] };
  const [A, b, mt, Wm] = ['A', 'b', 'mt', 'Wm'].map((name) => tensorOf(problem[name]!)) as [Tensor, Tensor, Tensor, Tensor];

  for (const run of runs.filter(({ name }) => name.startsWith('sgd'))) {
    test(`${run.name} go where PyTorch goes`, () => {
      const model = { x: new Parameter(tensorOf(problem['x0']!)), m: new Parameter(tensorOf(problem['m0']!)) };
      const { lr, momentum, weight_decay, nesterov } = run.options;
      const optimizer = new SGD(model, { learningRate: lr, momentum, weightDecay: weight_decay, nesterov });
      const loss = () => {
        const { x, m } = model;
        const error = m.sub(mt);
        return x.matmul(A).matmul(x).mul(0.5).sub(b.matmul(x)).add(Wm.mul(error).mul(error).sum().mul(0.5));
      };
      run.loss.forEach((wanted, step) => {
        expect(Math.abs(optimizer.minimize(loss) - wanted)).toBeLessThan(1e-11);
        expectClose(model.x, { shape: [3], data: run.x[step]! }, `x after step ${step}`);
        expectClose(model.m, { shape: [2, 2], data: run.m[step]!.flat() }, `m after step ${step}`);
      });
      expect([...parameters(model).keys()]).toEqual(['x', 'm']);
    });
  }
});

test('a network that is swept through a tape of its own has the gradients of question 3', () => {
  const { q3 } = read('assignment');
  const float64 = (values: any) => Tensor.of(values, 'float64');
  const [W, b, V, c] = [float64([[1, 1, 1], [-1, -1, -1]]), float64([0, 0, 0]), float64([[1, 1], [-1, -1], [-1, -1]]), float64([0, 0])];
  const tape = new Tape();
  const loss = tape.record(() => softmaxCrossEntropy(float64([[1, -1]]).matmul(W).add(b).sigmoid().matmul(V).add(c), Tensor.of([0], 'int32')).sum());
  expect(loss.item()).toBe(q3.assignment.loss);
  const found = tape.backward(loss, [W, b, V, c]);
  [q3.assignment.dW, q3.assignment.db, q3.assignment.dV, q3.assignment.dc].forEach((wanted, i) => {
    expectClose(found[i]!, { shape: found[i]!.shape, data: wanted.flat() }, 'gradient');
  });
});
