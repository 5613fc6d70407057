/** Attention: each query takes the mean of the values, weighted by how well their keys fit it. */

import { type FloatDtype, newData } from '../../base/dtype.ts';
import { DtypeError, ShapeError } from '../../base/errors.ts';
import {
  anything,
  boolean,
  extend,
  finiteNumber,
  numberFrom,
  type OptionTable,
  optional,
  readOptions,
  withoutDefault,
} from '../../base/options.ts';
import { broadcastShape, formatShape, sameShape } from '../../base/shape.ts';
import type { Shape } from '../../base/shape-types.ts';
import { MATMUL_PART } from '../../machine/machine.ts';
import { checkFloats, checkTensor, perform, Tensor } from '../../tensor/tensor.ts';
import { isTraining } from '../../tensor/training-scope.ts';
import { inRange } from '../elementwise/in-range.ts';
import type { AttentionInput } from './attending.ts';
import { attentionOp, attentionWeights } from './attention-op.ts';
import { dropout as dropped } from './dropout.ts';
import { aligned, checkMask } from './masked-softmax.ts';
import { startOption } from './positions.ts';

/** What a query may see. Where several are given, it sees what all of them allow. */
export interface AttentionMask {
  /** Whether a query sees only the keys up to its own position. Default false. */
  readonly causal?: boolean;
  /** The position of the first query among the keys, for `causal`. Default 0. */
  readonly start?: number;
  /** 1 for what may be seen, 0 for what may not, of any dtype. It broadcasts to the weights, `[…, queries, keys]`. Default: all. */
  readonly keep?: Tensor | undefined;
  /**
   * How many keys there are, the others being padding: int32, one number for each place along the leading axes, or along the first of them. Default: all.
   */
  readonly lengths?: Tensor | readonly number[] | undefined;
}

/** Options of `scaledDotProductAttention`. */
export interface AttentionOptions extends AttentionMask {
  /** What the products are multiplied by. Default `1 / √width`. */
  readonly scale?: number;
  /** The probability with which a weight is dropped, in training, after the softmax. Default 0. */
  readonly dropout?: number;
}

/** The table of `AttentionMask`, for layers that pass it on. */
export const maskOptions: OptionTable<AttentionMask> = {
  causal: /* @__PURE__ */ optional(boolean, false),
  start: startOption,
  keep: /* @__PURE__ */ withoutDefault(anything),
  lengths: /* @__PURE__ */ withoutDefault(anything),
};

const attentionOptions: OptionTable<AttentionOptions> = /* @__PURE__ */ extend(maskOptions, {
  scale: /* @__PURE__ */ withoutDefault(finiteNumber),
  dropout: /* @__PURE__ */ optional(/* @__PURE__ */ numberFrom(0, 1), 0),
});

/**
 * For each query the mean of the values, weighted by how well their keys fit it: `softmax(scale · q kᵀ) v` (Vaswani et al. 2017, equation 1).
 *
 * `q : […, queries, width]`, `k : […, keys, width]`, `v : […, keys, values]`, `y : […, queries, values]`; the leading axes, such as the batch and
 * the heads, broadcast. A query that may see nothing gives 0, and no gradient passes. As in PyTorch, `causal` counts the queries and the keys
 * from their beginnings; where the queries are the last of the sequence, `start` says how many keys are before them.
 * @param options `causal`, default false, and `start`, default 0; `keep`, 1 for what may be seen; `lengths`, how many keys there are; `scale`,
 *   default `1 / √width`; `dropout` of the weights in training, default 0
 * @throws ShapeError where the shapes do not fit, ValueError for a mask of other numbers than 0 and 1, and for lengths that are none.
 * @example
 * const [q, k, v] = [Tensor.of([[1, 0], [0, 1]]), Tensor.zeros([2, 2]), Tensor.of([[2, 0], [4, 8]])];
 * scaledDotProductAttention(q, k, v).toArray() // => [[3, 4], [3, 4]]
 * scaledDotProductAttention(q, k, v, { causal: true }).toArray() // => [[2, 0], [3, 4]]
 */
export function scaledDotProductAttention(q: Tensor, k: Tensor, v: Tensor, options?: AttentionOptions): Tensor {
  const name = 'scaledDotProductAttention';
  const { scale, dropout, ...mask } = readOptions(name, options, attentionOptions);
  const leading = checkShapes(name, q, k, v);
  const shape = [...leading, q.sizes.at(-2)!, k.sizes.at(-2)!];
  const keep = maskOf(name, mask, shape, q.dtype as FloatDtype);
  const inputs = { q, k, v, ...(keep && { keep }) } as Record<AttentionInput, Tensor>;
  const factor = scale ?? 1 / Math.sqrt(q.sizes.at(-1)!);
  const drops = dropout > 0 && isTraining();
  if (!drops && Math.max(shape.at(-1)!, q.sizes.at(-1)!) <= MATMUL_PART) return perform(attentionOp, inputs, { scale: factor });
  return dropped(attentionWeights({ ...inputs, scale: factor }), dropout).matmul(v);
}

