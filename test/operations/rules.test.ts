/**
 * The derivative rule of every operation, against what small steps measure: the first file of the suite to run, so that a wrong rule fails
 * within seconds, by the name of its operation. All else that must hold of every operation is in `properties.test.ts`.
 */

import fc from 'fast-check';
import { test } from 'vitest';
import { ops } from '../../scripts/operations/table.ts';
import { operationProperties } from '../../src/autograd/checks/operation-properties.ts';
import type { AnyOp } from '../../src/autograd/checks/samples.ts';
import { runs as atLeast } from '../lib/runs.ts';
import { samples } from '../lib/samples.ts';

const { title, sizes, runs, holds } = operationProperties[0]!;

test.each(Object.entries(ops) as [string, AnyOp][])(`%s ${title}`, (_, op) =>
  fc.assert(
    fc.property(samples(op, { sizes }), (sample) => holds(op, sample)),
    { numRuns: atLeast(runs) },
  ),
);
