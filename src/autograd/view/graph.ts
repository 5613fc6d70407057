/** A tape as a graph: what all drawings of it have in common. */

import { formatShape } from '../../base/shape.ts';
import { checkTape, type Tape } from '../tape.ts';
import { attributesOf, linesOf, namesOf } from './text.ts';

export type Kind = 'operation' | 'parameter' | 'input';

/** A value of the tape, at the place of its id: an operation stands for the value it makes. */
export interface Node {
  readonly kind: Kind;
  /** As `String(tape)` calls it. */
  readonly name: string;
  readonly shape: string;
  /** The text on it, line by line. */
  readonly label: readonly string[];
  /** The line of the tape that makes it, if any does. */
  readonly line: number | undefined;
}

/** An input of an operation. */
export interface Edge {
  readonly from: number;
  readonly to: number;
  /** The operation's name for the input; empty where it has only one. */
  readonly label: string;
  /** Where it arrives: from −½ at the left of the node to ½ at the right. */
  readonly arrives: number;
}

export interface Graph {
  readonly nodes: readonly Node[];
  /** In the order of the tape: an edge that leads to a node comes before all that lead from it. */
  readonly edges: readonly Edge[];
  readonly lines: readonly string[];
}

/** Values and operations as nodes, inputs as edges. Errors begin with `where`. */
export function graphOf(where: string, tape: Tape): Graph {
  checkTape(where, tape);
  const { entries, values } = tape;
  const names = namesOf(entries, values).map(clean);
  const nodes: Node[] = values.map(({ shape, version }, id) => {
    const [name, size] = [names[id]!, formatShape(shape)];
    return { kind: version === undefined ? 'input' : 'parameter', name, shape: size, label: [name, size], line: undefined };
  });
  const edges: Edge[] = [];
  entries.forEach(({ op, inputs, attributes, output }, line) => {
    const { name, shape } = nodes[output]!;
    const written = attributesOf(attributes).join(', ');
    const label = [clean(op.name), ...(written ? [clean(written)] : []), `${name} : ${shape}`];
    nodes[output] = { kind: 'operation', name, shape, label, line };
    const given = Object.entries(inputs);
    given.forEach(([input, from], i) => {
      edges.push({ from, to: output, label: given.length > 1 ? clean(input) : '', arrives: (i + 0.5) / given.length - 0.5 });
    });
  });
  return { nodes, edges, lines: linesOf(entries, values).map(clean) };
}

/** Text without control characters, halves of surrogate pairs, and marks that change the direction of writing. */
export const clean = (text: string): string => text.replace(/(?![\n\t])[\p{Cc}\p{Cs}\u202a-\u202e\u2066-\u2069]/gu, '\ufffd');
