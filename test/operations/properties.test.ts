/**
 * Every operation is checked here, by the properties that hold for all of them (`src/autograd/checks/operation-properties.ts`, by which
 * `checkOperation` checks users' own). A literal that a module exports is in the table and checked without a further line. Its `sample`
 * says where it is defined and smooth. The first of the properties, on derivatives, is in `rules.test.ts`, which runs before all.
 */

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ops } from '../../scripts/operations/table.ts';
import { operationProperties } from '../../src/autograd/checks/operation-properties.ts';
import type { AnyOp } from '../../src/autograd/checks/samples.ts';
import { formula } from '../../src/formula/formula.ts';
import type { ElementwiseOp } from '../../src/tensor/op.ts';
import { perform, Tensor } from '../../src/tensor/tensor.ts';
import { evaluator } from '../lib/evaluator.ts';
import { runs as atLeast } from '../lib/runs.ts';
import { samples } from '../lib/samples.ts';

const table = Object.entries(ops) as [string, AnyOp][];

describe.each(table)('%s', (_, op) => {
  test.each(operationProperties.slice(1))('$title', ({ sizes, runs, holds }) => {
    fc.assert(
      fc.property(samples(op, { sizes }), (sample) => holds(op, sample)),
      { numRuns: atLeast(runs) },
    );
  });
});

const elementwiseOps = table.filter((entry): entry is [string, ElementwiseOp] => 'formula' in entry[1]);

describe.each(elementwiseOps)('%s, element by element', (_, op) => {
  test('has derivative rules that give the same number as one formula and as operations one after another', () => {
    const names = Object.keys(op.backward);
    for (const name of names) {
      const rule = op.backward[name];
      if (!rule) continue;
      const scene = [...names, 'y', 'dy'];
      const fused = formula(
        (...parts) => rule(Object.fromEntries(scene.map((key, i) => [key, parts[i]!])) as never),
        scene.length,
      )('float64');
      fc.assert(
        fc.property(samples(op, { sizes: { min: 1, max: 1 } }), ({ inputs, attributes }) => {
          const y = perform(op, inputs, attributes);
          const given: Record<string, Tensor> = { ...inputs, y, dy: Tensor.full(y.shape, 0.7, 'float64') };
          const performed = rule(given as never) as unknown as Tensor;
          expect(evaluator(fused)(scene.map((key) => given[key]!.data[0]!))).toBe(performed.data[0]!);
        }),
        { numRuns: atLeast(40) },
      );
    }
  });
});
