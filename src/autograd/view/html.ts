import { optional, readOptions } from '../../base/options.ts';
import type { Tensor } from '../../tensor/tensor.ts';
import { isReleased } from '../entries.ts';
import type { Tape } from '../tape.ts';
import { describe, placeGradients } from './describe.ts';
import { clean, type Graph, graphOf, type Kind, type Node } from './graph.ts';
import { layOut, type Size } from './layout.ts';
import { SCRIPT, STYLE } from './page.ts';

/** What a page shows beside the tape itself. */
export interface HTMLOptions {
  /** The heading. Default `'Tape'`. */
  readonly title?: string;
  /** Tensors with their gradients, such as `tape.backward(loss, { keep: true })` returns. */
  readonly gradients?: Iterable<readonly [Tensor, Tensor]>;
}

/**
 * A tape as one HTML page that needs nothing else: its graph from the inputs down to the end, and its text. Pointing at a node or a line,
 * or going to it with the keyboard, shows its numbers; a click pins it, and so does the address: `tape.html#n3` for value 3.
 *
 * A tape that was swept has no numbers any more, so only shapes are shown; sweep with `{ keep: true }` to see them.
 *
 * @throws TapeError for gradients of what the tape never saw.
 * @example
 * const x = Tensor.of([1, 2]);
 * const tape = new Tape({ x });
 * tape.record(() => x.sum());
 * toHTML(tape, { title: 'A sum' }).startsWith('<!doctype html>') // => true
 */
export function toHTML(tape: Tape, options?: HTMLOptions): string {
  const graph = graphOf('toHTML', tape);
  const { title, gradients } = readOptions<HTMLOptions>('toHTML', options, {
    title: optional({ words: 'text', holds: (x) => typeof x === 'string' }, 'Tape'),
    gradients: optional({ words: 'pairs of a tensor and its gradient', holds: isIterable }, []),
  }) as Required<HTMLOptions>;
  const { placed, lost } = placeGradients(tape, gradients);
  const described = graph.nodes.map((node, i) => ({ node, ...detailsOf(tape, node, i, placed.get(i)) }));
  const counts = (['operation', 'parameter', 'input'] as const).map((kind) => {
    const count = graph.nodes.filter((node) => node.kind === kind).length;
    return `<span class="key">${swatch(kind)}${count} ${kind}${count === 1 ? '' : 's'}</span>`;
  });
  const notices = [
    ...(isReleased(tape)
      ? ['This tape was swept and holds no tensors any more, so there are shapes only; sweep with { keep: true } to see numbers.']
      : []),
    ...(lost > 0 ? [`Gradients of tensors that the swept tape does not know any more: ${lost}.`] : []),
  ];
  const data = {
    nodes: described.map(({ node, broken, ...rest }) => ({ name: node.name, ...rest })),
    edges: graph.edges.map(({ from, to }) => [from, to]),
  };
  const lines = graph.lines.map((line, i) => `<li data-node="${tape.entries[i]!.output}">${escapeHTML(line)}</li>`);
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'">
<title>${escapeHTML(clean(title))}</title>
<style>${STYLE}</style>
<header>
<h1>${escapeHTML(clean(title))}</h1>
${counts.join('\n')}
${notices.map((notice) => `<p>${escapeHTML(notice)}</p>`).join('\n')}
</header>
<div id="graph">
${draw(
  graph,
  described.map(({ broken }) => broken),
)}
</div>
<section id="details" aria-label="What is known of a value"><p>Point at a node, or go to it with the Tab key, to see its numbers. A click or Enter pins it; Escape lets go.</p></section>
<ol id="lines">
${lines.join('\n')}
</ol>
<script type="application/json" id="data">${JSON.stringify(data).replaceAll('<', '\\u003c')}</script>
<script>${SCRIPT}</script>
</html>
`;
}

const isIterable = (x: unknown): boolean =>
  typeof x === 'object' && typeof (x as Iterable<unknown> | null)?.[Symbol.iterator] === 'function';

/** What the page shows of a value. */
function detailsOf(tape: Tape, { kind, label, shape }: Node, id: number, gradient: Tensor | undefined) {
  const { tensor, version } = tape.values[id]!;
  const numbers = tensor && describe(tensor);
  const rows = [
    kind === 'operation' ? [kind, label.slice(0, -1).join(', ')] : ['kind', kind],
    ['shape', shape],
    ...(tensor ? [['dtype', tensor.dtype]] : []),
    ...(numbers ? numbers.rows : []),
    // Its numbers are then not those that the tape saw.
    ...(version !== undefined && tensor && (tensor as Tensor & { version: number }).version !== version
      ? [['note', 'assigned since it was recorded']]
      : []),
  ];
  return { rows, numbers: numbers?.numbers, gradient: gradient && describe(gradient), broken: numbers?.broken ?? false };
}

const CHARACTER = 7.25;
const LINE = 17;
const LONGEST = 30;

/** The graph as SVG. */
function draw(graph: Graph, broken: readonly boolean[]): string {
  const labels = graph.nodes.map(({ label }) => label.map(shorten));
  const sizes = labels.map((label, i) => ({
    width: Math.ceil(Math.max(3, ...label.map(widthOf)) * CHARACTER) + (graph.nodes[i]!.kind === 'operation' ? 18 : 34),
    height: label.length * LINE + 10,
  }));
  const { width, height, places, routes } = layOut(graph, sizes);
  const tip = (id: string) =>
    `<marker id="${id}" viewBox="0 0 8 8" refX="8" refY="4" markerWidth="8" markerHeight="8" markerUnits="userSpaceOnUse" orient="auto"><path d="M0 0L8 4L0 8Z"/></marker>`;
  const edges = graph.edges.map(({ label }, i) => {
    const { path, x, y } = routes[i]!;
    return `<g class="edge"><path d="${path}"/>${label && `<text x="${x + 5}" y="${y - 8}">${escapeHTML(shorten(label))}</text>`}</g>`;
  });
  const nodes = graph.nodes.map(({ kind, name, shape, label }, i) => {
    const { x, y } = places[i]!;
    const texts = labels[i]!.map((line, row) => `<text y="${row * LINE + 18}">${escapeHTML(line)}</text>`).join('');
    const spoken = escapeHTML(kind === 'operation' ? `operation ${label.join(', ')}` : `${kind} ${name}, shape ${shape}`);
    const mark = broken[i] ? ' broken' : '';
    return `<a class="node ${kind}${mark}" href="#n${i}" aria-label="${spoken}" transform="translate(${x} ${y})">${outline(kind, sizes[i]!)}${texts}</a>`;
  });
  return [
    `<svg width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" role="group" aria-label="The tape as a graph">`,
    `<defs>${tip('tip')}${tip('tip-on')}</defs>`,
    ...edges,
    ...nodes,
    '</svg>',
  ].join('\n');
}

