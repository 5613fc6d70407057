/** Graphs of ONNX evaluated node by node, as its specification of the operators says: slow, and for tests alone. */

import { concat, cumsum, erf, prod, softplus, Tensor } from '../../../src/index.ts';
import type { Attribute, Decoded, DecodedTensor } from './decode.ts';
import { windowed } from './windowed.ts';

type Attributes = Readonly<Record<string, Attribute>>;
type Evaluate = (inputs: readonly Tensor[], attributes: Attributes) => Tensor | readonly Tensor[];

/** Kinds of number by number; those of 64 bits are int32 here, and so are truth values. */
const DTYPES = { 1: 'float32', 6: 'int32', 7: 'int32', 9: 'int32', 11: 'float64' } as const;
const dtypeOf = (kind: number) => DTYPES[kind as keyof typeof DTYPES];
const list = (x: Tensor): number[] => [...x.data];
const ints = (value: Attribute | undefined): readonly number[] => value as readonly number[];

const each = (f: (x: number) => number): Evaluate => ([x]) => new Tensor(x!.shape, x!.data.map((n) => f(n))); // biome-ignore format: a line

/** Element against element, by a method that broadcasts. */
const compared = (f: (a: Tensor, b: Tensor) => Tensor): Evaluate => ([a, b]) => f(a!, b!).cast('int32'); // biome-ignore format: a line

function reshaped([x, shape]: readonly Tensor[], { allowzero }: Attributes): Tensor {
  const to = list(shape!).map((size, axis) => (size === 0 && !allowzero ? x!.shape[axis]! : size));
  return x!.reshape(to);
}

function sliced([x, starts, ends, axes, steps]: readonly Tensor[]): Tensor {
  let y = x!;
  list(axes!).forEach((axis, i) => {
    const [size, step] = [y.shape[axis]!, steps!.data[i]!];
    const place = (at: number, least: number, most: number) => Math.min(Math.max(at < 0 ? at + size : at, least), most);
    const from = step > 0 ? place(starts!.data[i]!, 0, size) : place(starts!.data[i]!, 0, size - 1);
    const to = step > 0 ? place(ends!.data[i]!, 0, size) : place(ends!.data[i]!, -1, size - 1);
    const places = Array.from({ length: Math.max(0, Math.ceil((to - from) / step)) }, (_, k) => from + k * step);
    y = taken(y, places, axis);
  });
  return y;
}

/** The parts of a tensor at some places along an axis. */
const taken = (x: Tensor, places: readonly number[], axis: number): Tensor => {
  const shape = x.shape.with(axis, places.length);
  const index = Tensor.of(places.length > 0 ? [...places] : [0], 'int32').slice([[0, places.length]]);
  return x.gather(axis, index.reshape(shape.map((n, i) => (i === axis ? n : 1))).broadcastTo(shape));
};

function padded([x, pads, value]: readonly Tensor[]): Tensor {
  const rank = x!.rank;
  return x!.shape.reduce((y, _, axis) => {
    const side = (n: number) => Tensor.full(y.shape.with(axis, n), value!.data[0]!, y.dtype);
    const [before, after] = [pads!.data[axis]!, pads!.data[axis + rank]!];
    return concat([side(before), y, side(after)], axis);
  }, x!);
}

function reduced(f: (x: Tensor, axes: readonly number[], options: { keepDims: boolean }) => Tensor): Evaluate {
  return ([x, axes], attributes) => f(x!, axes ? list(axes) : ints(attributes['axes']), { keepDims: attributes['keepdims'] !== 0 });
}

function scattered([x, indices, updates]: readonly Tensor[], { axis, reduction }: Attributes): Tensor {
  const to = x!.data.slice();
  const strides = x!.shape.map((_, i) => x!.shape.slice(i + 1).reduce((a, b) => a * b, 1));
  indices!.data.forEach((index, place) => {
    let [rest, at] = [place, 0];
    for (let i = x!.rank - 1; i >= 0; i--) {
      const size = indices!.shape[i]!;
      at += (i === axis ? index : rest % size) * strides[i]!;
      rest = Math.floor(rest / size);
    }
    to[at] = reduction === 'add' ? to[at]! + updates!.data[place]! : updates!.data[place]!;
  });
  return new Tensor(x!.shape, to);
}

