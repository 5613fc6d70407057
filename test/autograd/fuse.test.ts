/** A derivative rule of several operations runs as one kernel where the sweep is not recorded: the same bits by one operation. */

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ops } from '../../scripts/operations/table.ts';
import { performFused } from '../../src/autograd/fuse.ts';
import { perform, Tape, Tensor, unaryOp } from '../../src/index.ts';
import type { ElementwiseOp, Op } from '../../src/tensor/op.ts';
import { runs } from '../lib/runs.ts';
import { expectSameBits } from '../lib/same.ts';
import { samples } from '../lib/samples.ts';

const elementwise = (Object.entries(ops) as [string, Op<any, any>][]).filter(
  (entry): entry is [string, ElementwiseOp] => 'formula' in entry[1],
);

test.each(elementwise)('%s: a sweep that is recorded and one that is not find the same bits', (_, op) => {
  for (const dtype of ['float32', 'float64'] as const) {
    fc.assert(
      fc.property(samples(op, { dtype, sizes: { min: 0, max: 5 } }), ({ inputs }) => {
        const xs = Object.values(inputs);
        const sweep = () => {
          const tape = new Tape();
          const y = tape.record(() => perform(op, inputs, {}));
          return tape.backward(y, xs, { gradient: y.mul(0.7) });
        };
        const alone = sweep();
        const watched = new Tape().record(sweep);
        alone.forEach((dx, i) => expectSameBits(dx.data, watched[i]!.data));
      }),
      { numRuns: runs(20) },
    );
  }
});

test('a rule is fused unless it calls methods which only tensors have; what arrives as it is stays one tensor', () => {
  const x = Tensor.of([1, 2]);
  const dy = Tensor.of([3, 4]);
  const scene = { x, a: x, b: x, y: x, dy };
  expect(performFused(ops['add']! as Op<any, any>, 'a', scene)).toBe(dy);
  expect(performFused(ops['neg']! as Op<any, any>, 'x', scene)?.toArray()).toEqual([-3, -4]);
  expect(performFused(ops['matmul']!, 'a', scene)).toBe(undefined);
  expect(performFused(ops['sigmoid']! as Op<any, any>, 'x', scene)?.toArray()).toEqual([0, -8]);
  const centred = unaryOp('centred', { forward: (x) => x, backward: (({ dy }: { dy: Tensor }) => dy.sub(dy.mean()).mul(2)) as never });
  expect(performFused(centred as Op<any, any>, 'x', scene)).toBe(undefined);
  const tape = new Tape();
  const y = tape.record(() => perform(centred, { x }));
  expect(tape.backward(y, [x], { gradient: Tensor.of([1, 3]) })[0].toArray()).toEqual([-2, 2]);
});
