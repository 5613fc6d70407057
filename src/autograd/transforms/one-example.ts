/** A function recorded for one example of many: the first, and the last to compare with. */

import { TapeError } from '../../base/errors.ts';
import { formatShape } from '../../base/shape.ts';
import type { Batched } from '../../tensor/op.ts';
import { unrecorded } from '../../tensor/recorders.ts';
import { checkTensor, Tensor } from '../../tensor/tensor.ts';
import { Tape } from '../tape.ts';

/** A function that does other operations for one example than for another. */
export class UnlikeExamples extends TapeError {}

/** How many functions are being recorded to be mapped. */
let mappings = 0;

/** Whether what is done now is done for one example, and will be for all. */
export const isMapping = (): boolean => mappings > 0;

/** What was made for one example, and is another for the next: no function that is mapped on its own may close over it. */
const differing = /* @__PURE__ */ new WeakSet<Tensor>();

/** A function as it was recorded for one example. */
export interface Recorded {
  readonly tape: Tape;
  readonly xs: readonly Tensor[];
  readonly ys: readonly Tensor[];
  readonly single: boolean;
  /** The number of each tensor on the tape. */
  readonly numbers: ReadonlyMap<Tensor, number>;
}

/** What a function returned, as a list. */
export const listed = (y: Tensor | readonly Tensor[]): readonly Tensor[] => (y instanceof Tensor ? [y] : y);

/** Records a function for one example; nobody else hears of it. */
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
  return { tape, xs, ys, single: y instanceof Tensor, numbers: new Map(tape.values.map(({ tensor }, i) => [tensor!, i])) };
}

/** The same operations, with the same attributes, on the same values; and what came from outside is the same. */
export function checkAlike(first: Recorded, last: Recorded): void {
  const refuse = (why: string): never => {
    throw new UnlikeExamples(
      `vmap: the function does not do the same for every example: ${why}; numbers taken out of tensors, and branches on them, cannot be mapped`,
    );
  };
  const [a, b] = [first.tape, last.tape];
  const made = new Set(a.entries.map(({ output }) => output));
  const outside = a.values.flatMap(({ tensor }, i) => (made.has(i) || first.xs.includes(tensor!) ? [] : [i]));
  for (const i of outside) refuseDiffering(a.values[i]!.tensor!);
  if (a.entries.length !== b.entries.length) refuse(`${a.entries.length} operations for the first, ${b.entries.length} for the last`);
  a.entries.forEach((entry, i) => {
    const other = b.entries[i]!;
    const [mine, its] = [entry, other].map(({ op, inputs, attributes }) => `${op.name} ${JSON.stringify([inputs, attributes])}`);
    if (mine !== its) refuse(`${mine} for the first, ${its} for the last`);
  });
  for (const i of outside) {
    const [x, y] = [a, b].map(({ values }) => values[i]!.tensor!) as [Tensor, Tensor];
    if (x !== y && (x.size !== y.size || x.data.some((value, place) => !Object.is(value, y.data[place]))))
      refuse(`a tensor of shape ${formatShape(y.shape)} from outside differs`);
  }
}

/** Refuses what was made for one example of another `vmap`, wherever a function has it from. */
export function refuseDiffering(x: Tensor): void {
  if (!differing.has(x)) return;
  throw new TapeError(
    `vmap: the function closes over a tensor of shape ${formatShape(x.shape)} that was made for one example of another vmap; make it an argument`,
  );
}

/** Remembers of all that was recorded whether it is another for another example. */
export function noteDiffering(all: readonly Batched[], ...recorded: readonly Recorded[]): void {
  const differs = new Set<number>();
  const note = (number: number, does: boolean) => {
    if (!does) return;
    differs.add(number);
    for (const { tape } of recorded) differing.add(tape.values[number]!.tensor!);
  };
  const [{ tape, xs, numbers }] = recorded as [Recorded];
  all.forEach(({ batched }, i) => note(numbers.get(xs[i]!)!, batched));
  for (const { inputs, output } of tape.entries)
    note(
      output,
      Object.values(inputs).some((input) => differs.has(input)),
    );
}
