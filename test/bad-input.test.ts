/**
 * What is wrong is refused, by an error of the right kind that says where it happened, what was expected, what came, and what to do; and nothing is
 * half done. Data files that are wrong have tests of their own, in `datasets/`.
 */

import { runInNewContext } from 'node:vm';
import { describe, expect, test } from 'vitest';
import {
  accuracy,
  classificationReport,
  concat,
  confusionMatrix,
  crossEntropy,
  DerivativeError,
  DtypeError,
  type Gradients,
  grad,
  gradcheck,
  hessian,
  jvp,
  Linear,
  loadStateDict,
  manualSeed,
  namedParameters,
  Parameter,
  perform,
  Random,
  ReLU,
  Sequential,
  SGD,
  ShapeError,
  Sigmoid,
  SoftmaxCrossEntropy,
  StateError,
  stack,
  stateDict,
  Tape,
  TapeError,
  TapegradError,
  Tensor,
  unaryOp,
  ValueError,
  vjp,
} from '../src/index.ts';

type ErrorClass = new (message: string) => Error;
type Wrong = readonly [what: string, run: () => unknown, kind: ErrorClass, message: RegExp];

/** What the compiler would refuse, as a JavaScript program may say it. */
const any = (value: unknown): any => value;
const x23 = Tensor.of([
  [1, 2, 3],
  [4, 5, 6],
]);
const labels = (...values: number[]) => Tensor.of(values, 'int32');
const swept = () => {
  const w = new Parameter(Tensor.of([1, 2]), 'w');
  const tape = new Tape();
  const loss = tape.record(() => w.mul(w).sum());
  return { w, tape, loss };
};

