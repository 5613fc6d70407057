/** What the compiler must see, and what it must refuse. Checked by `tsc`; never run. */

import { expectTypeOf } from 'vitest';
import {
  crossEntropy,
  gelu,
  grad,
  jvp,
  type Layer,
  Linear,
  Parameter,
  relu,
  Sequential,
  SGD,
  Sigmoid,
  SoftmaxCrossEntropy,
  stack,
  Tape,
  Tensor,
  valueAndGrad,
  vjp,
} from '../../src/index.ts';

declare const n: number;
declare const unsaid: Tensor;
declare const rows: Tensor<[number, 784]>;

const a = Tensor.of([
  [1, 2, 3],
  [4, 5, 6],
]);
const column = Tensor.zeros([3, 1]);

// What is known is seen.
expectTypeOf(a).toEqualTypeOf<Tensor<[2, 3]>>();
expectTypeOf(Tensor.of(1)).toEqualTypeOf<Tensor<[]>>();
expectTypeOf(Tensor.eye(4)).toEqualTypeOf<Tensor<[4, 4]>>();
expectTypeOf(
  a
    .matmul(Tensor.zeros([3, 5]))
    .add(Tensor.zeros([5]))
    .sigmoid(),
).toEqualTypeOf<Tensor<[2, 5]>>();
expectTypeOf(a.add(1)).toEqualTypeOf<Tensor<[2, 3]>>();
expectTypeOf(column.mul(Tensor.zeros([4]))).toEqualTypeOf<Tensor<[3, 4]>>();
expectTypeOf(Tensor.zeros([5, 2, 1]).add(a)).toEqualTypeOf<Tensor<[5, 2, 3]>>();
expectTypeOf(a.transpose()).toEqualTypeOf<Tensor<[3, 2]>>();
expectTypeOf(a.sum()).toEqualTypeOf<Tensor<[]>>();
expectTypeOf(a.sum(0)).toEqualTypeOf<Tensor<[3]>>();
expectTypeOf(a.mean(1)).toEqualTypeOf<Tensor<[2]>>();
expectTypeOf(a.argmax()).toEqualTypeOf<Tensor<[]>>();
expectTypeOf(a.reshape([3, 2])).toEqualTypeOf<Tensor<[3, 2]>>();
expectTypeOf(a.reshape([-1, 2])).toEqualTypeOf<Tensor<[number, 2]>>();
expectTypeOf(unsaid.as([-1, 784])).toEqualTypeOf<Tensor<[number, 784]>>();
expectTypeOf(new Sigmoid().forward(a)).toEqualTypeOf<Tensor<[2, 3]>>();
expectTypeOf(new Linear(784, 128).forward(Tensor.zeros([n, 784]))).toEqualTypeOf<Tensor<[number, 128]>>();
expectTypeOf(new Linear(16, 8).forward(Tensor.zeros([4, 7, 16]))).toEqualTypeOf<Tensor<[4, 7, 8]>>();
expectTypeOf(new Linear(16, 8).forward(Tensor.zeros([16]))).toEqualTypeOf<Tensor<[8]>>();
expectTypeOf(new Linear(16, 8).forward(Tensor.zeros([4, n]))).toEqualTypeOf<Tensor<[4, 8]>>();

// A model has the shapes of its layers: functions, layers that keep the shape, and models within.
const classifier = new Sequential(new Linear(784, 300), relu, new Sigmoid(), new Linear(300, 10));
expectTypeOf(classifier.forward(rows)).toEqualTypeOf<Tensor<[number, 10]>>();
expectTypeOf(classifier.forward(Tensor.zeros([2, 3, 784]))).toEqualTypeOf<Tensor<[2, 3, 10]>>();
expectTypeOf(classifier.forward(unsaid)).toEqualTypeOf<Tensor>();
expectTypeOf(new Sequential(classifier, gelu, new Linear(10, 2)).forward(rows)).toEqualTypeOf<Tensor<[number, 2]>>();
expectTypeOf(new Sequential(relu).forward(a)).toEqualTypeOf<Tensor<[2, 3]>>();
expectTypeOf(new Sequential((x) => x.mul(2)).forward(a)).toEqualTypeOf<Tensor>();
expectTypeOf(new Sequential(new Linear(784, 300), (x) => x.slice([0]), new Linear(1, 2)).forward(rows)).toEqualTypeOf<Tensor>();
expectTypeOf(new Sequential(new Linear(n, 300), new Linear(300, n)).forward(rows)).toEqualTypeOf<Tensor<[number, number]>>();
declare const layers: Layer[];
expectTypeOf(new Sequential(...layers).forward(rows)).toEqualTypeOf<Tensor>();
expectTypeOf(classifier).toExtend<Sequential>();
expectTypeOf(classifier).toExtend<Layer>();
export class Residual {
  readonly linear = new Linear(784, 784);
  forward<N extends number>(x: Tensor<[N, 784]>): Tensor<[N, 784]> {
    return this.linear.forward(x);
  }
}

