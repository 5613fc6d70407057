/** A computation recorded for batches of several sizes, and what is the same in all of them. */

import { type Computation, type Entry, tensorsOf as tensorsById } from '../../autograd/entries.ts';
import { Tape } from '../../autograd/tape.ts';
import { newData } from '../../base/dtype.ts';
import { DtypeError, TapegradError, ValueError } from '../../base/errors.ts';
import { isPlainObject, quote } from '../../base/options.ts';
import { formatShape, sizeOf } from '../../base/shape.ts';
import type { Op } from '../../tensor/op.ts';
import { Tensor } from '../../tensor/tensor.ts';
import { partsOf, tensorsOf } from '../../tensor/walk.ts';
import { writerOf } from './operations.ts';
import { merged, type Size } from './sizes.ts';

/** What is recorded: a function of the inputs, in their order. */
export interface Recorded {
  readonly f: (...inputs: Tensor[]) => unknown;
  readonly inputs: Readonly<Record<string, Tensor>>;
  /** The inputs whose first size is that of the batch. */
  readonly free: ReadonlySet<string>;
  /** Models by name, whose tensors are named by their paths. */
  readonly names: Readonly<Record<string, object>>;
}

/** One recording. */
export interface Recording {
  readonly tape: Computation;
  /** The tensors that were the inputs, and those that are the outputs, by name. */
  readonly inputs: ReadonlyMap<string, Tensor>;
  readonly outputs: ReadonlyMap<string, Tensor>;
}

/** Not 1, which broadcasts; the third size checks what the first two say. */
const BATCHES = [2, 3, 5] as const;

/** Records a computation at several sizes of the batch; once with the inputs as they are if none has a batch. */
export function record(recorded: Recorded): { readonly recordings: readonly Recording[]; readonly batches: readonly number[] } {
  if (recorded.free.size === 0) return { recordings: [recordWith(recorded, undefined)], batches: [1] };
  return { recordings: BATCHES.map((batch) => recordWith(recorded, batch)), batches: BATCHES };
}

function recordWith({ f, inputs, free, names }: Recorded, batch: number | undefined): Recording {
  const given = new Map(Object.entries(inputs).map(([name, x]) => [name, resized(x, free.has(name) ? batch : undefined)]));
  const tape = new Tape({ ...Object.fromEntries(given), ...names });
  const result = tape.record(() => f(...given.values()), { training: false });
  return { tape: decomposed(tape), inputs: given, outputs: outputsOf(result) };
}

/** A computation in which those operations that ONNX does not have are written in others that they are composed of, where there are such. */
function decomposed(computation: Computation): Computation {
  const values = [...computation.values];
  const ids = new Map(values.map(({ tensor }, id) => [tensor, id]));
  const entries = computation.entries.flatMap((entry): Entry | Entry[] => {
    const { op, inputs, attributes, output } = entry;
    if (!op.composed || writerOf(op)) return entry;
    const inner = new Tape();
    const y = inner.record(() => op.composed!({ ...tensorsById(computation, inputs), ...attributes }), { training: false });
    const idOf = inner.values.map((value) => (value.tensor === y ? output : (ids.get(value.tensor) ?? values.push(value) - 1)));
    const outer = (own: Entry['inputs']) => Object.fromEntries(Object.entries(own).map(([name, id]) => [name, idOf[id]!]));
    return inner.entries.map((one) => ({ ...one, inputs: outer(one.inputs), output: idOf[one.output]! }));
  });
  return { entries, values };
}

/** A copy with so many examples: those that there are, again and again. */
function resized(x: Tensor, batch: number | undefined): Tensor {
  const sizes = batch === undefined ? x.sizes : [batch, ...x.sizes.slice(1)];
  const data = newData(x.dtype, sizeOf(sizes));
  const { numbers } = x;
  for (let i = 0; i < data.length; i++) data[i] = numbers[i % numbers.length]!;
  return new Tensor([...sizes], data);
}