/** The outline of a kind of node, around the middle of its upper side. */
function outline(kind: Kind, { width, height }: Size): string {
  const half = width / 2;
  if (kind === 'parameter') {
    const [inner, middle] = [half - 12, height / 2];
    return `<path class="shape" d="M${-inner} 0H${inner}L${half} ${middle}L${inner} ${height}H${-inner}L${-half} ${middle}Z"/>`;
  }
  return `<rect class="shape" x="${-half}" width="${width}" height="${height}" rx="${kind === 'input' ? height / 2 : 3}"/>`;
}

const swatch = (kind: Kind): string =>
  `<svg class="${kind}" width="30" height="18" viewBox="-15 -1 30 18" aria-hidden="true">${outline(kind, { width: 26, height: 16 })}</svg>`;

/** On one line, and without its middle where it is long. */
function shorten(text: string): string {
  const characters = [...text.replace(/\s+/g, ' ')];
  if (characters.length <= LONGEST) return characters.join('');
  return [...characters.slice(0, LONGEST / 2 - 1), '…', ...characters.slice(-LONGEST / 2)].join('');
}

/** The width of a text in columns; a character that is neither Latin, Greek nor Cyrillic may take two. */
const widthOf = (text: string): number =>
  [...text].reduce((sum, character) => sum + (character > '\u1100' && !'…∞'.includes(character) ? 2 : 1), 0);

const entities: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };

const escapeHTML = (text: string): string => text.replace(/[&<>"']/g, (character) => entities[character]!);