expectTypeOf(new SoftmaxCrossEntropy().forward(Tensor.zeros([64, 10]), Tensor.zeros([64], 'int32'))).toEqualTypeOf<Tensor<[]>>();
expectTypeOf(new SoftmaxCrossEntropy({ reduction: 'none' }).forward(Tensor.zeros([64, 10]), Tensor.zeros([64], 'int32'))).toEqualTypeOf<
  Tensor<[64]>
>();
expectTypeOf(crossEntropy(Tensor.zeros([64, 10]), Tensor.zeros([64], 'int32'))).toEqualTypeOf<Tensor<[]>>();
expectTypeOf(crossEntropy(Tensor.zeros([64, 10]), Tensor.zeros([64, 10]), { reduction: 'none' })).toEqualTypeOf<Tensor<[64]>>();
expectTypeOf(crossEntropy(unsaid, unsaid, { labelSmoothing: 0.1 })).toEqualTypeOf<Tensor<[]>>();
expectTypeOf(Tensor.fromTypedArray(new Float32Array(4), { shape: [2, 2] })).toEqualTypeOf<Tensor<[2, 2]>>();
expectTypeOf(Tensor.fromTypedArray(new Float32Array(4), [2, 2])).toEqualTypeOf<Tensor<[2, 2]>>();
expectTypeOf(a.sum(undefined)).toEqualTypeOf<Tensor<[]>>();
expectTypeOf(a.sum([])).toEqualTypeOf<Tensor<[2, 3]>>();
expectTypeOf(a.argmax(0)).toEqualTypeOf<Tensor<[3]>>();
expectTypeOf(a.toArray()).toEqualTypeOf<number[][]>();
expectTypeOf(new Parameter(a)).toExtend<Tensor<[2, 3]>>();

// What is not said goes anywhere.
expectTypeOf(unsaid.matmul(a)).toEqualTypeOf<Tensor>();
expectTypeOf(a.matmul(unsaid)).toEqualTypeOf<Tensor>();
expectTypeOf(new Linear(784, 128).forward(unsaid)).toEqualTypeOf<Tensor>();
expectTypeOf(new Linear(784, 128).forward(rows)).toEqualTypeOf<Tensor<[number, 128]>>();
expectTypeOf(a.add(unsaid)).toEqualTypeOf<Tensor>();
expectTypeOf(stack([a, a])).toEqualTypeOf<Tensor>();

// Derivatives have the shapes of what they are derivatives by.
expectTypeOf(grad((x: Tensor<[2, 3]>) => x.sum())(a)).toEqualTypeOf<Tensor<[2, 3]>>();
expectTypeOf(grad((_: Tensor<[2, 3]>, w: Tensor<[3]>) => w.sum(), 1)(a, Tensor.zeros([3]))).toEqualTypeOf<Tensor<[3]>>();
expectTypeOf(valueAndGrad((x: Tensor<[2, 3]>) => x.sum())(a)).toEqualTypeOf<[Tensor, Tensor<[2, 3]>]>();
expectTypeOf(vjp((x: Tensor<[2, 3]>) => x.sum(0), a)[0]).toEqualTypeOf<Tensor<[3]>>();
expectTypeOf(jvp((x: Tensor<[2, 3]>) => x.sum(0), [a], [a])[1]).toEqualTypeOf<Tensor<[3]>>();
expectTypeOf(new Tape().backward(unsaid, [a, column])).toEqualTypeOf<[Tensor<[2, 3]>, Tensor<[3, 1]>]>();

// A size that only the program knows stretches, and fits, like any.
expectTypeOf(rows.add(Tensor.zeros([784]))).toEqualTypeOf<Tensor<[number, 784]>>();
expectTypeOf(rows.matmul(Tensor.zeros([784, 10]))).toEqualTypeOf<Tensor<[number, 10]>>();
expectTypeOf(rows.mean(0)).toEqualTypeOf<Tensor<[784]>>();
expectTypeOf(rows.sum(1)).toEqualTypeOf<Tensor<[number]>>();
expectTypeOf(a.as([2, 3])).toEqualTypeOf<Tensor<[2, 3]>>();

