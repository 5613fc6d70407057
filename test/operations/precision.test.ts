/** The page that says how exact the operations are, and the measuring behind it. */

import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { composed } from '../../scripts/operations/composed.ts';
import { definitions } from '../../scripts/operations/definitions.ts';
import { type Finding, measure, measureComposed } from '../../scripts/operations/measure.ts';
import { functionNames, ops } from '../../scripts/operations/table.ts';
import type { AnyOp } from '../../src/autograd/checks/samples.ts';
import * as tensors from '../../src/index.ts';
import { perform, Tensor } from '../../src/index.ts';

const rows = readFileSync('docs/operations.md', 'utf8')
  .split('\n')
  .filter((line) => /^\| \w+ \| float/.test(line))
  .map((line) =>
    line
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim()),
  );

test('the page has every operation and every function composed of them, in both dtypes, and no empty cell', () => {
  expect(rows.map(([name, dtype]) => `${name} ${dtype}`)).toEqual(
    [ops, composed].flatMap((table) =>
      Object.keys(table)
        .sort()
        .flatMap((name) => [`${name} float32`, `${name} float64`]),
    ),
  );
  for (const row of rows) for (const cell of row) expect(cell, row.join(' | ')).not.toBe('');
});

test('every function of tensors that the package has is on the page', () => {
  const missing = Object.keys(tensors).filter((name) => functionNames.has(name) && !(name in ops) && !(name in composed));
  expect(missing).toEqual([]);
});

const ulps = (finding: Finding): number => (typeof finding === 'string' ? Number.NaN : finding.ulps);

describe('the measure', () => {
  const spoiled = (changes: object): AnyOp => ({ ...ops['silu']!, ...changes }) as unknown as AnyOp;

  test('finds an operation that is right to be right, to the second derivative', () => {
    const found = measure(ops['silu']! as unknown as AnyOp, 'float64');
    for (const order of ['value', 'first', 'second'] as const) expect(ulps(found[order])).toBeLessThan(100);
  });

  test('finds a wrong sign, a wrong factor, and a second derivative that is missing', () => {
    const rule = (ops['silu']!.backward as Record<string, unknown>)['x'] as (scene: object) => any;
    expect(ulps(measure(spoiled({ backward: { x: (scene: object) => rule(scene).neg() } }), 'float64').first)).toBeGreaterThan(1e6);
    expect(ulps(measure(spoiled({ backward: { x: (scene: object) => rule(scene).mul(1 + 1e-9) } }), 'float64').first)).toBeGreaterThan(1e5);
    const stiff = ({ dy, x }: any) => dy.mul(x.sub(x).add(1)).mul(rule({ dy: dy.sub(dy).add(1), x }).data[0]);
    expect(ulps(measure(spoiled({ backward: { x: stiff } }), 'float64').second)).toBeGreaterThan(1e6);
  });

  test('finds a value that is off by some ulps', () => {
    const { forward } = ops['silu']!;
    const shifted = spoiled({
      forward: (given: any, shape: any, machine: any) => (forward(given, shape, machine) as Float64Array).map((y) => y * (1 + 2 ** -47)),
    });
    expect(ulps(measure(shifted, 'float64').value)).toBeGreaterThan(15);
  });

  test('finds the same where an operation is part of a function', () => {
    const wrong = spoiled({ backward: { x: ({ dy, x }: any) => dy.mul(x) } });
    const twice = (op: AnyOp) =>
      measureComposed((draw) => [(x) => perform(op, { x: x!.mul(2) }), draw.tensor([draw.size(), draw.size()])], 'float64');
    expect(ulps(twice(spoiled({})).second)).toBeLessThan(100);
    expect(ulps(twice(wrong).value)).toBeLessThan(100);
    expect(ulps(twice(wrong).first)).toBeGreaterThan(1e6);
    const other = measureComposed(() => [(x) => x!.mul(x!.cast('int32').cast('float64')), Tensor.of([2.5, -3.25], 'float64')], 'float64');
    expect(ulps(other.first)).toBe(0);
  });

  test('refuses an operation without a definition, by name', () => {
    expect(() => measure({ ...ops['silu']!, name: 'unheardOf' } as unknown as AnyOp, 'float64')).toThrow(
      /^operations: unheardOf has no definition/,
    );
    expect(Object.keys(definitions).length).toBeGreaterThan(100);
  });
});
