import type { Batched } from '../tensor/batch.ts';
import { ShapeError, TapeError } from '../tensor/errors.ts';
import { moveAxis } from '../tensor/ops/rearrange.ts';
import { defaultRandom, drawingAgain } from '../tensor/random.ts';
import { unrecorded } from '../tensor/recorders.ts';
import { normalizeAxis, show } from '../tensor/shape.ts';
import { checkTensor, perform, Tensor } from '../tensor/tensor.ts';
import { performBatched } from './batching.ts';
import { Tape } from './tape.ts';

/** Which axis of each argument the examples lie along; `null` for what is the same for each. The first of every argument unless told. */
export interface MapOptions {
  readonly axes?: readonly (number | null)[];
}

/** A function that does other operations for one example than for another. */
export class UnlikeExamples extends TapeError {}

/** How many functions are being recorded to be mapped. */
let mappings = 0;

/** Whether what is done now is done for one example, and will be for all. */
export const isMapping = (): boolean => mappings > 0;

/** What was made for one example, and is another for the next: no function that is mapped on its own may close over it. */
const differing = /* @__PURE__ */ new WeakSet<Tensor>();

/**
 * A function of one example made one of many, without a loop over them: the function is recorded once, for the first example, and its tape is gone
 * through with operations that have one more axis. It may be differentiated, and be a derivative itself: `vmap(grad(f))` has the gradient for each
 * example.
 *
 * The function must do the same operations for every example. What it does not get as an argument is the same for all; so is what the default
 * generator draws. To be safe it is recorded for the last example as well, and refused where the two differ. An operation that does not say how it is
 * done for many examples at once (`batching`) is done for one after another.
 *
 * @param f a function of tensors that returns one, or a list of them
 * @returns the function with the axis of the examples first in what it returns
 * @throws ShapeError where arguments have different numbers of examples, TapeError where the function does other operations for another example.
 * @example vmap((x: Tensor, w: Tensor) => x.mul(w).sum())(Tensor.of([[1, 2], [3, 4]]), Tensor.of([[1, 1], [10, 10]])).toArray() // => [3, 70]
 */
export function vmap<Xs extends readonly Tensor[], Y extends Tensor | readonly Tensor[]>(
  f: (...xs: Xs) => Y,
  { axes }: MapOptions = {},
): (...xs: Xs) => Y {
  if (typeof f !== 'function') throw new TapeError(`vmap: expected a function of tensors, got ${typeof f}`);
  return (...xs) => {
    const { all, count } = examplesOf(xs, axes);
    const record = (which: number) =>
      recordOne(f, all.map(({ x, batched }) => (batched ? unrecorded(() => x.slice([which])) : x)) as unknown as Xs);
    const { state } = defaultRandom();
    const first = record(0);
    const last = count > 1 ? drawingAgain(state, () => record(count - 1)) : first;
    checkAlike(first, last);
    noteDiffering(all, first, last);
    const ys = replay(first, all, count);
    return (first.single ? ys[0]! : ys) as Y;
  };
}

/** A function as it was recorded for one example. */
interface Recorded {
  readonly tape: Tape;
  readonly xs: readonly Tensor[];
  readonly ys: readonly Tensor[];
  readonly single: boolean;
  /** The number of each tensor on the tape. */
  readonly numbers: ReadonlyMap<Tensor, number>;
}

/** Every argument with its examples first, and how many there are. */
function examplesOf(xs: readonly Tensor[], axes: MapOptions['axes']): { all: readonly Batched[]; count: number } {
  if (axes && axes.length !== xs.length)
    throw new ShapeError(`vmap: expected an axis for each of the ${xs.length} arguments, got ${axes.length}`);
  const all = xs.map((x, i): Batched => {
    checkTensor('vmap', `argument ${i}`, x);
    const axis = axes ? axes[i]! : 0;
    if (axis === null) return { x, batched: false };
    const normal = normalizeAxis('vmap', axis, x.shape);
    return { x: normal === 0 ? x : moveAxis(x, normal, 0), batched: true };
  });
  const counts = all.filter(({ batched }) => batched).map(({ x }) => x.shape[0]!);
  const [count] = counts;
  if (count === undefined || count === 0)
    throw new ShapeError(
      `vmap: expected at least one example, got ${count === 0 ? 'an axis of size 0' : 'no argument with an axis for them'}`,
    );
  if (counts.some((other) => other !== count))
    throw new ShapeError(`vmap: expected as many examples in each argument, got ${counts.join(' and ')}`);
  return { all, count };
}

