/** What an operation does to many examples at once: the same operation, with one more axis in front. */

import { DerivativeError } from '../tensor/errors.ts';
import type { Op } from '../tensor/op.ts';
import type { Shape } from '../tensor/shape-types.ts';
import { perform, type Tensor } from '../tensor/tensor.ts';

/** An input of an operation for all examples: with an axis for them in front, unless it is the same for each. */
export interface Batched {
  readonly x: Tensor;
  readonly batched: boolean;
}

/** An operation on one example, as it was recorded, and its inputs for all. */
interface Scene {
  readonly op: Op<any, any>;
  readonly inputs: Readonly<Record<string, Batched>>;
  readonly attributes: any;
  /** The shape of the result for one example. */
  readonly shape: Shape;
  /** How many examples there are. */
  readonly count: number;
}

type Rule = (scene: Scene) => Tensor;

const mapped = (inputs: Scene['inputs'], change: (input: Batched) => Tensor): Record<string, Tensor> =>
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

/** Attributes that name an axis, or several, name the next. */
const shifted: Rule = ({ op, inputs, attributes, count }) => {
  const { axis, axes, to } = attributes;
  return perform(
    op,
    mapped(inputs, (input) => spread(input, count)),
    {
      ...attributes,
      ...(axis !== undefined && { axis: axis + 1 }),
      ...(axes !== undefined && { axes: axes.map((one: number) => one + 1) }),
      ...(to !== undefined && { to: [count, ...to] }),
    },
  );
};

/** The last axes are matrices; those before align as in broadcasting. */
const matrices: Rule = ({ op, inputs, attributes }) => {
  const rank = Math.max(...Object.values(inputs).map((input) => shapeOf(input).length));
  return perform(
    op,
    mapped(inputs, (input) => aligned(input, rank)),
    attributes,
  );
};

/** Rows times one matrix for all are more rows times it. */
const product: Rule = (scene) => {
  const { a, b } = scene.inputs as { a: Batched; b: Batched };
  if (!a.batched || b.batched || a.x.rank !== 3 || b.x.rank !== 2) return matrices(scene);
  const rows = perform(scene.op, { a: a.x.reshape([a.x.shape[0]! * a.x.shape[1]!, a.x.shape[2]!]), b: b.x });
  return rows.reshape([scene.count, ...scene.shape]);
};

/** Examples and the first axis, which are alike to the operation, are made one, and two again. */
const joined: Rule = ({ op, inputs, attributes, shape, count }) => {
  const all = mapped(inputs, (input) => {
    const whole = spread(input, count);
    return whole.reshape([whole.shape[0]! * whole.shape[1]!, ...whole.shape.slice(2)]);
  });
  return perform(op, all, attributes).reshape([count, ...shape]);
};

/** Indices that differ from example to example name an element each. */
function everyIndex(indices: Tensor, shape: Shape, axis: number, count: number): Tensor {
  const apart = [count, ...shape.map((_, i) => (i === axis ? indices.shape[1]! : 1))];
  return indices.reshape(apart).broadcastTo([count, ...shape.with(axis, indices.shape[1]!)]);
}

/** Operations that one rule serves alike. */
const families: readonly (readonly [Rule, readonly string[]])[] = [
  [
    shifted,
    [
      'amax',
      'amin',
      'argmax',
      'argmin',
      'argsort',
      'concat',
      'cumprod',
      'cumsum',
      'gather',
      'lastNamed',
      'linearRecurrence',
      'logSoftmax',
      'logSumExp',
      'norm',
      'prod',
      'reshape',
      'scatter',
      'softmax',
      'sum',
    ],
  ],
  [
    matrices,
    [
      'cast',
      'cholesky',
      'determinant',
      'determinantSign',
      'eigh',
      'inverse',
      'logAbsoluteDeterminant',
      'oneHot',
      'qr',
      'solve',
      'transposedTimes',
      'triangularSolve',
    ],
  ],
  [joined, ['fold', 'softmaxCrossEntropyOfClasses', 'softmaxCrossEntropyOfRows', 'unfold']],
  [product, ['matmul', 'timesTransposed']],
];

const rules: Readonly<Record<string, Rule>> = {
  broadcastTo: ({ op, inputs, attributes, count }) =>
    perform(op, { x: aligned(inputs['x']!, attributes.to.length) }, { to: [count, ...attributes.to] }),
  sumTo({ op, inputs, attributes: { to }, count }) {
    const { x } = inputs['x']!;
    const ones = new Array<number>(x.rank - 1 - to.length).fill(1);
    return perform(op, { x }, { to: [count, ...ones, ...to] }).reshape([count, ...to]);
  },
  permute: ({ op, inputs, attributes }) =>
    perform(op, { x: inputs['x']!.x }, { axes: [0, ...attributes.axes.map((axis: number) => axis + 1)] }),
  slice: ({ op, inputs, attributes, count }) =>
    perform(
      op,
      { x: inputs['x']!.x },
      { starts: [0, ...attributes.starts], steps: [1, ...attributes.steps], sizes: [count, ...attributes.sizes] },
    ),
  unslice: ({ op, inputs, attributes, count }) =>
    perform(
      op,
      { x: inputs['x']!.x },
      { starts: [0, ...attributes.starts], steps: [1, ...attributes.steps], to: [count, ...attributes.to] },
    ),
  indexSelect({ op, inputs, attributes: { axis }, count }) {
    const { x, indices } = inputs as { x: Batched; indices: Batched };
    if (!indices.batched) return perform(op, { x: x.x, indices: indices.x }, { axis: axis + 1 });
    return spread(x, count).gather(axis + 1, everyIndex(indices.x, shapeOf(x), axis, count));
  },
  indexAdd({ op, inputs, attributes, shape, count }) {
    const { x, indices } = inputs as { x: Batched; indices: Batched };
    const { axis } = attributes;
    if (!indices.batched) return perform(op, { x: x.x, indices: indices.x }, { ...attributes, axis: axis + 1 });
    return spread(x, count).scatter([count, ...shape], axis + 1, everyIndex(indices.x, shapeOf(x), axis, count));
  },
};

/**
 * What an operation makes of all examples.
 * @throws DerivativeError for an operation that cannot be done for many examples at once.
 */
export function performBatched(scene: Scene): Tensor {
  const { name } = scene.op;
  const rule = 'formula' in scene.op ? elementwise : (rules[name] ?? families.find(([, names]) => names.includes(name))?.[0]);
  if (rule) return rule(scene);
  throw new DerivativeError(
    `vmap: ${scene.op.name} cannot be done for many examples at once; call the function for each of them, and stack what it gives`,
  );
}
