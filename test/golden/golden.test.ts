/**
 * Values and gradients from PyTorch, in float64: every case of an operation that exists here, or that is a line of those that do. What waits for the
 * wide operation table is listed by name, so that nothing is left out unseen.
 */

import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import * as tapegrad from '../../src/index.ts';
import { concat, erf, grad, type Schedule, SGD, SoftmaxCrossEntropy, crossEntropy, stack, Tape, Tensor, vjp, Parameter, sin, scatter, scatterAdd } from '../../src/index.ts';

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
  readonly outputs?: readonly Stored[];
  readonly grad_outputs?: readonly (Stored | null)[];
  readonly running?: any;
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

type Run = (x: any, params: any) => Tensor | { readonly values: Tensor; readonly indices: Tensor };
const axes = ({ axis }: any) => axis ?? undefined;
const keep = ({ keepdim = false }: any) => ({ keepDims: keepdim });

/** Names of elementwise operations that are methods, or functions, of the same name but for the underscores. */
const methods = [
  'abs', 'sign', 'neg', 'exp', 'expm1', 'log', 'log1p', 'sqrt', 'reciprocal', 'tanh', 'sigmoid', 'relu', 'floor', 'ceil', 'round', 'trunc',
] as const;
const functions = [
  'sin', 'cos', 'tan', 'asin', 'acos', 'atan', 'sinh', 'cosh', 'asinh', 'acosh', 'atanh', 'exp2', 'log2', 'log10', 'square', 'rsqrt', 'erf', 'erfc', 'selu', 'silu', 'mish',
  'logSigmoid', 'softsign', 'tanhshrink', 'relu6', 'hardswish', 'hardsigmoid', 'trace',
] as const;
const snake = (name: string) => name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
const listOf = (values: any): Tensor | undefined => (values ? Tensor.of(values, 'float64') : undefined);
const present = (options: object) => Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined && value !== null));
const windows = ({ stride, padding, dilation }: any) => present({ stride, padding, dilation });
const convolution = (p: any, bias: Tensor | undefined) => present({ ...windows(p), groups: p.groups, outputPadding: p.output_padding, bias });
const pair = (n: any, rank: number) => (typeof n === 'number' ? n : rank === 1 ? n[0] : n);

/** A batch, normalised by its own statistics or by those before it. */
const normalized = ({ x, w, b }: any, { training, momentum = 0.1, eps = 1e-5, running }: any) =>
  tapegrad.batchNorm(x, {
    ...present({ weight: w, bias: b, epsilon: eps, training, momentum }),
    ...(running && { running: { mean: tensorOf(running.mean_before), variance: tensorOf(running.var_before) } }),
  });

/** The largest or smallest along an axis, the first of those that tie, and its gradient. */
const first = (a: Tensor, axis: number, by: 'argmax' | 'argmin', { keepDims }: { keepDims: boolean }) => {
  const found = a.gather(axis, a[by](axis, { keepDims: true })) as Tensor;
  return keepDims ? found : found.squeeze(axis);
};