function recordOne<Xs extends readonly Tensor[]>(f: (...xs: Xs) => Tensor | readonly Tensor[], xs: Xs): Recorded {
  const tape = new Tape(Object.fromEntries(xs.map((x, i) => [`x${i}`, x])));
  mappings++;
  let y: Tensor | readonly Tensor[];
  try {
    y = unrecorded(() => tape.record(() => f(...xs)));
  } finally {
    mappings--;
  }
  const ys = y instanceof Tensor ? [y] : y;
  if (!Array.isArray(ys)) throw new TapeError(`vmap: expected the function to return a tensor or a list of tensors, got ${typeof y}`);
  ys.forEach((one, i) => {
    checkTensor('vmap', `value ${i} of the function`, one);
  });
  return { tape, xs, ys, single: y instanceof Tensor, numbers: new Map(tape.values.map(({ tensor }, i) => [tensor!, i])) };
}

/** The same operations, with the same attributes, on the same values; and what came from outside is the same. */
function checkAlike(first: Recorded, last: Recorded): void {
  const refuse = (why: string): never => {
    throw new UnlikeExamples(
      `vmap: the function does not do the same for every example: ${why}; numbers taken out of tensors, and branches on them, cannot be mapped`,
    );
  };
  const [a, b] = [first.tape, last.tape];
  if (a.entries.length !== b.entries.length) refuse(`${a.entries.length} operations for the first, ${b.entries.length} for the last`);
  a.entries.forEach((entry, i) => {
    const other = b.entries[i]!;
    const [mine, its] = [entry, other].map(({ op, inputs, attributes }) => `${op.name} ${JSON.stringify([inputs, attributes])}`);
    if (mine !== its) refuse(`${mine} for the first, ${its} for the last`);
  });
  const made = new Set(a.entries.map(({ output }) => output));
  a.values.forEach(({ tensor: x }, i) => {
    const y = b.values[i]!.tensor!;
    if (made.has(i) || first.xs.includes(x!)) return;
    refuseDiffering(x!);
    if (x !== y && (x!.size !== y.size || x!.data.some((value, place) => !Object.is(value, y.data[place]))))
      refuse(`a tensor of shape ${show(y.shape)} from outside differs`);
  });
}

function refuseDiffering(x: Tensor): void {
  if (!differing.has(x)) return;
  throw new TapeError(
    `vmap: the function closes over a tensor of shape ${show(x.shape)} that was made for one example of another vmap; make it an argument`,
  );
}

/** Remembers of all that was recorded whether it is another for another example. */
function noteDiffering(all: readonly Batched[], ...recorded: readonly Recorded[]): void {
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

/** What was recorded for one example, done for all. Nobody heard of the recording, so all that the values depend on is done again. */
function replay({ tape: { entries, values }, xs, ys, numbers }: Recorded, all: readonly Batched[], count: number): Tensor[] {
  const needed = new Set(ys.map((y) => numbers.get(y)));
  for (const { inputs, output } of entries.toReversed())
    if (needed.has(output)) for (const input of Object.values(inputs)) needed.add(input);
  const found = new Map<number, Batched>(xs.map((x, i) => [numbers.get(x)!, all[i]!]));
  const lookUp = (number: number): Batched => found.get(number) ?? { x: values[number]!.tensor!, batched: false };
  for (const { op, inputs: given, attributes, output } of entries) {
    if (!needed.has(output)) continue;
    const inputs = Object.fromEntries(Object.entries(given).map(([name, number]) => [name, lookUp(number)]));
    const batched = Object.values(inputs).some((input) => input.batched);
    const x = batched
      ? performBatched({ op, inputs, attributes, shape: values[output]!.shape, count })
      : perform(op, Object.fromEntries(Object.entries(inputs).map(([name, { x }]) => [name, x])), attributes);
    found.set(output, { x, batched });
  }
  return ys.map((y) => {
    if (!numbers.has(y)) refuseDiffering(y);
    const { x, batched } = numbers.has(y) ? lookUp(numbers.get(y)!) : { x: y, batched: false };
    return batched ? x : x.broadcastTo([count, ...x.shape]);
  });
}
