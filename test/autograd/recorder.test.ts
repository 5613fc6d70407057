/** Each computation knows its tensors, however many computations see them. */

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ComputationRecorder } from '../../src/autograd/recorder.ts';
import { Parameter, Tape, Tensor } from '../../src/index.ts';
import { runs } from '../lib/runs.ts';

test('whatever computations see which tensors in which order, and whichever are released, each gives the ids that it gave first', () => {
  const steps = fc.array(fc.tuple(fc.nat({ max: 3 }), fc.nat({ max: 5 }), fc.integer({ min: 0, max: 9 })), { maxLength: 60 });
  fc.assert(
    fc.property(steps, (steps) => {
      const tensors = Array.from({ length: 6 }, (_, i) => Tensor.of([i]));
      const recorders = Array.from({ length: 4 }, () => ({ own: new ComputationRecorder(), ids: new Map<Tensor, number>() }));
      for (const [which, tensor, what] of steps) {
        const [recorder, x] = [recorders[which]!, tensors[tensor]!];
        if (what === 0) {
          recorder.own.release();
          recorders[which] = { own: new ComputationRecorder(), ids: new Map() };
          expect(recorder.own.idOf(x)).toBe(undefined);
        } else if (!recorder.ids.has(x)) recorder.ids.set(x, recorder.ids.size);
        if (what !== 0) expect(recorder.own.see(x)).toBe(recorder.ids.get(x));
        for (const { own, ids } of recorders) for (const x of tensors) expect(own.idOf(x)).toBe(ids.get(x));
      }
    }),
    { numRuns: runs(200) },
  );
});

test('a tape in a tape, of the same tensors, leaves the outer one what it knows', () => {
  const [w, x] = [new Parameter(Tensor.of([1, 2])), Tensor.of([3, 4])];
  Object.freeze(x);
  const [outer, inner] = [new Tape(), new Tape()];
  const y = outer.record(() => {
    const y = w.mul(x);
    const z = inner.record(() => y.mul(w).mul(x).sum());
    expect(inner.backward(z).get(w).toArray()).toEqual([9, 32]);
    return y.add(z).sum();
  });
  expect(outer.has(x)).toBe(true);
  expect(inner.has(x)).toBe(false);
  expect(outer.backward(y).get(w).toArray()).toEqual([3 + 2 * 2 * 9, 4 + 2 * 2 * 2 * 16]);
});