const tensors: Wrong[] = [
  [
    'a ragged array',
    () => Tensor.of(any([[1, 2], [3]])),
    ShapeError,
    /Tensor\.of: ragged array: expected 2 elements at values\[1\].*got 1/,
  ],
  [
    'an array in the place of a number',
    () =>
      Tensor.of(
        any([
          [1, 2],
          [3, [4]],
        ]),
      ),
    ShapeError,
    /ragged array: expected a number at values\[1\]\[1\]/,
  ],
  [
    'a number in the place of an array',
    () => Tensor.of(any([[1, 2], 3])),
    ShapeError,
    /ragged array: expected an array of 2 at values\[1\], got 3/,
  ],
  ['an empty array', () => Tensor.of(any([])), ShapeError, /got an empty array; .*Tensor\.zeros\(\[0\]\)/],
  ['empty rows', () => Tensor.of(any([[], []])), ShapeError, /Tensor\.zeros\(\[2, 0\]\)/],
  ['text among numbers', () => Tensor.of(any([1, '2'])), ValueError, /expected a number at values\[1\], got '2'/],
  ['nothing among numbers', () => Tensor.of(any([1, null])), ValueError, /values\[1\], got null/],
  ['a fraction in int32', () => labels(1, 1.5), ValueError, /whole numbers that fit in int32, got 1\.5 at values\[1\]/],
  ['a dtype that is none', () => Tensor.zeros([2], any('float16')), DtypeError, /Tensor\.zeros: expected a dtype, .*got 'float16'/],
  ['a size that is no whole number', () => Tensor.zeros([2, 1.5]), ShapeError, /whole numbers from 0, got \[2, 1\.5\]/],
  ['a size that is no number', () => Tensor.zeros([NaN]), ShapeError, /whole numbers from 0, got \[NaN\]/],
  ['a negative size', () => Tensor.zeros([-1, -3]), ShapeError, /got \[-1, -3\]/],
  ['a shape that is a number', () => Tensor.zeros(any(3)), ShapeError, /expected a shape, an array of sizes such as \[2, 3\], got 3/],
  ['too few numbers for a shape', () => new Tensor([2, 2], new Float32Array(3)), ShapeError, /shape \[2, 2\] holds 4 numbers, got 3/],
  ['a plain array as data', () => new Tensor([2], any([1, 2])), DtypeError, /expected a Float32Array.*Tensor\.of/],
  ['bytes as data', () => Tensor.fromTypedArray(any(new Uint8Array(2))), DtypeError, /got Uint8Array/],
  [
    'a seed beside a generator',
    () => Tensor.uniform([2], { seed: 1, random: new Random(1) }),
    ValueError,
    /expected a generator or a seed, got both/,
  ],
  ['a step of 0', () => Tensor.arange(0, 1, 0), ValueError, /Tensor\.arange: .*a step that is not 0/],
  [
    'shapes that do not broadcast',
    () => x23.add(any(Tensor.of([1, 2]))),
    ShapeError,
    /add: shapes \[2, 3\] and \[2\] do not broadcast, since 3 and 2 differ/,
  ],
  [
    'dtypes that meet',
    () => x23.mul(Tensor.of([1, 2, 3], 'float64')),
    DtypeError,
    /mul: .*got float32 and, for b, float64 of shape \[3\]; convert one with cast/,
  ],
  [
    'arithmetic on int32',
    () => labels(1).exp(),
    DtypeError,
    /exp: expected float32 or float64, got int32 of shape \[1\].*cast\('float32'\)/,
  ],
  [
    'a typed array in the place of nested ones',
    () => Tensor.of(any(new Float32Array(2))),
    ValueError,
    /got a typed array; .*fromTypedArray/,
  ],
  ['a tensor among numbers', () => Tensor.of(any([x23, x23])), ValueError, /values\[0\], got a tensor of shape \[2, 3\]/],
  [
    'a row that is a typed array',
    () => Tensor.of(any([[1, 2], new Float32Array(2)])),
    ShapeError,
    /of 2 at values\[1\], got a typed array/,
  ],
  [
    'a typed array of another realm',
    () => Tensor.fromTypedArray(runInNewContext('new Float32Array(2)')),
    DtypeError,
    /got Float32Array; it comes from another realm .*Float32Array\.from\(array\)/,
  ],
  ['sizes that are no array', () => Tensor.zeros(any(2), any(3)), ShapeError, /Tensor\.zeros: expected a shape, .* got 2/],
  [
    'sizes of random numbers that are no array',
    () => Tensor.uniform(any(2), any(3)),
    ShapeError,
    /Tensor\.uniform: expected a shape, .* got 2/,
  ],
  [
    'sizes of normal numbers that are no array',
    () => Tensor.normal(any(2), any(3)),
    ShapeError,
    /Tensor\.normal: expected a shape, .* got 2/,
  ],
  [
    'values that are no array',
    () => any(Tensor).of(1, 2, 3),
    DtypeError,
    /Tensor\.of: expected options, .* got 2; several numbers go into an array/,
  ],
  [
    'a count that was forgotten',
    () => any(Tensor).linspace(0, 1),
    ShapeError,
    /Tensor\.linspace: expected count to be a whole number from 0, got undefined/,
  ],
  ['a range of text', () => Tensor.arange(any('3')), ValueError, /Tensor\.arange: expected finite numbers/],
  ['numbers for the constructor', () => new (any(Tensor))([1, 2]), DtypeError, /Tensor: expected a Float32Array, .*Tensor\.of\(values\)/],
  ['axes that are not listed', () => any(x23).permute(1, 0), ShapeError, /permute: expected a list of axes, such as \[1, 0\], got 1/],
  ['a range that is a tensor', () => x23.slice([any(Tensor.of(1))]), ShapeError, /slice: .* for axis 0, got a tensor of shape \[\]/],
  ['a range that is an object', () => x23.slice([any({ from: 1 })]), ShapeError, /slice: .* for axis 0, got {"from":1}/],
  ['a place to put back that is no shape', () => x23.scatterSum(any(3), 0, labels(1)), ShapeError, /scatterSum: expected a shape/],
  [
    'a number that is no tensor',
    () => x23.matmul(any(2)),
    DtypeError,
    /matmul: expected a tensor for b, got the number 2; write Tensor\.of\(2\)/,
  ],
  ['an array that is no tensor', () => x23.matmul(any([2])), DtypeError, /got an array; write Tensor\.of\(values\)/],
  [
    'a typed array that is no tensor',
    () => x23.matmul(any(new Float32Array(2))),
    DtypeError,
    /a typed array; write Tensor\.fromTypedArray/,
  ],
  [
    'a tensor of another copy of the package',
    () => x23.add(any({ [Symbol.for('tapegrad.Tensor')]: true })),
    DtypeError,
    /add: expected a tensor for b, got a tensor of another copy of tapegrad/,
  ],
  ['what is no tensor', () => x23.add(any('1')), DtypeError, /add: expected a tensor for b, got '1'/],
  ['matrices that do not multiply', () => x23.matmul(any(x23)), ShapeError, /matmul: inner sizes 3 and 2 differ, in \[2, 3\] × \[2, 3\]/],
  ['a scalar in a product', () => x23.matmul(any(Tensor.of(2))), ShapeError, /matmul: expected matrices or vectors, .*use mul/],
  ['an axis that is not there', () => x23.sum(2), ShapeError, /sum: there is no axis 2 in shape \[2, 3\], whose axes go from -2 to 1/],
  ['an axis named twice', () => x23.sum([0, -2]), ShapeError, /name one axis of \[2, 3\] twice/],
  ['the largest of nothing', () => Tensor.zeros([0]).max(), ShapeError, /max: nothing to choose from/],
  ['a shape of another size', () => x23.reshape([4]), ShapeError, /reshape: \[2, 3\] holds 6 elements, \[4\] would hold 4/],
  [
    'a size that cannot be made out',
    () => x23.reshape([-1, 4]),
    ShapeError,
    /reshape: \[2, 3\] holds 6 elements, which \[-1, 4\] does not divide; one size may be -1/,
  ],
  ['two sizes left open', () => x23.reshape([-1, -1]), ShapeError, /one size may be -1/],
  [
    'an order that misses an axis',
    () => x23.permute([0, 0]),
    ShapeError,
    /permute: expected each of the 2 axes of \[2, 3\] once, got \[0, 0\]/,
  ],
  [
    'an element that is not there',
    () => x23.slice([2]),
    ShapeError,
    /slice: there is no element 2 along axis 0 of shape \[2, 3\]; a part of an axis is \[\[start, stop\]\]$/,
  ],
  ['more ranges than axes', () => x23.slice([null, null, null]), ShapeError, /slice: expected at most 2 ranges for shape \[2, 3\], got 3/],
  [
    'a slice with a step of 0',
    () => x23.slice([[0, 2, 0]]),
    ValueError,
    /slice: expected \[start, stop, step\] in whole numbers, no step of 0/,
  ],
  [
    'a slice that leaves the axis',
    () => x23.slice([{ start: 1, step: 1, size: 2 }]),
    ShapeError,
    /slice: 2 elements from 1 in steps of 1 leave axis 0/,
  ],
  [
    'an index out of range',
    () => x23.gather(1, Tensor.of([[3]], 'int32')),
    ValueError,
    /gather: index 3 at place 0 is outside axis 1 of shape \[2, 3\], which goes from 0 to 2/,
  ],
  [
    'indices that are not int32',
    () => x23.gather(1, Tensor.of([[1]])),
    DtypeError,
    /gather: expected int32 indices for indices, got float32/,
  ],
  ['indices with other axes', () => x23.gather(1, labels(1)), ShapeError, /gather: expected indices with as many axes as \[2, 3\]/],
  ['a class out of range', () => labels(0, 3).oneHot(3), ValueError, /oneHot: label 3 at place 1 is none of the 3 classes, 0 to 2/],
  [
    'a number that int32 cannot hold',
    () => Tensor.of([3e9]).cast('int32'),
    ValueError,
    /cast: element 0 is 3000000000, which int32 cannot hold/,
  ],
  ['one of many as a number', () => x23.item(), ShapeError, /item: expected a tensor of one element, got shape \[2, 3\]/],
  ['another shape than was said', () => x23.as([2, 4]), ShapeError, /as: expected shape \[2, 4\], got \[2, 3\]/],
  [
    'parts that do not follow one another',
    () => concat([x23, Tensor.zeros([2, 2])]),
    ShapeError,
    /concat: tensor 1 of shape \[2, 2\] does not follow \[2, 3\] along axis 0/,
  ],
  ['no parts', () => concat([]), ShapeError, /concat: expected at least one tensor, got none/],
  [
    'parts of different shapes, side by side',
    () => stack([x23, Tensor.zeros([2])]),
    ShapeError,
    /stack: expected tensors of one shape, got \[2, 3\] and, as tensor 1, \[2\]/,
  ],
  [
    'a vector where only matrices will do',
    () => x23.timesTransposed(Tensor.of([1, 2, 3])),
    ShapeError,
    /timesTransposed: expected matrices, or batches of them, got \[2, 3\] and \[3\]/,
  ],
  [
    'a vector on the left where only matrices will do',
    () => Tensor.of([1, 2]).transposedTimes(x23),
    ShapeError,
    /transposedTimes: expected matrices/,
  ],
  ['a shape that cannot be stretched to', () => x23.broadcastTo([3, 3]), ShapeError, /broadcastTo: \[2, 3\] does not stretch to \[3, 3\]/],
  ['a shape that cannot be summed to', () => x23.sumTo([2]), ShapeError, /sumTo: \[2\] does not stretch to \[2, 3\]/],
  [
    'a part that begins outside of the whole',
    () => Tensor.of([1, 2]).unslice([3], [-1], [1]),
    ShapeError,
    /unslice: \[2\] from \[-1\] in steps of \[1\] does not fit into \[3\]/,
  ],
  ['a part that ends outside of the whole', () => Tensor.of([1, 2]).unslice([3], [2], [1]), ShapeError, /does not fit into \[3\]/],
  ['a part that just misses the end', () => Tensor.of([1]).unslice([3], [3], [1]), ShapeError, /does not fit into \[3\]/],
  ['a part with other axes than the whole', () => Tensor.of([1, 2]).unslice([3, 3], [0], [1]), ShapeError, /does not fit into \[3, 3\]/],
  ['a negative index', () => x23.gather(1, Tensor.of([[-1]], 'int32')), ValueError, /gather: index -1 at place 0/],
  [
    'indices that are longer than what they pick from',
    () => x23.gather(1, Tensor.of([[0], [0], [0]], 'int32')),
    ShapeError,
    /none longer but axis 1, got shape \[3, 1\]/,
  ],
  [
    'fewer indices than elements to scatter',
    () => Tensor.of([1, 2]).scatterSum([3], 0, labels(0)),
    ShapeError,
    /scatterSum: expected one index for each element, got \[1\] for \[2\]/,
  ],
  ['a negative class', () => labels(-1).oneHot(3), ValueError, /oneHot: label -1 at place 0/],
  ['parts with other axes', () => concat([x23, Tensor.zeros([2])]), ShapeError, /concat: tensor 1 of shape \[2\] does not follow \[2, 3\]/],
  ['a hole among numbers', () => Tensor.of(any([1, undefined, 3])), ValueError, /expected a number at values\[1\], got undefined/],
  ['truth values', () => Tensor.of(any([true])), ValueError, /expected a number at values\[0\], got true/],
  ['NaN in int32', () => labels(1, NaN), ValueError, /whole numbers that fit in int32, got NaN at values\[1\]/],
  [
    'a count that is no whole number',
    () => Tensor.linspace(0, 1, 1.5),
    ShapeError,
    /Tensor\.linspace: expected count to be a whole number from 0, got 1\.5/,
  ],
  [
    'a negative number of rows',
    () => Tensor.eye(-1),
    ShapeError,
    /Tensor\.eye: expected the number of rows to be a whole number from 0, got -1/,
  ],
  ['fractions counted in int32', () => Tensor.arange(0, 2, 0.5, 'int32'), ValueError, /Tensor\.arange: .*got 0\.5 at element 1/],
  [
    'a permutation of a fraction',
    () => Tensor.permutation(1.5),
    ValueError,
    /Tensor.permutation: expected a permutation of a whole number from 0 to below 2³¹, got 1\.5/,
  ],
  [
    'a seed that is no whole number',
    () => manualSeed(1.5),
    ValueError,
    /manualSeed: expected a seed that is a whole number from 0 to 2³² − 1, got 1\.5/,
  ],
  [
    'a shape of another size for a typed array',
    () => Tensor.fromTypedArray(new Float32Array(3), [2, 2]),
    ShapeError,
    /shape \[2, 2\] holds 4 numbers, got 3/,
  ],
  ['a mean of int32', () => labels(1, 2).mean(), DtypeError, /mean: expected float32 or float64, got int32 .*cast\('float32'\)/],
  ['a fraction beside int32', () => labels(1).less(1.5), ValueError, /less: expected whole numbers that fit in int32, got 1\.5/],
  ['a vector of another length in a product', () => x23.matmul(any(Tensor.of([1, 2]))), ShapeError, /matmul: inner sizes 3 and 2 differ/],
  [
    'batches of matrices that do not broadcast',
    () => Tensor.zeros([2, 2, 3]).matmul(Tensor.zeros([3, 3, 2])),
    ShapeError,
    /matmul: shapes \[2\] and \[3\] do not broadcast/,
  ],
  ['a softmax along an axis that is not there', () => x23.softmax(2), ShapeError, /softmax: there is no axis 2 in shape \[2, 3\]/],
  ['the axes of a vector exchanged', () => Tensor.of([1]).transpose(), ShapeError, /transpose: there is no axis -2 in shape \[1\]/],
  ['a fraction of an element', () => x23.slice([0.5]), ShapeError, /slice: there is no element 0\.5 along axis 0/],
  [
    'parts of different dtypes',
    () => concat([x23, x23.cast('float64')]),
    DtypeError,
    /concat: expected tensors of one dtype, got float32 and, for 1, float64/,
  ],
  ['scalars one after another', () => concat([Tensor.of(1), Tensor.of(2)]), ShapeError, /concat: there is no axis 0 in shape \[\]/],
  ['nothing side by side', () => stack([]), ShapeError, /stack: expected at least one tensor, got none/],
  ['NaN as int32', () => Tensor.of([NaN]).cast('int32'), ValueError, /cast: element 0 is NaN, which int32 cannot hold/],
  ['a cast to what is no dtype', () => x23.cast(any('f32')), DtypeError, /cast: expected a dtype, .* got 'f32'/],
];

