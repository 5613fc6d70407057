/** When to stop, and what was best. */

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { BatchNorm, EarlyStopping, Parameter, Tensor, training } from '../../src/index.ts';
import { runs } from '../lib/runs.ts';

const numbers = fc.array(fc.oneof(fc.integer({ min: -5, max: 5 }), fc.constant(Number.NaN)), { minLength: 1, maxLength: 20 });

test('it stops after the patience, and restores what was best, whichever way is better', () => {
  fc.assert(
    fc.property(
      numbers,
      fc.integer({ min: 1, max: 4 }),
      fc.constantFrom('min' as const, 'max' as const),
      fc.integer({ min: 0, max: 2 }),
      (values, patience, mode, minDelta) => {
        const w = new Parameter(Tensor.of([-1]));
        const stopping = new EarlyStopping({ w }, { monitor: 'score', patience, mode, minDelta });
        const sign = mode === 'min' ? 1 : -1;
        let [best, at, waited]: [number | undefined, number, number] = [undefined, -1, 0];
        for (const [i, score] of values.entries()) {
          w.assign(Tensor.of([i]));
          const better = !Number.isNaN(score) && (best === undefined || sign * (best - score) > minDelta);
          if (better) [best, at, waited] = [score, i, 0];
          else waited++;
          expect(stopping.done({ score })).toBe(waited >= patience);
          if (waited >= patience) break;
        }
        expect([stopping.best, stopping.bestEpoch]).toEqual([best, at < 0 ? undefined : at]);
        const last = w.item();
        stopping.restoreBest();
        expect(w.item()).toBe(at < 0 ? last : at);
      },
    ),
    { numRuns: runs(200) },
  );
});

test('buffers are kept with the weights', () => {
  const norm = new BatchNorm(1);
  const stopping = new EarlyStopping(norm);
  training(() => norm.forward(Tensor.of([[1], [3]])));
  stopping.done({ validationLoss: 1 });
  training(() => norm.forward(Tensor.of([[10], [30]])));
  stopping.restoreBest();
  expect([norm.batches.value.item(), norm.runningMean.value.item().toFixed(3)]).toEqual([1, '0.200']);
});

test('what one remembers, another goes on with', () => {
  const w = new Parameter(Tensor.of([0]));
  const [one, other] = [new EarlyStopping({ w }, { patience: 2 }), new EarlyStopping({ w }, { patience: 2 })];
  one.done({ validationLoss: 1 });
  one.done({ validationLoss: 2 });
  other.restore(one.state);
  expect(other.done({ validationLoss: 2 })).toBe(true);
  expect(other.best).toBe(1);
  expect(() => other.restore(3 as never)).toThrow(/expected a state/);
});

test('a number that is not there is refused, with the nearest', () => {
  const stopping = new EarlyStopping({ w: new Parameter(Tensor.of([0])) });
  expect(() => stopping.done({ loss: 1, validationLos: 2 })).toThrow(
    "got only loss, validationLos; did you mean { monitor: 'validationLos' }?",
  );
  expect(() => stopping.done(undefined as never)).toThrow(/got none; give validation data/);
  expect(() => new EarlyStopping(3 as never)).toThrow(/expected a model/);
  expect(() => new EarlyStopping({ patience: 3 })).toThrow(/^EarlyStopping: expected a model with parameters, and options after it, got/);
  expect(() => new EarlyStopping({}, { patience: 0 })).toThrow(/patience/);
  expect(() => new EarlyStopping({}, { restoreBestWeights: true } as never)).toThrow(/restoreBestWeights/);
});

test('a state that none gave is refused', () => {
  const stopping = new EarlyStopping({ w: new Parameter(Tensor.of([0])) });
  for (const state of [undefined, null, {}, { epochs: 1, waited: 'x' }, { epochs: 1.5, waited: 0 }, { epochs: 1, waited: 0, best: '1' }])
    expect(() => stopping.restore(state as never)).toThrow(/^EarlyStopping.restore: expected a state that one gave/);
});
