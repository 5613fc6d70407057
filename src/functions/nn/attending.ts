/**
 * What attention in numbers is made of: for some queries at a time their weights in a workspace, never all of them. Heads that lie side by side are read
 * and written where they are.
 */

import { type FloatDtype, floats, newData } from '../../base/dtype.ts';
import { broadcastStrides, sizeOf, walk } from '../../base/shape.ts';
import type { Shape } from '../../base/shape-types.ts';
import { formulas } from '../../formula/joined-formulas.ts';
import { type Block, columnsOf, repeatedRow, rowsOf, type Workspace } from '../../machine/blocks.ts';
import { MATMUL_BLOCK } from '../../machine/machine.ts';
import type { OpArguments } from '../../tensor/op.ts';
import type { Tensor } from '../../tensor/tensor.ts';

/** Queries, keys and values, and perhaps a mask, 1 for what may be seen, of as many axes as the result. */
export type AttentionInput = 'q' | 'k' | 'v' | 'keep';

export interface AttentionAttributes {
  /** What the products of queries and keys are multiplied by. */
  readonly scale: number;
  /** How many heads lie side by side in the last axis, with the mask for each. Default: the heads are along the axis before the last two, if at all. */
  readonly heads?: number;
}

export type Given = OpArguments<AttentionInput, AttentionAttributes>;

/** The sizes of an attention, of one head, and for each place along the leading axes where `q`, `k` and `v` begin, and the mask of each head. */
export interface Sizes {
  readonly heads: number;
  readonly queries: number;
  readonly keys: number;
  readonly width: number;
  readonly values: number;
  readonly leading: Shape;
  readonly places: readonly (readonly number[])[];
  readonly masks: readonly number[];
}

export function sizesOf({ q, k, v, keep, heads }: Given, shape: Shape): Sizes {
  const leading = shape.slice(0, -2);
  const places = placesOf([q, k, v], leading);
  const masks = keep ? placesOf([keep], heads === undefined ? leading : [...leading, heads]).map(([at]) => at!) : [];
  const side = heads ?? 1;
  const [queries, width] = [q.sizes.at(-2)!, q.sizes.at(-1)! / side];
  return { heads: side, queries, keys: k.sizes.at(-2)!, width, values: v.sizes.at(-1)! / side, leading, places, masks };
}

/** For each place along the leading axes, where the matrices of some tensors begin. */
function placesOf(tensors: readonly Tensor[], leading: Shape): readonly (readonly number[])[] {
  const places: (readonly number[])[] = [];
  const strides = tensors.map(({ sizes }) => {
    const length = sizeOf(sizes.slice(-2));
    return broadcastStrides(sizes.slice(0, -2), leading).map((stride) => stride * length);
  });
  walk(leading, strides, (_, at) => places.push([...at]));
  return places;
}

/** So many queries are attended for at once: as many as a product of matrices adds up in a block. */
export const AT_ONCE = MATMUL_BLOCK;

/** Of so many heads at a time the weights are computed together as are this many numbers. */
const TOGETHER = 32768;

const copied = /* @__PURE__ */ formulas(1, (x) => [x!]);
const scaled = /* @__PURE__ */ formulas(2, (x, factor) => [x!.mul(factor!)]);
const seen = /* @__PURE__ */ formulas(2, (x, keep) => [keep!.where(x!, -Infinity)]);
const exponential = /* @__PURE__ */ formulas(2, (x, peak) => [x!.sub(peak!).exp()]);
const seenExponential = /* @__PURE__ */ formulas(3, (x, peak, keep) => [keep!.where(x!.sub(peak!).exp(), 0)]);
const share = /* @__PURE__ */ formulas(2, (x, total) => [x!.div(total!)]);
const seenShare = /* @__PURE__ */ formulas(3, (x, total, keep) => [keep!.where(x!.div(total!), 0)]);

/** Some queries of some heads. */
export interface Part {
  readonly first: number;
  readonly rows: number;
  readonly head: number;
  readonly heads: number;
}

/** The matrices of an attention in a workspace, at one place along the leading axes: all of `q`, `k` and `v`, as they lie; and of some heads the weights. */
export class Attending {
  readonly dtype: FloatDtype;
  readonly q: Block;
  readonly k: Block;
  readonly v: Block;
  /** How many heads are attended by together. */
  readonly together: number;
  readonly #weights: Block;
  /** The queries of those heads, scaled, and the keys and values of all, one head below the other. */
  readonly #ownQ: Block;
  readonly #ownK: Block;
  readonly #ownV: Block;
  readonly #factor: Block;
  /** The mask of each head, and room for those of some heads, one below the other. */
  readonly #masks: readonly Block[];
  readonly #keep: Block;

