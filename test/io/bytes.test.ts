/** What counts as bytes, and what does not. */

import { runInNewContext } from 'node:vm';
import { expect, test } from 'vitest';
import { insteadOfBytes, isBytes } from '../../src/io/bytes.ts';

test('bytes are what a Uint8Array holds, of this realm or another', () => {
  for (const bytes of [new Uint8Array(2), Buffer.from('a'), runInNewContext('new Uint8Array(2)')]) expect(isBytes(bytes)).toBe(true);
  const posing = { [Symbol.toStringTag]: 'Uint8Array' };
  for (const other of [new Uint8ClampedArray(2), new Int8Array(2), new ArrayBuffer(2), [1], 'a', null, undefined, posing])
    expect(isBytes(other)).toBe(false);
});

test('what came instead is told, and how to make bytes of a buffer', () => {
  expect(insteadOfBytes('a')).toBe("'a'");
  expect(insteadOfBytes(new ArrayBuffer(2))).toBe('an ArrayBuffer; write new Uint8Array(buffer)');
});
