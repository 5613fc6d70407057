/**
 * Recurrent networks along whole sequences as one operation each: step after step in a workspace, and back again, with one product for the gradient of
 * the weight.
 */

import { type FloatData, type FloatDtype, floats, newData } from '../../base/dtype.ts';
import { ShapeError } from '../../base/errors.ts';
import { formatShape, sameShape } from '../../base/shape.ts';
import type { Shape } from '../../base/shape-types.ts';
import { formulas } from '../../formula/joined-formulas.ts';
import { type Block, partsOf, repeatedRow } from '../../machine/blocks.ts';
import type { Machine } from '../../machine/machine.ts';
import { SINGLE } from '../../machine/storage.ts';
import { inWorkspace } from '../../machine/workspace.ts';
import { derivativesOf } from '../../tensor/composition.ts';
import type { Op, OpArguments, RuleArguments } from '../../tensor/op.ts';
import { isRecording } from '../../tensor/recorders.ts';
import { Tensor } from '../../tensor/tensor.ts';
import type { SequenceCell } from './sequence-cells.ts';

/** The gates of all inputs, the weight and the bias of the product with the output, and the states at the beginning. Not all cells have all. */
export type SequenceInput = 'gates' | 'weight' | 'bias' | 'h' | 'c';

/** Which way a sequence is gone along. */
export interface Direction {
  /** Whether from the end to the start. */
  readonly reverse: boolean;
}

type Given = OpArguments<SequenceInput, Direction>;
export type SequenceOp = Op<SequenceInput, Direction>;

/** The sizes of a sequence. */
interface Sizes {
  readonly time: number;
  readonly batch: number;
  readonly hidden: number;
  readonly dtype: FloatDtype;
}

const sizesOf = ({ gates, h }: Given): Sizes => {
  const [time, batch] = gates.sizes as [number, number];
  return { time, batch, hidden: h.sizes[1]!, dtype: gates.dtype as FloatDtype };
};

const statesOf = ({ h, c }: Given): Tensor[] => (c === undefined ? [h] : [h, c]);

/** The steps in the order in which they are made. */
const stepsOf = (time: number, reverse: boolean): number[] => Array.from({ length: time }, (_, i) => (reverse ? time - 1 - i : i));

/**
 * A recurrent network along a sequence: `gates : [time, batch, gates · hidden]`, `weight : [hidden, gates · hidden]`, states `[batch, hidden]`. The states
 * after each step: `[time, batch, hidden]`, or of two states one after the other, `[2, time, batch, hidden]`.
 */
/* @__NO_SIDE_EFFECTS__ */
export function sequenceOp(name: string, cell: SequenceCell, composed: (given: Given) => Tensor): SequenceOp {
  const inputs: SequenceInput[] = ['gates', 'weight', 'h'];
  if (cell.biasedStep) inputs.push('bias');
  if (cell.states === 2) inputs.push('c');
  const derivative = derivativesOf<SequenceInput, Direction>({
    inputs,
    composed,
    numbers: (given, machine) => derivativesInNumbers(cell, given, machine),
  });
  return {
    name,
    composed,
    shape: (given) => shapeOf(name, cell, given),
    forward: (given, _, machine) => forwardInNumbers(cell, given, machine, isRecording()),
    // A rule for what the cell has, and for nothing else.
    backward: Object.fromEntries(inputs.map((input) => [input, derivative(input)])) as SequenceOp['backward'],
    sample(draw) {
      const [time, batch, hidden] = [draw.size(), draw.size(), draw.size()];
      const state = () => draw.tensor([batch, hidden]);
      return {
        gates: draw.tensor([time, batch, cell.gates * hidden]),
        weight: draw.tensor([hidden, cell.gates * hidden]).mul(0.25),
        ...(cell.biasedStep && draw.oneOf(true, false) && { bias: draw.tensor([cell.gates * hidden]) }),
        h: state(),
        ...(cell.states === 2 && { c: state() }),
        reverse: draw.oneOf(true, false),
      } as Given & Direction;
    },
  };
}

