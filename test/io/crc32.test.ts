/** The checksum of archives. */

import { crc32 as reference } from 'node:zlib';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { crc32 } from '../../src/io/crc32.ts';
import { runs } from '../lib/runs.ts';

test('it is that of ISO 3309, and of zlib', () => {
  expect(crc32(new TextEncoder().encode('123456789'))).toBe(0xcbf43926);
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 100 }), (bytes) => {
      // Node 20.15 has it; older ones have nothing to compare with.
      expect(crc32(bytes)).toBe(reference?.(bytes) ?? crc32(bytes));
    }),
    { numRuns: runs(100) },
  );
});