/** How an operation of PyTorch is said here. */
const said: Record<string, Run> = {
  ...Object.fromEntries(methods.map((name) => [name, ({ a }: any) => a[name]()])),
  ...Object.fromEntries(functions.map((name) => [snake(name), ({ a }: any) => (tapegrad[name] as (x: Tensor) => Tensor)(a)])),
  add: ({ a, b }) => a.add(b),
  sub: ({ a, b }) => a.sub(b),
  mul: ({ a, b }) => a.mul(b),
  div: ({ a, b }) => a.div(b),
  pow: ({ a, b }, { exponent }) => a.pow(b ?? exponent),
  maximum: ({ a, b }) => a.maximum(b),
  minimum: ({ a, b }) => a.minimum(b),
  lerp: ({ a, b, w }, { weight }) => a.add(b.sub(a).mul(w ?? weight)),
  reuse: ({ a }) => a.mul(a).mul(a),
  atan2: ({ a, b }) => tapegrad.atan2(a, b),
  logaddexp: ({ a, b }) => tapegrad.logAddExp(a, b),
  xlogy: ({ a, b }) => tapegrad.xlogy(a, b),
  logit: ({ a }, { eps }) => tapegrad.logit(a, eps == null ? {} : { epsilon: eps }),
  clamp: ({ a }, { min, max }) => a.clamp(min ?? -Infinity, max ?? Infinity),
  elu: ({ a }, { alpha = 1 }) => tapegrad.elu(a, alpha),
  celu: ({ a }, { alpha = 1 }) => tapegrad.celu(a, alpha),
  gelu: ({ a }, { approximate = 'none' }) => tapegrad.gelu(a, { approximate }),
  softplus: ({ a }, { beta = 1, threshold = 20 }) => tapegrad.softplus(a, { beta, threshold }),
  leaky_relu: ({ a }, { negative_slope = 0.01 }) => tapegrad.leakyRelu(a, negative_slope),
  prelu: ({ a, w }) => tapegrad.prelu(a, w),
  hardtanh: ({ a }, { min_val = -1, max_val = 1, min = min_val, max = max_val }) => tapegrad.hardtanh(a, { low: min, high: max }),
  softshrink: ({ a }, { lambd = 0.5 }) => tapegrad.softshrink(a, lambd),
  hardshrink: ({ a }, { lambd = 0.5 }) => tapegrad.hardshrink(a, lambd),
  threshold: ({ a }, { threshold, value }) => tapegrad.threshold(a, threshold, value),
  logaddexp2: ({ a, b }) => tapegrad.logAddExp(a.mul(Math.LN2), b.mul(Math.LN2)).div(Math.LN2),
  remainder: ({ a, b }, p) => tapegrad.remainder(a, b ?? p.divisor ?? p.other),
  fmod: ({ a, b }, p) => tapegrad.fmod(a, b ?? p.divisor ?? p.other),
  hypot: ({ a, b }) => tapegrad.hypot(a, b),
  frac: ({ a }) => tapegrad.frac(a),
  glu: ({ a }, { axis = -1 }) => tapegrad.glu(a, axis),
  softmin: ({ a }, { axis = -1 }) => a.neg().softmax(axis),
  gelu_tanh: ({ a }) => tapegrad.gelu(a, { approximate: 'tanh' }),
  where: ({ c, cond, condition, mask, a, b, x, y }) => (c ?? cond ?? condition ?? mask).where(a ?? x, b ?? y),
  masked_fill: ({ a, mask }, { value }) => mask.where(value, a),
  ...Object.fromEntries(
    (['less', 'lessEqual', 'greater', 'greaterEqual', 'equal', 'notEqual'] as const).flatMap((name, i) =>
      [name, ['lt', 'le', 'gt', 'ge', 'eq', 'ne'][i]!].map((called) => [snake(called), ({ a, b }: any, p: any) => a[name](b ?? p.value)]),
    ),
  ),
  sum: ({ a }, p) => a.sum(axes(p), keep(p)),
  mean: ({ a }, p) => a.mean(axes(p), keep(p)),
  // PyTorch's `max` along an axis gives the gradient to the first of those that tie; its `amax` shares it evenly, as `max` does here.
  max: ({ a }, p) => (typeof axes(p) === 'number' ? first(a, axes(p), 'argmax', keep(p)) : a.max(axes(p), keep(p))),
  min: ({ a }, p) => (typeof axes(p) === 'number' ? first(a, axes(p), 'argmin', keep(p)) : a.min(axes(p), keep(p))),
  amax: ({ a }, p) => a.max(axes(p), keep(p)),
  amin: ({ a }, p) => a.min(axes(p), keep(p)),
  argmax: ({ a }, p) => a.argmax(axes(p), keep(p)),
  argmin: ({ a }, p) => a.argmin(axes(p), keep(p)),
  var: ({ a }, p) => a.var(axes(p), { ...keep(p), correction: p.correction ?? 1 }),
  std: ({ a }, p) => a.std(axes(p), { ...keep(p), correction: p.correction ?? 1 }),
  prod: ({ a }, p) => tapegrad.prod(a, axes(p), keep(p)),
  norm: ({ a }, { ord = 2, p = ord, ...rest }) =>
    tapegrad.norm(a, axes(rest), { ...keep(rest), order: p === 'inf' || p === 'Infinity' ? Infinity : p === '-inf' || p === '-Infinity' ? -Infinity : p === 'fro' ? 2 : p }),
  cumsum: ({ a }, { axis }) => tapegrad.cumsum(a, axis),
  cumprod: ({ a }, { axis }) => tapegrad.cumprod(a, axis),
  logcumsumexp: ({ a }, { axis }) => tapegrad.logCumSumExp(a, axis),
  logsumexp: ({ a }, p) => a.logSumExp(axes(p), keep(p)),
  softmax: ({ a }, { axis }) => a.softmax(axis),
  log_softmax: ({ a }, { axis }) => a.logSoftmax(axis),
  sort: ({ a }, { axis = -1, descending = false }) => tapegrad.sort(a, axis, { descending }),
  argsort: ({ a }, { axis = -1, descending = false }) => tapegrad.argsort(a, axis, { descending }),
  topk: ({ a }, { k, axis = -1, largest = true }) => tapegrad.topk(a, k, { axis, largest }),
  median: ({ a }, { axis = -1 }) => tapegrad.median(a, axis),
  ...Object.fromEntries(['dot', 'mv', 'mm', 'bmm'].map((name) => [name, ({ a, b }: any) => a.matmul(b)])),
  addmm: ({ c, a, b }) => c.add(a.matmul(b)),
  inverse: ({ a }) => tapegrad.inv(a),
  solve: ({ a, b }) => tapegrad.solve(a, b),
  det: ({ a }) => tapegrad.det(a),
  logdet: ({ a }) => tapegrad.slogdet(a).logAbsDet,
  slogdet: ({ a }) => tapegrad.slogdet(a) as any,
  cholesky: ({ a }) => tapegrad.cholesky(a),
  qr: ({ a }) => tapegrad.qr(a) as any,
  eigh: ({ a }) => tapegrad.eigh(a) as any,
  matmul: ({ a, b }) => a.matmul(b),
  linear: ({ x, w, b }) => x.matmul(w.transpose()).add(b ?? 0),
  affine: ({ x, w, b }) => x.matmul(w).add(b),
  outer: ({ a, b }) => tapegrad.outer(a, b),
  einsum: ({ a, b, c }, { equation }) => tapegrad.einsum(equation, ...[a, b, c].filter((x) => x)),
  tril: ({ a }, { diagonal = 0 }) => tapegrad.tril(a, diagonal),
  triu: ({ a }, { diagonal = 0 }) => tapegrad.triu(a, diagonal),
  diagonal: ({ a }, { offset = 0 }) => tapegrad.diagonal(a, offset),
  diag: ({ a }, { diagonal = 0 }) => (a.rank === 1 ? tapegrad.diag(a) : tapegrad.diagonal(a, diagonal)),
  transpose: ({ a }, { dim0, dim1 }) => a.transpose(dim0, dim1),
  permute: ({ a }, { dims }) => a.permute(dims),
  movedim: ({ a }, { source, destination }) => tapegrad.moveAxis(a, source, destination),
  reshape: ({ a }, { shape }) => a.reshape(shape),
  flatten: ({ a }, { start = 0, start_dim = start, end = -1, end_dim = end }) => a.flatten(start_dim, end_dim),
  squeeze: ({ a }, { axis }) => a.squeeze(axis ?? undefined),
  unsqueeze: ({ a }, { axis }) => a.unsqueeze(axis),
  broadcast_to: ({ a }, { shape }) => a.broadcastTo(shape),
  expand: ({ a }, { shape }) => a.broadcastTo(shape),
  repeat: ({ a }, { repeats }) => tapegrad.tile(a, repeats),
  tile: ({ a }, { repeats }) => tapegrad.tile(a, repeats),
  repeat_interleave: ({ a }, { repeats, axis }) => tapegrad.repeatInterleave(a, repeats, axis),
  slice: ({ a }, { slices }) => a.slice(slices),
  narrow: ({ a }, { axis, start, length }) => a.slice([...Array.from({ length: axis }, () => null), [start, start + length]]),
  select: ({ a }, { axis, index }) => a.slice([...Array.from({ length: axis }, () => null), index]),
  flip: ({ a }, { axis }) => tapegrad.flip(a, axis),
  roll: ({ a }, { shift, axis }) => tapegrad.roll(a, shift, axis),
  pad: ({ a }, { pad, mode = 'constant', value = 0 }) => tapegrad.pad(a, pad, { mode, value }),
  gather: ({ a, index }, { axis }) => a.gather(axis, index),
  take_along_dim: ({ a, index }, { axis }) => a.gather(axis, index),
  scatter_add: ({ a, index, src }, { axis }) => scatterAdd(a, axis, index, src),
  scatter: ({ a, index, src }, { axis }) => scatter(a, axis, index, src),
  split: ({ a }, { size, split_size = size, sizes = split_size, axis = 0 }) => tapegrad.split(a, sizes, axis) as any,
  index_select: ({ a, index }, { axis }) => tapegrad.indexSelect(a, axis, index),
  index_add: ({ a, index, src }, { axis }) => tapegrad.indexAdd(a, axis, index, src),
  take: ({ a, index }) => tapegrad.take(a, index),
  concat: ({ a, b, c }, { axis }) => concat(c ? [a, b, c] : [a, b], axis),
  stack: ({ a, b, c }, { axis }) => stack(c ? [a, b, c] : [a, b], axis),
  unfold: ({ a, x = a }, { kernel, kernel_size = kernel, ...p }) => tapegrad.unfold(x, kernel_size, windows(p)),
  fold: ({ a, x = a }, { output_size, kernel, kernel_size = kernel, ...p }) => tapegrad.fold(x, output_size, kernel_size, windows(p)),
  conv1d: ({ x, w, b }, p) => tapegrad.conv1d(x, w, convolution({ ...p, stride: pair(p.stride, 1), padding: pair(p.padding, 1), dilation: pair(p.dilation, 1) }, b)),
  conv2d: ({ x, w, b }, p) => tapegrad.conv2d(x, w, convolution(p, b)),
  conv_transpose1d: ({ x, w, b }, p) => tapegrad.convTranspose1d(x, w, convolution(p, b)),
  conv_transpose2d: ({ x, w, b }, p) => tapegrad.convTranspose2d(x, w, convolution(p, b)),
  max_pool1d: ({ x }, p) => tapegrad.maxPool1d(x, p.kernel, windows(p)),
  max_pool2d: ({ x }, p) => tapegrad.maxPool2d(x, p.kernel, windows(p)),
  avg_pool1d: ({ x }, p) => tapegrad.avgPool1d(x, p.kernel, { ...windows(p), countPadding: p.count_include_pad ?? true }),
  avg_pool2d: ({ x }, p) => tapegrad.avgPool2d(x, p.kernel, { ...windows(p), countPadding: p.count_include_pad ?? true }),
  ...Object.fromEntries(
    (['adaptiveAvgPool1d', 'adaptiveAvgPool2d', 'adaptiveMaxPool1d', 'adaptiveMaxPool2d'] as const).map((name) => [
      snake(name),
      ({ x }: any, { output_size, output = output_size }: any) => (tapegrad[name] as any)(x, output),
    ]),
  ),
  layer_norm: ({ x, w, b }, { normalized_shape, eps = 1e-5 }) => tapegrad.layerNorm(x, normalized_shape, present({ weight: w, bias: b, epsilon: eps })),
  batch_norm: (inputs, p) => normalized(inputs, p).y,
  rms_norm: ({ x, w }, { normalized_shape, eps = 1e-5 }) => tapegrad.rmsNorm(x, normalized_shape, present({ weight: w, epsilon: eps })),
  group_norm: ({ x, w, b }, { groups, num_groups = groups, eps = 1e-5 }) => tapegrad.groupNorm(x, num_groups, present({ weight: w, bias: b, epsilon: eps })),
  instance_norm: ({ x, w, b }, { eps = 1e-5 }) => tapegrad.instanceNorm(x, present({ weight: w, bias: b, epsilon: eps })),
  normalize: ({ a, x = a }, { p = 2, axis = 1, eps = 1e-12 }) => tapegrad.normalize(x, axis, { order: p, epsilon: eps }),
  embedding: ({ index, w }, { padding_idx }) => tapegrad.embedding(w, index, present({ paddingIndex: padding_idx })),
  cosine_similarity: ({ x, y }, { axis = 1, eps = 1e-8 }) => tapegrad.cosineSimilarity(x, y, axis, { epsilon: eps }),
  cross_entropy: ({ x, t, y }, p) =>
    tapegrad.crossEntropy(x, t ?? y, present({ reduction: p.reduction, weight: listOf(p.weight), ignoreIndex: p.ignore_index, labelSmoothing: p.label_smoothing })),
  nll_loss: ({ x, t }, p) => tapegrad.nllLoss(x, t, present({ reduction: p.reduction, weight: listOf(p.weight), ignoreIndex: p.ignore_index })),
  mse_loss: ({ x, y }, p) => tapegrad.mseLoss(x, y, present({ reduction: p.reduction })),
  l1_loss: ({ x, y }, p) => tapegrad.l1Loss(x, y, present({ reduction: p.reduction })),
  smooth_l1_loss: ({ x, y }, p) => tapegrad.smoothL1Loss(x, y, p),
  huber_loss: ({ x, y }, p) => tapegrad.huberLoss(x, y, p),
  bce: ({ x, y }, p) => tapegrad.binaryCrossEntropy(x, y, p),
  bce_with_logits: ({ x, y }, p) => tapegrad.binaryCrossEntropyWithLogits(x, y, present({ reduction: p.reduction, positiveWeight: listOf(p.pos_weight) })),
  kl_div: ({ x, y }, p) => tapegrad.klDivLoss(x, y, present({ reduction: p.reduction, logTarget: p.log_target })),
  poisson_nll_loss: ({ x, y }, p) => tapegrad.poissonNLLLoss(x, y, present({ reduction: p.reduction, logInput: p.log_input, epsilon: p.eps })),
  gaussian_nll_loss: ({ x, y, var: v, variance = v }, p) => tapegrad.gaussianNLLLoss(x, y, variance, present({ reduction: p.reduction, epsilon: p.eps })),
  margin_ranking_loss: ({ x1, x2, a = x1, b = x2, y }, p) => tapegrad.marginRankingLoss(a, b, y, p),
  hinge_embedding_loss: ({ x, y }, p) => tapegrad.hingeEmbeddingLoss(x, y, p),
  soft_margin_loss: ({ x, y }, p) => tapegrad.softMarginLoss(x, y, p),
  triplet_margin_loss: ({ a, p: positive, n }, p) => tapegrad.tripletMarginLoss(a, positive, n, present({ margin: p.margin, reduction: p.reduction })),
  cosine_embedding_loss: ({ x1, x2, a = x1, b = x2, y }, p) => tapegrad.cosineEmbeddingLoss(a, b, y, p),
  assignment_q3: ({ x, W, b, V, c, t }) => crossEntropy(x.matmul(W).add(b).sigmoid().matmul(V).add(c), t),
  gru_cell({ x, h, wi, wh, bi, bh }) {
    const gates = (v: Tensor, w: Tensor, b: Tensor) => tapegrad.split(v.timesTransposed(w).add(b), h.shape[1], 1);
    const [fromX, fromH] = [gates(x, wi, bi), gates(h, wh, bh)];
    const [r, z] = [0, 1].map((k) => fromX[k]!.add(fromH[k]!).sigmoid()) as [Tensor, Tensor];
    const n = fromX[2]!.add(r.mul(fromH[2]!)).tanh();
    return n.mul(z.neg().add(1)).add(z.mul(h));
  },
  lstm_cell({ x, h, c, wi, wh, bi, bh }) {
    const [i, f, g, o] = tapegrad.split(x.timesTransposed(wi).add(bi).add(h.timesTransposed(wh).add(bh)), h.shape[1], 1) as [Tensor, Tensor, Tensor, Tensor];
    const cell = f.sigmoid().mul(c).add(i.sigmoid().mul(g.tanh()));
    return [o.sigmoid().mul(cell.tanh()), cell] as any;
  },
  rnn_cell: ({ x, h, wi, wh, bi, bh }) => x.timesTransposed(wi).add(bi).add(h.timesTransposed(wh).add(bh)).tanh(),
  attention({ q, k, v }, { causal = false }) {
    const scores: Tensor = q.matmul(k.transpose()).div(Math.sqrt(q.shape.at(-1)));
    const open = tapegrad.tril(Tensor.ones(scores.shape.slice(-2), 'int32'));
    return (causal ? open.where(scores, -Infinity) : scores).softmax().matmul(v);
  },
};

