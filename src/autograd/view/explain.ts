/** A sweep that can be watched: turn by turn, or along every path from a value to what it depends on. */

import { TapeError, ValueError } from '../../base/errors.ts';
import { formatShape } from '../../base/shape.ts';
import { recorders, unrecorded } from '../../tensor/recorders.ts';
import { checkTensor, type Tensor } from '../../tensor/tensor.ts';
import { passBack, ruleOf, seedFor } from '../rules.ts';
import type { Entry, Tape, Value } from '../tape.ts';
import { expressionOf } from './expression.ts';
import { linesOf, namesOf } from './text.ts';

/** One turn of the sweep: what one operation passes back to one of its inputs. */
export interface Step {
  /** The operation's line on the tape. */
  readonly line: string;
  /** What the operation calls the input, and what the tape calls it. */
  readonly input: string;
  readonly name: string;
  /** The derivative rule, as a formula of the gradient `dy` that arrives: `dy · y · (1 − y)`. */
  readonly rule: string;
  /** The gradient that arrives at the operation's result. */
  readonly incoming: Tensor;
  /** What it passes back to the input. */
  readonly outgoing: Tensor;
  /** All that has been passed back to that input so far, by this operation and those after it. */
  readonly total: Tensor;
}

/** A way from a value back to another. */
export interface Path {
  /** From the value back to what is asked about; `total` is what has come along this path alone. */
  readonly steps: readonly Step[];
  /** What comes back along it. */
  readonly gradient: Tensor;
}

/** Why a gradient is what it is. */
export interface Explanation {
  readonly paths: readonly Path[];
  /** How many paths there are, those that were left out included. */
  readonly count: number;
  /** The gradient: the sum over all paths. */
  readonly gradient: Tensor;
  toString(): string;
}

/**
 * The turns of the sweep, one after another, as they are taken: nothing is computed before it is asked for.
 * @param y a scalar, or any value if a `seed` is given
 */
export function* stepsOf(tape: Tape, y: Tensor, seed?: Tensor): Generator<Step, void> {
  const { entries, values } = tape;
  const [names, lines] = [namesOf(entries, values), linesOf(entries, values)];
  const gradients = new Map([[numberOf(tape, y, 'steps'), seedFor(y, seed)]]);
  for (let i = entries.length - 1; i >= 0; i--) {
    const entry = entries[i]!;
    const incoming = gradients.get(entry.output);
    if (!incoming) continue;
    for (const input of Object.keys(entry.inputs)) {
      if (!ruleOf(entry.op, input)) continue;
      const number = entry.inputs[input]!;
      const { outgoing, rule } = turn(tape, entry, input, incoming);
      const before = gradients.get(number);
      const total = before ? before.add(outgoing) : outgoing;
      gradients.set(number, total);
      yield { line: lines[i]!, input, name: names[number]!, rule, incoming, outgoing, total };
    }
    gradients.delete(entry.output);
  }
}

/** Every path from `y` back to `x`, and the gradient that comes along each; at most `most` of them in full. */
export function explainTape(
  tape: Tape,
  y: Tensor,
  x: Tensor,
  { seed, most = 16 }: { readonly seed?: Tensor; readonly most?: number } = {},
): Explanation {
  if (!(Number.isInteger(most) && most > 0)) throw new ValueError(`explain: expected a number of paths from 1, got ${most}`);
  const [from, to] = [numberOf(tape, y, 'explain'), numberOf(tape, x, 'explain')];
  const { entries, values } = tape;
  const [names, lines] = [namesOf(entries, values), linesOf(entries, values)];
  const makers = new Map(entries.map((entry, i) => [entry.output, i]));
  // How many paths lead from each value back to x.
  const counts = new Map([[to, 1]]);
  for (const { op, inputs, output } of entries) {
    const sum = Object.entries(inputs).reduce((total, [input, number]) => total + (ruleOf(op, input) ? (counts.get(number) ?? 0) : 0), 0);
    if (sum > 0 && output !== to) counts.set(output, sum);
  }
  const paths: Path[] = [];
  const follow = (number: number, gradient: Tensor, steps: readonly Step[]): void => {
    if (paths.length === most) return;
    if (number === to) return void paths.push({ steps, gradient });
    const which = makers.get(number)!;
    const entry = entries[which]!;
    for (const [input, next] of Object.entries(entry.inputs)) {
      if (!counts.has(next) || !ruleOf(entry.op, input)) continue;
      const { outgoing, rule } = turn(tape, entry, input, gradient);
      follow(next, outgoing, [
        ...steps,
        { line: lines[which]!, input, name: names[next]!, rule, incoming: gradient, outgoing, total: outgoing },
      ]);
    }
  };
  const start = seedFor(y, seed);
  if (counts.has(from)) follow(from, start, []);
  const [gradient] = tape.backward(y, [x], { seed: start, keep: true });
  const count = counts.get(from) ?? 0;
  return { paths, count, gradient, toString: () => write(names[from]!, names[to]!, start, paths, count, gradient) };
}