function shapeOf(name: string, cell: SequenceCell, given: Given): Shape {
  const { gates, weight, bias, h } = given;
  const [batch, hidden] = h.sizes as [number, number];
  const width = cell.gates * hidden;
  const fits =
    gates.rank === 3 &&
    statesOf(given).length === cell.states &&
    statesOf(given).every(({ sizes }) => sameShape(sizes, [batch, hidden])) &&
    sameShape(gates.sizes, [gates.sizes[0]!, batch, width]) &&
    sameShape(weight.sizes, [hidden, width]) &&
    (bias === undefined || sameShape(bias.sizes, [width]));
  if (!fits)
    throw new ShapeError(
      `${name}: gates ${formatShape(gates.sizes)}, weight ${formatShape(weight.sizes)} and state ${formatShape(h.sizes)} do not fit`,
    );
  const shape = [gates.sizes[0]!, batch, hidden];
  return cell.states === 1 ? shape : [cell.states, ...shape];
}

/** What the steps to a result left for their derivatives: `[time, batch, saved · hidden]`. Without it they are made again. */
const savedBy = /* @__PURE__ */ new WeakMap<FloatData, FloatData>();

function forwardInNumbers(cell: SequenceCell, given: Given, machine: Machine, saves: boolean): FloatData {
  const { gates, weight, bias, reverse } = given;
  const sizes = sizesOf(given);
  const { time, batch, hidden, dtype } = sizes;
  const [state, width] = [batch * hidden, batch * cell.gates * hidden];
  const out = newData(dtype, cell.states * time * state);
  if (out.length === 0) return out;
  const saved = newData(dtype, saves ? time * cell.saved * state : 0);
  const numbers = floats(gates.numbers);
  inWorkspace(machine, dtype, (w) => {
    const factor = w.place(weight, hidden, cell.gates * hidden);
    const biases = bias ? partsOf(repeatedRow(w.place(bias, 1, cell.gates * hidden), batch), hidden) : [];
    let before = statesOf(given).map((x) => w.place(x, batch, hidden));
    const [x, product, kept] = [cell.gates, cell.gates, cell.saved].map((parts) => w.room(batch, parts * hidden)) as [Block, Block, Block];
    const [even, odd] = [0, 1].map(() => before.map(() => w.room(batch, hidden))) as [Block[], Block[]];
    const rules = (bias ? cell.biasedStep! : cell.step)(dtype);
    const [results, inputs] = [partsOf(kept, hidden), [...partsOf(x, hidden), ...partsOf(product, hidden), ...biases]];
    for (const t of stepsOf(time, reverse)) {
      const after = before === even ? odd : even;
      w.write(x, numbers, t * width);
      w.multiply({ block: before[0]! }, { block: factor }, product);
      w.map(rules, [...results, ...after], [...inputs, ...before]);
      after.forEach((block, i) => w.read(block, out, (i * time + t) * state));
      if (saves) w.read(kept, saved, t * cell.saved * state);
      before = after;
    }
  });
  if (saves) savedBy.set(out, saved);
  return out;
}

/** What the steps to a result left. */
function savedFor(cell: SequenceCell, given: RuleArguments<SequenceInput, Direction>, machine: Machine): FloatData {
  return savedBy.get(floats(given.y.numbers)) ?? savedBy.get(forwardInNumbers(cell, given, machine, true))!;
}

const sumOfTwo = /* @__PURE__ */ formulas(2, (a, b) => [a!.add(b!)]);

