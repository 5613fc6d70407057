/** A gradient, explained: the paths along which it comes back. */

import { anything, optional, readOptions, wholeNumberFrom, withoutDefault } from '../../base/options.ts';
import { formatShape } from '../../base/shape.ts';
import { unrecorded } from '../../tensor/recorders.ts';
import type { Tensor } from '../../tensor/tensor.ts';
import type { Computation, Entry } from '../entries.ts';
import { ruleOf, startingGradient } from '../rules.ts';
import { dependentsOf } from '../sweep.ts';
import type { BackwardOptions, Tape } from '../tape.ts';
import { idOf, labelsOf, type SweepStep } from './steps.ts';
import { namesOf } from './text.ts';
import { passBackWritten } from './written-rule.ts';

/** A path from a value back to one that it was computed from. */
export interface GradientPath {
  /** From the value back to the one asked about; `total` is what has come along this path alone. */
  readonly steps: readonly SweepStep[];
  /** What comes back along the path. */
  readonly gradient: Tensor;
}

/** Why a gradient is what it is. */
export interface Explanation {
  readonly paths: readonly GradientPath[];
  /** How many paths there are, those that were left out included. */
  readonly count: number;
  /** The gradient: the sum over all paths. */
  readonly gradient: Tensor;
  toString(): string;
}

/** How to explain a gradient. */
export interface ExplainOptions extends Pick<BackwardOptions, 'gradient'> {
  /** How many paths to follow, at most. Default 16. */
  readonly most?: number;
}

/**
 * Why the gradient of `y` for `x` is what it is: every path from `y` back to `x`, with the rule at each operation, the gradient that
 * arrives there and the one that is passed back. The gradient is the sum over the paths. Prints as text. The tape keeps all it holds.
 *
 * @param y a scalar, or any value if the `gradient` that arrives at it is given
 * @throws TapeError for a tensor that the tape never saw, for a tape that was swept, and for a parameter assigned since the recording;
 *   ShapeError for
 * a `y` that is no scalar and has no `gradient`; ValueError for a `most` that is no whole number from 1.
 * @example
 * const x = Tensor.of(3);
 * const tape = new Tape({ x });
 * const y = tape.record(() => x.mul(x));
 * explain(tape, y, x).paths.map(({ gradient }) => gradient.item()) // => [3, 3]
 */
export function explain(tape: Tape, y: Tensor, x: Tensor, options?: ExplainOptions): Explanation {
  const { gradient, most } = readOptions<ExplainOptions>('explain', options, {
    gradient: withoutDefault(anything),
    most: optional(wholeNumberFrom(1), 16),
  });
  const [from, to] = [idOf('explain', tape, y), idOf('explain', tape, x)];
  const incoming = startingGradient('explain', y, gradient);
  const [sum] = unrecorded(() => tape.backward(y, [x], { gradient: incoming, keep: true }));
  const counts = countPaths(tape, to);
  const paths = followPaths(tape, { from, to, incoming, counts, most });
  const count = counts.get(from) ?? 0;
  const names = namesOf(tape.entries, tape.values);
  return { paths, count, gradient: sum, toString: () => write(names[from]!, names[to]!, incoming, paths, count, sum) };
}

/** How many paths lead from each value back to another, by the id of the value; those that none leads from are left out. */
function countPaths(computation: Computation, to: number): Map<number, number> {
  const dependent = dependentsOf(computation, [to]);
  const counts = new Map([[to, 1]]);
  for (const { op, inputs, output } of computation.entries) {
    if (!dependent[output] || output === to) continue;
    const each = Object.entries(inputs).map(([input, id]) => (ruleOf(op, input) ? (counts.get(id) ?? 0) : 0));
    counts.set(
      output,
      each.reduce((a, b) => a + b, 0),
    );
  }
  return counts;
}

interface Search {
  readonly from: number;
  readonly to: number;
  /** The gradient that arrives at `from`. */
  readonly incoming: Tensor;
  readonly counts: ReadonlyMap<number, number>;
  readonly most: number;
}

/** The paths from one value back to another, depth first; without recursion, since a path may be as long as the tape. */
function followPaths(tape: Tape, { from, to, incoming, counts, most }: Search): GradientPath[] {
  if (!counts.has(from)) return [];
  if (from === to) return [{ steps: [], gradient: incoming }];
  const makers = new Map(tape.entries.map((entry) => [entry.output, entry]));
  const labels = labelsOf(tape);
  const paths: GradientPath[] = [];
  const path: SweepStep[] = [];
  // What is still to be followed: an input of an operation that is `depth` steps back on the path.
  const open: { readonly entry: Entry; readonly input: string; readonly incoming: Tensor; readonly depth: number }[] = [];
  const branch = (id: number, incoming: Tensor, depth: number) => {
    const entry = makers.get(id)!;
    for (const [input, next] of Object.entries(entry.inputs).reverse())
      if (counts.has(next) && ruleOf(entry.op, input)) open.push({ entry, input, incoming, depth });
  };
  branch(from, incoming, 0);
  while (open.length > 0 && paths.length < most) {
    const { entry, input, incoming, depth } = open.pop()!;
    const { outgoing, rule } = passBackWritten(tape, entry, input, incoming);
    path.length = depth;
    path.push({ ...labels(entry, input), rule, incoming, outgoing, total: outgoing });
    const next = entry.inputs[input]!;
    if (next === to) paths.push({ steps: [...path], gradient: outgoing });
    else branch(next, outgoing, depth + 1);
  }
  return paths;
}

/** A few numbers in full; of many the shape and the range. */
function brief(x: Tensor): string {
  if (x.size <= 6) return JSON.stringify(x.toArray(), (_, value) => (typeof value === 'number' ? Number(value.toPrecision(5)) : value));
  return `${formatShape(x.shape)} from ${Number(x.min().item().toPrecision(5))} to ${Number(x.max().item().toPrecision(5))}`;
}

function write(from: string, to: string, incoming: Tensor, paths: readonly GradientPath[], count: number, gradient: Tensor): string {
  const title =
    count === 0
      ? `no path leads from ${from} back to ${to}: its gradient is 0`
      : `${count} path${count === 1 ? '' : 's'} from ${from} back to ${to}`;
  const parts = paths.map(({ steps, gradient }, i) => {
    const rows = steps.map(({ line, name, rule, outgoing }) => `  ${line}\n    to ${name}: ${rule} = ${brief(outgoing)}`);
    return [`path ${i + 1}`, `  dy = ${brief(incoming)} arrives at ${from}`, ...rows, `  along this path: ${brief(gradient)}`].join('\n');
  });
  const rest = count > paths.length ? [`… and ${count - paths.length} more`] : [];
  return [title, ...parts, ...rest, ...(count > 1 ? [`all paths together: ${brief(gradient)}`] : [])].join('\n\n');
}
