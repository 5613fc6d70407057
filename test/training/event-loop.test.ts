/** Giving way, on every host. */

import { afterEach, expect, test, vi } from 'vitest';
import { giveWay, givingWay } from '../../src/training/event-loop.ts';

afterEach(() => {
  vi.unstubAllGlobals();
  vi.restoreAllMocks();
});

/** Whether what waited for the event loop has run when way has been given. */
async function othersRan(): Promise<boolean> {
  let ran = false;
  setTimeout(() => (ran = true), 0);
  await new Promise((resolve) => setTimeout(resolve, 5));
  await giveWay();
  return ran;
}

test('a host that can yield does so', async () => {
  const asked = vi.fn(async () => {});
  const immediate = vi.fn();
  vi.stubGlobal('scheduler', { yield: asked });
  vi.stubGlobal('setImmediate', immediate);
  await giveWay();
  expect(asked).toHaveBeenCalledTimes(1);
  expect(immediate).not.toHaveBeenCalled();
});

test.each(['with a scheduler that cannot yield', 'by a message, where there is no setImmediate'])('others run, %s', async (host) => {
  vi.stubGlobal('scheduler', {});
  if (host.startsWith('by')) vi.stubGlobal('setImmediate', undefined);
  expect(await othersRan()).toBe(true);
});

test('way is given once a tenth of a second has passed since the last time', async () => {
  const clock = vi.spyOn(performance, 'now').mockReturnValue(1000);
  const give = givingWay();
  expect(give()).toBe(undefined);
  clock.mockReturnValue(1099);
  expect(give()).toBe(undefined);
  clock.mockReturnValue(1100);
  const given = give();
  expect(given).toBeInstanceOf(Promise);
  clock.mockReturnValue(1150);
  await given;
  clock.mockReturnValue(1249);
  expect(give()).toBe(undefined);
  clock.mockReturnValue(1250);
  await expect(give()).resolves.toBe(undefined);
});
