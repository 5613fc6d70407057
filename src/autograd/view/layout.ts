/**
 * Where the nodes of a graph go: in rows, each below all it is made from, with edges that pass between nodes and cross seldom.
 * The method is Sugiyama's: rows by longest path, order by barycentres, places by least squares.
 */

import type { Graph } from './graph.ts';

export interface Size {
  readonly width: number;
  readonly height: number;
}

/** Where a node is: the middle of its upper side. */
export interface Place {
  readonly x: number;
  readonly y: number;
}

/** An edge as an SVG path, and where it arrives. */
export interface Route extends Place {
  readonly path: string;
}

export interface Layout extends Size {
  readonly places: readonly Place[];
  readonly routes: readonly Route[];
}

/** What takes up space in a row: a node, or the edges of a node that pass through the row and end further down. */
interface Cell {
  readonly row: number;
  readonly width: number;
  readonly links: { readonly above: Link[]; readonly below: Link[] };
  x: number;
  order: number;
}

interface Link {
  readonly to: Cell;
  /** How far aside the edge arrives; it matters for the order alone. */
  readonly aside: number;
  /** How strongly the edge is pulled straight. */
  readonly weight: number;
}

type Side = keyof Cell['links'];

const APART = 18;
const BETWEEN_ROWS = 52;
/** So much of an edge goes straight into a node, beside its label. */
const STRAIGHT = 16;
const MARGIN = 16;
const ROUNDS = 12;

export function layOut({ nodes, edges }: Graph, sizes: readonly Size[]): Layout {
  const depths = depthsOf(nodes.length, edges);
  const rowOf = lowered(depths, edges);
  const rows: Cell[][] = Array.from({ length: Math.max(-1, ...rowOf) + 1 }, () => []);
  const add = (row: number, width: number): Cell => {
    const cell = { row, width, links: { above: [], below: [] }, x: 0, order: rows[row]!.length };
    rows[row]!.push(cell);
    return cell;
  };
  const cells = nodes.map((_, i) => add(rowOf[i]!, sizes[i]!.width));
  // All edges of a node share one way down, so that a weight used a hundred times does not make a hundred lines.
  const ways: Cell[][] = nodes.map(() => []);
  const join = (from: Cell, to: Cell, aside: number, weight: number) => {
    from.links.below.push({ to, aside, weight });
    to.links.above.push({ to: from, aside: 0, weight });
  };
  for (const { from, to, arrives } of edges) {
    const way = ways[from]!;
    const steps = rowOf[to]! - rowOf[from]! - 1;
    while (way.length < steps) {
      const last = way.at(-1) ?? cells[from]!;
      way.push(add(last.row + 1, 0));
      join(last, way.at(-1)!, 0, 1);
    }
    // What is on a longest path goes straight down; the rest stands aside.
    const longest = nodes[from]!.kind === 'operation' && depths[to] === depths[from]! + 1;
    join(way[steps - 1] ?? cells[from]!, cells[to]!, arrives, longest ? 100 : 0.04);
  }
  const upward = [...rows].reverse();
  for (let round = 0; round < ROUNDS; round++) {
    for (const row of rows) sort(row, 'above');
    for (const row of upward) sort(row, 'below');
  }
  for (let round = 0; round < ROUNDS; round++) {
    for (const row of rows) settle(row, ['above']);
    for (const row of upward) settle(row, ['below']);
  }
  for (const row of [...rows, ...upward]) settle(row, ['above', 'below']);

  const all = rows.flat();
  const left = MARGIN - leastOf(all.map(({ x, width }) => x - width / 2));
  for (const cell of all) cell.x = Math.round(cell.x + left);
  // A way with hardly a bend has none. Less than cells are apart, so nothing collides.
  for (const way of ways)
    way.reduce((before, cell) => {
      if (Math.abs(cell.x - before) < APART / 3) cell.x = before;
      return cell.x;
    }, way[0]?.x ?? 0);
  const heights = rows.map(() => 0);
  nodes.forEach((_, i) => {
    heights[rowOf[i]!] = Math.max(heights[rowOf[i]!]!, sizes[i]!.height);
  });
  const tops: number[] = [];
  let bottom = MARGIN - BETWEEN_ROWS;
  for (const height of heights) {
    tops.push(bottom + BETWEEN_ROWS);
    bottom += BETWEEN_ROWS + height;
  }
  const places = cells.map(({ x, row }, i) => ({ x, y: tops[row]! + Math.round((heights[row]! - sizes[i]!.height) / 2) }));
  const routes = edges.map(({ from, to, arrives }): Route => {
    const [start, end] = [places[from]!, places[to]!];
    let { x } = start;
    let path = `M${x} ${start.y + sizes[from]!.height}`;
    const goTo = (next: number, row: number) => {
      if (next === x) return;
      const [y, below] = [tops[row]! - BETWEEN_ROWS, tops[row]! - STRAIGHT];
      path += `V${y}C${x} ${(y + below) / 2} ${next} ${(y + below) / 2} ${next} ${below}`;
      x = next;
    };
    for (const cell of ways[from]!.slice(0, rowOf[to]! - rowOf[from]! - 1)) goTo(cell.x, cell.row);
    goTo(Math.round(end.x + arrives * sizes[to]!.width * 0.7), rowOf[to]!);
    return { path: `${path}V${end.y}`, x, y: end.y };
  });
  return { width: -leastOf(all.map(({ x, width }) => -x - width / 2)) + MARGIN, height: bottom + MARGIN, places, routes };
}