const losses: Wrong[] = [
  [
    'a column of labels',
    () => crossEntropy(x23 as Tensor, Tensor.of([[0], [1]], 'int32')),
    ShapeError,
    /^crossEntropy: expected int32 classes of shape \[2\] or probabilities of shape \[2, 3\], got int32 \[2, 1\]/,
  ],
  [
    'probabilities of another shape',
    () => crossEntropy(x23 as Tensor, Tensor.zeros([3, 2])),
    ShapeError,
    /or probabilities of shape \[2, 3\], got float32 \[3, 2\]/,
  ],
  [
    'a label that is too large',
    () => crossEntropy(x23, labels(0, 3)),
    ValueError,
    /crossEntropy: label 3 of row 1 is none of the 3 classes, 0 to 2, of logits \[2, 3\]/,
  ],
  ['a negative label', () => crossEntropy(x23, labels(-1, 0)), ValueError, /label -1 of row 0/],
  [
    'labels that are not int32',
    () => crossEntropy(x23, Tensor.of([0, 1])),
    DtypeError,
    /expected class indices in int32, got float32 of shape \[2\]; write targets\.cast\('int32'\)/,
  ],
  [
    'fewer labels than rows',
    () => crossEntropy(x23, labels(0)),
    ShapeError,
    /expected int32 classes of shape \[2\] or probabilities of shape \[2, 3\], got int32 \[1\]/,
  ],
  [
    'rows that are no probabilities',
    () => crossEntropy(x23, x23),
    ValueError,
    /rows of probabilities, none negative, that sum to 1; row 0 sums to 6/,
  ],
  [
    'rows with a negative one',
    () =>
      crossEntropy(
        x23,
        Tensor.of([
          [1, 0, 0],
          [2, -1, 0],
        ]),
      ),
    ValueError,
    /row 1 sums to 1, with a negative one/,
  ],
  [
    'probabilities in another dtype',
    () =>
      crossEntropy(
        x23,
        Tensor.of(
          [
            [1, 0, 0],
            [1, 0, 0],
          ],
          'float64',
        ),
      ),
    DtypeError,
    /^crossEntropy: expected a target in float32, the dtype of the prediction, got float64/,
  ],
  [
    'a list of labels for a single example',
    () => crossEntropy(Tensor.of([1, 2]), labels(0)),
    ShapeError,
    /^crossEntropy: expected int32 classes of shape \[\] or probabilities of shape \[2\], got int32 \[1\]/,
  ],
  [
    'a reduction that is none',
    () => new SoftmaxCrossEntropy({ reduction: any('average') }),
    ValueError,
    /expected reduction to be 'mean', 'sum' or 'none', got 'average'/,
  ],
  [
    'rows with a single 1 in int32',
    () => crossEntropy(x23, labels(0, 1).oneHot(3, 'int32')),
    DtypeError,
    /^crossEntropy: expected a target in float32, the dtype of the prediction, got int32/,
  ],
  [
    'rows that are no numbers',
    () =>
      crossEntropy(
        x23,
        Tensor.of([
          [NaN, 0, 1],
          [1, 0, 0],
        ]),
      ),
    ValueError,
    /row 0 sums to NaN/,
  ],
  [
    'logits in int32',
    () => crossEntropy(Tensor.of([[1, 2]], 'int32'), labels(0)),
    DtypeError,
    /^crossEntropy: expected float32 or float64, got int32 of shape \[1, 2\] for the prediction/,
  ],
  [
    'logits and targets the wrong way round',
    () => crossEntropy(labels(0, 1), x23),
    DtypeError,
    /^crossEntropy: expected float32 or float64, got int32 of shape \[2\] for the prediction/,
  ],
];

