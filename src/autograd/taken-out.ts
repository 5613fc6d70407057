/**
 * What a derivative rule computes outside of operations. A tape that records the rule cannot see it, and would take it for constant: so it is marked,
 * and a derivative of it is refused.
 */

import { newData } from '../base/dtype.ts';
import { TapeError } from '../base/errors.ts';
import type { BatchedCall, Op } from '../tensor/op.ts';
import { callInside, isInUse, isKnown, isTaped, outside, recordedBy, type Trace } from '../tensor/recorders.ts';
import { perform, Tensor } from '../tensor/tensor.ts';
import { numbersOf, Traced, traceOf } from '../tensor/traced.ts';

/** Thrown where a derivative is asked for that was worked out in numbers. */
export class TakenOut extends TapeError {}

/** The trace of a rule: it performs each operation as it is, and notes of which of the rule's tensors the numbers were looked at. */
class Watch implements Trace {
  /** The tensors of the rule whose numbers were looked at, or the numbers of something computed from them. */
  readonly seen = new Set<Tensor>();
  /** From which of the rule's tensors each tensor comes that stands for another. */
  readonly #sources = new WeakMap<Tensor, readonly Tensor[]>();

  wrap(x: Tensor, sources: readonly Tensor[]): Tensor {
    this.#sources.set(x, sources);
    return new Tensor(x.sizes, newData(x.dtype, 0), new Traced(this, x));
  }

  unwrap(x: Tensor): Tensor {
    return traceOf(x) === this ? (x.storage as Traced).x : x;
  }

  add(): void {}

  perform(op: Op<any, any>, given: Readonly<Record<string, Tensor>>, attributes: object): Tensor {
    const inputs = Object.fromEntries(Object.entries(given).map(([name, x]) => [name, this.unwrap(x)]));
    // The rule may have kept its tensors; operations on them later are no part of it.
    if (!isInUse(this)) return perform(op, inputs, attributes);
    const y = outside(this, () => perform(op, inputs, attributes));
    const sources = new Set(Object.values(inputs).flatMap((x) => this.#sources.get(x) ?? []));
    const output = this.wrap(y, [...sources]);
    callInside(this, op, given, attributes, output);
    return output;
  }

  read(x: Tensor) {
    for (const source of this.#sources.get(x)!) this.seen.add(source);
    return x.numbers as Float32Array;
  }
}

/**
 * Calls a rule with some tensors. What it returns is refused a derivative with respect to those whose numbers it looked at, unless it is one of the
 * tensors themselves.
 */
export function watched<Y extends readonly (Tensor | null)[]>(
  name: string,
  rule: (...xs: readonly Tensor[]) => Y,
  xs: readonly Tensor[],
): readonly (Tensor | null)[] {
  const watch = new Watch();
  const gradients = recordedBy(watch, () => rule(...xs.map((x) => watch.wrap(x, [x]))));
  if (!Array.isArray(gradients)) return gradients;
  return gradients.map((dx: unknown) => {
    if (!(dx instanceof Tensor)) return dx as null;
    const own = watch.unwrap(dx);
    return watch.seen.size === 0 || xs.includes(own) ? own : severed(name, own, [...watch.seen]);
  });
}

/** The tensor of a rule that one stands for while the rule is watched. */
export function unwatched(x: Tensor): Tensor {
  let own = x;
  for (let trace = traceOf(own); trace instanceof Watch; trace = traceOf(own)) own = trace.unwrap(own);
  return own;
}

/** A tensor that was worked out from the numbers of others, of which no tape knows: the same numbers, without a derivative for the others. */
export function severed(name: string, x: Tensor, from: readonly Tensor[]): Tensor {
  return perform(severedOf(name), { x, ...Object.fromEntries(from.map((source, i) => [`from${i}`, source])) });
}

/**
 * What a rule of an operation gave while a tape recorded it. A tensor of which no tape knows was worked out in numbers, unless it is one that the rule was
 * given, or 0 whatever arrives.
 */
export function markTakenOut(name: string, dx: Tensor, given: Readonly<Record<string, unknown>> & { readonly dy: Tensor }): Tensor {
  const others = Object.values(given).filter((x) => x instanceof Tensor);
  if (!(dx instanceof Tensor) || !isTaped() || isKnown(dx) || traceOf(dx) || others.includes(dx)) return dx;
  const isZero = (x: Tensor) => numbersOf(x).every((number: number) => number === 0);
  // Of a gradient of 0 every rule makes 0.
  return isZero(dx) && !isZero(given.dy) ? dx : severed(name, dx, others);
}

const severedOf = (name: string): Op<string> => ({
  name: 'takenOut',
  dtypes: 'mixed',
  shape: ({ x }) => x!.sizes,
  forward: ({ x }) => x!.numbers.slice(),
  backward: (input) =>
    input === 'x'
      ? ({ dy }) => dy
      : () => {
          throw new TakenOut(
            `${name}: its derivative was worked out in numbers, of which no tape knows, so it cannot be differentiated again; write it in operations`,
          );
        },
  batching: ({ inputs, count, shape, perform }: BatchedCall) => {
    const { x, batched } = inputs['x']!;
    const others = Object.entries(inputs).filter(([input]) => input !== 'x');
    const whole = batched ? x : x.broadcastTo([count, ...shape]);
    return perform({ x: whole, ...Object.fromEntries(others.map(([input, { x }]) => [input, x])) });
  },
  sample: () => {
    throw new TakenOut(`${name}: no sample`);
  },
});