function derivativesInNumbers(cell: SequenceCell, given: RuleArguments<SequenceInput, Direction>, machine: Machine) {
  const { gates, weight, y, dy, reverse } = given;
  if (y.size === 0) return nothing(given);
  const { time, batch, hidden, dtype } = sizesOf(given);
  const [state, columns] = [batch * hidden, cell.gates * hidden];
  const width = batch * columns;
  const saved = savedFor(cell, given, machine);
  const [outer, own] = [floats(dy.numbers), floats(y.numbers)];
  const initial = statesOf(given).map(({ numbers }) => floats(numbers));
  const [ofGates, ofProduct] = [newData(dtype, gates.size), newData(dtype, gates.size)];
  const ofStates = initial.map(() => newData(dtype, state));
  const steps = stepsOf(time, reverse);
  /** The states before a step: in which array, and where in it. */
  const before = (place: number, i: number): readonly [FloatData, number] =>
    place === 0 ? [initial[i]!, 0] : [own, (i * time + steps[place - 1]!) * state];
  inWorkspace(machine, dtype, (w) => {
    const turned = w.place({ sizes: [columns, hidden], data: transposed(floats(weight.numbers), hidden, columns) }, columns, hidden);
    const rooms = (count: number) => Array.from({ length: count }, () => w.room(batch, hidden));
    const [arriving, passed, earlier, later] = [0, 0, 0, 0].map(() => rooms(cell.states)) as [Block[], Block[], Block[], Block[]];
    const [product, kept, dGates, dProduct] = [w.room(batch, hidden), ...[cell.saved, cell.gates, cell.gates].map((parts) => w.room(batch, parts * hidden))] as [Block, Block, Block, Block]; // biome-ignore format: a line
    for (const block of [...passed, product]) w.write(block, newData(dtype, state), 0);
    const results = [...partsOf(dGates, hidden), ...partsOf(dProduct, hidden), ...passed];
    const inputs = [...arriving, ...passed, product, ...partsOf(kept, hidden), ...earlier, ...later];
    for (let place = time - 1; place >= 0; place--) {
      const t = steps[place]!;
      for (let i = 0; i < cell.states; i++) {
        w.write(arriving[i]!, outer, (i * time + t) * state);
        w.write(earlier[i]!, ...before(place, i));
        w.write(later[i]!, own, (i * time + t) * state);
      }
      w.write(kept, saved, t * cell.saved * state);
      w.map(cell.back(dtype), results, inputs);
      w.multiply({ block: dProduct }, { block: turned }, product);
      w.read(dGates, ofGates, t * width);
      w.read(dProduct, ofProduct, t * width);
    }
    w.map(sumOfTwo(dtype), [passed[0]!], [passed[0]!, product]);
    passed.forEach((block, i) => w.read(block, ofStates[i]!, 0));
  });
  const rows = time * batch;
  const outputsBefore = () => {
    const data = newData(dtype, rows * hidden);
    steps.forEach((t, place) => {
      const [array, at] = before(place, 0);
      data.set(array.subarray(at, at + state), t * state);
    });
    return { sizes: [rows, hidden], data };
  };
  const ofWeight = () =>
    machine.matmul({ a: outputsBefore(), b: { sizes: [rows, columns], data: ofProduct }, m: hidden, k: rows, n: columns, transposeA: true, transposeB: false, pairs: SINGLE }); // biome-ignore format: a line
  return {
    gates: () => new Tensor(gates.sizes, ofGates),
    weight: () => new Tensor([hidden, columns], ofWeight()),
    bias: () => new Tensor([columns], machine.sum(ofProduct, { before: 1, count: rows, after: columns })),
    h: () => new Tensor([batch, hidden], ofStates[0]!),
    c: () => new Tensor([batch, hidden], ofStates[1]!),
  };
}

/** The derivatives where there is no step, or nothing in it. */
function nothing(given: Given) {
  const zeros = (x: Tensor) => () => Tensor.zeros(x.sizes, x.dtype);
  // Of no steps, the first states are no part of the result.
  return {
    gates: zeros(given.gates),
    weight: zeros(given.weight),
    bias: () => zeros(given.bias)(),
    h: zeros(given.h),
    c: () => zeros(given.c)(),
  };
}

function transposed(x: FloatData, rows: number, columns: number): FloatData {
  const out = newData(x instanceof Float32Array ? 'float32' : 'float64', x.length);
  for (let i = 0; i < rows; i++) for (let j = 0; j < columns; j++) out[j * rows + i] = x[i * columns + j]!;
  return out;
}
