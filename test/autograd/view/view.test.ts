/** How a tape looks: as a graph for Mermaid and Graphviz, and as a page. */

import fc from 'fast-check';
import { parseHTML } from 'linkedom';
import { describe, expect, test } from 'vitest';
import { namesOf } from '../../../src/autograd/view/text.ts';
import {
  Linear,
  Parameter,
  parameters,
  Sequential,
  SGD,
  Sigmoid,
  SoftmaxCrossEntropy,
  Tape,
  TapeError,
  Tensor,
  toDot,
  toHTML,
  toMermaid,
} from '../../../src/index.ts';
import { runs } from '../../lib/runs.ts';

const HOSTILE = '</script><img src=x>';
const hostile = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.constantFrom(
    HOSTILE,
    'a"b',
    '`x`',
    '$$y$$',
    'style:"#35;',
    '%%{init: {}}%%',
    'a\nb',
    '\\',
    '&lt;',
    '\ud800',
    '\u202ey',
    '- x',
    '1. x',
  ),
);

/** Two layers with a loss: the tape, the end of it, and the model. */
function network() {
  const model = new Sequential(new Linear(4, 3), new Sigmoid(), new Linear(3, 2));
  new SGD(model, { learningRate: 1 }); // names the parameters
  const [x, y] = [Tensor.ones([5, 4]), Tensor.of([0, 1, 1, 0, 1], 'int32')];
  const tape = new Tape({ x, y });
  const loss = tape.record(() => new SoftmaxCrossEntropy().forward(model.forward(x), y));
  return { tape, loss, weight: parameters(model)[0]! };
}

/** A tape on which every operation takes any two values before it, or one of them and a number. */
const graphs = fc
  .record({
    names: fc.array(hostile, { minLength: 1, maxLength: 4 }),
    steps: fc.array(fc.tuple(fc.nat(), fc.nat(), fc.nat(3)), { maxLength: 12 }),
  })
  .map(({ names, steps }) => {
    const tape = new Tape({ unused: Tensor.of([1, 2]) });
    const made: Tensor[] = names.map((name, i) => (i % 2 ? Tensor.of([i, 1]) : new Parameter(Tensor.of([i, 1]), name)));
    tape.record(() => {
      for (const [i, j, kind] of steps) {
        const [a, b] = [made[i % made.length]!, made[j % made.length]!];
        made.push(kind === 0 ? a.neg() : kind === 1 ? a.add(2) : a.mul(b));
      }
    });
    return tape;
  });

/** The page as a browser sees it, what it knows of each value, and a way to look things up. */
function pageOf(html: string) {
  const { document } = parseHTML(html);
  const all = (selector: string) => [...document.querySelectorAll(selector)] as any[];
  return { document, all, data: JSON.parse(document.querySelector('#data')!.textContent!) };
}

const edgesOf = (tape: Tape): number => tape.entries.reduce((sum, { inputs }) => sum + Object.keys(inputs).length, 0);

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

  test('quotes, backslashes, line breaks and entities are what they were', () => {
    const name = 'a"b\\N\n&lt;';
    expect(toDot(new Tape({ [name]: Tensor.of(1) }))).toContain('n0 [label="a\\"b\\\\N\\n&amp;lt;\\n[]", shape=ellipse');
  });
});