const tapes: Wrong[] = [
  [
    'a gradient of another dtype',
    () => {
      const { w } = swept();
      const tape = new Tape();
      tape.backward(
        tape.record(() => w.mul(2)),
        { gradient: Tensor.ones([2], 'float64') },
      );
    },
    ShapeError,
    /expected a gradient like .* float32 \[2\], got float64 \[2\]/,
  ],
  [
    'nothing to start from',
    () => {
      const { tape } = swept();
      tape.backward(any(null));
    },
    DtypeError,
    /backward: expected a tensor for the value to start from, got null/,
  ],
  [
    'gradients of a parameter without a name',
    () => {
      const { tape, loss } = swept();
      tape.backward(loss).get(new Parameter(Tensor.of([1, 2])));
    },
    TapeError,
    /none for a tensor of shape \[2\]/,
  ],
  [
    'a second sweep',
    () => {
      const { tape, loss } = swept();
      tape.backward(loss);
      tape.backward(loss);
    },
    TapeError,
    /backward: this tape was swept .*\{ keep: true \}/,
  ],
  [
    'recording after the sweep',
    () => {
      const { tape, loss } = swept();
      tape.backward(loss);
      tape.record(() => x23.neg());
    },
    TapeError,
    /record: this tape was swept/,
  ],
  [
    'a parameter assigned since',
    () => {
      const { w, tape, loss } = swept();
      w.assign(Tensor.of([5, 6]));
      tape.backward(loss);
    },
    TapeError,
    /backward: w of shape \[2\] was assigned after the tape recorded it/,
  ],
  [
    'a parameter assigned while recording',
    () => {
      const { w } = swept();
      const tape = new Tape();
      tape.backward(
        tape.record(() => {
          const y = w.mul(2);
          w.assign(Tensor.of([5, 6]));
          return y.mul(w).sum();
        }),
      );
    },
    TapeError,
    /was assigned after/,
  ],
  [
    'a loss that is no scalar',
    () => {
      const { w } = swept();
      const tape = new Tape();
      tape.backward(tape.record(() => w.mul(2)));
    },
    ShapeError,
    /backward: expected a scalar, got shape \[2\]; take its mean or sum, or give the gradient that arrives at it/,
  ],
  [
    'a gradient of another shape',
    () => {
      const { w } = swept();
      const tape = new Tape();
      tape.backward(
        tape.record(() => w.mul(2)),
        { gradient: Tensor.of(1) },
      );
    },
    ShapeError,
    /expected a gradient like .* float32 \[2\], got float32 \[\]/,
  ],
  [
    'a tensor the tape never saw',
    () => {
      const { tape, loss } = swept();
      tape.backward(loss, [Tensor.of([1])]);
    },
    TapeError,
    /never saw tensor 0 of shape \[1\], whose gradient was asked for/,
  ],
  [
    'a loss the tape never saw',
    () => {
      const { tape } = swept();
      tape.backward(Tensor.of(1));
    },
    TapeError,
    /never saw the value of shape \[\] to start from; was it computed inside record/,
  ],
  [
    'a loss that is no tensor',
    () => {
      const { tape } = swept();
      tape.backward(any(3));
    },
    DtypeError,
    /backward: expected a tensor for the value to start from, got the number 3/,
  ],
  [
    'a tape without parameters',
    () => {
      const tape = new Tape();
      tape.backward(tape.record(() => x23.sum()));
    },
    TapeError,
    /saw no parameter; name tensors: /,
  ],
  [
    'the gradient of int32',
    () => {
      const i = labels(0);
      const tape = new Tape();
      tape.backward(
        tape.record(() => i.oneHot(2).sum()),
        [i],
      );
    },
    DerivativeError,
    /tensor 0 of shape \[1\] is int32/,
  ],
  [
    'a sweep that starts from int32',
    () => {
      const { w } = swept();
      const tape = new Tape();
      tape.backward(tape.record(() => w.argmax(0)));
    },
    DerivativeError,
    /cannot start from int32/,
  ],
  ['an asynchronous function', () => new Tape().record(async () => x23.sum()), TapeError, /expected a synchronous function/],
  [
    'a tape within itself',
    () => {
      const tape = new Tape();
      tape.record(() => tape.record(() => x23.sum()));
    },
    TapeError,
    /this tape is recording already/,
  ],
  [
    'a sweep while recording',
    () => {
      const { w } = swept();
      const tape = new Tape();
      tape.record(() => tape.backward(w.sum()));
    },
    TapeError,
    /still recording; sweep it after record/,
  ],
  [
    'gradients of what was not seen',
    () => {
      const { tape, loss } = swept();
      tape.backward(loss).get(new Parameter(Tensor.of(1), 'b'));
    },
    TapeError,
    /gradients: none for b: backward gives those of the parameters that the tape saw/,
  ],
  [
    'gradients times no number',
    () => {
      const { tape, loss } = swept();
      tape.backward(loss).scale(NaN);
    },
    ValueError,
    /expected a finite factor, got NaN/,
  ],
  [
    'the loss of another tape',
    () => {
      swept().tape.backward(swept().loss);
    },
    TapeError,
    /never saw the value of shape \[\] to start from/,
  ],
  [
    'a kept tape after an assignment',
    () => {
      const { w, tape, loss } = swept();
      tape.backward(loss, { keep: true });
      w.assign(Tensor.of([5, 6]));
      tape.backward(loss);
    },
    TapeError,
    /w of shape \[2\] was assigned after/,
  ],
];

