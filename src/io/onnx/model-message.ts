/** The messages of ONNX: graphs, nodes and tensors with the field numbers of `onnx.proto3`. */

import { Message } from './protobuf.ts';

/** The kinds of number that graphs hold, and what ONNX calls each by number. */
export const KINDS = { float32: 1, int32: 6, int64: 7, bool: 9, float16: 10, float64: 11 } as const;

export type Kind = keyof typeof KINDS;

/** An attribute of a node: INT for a whole number, INTS for a list of them, STRING for a text. No node that is written has a FLOAT. */
export type Attributes = Readonly<Record<string, string | number | readonly number[]>>;

/** One operation of ONNX. */
export interface GraphNode {
  readonly type: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes: Attributes;
}

/** A constant of a graph; its numbers in row-major order, the low byte of each first. */
export interface Initializer {
  readonly name: string;
  readonly kind: Kind;
  readonly sizes: readonly number[];
  readonly bytes: Uint8Array;
}

/** An input or output; a size that is free has a name. */
export interface Port {
  readonly name: string;
  readonly kind: Kind;
  readonly sizes: readonly (number | string)[];
}

/** All that a file holds. */
export interface Model {
  readonly name: string;
  readonly opset: number;
  readonly nodes: readonly GraphNode[];
  readonly initializers: readonly Initializer[];
  readonly inputs: readonly Port[];
  readonly outputs: readonly Port[];
}

/** The version of the format: the one that every reader of the last years knows. */
const IR_VERSION = 8;

const TYPE = { INT: 2, STRING: 3, INTS: 7 } as const;

/** A model as the message that its file holds. */
export function modelMessage({ name, opset, nodes, initializers, inputs, outputs }: Model): Message {
  const graph = new Message();
  for (const node of nodes) graph.message(1, nodeMessage(node));
  graph.text(2, name);
  for (const initializer of initializers) graph.message(5, tensorMessage(initializer));
  for (const port of inputs) graph.message(11, portMessage(port));
  for (const port of outputs) graph.message(12, portMessage(port));
  return new Message().int(1, IR_VERSION).text(2, 'tapegrad').message(7, graph).message(8, new Message().text(1, '').int(2, opset));
}

function nodeMessage({ type, inputs, outputs, attributes }: GraphNode): Message {
  const message = new Message();
  for (const input of inputs) message.text(1, input);
  for (const output of outputs) message.text(2, output);
  message.text(4, type);
  for (const [name, value] of Object.entries(attributes)) message.message(5, attributeMessage(name, value));
  return message;
}

function attributeMessage(name: string, value: Attributes[string]): Message {
  const message = new Message().text(1, name);
  if (typeof value === 'string') return message.text(4, value).int(20, TYPE.STRING);
  if (typeof value === 'number') return message.int(3, value).int(20, TYPE.INT);
  for (const one of value) message.int(8, one);
  return message.int(20, TYPE.INTS);
}

function tensorMessage({ name, kind, sizes, bytes }: Initializer): Message {
  const message = new Message();
  for (const size of sizes) message.int(1, size);
  return message.int(2, KINDS[kind]).text(8, name).bytes(9, bytes);
}

function portMessage({ name, kind, sizes }: Port): Message {
  const shape = new Message();
  for (const size of sizes) shape.message(1, typeof size === 'number' ? new Message().int(1, size) : new Message().text(2, size));
  const tensor = new Message().int(1, KINDS[kind]).message(2, shape);
  return new Message().text(1, name).message(2, new Message().message(1, tensor));
}
