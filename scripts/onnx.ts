/**
 * Every operation that ONNX files can hold, and every layer, exported and run by onnxruntime: `npm run onnx` writes the tables of `docs/onnx.md`. Needs a Python with onnx
 * and onnxruntime, by default `python3`, or the one that `PYTHON` names. Fails where an error is larger than the page promises.
 */

import { readFileSync, writeFileSync } from 'node:fs';
import { ValueError } from '../src/base/errors.ts';
import { decode } from '../test/lib/onnx/decode.ts';
import { type Case, caseOf } from './onnx/cases.ts';
import { layerCases } from './onnx/layers.ts';
import { type Outcome, run } from './onnx/run.ts';
import { literals } from './operations/table.ts';

/** What the page promises, in units in the last place of 1, or of the number where that is larger. */
const PROMISED = { operation: 8, layer: 64 };
const SAMPLES = 20;
const dtypes = ['float32', 'float64'] as const;

const refused = new Set<string>();
const cases = literals.flatMap((op) =>
  dtypes.flatMap((dtype) =>
    Array.from({ length: SAMPLES }, (_, seed): readonly Case[] => {
      try {
        return [caseOf(op, dtype, seed)];
      } catch (error) {
        if (!(error instanceof ValueError)) throw error;
        refused.add(op.name);
        return [];
      }
    }).flat(),
  ),
);
const layers = dtypes.flatMap(layerCases);
const { version, outcomes } = run([...cases, ...layers]);

/** The rows of a table, by the names of cases. */
function rowsOf(all: readonly Case[], found: readonly Outcome[], promised: number): string[] {
  const names = [...new Set(all.map(({ name }) => name))];
  return names.map((name) => {
    const errors = dtypes.map((dtype) => {
      const own = found.filter((_, i) => all[i]!.name === name && all[i]!.dtype === dtype);
      const failure = own.find((outcome) => 'failure' in outcome);
      const worst = Math.max(...own.map((outcome) => ('error' in outcome ? outcome.error : Infinity)));
      if (failure || !(worst <= promised)) {
        console.error(`${name} in ${dtype}: ${failure && 'failure' in failure ? failure.failure : `${worst} ulp`}`);
        process.exitCode = 1;
      }
      return worst.toFixed(1);
    });
    const nodes = new Set(all.filter((one) => one.name === name).flatMap(({ file }) => decode(file).nodes.map(({ type }) => type)));
    return `| ${name} | ${[...nodes].sort().join(', ')} | ${errors.join(' | ')} |`;
  });
}

const head = (what: string) => `| ${what} | written as | float32 | float64 |\n| --- | --- | --- | --- |`;
const tables = [
  `Measured with onnxruntime ${version}, ${SAMPLES} samples of each operation and dtype.`,
  [head('operation'), ...rowsOf(cases, outcomes.slice(0, cases.length), PROMISED.operation)].join('\n'),
  'Refused, by name and place in the model:',
  [...refused].map((name) => `\`${name}\``).join(', '),
  'Layers, with batches of 1, 2 and 7 examples:',
  [head('layer'), ...rowsOf(layers, outcomes.slice(cases.length), PROMISED.layer)].join('\n'),
];
const [before, after] = readFileSync('docs/onnx.md', 'utf8').split(/<!-- table -->[\s\S]*<!-- end of table -->/) as [string, string];
writeFileSync('docs/onnx.md', `${before}<!-- table -->\n\n${tables.join('\n\n')}\n\n<!-- end of table -->${after}`);
console.log(`${cases.length} operations and ${layers.length} layers run by onnxruntime ${version}`);
