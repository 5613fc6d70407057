/** A function recorded for one example of many: the first, and the last to compare with. */

import { TapeError } from '../../base/errors.ts';
import { formatShape } from '../../base/shape.ts';
import type { Batched } from '../../tensor/op.ts';
import { unrecorded } from '../../tensor/recorders.ts';
import { checkTensor, Tensor } from '../../tensor/tensor.ts';
import { outsideOf } from '../entries.ts';
import { Tape } from '../tape.ts';

/** Thrown where a function performs other operations for one example than for another. */
export class UnlikeExamples extends TapeError {}

/** How many functions are being recorded in order to be mapped, one inside another. */
let mappings = 0;

/** Whether the operations performed now are recorded for one example, to be performed for all later. */
export const isMapping = (): boolean => mappings > 0;

/** Tensors that were computed for one example and differ for the next: no function that is mapped on its own may close over one. */
const differing = /* @__PURE__ */ new WeakSet<Tensor>();

/** A function as it was recorded for one example. */
export interface Recorded {
  readonly tape: Tape;
  readonly xs: readonly Tensor[];
  readonly ys: readonly Tensor[];
  readonly single: boolean;
  /** The id of each tensor on the tape. */
  readonly ids: ReadonlyMap<Tensor, number>;
}

/** What a function returned, as a list. */
export const listed = (y: Tensor | readonly Tensor[]): readonly Tensor[] => (y instanceof Tensor ? [y] : y);

/** Records a function for one example. No other recorder is called. */
export function recordOne<Xs extends readonly Tensor[]>(f: (...xs: Xs) => Tensor | readonly Tensor[], xs: Xs): Recorded {
  const tape = new Tape(Object.fromEntries(xs.map((x, i) => [`x${i}`, x])));
  mappings++;
  let y: Tensor | readonly Tensor[];
  try {
    y = unrecorded(() => tape.record(() => f(...xs)));
  } finally {
    mappings--;
  }
  const ys = listed(y);
  if (!Array.isArray(ys)) throw new TapeError(`vmap: expected the function to return a tensor or a list of tensors, got ${typeof y}`);
  ys.forEach((one, i) => {
    checkTensor('vmap', `value ${i} of the function`, one);
  });
  return { tape, xs, ys, single: y instanceof Tensor, ids: new Map(tape.values.map(({ tensor }, id) => [tensor!, id])) };
}

/** Refuses two recordings that differ in an operation, an attribute or a tensor from outside. */
export function checkAlike(first: Recorded, last: Recorded): void {
  const refuse = (why: string): never => {
    throw new UnlikeExamples(
      `vmap: the function does not do the same for every example: ${why}; numbers taken out of tensors, and branches on them, cannot be mapped`,
    );
  };
  const [a, b] = [first.tape, last.tape];
  const outside = outsideOf(a).filter((id) => !first.xs.includes(a.values[id]!.tensor!));
  for (const id of outside) refuseDiffering(a.values[id]!.tensor!);
  if (a.entries.length !== b.entries.length) refuse(`${a.entries.length} operations for the first, ${b.entries.length} for the last`);
  a.entries.forEach((entry, i) => {
    const other = b.entries[i]!;
    const [mine, its] = [entry, other].map(({ op, inputs, attributes }) => `${op.name} ${JSON.stringify([inputs, attributes])}`);
    if (mine !== its) refuse(`${mine} for the first, ${its} for the last`);
  });
  for (const id of outside) {
    const [x, y] = [a, b].map(({ values }) => values[id]!.tensor!) as [Tensor, Tensor];
    if (x !== y && (x.size !== y.size || x.data.some((value, place) => !Object.is(value, y.data[place]))))
      refuse(`a tensor of shape ${formatShape(y.shape)} from outside differs`);
  }
}

/** Refuses a tensor that was computed for one example of another `vmap`, wherever a function has it from. */
export function refuseDiffering(x: Tensor): void {
  if (!differing.has(x)) return;
  throw new TapeError(
    `vmap: the function closes over a tensor of shape ${formatShape(x.shape)} that was made for one example of another vmap; make it an argument`,
  );
}

/** Notes which of the recorded tensors differ from example to example: those that depend on an argument that does. */
export function noteDiffering(all: readonly Batched[], ...recorded: readonly Recorded[]): void {
  const differs = new Set<number>();
  const note = (id: number, does: boolean) => {
    if (!does) return;
    differs.add(id);
    for (const { tape } of recorded) differing.add(tape.values[id]!.tensor!);
  };
  const [{ tape, xs, ids }] = recorded as [Recorded];
  all.forEach(({ batched }, i) => note(ids.get(xs[i]!)!, batched));
  for (const { inputs, output } of tape.entries)
    note(
      output,
      Object.values(inputs).some((input) => differs.has(input)),
    );
}
