/**
 * Scaled dot-product attention as one operation: for some queries at a time their weights in a workspace, never all of them; and in the sweep once more.
 */

import { type FloatData, type FloatDtype, floats, newData } from '../../base/dtype.ts';
import { ShapeError } from '../../base/errors.ts';
import { broadcastShape, broadcastStrides, broadcastsTo, formatShape, sizeOf, walk } from '../../base/shape.ts';
import type { Shape } from '../../base/shape-types.ts';
import { formulas } from '../../formula/joined-formulas.ts';
import { type Block, repeatedRow, rowsOf, type Workspace } from '../../machine/blocks.ts';
import { MATMUL_BLOCK, type Machine } from '../../machine/machine.ts';
import { inWorkspace } from '../../machine/workspace.ts';
import { derivativesOf } from '../../tensor/composition.ts';
import type { Op, OpArguments, RuleArguments } from '../../tensor/op.ts';
import { perform, Tensor } from '../../tensor/tensor.ts';
import { aligned, maskedSoftmaxOp } from './masked-softmax.ts';

/** Queries, keys and values, and perhaps a mask, 1 for what may be seen, of as many axes as the result. */
export type AttentionInput = 'q' | 'k' | 'v' | 'keep';

interface Scale {
  /** What the products of queries and keys are multiplied by. */
  readonly scale: number;
}

type Given = OpArguments<AttentionInput, Scale>;

/** What each query weighs the values by: `softmax(scale · q kᵀ)`. */
export function attentionWeights({ q, k, keep, scale }: Omit<Given, 'v'>): Tensor {
  // The queries are scaled, since there are mostly fewer numbers in them than weights.
  const scores = q.mul(scale).timesTransposed(k);
  return keep ? perform(maskedSoftmaxOp, { x: scores, keep: aligned(keep, scores.rank) }, { axes: [scores.rank - 1] }) : scores.softmax();
}

const composed = (given: Given): Tensor => attentionWeights(given).matmul(given.v);

const derivative = /* @__PURE__ */ derivativesOf<AttentionInput, Scale>({
  inputs: ['q', 'k', 'v'],
  composed,
  numbers: derivativesInNumbers,
});

/**
 * `softmax(scale · q kᵀ) v`, the softmax over what `keep` lets each query see: `q : […, queries, width]`, `k : […, keys, width]`,
 * `v : […, keys, values]`, whose leading axes broadcast, and `keep` to `[…, queries, keys]`.
 */
export const attentionOp: Op<AttentionInput, Scale> = {
  name: 'scaledDotProductAttention',
  batching: 'matrices',
  composed,
  shape({ q, k, v, keep }) {
    const name = 'scaledDotProductAttention';
    const leading = broadcastShape(name, broadcastShape(name, leadingOf(q), leadingOf(k)), leadingOf(v));
    const shape = [...leading, ...q.sizes.slice(-2, -1), ...v.sizes.slice(-1)];
    const fits = q.sizes.at(-1) === k.sizes.at(-1) && k.sizes.at(-2) === v.sizes.at(-2);
    if (fits && (!keep || broadcastsTo(keep.sizes, shape.with(-1, k.sizes.at(-2)!)))) return shape;
    throw new ShapeError(
      `${name}: q ${formatShape(q.sizes)}, k ${formatShape(k.sizes)}, v ${formatShape(v.sizes)} and keep ${keep && formatShape(keep.sizes)} do not fit`,
    );
  },
  forward: forwardInNumbers,
  backward: { q: /* @__PURE__ */ derivative('q'), k: /* @__PURE__ */ derivative('k'), v: /* @__PURE__ */ derivative('v'), keep: null },
  sample(draw) {
    const [heads, queries, keys, width, values] = [draw.size(), draw.size(), draw.size() + 1, draw.size() + 1, draw.size()];
    const leading = draw.oneOf<Shape>([], [1], [heads]);
    const [q, k] = [draw.tensor([heads, queries, width]), draw.tensor([...leading, keys, width])];
    const mask = draw.oneOf<Shape | undefined>(undefined, [1, queries, keys], [heads, queries, 1], [1, 1, keys]);
    const keep = mask && { keep: draw.indices(mask, 2).cast(q.dtype) };
    return { q, k, v: draw.tensor([...leading, keys, values]), ...keep, scale: 0.5 } as Given;
  },
};

const leadingOf = ({ sizes }: Tensor): Shape => sizes.slice(0, -2);

