/**
 * An operation performed for many examples at once: the families that operations may belong to, and what an operation does that belongs to
 * none.
 */

import { ValueError } from '../../base/errors.ts';
import { stack } from '../../functions/layout/concat.ts';
import { aligned, repeated } from '../../tensor/batched.ts';
import type { Batched, BatchedCall, BatchingFamily, Op } from '../../tensor/op.ts';
import { perform, type Tensor } from '../../tensor/tensor.ts';

type Call = BatchedCall<any, any>;

/** Performs the operation on its inputs after a change to each. */
function performChanged({ inputs, perform }: Call, change: (input: Batched) => Tensor, attributes?: object): Tensor {
  return perform(Object.fromEntries(Object.entries<Batched>(inputs).map(([name, input]) => [name, change(input)])), attributes);
}

/** What is elementwise broadcasts: the axes of each example align with those of the result. */
const elementwise = (call: Call): Tensor => performChanged(call, (input) => aligned(input, call.shape.length));

const oneByOne = (call: Call): Tensor =>
  stack(Array.from({ length: call.count }, (_, which) => performChanged(call, ({ x, batched }) => (batched ? x.slice([which]) : x))));

const families: Readonly<Record<BatchingFamily, (call: Call) => Tensor>> = {
  axes(call) {
    const { attributes, count } = call;
    const { axis, axes, to, sizes, starts, steps } = attributes;
    return performChanged(call, (input) => repeated(input, count), {
      ...attributes,
      ...(axis !== undefined && { axis: axis + 1 }),
      ...(axes !== undefined && { axes: axes.map((one: number) => one + 1) }),
      ...(to !== undefined && { to: [count, ...to] }),
      ...(sizes !== undefined && { sizes: [count, ...sizes] }),
      ...(starts !== undefined && { starts: [0, ...starts] }),
      ...(steps !== undefined && { steps: [1, ...steps] }),
    });
  },
  matrices(call) {
    const ranks = Object.values<Batched>(call.inputs).map(({ x, batched }) => (batched ? x.rank - 1 : x.rank));
    return performChanged(call, (input) => aligned(input, Math.max(...ranks)));
  },
  rows(call) {
    const { shape, count } = call;
    const rows = performChanged(call, (input) => {
      const whole = repeated(input, count);
      return whole.reshape([whole.sizes[0]! * whole.sizes[1]!, ...whole.sizes.slice(2)]);
    });
    return rows.reshape([count, ...shape]);
  },
};

/** The result of an operation for all examples, along a first axis. */
export function performBatched({ op, ...given }: Omit<Call, 'perform'> & { readonly op: Op<any, any> }): Tensor {
  const call: Call = { ...given, perform: (inputs, attributes = given.attributes) => perform(op, inputs, attributes) };
  const { batching = 'formula' in op ? elementwise : oneByOne } = op;
  const found = typeof batching === 'function' ? batching(call) : batching;
  if (typeof found !== 'string') return found;
  if (Object.hasOwn(families, found)) return families[found](call);
  throw new ValueError(`${op.name}: expected batching to be a function, ${Object.keys(families).join(', ')}, got ${JSON.stringify(found)}`);
}