// Where the compiler does not follow, it says nothing: several axes, kept axes, axes from the end, batches.
expectTypeOf(a.sum([0, 1])).toEqualTypeOf<Tensor>();
expectTypeOf(a.sum(0, { keepDims: true })).toEqualTypeOf<Tensor>();
expectTypeOf(a.max(-1)).toEqualTypeOf<Tensor>();
expectTypeOf(Tensor.zeros([5, 2, 3]).matmul(Tensor.zeros([3, 4]))).toEqualTypeOf<Tensor>();
expectTypeOf(a.slice([1])).toEqualTypeOf<Tensor>();

// Elements keep their shape, whatever is done to each.
expectTypeOf(a.exp().log().sqrt().tanh().relu().neg().abs().softmax()).toEqualTypeOf<Tensor<[2, 3]>>();
expectTypeOf(a.gather(1, Tensor.zeros([2, 1], 'int32'))).toEqualTypeOf<Tensor<[2, 1]>>();
expectTypeOf(a.broadcastTo([4, 2, 3])).toEqualTypeOf<Tensor<[4, 2, 3]>>();
expectTypeOf(a.item()).toEqualTypeOf<number>();
expectTypeOf(Tensor.arange(5)).toEqualTypeOf<Tensor<[number]>>();
expectTypeOf(new Linear(784, 10).weight).toEqualTypeOf<Parameter<[784, 10]>>();
expectTypeOf(new Linear(784, 10).bias).toEqualTypeOf<Parameter<[10]> | undefined>();

// What does not fit is refused.
// @ts-expect-error 4 is not 3
a.matmul(Tensor.zeros([4, 5]));
// @ts-expect-error 3 and 4 do not broadcast
a.add(Tensor.zeros([4]));
// @ts-expect-error 3 and 2 do not broadcast
a.less(Tensor.zeros([2]));
// @ts-expect-error 100 is not 784
new Linear(784, 128).forward(Tensor.zeros([64, 100]));
// @ts-expect-error the last of three axes is not 784
new Linear(784, 128).forward(Tensor.zeros([784, 784, 100]));
// @ts-expect-error a number has no last axis
new Linear(784, 128).forward(Tensor.of(1));
// @ts-expect-error 200 is not 300
new Sequential(new Linear(784, 300), relu, new Linear(200, 10));
// @ts-expect-error a model that gives 10 is followed by a layer that expects 11
new Sequential(classifier, relu, new Linear(11, 2));
// @ts-expect-error the model expects 784
classifier.forward(Tensor.zeros([64, 100]));
// @ts-expect-error a schedule gives numbers
new SGD(new Linear(2, 3), { learningRate: () => '0.1' });
// @ts-expect-error 12 classes are not 10
new SoftmaxCrossEntropy().forward(Tensor.zeros([64, 10]), Tensor.zeros([64, 12]));
// @ts-expect-error 32 targets for 64 rows
new SoftmaxCrossEntropy().forward(Tensor.zeros([64, 10]), Tensor.zeros([32], 'int32'));
// @ts-expect-error 32 targets for 64 rows
crossEntropy(Tensor.zeros([64, 10]), Tensor.zeros([32], 'int32'));
// @ts-expect-error 784 is not 10
new Linear(784, 10).forward(new Linear(784, 10).forward(rows));
// @ts-expect-error a row of 3 is no tensor
a.add([1, 2, 3]);
// @ts-expect-error axes are numbers
a.sum('0');
// @ts-expect-error a shape is an array
a.reshape(6);
// @ts-expect-error this is known to be [2, 3]
expectTypeOf(a).toEqualTypeOf<Tensor<[3, 2]>>();
// @ts-expect-error a direction of another shape
jvp((x: Tensor<[2, 3]>) => x.sum(0), [a], [column]);
// @ts-expect-error a pullback of another shape
vjp((x: Tensor<[2, 3]>) => x.sum(0), a)[1](column);
// @ts-expect-error targets may not be left out
new SoftmaxCrossEntropy().forward(Tensor.zeros([64, 10]));
// @ts-expect-error no such initialization
new Linear(2, 3, { initialization: 'he' });
// @ts-expect-error layers must have a forward method
new Sequential(new Sigmoid(), {});
// @ts-expect-error a model cannot do without a learning rate
new SGD(new Linear(2, 3), {});
// @ts-expect-error no such dtype
Tensor.zeros([2], 'float16');
// @ts-expect-error a tensor has no gradient of its own
a.grad;
// @ts-expect-error tensors do not change
a.shape[0] = 5;

/** A helper over any shape needs no cast. */
export const squaredError = <S extends readonly number[]>(y: Tensor<S>, t: Tensor): Tensor<[]> => {
  const error = y.sub(t);
  return error.mul(error).sum();
};
