/** How a page looks and what it does. Neither holds anything of the tape, so there is nothing to escape. */

/* Colours are not the only sign: operations are boxes, parameters hexagons, inputs rounded. */
export const STYLE = `
:root { color-scheme: light dark; --paper: #fff; --panel: #f6f7f9; --ink: #1a1a1f; --faint: #5d6470; --line: #a3abb8; --mark: #c2255c; --wash: #fde7ef;
  --operation: #e8eefc; --operation-edge: #4a6fc4; --parameter: #fff1d6; --parameter-edge: #b7791f; --input: #e0f5e6; --input-edge: #2f855a; }
@media (prefers-color-scheme: dark) { :root { --paper: #15171c; --panel: #1c1f26; --ink: #e6e8ec; --faint: #9aa2af; --line: #5b6370; --mark: #ff7aa8; --wash: #3d1f2c;
  --operation: #1e2b4a; --operation-edge: #7b9cf0; --parameter: #3d2c0c; --parameter-edge: #e0a84a; --input: #123524; --input-edge: #58c08a; } }
* { box-sizing: border-box; }
body { margin: 0; height: 100vh; display: grid; grid-template: auto 1fr 1fr / minmax(0, 3fr) minmax(320px, 2fr);
  background: var(--paper); color: var(--ink); font: 14px/1.45 system-ui, sans-serif; }
header { grid-column: 1 / -1; display: flex; flex-wrap: wrap; gap: 2px 20px; align-items: center; padding: 8px 16px; border-bottom: 1px solid var(--line); }
h1 { font-size: 18px; margin: 0; overflow-wrap: anywhere; }
p { margin: 0; }
header p { flex-basis: 100%; color: var(--mark); }
.key { display: flex; gap: 6px; align-items: center; color: var(--faint); }
#graph { grid-row: 2 / 4; overflow: auto; display: flex; }
#graph > svg { flex: none; margin: auto; }
#details, #lines { overflow: auto; margin: 0; padding: 12px 16px; background: var(--panel); border-left: 1px solid var(--line); }
#lines { border-top: 1px solid var(--line); padding-inline: 0; list-style: none; }
pre, code, svg text, #lines { font: 12px/1.5 ui-monospace, 'DejaVu Sans Mono', Menlo, Consolas, monospace; }
pre { margin: 4px 0 12px; overflow: auto; }
#lines { width: 100%; }
#lines li { padding: 0 16px; white-space: pre; width: max-content; min-width: 100%; cursor: pointer; border-left: 3px solid transparent; }
#lines li.near { border-color: var(--line); }
#lines li.on { border-color: var(--mark); background: var(--wash); }
h2, h3 { font-size: 15px; margin: 0 0 4px; overflow-wrap: anywhere; }
h3 { font-size: 13px; margin-top: 12px; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: 0 12px; margin: 0 0 4px; }
dt { color: var(--faint); }
dd { margin: 0; overflow-wrap: anywhere; }
a { color: inherit; }
.node { cursor: pointer; text-decoration: none; outline: none; }
.node text { fill: var(--ink); text-anchor: middle; white-space: pre; }
.node text:first-of-type { font-weight: 600; }
.shape { stroke-width: 1.3; }
.operation .shape { fill: var(--operation); stroke: var(--operation-edge); }
.parameter .shape { fill: var(--parameter); stroke: var(--parameter-edge); }
.input .shape { fill: var(--input); stroke: var(--input-edge); }
.broken .shape { stroke: var(--mark); stroke-dasharray: 5 3; }
.near .shape { stroke-width: 2.6; }
.on .shape, .node:focus-visible .shape { stroke: var(--mark); stroke-width: 3; }
.edge path { fill: none; stroke: var(--line); stroke-width: 1.3; marker-end: url(#tip); }
.edge text { fill: var(--faint); stroke: var(--paper); stroke-width: 3; paint-order: stroke; font-size: 10px; }
.edge.on path { stroke: var(--mark); stroke-width: 2.2; marker-end: url(#tip-on); }
#tip path { fill: var(--line); } #tip-on path { fill: var(--mark); }
@media (max-width: 760px) { body { height: auto; display: block; } #graph, #lines { max-height: 70vh; } #details, #lines { border-left: 0; border-top: 1px solid var(--line); } }
`;

