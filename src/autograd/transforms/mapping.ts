/** The trace of a function that is mapped: each tensor stands for one example of many, and each operation is performed for all of them. */

import { newData } from '../../base/dtype.ts';
import { ShapeError, TapeError } from '../../base/errors.ts';
import { defaultRandom } from '../../base/random.ts';
import { formatShape, sameShape } from '../../base/shape.ts';
import { stack } from '../../functions/layout/concat.ts';
import type { Batched, Op } from '../../tensor/op.ts';
import { callInside, isInUse, outside, type Trace } from '../../tensor/recorders.ts';
import { checkTensor, Tensor } from '../../tensor/tensor.ts';
import { HiddenNumbers, innermostOf, Traced, traceOf } from '../../tensor/traced.ts';
import { performBatched } from './batching.ts';

/** One tensor, or a list of them. */
export type Tensors = Tensor | readonly Tensor[];

/** What a function returned, as a list. */
export const listed = (y: Tensors): readonly Tensor[] => (y instanceof Tensor ? [y] : y);

export class Mapping implements Trace {
  constructor(
    /** What errors call it. */
    readonly where: string,
    /** How many examples there are. */
    readonly count: number,
  ) {}

  /** One example of a tensor that has them along its first axis. */
  wrap(x: Tensor): Tensor {
    return new Tensor(x.sizes.slice(1), newData(x.dtype, 0), new Traced(this, x));
  }

  /** All examples of a tensor, along a first axis, or the tensor itself where it is the same for each. */
  lift(x: Tensor): Batched {
    return traceOf(x) === this ? { x: (x.storage as Traced).x, batched: true } : { x, batched: false };
  }

  /** All examples of a tensor along a first axis. */
  whole(x: Tensor): Tensor {
    const { x: found, batched } = this.lift(x);
    return batched ? found : found.broadcastTo([this.count, ...x.sizes]);
  }

  /** Recorders do not see what is performed for all examples, but for those outside of the mapped function. */
  add(): void {}

  perform(op: Op<any, any>, given: Readonly<Record<string, Tensor>>, attributes: object): Tensor {
    if (!isInUse(this)) refuseClosedOver(Object.values(given).find((x) => traceOf(x) === this)!);
    const shape = op.shape({ ...given, ...attributes });
    const inputs = Object.fromEntries(Object.entries(given).map(([name, x]) => [name, this.lift(x)]));
    const batch = outside(this, () => performBatched({ op, inputs, attributes, shape, count: this.count }));
    if (!sameShape(batch.sizes, [this.count, ...shape]))
      throw new ShapeError(
        `${op.name}: expected batching to give shape ${formatShape([this.count, ...shape])}, an example of shape ${formatShape(shape)} for each of ${this.count}, got ${formatShape(batch.sizes)}`,
      );
    const output = this.wrap(batch);
    callInside(this, op, given, attributes, output);
    return output;
  }

  read(x: Tensor): never {
    throw new HiddenNumbers(
      `${this.where}: a tensor of shape ${formatShape(x.sizes.slice(1))} differs from example to example, so the function cannot look at its numbers; ` +
        'instead of a branch write where(condition, a, b), instead of an index gather, and look at numbers in what is returned',
    );
  }
}

/** Refuses a tensor that was made for one example, where its mapped function is not being called. */
export function refuseClosedOver({ sizes: shape }: Tensor): never {
  throw new TapeError(
    `vmap: the function closes over a tensor of shape ${formatShape(shape)} that was made for one example of another vmap; make it an argument`,
  );
}

/**
 * The value of a function whose arguments may stand for one example of many; where it looks at their numbers, it is called for one example after
 * another, which `onEach` is told before. Each call draws the same random numbers.
 */
export function callEach<Y extends Tensors>(
  where: string,
  f: (...xs: readonly Tensor[]) => Y,
  xs: readonly Tensor[],
  onEach: () => void = () => {},
): Y {
  const { state } = defaultRandom();
  try {
    return f(...xs);
  } catch (error) {
    const mapping = innermostOf(xs);
    if (!(error instanceof HiddenNumbers) || !(mapping instanceof Mapping) || !isInUse(mapping)) throw error;
    onEach();
    const all = xs.map((x) => mapping.lift(x));
    const one = (which: number): Y => {
      defaultRandom().restore(state);
      return callEach(
        where,
        f,
        all.map(({ x, batched }) => (batched ? x.slice([which]) : x)),
        onEach,
      );
    };
    return outside(mapping, () =>
      joined(
        where,
        mapping,
        Array.from({ length: mapping.count }, (_, which) => one(which)),
      ),
    );
  }
}

/** What a function returned for each example, as what it would have returned for all. */
function joined<Y extends Tensors>(where: string, mapping: Mapping, each: readonly Y[]): Y {
  const lists = each.map(listed);
  for (const [which, list] of lists.entries()) checkList(where, list, lists[0]!.length, which);
  const ys = lists[0]!.map((_, i) => mapping.wrap(stack(lists.map((list) => list[i]!))));
  return (each[0] instanceof Tensor ? ys[0]! : ys) as Y;
}

/** Refuses what is no list of so many tensors. */
function checkList(where: string, list: unknown, length: number, which: number): void {
  if (!Array.isArray(list)) checkTensor(where, 'its value', list);
  else if (list.length !== length)
    throw new ShapeError(`${where}: expected ${length} values, as for the first example, got ${list.length} for example ${which}`);
  else list.forEach((x, i) => checkTensor(where, `value ${i}`, x));
}
