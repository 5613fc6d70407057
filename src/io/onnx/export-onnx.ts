import { DtypeError, ValueError } from '../../base/errors.ts';
import { isPlainObject, type OptionTable, oneOf, quote, readOptions, withoutDefault } from '../../base/options.ts';
import { checkTensor, Tensor } from '../../tensor/tensor.ts';
import { modelMessage } from './model-message.ts';
import { record } from './recordings.ts';
import { modelOf } from './write-model.ts';

/** What can be exported: a function of tensors, or a model with `forward`. It returns a tensor, or several in a list or an object. */
export type Exportable = ((...inputs: any[]) => unknown) | { forward(...inputs: any[]): unknown };

/** How a model is exported. */
export interface ONNXOptions {
  /**
   * The names of inputs whose first axis is not that of the batch, such as a mask of `[time, time]`; `true`: the batch has the size of the example.
   * Default none: the first axis of every input is free.
   */
  readonly fixed?: boolean | readonly string[];
  /** `'float16'`: parameters of float32 take half the space; the graph casts them to float32 and computes in that. Default: as they are. */
  readonly weights?: 'float16';
  /** For a function: the models in it by name, whose parameters are then called by their paths, such as `encoder.weight`. */
  readonly names?: Readonly<Record<string, object>>;
}

/** What a file of Protocol Buffers can hold. */
const MOST_BYTES = 2 ** 31 - 1;

/**
 * A model as an ONNX file, which other programs run: onnxruntime in any language, browsers, phones.
 *
 * The model is called in evaluation with batches of 2, 3 and 5 examples, the given ones again and again. What it does is written down; that the
 * recordings agree but for the size of the batch is checked. Elementwise operations are written by their formulas, those of a user too. The
 * weights are constants under their paths. The file is of IR 8 and operators 17.
 *
 * Numbers agree to rounding, NaN and infinities may not: see docs/onnx.md for each operation and its error.
 * @param inputs an example, of one or more rows: a tensor, or several by name, in the order in which the model takes them. A tensor alone is called `x`
 * @param options `fixed`, `weights`, `names`; default all first axes free, weights as they are, names of the model's own paths
 * @returns the bytes of the file. A tensor that is returned alone is called `y`, of a list `y.0`, `y.1`, …, of an object the names are its own
 * @throws ValueError for an operation that ONNX does not have, by name and place in the model; where the size of the batch changes more than sizes; for
 *   more than 2 GB
 * @example
 * import { exportONNX } from 'tapegrad/io';
 * const model = new Sequential(new Linear(4, 8), relu, new Linear(8, 3));
 * const file = exportONNX(model, Tensor.zeros([1, 4]));
 * // await writeFile('model.onnx', file)
 * file instanceof Uint8Array // => true
 * exportONNX((a) => det(a), Tensor.eye(3).unsqueeze(0)) // throws ValueError
 */
export function exportONNX(
  model: Exportable,
  inputs: Tensor | Readonly<Record<string, Tensor>>,
  options?: ONNXOptions,
): Uint8Array<ArrayBuffer> {
  const f = callable(model);
  const given = checkInputs(inputs);
  const { fixed, weights, names } = readOptions<ONNXOptions>('exportONNX', options, OPTIONS);
  const free = freeOf(given, fixed);
  const named = names ?? (typeof model === 'function' ? {} : { [MODEL]: model });
  const written = modelOf(record({ f, inputs: given, free, names: named }), free, weights === 'float16');
  const bytes = written.initializers.reduce((sum, initializer) => sum + initializer.bytes.length, 0);
  const message = bytes > MOST_BYTES ? undefined : modelMessage(written);
  if (message && message.length <= MOST_BYTES) return message.joined();
  throw new ValueError(
    `exportONNX: expected a model of up to 2 GB, which a file of Protocol Buffers holds, got ${bytes} bytes of constants; save the weights with writeSafetensors`,
  );
}

/** What a model is called by among the names of a tape: alone there, so that it does not show. */
const MODEL = '(model)';

function callable(model: unknown): (...inputs: Tensor[]) => unknown {
  if (typeof model === 'function') return (...inputs) => model(...inputs);
  const { forward } = (model ?? {}) as { forward?: unknown };
  if (typeof forward === 'function') return (...inputs) => forward.apply(model, inputs);
  throw new DtypeError(`exportONNX: expected a function of tensors or a model with forward, got ${quote(model)}`);
}

function checkInputs(inputs: unknown): Readonly<Record<string, Tensor>> {
  if (inputs instanceof Tensor) return { x: inputs };
  if (!isPlainObject(inputs) || Object.keys(inputs).length === 0)
    throw new DtypeError(
      `exportONNX: expected an example of the input, a tensor or tensors by name such as { x, mask }, got ${quote(inputs)}`,
    );
  for (const [name, x] of Object.entries(inputs)) {
    if (name === '') throw new ValueError('exportONNX: expected each input to have a name, got an empty one');
    checkTensor('exportONNX', `the input ${quote(name)}`, x);
  }
  return inputs as Readonly<Record<string, Tensor>>;
}

/** The inputs whose first axis is that of the batch. */
function freeOf(inputs: Readonly<Record<string, Tensor>>, fixed: ONNXOptions['fixed']): ReadonlySet<string> {
  if (fixed === true) return new Set();
  const names = Object.keys(inputs);
  const unknown = (fixed || []).find((name) => !names.includes(name));
  if (unknown !== undefined)
    throw new ValueError(`exportONNX: expected fixed to name inputs, ${names.map(quote).join(', ')}, got ${quote(unknown)}`);
  const free = names.filter((name) => !(fixed || []).includes(name) && inputs[name]!.rank > 0);
  const [first] = free;
  for (const name of free) {
    const [size, wanted] = [inputs[name]!.sizes[0]!, inputs[first!]!.sizes[0]!];
    if (size !== wanted || size === 0)
      throw new ValueError(
        `exportONNX: expected the first axis of each input to be that of the batch, got ${size} of ${quote(name)}${size === 0 ? '' : ` beside ${wanted} of ${quote(first)}`}; ` +
          (size === 0 ? 'an example has at least one row' : `name what has no batch, fixed: [${quote(name)}]`),
      );
  }
  return new Set(free);
}

const OPTIONS: OptionTable<ONNXOptions> = {
  fixed: /* @__PURE__ */ withoutDefault({
    words: 'true or a list of names of inputs',
    holds: (x) => typeof x === 'boolean' || (Array.isArray(x) && x.every((name) => typeof name === 'string')),
  }),
  weights: /* @__PURE__ */ withoutDefault(/* @__PURE__ */ oneOf('float16')),
  names: /* @__PURE__ */ withoutDefault({ words: 'models by their names, { encoder }', holds: isPlainObject }),
};
