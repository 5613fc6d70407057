/**
 * Every operation of the table `ops/index.ts` is checked here, by properties that hold for all of them. An operation that is added there is
 * checked without a further line. What an operation declares of itself (its sample) says where it is defined and smooth.
 */

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { gradcheck, jvp, vjp } from '../../src/autograd/index.ts';
import { ShapeError } from '../../src/tensor/errors.ts';
import { formula } from '../../src/tensor/formula.ts';
import { machine } from '../../src/tensor/kernels/index.ts';
import { plain } from '../../src/tensor/machine.ts';
import type { ElementwiseOp, Op } from '../../src/tensor/op.ts';
import * as ops from '../../src/tensor/ops/index.ts';
import { sameShape } from '../../src/tensor/shape.ts';
import { perform, Tensor } from '../../src/tensor/tensor.ts';
import { evaluator } from '../lib/evaluator.ts';
import { expectSameBits, numbersOf, sharesMemory } from '../lib/same.ts';
import { type Sample, samples } from '../lib/samples.ts';

type AnyOp = Op<any, any>;

/** The operation as a function of those inputs that have a derivative; the others stay as they are. */
function smooth(op: AnyOp, { inputs, attributes }: Sample): { f: (...xs: Tensor[]) => Tensor; xs: Tensor[] } {
  const names = Object.keys(inputs).filter((name) => (typeof op.backward === 'function' ? op.backward(name) : op.backward[name]) !== null);
  return {
    f: (...xs) => perform(op, { ...inputs, ...Object.fromEntries(names.map((name, i) => [name, xs[i]!])) }, attributes),
    xs: names.map((name) => inputs[name]!),
  };
}

/** Every operation under the name it is listed by. */
const table = Object.entries(ops) as [string, AnyOp][];

