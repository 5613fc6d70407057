/**
 * What must hold for every operation, whatever it is. The tests check every operation of the table with these, and shrink what fails;
 * `checkOperation` checks an operation of a user's own.
 */

import { isFloat } from '../../base/dtype.ts';
import { formatShape, sameShape, sizeOf } from '../../base/shape.ts';
import { machine } from '../../machine/backend.ts';
import { plain } from '../../machine/plain.ts';
import type { RuleArguments } from '../../tensor/op.ts';
import { perform, Tensor } from '../../tensor/tensor.ts';
import { performDirectly, performFused } from '../fuse.ts';
import { ruleOf } from '../rules.ts';
import { jvp, vjp } from '../transforms/derivatives.ts';
import { checkBatching } from './check-batching.ts';
import { gradcheck, gradgradcheck } from './gradcheck.ts';
import { sharesMemory } from './same-data.ts';
import { type AnyOp, refuse, type Sample, sameBits, scattered, smooth, unlessEmpty } from './samples.ts';

/** A property of operations: a sentence, and what throws where it does not hold. */
export interface OperationProperty {
  readonly title: string;
  /** The sizes of the arguments' axes. */
  readonly sizes: { readonly min: number; readonly max: number };
  /** For how many random arguments the tests check it. */
  readonly runs: number;
  readonly holds: (op: AnyOp, sample: Sample) => void;
}

const USUAL = { min: 1, max: 3 };

export const operationProperties: readonly OperationProperty[] = [
  {
    title: 'has the derivatives that finite differences measure',
    sizes: USUAL,
    runs: 40,
    holds(op, sample) {
      const { f, xs } = smooth(op, sample);
      if (xs.length > 0) gradcheck(f, xs);
    },
  },
  {
    title: 'has the second derivatives that finite differences measure',
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
      if (typeof op.backward === 'function' || op.stopsGradient) return;
      for (const [key, x] of Object.entries(inputs)) {
        if (op.backward[key] !== null || x.dtype === 'int32') continue;
        const nudged = perform(op, { ...inputs, [key]: x.mul(1 + 2 ** -20) }, attributes);
        sameBits(op, `with a little more for ${key}, which has no derivative`, nudged.data, perform(op, inputs, attributes).data);
      }
    },
  },
  {
    title: 'does not change its inputs, and puts its result into memory of its own',
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
        const { length } = op.forward(given, shape, machine());
        if (length !== sizeOf(shape)) refuse(op, `announces shape ${formatShape(shape)}, and gives ${length} numbers`);
        if (!sameShape(perform(op, inputs, attributes).shape, shape))
          refuse(op, `announces another shape than ${formatShape(shape)} the second time`);
      }),
  },
  {
    title: 'passes back gradients of the shape and dtype of each input, whatever was broadcast',
    sizes: { min: 0, max: 3 },
    runs: 40,
    holds: (op, sample) =>
      unlessEmpty(sample, () => {
        const { f, xs } = smooth(op, sample);
        if (xs.length === 0) return;
        const [y, pullback] = vjp(f, ...xs);
        pullback(Tensor.ones(y.shape, y.dtype)).forEach((dx, i) => {
          const like = `${xs[i]!.dtype} ${formatShape(xs[i]!.shape)}`;
          if (`${dx.dtype} ${formatShape(dx.shape)}` !== like)
            refuse(op, `passes a gradient ${dx.dtype} ${formatShape(dx.shape)} for ${like}`);
        });
      }),
  },
  {
    title: 'gives the same bits with kernels and by its definition',
    sizes: { min: 1, max: 4 },
    runs: 40,
    holds(op, { inputs, attributes }) {
      const given = { ...inputs, ...attributes };
      const shape = op.shape(given);
      sameBits(op, 'with kernels', op.forward(given, shape, machine()), op.forward(given, shape, plain));
    },
  },
  {
    title: 'has derivative rules that give the same bits as one kernel and as operations one after another',
    sizes: USUAL,
    runs: 40,
    holds(op, { inputs, attributes }) {
      if (!('formula' in op || op.directBackward)) return;
      const y = perform(op, inputs, attributes);
      if (!isFloat(y.dtype)) return;
      const given: RuleArguments<string, object> = { ...inputs, ...attributes, y, dy: scattered(y, 3) };
      for (const name of Object.keys(inputs)) {
        const rule = ruleOf(op, name);
        const fused = rule && (performDirectly(op, name, given) ?? performFused(op, name, given));
        if (!fused) continue;
        const performed = rule(given);
        sameBits(op, `the derivative for ${name}`, performed.broadcastTo(fused.shape).data, fused.data);
      }
    },
  },
  {
    title: 'gives for many examples at once what it gives for each, whichever of its inputs differ',
    sizes: USUAL,
    runs: 20,
    holds: checkBatching,
  },
];