const square = unaryOp('square', { forward: (x) => x.mul(x), backward: ({ dy, x }) => dy.mul(x).mul(2) });
const wrong = { ...square, name: 'wrong', backward: { x: ({ dy }: any) => dy.sum() } };

const functions: Wrong[] = [
  [
    'a direction of another dtype',
    () => jvp((x: Tensor) => x, [x23], [x23.cast('float64')]),
    ShapeError,
    /direction 0 to be like its argument, float32 \[2, 3\], got float64 \[2, 3\]/,
  ],
  [
    'an argument that is no tensor',
    () => vjp((x: Tensor) => x, any(3)),
    DtypeError,
    /vjp: expected a tensor for argument 0, got the number 3/,
  ],
  [
    'a derivative of another dtype',
    () =>
      grad((x: Tensor) => perform({ ...square, name: 'wrong', backward: { x: ({ dy }: any) => dy.cast('float64') } }, { x }).sum())(x23),
    DerivativeError,
    /wrong: expected a derivative for x like x itself, float32 \[2, 3\], got float64 \[2, 3\]/,
  ],
  [
    'a derivative that is no tensor',
    () => grad((x: Tensor) => perform({ ...square, name: 'wrong', backward: { x: any(() => 1) } }, { x }).sum())(x23),
    DerivativeError,
    /wrong: expected a derivative for x .* got number/,
  ],
  [
    'the gradient of what is no scalar',
    () => grad((x: Tensor) => x.mul(2))(x23),
    ShapeError,
    /grad: expected a scalar function, got a value of shape \[2, 3\]; take its mean or sum, or use jacobian/,
  ],
  ['an argument that is not there', () => grad((x: Tensor) => x.sum(), any(1))(x23), DerivativeError, /no argument 1 among the 1 given/],
  [
    'int32 to differentiate by',
    () => vjp((x: Tensor) => x, labels(1)),
    DerivativeError,
    /argument 0 of shape \[1\] is int32.*close over it/,
  ],
  [
    'a function that gives a number',
    () =>
      vjp(
        any((x: Tensor) => x.sum().item()),
        x23,
      ),
    TapeError,
    /expected the function to return a tensor, got 21; keep to tensors inside/,
  ],
  [
    'directions that are missing',
    () => jvp((x: Tensor) => x, [x23], any([])),
    ShapeError,
    /jvp: expected a direction for each of the 1 arguments, got 0/,
  ],
  [
    'a direction of another shape',
    () => jvp((x: Tensor) => x, [x23], any([Tensor.of([1])])),
    ShapeError,
    /direction 0 to be like its argument, float32 \[2, 3\], got float32 \[1\]/,
  ],
  [
    'a derivative that is missing',
    () => perform(any({ ...square, backward: {} }), any({ x: x23 })),
    DerivativeError,
    /square: has no derivative for x; add one to its `backward`, or null/,
  ],
  [
    'a derivative of another shape',
    () => grad((x: Tensor) => perform(wrong, { x }).sum())(x23),
    DerivativeError,
    /wrong: expected a derivative for x like x itself, float32 \[2, 3\], got float32 \[\]/,
  ],
  [
    'a derivative that is wrong',
    () => gradcheck((x: Tensor) => perform({ ...square, backward: { x: ({ dy, x }) => dy.mul(x) } }, { x }), [Tensor.of([3])]),
    DerivativeError,
    /argument 0 of shape \[1\], element \[0\] = 3: the derivative claims -?\d/,
  ],
  ['a kink', () => gradcheck((x: Tensor) => x.abs(), [Tensor.of([1e-4])]), DerivativeError, /a kink or a jump is likely nearby/],
  [
    'a pullback of another shape',
    () => vjp((x: Tensor) => x.mul(2), x23)[1](Tensor.of(1)),
    ShapeError,
    /expected a gradient like .* float32 \[2, 3\], got float32 \[\]/,
  ],
  [
    'a number to differentiate by',
    () => grad((x: Tensor) => x.mul(2))(any(3)),
    DtypeError,
    /grad: expected a tensor for argument 0, got the number 3/,
  ],
  [
    'an asynchronous function',
    () => grad(any(async (x: Tensor) => x.sum()))(x23),
    TapeError,
    /expected the function to return a tensor, got a promise; it cannot be asynchronous/,
  ],
  [
    'the curvature of what is no scalar',
    () => hessian((x: Tensor) => x)(x23),
    ShapeError,
    /expected a scalar function, got a value of shape \[2, 3\]/,
  ],
  ['the gradient of an index', () => grad((x: Tensor) => x.argmax())(x23), DerivativeError, /cannot start from int32 of shape \[\]/],
  [
    'more directions than arguments',
    () => jvp((x: Tensor) => x, [x23], any([x23, x23])),
    ShapeError,
    /a direction for each of the 1 arguments, got 2/,
  ],
  [
    'a check in steps of 0',
    () => gradcheck((x: Tensor) => x.sum(), [x23], { step: 0 }),
    ValueError,
    /gradcheck: expected step to be a finite number above 0, got 0/,
  ],
];

