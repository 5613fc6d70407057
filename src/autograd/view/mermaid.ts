import type { Tape } from '../tape.ts';
import { graphOf, type Kind } from './graph.ts';

const brackets: Readonly<Record<Kind, readonly [string, string]>> = { operation: ['[', ']'], parameter: ['{{', '}}'], input: ['([', '])'] };

const looks: Readonly<Record<Kind, string>> = {
  operation: 'fill:#e8eefc,stroke:#4a6fc4,color:#1a1a1f',
  parameter: 'fill:#fff1d6,stroke:#b7791f,color:#1a1a1f',
  input: 'fill:#e0f5e6,stroke:#2f855a,color:#1a1a1f',
};

/**
 * A tape as a Mermaid flowchart, which Markdown on many sites shows as a picture: operations in boxes, parameters in hexagons, and what
 * else came from outside in rounded boxes.
 *
 * @example
 * const x = Tensor.of([1, 2]);
 * const tape = new Tape({ x });
 * tape.record(() => x.sum());
 * toMermaid(tape).split('\n')[2] // => '  n1["sum<br/>axes: [0]<br/>%0 : []"]:::operation'
 */
export function toMermaid(tape: Tape): string {
  const { nodes, edges } = graphOf('toMermaid', tape);
  const boxes = nodes.map(({ kind, label }, i) => {
    const [open, close] = brackets[kind];
    return `  n${i}${open}"${label.map(escapeMermaid).join('<br/>')}"${close}:::${kind}`;
  });
  const arrows = edges.map(({ from, to, label }) => `  n${from} -->${label && `|"${escapeMermaid(label)}"|`} n${to}`);
  const classes = Object.entries(looks).map(([kind, look]) => `  classDef ${kind} ${look}`);
  return ['flowchart TD', ...boxes, ...arrows, ...classes, ''].join('\n');
}

/**
 * Mermaid reads a label as Markdown and HTML, with links, icons, formulas and directives in it: all that may begin any of these is written
 * as a character code. Two dollars begin a formula even so, and `fa:fa-` an icon: they get a space without width in between.
 */
const escapeMermaid = (text: string): string =>
  text
    .replace(/\$(?=\$)|\bfa\w?:(?=fa-)/g, '$&\u200b')
    .replace(/["#&<>`{}()*_~+=\\$|;@!^\n\t]|:(?! )|-(?!\w)|\.(?!\w)|^ | (?= )| $/g, (character) => `#${character.charCodeAt(0)};`);
