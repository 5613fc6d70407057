import fc from 'fast-check';
import { PbfReader } from 'pbf';
import { expect, test } from 'vitest';
import { Message } from '../../../src/io/onnx/protobuf.ts';
import { runs } from '../../lib/runs.ts';

test('a decoder reads the whole numbers that were written, negative ones too', () => {
  fc.assert(
    fc.property(fc.maxSafeInteger(), fc.integer({ min: 1, max: 1000 }), (x, field) => {
      const read = new PbfReader(new Message().int(field, x).joined()).readFields(
        (tag, to, pbf) => to.push([tag, pbf.readVarint(true)]),
        [] as number[][],
      );
      expect(read).toEqual([[field, x]]);
    }),
    { numRuns: runs(200) },
  );
});

test('the bytes are those of the guide to the encoding', () => {
  expect([...new Message().int(1, 150).joined()]).toEqual([0x08, 0x96, 0x01]);
  expect([...new Message().text(2, 'testing').joined()]).toEqual([0x12, 0x07, 0x74, 0x65, 0x73, 0x74, 0x69, 0x6e, 0x67]);
  expect([...new Message().message(3, new Message().int(1, 150)).joined()]).toEqual([0x1a, 0x03, 0x08, 0x96, 0x01]);
  expect([...new Message().int(1, -2).joined()]).toEqual([0x08, 0xfe, ...new Array<number>(8).fill(0xff), 0x01]);
});

test('a message knows how long it is', () => {
  const message = new Message().text(1, 'α').bytes(2, new Uint8Array(300)).message(3, new Message().int(1, 0));
  expect(message.joined()).toHaveLength(message.length);
});