const models: Wrong[] = [
  [
    'a layer without inputs',
    () => new Linear(0, 3),
    ShapeError,
    /Linear: expected sizes that are whole numbers from 1, got 0 inputs and 3 outputs/,
  ],
  [
    'an initialization that is none',
    () => new Linear(2, 3, { initialization: any('he') }),
    ValueError,
    /Linear: expected an initialization, one of fanIn, .*got 'he'/,
  ],
  [
    'an initial weight of another shape',
    () => new Linear(2, 3, { initialization: () => Tensor.zeros([3, 2]) }),
    ShapeError,
    /initial weight of shape \[2, 3\], got \[3, 2\]/,
  ],
  [
    'inputs of another width',
    () => new Linear(2, 3).forward(any(x23)),
    ShapeError,
    /matmul: inner sizes 3 and 2 differ, in \[2, 3\] × \[2, 3\]/,
  ],
  [
    'a layer that is none',
    () => new Sequential(new Sigmoid(), any(Sigmoid)),
    ValueError,
    /Sequential: expected a layer, with a forward method, or a function at place 1, got the class Sigmoid; write new Sigmoid/,
  ],
  ['an array of layers', () => new Sequential(any([new Sigmoid()])), ValueError, /got an array; write new Sequential\(\.\.\.layers\)/],
  [
    'a parameter of int32',
    () => new Parameter(labels(1)),
    DtypeError,
    /Parameter: expected a float32 or float64 tensor to start from, got int32 \[1\]/,
  ],
  ['a parameter of an array', () => new Parameter(any([1])), DtypeError, /Parameter: .*, got an array; write Tensor\.of\(values\)/],
  [
    'another shape assigned',
    () => new Parameter(x23, 'w').assign(Tensor.zeros([3, 2])),
    ShapeError,
    /assign: w has shape \[2, 3\], got \[3, 2\]/,
  ],
  [
    'another dtype assigned',
    () => new Parameter(x23, 'w').assign(Tensor.zeros([2, 3], 'float64')),
    DtypeError,
    /assign: w is float32, got float64/,
  ],
  ['a model without parameters', () => new SGD(new ReLU(), { learningRate: 1 }), ValueError, /expected a model with parameters/],
  [
    'a learning rate that is no number',
    () => new SGD(new Linear(2, 3), { learningRate: NaN }),
    ValueError,
    /expected learningRate to be a finite number from 0, or a schedule, got NaN/,
  ],
  ['a negative learning rate', () => new SGD(new Linear(2, 3), { learningRate: -1 }), ValueError, /learningRate/],
  [
    'a momentum of 1',
    () => new SGD(new Linear(2, 3), { learningRate: 1, momentum: 1 }),
    ValueError,
    /momentum to be a number from 0 to below 1, or a schedule, got 1/,
  ],
  ['a negative weight decay', () => new SGD(new Linear(2, 3), { learningRate: 1, weightDecay: -1 }), ValueError, /weightDecay/],
  [
    'nesterov without momentum',
    () => new SGD(new Linear(2, 3), { learningRate: 1, nesterov: true }),
    ValueError,
    /needs a momentum above 0/,
  ],
  [
    'gradients of another model',
    () => {
      const { tape, loss } = swept();
      new SGD(new Linear(2, 3), { learningRate: 1 }).step(tape.backward(loss));
    },
    TapeError,
    /none of its 2 parameters had a part in the loss/,
  ],
  ['a layer of a fraction of inputs', () => new Linear(1.5, 3), ShapeError, /Linear: .* got 1\.5 inputs and 3 outputs/],
  [
    'a layer whose outputs were forgotten',
    () => new Linear(2, any(undefined)),
    ShapeError,
    /Linear: .* got 2 inputs and undefined outputs/,
  ],
  [
    'a dtype that is none',
    () => new Linear(2, 3, { dtype: any('half') }),
    DtypeError,
    /Linear: expected the dtype 'float32' or 'float64', got 'half'/,
  ],
  [
    'a weight that starts in int32',
    () => new Linear(2, 3, { initialization: () => Tensor.zeros([2, 3], 'int32') }),
    DtypeError,
    /Linear: expected an initial weight of float32, got int32/,
  ],
  [
    'inputs of another dtype',
    () => new Linear(2, 3).forward(Tensor.zeros([1, 2], 'float64')),
    DtypeError,
    /matmul: expected tensors of one dtype, got float64 and, for b, float32/,
  ],
  [
    'a scalar as input',
    () => new Linear(2, 3).forward(any(Tensor.of(1))),
    ShapeError,
    /matmul: expected matrices or vectors, got shapes \[\] and \[2, 3\]/,
  ],
  ['no layer at all', () => new Sequential(any(undefined)), ValueError, /at place 0, got undefined/],
  [
    'a learning rate that was forgotten',
    () => new SGD(new Linear(2, 3), any({ lr: 1 })),
    ValueError,
    /SGD: there is no option lr; did you mean learningRate\?/,
  ],
  ['an infinite learning rate', () => new SGD(new Linear(2, 3), { learningRate: Infinity }), ValueError, /got Infinity/],
  [
    'a loss that does not depend on the model',
    () => new SGD(new Linear(2, 3), { learningRate: 1 }).minimize(() => Tensor.of(3)),
    TapeError,
    /never saw the value .* to start from/,
  ],
  [
    'an asynchronous loss',
    () => new SGD(new Linear(2, 3), { learningRate: 1 }).minimize(any(async () => Tensor.of(3))),
    TapeError,
    /SGD\.minimize: expected a function that returns the loss, \(\) => loss, got one that returns a promise; it cannot be asynchronous/,
  ],
];

