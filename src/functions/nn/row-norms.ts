/** Layer normalization and its like as one operation: some rows at a time in a workspace, forward and back. */

import { type FloatData, type FloatDtype, floats, newData } from '../../base/dtype.ts';
import { ShapeError } from '../../base/errors.ts';
import { formatShape, sameShape, sizeOf } from '../../base/shape.ts';
import type { Shape } from '../../base/shape-types.ts';
import type { Formula } from '../../formula/formula.ts';
import { formulas } from '../../formula/joined-formulas.ts';
import { type Block, repeatedRow, rowsOf, type Workspace } from '../../machine/blocks.ts';
import type { Machine } from '../../machine/machine.ts';
import { inWorkspace } from '../../machine/workspace.ts';
import { aligned } from '../../tensor/batched.ts';
import { centred } from '../../tensor/composed.ts';
import { derivativesOf } from '../../tensor/composition.ts';
import type { BatchedCall, Op, OpArguments, RuleArguments } from '../../tensor/op.ts';
import { Tensor } from '../../tensor/tensor.ts';

/** What is normalized, and what it is multiplied by and moved by after that, if anything. */
export type RowNormInput = 'x' | 'weight' | 'bias';

interface RowNorm {
  /** How many last axes make a row. */
  readonly last: number;
  /** What is added to the mean square. */
  readonly epsilon: number;
}

type Given = OpArguments<RowNormInput, RowNorm>;

/** `(x − mean) / √(variance + epsilon)` over some axes; the mean is taken for 0 by a norm that does not centre. */
export function standardized(x: Tensor, axes: readonly number[], epsilon: number, centres = true): Tensor {
  const differences = centres ? centred(x, axes) : x;
  return differences.div(differences.mul(differences).mean(axes, { keepDims: true }).add(epsilon).sqrt());
}

/** The last axes of a shape. */
const lastAxes = (rank: number, last: number): number[] => Array.from({ length: last }, (_, i) => rank - last + i);

function rowNormOp(name: string, centres: boolean): Op<RowNormInput, RowNorm> {
  const composed = ({ x, weight, bias, last, epsilon }: Given): Tensor => {
    const y = standardized(x, lastAxes(x.rank, last), epsilon, centres);
    const scaled = weight ? y.mul(weight) : y;
    return bias ? scaled.add(bias) : scaled;
  };
  const derivative = derivativesOf<RowNormInput, RowNorm>({
    inputs: ['x', 'weight', 'bias'],
    composed,
    numbers: (given, machine) => derivativesInNumbers(given, centres, machine),
  });
  return {
    name,
    composed,
    batching,
    shape({ x, weight, bias, last }) {
      const row = x.sizes.slice(x.rank - last);
      for (const part of [weight, bias])
        if (part && !sameShape(part.sizes, row))
          throw new ShapeError(`${name}: expected ${formatShape(row)}, the last axes of x, got ${formatShape(part.sizes)}`);
      return x.sizes;
    },
    forward: (given, _, machine) => forwardInNumbers(given, centres, machine),
    backward: { x: derivative('x'), weight: derivative('weight'), bias: derivative('bias') },
    sample(draw) {
      const shape = [draw.size(), draw.size(), draw.size() + 1];
      const last = draw.oneOf(1, 2);
      const [x, row] = [draw.tensor(shape), shape.slice(3 - last)];
      const [hasWeight, hasBias] = [draw.oneOf(true, false), draw.oneOf(true, false)];
      // Small weights: what is passed back is mostly what cancels, and of huge numbers nothing would be left that is exact.
      const weight = hasWeight && { weight: draw.indices(row, 7).cast(x.dtype).sub(3) };
      return { x, ...weight, ...(hasBias && { bias: draw.tensor(row) }), last, epsilon: 0.125 } as Given;
    },
  };
}

export const layerNormOp: Op<RowNormInput, RowNorm> = /* @__PURE__ */ rowNormOp('layerNorm', true);
export const rmsNormOp: Op<RowNormInput, RowNorm> = /* @__PURE__ */ rowNormOp('rmsNorm', false);

/** Rows of more examples are more rows, but for weights that differ between them. */
function batching({ inputs: { x, weight, bias }, attributes, shape, count, perform }: BatchedCall<RowNormInput, RowNorm>): Tensor {
  const parts = { ...(weight && { weight: weight.x }), ...(bias && { bias: bias.x }) };
  if (!(weight?.batched || bias?.batched)) return perform({ x: x.x, ...parts } as Record<RowNormInput, Tensor>);
  const y = aligned({ x: perform({ x: x.x } as Record<RowNormInput, Tensor>, attributes), batched: x.batched }, shape.length);
  const scaled = weight ? y.mul(aligned(weight, shape.length)) : y;
  return (bias ? scaled.add(aligned(bias, shape.length)) : scaled).broadcastTo([count, ...shape]);
}

/** So many numbers are normalized at a time, so that they stay in the second-level cache. */
const AT_ONCE = 16384;

const mean = (x: Formula, total: Formula, count: Formula) => x.sub(total.div(count));
const away = /* @__PURE__ */ formulas(3, (x, total, count) => [mean(x!, total!, count!)]);
const square = /* @__PURE__ */ formulas(1, (x) => [x!.mul(x!)]);
const deviation = /* @__PURE__ */ formulas(3, (total, count, epsilon) => [total!.div(count!).add(epsilon!).sqrt()]);
const quotient = /* @__PURE__ */ formulas(2, (x, by) => [x!.div(by!)]);
const product = /* @__PURE__ */ formulas(2, (x, by) => [x!.mul(by!)]);
const plus = /* @__PURE__ */ formulas(2, (x, y) => [x!.add(y!)]);
const affine = /* @__PURE__ */ formulas(3, (x, weight, bias) => [x!.mul(weight!).add(bias!)]);
const without = /* @__PURE__ */ formulas(4, (dy, y, total, count) => [dy!.sub(y!.mul(total!.div(count!)))]);

