/** A tape as a graph of Graphviz. */

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Tape, Tensor, toDot } from '../../../src/index.ts';
import { edgesOf, graphs, network } from '../../lib/tapes.ts';

describe('Graphviz', () => {
  test('a network of two layers reads as a directed graph', () => {
    expect(toDot(network().tape)).toMatchInlineSnapshot(`
      "digraph tape {
        node [fontname="Courier"];
        edge [fontname="Courier"];
        n0 [label="x\\n[5, 4]", shape=ellipse, style=filled, fillcolor="#e0f5e6", color="#2f855a"];
        n1 [label="y\\n[5]", shape=ellipse, style=filled, fillcolor="#e0f5e6", color="#2f855a"];
        n2 [label="layers.0.weight\\n[4, 3]", shape=hexagon, style=filled, fillcolor="#fff1d6", color="#b7791f"];
        n3 [label="matmul\\n%0 : [5, 3]", shape=box, style="filled,rounded", fillcolor="#e8eefc", color="#4a6fc4"];
        n4 [label="layers.0.bias\\n[3]", shape=hexagon, style=filled, fillcolor="#fff1d6", color="#b7791f"];
        n5 [label="add\\n%1 : [5, 3]", shape=box, style="filled,rounded", fillcolor="#e8eefc", color="#4a6fc4"];
        n6 [label="sigmoid\\n%2 : [5, 3]", shape=box, style="filled,rounded", fillcolor="#e8eefc", color="#4a6fc4"];
        n7 [label="layers.2.weight\\n[3, 2]", shape=hexagon, style=filled, fillcolor="#fff1d6", color="#b7791f"];
        n8 [label="matmul\\n%3 : [5, 2]", shape=box, style="filled,rounded", fillcolor="#e8eefc", color="#4a6fc4"];
        n9 [label="layers.2.bias\\n[2]", shape=hexagon, style=filled, fillcolor="#fff1d6", color="#b7791f"];
        n10 [label="add\\n%4 : [5, 2]", shape=box, style="filled,rounded", fillcolor="#e8eefc", color="#4a6fc4"];
        n11 [label="crossEntropyOfClasses\\n%5 : [5]", shape=box, style="filled,rounded", fillcolor="#e8eefc", color="#4a6fc4"];
        n12 [label="sum\\naxes: [0]\\n%6 : []", shape=box, style="filled,rounded", fillcolor="#e8eefc", color="#4a6fc4"];
        n13 [label="5\\n[]", shape=ellipse, style=filled, fillcolor="#e0f5e6", color="#2f855a"];
        n14 [label="div\\n%7 : []", shape=box, style="filled,rounded", fillcolor="#e8eefc", color="#4a6fc4"];
        n0 -> n3 [label="a"];
        n2 -> n3 [label="b"];
        n3 -> n5 [label="a"];
        n4 -> n5 [label="b"];
        n5 -> n6;
        n6 -> n8 [label="a"];
        n7 -> n8 [label="b"];
        n8 -> n10 [label="a"];
        n9 -> n10 [label="b"];
        n10 -> n11 [label="logits"];
        n1 -> n11 [label="classes"];
        n11 -> n12;
        n12 -> n14 [label="a"];
        n13 -> n14 [label="b"];
      }
      "
    `);
  });

  test('every operation and value is one node, and every input one edge, whatever their names', () => {
    fc.assert(
      fc.property(graphs, (tape) => {
        const lines = toDot(tape).trimEnd().split('\n');
        const nodes = lines.filter((line) => /^ {2}n\d+ \[label="([^"\\\n]|\\.)*", shape=/.test(line));
        const edges = lines.filter((line) => /^ {2}n\d+ -> n\d+( \[label="([^"\\\n]|\\.)*"\])?;$/.test(line));
        expect(nodes.map((line) => Number(/\d+/.exec(line)![0]))).toEqual([...tape.values.keys()]);
        expect(edges.length).toBe(edgesOf(tape));
        expect(lines.length).toBe(3 + nodes.length + edges.length + 1);
      }),
    );
  });

  test('quotes, backslashes, line breaks and entities in names are escaped', () => {
    const name = 'a"b\\N\n&lt;';
    expect(toDot(new Tape({ [name]: Tensor.of(1) }))).toContain('n0 [label="a\\"b\\\\N\\n&amp;lt;\\n[]", shape=ellipse');
  });
});
