/** ONNX files read by a decoder of Protocol Buffers that is not ours, with the field numbers of `onnx.proto3`. */

import { PbfReader } from 'pbf';

export type Attribute = number | string | readonly number[];

export interface DecodedNode {
  readonly inputs: string[];
  readonly outputs: string[];
  type: string;
  readonly attributes: Record<string, Attribute>;
}

export interface DecodedTensor {
  readonly sizes: number[];
  kind: number;
  name: string;
  bytes: Uint8Array;
}

export interface DecodedPort {
  name: string;
  kind: number;
  readonly sizes: (number | string)[];
}

export interface Decoded {
  version: number;
  producer: string;
  opset: number;
  domain: string;
  name: string;
  readonly nodes: DecodedNode[];
  readonly initializers: DecodedTensor[];
  readonly inputs: DecodedPort[];
  readonly outputs: DecodedPort[];
}

const TYPES = { 2: 'INT', 3: 'STRING', 7: 'INTS' } as const;

function readAttribute(pbf: PbfReader): [string, Attribute] {
  const read = { name: '', int: undefined as number | undefined, text: '', ints: [] as number[], type: 0 };
  pbf.readMessage((tag, to, from) => {
    if (tag === 1) to.name = from.readString();
    else if (tag === 3) to.int = from.readVarint(true);
    else if (tag === 4) to.text = from.readString();
    else if (tag === 8) to.ints.push(from.readVarint(true));
    else if (tag === 20) to.type = from.readVarint();
    else throw new Error(`no attribute has the field ${tag}`);
  }, read);
  const type = TYPES[read.type as keyof typeof TYPES];
  if (type === 'INT' && read.int !== undefined) return [read.name, read.int];
  if (type === 'STRING') return [read.name, read.text];
  if (type === 'INTS') return [read.name, read.ints];
  throw new Error(`${read.name} has the type ${read.type}`);
}

const readNode = (pbf: PbfReader): DecodedNode =>
  pbf.readMessage(
    (tag, node, from) => {
      if (tag === 1) node.inputs.push(from.readString());
      else if (tag === 2) node.outputs.push(from.readString());
      else if (tag === 4) node.type = from.readString();
      else if (tag === 5) {
        const [name, value] = readAttribute(from);
        node.attributes[name] = value;
      } else throw new Error(`no node has the field ${tag}`);
    },
    { inputs: [], outputs: [], type: '', attributes: {} } as DecodedNode,
  );

const readTensor = (pbf: PbfReader): DecodedTensor =>
  pbf.readMessage(
    (tag, tensor, from) => {
      if (tag === 1) tensor.sizes.push(from.readVarint());
      else if (tag === 2) tensor.kind = from.readVarint();
      else if (tag === 8) tensor.name = from.readString();
      else if (tag === 9) tensor.bytes = from.readBytes();
      else throw new Error(`no tensor has the field ${tag}`);
    },
    { sizes: [], kind: 0, name: '', bytes: new Uint8Array() } as DecodedTensor,
  );

/** Name, and the type of a tensor: its kind, and sizes that are numbers or names. */
function readPort(pbf: PbfReader): DecodedPort {
  const port: DecodedPort = { name: '', kind: 0, sizes: [] };
  const size = (tag: number, to: DecodedPort, from: PbfReader) => to.sizes.push(tag === 1 ? from.readVarint() : from.readString());
  const shape = (_: number, to: DecodedPort, from: PbfReader) => from.readMessage(size, to);
  const tensor = (tag: number, to: DecodedPort, from: PbfReader) => {
    if (tag === 1) to.kind = from.readVarint();
    else from.readMessage(shape, to);
  };
  const type = (_: number, to: DecodedPort, from: PbfReader) => from.readMessage(tensor, to);
  return pbf.readMessage((tag, to, from) => {
    if (tag === 1) to.name = from.readString();
    else from.readMessage(type, to);
  }, port);
}

function readGraph(tag: number, to: Decoded, pbf: PbfReader): void {
  if (tag === 1) to.nodes.push(readNode(pbf));
  else if (tag === 2) to.name = pbf.readString();
  else if (tag === 5) to.initializers.push(readTensor(pbf));
  else if (tag === 11) to.inputs.push(readPort(pbf));
  else if (tag === 12) to.outputs.push(readPort(pbf));
  else throw new Error(`no graph has the field ${tag}`);
}

const readOpset = (tag: number, to: Decoded, pbf: PbfReader): void => {
  if (tag === 1) to.domain = pbf.readString();
  else to.opset = pbf.readVarint();
};

/** What an ONNX file holds. */
export const decode = (file: Uint8Array): Decoded =>
  new PbfReader(file).readFields(
    (tag, model, pbf) => {
      if (tag === 1) model.version = pbf.readVarint();
      else if (tag === 2) model.producer = pbf.readString();
      else if (tag === 7) pbf.readMessage(readGraph, model);
      else if (tag === 8) pbf.readMessage(readOpset, model);
      else throw new Error(`no model has the field ${tag}`);
    },
    { version: 0, producer: '', opset: 0, domain: '?', name: '', nodes: [], initializers: [], inputs: [], outputs: [] } as Decoded,
  );