/** The tensors that a function returned: one, or an object or list of them. */
function outputsOf(result: unknown): ReadonlyMap<string, Tensor> {
  if (result instanceof Tensor) return new Map([['y', result]]);
  const outputs = new Map(tensorsIn(result, Array.isArray(result) ? 'y' : ''));
  if (outputs.size === 0) throw new DtypeError(`exportONNX: expected a tensor or several to be returned, got ${quote(result)}`);
  return outputs;
}

/** How deep lists of results may stand in each other. */
const DEEPEST = 20;

/** Tensors by their paths; of lists and objects each part by itself, since one result may stand at several places. */
function* tensorsIn(value: unknown, path: string, depth = 0): Generator<readonly [string, Tensor]> {
  const within = (name: string) => (path && name ? `${path}.${name}` : path || name);
  if ((Array.isArray(value) || isPlainObject(value)) && depth < DEEPEST)
    for (const [name, part] of partsOf(value)) yield* tensorsIn(part, within(name), depth + 1);
  else for (const [name, x] of tensorsOf(value)) if (x instanceof Tensor) yield [within(name), x];
}

/** One operation, with what of its attributes changes with the batch. */
export interface Step {
  readonly op: Op<any, any>;
  readonly inputs: Readonly<Record<string, number>>;
  readonly attributes: Readonly<Record<string, unknown>>;
  readonly output: number;
  /** Where in the model it is, as far as that is known. */
  readonly where: string;
}

/** What all recordings have in common. */
export interface Common {
  readonly steps: readonly Step[];
  /** The shape of each value. */
  readonly sizes: readonly (readonly Size[])[];
}

/** Compares recordings. @throws ValueError where their operations differ. */
export function common(recordings: readonly Recording[], batches: readonly number[]): Common {
  const tapes = recordings.map(({ tape }) => tape);
  const [first, ...others] = tapes as [Computation, ...Computation[]];
  const given = new Set(recordings[0]!.inputs.values());
  let last = '';
  const steps = first.entries.map(({ op, inputs, output }, i): Step => {
    const path = Object.values(inputs)
      .map((id) => first.values[id]!)
      .find(({ name, tensor }) => name !== undefined && !given.has(tensor!))?.name;
    last = path ?? last;
    const where = path ? ` at ${path}` : last && ` after ${last}`;
    const same = others.every(({ entries }) => entries[i]?.op.name === op.name && sameInputs(entries[i]!.inputs, inputs));
    if (!same) throw changed(`operation ${i}, ${op.name}${where},`);
    const all = tapes.map(({ entries }) => entries[i]!.attributes as Readonly<Record<string, unknown>>);
    return { op, inputs, attributes: mergedAttributes(all, batches, `${op.name}${where}`), output, where };
  });
  if (others.some(({ entries, values }) => entries.length !== steps.length || values.length !== first.values.length))
    throw changed('the number of operations');
  const sizes = first.values.map((value, id) => mergedShape(tapes.map(({ values }) => values[id]!.shape), batches, value.name)); // biome-ignore format: a line
  return { steps, sizes };
}

const sameInputs = (a: Readonly<Record<string, number>>, b: Readonly<Record<string, number>>): boolean =>
  Object.keys(b).every((name) => a[name] === b[name]) && Object.keys(a).length === Object.keys(b).length;

function mergedAttributes(
  all: readonly Readonly<Record<string, unknown>>[],
  batches: readonly number[],
  where: string,
): Record<string, unknown> {
  const names = Object.keys(all[0]!);
  try {
    return Object.fromEntries(names.map((name) => [name, merged(all.map((attributes) => attributes[name]), batches)])); // biome-ignore format: a line
  } catch (error) {
    if (!(error instanceof TapegradError)) throw error;
    throw changed(where);
  }
}

function mergedShape(shapes: readonly (readonly number[])[], batches: readonly number[], name: string | undefined): readonly Size[] {
  if (shapes.some((shape) => shape.length !== shapes[0]!.length))
    throw changed(`the shape of ${name ?? 'a value'}, ${formatShape(shapes[0]!)},`);
  return merged(shapes, batches) as readonly Size[];
}

const changed = (what: string): ValueError =>
  new ValueError(
    `exportONNX: ${what} changes with the size of the batch in more than a size, so the graph would hold for one batch alone; export it with fixed: true`,
  );
