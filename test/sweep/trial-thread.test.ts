/** What runs in the thread of a trial. */

import { Script } from 'node:vm';
import { expect, test } from 'vitest';
import { CODE } from '../../src/sweep/trial-thread.ts';

test('its text runs where any of its names is taken outside of it, as `module` is in Deno', () => {
  const names = new Set(CODE.match(/[A-Za-z_$][\w$]*/g)!);
  const taken = [...names].filter((name) => {
    try {
      new Script(`let ${name};`);
      return true;
    } catch {
      // A word of the language.
      return false;
    }
  });
  expect(taken).toContain('module');
  new Script(`let ${taken.join(', ')};\n${CODE}`);
});
