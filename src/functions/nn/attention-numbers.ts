/** Scaled dot-product attention in numbers, and its derivatives, for which the weights are computed once more. */

import { type FloatData, type FloatDtype, floats, newData } from '../../base/dtype.ts';
import { sizeOf } from '../../base/shape.ts';
import type { Shape } from '../../base/shape-types.ts';
import { formulas } from '../../formula/joined-formulas.ts';
import { type Block, columnsOf, rowsOf, type Things, type Workspace } from '../../machine/blocks.ts';
import type { Machine } from '../../machine/machine.ts';
import { inWorkspace } from '../../machine/workspace.ts';
import type { RuleArguments } from '../../tensor/op.ts';
import { Tensor } from '../../tensor/tensor.ts';
import {
  AT_ONCE,
  Attending,
  type AttentionAttributes,
  type AttentionInput,
  type Given,
  type Part,
  type Sizes,
  sizesOf,
} from './attending.ts';

const product = /* @__PURE__ */ formulas(2, (x, y) => [x!.mul(y!)]);
const slope = /* @__PURE__ */ formulas(3, (weight, dy, mean) => [weight!.mul(dy!.sub(mean!))]);
const sum = /* @__PURE__ */ formulas(2, (x, y) => [x!.add(y!)]);

/** How many attentions there are, and how many operations each takes, so many times what a query and a key do. */
const thingsOf = (
  { places, heads, queries, keys, width, values }: Sizes,
  times: number,
): Pick<Things<unknown>, 'count' | 'operations'> => ({
  count: places.length,
  operations: times * heads * queries * keys * (width + values),
});

export function forwardInNumbers(given: Given, shape: Shape, machine: Machine): FloatData {
  const dtype = given.q.dtype as FloatDtype;
  const out = newData(dtype, sizeOf(shape));
  if (out.length === 0 || given.k.size === 0) return out;
  const sizes = sizesOf(given, shape);
  const { heads, queries, values } = sizes;
  inWorkspace(machine, dtype, (w) =>
    w.each({
      ...thingsOf(sizes, 2),
      enter: (matrix) => ({ attending: new Attending(w, given, sizes, matrix), y: w.room(queries, heads * values) }),
      compute: ({ attending, y }) => attending.each((part) => attendTo(attending, part, y)),
      leave: ({ y }, matrix) => w.read(y, out, matrix * queries * heads * values),
    }),
  );
  return out;
}

/** Writes what the queries of a part make of the values. */
function attendTo(attending: Attending, part: Part, y: Block): void {
  const { w } = attending;
  const { heads, values } = attending.sizes;
  const { first, rows, head } = part;
  const [weights, all] = [attending.weightsOf(part), rowsOf(y, first, rows)];
  const own = heads === 1 ? all : w.room(rows, values);
  for (let i = 0; i < part.heads; i++) {
    w.multiply({ block: rowsOf(weights, i * rows, rows) }, { block: attending.valuesOf(head + i) }, own);
    if (heads > 1) attending.scatter(own, head + i, all);
  }
}

/** The derivatives of an attention for queries, keys and values, which are made part by part. */
class Slopes {
  readonly #dy: Block;
  readonly #ownDy: Block;
  readonly #slopes: Block;
  readonly #dk: Block;
  readonly #dv: Block;
  readonly #moreK: Block;
  readonly #moreV: Block;