const families = ['elementwise', 'reduce', 'matmul', 'shape', 'conv', 'norm', 'loss', 'conventions', 'composite'];
const cases = families.flatMap((family) => (read(family).cases as Case[]).map((found) => ({ family, found })));

test('every operation of the golden files is listed here', () => {
  expect(cases.filter(({ found }) => !said[found.op] ).map(({ found }) => found.name)).toEqual([]);
});

test('the comparison notices a difference in the eleventh digit, in shape, and between NaN and a number', () => {
  expectClose(Tensor.of([1 / 3, 2], 'float64'), { shape: [2], data: [1 / 3, 2] }, 'the same');
  expect(() => expectClose(Tensor.of([1 / 3 + 1e-11, 2], 'float64'), { shape: [2], data: [1 / 3, 2] }, 'near')).toThrow();
  expect(() => expectClose(Tensor.of([NaN], 'float64'), { shape: [1], data: [1] }, 'no number')).toThrow();
  expect(() => expectClose(Tensor.of([Infinity], 'float64'), { shape: [1], data: ['-Infinity'] }, 'sign')).toThrow();
  expect(() => expectClose(Tensor.of([[1]], 'float64'), { shape: [1], data: [1] }, 'shape')).toThrow();
  expectClose(Tensor.of([-0, NaN], 'float64'), { shape: [2], data: [0, 'NaN'] }, 'zeros have no sign here');
});

