/** Which recorders are called after an operation, and until when. */

import { expect, test } from 'vitest';
import { sin, Tensor } from '../../src/index.ts';
import { isRecording, type Recorder, recordedBy, unrecorded } from '../../src/tensor/recorders.ts';

/** A recorder that writes down the names of operations. */
const noting = (names: string[]): Recorder => ({ add: ({ name }) => void names.push(name) });

test('all recorders are called after an operation, the outermost first, until their function returns', () => {
  const names: string[] = [];
  const say = (who: string): Recorder => ({ add: ({ name }) => void names.push(`${who}: ${name}`) });
  const x = Tensor.of(1);
  recordedBy(say('outer'), () => {
    x.neg();
    recordedBy(say('inner'), () => x.exp());
    x.abs();
  });
  sin(x);
  expect(names).toEqual(['outer: neg', 'outer: exp', 'inner: exp', 'outer: abs']);
});

test('unrecorded operations call no recorder but those inside of it', () => {
  const [outer, inner]: [string[], string[]] = [[], []];
  const x = Tensor.of(1);
  recordedBy(noting(outer), () => {
    unrecorded(() => {
      expect(isRecording()).toBe(false);
      x.neg();
      recordedBy(noting(inner), () => x.exp());
    });
    expect(isRecording()).toBe(true);
    x.abs();
  });
  expect([outer, inner]).toEqual([['abs'], ['exp']]);
});

test('an exception ends a recording, and an unrecorded scope', () => {
  const names: string[] = [];
  recordedBy(noting(names), () => {
    for (const scope of [unrecorded, (f: () => void) => recordedBy({ add: () => {} }, f)])
      expect(() =>
        scope(() => {
          throw new Error('mine');
        }),
      ).toThrow('mine');
    Tensor.of(1).neg();
  });
  expect([names, isRecording()]).toEqual([['neg'], false]);
});