  constructor(
    readonly w: Workspace,
    given: Given,
    readonly sizes: Sizes,
    matrix: number,
  ) {
    const { heads, queries, keys, width, values, places } = sizes;
    const { q, k, v, keep, scale } = given;
    const written = (x: Tensor, from: number, rows: number, columns: number): Block => {
      const block = w.room(rows, columns);
      w.write(block, floats(x.numbers), from);
      return block;
    };
    this.dtype = w.dtype;
    this.#factor = w.room(1, 1);
    w.write(this.#factor, newData(w.dtype, 1).fill(scale), 0);
    const most = Math.min(AT_ONCE, queries);
    this.together = Math.min(heads, Math.max(1, Math.floor(TOGETHER / (most * keys))));
    const [atQ, atK, atV] = places[matrix]!;
    this.q = written(q, atQ!, queries, heads * width);
    this.k = written(k, atK!, keys, heads * width);
    this.v = written(v, atV!, keys, heads * values);
    this.#ownQ = w.room(this.together * most, width);
    this.#ownK = heads === 1 ? this.k : w.room(heads * keys, width);
    this.#ownV = heads === 1 ? this.v : w.room(heads * keys, values);
    this.#weights = w.room(this.together * most, keys);
    const starts = keep ? sizes.masks.slice(matrix * heads, (matrix + 1) * heads) : [];
    const masks = new Map([...new Set(starts)].map((start) => [start, written(keep, start, keep.sizes.at(-2)!, keep.sizes.at(-1)!)]));
    this.#masks = starts.map((start) => masks.get(start)!);
    this.#keep = w.room(keep ? this.together * most : 0, keep ? keep.sizes.at(-1)! : 0);
  }

  /** The keys, and the values, of a head. */
  keysOf(head: number): Block {
    return rowsOf(this.#ownK, head * this.sizes.keys, this.sizes.keys);
  }
  valuesOf(head: number): Block {
    return rowsOf(this.#ownV, head * this.sizes.keys, this.sizes.keys);
  }

  /** The weights of all heads of a part, one below the other; and of each head its weights and scaled queries. */
  weightsOf({ heads, rows }: Part): Block {
    return rowsOf(this.#weights, 0, heads * rows);
  }
  scaledOf({ rows }: Part, i: number): Block {
    return rowsOf(this.#ownQ, i * rows, rows);
  }

  /** Visits some queries of some heads after others, when their weights are there. */
  each(visit: (part: Part) => void): void {
    const { heads, queries } = this.sizes;
    for (let head = 0; heads > 1 && head < heads; head++) {
      this.gather(this.k, head, this.keysOf(head));
      this.gather(this.v, head, this.valuesOf(head));
    }
    for (let first = 0; first < queries; first += AT_ONCE) {
      for (let head = 0; head < heads; head += this.together) {
        const part = { first, rows: Math.min(AT_ONCE, queries - first), head, heads: Math.min(this.together, heads - head) };
        this.w.briefly(() => {
          this.#weigh(part);
          visit(part);
        });
      }
    }
  }

  /** Copies what a head has in the columns of a matrix to one of its own, and the other way round. */
  gather(from: Block, head: number, to: Block): void {
    this.w.map(copied(this.dtype), [to], [columnsOf(from, head * to.columns, to.columns)]);
  }
  scatter(from: Block, head: number, to: Block): void {
    this.w.map(copied(this.dtype), [columnsOf(to, head * from.columns, from.columns)], [from]);
  }

  /** Multiplies by the scale. */
  scale(from: Block, to: Block): void {
    this.w.map(scaled(this.dtype), [to], [from, repeatedRow(this.#factor, from.rows)]);
  }

  #weigh(part: Part): void {
    const { w, dtype } = this;
    const { first, head, heads, rows } = part;
    const weights = this.weightsOf(part);
    for (let i = 0; i < heads; i++) {
      const q = this.scaledOf(part, i);
      this.scale(columnsOf(rowsOf(this.q, first, rows), (head + i) * q.columns, q.columns), q);
      w.multiply({ block: q }, { block: this.keysOf(head + i), transposed: true }, rowsOf(weights, i * rows, rows));
    }
    const keep = this.#masks.length > 0 && this.#keepOf(part);
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

  /** The masks of all heads of a part, one below the other. */
  #keepOf({ first, rows, head, heads }: Part): Block {
    const masks = this.#masks.slice(head, head + heads);
    const isRow = masks[0]!.rows === 1;
    if (isRow && masks.every((mask) => mask === masks[0])) return repeatedRow(masks[0]!, heads * rows);
    const some = masks.map((mask) => (isRow ? repeatedRow(mask, rows) : rowsOf(mask, first, rows)));
    if (heads === 1) return some[0]!;
    some.forEach((mask, i) => this.w.map(copied(this.dtype), [rowsOf(this.#keep, i * rows, rows)], [mask]));
    return rowsOf(this.#keep, 0, heads * rows);
  }
}
