/** Shapes that elements are moved into, and that what is moved has numbers of its own. */

import { expect, test } from 'vitest';
import * as tapegrad from '../../../src/index.ts';
import { Parameter, ShapeError, Tensor } from '../../../src/index.ts';
import { refuses } from '../../lib/refuses.ts';
import { int32 } from '../../lib/tensors.ts';

refuses('%s is refused', [
  [
    'reshape to sizes below 0',
    () => Tensor.ones([6]).reshape([-2, -3]),
    ShapeError,
    /^reshape: expected sizes that are whole numbers from 0, got \[-2, -3\]/,
  ],
  [
    'reshape to fractions',
    () => Tensor.ones([6]).reshape([2.5, 2.4]),
    ShapeError,
    /^reshape: expected sizes that are whole numbers from 0/,
  ],
  ['unslice beyond all sizes', () => Tensor.ones([1]).unslice([1e10], [0], [1]), ShapeError, /^unslice: expected at most/],
  ['unslice from text', () => Tensor.ones([1]).unslice([3], ['0' as never], [1]), ShapeError, /^unslice: \[1\] from \['0'\] in steps/],
  [
    'broadcastTo a size that is kept where there is none',
    () => Tensor.ones([2]).broadcastTo([-1, 2]),
    ShapeError,
    /^broadcastTo: expected sizes/,
  ],
]);

test('−1 keeps a size in broadcastTo', () => {
  expect(Tensor.ones([2, 1, 3]).broadcastTo([4, -1, 5, -1]).shape).toEqual([4, 2, 5, 3]);
  expect(Tensor.of([1, 2]).broadcastTo([-1]).toArray()).toEqual([1, 2]);
});

test('only an element of nothing is put back anywhere', () => {
  expect(Tensor.zeros([0]).unslice([2], [7], [1]).toArray()).toEqual([0, 0]);
});

const none = Tensor.zeros([0], 'int32');
/** Calls that change nothing: what they return must not be the tensor itself, which may be a parameter and change. */
const changeNothing: Record<string, (w: Tensor) => Tensor> = {
  reshape: (w) => w.reshape([2]),
  'reshape to −1': (w) => w.reshape([-1]),
  flatten: (w) => w.flatten(),
  squeeze: (w) => w.squeeze(),
  permute: (w) => w.permute([0]),
  transpose: (w) => w.transpose(0, 0),
  slice: (w) => w.slice([]),
  unslice: (w) => w.unslice([2], [0], [1]),
  broadcastTo: (w) => w.broadcastTo([2]),
  sumTo: (w) => w.sumTo([2]),
  cast: (w) => w.cast('float32'),
  sum: (w) => w.sum([]),
  mean: (w) => w.mean([]),
  max: (w) => w.max([]),
  logSumExp: (w) => w.logSumExp([]),
  prod: (w) => tapegrad.prod(w, []),
  nansum: (w) => tapegrad.nansum(w, []),
  cumsum: (w) => tapegrad.cumsum(w, []),
  cumprod: (w) => tapegrad.cumprod(w, []),
  logCumSumExp: (w) => tapegrad.logCumSumExp(w.reshape([2, 1])).reshape([2]),
  roll: (w) => tapegrad.roll(w, 0, 0),
  'roll of all': (w) => tapegrad.roll(w, 2),
  flip: (w) => tapegrad.flip(w, []),
  pad: (w) => tapegrad.pad(w, [[0, 0]]),
  tile: (w) => tapegrad.tile(w, [1]),
  repeatInterleave: (w) => tapegrad.repeatInterleave(w, 1, 0),
  moveAxis: (w) => tapegrad.moveAxis(w, 0, 0),
  split: (w) => tapegrad.split(w, 2)[0]!,
  chunk: (w) => tapegrad.chunk(w, 1)[0]!,
  concat: (w) => tapegrad.concat([w]),
  meshgrid: (w) => tapegrad.meshgrid([w])[0]!,
  sort: (w) => tapegrad.sort(w).values,
  topk: (w) => tapegrad.topk(w, 2, { largest: false }).values,
  indexAdd: (w) => tapegrad.indexAdd(w, 0, none, Tensor.zeros([0])),
  putAlongAxis: (w) => tapegrad.putAlongAxis(w, 0, none, 3),
  scatterAdd: (w) => tapegrad.scatterAdd(w, 0, none, Tensor.zeros([0])),
  takeAlongAxis: (w) => tapegrad.takeAlongAxis(w, 0, int32([0, 1])),
};

test.each(Object.entries(changeNothing))('%s of a parameter does not change with it', (_, f) => {
  const w = new Parameter(Tensor.of([1, 2]));
  const before = f(w);
  expect(before).not.toBe(w);
  const numbers = [...before.data];
  w.assign(Tensor.of([7, 7]));
  expect([...before.data]).toEqual(numbers);
});
