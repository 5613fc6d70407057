/** Every operation is exported, and the graph computes what it does; or it is refused by name. */

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ops } from '../../../scripts/operations/table.ts';
import { ValueError } from '../../../src/base/errors.ts';
import { perform, Tensor } from '../../../src/index.ts';
import { exportONNX } from '../../../src/io/onnx/export-onnx.ts';
import { writerOf } from '../../../src/io/onnx/operations.ts';
import type { Op } from '../../../src/tensor/op.ts';
import { expectClose } from '../../lib/onnx/close.ts';
import { decode } from '../../lib/onnx/decode.ts';
import { evaluate } from '../../lib/onnx/evaluate.ts';
import { runs } from '../../lib/runs.ts';
import { samples } from '../../lib/samples.ts';

const isWritten = (op: Op<any, any>): boolean => 'formula' in op || writerOf(op) !== undefined || op.composed !== undefined;
const all = Object.entries(ops) as [string, Op<any, any>][];

/** An operation as a function of its inputs, and these by names that are no numbers. */
function asFunction(op: Op<any, any>, inputs: Readonly<Record<string, Tensor>>, attributes: object) {
  const names = Object.keys(inputs);
  return {
    f: (...xs: Tensor[]) => perform(op, Object.fromEntries(names.map((name, i) => [name, xs[i]!])), attributes),
    given: Object.fromEntries(names.map((name) => [`in_${name}`, inputs[name]!])),
  };
}

describe.each(['float32', 'float64'] as const)('%s', (dtype) => {
  test.each(all.filter(([, op]) => isWritten(op)))('%s is what its graph computes', (_, op) => {
    fc.assert(
      fc.property(samples(op, { dtype, sizes: { min: 1, max: 4 } }), ({ inputs, attributes }) => {
        const { f, given } = asFunction(op, inputs, attributes);
        const { y } = evaluate(decode(exportONNX(f, given, { fixed: true })), given);
        expectClose(y, f(...Object.values(inputs)), 64);
      }),
      { numRuns: runs(8) },
    );
  });
});

test.each(all.filter(([, op]) => !isWritten(op)))('%s is refused by name', (name, op) => {
  fc.assert(
    fc.property(samples(op, { sizes: { min: 2, max: 3 } }), ({ inputs, attributes }) => {
      const { f, given } = asFunction(op, inputs, attributes);
      expect(() => exportONNX(f, given, { fixed: true })).toThrow(`exportONNX: ${name}: ONNX has no such operation`);
      expect(() => exportONNX(f, given, { fixed: true })).toThrow(ValueError);
    }),
    { numRuns: 3 },
  );
});

test('most operations can be exported', () => {
  expect(all.filter(([, op]) => !isWritten(op)).length).toBeLessThan(all.length / 4);
});

test('an operation of a user that has the name of one of ours is not taken for it', () => {
  const softmax: Op<'x'> = {
    name: 'softmax',
    shape: ({ x }) => x.shape,
    forward: ({ x }) => x.data.slice().reverse(),
    backward: { x: null },
    sample: (draw) => ({ x: draw.tensor([2]) }),
  };
  expect(() => exportONNX((x: Tensor) => perform(softmax, { x }), Tensor.of([1, 2]))).toThrow(
    'exportONNX: softmax: ONNX has no such operation',
  );
});
