/** Exported models run by onnxruntime, and how far its numbers are from tapegrad's. */

import { execFileSync } from 'node:child_process';
import type { Tensor } from '../../src/tensor/tensor.ts';
import type { Case } from './cases.ts';

interface Output {
  readonly shape: readonly number[];
  readonly dtype: string;
  readonly numbers: readonly number[];
}

type Answer = { readonly outputs: readonly (readonly Output[])[] } | { readonly error: string };

/** What became of a case: its largest error in units of the last place of 1, or of the number where that is larger; or what went wrong. */
export type Outcome = { readonly error: number } | { readonly failure: string };

const base64 = (bytes: Uint8Array) => Buffer.from(bytes).toString('base64');
const written = ({ dtype, shape, data }: Tensor) => ({
  dtype,
  shape,
  bytes: base64(new Uint8Array(data.buffer, data.byteOffset, data.byteLength)),
});

/** Runs cases by the onnxruntime of a Python, the one that `PYTHON` names. */
export function run(cases: readonly Case[]): { readonly version: string; readonly outcomes: readonly Outcome[] } {
  const input = cases.map(({ file, inputs }) =>
    JSON.stringify({
      model: base64(file),
      inputs: inputs.map((given) => Object.fromEntries(Object.entries(given).map(([name, x]) => [name, written(x)]))),
    }),
  );
  const output = execFileSync(process.env['PYTHON'] ?? 'python3', ['scripts/onnx/reference.py'], {
    input: input.join('\n'),
    maxBuffer: 2 ** 30,
  });
  const [first, ...lines] = output.toString().trim().split('\n');
  // Python writes NaN and infinities, which JSON has not.
  const answers = lines.map((line) => JSON.parse(line.replace(/\bNaN\b/g, '"NaN"').replace(/-?\bInfinity\b/g, (x) => `"${x}"`)) as Answer);
  return {
    version: (JSON.parse(first!) as { version: string }).version,
    outcomes: cases.map((one, i) => outcomeOf(one, answers[i]!)),
  };
}

function outcomeOf({ dtype, expected }: Case, answer: Answer): Outcome {
  if ('error' in answer) return { failure: answer.error };
  const epsilon = dtype === 'float32' ? 2 ** -23 : 2 ** -52;
  let worst = 0;
  for (const [call, wanted] of expected.entries()) {
    for (const [i, y] of wanted.entries()) {
      const found = answer.outputs[call]![i]!;
      if (String(found.shape) !== String(y.shape) || found.dtype !== y.dtype)
        return { failure: `expected ${y.dtype} [${y.shape}], got ${found.dtype} [${found.shape}]` };
      y.data.forEach((right, place) => {
        const error = Math.abs(Number(found.numbers[place]) - right) / (epsilon * Math.max(1, Math.abs(right)));
        worst = Object.is(Number(found.numbers[place]), right) || error <= worst ? worst : Number.isNaN(error) ? Infinity : error;
      });
    }
  }
  return { error: worst };
}
