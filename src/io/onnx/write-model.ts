/** Recordings of a model, written as a graph of ONNX. */

import { TapegradError, ValueError } from '../../base/errors.ts';
import type { ElementwiseOp } from '../../tensor/op.ts';
import { writeConstant } from './constants.ts';
import { Graph, type Value } from './graph-builder.ts';
import type { GraphNode, Model, Port } from './model-message.ts';
import { writerOf } from './operations.ts';
import { common, type Recording, type Step } from './recordings.ts';
import { Free, type Size } from './sizes.ts';
import { writeElementwise } from './write-elementwise.ts';

/** The version of the operators: the one that runtimes of the last years know. */
const OPSET = 17;

/** The model that some recordings agree on. */
export function modelOf(
  { recordings, batches }: { readonly recordings: readonly Recording[]; readonly batches: readonly number[] },
  free: ReadonlySet<string>,
  halves: boolean,
): Model {
  const { steps, sizes } = common(recordings, batches);
  const [{ tape, inputs, outputs }] = recordings as [Recording];
  const graph = new Graph([...free][0]);
  const ids = new Map(tape.values.map(({ tensor }, id) => [tensor, id]));
  const values = new Map<number, Value>();
  for (const [name, x] of inputs) {
    const id = ids.get(x)!;
    values.set(id, { name: graph.named(name), kind: x.dtype, sizes: sizes[id]! });
  }
  const ports = [...inputs.values()].map((x) => portOf(values.get(ids.get(x)!)!));
  const results = [...outputs].map(([name, y]) => ({ name: graph.named(name), id: ids.get(y) }));
  /** A constant is written at its first use; a number each time, since it depends on the use how. */
  const inputOf = (id: number, width: Size | undefined): Value => {
    const known = values.get(id);
    if (known) return known;
    const { name, tensor } = tape.values[id]!;
    const at = recordings.map((recording) => recording.tape.values[id]!.tensor!);
    const constant = located('', () => writeConstant(graph, { at, sizes: sizes[id]!, name, width }, batches, halves));
    const value = { name: constant, kind: tensor!.dtype, sizes: sizes[id]! };
    if (tensor!.rank > 0 || name !== undefined) values.set(id, value);
    return value;
  };
  for (const step of needed(
    steps,
    results.map(({ id }) => id),
  )) {
    const result = { kind: tape.values[step.output]!.tensor!.dtype, sizes: sizes[step.output]! };
    const width = 'formula' in step.op ? result.sizes.at(-1) : undefined;
    const given = Object.fromEntries(Object.entries(step.inputs).map(([name, id]) => [name, inputOf(id, width)]));
    const name = located(`${step.op.name}${step.where}: `, () => write(graph, step, given, result));
    values.set(step.output, { ...result, name });
  }
  return finished(graph, ports, results, values);
}

function write(
  graph: Graph,
  { op, attributes }: Step,
  given: Readonly<Record<string, Value>>,
  result: Pick<Value, 'kind' | 'sizes'>,
): string {
  const writer = writerOf(op);
  if (writer) return writer({ graph, inputs: given, attributes, ...result });
  if (!('formula' in op)) throw new ValueError('ONNX has no such operation, and tapegrad does not write it in others');
  const elementwise = op as ElementwiseOp;
  return writeElementwise(graph, elementwise, Object.keys(elementwise.backward).map((name) => given[name]!), result.sizes); // biome-ignore format: a line
}

/** The operations that some results need. */
function needed(steps: readonly Step[], results: readonly (number | undefined)[]): readonly Step[] {
  const wanted = new Set(results);
  const kept = steps.toReversed().filter(({ inputs, output }) => {
    if (!wanted.has(output)) return false;
    for (const id of Object.values(inputs)) wanted.add(id);
    return true;
  });
  return kept.reverse();
}

/** The model without what no result needs, each result under its name. */
function finished(
  graph: Graph,
  inputs: readonly Port[],
  results: readonly { readonly name: string; readonly id: number | undefined }[],
  values: ReadonlyMap<number, Value>,
): Model {
  const made = new Set(graph.nodes.flatMap(({ outputs }) => outputs));
  const names = new Map<string, string>();
  const outputs = results.map(({ name, id }) => {
    const value = id === undefined ? undefined : values.get(id);
    if (!value) throw new ValueError(`exportONNX: the result ${name} does not depend on any input`);
    if (made.has(value.name) && !names.has(value.name)) names.set(value.name, name);
    else graph.nodes.push({ type: 'Identity', inputs: [value.name], outputs: [name], attributes: {} });
    return portOf({ ...value, name });
  });
  const called = (all: readonly string[]) => all.map((name) => names.get(name) ?? name);
  const all = graph.nodes.map((node): GraphNode => ({ ...node, inputs: called(node.inputs), outputs: called(node.outputs) }));
  const used = new Set(outputs.map(({ name }) => name));
  const nodes = all.toReversed().filter((node) => {
    if (!node.outputs.some((name) => used.has(name))) return false;
    for (const name of node.inputs) used.add(name);
    return true;
  });
  const initializers = graph.initializers.filter(({ name }) => used.has(name));
  return { name: 'tapegrad', opset: OPSET, nodes: nodes.reverse(), initializers, inputs, outputs };
}

const portOf = ({ name, kind, sizes }: Value): Port => ({ name, kind, sizes: sizes.map((size, axis) => sizeOfPort(size, name, axis)) });

/** A size that is free has a name: that of the batch, or what is known of it. */
function sizeOfPort(size: Size, name: string, axis: number): number | string {
  if (!(size instanceof Free)) return size;
  if (!size.line) return `${name}_${axis}`;
  const { perExample, constant } = size.line;
  return `${perExample === 1 ? '' : `${perExample} * `}batch${constant === 0 ? '' : ` ${constant < 0 ? '-' : '+'} ${Math.abs(constant)}`}`;
}

/** Calls a function; what it refuses is told the place. */
function located<T>(where: string, f: () => T): T {
  try {
    return f();
  } catch (error) {
    if (error instanceof TapegradError) throw new ValueError(`exportONNX: ${where}${error.message}`);
    throw error;
  }
}
