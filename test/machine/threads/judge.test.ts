/** What dividing a job may cost at most, and that it is found out when it pays. */

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Account, enterAlone, enterTogether, isWorthTrying, Judge } from '../../../src/machine/threads/judge.ts';
import { runs } from '../../lib/runs.ts';

const newAccount = (): Account => new Judge().accountOf('product', 1e7);

/** Does a job so many times: the time that all of it took, and how often it was done together. */
function perform(account: Account, times: number, alone: (i: number) => number, together: (i: number) => number) {
  let [total, often] = [0, 0];
  for (let i = 0; i < times; i++) {
    const isTogether = isWorthTrying(account);
    const time = isTogether ? together(i) : alone(i);
    (isTogether ? enterTogether : enterAlone)(account, time);
    total += time;
    often += Number(isTogether);
  }
  return { total, often };
}

const once = fc.double({ min: 0.01, max: 100, noNaN: true });
const factor = (min: number, max: number) => fc.double({ min, max, noNaN: true });

test('a job that loses together, however much, costs a twentieth more than alone, and what was lost by the first times', () => {
  fc.assert(
    fc.property(once, fc.array(factor(1, 40), { minLength: 1, maxLength: 50 }), (alone, slower) => {
      const times = 3000;
      const { total } = perform(
        newAccount(),
        times,
        () => alone,
        (i) => alone * slower[i % slower.length]!,
      );
      expect(total).toBeLessThanOrEqual(alone * (1.051 * times + 4 * Math.max(...slower)));
    }),
    { numRuns: runs(50) },
  );
});

test('a job that gains is done together but for one time in sixty-four', () => {
  fc.assert(
    fc.property(once, factor(0.3, 0.9), (alone, faster) => {
      const { often } = perform(
        newAccount(),
        6400,
        () => alone,
        () => alone * faster,
      );
      expect(often).toBeGreaterThan(6400 * (1 - 1 / 64) - 10);
    }),
    { numRuns: runs(50) },
  );
});

describe('when the cores are taken', () => {
  test('by others, a job that gained soon is done alone, and together again soon after they are free', () => {
    const account = newAccount();
    const alone = () => 1;
    perform(account, 1000, alone, () => 0.6);
    const { total, often } = perform(account, 1000, alone, () => 2);
    expect(total).toBeLessThan(1070);
    expect(often).toBeLessThan(65);
    expect(perform(account, 1000, alone, () => 0.6).often).toBeGreaterThan(950);
  });

  test('now and then, a job that gains on the whole is still done together', () => {
    const { often } = perform(
      newAccount(),
      5000,
      () => 1,
      (i) => (i % 50 === 0 ? 9 : 0.6),
    );
    expect(often).toBeGreaterThan(4500);
  });
});

test('a first time that is long, since engines compile, is no measure', () => {
  const { often } = perform(
    newAccount(),
    1000,
    (i) => (i < 2 ? 5 : 1),
    () => 1.2,
  );
  expect(often).toBeLessThan(300);
});

test('the first two times together do not count, since helpers compile then', () => {
  const { often } = perform(
    newAccount(),
    1000,
    () => 1,
    (i) => (i < 6 ? 40 : 0.6),
  );
  expect(often).toBeGreaterThan(950);
});

test('each size of each kind has an account of its own, and there are never more than a thousand', () => {
  const judge = new Judge();
  const account = judge.accountOf('product', 1e7);
  account.balance = 3;
  expect(judge.accountOf('product', 1e7)).toBe(account);
  expect(judge.accountOf('windows', 1e7).balance).toBe(0);
  expect(judge.accountOf('product', 2e7).balance).toBe(0);
  for (let i = 0; i < 1000; i++) judge.accountOf('formula', i);
  expect(judge.accountOf('product', 1e7).balance).toBe(0);
});
