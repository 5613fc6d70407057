/**
 * Functions that are composed of operations. The true value of one is computed from its own tape: the same steps, each by the definition of its
 * operation, in decimal numbers of sixty digits. Whether these are the right steps is checked by golden values and by other tests.
 */

import type { Decimal } from 'decimal.js';
import * as tapegrad from 'tapegrad';
import { type Draw, Tape, Tensor } from 'tapegrad';
import { drawRegular } from '../../src/functions/linalg/matrices.ts';
import { between, type Domain, positives } from '../../src/tensor/op.ts';
import { type Big, bigOf, definitions } from './definitions.ts';

export type TensorFunction = (...xs: Tensor[]) => Tensor;
/** A function with arguments at random. */
export type Case = readonly [f: TensorFunction, ...xs: Tensor[]];

const shares: Domain = { from: 0.25, to: 0.75 };

const matrix = (draw: Draw, domain?: Domain): Tensor => draw.tensor([draw.size(), draw.size()], domain);
/** Of each element. */
const one =
  (f: (x: Tensor) => Tensor, domain?: Domain) =>
  (draw: Draw): Case => [f, matrix(draw, domain)];
/** Of several matrices of one shape. */
const alike =
  (f: (...xs: any[]) => Tensor, ...domains: (Domain | undefined)[]) =>
  (draw: Draw): Case => {
    const shape = [draw.size(), draw.size()];
    return [f, ...domains.map((domain) => draw.tensor(shape, domain))];
  };
/** Along one of the axes of a matrix. */
const along =
  (f: (x: Tensor, axis: number) => Tensor, domain?: Domain) =>
  (draw: Draw): Case => {
    const x = matrix(draw, domain);
    const axis = draw.axis(x.shape);
    return [(x) => f(x!, axis), x];
  };
/** Of images `[n, 2, height, width]`, or of signals without a height; channels of two, and windows of two by two fit. */
const image =
  (f: TensorFunction, ...more: (readonly number[])[]) =>
  (draw: Draw): Case => [f, draw.tensor([1, 2, 1 + draw.size(), 1 + draw.size()]), ...more.map((shape) => draw.tensor(shape))];
const signal =
  (f: TensorFunction, ...more: (readonly number[])[]) =>
  (draw: Draw): Case => [f, draw.tensor([1, 2, 1 + draw.size()]), ...more.map((shape) => draw.tensor(shape))];
/** Of volumes `[1, 2, 2, height, width]`. */
const volume =
  (f: TensorFunction, ...more: (readonly number[])[]) =>
  (draw: Draw): Case => [f, draw.tensor([1, 2, 2, 1 + draw.size(), 1 + draw.size()]), ...more.map((shape) => draw.tensor(shape))];
/** What max pooling found, put back. */
const unpooled =
  (
    pool: (x: Tensor, kernel: any) => tapegrad.LargestOfWindows,
    unpool: (x: Tensor, indices: Tensor, kernel: any, options: { size: any }) => Tensor,
  ): TensorFunction =>
  (x) => {
    const { values, indices } = pool(x!, 2);
    const [first, ...others] = x!.shape.slice(2);
    return unpool(values, indices, 2, { size: others.length > 0 ? [first, ...others] : first });
  };
/** Positions within images. */
const between0And1: Domain = { from: 0.1, to: 0.4, strict: true };
/** Of predictions for classes. */
const classes =
  (f: (x: Tensor, classes: Tensor) => Tensor) =>
  (draw: Draw): Case => {
    const [rows, columns] = [draw.size(), 1 + draw.size()];
    return [f as TensorFunction, draw.tensor([rows, columns]), draw.indices([rows], columns)];
  };
/** `1, −1, 1, …`, as many as a tensor has rows or elements. */
const signs = (like: Tensor, shape = like.shape): Tensor => {
  const size = shape.reduce((a, b) => a * b, 1);
  return new Tensor(
    shape,
    Float64Array.from({ length: size }, (_, i) => (i % 2 === 0 ? 1 : -1)),
  ).cast(like.dtype);
};
/** Of a matrix far from singular, with singular values that differ. */
const regular =
  (f: (x: Tensor) => Tensor) =>
  (draw: Draw): Case => {
    const n = draw.size();
    return [f as TensorFunction, drawRegular(draw, [n, n], (i) => 3 * i + 3)];
  };
