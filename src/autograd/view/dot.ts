import type { Tape } from '../tape.ts';
import { graphOf, type Kind } from './graph.ts';

const looks: Readonly<Record<Kind, string>> = {
  operation: 'shape=box, style="filled,rounded", fillcolor="#e8eefc", color="#4a6fc4"',
  parameter: 'shape=hexagon, style=filled, fillcolor="#fff1d6", color="#b7791f"',
  input: 'shape=ellipse, style=filled, fillcolor="#e0f5e6", color="#2f855a"',
};

/**
 * A tape as a graph for Graphviz: operations in boxes, parameters in hexagons, and what else came from outside in ellipses.
 *
 * @example
 * const x = Tensor.of([1, 2]);
 * const tape = new Tape({ x });
 * tape.record(() => x.sum());
 * toDot(tape).split('\n').at(-3) // => '  n0 -> n1;'
 */
export function toDot(tape: Tape): string {
  const { nodes, edges } = graphOf('toDot', tape);
  const boxes = nodes.map(({ kind, label }, i) => `  n${i} [label=${quote(label.join('\n'))}, ${looks[kind]}];`);
  const arrows = edges.map(({ from, to, label }) => `  n${from} -> n${to}${label && ` [label=${quote(label)}]`};`);
  return ['digraph tape {', '  node [fontname="Courier"];', '  edge [fontname="Courier"];', ...boxes, ...arrows, '}', ''].join('\n');
}

/** Graphviz reads escapes with a backslash, and those of HTML as well. */
const quote = (text: string): string =>
  `"${text.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('&', '&amp;').replaceAll('\n', '\\n')}"`;