/** What one case has as results and as gradients that arrive: of several results, each that can be differentiated. */
function resultsOf(found: Case): { outputs: readonly Stored[]; arriving: readonly (Stored | undefined)[] } {
  if (found.outputs) return { outputs: found.outputs, arriving: found.outputs.map((_, i) => found.grad_outputs?.[i] ?? undefined) };
  return { outputs: [found.output], arriving: [found.grad_output] };
}

const listed = (results: any): readonly Tensor[] => (results instanceof Tensor ? [results] : (Object.values(results) as Tensor[]));

describe.each(families)('%s', (family) => {
  for (const { found } of cases.filter((one) => one.family === family)) {
    test(`${found.name} is what PyTorch finds, and so are its gradients`, () => {
      const inputs = Object.fromEntries(Object.entries(found.inputs).map(([name, stored]) => [name, tensorOf(stored)]));
      const smooth = Object.keys(found.grads ?? {});
      const run = (xs: readonly Tensor[]) => listed(said[found.op]!({ ...inputs, ...Object.fromEntries(smooth.map((name, i) => [name, xs[i]!])) }, { ...found.params, ...(found.running && { running: found.running }) }));
      const at = smooth.map((name) => inputs[name]!);
      const { outputs, arriving } = resultsOf(found);
      run(at).forEach((y, i) => expectClose(y, outputs[i]!, `output ${i}`));
      if (smooth.length === 0) return;
      // The gradients of several results add up to the gradient of what they make together.
      const gradients = arriving.flatMap((dy, i) => (dy ? [vjp((...xs: Tensor[]) => run(xs)[i]!, ...at)[1](tensorOf(dy))] : []));
      smooth.forEach((name, i) => {
        const total = gradients.map((one) => one[i]!).reduce((a, b) => a.add(b));
        expectClose(total, found.grads![name]!, `gradient for ${name}`);
      });
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
  'sum(exp(a) * sin(b))': ({ a, b }) => a!.exp().mul(sin(b!)).sum(),
  'sum(tanh(a @ b)^2)': ({ a, b }) => a!.matmul(b!).tanh().pow(2).sum(),
  'sum(softmax(a, 1)^2)': ({ a }) => a!.softmax(1).pow(2).sum(),
  'sum(a / b)': ({ a, b }) => a!.div(b!).sum(),
  'mean cross_entropy(a @ W), targets [0, 2]': ({ a, W }) => crossEntropy(a!.matmul(W!), Tensor.of([0, 2], 'int32')),
  'sum(var(a, 1, correction 1))': ({ a }) => a!.var(1).sum(),
  'sum(conv2d(x, w)^2)': ({ x, w }) => tapegrad.conv2d(x!, w!).pow(2).sum(),
  'sum(layer_norm(a)^3)': ({ a }) => tapegrad.layerNorm(a!, [a!.shape[1]!]).pow(3).sum(),
};

test.each(cases.filter(({ found }) => found.running))('$found.name leaves the running statistics that PyTorch leaves', ({ found }) => {
  const inputs = Object.fromEntries(Object.entries(found.inputs).map(([name, stored]) => [name, tensorOf(stored)]));
  const { running } = normalized(inputs, { ...found.params, ...(found.running && { running: found.running }) });
  expectClose(running!.mean, found.running.mean_after, 'mean');
  expectClose(running!.variance, found.running.var_after, 'variance');
});

describe('second derivatives', () => {
  for (const { name, inputs, output, first, u, hvp } of read('second_order').cases as SecondOrder[]) {
    test(`of ${name}, along a direction, are what PyTorch finds`, () => {
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
  readonly torch: 'SGD' | 'Adam' | 'AdamW' | 'RMSprop' | 'Adagrad' | 'Adamax' | 'RAdam';
  readonly options: any;
  readonly loss: number[];
  readonly x: number[][];
  readonly m: number[][];
}
interface ClippedRun {
  readonly max_norm: number;
  readonly lr: number;
  readonly loss: number[];
  readonly total_norm_before_clip: number[];
  readonly x: number[][];
}

describe('thirty steps of', () => {
  const { problem, runs, clip_grad_norm } = read('optim') as { problem: Record<string, Stored>; runs: OptimizerRun[]; clip_grad_norm: ClippedRun[] };
  const [A, b, mt, Wm] = ['A', 'b', 'mt', 'Wm'].map((name) => tensorOf(problem[name]!)) as [Tensor, Tensor, Tensor, Tensor];
  const begin = () => {
    const model = { x: new Parameter(tensorOf(problem['x0']!)), m: new Parameter(tensorOf(problem['m0']!)) };
    const loss = () => {
      const { x, m } = model;
      const error = m.sub(mt);
      return x.matmul(A).matmul(x).mul(0.5).sub(b.matmul(x)).add(Wm.mul(error).mul(error).sum().mul(0.5));
    };
    return { model, loss };
  };

  test.each(runs)('$name go where PyTorch goes', (run) => {
    const { model, loss } = begin();
    const o = run.options;
    const options = {
      ...present({ learningRate: o.lr, momentum: o.momentum, weightDecay: o.weight_decay, nesterov: o.nesterov, betas: o.betas, epsilon: o.eps }),
      ...present({ amsgrad: o.amsgrad, alpha: o.alpha, centered: o.centered, learningRateDecay: o.lr_decay, initialAccumulator: o.initial_accumulator_value }),
    };
    const optimizer = new tapegrad[run.torch](model, options as any);
    run.loss.forEach((wanted, step) => {
      expect(Math.abs(optimizer.minimize(loss) - wanted)).toBeLessThan(1e-11);
      expectClose(model.x, { shape: [3], data: run.x[step]! }, `x after step ${step}`);
      expectClose(model.m, { shape: [2, 2], data: run.m[step]!.flat() }, `m after step ${step}`);
    });
    expect([...tapegrad.namedParameters(model).keys()]).toEqual(['x', 'm']);
  });

  test.each(clip_grad_norm)('gradients clipped to a norm of $max_norm go where PyTorch goes', (run) => {
    const { model, loss } = begin();
    const optimizer = new SGD(model, { learningRate: run.lr });
    run.loss.forEach((wanted, step) => {
      const tape = new Tape();
      const y = tape.record(loss);
      const gradients = tape.backward(y);
      const norm = gradients.norm();
      expect(Math.abs(y.item() - wanted)).toBeLessThan(1e-11);
      expect(Math.abs(norm - run.total_norm_before_clip[step]!)).toBeLessThan(1e-11 * norm);
      // PyTorch divides by the norm and a millionth, so that its clipped gradients are a little shorter than they might be.
      optimizer.step(norm > run.max_norm ? gradients.clipByNorm((run.max_norm * norm) / (norm + 1e-6)) : gradients.clipByNorm(run.max_norm));
      expectClose(model.x, { shape: [3], data: run.x[step]! }, `x after step ${step}`);
    });
  });
});

/** How a schedule of PyTorch is said here. */
const schedules: Record<string, (rate: number, params: any) => { readonly learningRate: Schedule; readonly momentum?: Schedule }> = {
  step: (rate, p) => ({ learningRate: tapegrad.stepDecay(rate, { stepSize: p.step_size, gamma: p.gamma }) }),
  cosine: (rate, p) => ({ learningRate: tapegrad.cosineAnnealing(rate, { steps: p.T_max, min: p.eta_min }) }),
  one_cycle: (_, p) =>
    tapegrad.oneCycle({ max: p.max_lr, steps: p.total_steps, warmupFraction: p.pct_start, threePhase: p.three_phase, divFactor: p.div_factor, finalDivFactor: p.final_div_factor }),
  linear: (rate, p) => ({ learningRate: tapegrad.linearWarmup(rate * p.end_factor, { steps: p.total_iters, startFactor: p.start_factor / p.end_factor }) }),
  polynomial: (rate, p) => ({ learningRate: tapegrad.polynomialDecay(rate, { steps: p.total_iters, power: p.power }) }),
  lambda: (rate) => ({ learningRate: (step) => rate / (1 + step) }),
  cyclic: (_, p) =>
    tapegrad.cyclic({ min: p.base_lr, max: p.max_lr, stepsUp: p.step_size_up, gamma: p.mode === 'triangular2' ? 0.5 : 1 }),
};

test.each(read('sched').runs as { name: string; base_lr: number; params: any; lr: number[]; momentum?: number[] }[])(
  'the schedule $name has the rates that PyTorch has',
  ({ name, base_lr, params, lr, momentum }) => {
    const found = schedules[Object.keys(schedules).find((known) => name.startsWith(known))!]!(base_lr, params);
    const along = (schedule: Schedule, wanted: readonly number[]) =>
      expectClose(Tensor.of(wanted.map((_, step) => schedule(step)), 'float64'), { shape: [wanted.length], data: [...wanted] }, name);
    along(found.learningRate, lr);
    if (momentum) along(found.momentum!, momentum);
  },
);

test('a network that is swept through a tape of its own has the gradients of question 3', () => {
  const { q3 } = read('assignment');
  const float64 = (values: any) => Tensor.of(values, 'float64');
  const [W, b, V, c] = [float64([[1, 1, 1], [-1, -1, -1]]), float64([0, 0, 0]), float64([[1, 1], [-1, -1], [-1, -1]]), float64([0, 0])];
  const tape = new Tape();
  const loss = tape.record(() => crossEntropy(float64([[1, -1]]).matmul(W).add(b).sigmoid().matmul(V).add(c), Tensor.of([0], 'int32'), { reduction: 'sum' }));
  expect(loss.item()).toBe(q3.assignment.loss);
  const found = tape.backward(loss, [W, b, V, c]);
  [q3.assignment.dW, q3.assignment.db, q3.assignment.dV, q3.assignment.dc].forEach((wanted, i) => {
    expectClose(found[i]!, { shape: found[i]!.shape, data: wanted.flat() }, 'gradient');
  });
});