function modulo([a, b]: readonly Tensor[], { fmod }: Attributes): Tensor {
  const [x, y] = [a!.add(b!.mul(0)), b!.add(a!.mul(0))];
  const of = (n: number, by: number) => (fmod || n % by === 0 || n < 0 === by < 0 ? n % by : (n % by) + by);
  return new Tensor(x.shape, x.data.map((n, i) => of(n, y.data[i]!))); // biome-ignore format: a line
}

const gemm: Evaluate = ([a, b], { transA, transB }) => (transA ? a!.permute([1, 0]) : a!).matmul(transB ? b!.permute([1, 0]) : b!);

function sorted([x]: readonly Tensor[], { axis, largest }: Attributes): readonly Tensor[] {
  const last = swapped(x!, axis as number);
  const n = last.shape.at(-1)!;
  const places = new Int32Array(last.size);
  for (let row = 0; row < last.size; row += n) {
    const line = [...last.data.slice(row, row + n)];
    const found = line.map((_, i) => i).sort((i, j) => (largest ? line[j]! - line[i]! : line[i]! - line[j]!) || i - j);
    found.forEach((from, i) => (places[row + i] = from));
  }
  const found = swapped(new Tensor(last.shape, places), axis as number);
  return [x!.gather(axis as number, found), found];
}

/** Truncated where whole numbers are asked for. */
const converted = (x: Tensor, to: 'float32' | 'float64' | 'int32'): Tensor =>
  (to === 'int32' && x.dtype !== 'int32' ? x.trunc() : x).cast(to);

/** An axis and the last one in each other's place. */
const swapped = (x: Tensor, axis: number): Tensor => {
  const last = x.rank - 1;
  return x.permute(x.shape.map((_, i) => (i === axis ? last : i === last ? axis : i)));
};

function summedUp(x: Tensor, axis: number, reverse: boolean): Tensor {
  const turned = (y: Tensor) => taken(y, Array.from({ length: x.shape[axis]! }, (_, i) => x.shape[axis]! - 1 - i), axis); // biome-ignore format: a line
  return reverse ? turned(cumsum(turned(x), axis)) : cumsum(x, axis);
}

const unsqueezed: Evaluate = ([x, axes]) => x!.unsqueeze(axes!.data[0]!);