const metrics: Wrong[] = [
  [
    'targets that are not int32',
    () => accuracy(labels(1), Tensor.of([1])),
    DtypeError,
    /accuracy: expected targets in int32 of shape \[rows\], got float32 \[1\]/,
  ],
  [
    'predictions that are not int32',
    () => accuracy(Tensor.of([1]), labels(1)),
    DtypeError,
    /expected predicted classes in int32 .*got float32 \[1\]/,
  ],
  ['fewer predictions than targets', () => accuracy(labels(1), labels(1, 2)), ShapeError, /a prediction for each .* got \[1\] for \[2\]/],
  ['nothing to judge', () => accuracy(Tensor.zeros([0], 'int32'), Tensor.zeros([0], 'int32')), ShapeError, /at least one target/],
  [
    'a class out of range',
    () => confusionMatrix(labels(2), labels(0), 2),
    ValueError,
    /confusionMatrix: class 2 of row 0 is none of the 2, 0 to 1/,
  ],
  [
    'fewer names than classes',
    () => classificationReport(x23, labels(0, 1), { labels: ['a', 'b'] }),
    TapegradError,
    /class 2 of row|a label for each of 3 classes, got 2/,
  ],
  [
    'scores with three axes',
    () => accuracy(Tensor.zeros([2, 2, 2]), labels(0, 1)),
    DtypeError,
    /or scores \[rows, classes\], got float32 \[2, 2, 2\]/,
  ],
  [
    'predictions and targets the wrong way round',
    () => accuracy(labels(0, 1), x23),
    DtypeError,
    /accuracy: expected targets in int32 of shape \[rows\], got float32 \[2, 3\]/,
  ],
  [
    'scores for no classes',
    () => accuracy(Tensor.zeros([2, 0]), labels(0, 0)),
    ShapeError,
    /accuracy: expected scores for at least one class, got \[2, 0\]/,
  ],
  ['a negative class', () => confusionMatrix(labels(-1), labels(0)), ValueError, /class -1 of row 0 is none of the 1/],
  [
    'fewer classes than there are scores',
    () => confusionMatrix(x23, labels(0, 1), 2),
    ValueError,
    /class 2 of row 0 is none of the 2, 0 to 1/,
  ],
];