/** The sizes of an attention, and for each of its matrices the places of what it needs, in the order `q`, `k`, `v`, `keep`. */
interface Sizes {
  readonly queries: number;
  readonly keys: number;
  readonly width: number;
  readonly values: number;
  readonly leading: Shape;
  readonly places: readonly (readonly number[])[];
}

function sizesOf({ q, k, v, keep }: Given, shape: Shape): Sizes {
  const leading = shape.slice(0, -2);
  const places: (readonly number[])[] = [];
  const matrices = (keep ? [q, k, v, keep] : [q, k, v]).map(({ sizes }) => ({
    length: sizeOf(sizes.slice(-2)),
    strides: broadcastStrides(sizes.slice(0, -2), leading),
  }));
  const strides = matrices.map(({ strides, length }) => strides.map((stride) => stride * length));
  walk(leading, strides, (_, at) => places.push([...at]));
  const [queries, width] = q.sizes.slice(-2) as [number, number];
  return { queries, keys: k.sizes.at(-2)!, width, values: v.sizes.at(-1)!, leading, places };
}

/** So many queries are attended for at once: as many as a product of matrices adds up in a block. */
const AT_ONCE = MATMUL_BLOCK;

const scaled = /* @__PURE__ */ formulas(2, (x, factor) => [x!.mul(factor!)]);
const seen = /* @__PURE__ */ formulas(2, (x, keep) => [keep!.where(x!, -Infinity)]);
const exponential = /* @__PURE__ */ formulas(2, (x, peak) => [x!.sub(peak!).exp()]);
const seenExponential = /* @__PURE__ */ formulas(3, (x, peak, keep) => [keep!.where(x!.sub(peak!).exp(), 0)]);
const share = /* @__PURE__ */ formulas(2, (x, total) => [x!.div(total!)]);
const seenShare = /* @__PURE__ */ formulas(3, (x, total, keep) => [keep!.where(x!.div(total!), 0)]);
const product = /* @__PURE__ */ formulas(2, (x, y) => [x!.mul(y!)]);
const slope = /* @__PURE__ */ formulas(3, (weight, dy, mean) => [weight!.mul(dy!.sub(mean!))]);
const sum = /* @__PURE__ */ formulas(2, (x, y) => [x!.add(y!)]);

/** The matrices of one attention in a workspace: of some queries at a time what they weigh the values by. */
interface Attended {
  readonly q: Block;
  readonly k: Block;
  readonly v: Block;
  readonly keep: Block | undefined;
  readonly weights: Block;
}

/** Attentions in a workspace. */
class Attending {
  readonly #factor: Block;
  readonly #numbers: readonly FloatData[];

  constructor(
    readonly w: Workspace,
    readonly given: Given,
    readonly sizes: Sizes,
  ) {
    const { q, k, v, keep, scale } = given;
    this.#numbers = [q, k, v, ...(keep ? [keep] : [])].map(({ numbers }) => floats(numbers));
    this.#factor = w.place({ sizes: [], data: newData(w.dtype, 1).fill(scale) }, 1, 1);
  }

  /** How many there are, and how many operations each takes, so many times what a query and a key do. */
  things(times: number): { count: number; operations: number } {
    const { queries, keys, width, values, places } = this.sizes;
    return { count: places.length, operations: times * queries * keys * (width + values) };
  }

  /** Has room made for an attention, and writes what it is computed from. */
  enter(matrix: number): Attended {
    const { w } = this;
    const { queries, keys, width, values, places } = this.sizes;
    const { keep } = this.given;
    const shapes = [[queries, width], [keys, width], [keys, values], ...(keep ? [keep.sizes.slice(-2)] : [])];
    const [q, k, v, mask] = shapes.map(([rows, columns], i) => {
      const block = w.room(rows!, columns!);
      w.write(block, this.#numbers[i]!, places[matrix]![i]!);
      return block;
    });
    return { q: q!, k: k!, v: v!, keep: mask, weights: w.room(Math.min(AT_ONCE, queries), keys) };
  }

  /** Visits some queries after others, scaled, when their weights are there. */
  each({ q, k, keep, weights }: Attended, visit: (first: number, q: Block, weights: Block) => void): void {
    const { queries } = this.sizes;
    for (let first = 0; first < queries; first += AT_ONCE) {
      const rows = Math.min(AT_ONCE, queries - first);
      const [some, own] = [rowsOf(q, first, rows), rowsOf(weights, 0, rows)];
      this.w.briefly(() => {
        this.scale(some);
        this.w.multiply({ block: some }, { block: k, transposed: true }, own);
        this.#normalize(own, keep && (keep.rows === 1 ? repeatedRow(keep, rows) : rowsOf(keep, first, rows)));
        visit(first, some, own);
      });
    }
  }

  /** The softmax of each row, over what may be seen. */
  #normalize(weights: Block, keep: Block | undefined): void {
    const { w } = this;
    const { dtype } = w;
    if (keep) {
      const visible = w.room(weights.rows, weights.columns);
      w.map(seen(dtype), [visible], [weights, keep]);
      w.map(seenExponential(dtype), [weights], [weights, w.extremes('largest', visible), keep]);
      w.map(seenShare(dtype), [weights], [weights, w.sums(weights), keep]);
    } else {
      w.map(exponential(dtype), [weights], [weights, w.extremes('largest', weights)]);
      w.map(share(dtype), [weights], [weights, w.sums(weights)]);
    }
  }