const EVALUATE: Readonly<Record<string, Evaluate>> = {
  Add: ([a, b]) => a!.add(b!),
  Sub: ([a, b]) => a!.sub(b!),
  Mul: ([a, b]) => a!.mul(b!),
  Div: ([a, b]) => a!.div(b!),
  Sum: ([a, ...others]) => others.reduce((sum, x) => sum.add(x), a!),
  Pow: ([a, b]) => a!.pow(b!),
  Max: ([a, b]) => a!.maximum(b!),
  Min: ([a, b]) => a!.minimum(b!),
  Less: compared((a, b) => a.less(b)),
  LessOrEqual: compared((a, b) => a.lessEqual(b)),
  Equal: compared((a, b) => a.equal(b)),
  Where: ([condition, yes, no]) => condition!.cast(yes!.dtype).where(yes!, no!),
  Mod: modulo,
  Neg: each((x) => -x),
  Abs: each(Math.abs),
  Sqrt: each(Math.sqrt),
  Floor: each(Math.floor),
  Exp: each(Math.exp),
  Log: each(Math.log),
  Tanh: each(Math.tanh),
  Sigmoid: each((x) => 1 / (1 + Math.exp(-x))),
  Sin: each(Math.sin),
  Cos: each(Math.cos),
  Tan: each(Math.tan),
  Asin: each(Math.asin),
  Acos: each(Math.acos),
  Atan: each(Math.atan),
  Sinh: each(Math.sinh),
  Cosh: each(Math.cosh),
  Asinh: each(Math.asinh),
  Acosh: each(Math.acosh),
  Atanh: each(Math.atanh),
  Relu: each((x) => Math.max(x, 0)),
  Erf: ([x]) => erf(x!),
  Softplus: ([x]) => softplus(x!),
  Cast: ([x], { to }) => converted(x!, dtypeOf(to as number)),
  Identity: ([x]) => x!,
  Reshape: reshaped,
  Transpose: ([x], { perm }) => x!.permute(ints(perm)),
  Expand: ([x, shape]) => x!.mul(Tensor.ones(list(shape!), x!.dtype)),
  Slice: sliced,
  Pad: padded,
  Concat: (xs, { axis }) => concat([...xs], axis as number),
  Gather: ([x, indices], { axis = 0 }) => taken(x!, list(indices!), axis as number),
  GatherElements: ([x, indices], { axis }) => x!.gather(axis as number, indices!),
  ScatterElements: scattered,
  Unsqueeze: unsqueezed,
  Squeeze: ([x]) => x!.reshape([]),
  Shape: ([x]) => Tensor.of([...x!.shape], 'int32'),
  Range: ([start, end]) => Tensor.arange(start!.item(), end!.item(), { dtype: 'int32' }),
  MatMul: ([a, b]) => a!.matmul(b!),
  Gemm: gemm,
  ReduceSum: reduced((x, axes, options) => x.sum(axes, options)),
  ReduceMax: reduced((x, axes, options) => x.max(axes, options)),
  ReduceMin: reduced((x, axes, options) => x.min(axes, options)),
  ReduceMean: reduced((x, axes, options) => x.mean(axes, options)),
  ReduceProd: reduced((x, axes, options) => prod(x, axes, options)),
  ArgMax: ([x], { axis, keepdims }) => x!.argmax(axis as number, { keepDims: keepdims !== 0 }),
  ArgMin: ([x], { axis, keepdims }) => x!.argmin(axis as number, { keepDims: keepdims !== 0 }),
  Softmax: ([x], { axis }) => x!.softmax(axis as number),
  LogSoftmax: ([x], { axis }) => x!.logSoftmax(axis as number),
  CumSum: ([x, axis], { reverse }) => summedUp(x!, axis!.item(), reverse === 1),
  TopK: sorted,
  ...windowed,
};

const BYTES = { float32: Float32Array, float64: Float64Array, int32: Int32Array };

/** A constant of a graph. int64 is read as int32, float16 bit by bit. */
export function tensorOf({ kind, sizes, bytes }: DecodedTensor): Tensor {
  const own = bytes.slice().buffer;
  if (kind === 7)
    return new Tensor(
      sizes,
      Int32Array.from(new BigInt64Array(own), (n) => Number(BigInt.asIntN(32, n))),
    );
  if (kind === 10) return new Tensor(sizes, Float32Array.from(new Uint16Array(own), half));
  return new Tensor(sizes, new BYTES[dtypeOf(kind)](own));
}

function half(bits: number): number {
  const [exponent, fraction] = [(bits >> 10) & 31, bits & 1023];
  const size = exponent === 0 ? fraction * 2 ** -24 : (1024 + fraction) * 2 ** (exponent - 25);
  return bits & 0x8000 ? -size : size;
}

/** The results of a graph for some inputs, by name. What a node reads must have been written before. */
export function evaluate(model: Decoded, inputs: Readonly<Record<string, Tensor>>): Readonly<Record<string, Tensor>> {
  const values = new Map([...Object.entries(inputs), ...model.initializers.map((one) => [one.name, tensorOf(one)] as const)]);
  const read = (name: string): Tensor => {
    const value = values.get(name);
    if (value) return value;
    throw new Error(`${name} is read before it is written`);
  };
  for (const { type, inputs: names, outputs, attributes } of model.nodes) {
    const node = EVALUATE[type];
    if (!node) throw new Error(`no operation of ONNX that is known here: ${type}`);
    const found = node(names.map(read), attributes);
    outputs.forEach((name, i) => {
      if (values.has(name)) throw new Error(`${name} is written twice`);
      values.set(name, found instanceof Tensor ? found : found[i]!);
    });
  }
  return Object.fromEntries(model.outputs.map(({ name }) => [name, read(name)]));
}
