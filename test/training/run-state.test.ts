/** The whole state of a training: what is stopped anywhere and gone on with by fresh objects is the same training. */

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { loadRunState, runState } from '../../src/index.ts';
import { readSafetensors, writeSafetensors } from '../../src/io/index.ts';
import { putTogether, takeApart } from '../../src/io/structure.ts';
import { bytesOf, type Features, goOn, made, optimizers } from '../lib/resumable.ts';
import { runs } from '../lib/runs.ts';

/** Features at random that go together. */
const features = (optimizer: string): fc.Arbitrary<Features> =>
  fc
    .record({
      rate: fc.constantFrom('number' as const, 'schedule' as const, 'plateau' as const),
      dropout: fc.boolean(),
      batchNorm: fc.boolean(),
      shuffle: fc.boolean(),
      accumulate: fc.constantFrom(1, 3),
      carried: fc.constantFrom('no' as const, 'kept' as const, 'in the model' as const),
      tied: fc.boolean(),
      late: fc.boolean(),
      groups: fc.boolean(),
      ownRandom: fc.boolean(),
      byHand: fc.boolean(),
      freezing: fc.boolean(),
      dtype: fc.constantFrom('float32' as const, 'float64' as const),
    })
    .map((found) => ({ ...found, optimizer, ...(optimizer === 'LBFGS' && { groups: false, accumulate: 1 }) }));

describe.each(Object.keys(optimizers))('%s', (optimizer) => {
  test('goes on from its state to the same bits, at every step, in memory and from bytes', { timeout: 3_600_000 }, async () => {
    await fc.assert(
      fc.asyncProperty(features(optimizer), fc.boolean(), async (given, asBytes) => {
        const whole = made(given);
        const states: (() => ReturnType<typeof runState>)[] = [];
        await goOn(whole, given, () => {
          const state = runState(whole);
          if (!asBytes) states.push(() => state);
          else {
            const { text, tensors } = takeApart(state as never);
            const bytes = writeSafetensors(tensors);
            states.push(() => putTogether({ text, tensors: readSafetensors(bytes).tensors }, 'bytes') as never);
          }
        });
        const expected = bytesOf(whole);
        expect(states.length).toBe(given.accumulate === 3 ? 4 : 8);
        for (const stateOf of states) {
          const run = made(given, 99);
          loadRunState(run, stateOf());
          await goOn(run, given);
          expect(Buffer.compare(bytesOf(run), expected)).toBe(0);
        }
      }),
      // One that is interrupted would go on beside the next, and draw from the same default generator.
      { numRuns: runs(4), interruptAfterTimeLimit: 3_600_000 },
    );
  });
});