describe('a page', () => {
  test('has one node that can be focused for each operation and value, and one line for each operation', () => {
    fc.assert(
      fc.property(graphs, (tape) => {
        const { all, data } = pageOf(toHTML(tape));
        expect(all('a.node[href]').map((node) => node.getAttribute('href'))).toEqual([...tape.values.keys()].map((i) => `#n${i}`));
        expect(all('a.node.operation').length).toBe(tape.entries.length);
        expect(all('.edge').length).toBe(edgesOf(tape));
        expect(all('#lines li').map((line) => Number(line.dataset.node))).toEqual(tape.entries.map(({ output }) => output));
        expect(data.nodes.length).toBe(tape.values.length);
      }),
    );
  });

  test('calls values what the tape calls them when it is printed, as all pictures do', () => {
    const { tape } = network();
    const { all, data } = pageOf(toHTML(tape));
    const names = data.nodes.map(({ name }: { name: string }) => name);
    expect(names).toEqual(namesOf(tape.entries, tape.values));
    expect(
      all('#lines li')
        .map((line) => line.textContent)
        .join('\n'),
    ).toBe(String(tape));
    for (const name of names) {
      expect(String(tape)).toContain(name);
      expect(toMermaid(tape)).toMatch(new RegExp(`["<>]${name}(<| : )`));
      expect(toDot(tape)).toMatch(new RegExp(`["n]${name}(\\\\n| : )`));
    }
  });

  test('lets nothing out of a name or title: no element, no script', () => {
    const tape = new Tape({ x: Tensor.of([1, 2]) });
    const p = new Parameter(Tensor.of([1, 2]), HOSTILE);
    tape.record(() => p.mul(p));
    const html = toHTML(tape, { title: `</title>${HOSTILE}`, gradients: [[p, Tensor.of([3, 4])]] });
    const { document, all, data } = pageOf(html);
    expect([all('img').length, all('script').length, all('title').length]).toEqual([0, 2, 1]);
    expect(html).not.toContain('<img');
    expect(document.querySelector('h1')!.textContent).toBe(`</title>${HOSTILE}`);
    expect(data.nodes[1].name).toBe(HOSTILE);
  });

  test('needs nothing from the network', () => {
    const html = toHTML(network().tape);
    expect(html).not.toMatch(/https?:|@import|url\((?!#)|\ssrc=|<link/);
    expect(html).toContain("default-src 'none'");
  });

  test('tells the numbers of small tensors, the first of large ones, and what is no number', () => {
    const small = Tensor.of([
      [1, NaN],
      [Infinity, 3],
    ]);
    const { all, data } = pageOf(toHTML(new Tape({ small, large: Tensor.arange(200), none: Tensor.zeros([0]) })));
    const rows = data.nodes.map((node: { rows: [string, string][] }) => Object.fromEntries(node.rows));
    expect(rows[0]).toEqual({ kind: 'input', shape: '[2, 2]', dtype: 'float32', min: '1', mean: '2', max: '3', NaN: '1', '±∞': '1' });
    expect(data.nodes[0].numbers).toBe('[[  1, nan],\n [inf,   3]]');
    expect(data.nodes[1].numbers).toBe('[0, 1, 2, 3, 4, 5, 6, 7, … 192 more]');
    expect([rows[2].min, data.nodes[2].numbers]).toEqual(['none', '[]']);
    expect(all('.node.broken').length).toBe(1);
  });

  test('shows gradients where they belong, and refuses those of what the tape never saw', () => {
    const { tape, loss, weight } = network();
    const gradients = tape.backward(loss, { keep: true });
    const { data } = pageOf(toHTML(tape, { gradients }));
    const withGradient = data.nodes.filter((node: { gradient?: object }) => node.gradient).map(({ name }: { name: string }) => name);
    expect(withGradient).toEqual(['layers.0.weight', 'layers.0.bias', 'layers.2.weight', 'layers.2.bias']);
    expect(() => toHTML(tape, { gradients: [[Tensor.of([1]), weight]] })).toThrow(
      /^toHTML: expected gradients of what the tape saw, got .*\[1\]/,
    );
  });

  test('of a swept tape has shapes, and gradients by path, and says so', () => {
    const { tape, loss } = network();
    const before = toMermaid(tape);
    const gradients = tape.backward(loss);
    const { document, data } = pageOf(toHTML(tape, { gradients: [...gradients, [Tensor.of([1]), Tensor.of([1])]] }));
    expect(document.querySelector('header')!.textContent).toContain('swept and holds no tensors any more');
    expect(document.querySelector('header')!.textContent).toContain('does not know any more: 1.');
    expect(data.nodes[0]).toEqual({
      name: 'x',
      rows: [
        ['kind', 'input'],
        ['shape', '[5, 4]'],
      ],
    });
    expect(data.nodes[2].gradient.rows[0][0]).toBe('min');
    expect(toMermaid(tape)).toBe(before);
  });

  test('says that a parameter was assigned since', () => {
    const { tape, weight } = network();
    expect(toHTML(tape)).not.toContain('assigned since');
    weight.assign(weight.mul(2));
    expect(toHTML(tape)).toContain('assigned since it was recorded');
  });

  test('puts every node below all it is made from, and none upon another', () => {
    fc.assert(
      fc.property(graphs, (tape) => {
        const { all } = pageOf(toHTML(tape));
        const boxes = all('.node').map((node) => {
          const [x, y] = /translate\((\S+) (\S+)\)/.exec(node.getAttribute('transform'))!.slice(1).map(Number) as [number, number];
          const shape = node.querySelector('.shape');
          const half = Number(/L(\S+)/.exec(shape.getAttribute('d'))?.[1] ?? shape.getAttribute('width') / 2);
          return { left: x - half, right: x + half, top: y, bottom: y + node.querySelectorAll('text').length * 17 + 10 };
        });
        for (const { inputs, output } of tape.entries)
          for (const i of Object.values(inputs)) expect(boxes[i]!.bottom).toBeLessThan(boxes[output]!.top);
        boxes.forEach((a, i) => {
          for (const b of boxes.slice(i + 1))
            expect(a.right < b.left || b.right < a.left || a.bottom < b.top || b.bottom < a.top).toBe(true);
        });
      }),
      { numRuns: runs(50) },
    );
  });
});

describe('all pictures', () => {
  test('are the same for the same tape', () => {
    const { tape } = network();
    for (const draw of [toMermaid, toDot, toHTML]) expect(draw(tape)).toBe(draw(tape));
    expect(toMermaid(network().tape)).toBe(toMermaid(network().tape));
    expect(toDot(network().tape)).toBe(toDot(network().tape));
  });

  test('can be made of an empty tape, of a long one, and of a tape only', () => {
    const w = new Parameter(Tensor.of([1, 2]), 'w');
    const long = new Tape();
    long.record(() => {
      let y: Tensor = w;
      for (let i = 0; i < 1000; i++) y = y.mul(w);
    });
    for (const draw of [toMermaid, toDot, toHTML]) {
      expect(draw(new Tape())).toBeTypeOf('string');
      expect(draw(long).length).toBeGreaterThan(10_000);
      expect(() => draw(undefined as unknown as Tape)).toThrow(new TapeError(`${draw.name}: expected a tape, got undefined`));
    }
    expect(() => toHTML(long, { title: 1 as unknown as string })).toThrow(/^toHTML: expected a string as title, got number/);
  });
});
