/** A recording and a sweep in which every number is looked at: what `record(f, { check: 'finite' })` asks for. */

import { Parameter } from '../tensor/parameter.ts';
import { type Recorder, recordedBy } from '../tensor/recorders.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { type Computation, type Entry, tensorsOf } from './entries.ts';
import { checkGiven, checkMade, checkPassed, type Place } from './finite.ts';
import type { ComputationRecorder } from './recorder.ts';

/** Writes down the operations that a function performs, up to the first that makes a NaN or an infinity of finite numbers. */
export function recordFinite<T>(recorder: ComputationRecorder, f: () => T): T {
  for (const { tensor, name } of recorder.values) if (tensor) checkGiven(tensor, name ?? 'a tensor from outside');
  const add: Recorder['add'] = (op, inputs, attributes, output) => {
    for (const x of Object.values(inputs)) {
      if (recorder.idOf(x) !== undefined) continue;
      const { name } = recorder.values[recorder.see(x)]!;
      checkGiven(x, name ?? 'a tensor from outside');
    }
    checkMade(op, inputs, output, () => placeOf(recorder, recorder.seeAll(inputs)));
    recorder.add(op, inputs, attributes, output);
  };
  return recordedBy({ add, idOf: (x) => recorder.idOf(x) }, f);
}

/** Refuses a derivative rule that makes a NaN or an infinity of finite numbers. */
export const checkFinite = (computation: Computation, { op, inputs }: Entry, input: string, dy: Tensor, dx: Tensor): void =>
  checkPassed(op, input, tensorsOf(computation, inputs), dy, dx, () => placeOf(computation, inputs));

/** The layer of a parameter among some inputs, or of the nearest on the way back from them. */
function placeOf({ entries, values }: Computation, inputs: Entry['inputs']): Place | undefined {
  const direct = Object.values(inputs);
  const seen = new Set(direct);
  const makers = new Map(entries.map((entry) => [entry.output, entry]));
  for (const id of seen) {
    const { tensor, name } = values[id]!;
    if (tensor instanceof Parameter && name?.includes('.'))
      return { layer: name.slice(0, name.lastIndexOf('.')), within: direct.includes(id) };
    for (const input of Object.values(makers.get(id)?.inputs ?? {})) seen.add(input);
  }
  return undefined;
}
