/** Functions that are called after every operation. Usually there are none; a tape adds one while it records. */

import type { Op } from './op.ts';
import type { Tensor } from './tensor.ts';

/** Called after `output = op(inputs, attributes)` was performed. */
export type Recorder = (op: Op<any, any>, inputs: Readonly<Record<string, Tensor>>, attributes: object, output: Tensor) => void;

/** The recorders in use, the outermost first. A scope that changes them restores them at its end, also after an exception. */
let recorders: readonly Recorder[] = [];

/** Whether any recorder is in use. */
export const isRecording = (): boolean => recorders.length > 0;

/** Calls all recorders with an operation. */
export const callRecorders: Recorder = (op, inputs, attributes, output) => {
  for (let i = 0; i < recorders.length; i++) recorders[i]!(op, inputs, attributes, output);
};

/** Calls a function, and one more recorder after each of its operations. */
export const recordedBy = <T>(recorder: Recorder, f: () => T): T => runWith([...recorders, recorder], f);

/** Calls a function whose operations are not recorded. */
export const unrecorded = <T>(f: () => T): T => runWith([], f);

function runWith<T>(those: readonly Recorder[], f: () => T): T {
  const before = recorders;
  recorders = those;
  try {
    return f();
  } finally {
    recorders = before;
  }
}
