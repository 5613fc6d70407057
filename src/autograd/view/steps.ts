/** A sweep that can be watched, step by step. */

import { isFloat } from '../../base/dtype.ts';
import { TapeError } from '../../base/errors.ts';
import { refuseUnknown } from '../../base/options.ts';
import { formatShape } from '../../base/shape.ts';
import { unrecorded } from '../../tensor/recorders.ts';
import { checkTensor, type Tensor } from '../../tensor/tensor.ts';
import { type Entry, isReleased, outsideOf, refuseIfAssigned } from '../entries.ts';
import { startingGradient } from '../rules.ts';
import { type SweepTask, sweep } from '../sweep.ts';
import { type BackwardOptions, checkTape, type Tape } from '../tape.ts';
import { linesOf, namesOf } from './text.ts';
import { passBackWritten } from './written-rule.ts';

/** One step of a sweep: what one operation passes back to one of its inputs. */
export interface SweepStep {
  /** The operation's line on the tape. */
  readonly line: string;
  /** The operation's name for the input, such as `a`. */
  readonly input: string;
  /** The tape's name for the input. */
  readonly name: string;
  /** The derivative rule, as a formula of the gradient `dy` that arrives: `dy · y · (1 − y)`. */
  readonly rule: string;
  /** The gradient that arrives at the operation's result. */
  readonly incoming: Tensor;
  /** What it passes back to the input. */
  readonly outgoing: Tensor;
  /** The sum of all that has been passed back to that input so far, by this operation and those after it. */
  readonly total: Tensor;
}

/**
 * The sweep of `y`, step by step: what each operation passes back to each of its inputs, the last operation first. What an operation passes
 * back is computed when the first of its steps is asked for. The tape keeps all it holds.
 *
 * @param y a scalar, or any value if the `gradient` that arrives at it is given
 * @throws TapeError for a `y` that the tape never saw, for a tape that was swept, and for a parameter assigned since the recording;
 *   ShapeError for a
 * `y` that is no scalar and has no `gradient`.
 * @example
 * const x = Tensor.of(3);
 * const tape = new Tape({ x });
 * const y = tape.record(() => x.mul(x).sigmoid());
 * [...steps(tape, y)].map(({ name, rule }) => `${name}: ${rule}`) // => ['%0: dy · y · (1 − y)', 'x: dy · a', 'x: dy · a']
 */
export function steps(tape: Tape, y: Tensor, options?: Pick<BackwardOptions, 'gradient'>): Generator<SweepStep, void> {
  refuseUnknown('steps', options, ['gradient']);
  const from = idOf('steps', tape, y);
  refuseIfAssigned('steps', tape);
  const start = startingGradient('steps', y, options?.gradient);
  const to = outsideOf(tape).filter((id) => isFloat(tape.values[id]!.tensor!.dtype));
  return walk(tape, { from, gradient: start, to });
}

function* walk(tape: Tape, task: SweepTask): Generator<SweepStep, void> {
  const labels = labelsOf(tape);
  const taken: SweepStep[] = [];
  let rule: string;
  const sweeping = sweep(tape, task, {
    pass(entry, input, dy) {
      const written = passBackWritten(tape, entry, input, dy);
      rule = written.rule;
      return written.outgoing;
    },
  });
  const note = (entry: Entry, input: string, incoming: Tensor, outgoing: Tensor, total: Tensor) =>
    taken.push({ ...labels(entry, input), rule, incoming, outgoing, total });
  while (unrecorded(() => sweeping.next(note))) yield* taken.splice(0);
}

/** The id of a tensor on a tape that still holds it. */
export function idOf(where: string, tape: Tape, x: Tensor): number {
  checkTape(where, tape);
  checkTensor(where, 'the value', x);
  const id = tape.values.findIndex(({ tensor }) => tensor === x);
  if (id >= 0) return id;
  throw new TapeError(
    isReleased(tape)
      ? `${where}: this tape was swept and holds nothing any more; ask before, or sweep with { keep: true }`
      : `${where}: the tape never saw the tensor of shape ${formatShape(x.shape)}; is it the one used inside record, and not a copy?`,
  );
}

/** How the steps of a tape are named: by the operation's line, and by the two names of the input. */
export function labelsOf({ entries, values }: Tape): (entry: Entry, input: string) => Pick<SweepStep, 'line' | 'input' | 'name'> {
  const [names, lines] = [namesOf(entries, values), linesOf(entries, values)];
  const lineOf = new Map(entries.map((entry, i) => [entry, lines[i]!]));
  return (entry, input) => ({ line: lineOf.get(entry)!, input, name: names[entry.inputs[input]!]! });
}
