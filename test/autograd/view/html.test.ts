/** A tape as a page. */

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { namesOf } from '../../../src/autograd/view/text.ts';
import { Parameter, Tape, Tensor, toDot, toHTML, toMermaid } from '../../../src/index.ts';
import { edgesOf, graphs, HOSTILE, network, pageOf } from '../../lib/tapes.ts';

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

  test('names values as the printed tape does, and as all pictures do', () => {
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

  test('escapes names and titles: they add no element and no script', () => {
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

  test('loads nothing from the internet', () => {
    const html = toHTML(network().tape);
    expect(html).not.toMatch(/https?:|@import|url\((?!#)|\ssrc=|<link/);
    expect(html).toContain("default-src 'none'");
  });

  test('shows all numbers of small tensors, the first of large ones, and counts NaN and infinities', () => {
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

  test('shows each gradient at its tensor, and refuses gradients of tensors that the tape never saw', () => {
    const { tape, loss, weight } = network();
    const gradients = tape.backward(loss, { keep: true });
    const { data } = pageOf(toHTML(tape, { gradients }));
    const withGradient = data.nodes.filter((node: { gradient?: object }) => node.gradient).map(({ name }: { name: string }) => name);
    expect(withGradient).toEqual(['layers.0.weight', 'layers.0.bias', 'layers.2.weight', 'layers.2.bias']);
    expect(() => toHTML(tape, { gradients: [[Tensor.of([1]), weight]] })).toThrow(
      /^toHTML: expected gradients of what the tape saw, got .*\[1\]/,
    );
  });

  test('of a swept tape shows shapes, and gradients by path, and says that it holds no tensors', () => {
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

  test('says where a parameter was assigned after the recording', () => {
    const { tape, weight } = network();
    expect(toHTML(tape)).not.toContain('assigned since');
    weight.assign(weight.mul(2));
    expect(toHTML(tape)).toContain('assigned since it was recorded');
  });
});