/** How many operations each node is below the top, at most. */
function depthsOf(count: number, edges: Graph['edges']): number[] {
  const depths = Array.from({ length: count }, () => 0);
  for (const { from, to } of edges) depths[to] = Math.max(depths[to]!, depths[from]! + 1);
  return depths;
}

/** Each node as far down as those made from it allow; an end stays where it is. */
function lowered(depths: readonly number[], edges: Graph['edges']): number[] {
  const rows = [...depths];
  const settled = new Set<number>();
  for (const { from, to } of [...edges].reverse()) {
    rows[from] = settled.has(from) ? Math.min(rows[from]!, rows[to]! - 1) : rows[to]! - 1;
    settled.add(from);
  }
  return rows;
}

/** Puts a row in the order of the barycentres of what its cells are joined to on one side. */
function sort(row: Cell[], side: Side): void {
  const wishes = new Map(row.map((cell) => [cell, meanOf(cell.links[side], ({ to, aside }) => to.order + aside) ?? cell.order]));
  row.sort((a, b) => wishes.get(a)! - wishes.get(b)! || a.order - b.order);
  row.forEach((cell, order) => {
    cell.order = order;
  });
}

/**
 * Moves the cells of a row as near to what they are joined to as their order and widths allow. These are least squares under an order,
 * which pooling finds: cells that would collide are joined and go where they want to be on average.
 */
function settle(row: readonly Cell[], sides: readonly Side[]): void {
  const pools: { cells: Cell[]; offsets: number[]; sum: number; weight: number }[] = [];
  let offset = 0;
  row.forEach((cell, i) => {
    if (i > 0) offset += (row[i - 1]!.width + cell.width) / 2 + APART;
    const links = sides.flatMap((side) => cell.links[side]);
    const weight = links.reduce((sum, link) => sum + link.weight, 0) || 0.01;
    const wish = (meanOf(links, ({ to }) => to.x) ?? cell.x) - offset;
    let pool = { cells: [cell], offsets: [offset], sum: wish * weight, weight };
    for (let last = pools.at(-1); last && last.sum / last.weight > pool.sum / pool.weight; last = pools.at(-1)) {
      pools.pop();
      pool = {
        cells: [...last.cells, ...pool.cells],
        offsets: [...last.offsets, ...pool.offsets],
        sum: last.sum + pool.sum,
        weight: last.weight + pool.weight,
      };
    }
    pools.push(pool);
  });
  for (const { cells, offsets, sum, weight } of pools) {
    cells.forEach((cell, i) => {
      cell.x = sum / weight + offsets[i]!;
    });
  }
}

function meanOf(links: readonly Link[], of: (link: Link) => number): number | undefined {
  const weight = links.reduce((sum, link) => sum + link.weight, 0);
  return weight > 0 ? links.reduce((sum, link) => sum + link.weight * of(link), 0) / weight : undefined;
}

const leastOf = (numbers: readonly number[]): number => numbers.reduce((a, b) => Math.min(a, b), numbers[0] ?? 0);
