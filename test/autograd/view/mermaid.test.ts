/** A tape as a flowchart of Mermaid. */

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Tape, Tensor, toMermaid } from '../../../src/index.ts';
import { edgesOf, graphs, HOSTILE, hostile, network } from '../../lib/tapes.ts';

describe('Mermaid', () => {
  test('a network of two layers reads as a flowchart', () => {
    expect(toMermaid(network().tape)).toMatchInlineSnapshot(`
      "flowchart TD
        n0(["x<br/>[5, 4]"]):::input
        n1(["y<br/>[5]"]):::input
        n2{{"layers.0.weight<br/>[4, 3]"}}:::parameter
        n3["matmul<br/>%0 : [5, 3]"]:::operation
        n4{{"layers.0.bias<br/>[3]"}}:::parameter
        n5["add<br/>%1 : [5, 3]"]:::operation
        n6["sigmoid<br/>%2 : [5, 3]"]:::operation
        n7{{"layers.2.weight<br/>[3, 2]"}}:::parameter
        n8["matmul<br/>%3 : [5, 2]"]:::operation
        n9{{"layers.2.bias<br/>[2]"}}:::parameter
        n10["add<br/>%4 : [5, 2]"]:::operation
        n11["crossEntropyOfClasses<br/>%5 : [5]"]:::operation
        n12["sum<br/>axes: [0]<br/>%6 : []"]:::operation
        n13(["5<br/>[]"]):::input
        n14["div<br/>%7 : []"]:::operation
        n0 -->|"a"| n3
        n2 -->|"b"| n3
        n3 -->|"a"| n5
        n4 -->|"b"| n5
        n5 --> n6
        n6 -->|"a"| n8
        n7 -->|"b"| n8
        n8 -->|"a"| n10
        n9 -->|"b"| n10
        n10 -->|"logits"| n11
        n1 -->|"classes"| n11
        n11 --> n12
        n12 -->|"a"| n14
        n13 -->|"b"| n14
        classDef operation fill:#e8eefc,stroke:#4a6fc4,color:#1a1a1f
        classDef parameter fill:#fff1d6,stroke:#b7791f,color:#1a1a1f
        classDef input fill:#e0f5e6,stroke:#2f855a,color:#1a1a1f
      "
    `);
  });

  test('every operation and value is one node, and every input one edge, whatever their names', () => {
    fc.assert(
      fc.property(graphs, (tape) => {
        const lines = toMermaid(tape).trimEnd().split('\n');
        const nodes = lines.filter((line) =>
          /^ {2}n\d+(\["[^"]*"\]|\{\{"[^"]*"\}\}|\(\["[^"]*"\]\)):::(operation|parameter|input)$/.test(line),
        );
        const edges = lines.filter((line) => /^ {2}n\d+ -->(\|"[^"]*"\|)? n\d+$/.test(line));
        expect(nodes.map((line) => Number(/\d+/.exec(line)![0]))).toEqual([...tape.values.keys()]);
        expect(edges.length).toBe(edgesOf(tape));
        expect(lines.length).toBe(1 + nodes.length + edges.length + 3);
        expect(nodes.filter((line) => line.endsWith(':::operation')).length).toBe(tape.entries.length);
      }),
    );
  });

  test('nothing in a name means anything to Mermaid, Markdown or HTML', () => {
    fc.assert(
      fc.property(hostile, (name) => {
        const text = /\(\["(.*)<br\/>/.exec(toMermaid(new Tape({ [name]: Tensor.of(1) })))![1]!;
        expect(text.replace(/#\d+;/g, '')).not.toMatch(/["<>&`{}()*_~$|;@!#]|:\S/);
      }),
    );
    expect(toMermaid(new Tape({ [HOSTILE]: Tensor.of(1) }))).toContain('n0(["#60;/script#62;#60;img src#61;x#62;<br/>[]"]):::input');
    expect(toMermaid(new Tape({ 'fa:fa-car': Tensor.of(1) }))).toContain('"fa#58;\u200bfa-car<br/>');
    expect(toMermaid(new Tape({ $$y$$: Tensor.of(1) }))).toContain('"#36;\u200b#36;y#36;\u200b#36;<br/>');
  });
});
