/** Who is told of every operation as it is performed. Usually nobody; a tape while it records. */

import type { Op } from './op.ts';
import type { Tensor } from './tensor.ts';

/** Is told that `output = op(inputs, attributes)` was performed. */
export type Recorder = (op: Op<any, any>, inputs: Readonly<Record<string, Tensor>>, attributes: object, output: Tensor) => void;

/** Those who record now, the outermost first. A scope that changes them puts back at its end what it found, however it ends. */
let recorders: readonly Recorder[] = [];

/** Whether anybody records now. */
export const isRecording = (): boolean => recorders.length > 0;

/** Tells all who record of an operation. */
export const tellRecorders: Recorder = (op, inputs, attributes, output) => {
  for (let i = 0; i < recorders.length; i++) recorders[i]!(op, inputs, attributes, output);
};

/** Calls a function, and tells one more recorder of its operations. */
export const recordedBy = <T>(recorder: Recorder, f: () => T): T => runWith([...recorders, recorder], f);

/** Calls a function and tells nobody of its operations. */
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