const withScale =
  (f: (x: Tensor, options: { weight: Tensor; bias: Tensor }) => Tensor): TensorFunction =>
  (x, weight, bias) =>
    f(x!, { weight: weight!, bias: bias! });

export const composed: Readonly<Record<string, (draw: Draw) => Case>> = {
  adaptiveAvgPool1d: signal((x) => tapegrad.adaptiveAvgPool1d(x!, 2)),
  adaptiveAvgPool2d: image((x) => tapegrad.adaptiveAvgPool2d(x!, [2, 1])),
  adaptiveAvgPool3d: volume((x) => tapegrad.adaptiveAvgPool3d(x!, [2, 1, 2])),
  adaptiveMaxPool1d: signal((x) => tapegrad.adaptiveMaxPool1d(x!, 2)),
  adaptiveMaxPool2d: image((x) => tapegrad.adaptiveMaxPool2d(x!, [2, 1])),
  adaptiveMaxPool3d: volume((x) => tapegrad.adaptiveMaxPool3d(x!, [1, 2, 1])),
  affineGrid: (draw) => [(theta) => tapegrad.affineGrid(theta!, [2, 1, 2, 3]), draw.tensor([2, 2, 3])],
  all: along((x, axis) => tapegrad.all(x, axis)),
  alphaDropout: one((x) => tapegrad.training(() => tapegrad.alphaDropout(x, 0.4), { random: new tapegrad.Random(1) })),
  any: along((x, axis) => tapegrad.any(x, axis)),
  avgPool1d: signal((x) => tapegrad.avgPool1d(x!, 2)),
  avgPool2d: image((x) => tapegrad.avgPool2d(x!, 2, { stride: 1, padding: 1 })),
  avgPool3d: volume((x) => tapegrad.avgPool3d(x!, 2, { stride: 1, divisor: 3 })),
  batchNorm: image(
    withScale((x, options) => tapegrad.batchNorm(x, options).y),
    [2],
    [2],
  ),
  binaryCrossEntropyWithLogits: alike((x, y) => tapegrad.binaryCrossEntropyWithLogits(x, y), undefined, shares),
  bincount: (draw) => [(weights, x) => tapegrad.bincount(x!, { weights: weights! }), draw.tensor([5]), draw.indices([5], 3)],
  bucketize: one((x) => x.mul(tapegrad.bucketize(x, Tensor.of([-1, 0, 1], x.dtype)).cast(x.dtype)), between),
  blockDiag: alike((a, b) => tapegrad.blockDiag([a, b]), undefined, undefined),
  cdist: alike((a, b) => tapegrad.cdist(a, b), positives, { from: -2, to: -0.5 }),
  channelDropout: image((x) => tapegrad.training(() => tapegrad.channelDropout(x!, 0.4), { random: new tapegrad.Random(2) })),
  chunk: along((x, axis) => tapegrad.concat(tapegrad.chunk(x, 2, axis).toReversed(), axis)),
  cond: regular(tapegrad.cond),
  conv1d: signal((x, weight, bias) => tapegrad.conv1d(x!, weight!, { bias: bias!, padding: 1 }), [3, 2, 2], [3]),
  conv2d: image((x, weight, bias) => tapegrad.conv2d(x!, weight!, { bias: bias!, groups: 2 }), [2, 1, 2, 2], [2]),
  conv3d: volume((x, weight) => tapegrad.conv3d(x!, weight!, { padding: 1 }), [3, 2, 2, 2, 2]),
  convTranspose1d: signal((x, weight, bias) => tapegrad.convTranspose1d(x!, weight!, { bias: bias!, stride: 2 }), [2, 1, 2], [1]),
  convTranspose2d: image((x, weight) => tapegrad.convTranspose2d(x!, weight!, { padding: 1 }), [2, 1, 2, 2]),
  convTranspose3d: volume((x, weight) => tapegrad.convTranspose3d(x!, weight!, { stride: 2 }), [2, 1, 2, 2, 2]),
  cosineEmbeddingLoss: alike((a, b) => tapegrad.cosineEmbeddingLoss(a, b, signs(a, [a.shape[0]])), positives, positives),
  cosineSimilarity: alike((a, b) => tapegrad.cosineSimilarity(a, b), undefined, undefined),
  countNonzero: along((x, axis) => tapegrad.countNonzero(x, axis).cast(x.dtype)),
  cross: (draw) => [(a, b) => tapegrad.cross(a!, b!), draw.tensor([draw.size(), 3]), draw.tensor([3])],
  crossEntropy: classes((x, y) => tapegrad.crossEntropy(x, y, { labelSmoothing: 0.125 })),
  ctcLoss: (draw) => [(x) => tapegrad.ctcLoss(x!.logSoftmax(), Tensor.of([1, 1], 'int32')), draw.tensor([3 + draw.size(), 2])],
  cummax: along((x, axis) => tapegrad.cummax(x, axis).values),
  cummin: along((x, axis) => tapegrad.cummin(x, axis).values),
  diag: one(tapegrad.diag),
  diagonal: one(tapegrad.diagonal),
  diff: along((x, axis) => tapegrad.diff(tapegrad.concat([x, x], axis), axis)),
  digamma: one(tapegrad.digamma, positives),
  einsum: alike((a, b) => tapegrad.einsum('ij,ik->jk', a, b), undefined, undefined),
  embeddingBag: (draw) => {
    const table = matrix(draw);
    return [(table, indices) => tapegrad.embeddingBag(table!, indices!), table, draw.indices([draw.size(), 2], table.shape[0]!)];
  },
  embedding: (draw) => {
    const table = matrix(draw);
    return [(table, indices) => tapegrad.embedding(table!, indices!), table, draw.indices([draw.size(), 2], table.shape[0]!)];
  },
  flatten: one((x) => x.flatten()),
  flip: along(tapegrad.flip),
  gaussianNLLLoss: alike((x, y, v) => tapegrad.gaussianNLLLoss(x, y, v), undefined, undefined, positives),
  glu: (draw) => [(x) => tapegrad.glu(x!), draw.tensor([draw.size(), 2 * draw.size()])],
  gridSample: (draw) => [
    (x, grid) => tapegrad.gridSample(x!, grid!, { padding: 'border' }),
    draw.tensor([1, 2, 2, 3]),
    draw.tensor([1, draw.size(), 2, 2], between0And1),
  ],
  groupNorm: image(
    withScale((x, options) => tapegrad.groupNorm(x, 1, options)),
    [2],
    [2],
  ),
  hardshrink: one(tapegrad.hardshrink, between),
  hingeEmbeddingLoss: one((x) => tapegrad.hingeEmbeddingLoss(x, signs(x)), between),
  histogram: (draw) => [
    (weights, x) => tapegrad.histogram(x!, 3, { range: [-1, 1], weights: weights! }).counts,
    draw.tensor([6]),
    draw.tensor([6], between),
  ],
  huberLoss: alike((x, y) => tapegrad.huberLoss(x, y), between, { from: 0, to: 0 }),
  instanceNorm: image(withScale(tapegrad.instanceNorm), [2], [2]),
  i0: one(tapegrad.i0),
  i0e: one(tapegrad.i0e, positives),
  i1: one(tapegrad.i1),
  i1e: one(tapegrad.i1e, positives),
  indexPut: (draw) => [
    (x, values, indices) => tapegrad.indexPut(x!, [indices!, indices!], values!, { accumulate: true }),
    draw.tensor([3, 3]),
    draw.tensor([4]),
    draw.indices([4], 3),
  ],
  irfft: alike((a, b) => tapegrad.irfft(a, b, -1, { length: 2 * a.shape[1]! - 1 }), undefined, undefined),
  interpolate: image((x) => tapegrad.interpolate(x!, { size: [3, 5], mode: 'bicubic' })),
  klDivLoss: alike((x, y) => tapegrad.klDivLoss(x, y, { reduction: 'batchmean' }), undefined, shares),
  isClose: alike((a, b) => tapegrad.isClose(a, b), undefined, between),
  kron: alike((a, b) => tapegrad.kron(a, b), undefined, undefined),
  l1Loss: alike((x, y) => tapegrad.l1Loss(x, y), between, { from: 0, to: 0 }),
  lstsq: (draw) => [(a, b) => tapegrad.lstsq(a!, b!), drawRegular(draw, [3, 2]), draw.tensor([3])],
  lu: regular((a) => tapegrad.concat([tapegrad.lu(a).l, tapegrad.lu(a).u])),
  marginRankingLoss: alike((a, b) => tapegrad.marginRankingLoss(a, b, signs(a), { margin: 0.3 }), between, between),
  maskedSelect: one((x) => tapegrad.maskedSelect(x, x.greater(0)), between),
  matrixNorm: regular((a) => tapegrad.matrixNorm(a, { order: 'nuc' })),
  matrixPower: regular((a) => tapegrad.matrixPower(a, -2)),
  matrixRank: regular((a) => tapegrad.matrixRank(a).cast(a.dtype)),
  max: along((x, axis) => x.max(axis)),
  maxPool1d: signal((x) => tapegrad.maxPool1d(x!, 2)),
  maxPool1dWithIndices: signal((x) => tapegrad.maxPool1dWithIndices(x!, 2).values),
  maxPool2d: image((x) => tapegrad.maxPool2d(x!, 2, { stride: 1 })),
  maxPool2dWithIndices: image((x) => tapegrad.maxPool2dWithIndices(x!, 2).values),
  maxPool3d: volume((x) => tapegrad.maxPool3d(x!, 2)),
  maxPool3dWithIndices: volume((x) => tapegrad.maxPool3dWithIndices(x!, 2).values),
  maxUnpool1d: signal(unpooled(tapegrad.maxPool1dWithIndices, tapegrad.maxUnpool1d)),
  maxUnpool2d: image(unpooled(tapegrad.maxPool2dWithIndices, tapegrad.maxUnpool2d)),
  maxUnpool3d: volume(unpooled(tapegrad.maxPool3dWithIndices, tapegrad.maxUnpool3d)),
  mean: along((x, axis) => x.mean(axis)),
  meshgrid: (draw) => [(a, b) => tapegrad.concat(tapegrad.meshgrid([a!, b!])), draw.tensor([draw.size()]), draw.tensor([draw.size()])],
  median: along((x, axis) => tapegrad.median(x, axis).values),
  min: along((x, axis) => x.min(axis)),
  moveAxis: along((x, axis) => tapegrad.moveAxis(x, axis, 0)),
  mseLoss: alike((x, y) => tapegrad.mseLoss(x, y), undefined, undefined),
  multiMarginLoss: classes((x, y) => tapegrad.multiMarginLoss(x, y, { margin: 10, power: 2 })),
  multilabelMarginLoss: (draw) => {
    const columns = 1 + draw.size();
    const target = new Tensor(
      [columns],
      Int32Array.from({ length: columns }, (_, i) => (i === 0 ? columns - 1 : -1)),
    );
    return [(x) => tapegrad.multilabelMarginLoss(x!, target), draw.tensor([columns], between)];
  },
  multilabelSoftMarginLoss: alike((x, y) => tapegrad.multilabelSoftMarginLoss(x, y), undefined, shares),
  nanToNum: one(tapegrad.nanToNum),
  nanmax: along((x, axis) => tapegrad.nanmax(x, axis)),
  nanmean: along((x, axis) => tapegrad.nanmean(x, axis)),
  nanmedian: along((x, axis) => tapegrad.nanmedian(x, axis).values),
  nanmin: along((x, axis) => tapegrad.nanmin(x, axis)),
  nanquantile: along((x, axis) => tapegrad.nanquantile(x, 0.25, axis)),
  nanstd: (draw) => [(x) => tapegrad.nanstd(x!, 1), draw.tensor([draw.size(), 2 + draw.size()])],
  nansum: along((x, axis) => tapegrad.nansum(x, axis)),
  nanvar: (draw) => [(x) => tapegrad.nanvar(x!, 1), draw.tensor([draw.size(), 2 + draw.size()])],
  nllLoss: classes((x, y) => tapegrad.nllLoss(x, y)),
  nonzero: one((x) => tapegrad.nonzero(x.greater(0)).cast(x.dtype).mul(x.sum()), between),
  normalize: (draw) => [(x) => tapegrad.normalize(x!), draw.tensor([draw.size(), 1 + draw.size()], positives)],
  outer: (draw) => [(a, b) => tapegrad.outer(a!, b!), draw.tensor([draw.size()]), draw.tensor([draw.size()])],
  pad: one((x) =>
    tapegrad.pad(
      x,
      [
        [1, 0],
        [0, 2],
      ],
      { mode: 'replicate' },
    ),
  ),
  pairwiseDistance: alike((a, b) => tapegrad.pairwiseDistance(a, b), positives, { from: -2, to: -0.5 }),
  pixelShuffle: (draw) => [(x) => tapegrad.pixelShuffle(x!, 2), draw.tensor([4, draw.size(), draw.size()])],
  pixelUnshuffle: (draw) => [(x) => tapegrad.pixelUnshuffle(x!, 2), draw.tensor([1, 2 * draw.size(), 2])],
  poissonNLLLoss: alike((x, y) => tapegrad.poissonNLLLoss(x, y), undefined, positives),
  prelu: (draw) => [(x, weight) => tapegrad.prelu(x!, weight!), draw.tensor([draw.size(), 2], between), draw.tensor([2])],
  putAlongAxis: (draw) => {
    const [x, source] = [draw.tensor([3, 2]), draw.tensor([2, 2])];
    return [(x, source, indices) => tapegrad.putAlongAxis(x!, 0, indices!, source!), x, source, draw.indices([2, 1], 3)];
  },
  quantile: along((x, axis) => tapegrad.quantile(x, 0.375, axis)),
  relu6: one(tapegrad.relu6, between),
  repeatInterleave: along((x, axis) => tapegrad.repeatInterleave(x, 2, axis)),
  roll: along((x, axis) => tapegrad.roll(x, 1, axis)),
  rotaryEmbedding: (draw) => {
    const pairs = draw.oneOf('neighbours' as const, 'halves' as const);
    return [(x) => tapegrad.rotaryEmbedding(x!, { pairs, start: 3 }), draw.tensor([draw.size(), 2 * draw.size()])];
  },
  scatterAdd: (draw) => {
    const [x, source] = [draw.tensor([3, 2]), draw.tensor([2, 2])];
    return [(x, source, indices) => tapegrad.scatterAdd(x!, 0, indices!, source!), x, source, draw.indices([2, 2], 3)];
  },
  scatterReduce: (draw) => {
    const [x, source] = [draw.tensor([3, 2]), draw.tensor([2, 2])];
    const reduction = draw.oneOf('sum' as const, 'prod' as const, 'mean' as const);
    return [(x, source, indices) => tapegrad.scatterReduce(x!, 0, indices!, source!, reduction), x, source, draw.indices([2, 2], 3)];
  },
  selu: one(tapegrad.selu, between),
  setSlice: (draw) => [(x, values) => tapegrad.setSlice(x!, [[null, null, -2], 1], values!), draw.tensor([4, 2]), draw.tensor([2])],
  sinusoidalEncoding: one((x) => x.add(tapegrad.sinusoidalEncoding(x.shape[0]!, x.shape[1]!, { dtype: x.dtype as 'float64' }))),
  slogdet: (draw) => [(a) => tapegrad.slogdet(a!).logAbsDet, draw.tensor([2, 2], positives)],
  smoothL1Loss: alike((x, y) => tapegrad.smoothL1Loss(x, y, { beta: 0.5 }), between, { from: 0, to: 0 }),
  softMarginLoss: one((x) => tapegrad.softMarginLoss(x, signs(x))),
  sort: along((x, axis) => tapegrad.sort(x, axis).values),
  spectralNorm: (draw) => {
    const vectors = { left: Tensor.of([0.6, 0.8], 'float64'), right: Tensor.of([0.8, 0.6], 'float64') };
    const cast = (x: Tensor) => ({ left: vectors.left.cast(x.dtype), right: vectors.right.cast(x.dtype) });
    return [(w) => tapegrad.spectralNorm(w!, cast(w!), { iterations: 0 }).weight, draw.tensor([2, 2], positives)];
  },
  split: along((x, axis) => tapegrad.concat(tapegrad.split(x, 1, axis).toReversed(), axis)),
  squeeze: one((x) => x.unsqueeze(1).squeeze(1)),
  stack: alike((a, b) => tapegrad.stack([a, b], 1), undefined, undefined),
  std: (draw) => [(x) => x!.std(1), draw.tensor([draw.size(), 1 + draw.size()])],
  svdvals: regular(tapegrad.svdvals),
  take: (draw) => {
    const x = matrix(draw);
    return [(x, indices) => tapegrad.take(x!, indices!), x, draw.indices([3], x.size)];
  },
  takeAlongAxis: (draw) => [(x, indices) => tapegrad.takeAlongAxis(x!, 1, indices!), draw.tensor([3, 4]), draw.indices([1, 2], 4)],
  threshold: one((x) => tapegrad.threshold(x, 0.5, 7), between),
  tile: one((x) => tapegrad.tile(x, [2, 1, 2])),
  topk: along((x, axis) => tapegrad.topk(x, 1, { axis }).values),
  trace: one(tapegrad.trace),
  transpose: one((x) => x.transpose()),
  tril: one(tapegrad.tril),
  tripletMarginLoss: alike(
    (a, p, n) => tapegrad.tripletMarginLoss(a, p, n, { margin: 20 }),
    positives,
    { from: -2, to: -0.5 },
    { from: 3, to: 4 },
  ),
  triu: one(tapegrad.triu),
  unbind: along((x, axis) => tapegrad.concat(tapegrad.unbind(x, axis).toReversed())),
  unique: one((x) => tapegrad.unique(x).values, between),
  unsqueeze: along((x, axis) => x.unsqueeze(axis)),
  vander: (draw) => [(x) => tapegrad.vander(x!), draw.tensor([1 + draw.size()])],
  var: (draw) => [(x) => x!.var(1), draw.tensor([draw.size(), 1 + draw.size()])],
  weightNorm: (draw) => {
    const [rows, outputs] = [draw.size(), draw.size()];
    return [(w, magnitude) => tapegrad.weightNorm(w!, magnitude!), draw.tensor([rows, outputs], positives), draw.tensor([outputs])];
  },
  where: alike((a, b) => tapegrad.where(a.greater(b), a.mul(b), b), between, { from: -1, to: 1 }),
};

/** A function of decimal numbers, computed by the definitions of the operations on its tape. */
export function definitionOf(f: TensorFunction, xs: readonly Tensor[]): (at: readonly Big[]) => readonly Decimal[] {
  const tape = new Tape(Object.fromEntries(xs.map((x, i) => [`x${i}`, x])));
  const y = tape.record(() => f(...xs));
  const tensors = tape.values.map(({ tensor }) => tensor!);
  const end = tensors.indexOf(y);
  return (at) => {
    const known = tensors.map((x, i) => at[i] ?? bigOf(x));
    for (const { op, inputs, attributes, output } of tape.entries) {
      const { shape, dtype } = tensors[output]!;
      // Whole numbers stay as they are: small steps do not change a place, or an answer.
      if (dtype === 'int32') continue;
      const given = Object.entries(inputs);
      const numbers = given.filter(([name]) => !op.indices?.includes(name)).map(([name, which]) => [name, known[which]!]);
      const samples = given.map(([name, which]) => [name, tensors[which]!]);
      const data = definitions[op.name]!(Object.fromEntries(numbers), attributes, shape, op, Object.fromEntries(samples));
      known[output] = { shape, data };
    }
    return known[end]!.data;
  };
}
