/** Scaled dot-product attention as one operation, of heads that lie one after another or side by side. */

import { ShapeError } from '../../base/errors.ts';
import { broadcastShape, broadcastsTo, formatShape } from '../../base/shape.ts';
import type { Shape } from '../../base/shape-types.ts';
import { derivativesOf } from '../../tensor/composition.ts';
import type { BatchedCall, Draw, Op, OpArguments } from '../../tensor/op.ts';
import { perform, type Tensor } from '../../tensor/tensor.ts';
import type { AttentionAttributes, AttentionInput } from './attending.ts';
import { derivativesInNumbers, forwardInNumbers } from './attention-numbers.ts';
import { aligned, maskedSoftmaxOp } from './masked-softmax.ts';

type Given = OpArguments<AttentionInput, AttentionAttributes>;

/** What each query weighs the values by: `softmax(scale · q kᵀ)`. */
export function attentionWeights({ q, k, keep, scale }: Omit<Given, 'v'>): Tensor {
  // The queries are scaled, since there are mostly fewer numbers in them than weights.
  const scores = q.mul(scale).timesTransposed(k);
  return keep ? perform(maskedSoftmaxOp, { x: scores, keep: aligned(keep, scores.rank) }, { axes: [scores.rank - 1] }) : scores.softmax();
}

const composed = (given: Given): Tensor => {
  const { heads } = given;
  if (heads === undefined) return attentionWeights(given).matmul(given.v);
  const [q, k, v] = [given.q, given.k, given.v].map((x) => headsOf(x, heads)) as [Tensor, Tensor, Tensor];
  return joined(attentionWeights({ ...given, q, k }).matmul(v));
};

/** `[…, time, heads · width]` as `[…, heads, time, width]`. */
export const headsOf = (x: Tensor, heads: number): Tensor =>
  x.reshape([...x.sizes.slice(0, -1), heads, x.sizes.at(-1)! / heads]).transpose(-3, -2);

/** The inverse of `headsOf`. */
export const joined = (x: Tensor): Tensor => x.transpose(-3, -2).flatten(-2);

const derivative = /* @__PURE__ */ derivativesOf<AttentionInput, AttentionAttributes>({
  inputs: ['q', 'k', 'v'],
  composed,
  numbers: (given, machine) => derivativesInNumbers(given, machine),
});

/**
 * `softmax(scale · q kᵀ) v`, the softmax over what `keep` lets each query see: `q : […, queries, width]`, `k : […, keys, width]`,
 * `v : […, keys, values]`, whose leading axes broadcast, and `keep` to `[…, queries, keys]`.
 *
 * With `heads`, those of `q : […, queries, heads · width]` and so on, which have the same leading axes, and `keep` broadcasts to
 * `[…, heads, queries, keys]`, of as many axes.
 */
export const attentionOp: Op<AttentionInput, AttentionAttributes> = {
  name: 'scaledDotProductAttention',
  batching: (call) => (call.attributes.heads === undefined ? 'matrices' : batchOfHeads(call)),
  composed,
  shape(given) {
    const name = 'scaledDotProductAttention';
    const { q, k, v, keep, heads } = given;
    const leading = broadcastShape(name, broadcastShape(name, leadingOf(q), leadingOf(k)), leadingOf(v));
    const shape = [...leading, ...q.sizes.slice(-2, -1), ...v.sizes.slice(-1)];
    const weights = [...leading, ...(heads === undefined ? [] : [heads]), ...q.sizes.slice(-2, -1), k.sizes.at(-2)!];
    const fits = q.sizes.at(-1) === k.sizes.at(-1) && k.sizes.at(-2) === v.sizes.at(-2);
    if (fits && (!keep || broadcastsTo(keep.sizes, weights))) return shape;
    throw new ShapeError(
      `${name}: q ${formatShape(q.sizes)}, k ${formatShape(k.sizes)}, v ${formatShape(v.sizes)} and keep ${keep && formatShape(keep.sizes)} do not fit`,
    );
  },
  forward: forwardInNumbers,
  backward: { q: /* @__PURE__ */ derivative('q'), k: /* @__PURE__ */ derivative('k'), v: /* @__PURE__ */ derivative('v'), keep: null },
  sample(draw) {
    if (draw.oneOf(false, true)) return sampleOfHeads(draw);
    const [heads, queries, keys, width, values] = [draw.size(), draw.size(), draw.size() + 1, draw.size() + 1, draw.size()];
    const leading = draw.oneOf<Shape>([], [1], [heads]);
    const [q, k] = [draw.tensor([heads, queries, width]), draw.tensor([...leading, keys, width])];
    const mask = draw.oneOf<Shape | undefined>(undefined, [1, queries, keys], [heads, queries, 1], [1, 1, keys]);
    const keep = mask && { keep: draw.indices(mask, 2).cast(q.dtype) };
    return { q, k, v: draw.tensor([...leading, keys, values]), ...keep, scale: 0.5 } as Given;
  },
};

function sampleOfHeads(draw: Draw): Given {
  const heads = draw.oneOf(1, 2, 3);
  const [batch, queries, keys, width, values] = [draw.size(), draw.size(), draw.size() + 1, draw.size() + 1, draw.size()];
  const [q, k, v] = [
    draw.tensor([batch, queries, heads * width]),
    draw.tensor([batch, keys, heads * width]),
    draw.tensor([batch, keys, heads * values]),
  ];
  const mask = draw.oneOf<Shape | undefined>(undefined, [1, 1, queries, keys], [batch, heads, queries, 1], [batch, 1, 1, keys]);
  return { q, k, v, ...(mask && { keep: draw.indices(mask, 2).cast(q.dtype) }), scale: 0.5, heads } as Given;
}

/** More examples are one more leading axis, which all have. */
function batchOfHeads({ inputs, count, perform }: BatchedCall<AttentionInput, AttentionAttributes>): Tensor {
  const { q, k, v, keep } = inputs;
  const [allQ, allK, allV] = [q, k, v].map(({ x, batched }) => (batched ? x : x.broadcastTo([count, ...x.sizes])));
  const all = { q: allQ, k: allK, v: allV, ...(keep && { keep: keep.batched ? keep.x : keep.x.unsqueeze(0) }) };
  return perform(all as { readonly [name in AttentionInput]: Tensor });
}

const leadingOf = ({ sizes }: Tensor): Shape => sizes.slice(0, -2);