/** Rows that are normalized in a workspace, some at a time. */
class Rows {
  readonly dtype: FloatDtype;
  readonly count: number;
  readonly most: number;
  readonly weight: Block | undefined;
  readonly bias: Block | undefined;
  readonly x: Block;
  readonly #total: number;
  readonly #numbers: FloatData;
  readonly #constants: readonly [count: Block, epsilon: Block];

  constructor(
    readonly w: Workspace,
    { x, weight, bias, last, epsilon }: Given,
    readonly centres: boolean,
  ) {
    this.dtype = w.dtype;
    this.count = sizeOf(x.sizes.slice(x.rank - last));
    this.#total = x.size / this.count;
    this.most = Math.min(this.#total, Math.max(1, Math.floor(AT_ONCE / this.count)));
    this.#numbers = floats(x.numbers);
    const constant = (value: number) => w.place({ sizes: [], data: newData(w.dtype, 1).fill(value) }, 1, 1);
    this.#constants = [constant(this.count), constant(epsilon)];
    this.weight = weight && w.place(weight, 1, this.count);
    this.bias = bias && w.place(bias, 1, this.count);
    this.x = w.room(this.most, this.count);
  }

  /** Visits some rows after others, which are normalized: where the first begins, those rows, and what they were divided by. */
  each(visit: (at: number, rows: Block, deviations: Block) => void): void {
    const { w, dtype } = this;
    for (let first = 0; first < this.#total; first += this.most) {
      const x = rowsOf(this.x, 0, Math.min(this.most, this.#total - first));
      w.briefly(() => {
        w.write(x, this.#numbers, first * this.count);
        if (this.centres) this.centre(x);
        const squares = w.room(x.rows, this.count);
        w.map(square(dtype), [squares], [x]);
        const deviations = w.sums(squares);
        w.map(deviation(dtype), [deviations], [deviations, ...this.#constants.map((one) => repeatedRow(one, x.rows))]);
        w.map(quotient(dtype), [x], [x, deviations]);
        visit(first * this.count, x, deviations);
      });
    }
  }

  /** Subtracts the mean of each row, which is rounded, and then the mean of what is left. */
  centre(x: Block): void {
    for (let time = 0; time < 2; time++) this.w.map(away(this.dtype), [x], [x, this.w.sums(x), repeatedRow(this.#constants[0], x.rows)]);
  }

  /** Subtracts from each row `dy` the part of it that goes along the row `y`. */
  dropPart(dy: Block, y: Block): void {
    const { w, dtype } = this;
    const products = w.room(y.rows, this.count);
    w.map(product(dtype), [products], [dy, y]);
    w.map(without(dtype), [dy], [dy, y, w.sums(products), repeatedRow(this.#constants[0], y.rows)]);
  }
}

function forwardInNumbers(given: Given, centres: boolean, machine: Machine): FloatData {
  const dtype = given.x.dtype as FloatDtype;
  const out = newData(dtype, given.x.size);
  if (out.length === 0) return out;
  inWorkspace(machine, dtype, (w) => {
    const rows = new Rows(w, given, centres);
    const { weight, bias } = rows;
    rows.each((at, y) => {
      const all = (part: Block) => repeatedRow(part, y.rows);
      if (weight && bias) w.map(affine(dtype), [y], [y, all(weight), all(bias)]);
      else if (weight) w.map(product(dtype), [y], [y, all(weight)]);
      else if (bias) w.map(plus(dtype), [y], [y, all(bias)]);
      w.read(y, out, at);
    });
  });
  return out;
}

function derivativesInNumbers(given: RuleArguments<RowNormInput, RowNorm>, centres: boolean, machine: Machine) {
  const { x, dy, last } = given;
  const dtype = x.dtype as FloatDtype;
  const row: Shape = x.sizes.slice(x.rank - last);
  const [outer, ofX] = [floats(dy.numbers), newData(dtype, x.size)];
  const ofWeight = newData(dtype, given.weight ? x.size : 0);
  if (x.size > 0)
    inWorkspace(machine, dtype, (w) => {
      const rows = new Rows(w, given, centres);
      const [slopes, products] = [w.room(rows.most, rows.count), w.room(rows.most, rows.count)];
      rows.each((at, y, deviations) => {
        const [slope, own] = [slopes, products].map((block) => rowsOf(block, 0, y.rows)) as [Block, Block];
        w.write(slope, outer, at);
        if (rows.weight) {
          w.map(product(dtype), [own], [slope, y]);
          w.read(own, ofWeight, at);
          w.map(product(dtype), [slope], [slope, repeatedRow(rows.weight, y.rows)]);
        }
        rows.dropPart(slope, y);
        if (centres) rows.centre(slope);
        w.map(quotient(dtype), [slope], [slope, deviations]);
        w.read(slope, ofX, at);
      });
    });
  const summed = (all: FloatData) => {
    const count = sizeOf(row);
    const of = count === 0 ? 0 : all.length / count;
    return new Tensor(row, of === 0 ? newData(dtype, count) : machine.sum(all, { before: 1, count: of, after: count }));
  };
  return { x: () => new Tensor(x.sizes, ofX), weight: () => summed(ofWeight), bias: () => summed(outer) };
}
