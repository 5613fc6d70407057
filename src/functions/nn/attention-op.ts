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

/** The matrices of an attention in a workspace. */
class Attending {
  readonly dtype: FloatDtype;
  readonly q: Block;
  readonly k: Block;
  readonly v: Block;
  readonly weights: Block;
  readonly #factor: Block;
  readonly #keep: Block | undefined;
  readonly #numbers: readonly FloatData[];

  constructor(
    readonly w: Workspace,
    readonly given: Given,
    readonly sizes: Sizes,
  ) {
    const { queries, keys, width, values } = sizes;
    const { q, k, v, keep, scale } = given;
    this.dtype = w.dtype;
    this.#numbers = [q, k, v, ...(keep ? [keep] : [])].map(({ numbers }) => floats(numbers));
    this.#factor = w.place({ sizes: [], data: newData(w.dtype, 1).fill(scale) }, 1, 1);
    const most = Math.min(AT_ONCE, queries);
    this.q = w.room(most, width);
    this.k = w.room(keys, width);
    this.v = w.room(keys, values);
    this.weights = w.room(most, keys);
    this.#keep = keep && w.room(keep.sizes.at(-2) === 1 ? 1 : most, keep.sizes.at(-1)!);
  }

  /** Visits some queries of each matrix after others, when their weights are there: their first place among the rows of all, and how many they are. */
  each(visit: (row: number, rows: number, matrix: number) => void): void {
    const { queries, places } = this.sizes;
    places.forEach((at, matrix) => {
      this.w.write(this.k, this.#numbers[1]!, at[1]!);
      this.w.write(this.v, this.#numbers[2]!, at[2]!);
      for (let first = 0; first < queries; first += AT_ONCE) {
        const rows = Math.min(AT_ONCE, queries - first);
        this.w.briefly(() => {
          this.#weigh(at, first, rows);
          visit(matrix * queries + first, rows, matrix);
        });
      }
    });
  }

  /** Computes the scaled queries and the weights of some of them. */
  #weigh(at: readonly number[], first: number, rows: number): void {
    const { w, dtype } = this;
    const [q, weights] = [rowsOf(this.q, 0, rows), rowsOf(this.weights, 0, rows)];
    w.write(q, this.#numbers[0]!, at[0]! + first * this.sizes.width);
    w.map(scaled(dtype), [q], [q, repeatedRow(this.#factor, rows)]);
    w.multiply({ block: q }, { block: this.k, transposed: true }, weights);
    const keep = this.#keep && this.#keepOf(this.#keep, at[3]!, first, rows);
    if (keep) {
      const visible = w.room(rows, this.sizes.keys);
      w.map(seen(dtype), [visible], [weights, keep]);
      w.map(seenExponential(dtype), [weights], [weights, w.extremes('largest', visible), keep]);
      w.map(seenShare(dtype), [weights], [weights, w.sums(weights), keep]);
    } else {
      w.map(exponential(dtype), [weights], [weights, w.extremes('largest', weights)]);
      w.map(share(dtype), [weights], [weights, w.sums(weights)]);
    }
  }

  #keepOf(keep: Block, at: number, first: number, rows: number): Block {
    const own = keep.rows === 1 ? keep : rowsOf(keep, 0, rows);
    this.w.write(own, this.#numbers[3]!, at + (this.given.keep.sizes.at(-2) === 1 ? 0 : first * keep.columns));
    return own.rows === rows ? own : repeatedRow(own, rows);
  }
}

function forwardInNumbers(given: Given, shape: Shape, machine: Machine): FloatData {
  const dtype = given.q.dtype as FloatDtype;
  const out = newData(dtype, sizeOf(shape));
  if (out.length === 0 || given.k.size === 0) return out;
  const sizes = sizesOf(given, shape);
  inWorkspace(machine, dtype, (w) => {
    const attending = new Attending(w, given, sizes);
    const y = w.room(attending.q.rows, sizes.values);
    attending.each((row, rows) => {
      const own = rowsOf(y, 0, rows);
      w.multiply({ block: rowsOf(attending.weights, 0, rows) }, { block: attending.v }, own);
      w.read(own, out, row * sizes.values);
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
      const dy = w.room(attending.q.rows, values);
      const slopes = w.room(attending.q.rows, keys);
      const factor = w.place({ sizes: [], data: newData(dtype, 1).fill(given.scale) }, 1, 1);
      const [dk, dv, moreK, moreV] = [w.room(keys, width), w.room(keys, values), w.room(keys, width), w.room(keys, values)];
      const outer = floats(given.dy.numbers);
      attending.each((row, rows, matrix) => {
        const [q, weights, own, slopesOf] = [attending.q, attending.weights, dy, slopes].map((x) => rowsOf(x, 0, rows)) as [Block, Block, Block, Block]; // biome-ignore format: a line
        w.write(own, outer, row * values);
        w.multiply({ block: own }, { block: attending.v, transposed: true }, slopesOf);
        const products = w.room(rows, keys);
        w.map(product(dtype), [products], [slopesOf, weights]);
        w.map(slope(dtype), [slopesOf], [weights, slopesOf, w.sums(products)]);
        const isFirst = row === matrix * queries;
        const [toK, toV] = isFirst ? [dk, dv] : [moreK, moreV];
        w.multiply({ block: slopesOf, transposed: true }, { block: q }, toK);
        w.multiply({ block: weights, transposed: true }, { block: own }, toV);
        if (!isFirst) for (const [to, more] of [[dk, moreK], [dv, moreV]] as const) w.map(sum(dtype), [to], [to, more]); // biome-ignore format: a line
        w.multiply({ block: slopesOf }, { block: attending.k }, q);
        w.map(scaled(dtype), [q], [q, repeatedRow(factor, rows)]);
        w.read(q, found.q, row * width);
        if (row + rows === (matrix + 1) * queries) {
          w.read(dk, found.k, matrix * keys * width);
          w.read(dv, found.v, matrix * keys * values);
        }
      });
    });
  return {
    q: () => new Tensor(shapes.q, found.q),
    k: () => new Tensor(shapes.k, found.k),
    v: () => new Tensor(shapes.v, found.v),
  };
}