  constructor(
    readonly w: Workspace,
    readonly attending: Attending,
    outer: FloatData,
    matrix: number,
  ) {
    const { heads, queries, keys, width, values } = attending.sizes;
    const most = Math.min(AT_ONCE, queries);
    this.#dy = w.room(queries, heads * values);
    w.write(this.#dy, outer, matrix * queries * heads * values);
    this.#ownDy = w.room(attending.together * most, values);
    this.#slopes = w.room(attending.together * most, keys);
    [this.#dk, this.#dv] = [w.room(heads * keys, width), w.room(heads * keys, values)];
    [this.#moreK, this.#moreV] = [w.room(keys, width), w.room(keys, values)];
  }

  /** Passes back what arrives at a part: to its queries, which are changed in their place, and to keys and values. */
  add(part: Part): void {
    const { w, attending } = this;
    const { first, rows, head } = part;
    const dy = rowsOf(this.#dy, first, rows);
    const [weights, slopes] = [attending.weightsOf(part), rowsOf(this.#slopes, 0, part.heads * rows)];
    for (let i = 0; i < part.heads; i++) {
      const own = rowsOf(this.#ownDy, i * rows, rows);
      attending.gather(dy, head + i, own);
      w.multiply({ block: own }, { block: attending.valuesOf(head + i), transposed: true }, rowsOf(slopes, i * rows, rows));
    }
    const products = w.room(slopes.rows, slopes.columns);
    w.map(product(w.dtype), [products], [slopes, weights]);
    w.map(slope(w.dtype), [slopes], [weights, slopes, w.sums(products)]);
    for (let i = 0; i < part.heads; i++) this.#addHead(part, i, rowsOf(weights, i * rows, rows), rowsOf(slopes, i * rows, rows));
  }

  #addHead(part: Part, i: number, weights: Block, slopes: Block): void {
    const { w, attending } = this;
    const { keys } = attending.sizes;
    const { rows } = part;
    const [head, q] = [part.head + i, attending.scaledOf(part, i)];
    const [dk, dv] = [rowsOf(this.#dk, head * keys, keys), rowsOf(this.#dv, head * keys, keys)];
    const isFirst = part.first === 0;
    const [toK, toV] = isFirst ? [dk, dv] : [this.#moreK, this.#moreV];
    w.multiply({ block: slopes, transposed: true }, { block: q }, toK);
    w.multiply({ block: weights, transposed: true }, { block: rowsOf(this.#ownDy, i * rows, rows) }, toV);
    if (!isFirst) for (const [to, more] of [[dk, toK], [dv, toV]] as const) w.map(sum(w.dtype), [to], [to, more]); // biome-ignore format: a line
    w.multiply({ block: slopes }, { block: attending.keysOf(head) }, q);
    attending.scale(q, columnsOf(rowsOf(attending.q, part.first, rows), head * q.columns, q.columns));
  }

  /** Puts what is passed back to all keys and values as these lie. */
  end(): void {
    const { heads, keys } = this.attending.sizes;
    for (let head = 0; heads > 1 && head < heads; head++) {
      this.attending.scatter(rowsOf(this.#dk, head * keys, keys), head, this.ofKeys);
      this.attending.scatter(rowsOf(this.#dv, head * keys, keys), head, this.ofValues);
    }
  }

  get ofKeys(): Block {
    return this.attending.sizes.heads === 1 ? this.#dk : this.attending.k;
  }
  get ofValues(): Block {
    return this.attending.sizes.heads === 1 ? this.#dv : this.attending.v;
  }
}

export function derivativesInNumbers(given: RuleArguments<AttentionInput, AttentionAttributes>, machine: Machine) {
  const dtype = given.q.dtype as FloatDtype;
  const sizes = sizesOf(given, given.y.sizes);
  const { heads, queries, keys, width, values, leading } = sizes;
  const shapes = { q: [...leading, queries, heads * width], k: [...leading, keys, heads * width], v: [...leading, keys, heads * values] };
  const found = { q: newData(dtype, sizeOf(shapes.q)), k: newData(dtype, sizeOf(shapes.k)), v: newData(dtype, sizeOf(shapes.v)) };
  if (given.y.size > 0 && given.k.size > 0)
    inWorkspace(machine, dtype, (w) => {
      const outer = floats(given.dy.numbers);
      w.each({
        ...thingsOf(sizes, 5),
        enter: (matrix) => new Slopes(w, new Attending(w, given, sizes, matrix), outer, matrix),
        compute(slopes) {
          slopes.attending.each((part) => slopes.add(part));
          slopes.end();
        },
        leave({ attending, ofKeys, ofValues }, matrix) {
          w.read(attending.q, found.q, matrix * queries * heads * width);
          w.read(ofKeys, found.k, matrix * keys * heads * width);
          w.read(ofValues, found.v, matrix * keys * heads * values);
        },
      });
    });
  return {
    q: () => new Tensor(shapes.q, found.q),
    k: () => new Tensor(shapes.k, found.k),
    v: () => new Tensor(shapes.v, found.v),
  };
}
