/**
 * What must hold for every operation, whatever it is. The tests walk the table of operations with these, and shrink what fails; `checkOperation`
 * holds them against an operation of a user's own.
 */

import { type Data, isFloat } from '../tensor/dtype.ts';
import { DerivativeError, ShapeError } from '../tensor/errors.ts';
import { machine } from '../tensor/kernels/index.ts';
import { type Home, plain } from '../tensor/machine.ts';
import type { ElementwiseOp, Op } from '../tensor/op.ts';
import { stack } from '../tensor/ops/concat.ts';
import { sameShape, show, sizeOf } from '../tensor/shape.ts';
import { perform, Tensor } from '../tensor/tensor.ts';
import { jvp, vjp } from './derivatives.ts';
import { performFused } from './fuse.ts';
import { gradcheck, gradgradcheck } from './gradcheck.ts';
import { vmap } from './vmap.ts';

export type AnyOp = Op<any, any>;

/** Arguments of an operation. */
export interface Sample {
  readonly inputs: Readonly<Record<string, Tensor>>;
  readonly attributes: object;
}

/** The arguments that an operation's `sample` gives, inputs and attributes apart. */
export function sampleOf(given: Readonly<Record<string, unknown>>): Sample {
  const isInput = ([, value]: [string, unknown]) => value instanceof Tensor;
  return {
    inputs: Object.fromEntries(Object.entries(given).filter(isInput)) as Sample['inputs'],
    attributes: Object.fromEntries(Object.entries(given).filter((entry) => !isInput(entry))),
  };
}

/** A property of operations: a sentence, and what throws where it does not hold. */
export interface OperationProperty {
  readonly title: string;
  /** Of what sizes the arguments are to be. */
  readonly sizes: { readonly min: number; readonly max: number };
  /** For how many arguments it is usually asked. */
  readonly runs: number;
  readonly holds: (op: AnyOp, sample: Sample) => void;
}

/** The operation as a function of those inputs that have a derivative; the others stay as they are. */
export function smooth(op: AnyOp, { inputs, attributes }: Sample): { f: (...xs: Tensor[]) => Tensor; xs: Tensor[] } {
  const names = Object.keys(inputs).filter((name) => (typeof op.backward === 'function' ? op.backward(name) : op.backward[name]) !== null);
  return {
    f: (...xs) => perform(op, { ...inputs, ...Object.fromEntries(names.map((name, i) => [name, xs[i]!])) }, attributes),
    xs: names.map((name) => inputs[name]!),
  };
}

const refuse = (op: AnyOp, why: string): never => {
  throw new DerivativeError(`${op.name}: ${why}`);
};

/** The numbers that an operation's `forward` gives, in an array. */
const numbersOf = (given: Data | Home): Data => (ArrayBuffer.isView(given) ? given : given.read());

/** Refuses arrays that differ in a bit; all NaN are alike. */
function sameBits(op: AnyOp, what: string, found: Data, wanted: Data): void {
  if (found.constructor !== wanted.constructor)
    refuse(op, `${what}: got a ${found.constructor.name}, expected a ${wanted.constructor.name}`);
  if (found.length !== wanted.length) refuse(op, `${what}: got ${found.length} elements, expected ${wanted.length}`);
  const differs = found.findIndex((x, i) => !Object.is(x, wanted[i]));
  if (differs >= 0) refuse(op, `${what}: element ${differs} is ${found[differs]}, expected ${wanted[differs]}`);
}

const sharesMemory = (a: Data, b: Data): boolean =>
  a.buffer === b.buffer && a.byteOffset < b.byteOffset + b.byteLength && b.byteOffset < a.byteOffset + a.byteLength;

/** Runs what may be refused only because there is nothing: no largest among no elements. */
function unlessEmpty({ inputs }: Sample, run: () => void): void {
  try {
    run();
  } catch (error) {
    if (!(error instanceof ShapeError) || Object.values(inputs).every((x) => x.size > 0)) throw error;
  }
}

/** Numbers without a pattern, the same each time. */
const scattered = (x: Tensor, by: number): Tensor =>
  new Tensor(
    x.shape,
    x.data.map((_, i) => (((i + by) * 29) % 13) / 8 - 0.7),
  );

/** Tries something with the same numbers the other way round, and with the same again where an operation does not take these. */
function differing<T>(xs: readonly Tensor[], attempt: (others: readonly Tensor[]) => T): T {
  try {
    return attempt(xs.map((x) => new Tensor(x.shape, x.data.slice().reverse())));
  } catch {
    return attempt(xs);
  }
}

