/** Exported models run by the two builds of onnxruntime for JavaScript, and how far their numbers are from tapegrad's. */

import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import type { Tensor } from '../../src/tensor/tensor.ts';
import type { Case } from './cases.ts';

/** The build for Node, native code, and the one for browsers, WebAssembly. */
export const runtimes = ['node', 'web'] as const;
export type Runtime = (typeof runtimes)[number];

interface Written {
  readonly shape: readonly number[];
  readonly dtype: string;
  readonly bytes: string;
}

type Answer = { readonly outputs: readonly (readonly Written[])[] } | { readonly error: string };

/** What became of a case: its largest error in units of the last place of 1, or of the number where that is larger; or what went wrong. */
export type Outcome = { readonly error: number } | { readonly failure: string };

const folder = 'scripts/onnx/runtimes';
const base64 = (bytes: Uint8Array) => Buffer.from(bytes).toString('base64');
const written = ({ dtype, shape, data }: Tensor): Written => ({
  dtype,
  shape,
  bytes: base64(new Uint8Array(data.buffer, data.byteOffset, data.byteLength)),
});

/** Installs the runtimes where they are not, beside the script that runs them. */
export function install(): void {
  if (existsSync(`${folder}/node_modules`)) return;
  execFileSync('npm', ['ci', '--prefix', folder, '--ignore-scripts', '--no-audit', '--no-fund'], { stdio: 'inherit' });
}

/** The lines that a program answers to lines. */
const lines = (file: string, args: readonly string[], input: readonly string[]): string[] =>
  execFileSync(file, args, { input: `${input.join('\n')}\n`, maxBuffer: 2 ** 30, encoding: 'utf8' })
    .split('\n')
    .slice(0, -1);

/** Runs cases by a build of onnxruntime. */
export function run(runtime: Runtime, cases: readonly Case[]): { readonly version: string; readonly outcomes: readonly Outcome[] } {
  const input = cases.map(({ file, inputs }) => {
    const given = inputs.map((xs) => Object.fromEntries(Object.entries(xs).map(([name, x]) => [name, written(x)])));
    return JSON.stringify({ model: base64(file), inputs: given });
  });
  const [first, ...answers] = lines(process.execPath, [`${folder}/serve.mjs`, runtime], input);
  return {
    version: (JSON.parse(first!) as { version: string }).version,
    outcomes: cases.map((one, i) => outcomeOf(one, JSON.parse(answers[i]!) as Answer)),
  };
}

/** What the checker of ONNX finds wrong with the files, with the onnx of the Python that `PYTHON` names; nothing where it names none. */
export function check(cases: readonly Case[]): string[] {
  const python = process.env['PYTHON'];
  if (!python) return [];
  const found = lines(python, ['scripts/onnx/checker.py'], cases.map(({ file }) => base64(file))); // biome-ignore format: a line
  return found.flatMap((problem, i) => (problem ? [`${cases[i]!.name} in ${cases[i]!.dtype}: ${problem}`] : []));
}

const arrays = { float32: Float32Array, float64: Float64Array, int32: Int32Array };

function outcomeOf({ dtype, expected }: Case, answer: Answer): Outcome {
  if ('error' in answer) return { failure: answer.error };
  const epsilon = dtype === 'float32' ? 2 ** -23 : 2 ** -52;
  let worst = 0;
  for (const [call, wanted] of expected.entries()) {
    for (const [i, y] of wanted.entries()) {
      const found = answer.outputs[call]![i]!;
      if (String(found.shape) !== String(y.shape) || found.dtype !== y.dtype)
        return { failure: `expected ${y.dtype} [${y.shape}], got ${found.dtype} [${found.shape}]` };
      const numbers = new arrays[y.dtype](new Uint8Array(Buffer.from(found.bytes, 'base64')).buffer);
      y.data.forEach((right, place) => {
        const error = Math.abs(numbers[place]! - right) / (epsilon * Math.max(1, Math.abs(right)));
        worst = Object.is(numbers[place], right) || error <= worst ? worst : Number.isNaN(error) ? Infinity : error;
      });
    }
  }
  return { error: worst };
}
