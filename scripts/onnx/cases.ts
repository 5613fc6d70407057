/** Models to be exported, with inputs to run them on: each operation by itself, and whole models. */

import { drawFrom } from '../../src/autograd/checks/draw.ts';
import { sampleOf } from '../../src/autograd/checks/samples.ts';
import type { FloatDtype } from '../../src/base/dtype.ts';
import { Random } from '../../src/base/random.ts';
import { type Exportable, exportONNX, type ONNXOptions } from '../../src/io/onnx/export-onnx.ts';
import type { Domain, Op } from '../../src/tensor/op.ts';
import { perform, type Tensor } from '../../src/tensor/tensor.ts';

/** One exported model, the inputs to try it on, and what tapegrad makes of them. */
export interface Case {
  readonly name: string;
  readonly dtype: FloatDtype;
  readonly file: Uint8Array;
  readonly inputs: readonly Readonly<Record<string, Tensor>>[];
  readonly expected: readonly (readonly Tensor[])[];
}

/** Numbers spread over a domain, none near a place that the operation has to be kept away from. */
const spread =
  (random: Random) =>
  ({ from, to, awayFromZero }: Domain): number => {
    const x = from + (to - from) * random.float();
    return awayFromZero && Math.abs(x) < 0.1 ? Math.sign(x || 1) * 0.1 : x;
  };

/** Exports an operation with random arguments, which its literal declares. */
export function caseOf(op: Op<any, any>, dtype: FloatDtype, seed: number): Case {
  const random = new Random(seed);
  const whole = (min: number, max: number) => min + Math.floor(random.float() * (max - min + 1));
  const { inputs, attributes } = sampleOf(
    op.sample(drawFrom(whole, { sizes: { min: 1, max: 4 }, dtype, element: spread(random) })) as Record<string, unknown>,
  );
  const names = Object.keys(inputs);
  // Names of inputs may be numbers, which a list of arguments has too.
  const f = (...xs: Tensor[]) => perform(op, Object.fromEntries(names.map((name, i) => [name, xs[i]!])), attributes);
  const given = Object.fromEntries(names.map((name) => [`in_${name}`, inputs[name]!]));
  const file = exportONNX(f, given, { fixed: true });
  return { name: op.name, dtype, file, inputs: [given], expected: [[f(...names.map((name) => inputs[name]!))]] };
}

/** Exports a model, and calls it with batches of other sizes. */
export function modelCase(
  name: string,
  dtype: FloatDtype,
  model: Exportable,
  inputsOf: (batch: number) => Readonly<Record<string, Tensor>>,
  options: ONNXOptions = {},
): Case {
  const call = (inputs: Readonly<Record<string, Tensor>>): readonly Tensor[] => {
    const xs = Object.values(inputs);
    const y: unknown = typeof model === 'function' ? model(...xs) : model.forward(...xs);
    return Array.isArray(y) ? y : [y as Tensor];
  };
  const inputs = [1, 2, 7].map(inputsOf);
  return { name, dtype, file: exportONNX(model, inputsOf(3), options), inputs, expected: inputs.map(call) };
}