describe.each(table)('%s', (name, op) => {
  const always = (holds: (sample: Sample) => void, arbitrary = samples(op), numRuns = 40) =>
    fc.assert(
      fc.property(arbitrary, (sample) => void holds(sample)),
      { numRuns },
    );

  test('goes by the name it is listed under', () => expect(op.name).toBe(name));

  test('gives in float64 what its definition gives for the same numbers, and in float32 the same but for rounding', () =>
    always(({ inputs, attributes }) => {
      const exact = perform(op, inputs, attributes);
      const narrow = Object.fromEntries(Object.entries(inputs).map(([key, x]) => [key, x.dtype === 'float64' ? x.cast('float32') : x]));
      const rounded = perform(op, narrow, attributes);
      if (exact.dtype === 'int32') expectSameBits(rounded.data, exact.data);
      exact.data.forEach((y, i) => expect(Math.abs(rounded.data[i]! - y)).toBeLessThanOrEqual(1e-5 * Math.max(1, Math.abs(y))));
    }));

  test('has the derivatives that small steps measure', () =>
    always((sample) => {
      const { f, xs } = smooth(op, sample);
      if (xs.length > 0) gradcheck(f, xs);
    }));

  test('has the second derivatives that small steps measure', () =>
    always(
      (sample) => {
        const { f, xs } = smooth(op, sample);
        if (xs.length === 0) return;
        // A seed that varies, so that the slope of the slope has to do with all of it.
        const [y] = vjp(f, ...xs);
        const seed = new Tensor(
          y.shape,
          y.data.map((_, i) => 0.5 + ((i * 7) % 5) / 4),
        );
        xs.forEach((_, i) => gradcheck((...at: Tensor[]) => vjp(f, ...at)[1](seed)[i]!, xs, { tolerance: 1e-5 }));
      },
      samples(op, { sizes: { min: 1, max: 2 } }),
      15,
    ));

  test('is linear in the gradient that arrives, and its two directions are adjoint: ⟨u, J v⟩ = ⟨Jᵀ u, v⟩', () =>
    always((sample) => {
      const { f, xs } = smooth(op, sample);
      if (xs.length === 0) return;
      const like = (x: Tensor, by: number) =>
        new Tensor(
          x.shape,
          x.data.map((_, i) => (((i + by) * 29) % 13) / 8 - 0.7),
        );
      const [y, pullback] = vjp(f, ...xs);
      const [u, vs] = [like(y, 1), xs.map((x, i) => like(x, i + 2))];
      const pulled = pullback(u);
      const [, pushed] = jvp(f, xs, vs);
      const dot = (a: Tensor, b: Tensor) => a.mul(b).sum().item();
      const [left, right] = [dot(u, pushed), vs.reduce((sum, v, i) => sum + dot(pulled[i]!, v), 0)];
      expect(Math.abs(left - right)).toBeLessThanOrEqual(1e-10 * Math.max(1, Math.abs(left)));
      const doubled = pullback(u.mul(2));
      for (const [i, x] of pulled.entries()) expectSameBits(doubled[i]!.data, x.mul(2).data);
    }));

  test('does not change with an input that it declares to have no derivative, but for jumps', () =>
    always(({ inputs, attributes }) => {
      // Holding a gradient up is all that `stopGradient` is for.
      if (typeof op.backward === 'function' || op === ops.stopGradient) return;
      for (const [key, x] of Object.entries(inputs)) {
        if (op.backward[key] !== null || x.dtype === 'int32') continue;
        const nudged = perform(op, { ...inputs, [key]: x.mul(1 + 2 ** -20) }, attributes);
        expectSameBits(nudged.data, perform(op, inputs, attributes).data);
      }
    }));

  /** Runs what may be refused only because there is nothing: no largest among no elements. */
  const unlessEmpty = ({ inputs }: Sample, run: () => void) => {
    try {
      run();
    } catch (error) {
      if (!(error instanceof ShapeError) || Object.values(inputs).every((x) => x.size > 0)) throw error;
    }
  };

  test('leaves its inputs alone, and puts its result into memory of its own', () =>
    always(
      (sample) =>
        unlessEmpty(sample, () => {
          const { inputs, attributes } = sample;
          const before = Object.values(inputs).map((x) => x.data.slice());
          const [first, second] = [perform(op, inputs, attributes), perform(op, inputs, attributes)];
          expectSameBits(first.data, second.data);
          Object.values(inputs).forEach((x, i) => {
            expectSameBits(x.data, before[i]!);
            expect(x.size > 0 && sharesMemory(x.data, first.data), 'shares memory with an input').toBe(false);
          });
        }),
      samples(op, { sizes: { min: 0, max: 3 } }),
    ));

  test('produces the shape that its shape rule announces, empty ones included', () =>
    always(
      (sample) =>
        unlessEmpty(sample, () => {
          const { inputs, attributes } = sample;
          const given = { ...inputs, ...attributes };
          const shape = op.shape(given);
          const data = numbersOf(op.forward(given, shape, machine()));
          expect(data.length).toBe(shape.reduce((a, b) => a * b, 1));
          expect(sameShape(perform(op, inputs, attributes).shape, shape)).toBe(true);
        }),
      samples(op, { sizes: { min: 0, max: 4 } }),
    ));

  test('passes gradients of the shape and dtype of each input, whatever was stretched', () =>
    always(
      (sample) =>
        unlessEmpty(sample, () => {
          const { f, xs } = smooth(op, sample);
          if (xs.length === 0) return;
          const [y, pullback] = vjp(f, ...xs);
          pullback(Tensor.ones(y.shape, y.dtype)).forEach((dx, i) => {
            expect(dx.shape).toEqual(xs[i]!.shape);
            expect(dx.dtype).toBe(xs[i]!.dtype);
          });
        }),
      samples(op, { sizes: { min: 0, max: 3 } }),
    ));
});

const elementwiseOps = table.filter((entry): entry is [string, ElementwiseOp] => 'formula' in entry[1]);

describe.each(elementwiseOps)('%s, element by element', (_, op) => {
  test('has derivative rules that give the same bits as one formula and as operations one after another', () => {
    const names = Object.keys(op.backward);
    for (const name of names) {
      const rule = op.backward[name];
      if (!rule) continue;
      const scene = [...names, 'y', 'dy'];
      const fused = formula(
        (...parts) => rule(Object.fromEntries(scene.map((key, i) => [key, parts[i]!])) as never),
        scene.length,
      )('float64');
      fc.assert(
        fc.property(samples(op, { sizes: { min: 1, max: 1 } }), ({ inputs, attributes }) => {
          const y = perform(op, inputs, attributes);
          const given: Record<string, Tensor> = { ...inputs, y, dy: Tensor.full(y.shape, 0.7, 'float64') };
          const performed = rule(given as never) as unknown as Tensor;
          expect(evaluator(fused)(scene.map((key) => given[key]!.data[0]!))).toBe(performed.data[0]!);
        }),
        { numRuns: 40 },
      );
    }
  });

  test('reads its formula alike with kernels and with plain numbers', () =>
    fc.assert(
      fc.property(samples(op), ({ inputs, attributes }) => {
        const given = { ...inputs, ...attributes } as never;
        const shape = op.shape(given);
        expectSameBits(numbersOf(op.forward(given, shape, machine())), numbersOf(op.forward(given, shape, plain)));
      }),
    ));
});