/** What one operation passes back to one input, and the rule as it is written: who else records hears of neither. */
function turn({ values }: Tape, entry: Entry, input: string, incoming: Tensor): { outgoing: Tensor; rule: string } {
  // A tensor that stands for two names is called by the first: `dy` is a tensor of its own.
  const dy = unrecorded(() => incoming.reshape(incoming.shape));
  const names = new Map<Tensor, string>([
    [dy, 'dy'],
    [values[entry.output]!.tensor!, 'y'],
  ]);
  for (const [name, number] of Object.entries(entry.inputs))
    if (!names.has(values[number]!.tensor!)) names.set(values[number]!.tensor!, name);
  const { entries, seen, result } = listen(() => passBack(entry, values, input, dy), names);
  return {
    outgoing: result,
    rule: expressionOf(
      entries,
      seen,
      seen.findIndex(({ tensor }) => tensor === result),
    ),
  };
}

/** The operations that a function performs, and the tensors they are performed on. */
function listen(f: () => Tensor, names: ReadonlyMap<Tensor, string>): { entries: Entry[]; seen: Value[]; result: Tensor } {
  const [entries, seen]: [Entry[], Value[]] = [[], []];
  const number = (tensor: Tensor): number => {
    const known = seen.findIndex((value) => value.tensor === tensor);
    if (known >= 0) return known;
    const name = names.get(tensor);
    const constant = name === undefined && tensor.rank === 0 ? tensor.item() : undefined;
    return seen.push({ shape: tensor.shape, name, constant, version: undefined, tensor }) - 1;
  };
  const result = unrecorded(() => {
    recorders.push((op, inputs, attributes, output) => {
      const given = Object.fromEntries(Object.entries(inputs).map(([name, x]) => [name, number(x)]));
      const made = seen.push({ shape: output.shape, name: undefined, constant: undefined, version: undefined, tensor: output }) - 1;
      entries.push({ op, inputs: given, attributes, output: made });
    });
    try {
      return f();
    } finally {
      recorders.pop();
    }
  });
  number(result);
  return { entries, seen, result };
}

function numberOf({ values }: Tape, x: Tensor, where: string): number {
  checkTensor(where, 'the value', x);
  const number = values.findIndex(({ tensor }) => tensor === x);
  if (number >= 0) return number;
  const swept = values.length > 0 && values.every(({ tensor }) => !tensor);
  throw new TapeError(
    swept
      ? `${where}: this tape was swept and holds nothing any more; ask before, or sweep with { keep: true }`
      : `${where}: the tape never saw the tensor of shape ${formatShape(x.shape)}; is it the one used inside record, and not a copy?`,
  );
}

/** A few numbers in full; of many the shape and the range. */
function brief(x: Tensor): string {
  if (x.size <= 6) return JSON.stringify(x.toArray(), (_, value) => (typeof value === 'number' ? Number(value.toPrecision(5)) : value));
  return `${formatShape(x.shape)} from ${Number(x.min().item().toPrecision(5))} to ${Number(x.max().item().toPrecision(5))}`;
}

function write(from: string, to: string, seed: Tensor, paths: readonly Path[], count: number, gradient: Tensor): string {
  const title =
    count === 0
      ? `no path leads from ${from} back to ${to}: its gradient is 0`
      : `${count} path${count === 1 ? '' : 's'} from ${from} back to ${to}`;
  const told = paths.map(({ steps, gradient }, i) => {
    const rows = steps.map(({ line, name, rule, outgoing }) => `  ${line}\n    to ${name}: ${rule} = ${brief(outgoing)}`);
    return [`path ${i + 1}`, `  dy = ${brief(seed)} arrives at ${from}`, ...rows, `  along this path: ${brief(gradient)}`].join('\n');
  });
  const rest = count > paths.length ? [`… and ${count - paths.length} more`] : [];
  return [title, ...told, ...rest, ...(count > 1 ? [`all paths together: ${brief(gradient)}`] : [])].join('\n\n');
}