/* The pin is the hash of the address, #n3 for the node of value 3, so that a node can be linked to. */
export const SCRIPT = `
const { nodes: described, edges: joins } = JSON.parse(document.getElementById('data').textContent);
const all = (selector) => [...document.querySelectorAll(selector)];
const [nodes, edges, lines] = [all('.node'), all('.edge'), all('#lines li')];
const [graph, details, list] = ['graph', 'details', 'lines'].map((id) => document.getElementById(id));
const hint = [...details.childNodes];
const make = (name, parent, text = '') => {
  const element = parent.appendChild(document.createElement(name));
  element.textContent = text;
  return element;
};
const reveal = (element, box) => {
  const [e, b] = [element.getBoundingClientRect(), box.getBoundingClientRect()];
  if (e.top < b.top || e.bottom > b.bottom) box.scrollTop += e.top + e.height / 2 - b.top - b.height / 2;
  if (box === graph && (e.left < b.left || e.right > b.right)) box.scrollLeft += e.left + e.width / 2 - b.left - b.width / 2;
};
const rowsInto = (parent, rows) => {
  const table = make('dl', parent);
  for (const [name, value] of rows) { make('dt', table, name); make('dd', table, value); }
  return table;
};
function linksInto(table, title, others) {
  if (others.length === 0) return;
  make('dt', table, title);
  const cell = make('dd', table);
  others.forEach((i, n) => {
    if (n > 0) cell.append(', ');
    make('a', cell, described[i].name).href = '#n' + i;
  });
}
function show(which) {
  const from = which === undefined ? [] : [...new Set(joins.filter(([, to]) => to === which).map(([from]) => from))];
  const to = which === undefined ? [] : [...new Set(joins.filter(([from]) => from === which).map(([, to]) => to))];
  const mark = (element, i) => {
    element.classList.toggle('on', i === which);
    element.classList.toggle('near', from.includes(i) || to.includes(i));
  };
  nodes.forEach(mark);
  lines.forEach((line) => mark(line, Number(line.dataset.node)));
  edges.forEach((edge, i) => edge.classList.toggle('on', joins[i].includes(which)));
  if (which === undefined) return details.replaceChildren(...hint);
  const { name, rows, numbers, gradient } = described[which];
  details.replaceChildren();
  make('h2', details, name);
  const table = rowsInto(details, rows);
  linksInto(table, 'made from', from);
  linksInto(table, 'used by', to);
  if (numbers) make('pre', details, numbers);
  if (gradient) {
    make('h3', details, 'gradient');
    rowsInto(details, gradient.rows);
    make('pre', details, gradient.numbers);
  }
  const line = lines.find((line) => Number(line.dataset.node) === which) ?? lines.find((line) => line.classList.contains('near'));
  if (line) reveal(line, list);
}
const pinned = () => {
  const found = /^#n(\\d+)$/.exec(location.hash);
  return found && described[found[1]] ? Number(found[1]) : undefined;
};
const pin = (which) => { location.hash = which === pinned() ? '' : 'n' + which; };
const rest = () => show(pinned());
nodes.forEach((node, i) => {
  node.onpointerenter = node.onfocus = () => show(i);
  node.onpointerleave = node.onblur = rest;
  node.onclick = (event) => { event.preventDefault(); pin(i); };
});
for (const line of lines) {
  const i = Number(line.dataset.node);
  line.onpointerenter = () => show(i);
  line.onpointerleave = rest;
  line.onclick = () => pin(i);
}
onkeydown = ({ key }) => { if (key === 'Escape') location.hash = ''; };
onhashchange = () => { rest(); if (pinned() !== undefined) reveal(nodes[pinned()], graph); };
onhashchange();
`;
