/**
 * Who takes part in every operation. Usually nobody does; a tape adds itself while it records, and `vmap` while it calls its function.
 *
 * They stand one inside another, the outermost first. A recorder is called after an operation. A trace performs the operations on the tensors that it
 * made (`traced.ts`) itself, by operations of those outside of it: these only see what it performs, and those inside of it only what it was asked for.
 */

import type { FloatData } from '../base/dtype.ts';
import type { Op } from './op.ts';
import type { Tensor } from './tensor.ts';

/** Is called after `output = op(inputs, attributes)` was performed. */
export interface Recorder {
  add(op: Op<any, any>, inputs: Readonly<Record<string, Tensor>>, attributes: object, output: Tensor): void;
  /** The id of a tensor that took part, if the recorder gives any. */
  idOf?(x: Tensor): number | undefined;
  /** Whether it shows no tensor to anybody: so those that it alone would see need no numbers where no derivative reads them. */
  readonly isPrivate?: boolean;
}

/**
 * The ids of tensors in one computation. A tensor knows its id in the computation that saw it last, which is much faster than a map; one that is still in
 * use then keeps those that it loses in a map.
 */
export class Ids {
  inUse = true;
  lost: Map<Tensor, number> | undefined = undefined;
}

/** The methods by which a tensor tells its id in a computation, and is given one. */
export const idIn: unique symbol = /* @__PURE__ */ Symbol('idIn');
export const setId: unique symbol = /* @__PURE__ */ Symbol('setId');

/** Performs the operations on tensors that it made. */
export interface Trace extends Recorder {
  perform(op: Op<any, any>, inputs: Readonly<Record<string, Tensor>>, attributes: object): Tensor;
  /** The numbers of a tensor that it made, which stands for `x`; or an error. */
  read(x: Tensor): FloatData;
}

/** All that take part, the outermost first. A scope that changes them restores them at its end, also after an exception. */
let recorders: readonly (Recorder | Trace)[] = [];

const isTrace = (recorder: Recorder | Trace): recorder is Trace => 'perform' in recorder;

/** Whether anybody takes part: a recorder, or a trace. */
export const isRecording = (): boolean => recorders.length > 0;

/** Whether anybody sees the tensors between two operations of the library: a recorder that is not private, or a trace. */
export const isSeen = (): boolean => recorders.length > 1 || (recorders.length === 1 && recorders[0]!.isPrivate !== true);

/** Whether any recorder is in use that is no trace. */
export const isTaped = (): boolean => !recorders.every(isTrace);

/** Whether any trace is in use. */
export const isTracing = (): boolean => recorders.some(isTrace);

/** Whether a recorder knows a tensor. */
export const isKnown = (x: Tensor): boolean => recorders.some((recorder) => recorder.idOf?.(x) !== undefined);

/** Calls all recorders with an operation. */
export const callRecorders: Recorder['add'] = (op, inputs, attributes, output) => {
  for (let i = 0; i < recorders.length; i++) recorders[i]!.add(op, inputs, attributes, output);
};

/** Calls the recorders inside of a trace with an operation. */
export function callInside(trace: Trace, ...operation: Parameters<Recorder['add']>): void {
  for (const recorder of recorders.slice(recorders.indexOf(trace) + 1)) recorder.add(...operation);
}

/** Calls a function, and one more recorder after each of its operations. */
export const recordedBy = <T>(recorder: Recorder | Trace, f: () => T): T => runWith([...recorders, recorder], f);

/** Calls a function whose operations are not recorded. Traces perform theirs all the same. */
export const unrecorded = <T>(f: () => T): T => runWith(recorders.filter(isTrace), f);

/** Calls a function as if outside of a trace, which is in use. */
export const outside = <T>(trace: Trace, f: () => T): T => runWith(recorders.slice(0, recorders.indexOf(trace)), f);

/** Whether a trace is in use. */
export const isInUse = (trace: Trace): boolean => recorders.includes(trace);

/** The inner one of two traces. */
export const innerOf = (a: Trace | undefined, b: Trace): Trace => (a && recorders.indexOf(a) >= recorders.indexOf(b) ? a : b);

function runWith<T>(those: readonly (Recorder | Trace)[], f: () => T): T {
  const before = recorders;
  recorders = those;
  try {
    return f();
  } finally {
    recorders = before;
  }
}