describe.each(Object.entries({ tensors, losses, tapes, functions, models, metrics }))('%s', (_, wrong) => {
  test.each(wrong)('%s', (_, run, kind, message) => {
    let thrown: unknown;
    try {
      run();
    } catch (error) {
      thrown = error;
    }
    expect(thrown).toBeInstanceOf(kind);
    expect(thrown).toBeInstanceOf(TapegradError);
    expect((thrown as Error).message).toMatch(message);
    expect((thrown as Error).name).toBe(kind === TapegradError ? (thrown as Error).name : kind.name);
  });
});

describe('a refused call changes nothing', () => {
  const model = () => new Sequential(new Linear(2, 3), new Sigmoid(), new Linear(3, 2));

  test('a state that does not fit is refused as a whole, with everything that is wrong with it', () => {
    const target = model();
    const before = stateDict(target);
    const { 'layers.0.bias': _, ...state } = stateDict(model());
    const given = {
      ...state,
      'layers.0.weight': Tensor.zeros([3, 2]),
      'layers.2.bias': Tensor.zeros([2], 'float64'),
      extra: Tensor.of(1),
      'layers.2.weight': any([1]),
    };
    let message = '';
    try {
      loadStateDict(target, given);
    } catch (error) {
      expect(error).toBeInstanceOf(StateError);
      message = (error as Error).message;
    }
    expect(message).toMatchInlineSnapshot(`
      "loadStateDict: the state does not fit the model, so nothing was loaded
        misfit: layers.0.weight, expected float32 [2, 3], got float32 [3, 2]
        missing: layers.0.bias, float32 [3]
        no tensor: layers.2.weight, expected float32 [3, 2], got an array; write Tensor.of(values)
        misfit: layers.2.bias, expected float32 [2], got float64 [2]
        left over: extra, which the model does not have"
    `);
    for (const [path, parameter] of namedParameters(target)) expect(parameter.toArray()).toEqual(before[path]!.toArray());
  });

  test('a step with a learning rate that is not a number changes no parameter', () => {
    const target = model();
    const optimizer = new SGD(target, { learningRate: 1 });
    const before = stateDict(target);
    const tape = new Tape();
    const gradients: Gradients = tape.backward(tape.record(() => target.forward(Tensor.ones([1, 2])).sum()));
    optimizer.learningRate = NaN;
    expect(() => optimizer.step(gradients)).toThrow(/learningRate/);
    for (const [path, parameter] of namedParameters(target)) expect(parameter.toArray()).toEqual(before[path]!.toArray());
  });

  test('a function that throws while it is recorded leaves no tape recording', () => {
    const tape = new Tape();
    expect(() => tape.record(() => x23.add(any('1')))).toThrow(DtypeError);
    x23.neg();
    expect(tape.entries).toEqual([]);
    expect(tape.record(() => x23.neg())).toBeInstanceOf(Tensor);
    expect(tape.entries.length).toBe(1);
  });
});