/** What heads give that lie side by side, `[…, time, heads · width]`, with a mask of `[…, heads, queries, keys]`: the same, with nothing laid out anew. */
export function attentionOfHeads(q: Tensor, k: Tensor, v: Tensor, heads: number, mask: AttentionMask): Tensor {
  const name = 'scaledDotProductAttention';
  const { causal = false, start = 0, keep, lengths } = mask;
  const shape = [...q.sizes.slice(0, -2), heads, q.sizes.at(-2)!, k.sizes.at(-2)!];
  const all = maskOf(name, { causal, start, keep, lengths }, shape, q.dtype as FloatDtype);
  const inputs = { q, k, v, ...(all && { keep: all }) } as Record<AttentionInput, Tensor>;
  return perform(attentionOp, inputs, { scale: 1 / Math.sqrt(q.sizes.at(-1)! / heads), heads });
}

/** The leading axes that queries, keys and values have together. */
function checkShapes(name: string, q: Tensor, k: Tensor, v: Tensor): Shape {
  for (const [what, x] of Object.entries({ q, k, v })) {
    checkFloats(name, x, what);
    if (x.rank < 2) throw new ShapeError(`${name}: expected […, time, width] for ${what}, got ${formatShape(x.sizes)}`);
  }
  const [keys, values] = [k.sizes.at(-2), v.sizes.at(-2)];
  if (q.sizes.at(-1) !== k.sizes.at(-1))
    throw new ShapeError(`${name}: expected queries and keys of one width, got q ${formatShape(q.sizes)} and k ${formatShape(k.sizes)}`);
  if (keys !== values)
    throw new ShapeError(`${name}: expected a value for each key, got k ${formatShape(k.sizes)} and v ${formatShape(v.sizes)}`);
  const leading = broadcastShape(name, q.sizes.slice(0, -2), k.sizes.slice(0, -2));
  broadcastShape(name, leading, v.sizes.slice(0, -2));
  return leading;
}

type Mask = Required<{ readonly [Name in keyof AttentionMask]: AttentionMask[Name] | undefined }>;

/** All masks as one, with as many axes as the weights, of which this is the shape; `undefined` where nothing is hidden. */
function maskOf(name: string, { causal, start, keep, lengths }: Mask, shape: Shape, dtype: FloatDtype): Tensor | undefined {
  const [queries, keys] = shape.slice(-2) as [number, number];
  const masks: Tensor[] = [];
  // A single query at the end of what is known sees all of it.
  if (causal && start! + 1 < keys) masks.push(triangle(queries, keys, start!, dtype));
  if (keep !== undefined) masks.push(aligned(checkMask(name, keep, shape).cast(dtype), shape.length));
  if (lengths !== undefined) masks.push(withinLengths(name, lengths, shape.slice(0, -2), keys).cast(dtype));
  const [first, ...others] = masks;
  return first && others.reduce((all, mask) => all.mul(mask), aligned(first, shape.length));
}

/** 1 where the key is at the position of the query or before it. */
function triangle(queries: number, keys: number, start: number, dtype: FloatDtype): Tensor {
  const data = newData(dtype, queries * keys);
  for (let i = 0; i < queries; i++) data.fill(1, i * keys, i * keys + Math.min(start + i + 1, keys));
  return new Tensor([queries, keys], data);
}

/** 1 for the keys that there are. */
function withinLengths(name: string, given: Tensor | readonly number[], leading: Shape, keys: number): Tensor {
  const lengths = Array.isArray(given) ? Tensor.of(given as number[], 'int32') : (given as Tensor);
  checkTensor(name, 'the lengths', lengths);
  if (lengths.dtype !== 'int32')
    throw new DtypeError(`${name}: expected int32 lengths, got ${lengths.dtype}; convert them with cast('int32')`);
  if (lengths.rank > leading.length || !sameShape(lengths.sizes, leading.slice(0, lengths.rank)))
    throw new ShapeError(
      `${name}: expected a length for each of ${formatShape(leading)}, or of the first of these axes, got ${formatShape(lengths.sizes)}`,
    );
  const counts = inRange(name, 'lengths', lengths, 0, keys);
  const behind = leading.slice(lengths.rank).map(() => 1);
  return Tensor.arange(keys, { dtype: 'int32' }).less(counts.reshape([...lengths.sizes, ...behind, 1, 1]));
}
