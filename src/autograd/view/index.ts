/** Ways to see a tape. */

export { toDot } from './dot.ts';
export { type PageOptions, toHTML } from './html.ts';
export { toMermaid } from './mermaid.ts';