  /** Multiplies by the scale. */
  scale(x: Block): void {
    this.w.map(scaled(this.w.dtype), [x], [x, repeatedRow(this.#factor, x.rows)]);
  }
}

function forwardInNumbers(given: Given, shape: Shape, machine: Machine): FloatData {
  const dtype = given.q.dtype as FloatDtype;
  const out = newData(dtype, sizeOf(shape));
  if (out.length === 0 || given.k.size === 0) return out;
  const sizes = sizesOf(given, shape);
  const { queries, values } = sizes;
  inWorkspace(machine, dtype, (w) => {
    const attending = new Attending(w, given, sizes);
    w.each({
      ...attending.things(2),
      enter: (matrix) => ({ own: attending.enter(matrix), y: w.room(queries, values) }),
      compute: ({ own, y }) =>
        attending.each(own, (first, _, weights) => w.multiply({ block: weights }, { block: own.v }, rowsOf(y, first, weights.rows))),
      leave: ({ y }, matrix) => w.read(y, out, matrix * queries * values),
    });
  });
  return out;
}

function derivativesInNumbers(given: RuleArguments<AttentionInput, Scale>, machine: Machine) {
  const dtype = given.q.dtype as FloatDtype;
  const sizes = sizesOf(given, given.y.sizes);
  const { queries, keys, width, values, leading } = sizes;
  const shapes = { q: [...leading, queries, width], k: [...leading, keys, width], v: [...leading, keys, values] };
  const found = { q: newData(dtype, sizeOf(shapes.q)), k: newData(dtype, sizeOf(shapes.k)), v: newData(dtype, sizeOf(shapes.v)) };
  if (given.y.size > 0 && given.k.size > 0)
    inWorkspace(machine, dtype, (w) => {
      const attending = new Attending(w, given, sizes);
      const outer = floats(given.dy.numbers);
      w.each({
        ...attending.things(5),
        enter(matrix) {
          const dy = w.room(queries, values);
          w.write(dy, outer, matrix * queries * values);
          return {
            own: attending.enter(matrix),
            dy,
            slopes: w.room(Math.min(AT_ONCE, queries), keys),
            dk: w.room(keys, width),
            dv: w.room(keys, values),
          };
        },
        compute: ({ own, dy, slopes, dk, dv }) =>
          attending.each(own, (first, q, weights) => {
            const { rows } = weights;
            const [dyOf, slopesOf] = [rowsOf(dy, first, rows), rowsOf(slopes, 0, rows)];
            w.multiply({ block: dyOf }, { block: own.v, transposed: true }, slopesOf);
            const products = w.room(rows, keys);
            w.map(product(dtype), [products], [slopesOf, weights]);
            w.map(slope(dtype), [slopesOf], [weights, slopesOf, w.sums(products)]);
            const [toK, toV] = first === 0 ? [dk, dv] : [w.room(keys, width), w.room(keys, values)];
            w.multiply({ block: slopesOf, transposed: true }, { block: q }, toK);
            w.multiply({ block: weights, transposed: true }, { block: dyOf }, toV);
            if (first > 0) for (const [to, more] of [[dk, toK], [dv, toV]] as const) w.map(sum(dtype), [to], [to, more]); // biome-ignore format: a line
            w.multiply({ block: slopesOf }, { block: own.k }, q);
            attending.scale(q);
          }),
        leave({ own, dk, dv }, matrix) {
          w.read(own.q, found.q, matrix * queries * width);
          w.read(dk, found.k, matrix * keys * width);
          w.read(dv, found.v, matrix * keys * values);
        },
      });
    });
  return {
    q: () => new Tensor(shapes.q, found.q),
    k: () => new Tensor(shapes.k, found.k),
    v: () => new Tensor(shapes.v, found.v),
  };
}
