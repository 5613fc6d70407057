/**
 * Every operation that ONNX files can hold, and every layer, exported and run by the two builds of onnxruntime for JavaScript: `npm run onnx` writes the tables of
 * `docs/onnx.md`. Installs both from npm beside it. Where `PYTHON` names a Python that has onnx, its checker reads all files as well. Fails where an error is larger than
 * the page promises.
 */

import { readFileSync, writeFileSync } from 'node:fs';
import { ValueError } from '../src/base/errors.ts';
import { decode } from '../test/lib/onnx/decode.ts';
import { type Case, caseOf } from './onnx/cases.ts';
import { layerCases } from './onnx/layers.ts';
import { check, install, type Outcome, run, runtimes } from './onnx/run.ts';
import { literals } from './operations/table.ts';

/** What the page promises, in units in the last place of 1, or of the number where that is larger. */
const PROMISED = { operation: 8, layer: 64 };
const SAMPLES = 20;
const dtypes = ['float32', 'float64'] as const;

const refused = new Set<string>();
const operations = literals.flatMap((op) =>
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
const cases = [...operations, ...layers];

function complain(problem: string): void {
  console.error(problem);
  process.exitCode = 1;
}

install();
for (const problem of check(cases)) complain(problem);
const found = runtimes.map((runtime) => ({ runtime, ...run(runtime, cases) }));

/** The largest error of the cases of a name in one dtype. */
function worstOf(own: readonly number[], outcomes: readonly Outcome[], promised: number, where: string): string {
  const failure = own.map((i) => outcomes[i]!).find((outcome) => 'failure' in outcome);
  const worst = Math.max(...own.map((i) => outcomes[i]!).map((outcome) => ('error' in outcome ? outcome.error : Infinity)));
  if (!(worst <= promised)) complain(`${where}: ${failure?.failure ?? `${worst} ulp`}`);
  return worst.toFixed(1);
}

/** The rows of a table, by the names of the cases from one place to another. */
function rowsOf(from: number, to: number, promised: number): string[] {
  const places = Array.from({ length: to - from }, (_, i) => from + i);
  return [...new Set(places.map((i) => cases[i]!.name))].map((name) => {
    const own = places.filter((i) => cases[i]!.name === name);
    const errors = found.flatMap(({ runtime, outcomes }) =>
      dtypes.map((dtype) => {
        const ofDtype = own.filter((i) => cases[i]!.dtype === dtype);
        return worstOf(ofDtype, outcomes, promised, `${name} in ${dtype} by onnxruntime-${runtime}`);
      }),
    );
    const nodes = new Set(own.flatMap((i) => decode(cases[i]!.file).nodes.map(({ type }) => type)));
    return `| ${name} | ${[...nodes].sort().join(', ')} | ${errors.join(' | ')} |`;
  });
}

const columns = runtimes.flatMap((runtime) => dtypes.map((dtype) => `${runtime}, ${dtype}`));
const head = (what: string) => `| ${what} | written as | ${columns.join(' | ')} |\n|${' --- |'.repeat(2 + columns.length)}`;
const names = found.map(({ runtime, version }) => `onnxruntime-${runtime} ${version}`).join(' and ');
const tables = [
  `Measured with ${names}, ${SAMPLES} samples of each operation and dtype.`,
  [head('operation'), ...rowsOf(0, operations.length, PROMISED.operation)].join('\n'),
  'Refused, by name and place in the model:',
  [...refused].map((name) => `\`${name}\``).join(', '),
  'Layers, with batches of 1, 2 and 7 examples:',
  [head('layer'), ...rowsOf(operations.length, cases.length, PROMISED.layer)].join('\n'),
];
const [before, after] = readFileSync('docs/onnx.md', 'utf8').split(/<!-- table -->[\s\S]*<!-- end of table -->/) as [string, string];
writeFileSync('docs/onnx.md', `${before}<!-- table -->\n\n${tables.join('\n\n')}\n\n<!-- end of table -->${after}`);
console.log(`${operations.length} operations and ${layers.length} layers run by ${names}`);
