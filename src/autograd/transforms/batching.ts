/** What an operation does to many examples at once: the same operation, with one more axis in front. */

import type { Shape } from '../../base/shape-types.ts';
import { stack } from '../../functions/layout/concat.ts';
import type { Batched, BatchedCall, Batching } from '../../tensor/batch.ts';
import { perform, type Tensor } from '../../tensor/tensor.ts';

type Rule = (batch: BatchedCall<any, any>) => Tensor;

const mapped = (inputs: BatchedCall['inputs'], change: (input: Batched) => Tensor): Record<string, Tensor> =>
  Object.fromEntries(Object.entries(inputs).map(([name, input]) => [name, change(input)]));

const shapeOf = ({ x, batched }: Batched): Shape => (batched ? x.shape.slice(1) : x.shape);

/** As many copies as there are examples, of what is the same for each. */
const spread = ({ x, batched }: Batched, count: number): Tensor => (batched ? x : x.broadcastTo([count, ...x.shape]));

/** With axes of size 1 after that of the examples, so that `rank` follow. What is the same for each aligns as it is. */
function aligned({ x, batched }: Batched, rank: number): Tensor {
  if (!batched || x.rank === rank + 1) return x;
  const own = x.shape.slice(1);
  return x.reshape([x.shape[0]!, ...new Array<number>(rank - own.length).fill(1), ...own]);
}

const elementwise: Rule = ({ op, inputs, attributes, shape }) =>
  perform(
    op,
    mapped(inputs, (input) => aligned(input, shape.length)),
    attributes,
  );

const oneByOne: Rule = ({ op, inputs, attributes, count }) =>
  stack(
    Array.from({ length: count }, (_, which) =>
      perform(
        op,
        mapped(inputs, ({ x, batched }) => (batched ? x.slice([which]) : x)),
        attributes,
      ),
    ),
  );

/** Indices that differ from example to example name an element each. */
function everyIndex(indices: Tensor, shape: Shape, axis: number, count: number): Tensor {
  const apart = [count, ...shape.map((_, i) => (i === axis ? indices.shape[1]! : 1))];
  return indices.reshape(apart).broadcastTo([count, ...shape.with(axis, indices.shape[1]!)]);
}

const families: Readonly<Record<Exclude<Batching, Rule>, Rule>> = {
  axes({ op, inputs, attributes, count }) {
    const { axis, axes, to, sizes, starts, steps } = attributes;
    const all = mapped(inputs, (input) => spread(input, count));
    return perform(op, all, {
      ...attributes,
      ...(axis !== undefined && { axis: axis + 1 }),
      ...(axes !== undefined && { axes: axes.map((one: number) => one + 1) }),
      ...(to !== undefined && { to: [count, ...to] }),
      ...(sizes !== undefined && { sizes: [count, ...sizes] }),
      ...(starts !== undefined && { starts: [0, ...starts] }),
      ...(steps !== undefined && { steps: [1, ...steps] }),
    });
  },
  matrices({ op, inputs, attributes }) {
    const rank = Math.max(...Object.values<Batched>(inputs).map((input) => shapeOf(input).length));
    return perform(
      op,
      mapped(inputs, (input) => aligned(input, rank)),
      attributes,
    );
  },
  rows({ op, inputs, attributes, shape, count }) {
    const all = mapped(inputs, (input) => {
      const whole = spread(input, count);
      return whole.reshape([whole.shape[0]! * whole.shape[1]!, ...whole.shape.slice(2)]);
    });
    return perform(op, all, attributes).reshape([count, ...shape]);
  },
  // Rows times one matrix for all are more rows times it.
  product(batch) {
    const { a, b } = batch.inputs as { a: Batched; b: Batched };
    if (!a.batched || b.batched || a.x.rank !== 3 || b.x.rank !== 2) return families.matrices(batch);
    const rows = perform(batch.op, { a: a.x.reshape([a.x.shape[0]! * a.x.shape[1]!, a.x.shape[2]!]), b: b.x }, {});
    return rows.reshape([batch.count, ...batch.shape]);
  },
  broadcastTo: ({ op, inputs, attributes, count }) =>
    perform(op, { x: aligned(inputs['x']!, attributes.to.length) }, { to: [count, ...attributes.to] }),
  sumTo({ op, inputs, attributes: { to }, count }) {
    const { x } = inputs['x']!;
    const ones = new Array<number>(x.rank - 1 - to.length).fill(1);
    return perform(op, { x }, { to: [count, ...ones, ...to] }).reshape([count, ...to]);
  },
  permute: ({ op, inputs, attributes }) =>
    perform(op, { x: inputs['x']!.x }, { axes: [0, ...attributes.axes.map((axis: number) => axis + 1)] }),
  indexSelect({ op, inputs, attributes: { axis }, count }) {
    const { x, indices } = inputs as { x: Batched; indices: Batched };
    if (!indices.batched) return perform(op, { x: x.x, indices: indices.x }, { axis: axis + 1 });
    return spread(x, count).gather(axis + 1, everyIndex(indices.x, shapeOf(x), axis, count));
  },
  indexAdd({ op, inputs, attributes, shape, count }) {
    const { x, indices } = inputs as { x: Batched; indices: Batched };
    const { axis } = attributes;
    if (!indices.batched) return perform(op, { x: x.x, indices: indices.x }, { ...attributes, axis: axis + 1 });
    return spread(x, count).scatterSum([count, ...shape], axis + 1, everyIndex(indices.x, shapeOf(x), axis, count));
  },
};

/** What an operation makes of all examples. */
export function performBatched(batch: BatchedCall): Tensor {
  const { op } = batch;
  const { batching = 'formula' in op ? elementwise : oneByOne } = op;
  return typeof batching === 'string' ? families[batching](batch) : batching(batch);
}
