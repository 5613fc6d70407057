import { ShapeError, TapeError } from '../../base/errors.ts';
import { defaultRandom, drawingAgain } from '../../base/random.ts';
import { normalizeAxis } from '../../base/shape.ts';
import { stack } from '../../functions/layout/concat.ts';
import { moveAxis } from '../../functions/layout/rearrange.ts';
import type { Batched } from '../../tensor/op.ts';
import { unrecorded } from '../../tensor/recorders.ts';
import { checkTensor, perform, Tensor } from '../../tensor/tensor.ts';
import { performBatched } from './batching.ts';
import { checkAlike, listed, noteDiffering, type Recorded, recordOne, refuseDiffering, UnlikeExamples } from './one-example.ts';

/** How to map a function. */
export interface VmapOptions {
  /**
   * The axis of each argument that the examples lie along; `null` for an argument that is the same for each. Default 0 for every argument.
   */
  readonly axes?: readonly (number | null)[];
}

/**
 * Turns a function of one example into a function of many, without a loop over them: the function is recorded once, for the first example,
 * and its operations are performed with one more axis. It may be differentiated, and be a derivative itself: `vmap(grad(f))` is the
 * gradient for each example.
 *
 * The function must perform the same operations for every example. Tensors that it does not get as arguments are the same for all examples;
 * so is what the default generator draws. It is recorded for the last example as well, and refused where the two recordings differ. An
 * operation without a batching rule (`batching`) is performed for one example after another.
 *
 * @param f a function of tensors that returns one, or a list of them
 * @returns the function with the axis of the examples first in what it returns
 * @throws ShapeError where arguments have different numbers of examples, TapeError where the function performs other operations for another
 *   example.
 * @example vmap((x: Tensor, w: Tensor) => x.mul(w).sum())(Tensor.of([[1, 2], [3, 4]]), Tensor.of([[1, 1], [10, 10]])).toArray() // => [3, 70]
 */
export function vmap<Xs extends readonly Tensor[], Y extends Tensor | readonly Tensor[]>(
  f: (...xs: Xs) => Y,
  { axes }: VmapOptions = {},
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

/**
 * As `vmap`, but one example after another where the function performs other operations for another: a function that is not recorded may.
 */
export function vmapOrEach<Xs extends readonly Tensor[], Y extends Tensor | readonly Tensor[]>(
  f: (...xs: Xs) => Y,
  options: VmapOptions = {},
): (...xs: Xs) => Y {
  return (...xs) => {
    const { state } = defaultRandom();
    try {
      return vmap(f, options)(...xs);
    } catch (error) {
      if (!(error instanceof UnlikeExamples)) throw error;
    }
    const { all, count } = examplesOf(xs, options.axes);
    const each = Array.from({ length: count }, (_, which) => {
      defaultRandom().restore(state);
      return f(...(all.map(({ x, batched }) => (batched ? x.slice([which]) : x)) as unknown as Xs));
    });
    const lists = each.map(listed);
    const ys = lists[0]!.map((_, i) => stack(lists.map((list) => list[i]!)));
    return (each[0] instanceof Tensor ? ys[0]! : ys) as Y;
  };
}

/** Every argument with its examples first, and how many there are. */
function examplesOf(xs: readonly Tensor[], axes: VmapOptions['axes']): { all: readonly Batched[]; count: number } {
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

/**
 * Performs for all examples what was recorded for one. No other recorder saw the recording, so all that the values depend on is
 * performed.
 */
function replay({ tape: { entries, values }, xs, ys, ids }: Recorded, all: readonly Batched[], count: number): Tensor[] {
  const needed = new Set(ys.map((y) => ids.get(y)));
  for (const { inputs, output } of entries.toReversed())
    if (needed.has(output)) for (const input of Object.values(inputs)) needed.add(input);
  const found = new Map<number, Batched>(xs.map((x, i) => [ids.get(x)!, all[i]!]));
  const lookUp = (id: number): Batched => found.get(id) ?? { x: values[id]!.tensor!, batched: false };
  for (const { op, inputs: given, attributes, output } of entries) {
    if (!needed.has(output)) continue;
    const inputs = Object.fromEntries(Object.entries(given).map(([name, id]) => [name, lookUp(id)]));
    const batched = Object.values(inputs).some((input) => input.batched);
    const x = batched
      ? performBatched({ op, inputs, attributes, shape: values[output]!.shape, count })
      : perform(op, Object.fromEntries(Object.entries(inputs).map(([name, { x }]) => [name, x])), attributes);
    found.set(output, { x, batched });
  }
  return ys.map((y) => {
    if (!ids.has(y)) refuseDiffering(y);
    const { x, batched } = ids.has(y) ? lookUp(ids.get(y)!) : { x: y, batched: false };
    return batched ? x : x.broadcastTo([count, ...x.shape]);
  });
}