const USUAL = { min: 1, max: 3 };

export const operationProperties: readonly OperationProperty[] = [
  {
    title: 'has the derivatives that small steps measure',
    sizes: USUAL,
    runs: 40,
    holds(op, sample) {
      const { f, xs } = smooth(op, sample);
      if (xs.length > 0) gradcheck(f, xs);
    },
  },
  {
    title: 'has the second derivatives that small steps measure',
    sizes: { min: 1, max: 2 },
    runs: 15,
    holds(op, sample) {
      const { f, xs } = smooth(op, sample);
      if (xs.length > 0) gradgradcheck(f, xs);
    },
  },
  {
    title: 'gives in float64 what its definition gives for the same numbers, and in float32 the same but for rounding',
    sizes: USUAL,
    runs: 40,
    holds(op, { inputs, attributes }) {
      const exact = perform(op, inputs, attributes);
      const narrow = Object.fromEntries(Object.entries(inputs).map(([key, x]) => [key, x.dtype === 'float64' ? x.cast('float32') : x]));
      const rounded = perform(op, narrow, attributes);
      if (exact.dtype === 'int32') return sameBits(op, 'in float32', rounded.data, exact.data);
      for (const [i, y] of exact.data.entries()) {
        if (Math.abs(rounded.data[i]! - y) <= 1e-5 * Math.max(1, Math.abs(y)) || Object.is(rounded.data[i], y)) continue;
        refuse(op, `element ${i} is ${y} in float64, ${rounded.data[i]} in float32`);
      }
    },
  },
  {
    title: 'is linear in the gradient that arrives, and its two directions are adjoint: ⟨u, J v⟩ = ⟨Jᵀ u, v⟩',
    sizes: USUAL,
    runs: 40,
    holds(op, sample) {
      const { f, xs } = smooth(op, sample);
      if (xs.length === 0) return;
      const [y, pullback] = vjp(f, ...xs);
      const [u, vs] = [scattered(y, 1), xs.map((x, i) => scattered(x, i + 2))];
      const pulled = pullback(u);
      const [, pushed] = jvp(f, xs, vs);
      const dot = (a: Tensor, b: Tensor) => a.mul(b).sum().item();
      const [left, right] = [dot(u, pushed), vs.reduce((sum, v, i) => sum + dot(pulled[i]!, v), 0)];
      if (!(Math.abs(left - right) <= 1e-10 * Math.max(1, Math.abs(left)))) refuse(op, `⟨u, J v⟩ is ${left}, ⟨Jᵀ u, v⟩ is ${right}`);
      const doubled = pullback(u.mul(2));
      for (const [i, x] of pulled.entries()) sameBits(op, 'twice the gradient that arrives', doubled[i]!.data, x.mul(2).data);
    },
  },
  {
    title: 'does not change with an input that it declares to have no derivative, but for jumps',
    sizes: USUAL,
    runs: 40,
    holds(op, { inputs, attributes }) {
      // Holding a gradient up is all that `stopGradient` is for.
      if (typeof op.backward === 'function' || op.name === 'stopGradient') return;
      for (const [key, x] of Object.entries(inputs)) {
        if (op.backward[key] !== null || x.dtype === 'int32') continue;
        const nudged = perform(op, { ...inputs, [key]: x.mul(1 + 2 ** -20) }, attributes);
        sameBits(op, `with a little more for ${key}, which has no derivative`, nudged.data, perform(op, inputs, attributes).data);
      }
    },
  },
  {
    title: 'leaves its inputs alone, and puts its result into memory of its own',
    sizes: { min: 0, max: 3 },
    runs: 40,
    holds: (op, sample) =>
      unlessEmpty(sample, () => {
        const { inputs, attributes } = sample;
        const before = Object.values(inputs).map((x) => x.data.slice());
        const [first, second] = [perform(op, inputs, attributes), perform(op, inputs, attributes)];
        sameBits(op, 'performed again', first.data, second.data);
        Object.entries(inputs).forEach(([name, x], i) => {
          sameBits(op, `input ${name} afterwards`, x.data, before[i]!);
          if (x.size > 0 && sharesMemory(x.data, first.data)) refuse(op, `its result shares memory with input ${name}`);
        });
      }),
  },
  {
    title: 'produces the shape that its shape rule announces, empty ones included',
    sizes: { min: 0, max: 4 },
    runs: 40,
    holds: (op, sample) =>
      unlessEmpty(sample, () => {
        const { inputs, attributes } = sample;
        const given = { ...inputs, ...attributes };
        const shape = op.shape(given);
        const { length } = numbersOf(op.forward(given, shape, machine()));
        if (length !== sizeOf(shape)) refuse(op, `announces shape ${show(shape)}, and gives ${length} numbers`);
        if (!sameShape(perform(op, inputs, attributes).shape, shape))
          refuse(op, `announces another shape than ${show(shape)} the second time`);
      }),
  },
  {
    title: 'passes gradients of the shape and dtype of each input, whatever was stretched',
    sizes: { min: 0, max: 3 },
    runs: 40,
    holds: (op, sample) =>
      unlessEmpty(sample, () => {
        const { f, xs } = smooth(op, sample);
        if (xs.length === 0) return;
        const [y, pullback] = vjp(f, ...xs);
        pullback(Tensor.ones(y.shape, y.dtype)).forEach((dx, i) => {
          const like = `${xs[i]!.dtype} ${show(xs[i]!.shape)}`;
          if (`${dx.dtype} ${show(dx.shape)}` !== like) refuse(op, `passes a gradient ${dx.dtype} ${show(dx.shape)} for ${like}`);
        });
      }),
  },
  {
    title: 'gives the same bits with kernels and with plain numbers',
    sizes: { min: 1, max: 4 },
    runs: 40,
    holds(op, { inputs, attributes }) {
      const given = { ...inputs, ...attributes };
      const shape = op.shape(given);
      sameBits(op, 'with kernels', numbersOf(op.forward(given, shape, machine())), numbersOf(op.forward(given, shape, plain)));
    },
  },
  {
    title: 'has derivative rules that give the same bits as one kernel and as operations one after another',
    sizes: USUAL,
    runs: 40,
    holds(op, { inputs, attributes }) {
      if (!('formula' in op)) return;
      const y = perform(op, inputs, attributes);
      if (!isFloat(y.dtype)) return;
      const scene: Record<string, Tensor> = { ...inputs, y, dy: scattered(y, 3) };
      for (const [name, rule] of Object.entries((op as ElementwiseOp).backward)) {
        const fused = rule && performFused(op, name, scene);
        if (!fused) continue;
        const performed = rule(scene as never) as unknown as Tensor;
        sameBits(op, `the derivative for ${name}`, performed.broadcastTo(fused.shape).data, fused.data);
      }
    },
  },
  {
    title: 'does for many examples at once what it does for each, whichever of its inputs differ',
    sizes: USUAL,
    runs: 20,
    holds(op, { inputs, attributes }) {
      const names = Object.keys(inputs);
      // Any choice of the first inputs: the binary digits of a number say which.
      for (let choice = 1; choice < 2 ** Math.min(names.length, 3); choice++) {
        const axes = names.map((_, i) => ((choice >> i) & 1 ? 0 : null));
        const run = (...xs: Tensor[]) => perform(op, Object.fromEntries(names.map((name, i) => [name, xs[i]!])), attributes);
        const batches = (others: readonly Tensor[]) =>
          names.map((name, i) => (axes[i] === null ? inputs[name]! : stack([inputs[name]!, others[i]!, inputs[name]!])));
        const each = (examples: readonly Tensor[]) =>
          stack([0, 1, 2].map((which) => run(...examples.map((x, i) => (axes[i] === null ? x : x.slice([which]))))));
        const { examples, wanted } = differing(Object.values(inputs), (others) => {
          const examples = batches(others);
          return { examples, wanted: each(examples) };
        });
        const found = vmap(run, { axes })(...examples);
        const like = `${found.dtype} ${show(found.shape)}`;
        if (like !== `${wanted.dtype} ${show(wanted.shape)}`)
          refuse(op, `gives ${like} for three examples, expected ${wanted.dtype} ${show(wanted.shape)}`);
        const wrong = found.data.findIndex((y, i) => {
          const x = wanted.data[i]!;
          return !(Object.is(x, y) || Math.abs(x - y) <= 1e-12 * Math.max(1, Math.abs(x)));
        });
        if (wrong >= 0)
          refuse(
            op,
            `for three examples with another ${names.filter((_, i) => axes[i] === 0).join(', ')}, element ${wrong} is ${found.data[wrong]}, expected ${wanted.data[wrong]}`,
          );
      }
    },
  },
];
