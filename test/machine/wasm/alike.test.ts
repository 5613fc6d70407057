/** Inputs that are alike take a shorter way, to the bits of the definition. */

import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { FloatData, FloatDtype } from '../../../src/base/dtype.ts';
import { type Formula, formula } from '../../../src/formula/formula.ts';
import { Parameter, Tensor } from '../../../src/index.ts';
import { plain } from '../../../src/machine/plain.ts';
import { oneStep, singleAmong } from '../../../src/machine/wasm/alike.ts';
import { WasmMachine } from '../../../src/machine/wasm/wasm-machine.ts';
import { runs } from '../../lib/runs.ts';
import { expectSameBits } from '../../lib/same.ts';

const numbers = fc.oneof(fc.double({ noDefaultInfinity: false }), fc.constantFrom(0, -0, Infinity, -Infinity, NaN, 1e-45, 1e-310, 3e38));

const rules: readonly (readonly [inputs: number, rule: (...xs: Formula[]) => Formula])[] = [
  [2, (a, b) => a!.add(b!)],
  [2, (a, b) => a!.sub(b!)],
  [2, (a, b) => b!.sub(a!)],
  [2, (a, b) => a!.mul(b!)],
  [2, (a, b) => a!.div(b!)],
  [2, (a) => a!.mul(a!)],
  [1, (a) => a!.sub(2)],
  [1, (a) => a!.neg()],
  [3, (a, b, c) => a!.add(b!.mul(c!))],
  [4, (a, b, c, d) => a!.sub(b!).mul(c!.add(d!))],
];

test('formulas of inputs that have all numbers or one have the bits of the definition, however many numbers there are', () => {
  const machine = new WasmMachine();
  fc.assert(
    fc.property(
      fc.constantFrom(...rules),
      fc.integer({ min: 1, max: 80 }),
      fc.infiniteStream(fc.tuple(fc.boolean(), numbers)),
      fc.constantFrom<FloatDtype>('float32', 'float64'),
      ([count, rule], size, stream, dtype) => {
        const drawn = () => stream.next().value as [boolean, number];
        const inputs = Array.from({ length: count }, () => {
          const length = drawn()[0] ? 1 : size;
          return {
            sizes: [length],
            data: new { float32: Float32Array, float64: Float64Array }[dtype](length).map(() => drawn()[1]) as FloatData,
          };
        });
        const written = formula(rule, count)(dtype);
        const expected = plain.map(written, [size], inputs);
        expectSameBits(machine.map(written, [size], inputs), expected);
        const stepped = oneStep(written, size, inputs);
        if (stepped) expectSameBits(stepped, expected);
      },
    ),
    { numRuns: runs(300) },
  );
});

test('only inputs in arrays are alike, which have all numbers or a single one', () => {
  const [one, three, four] = [[1], [1, 2, 3], [1, 2, 3, 4]].map((x) => Tensor.of(x)) as [Tensor, Tensor, Tensor];
  expect(singleAmong([four, four], 4)).toBe(0b00);
  expect(singleAmong([one, four], 4)).toBe(0b10);
  expect(singleAmong([four, one, one], 4)).toBe(0b011);
  expect(singleAmong([one], 1)).toBe(0b0);
  expect(singleAmong([three], 4)).toBe(-1);
  expect(singleAmong([], 4)).toBe(-1);
  expect(singleAmong([four, four, four, four, four], 4)).toBe(-1);
  expect(singleAmong([new Parameter(four)], 4)).toBe(-1);
});
