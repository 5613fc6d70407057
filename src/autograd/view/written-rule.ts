import { unrecorded } from '../../tensor/recorders.ts';
import type { Tensor } from '../../tensor/tensor.ts';
import { pullBack } from '../backward.ts';
import { type Computation, type Entry, tensorsOf } from '../entries.ts';
import { ComputationRecorder } from '../recorder.ts';
import { argumentsOf, ruleOf, undoBroadcast } from '../rules.ts';
import { expressionOf } from './notation.ts';

/**
 * What an operation passes back to one of its inputs, which has a derivative rule, and that rule as a formula of the gradient `dy` that
 * arrives. No recorder is called for either.
 */
export function passBackWritten(
  computation: Computation,
  entry: Entry,
  input: string,
  incoming: Tensor,
): { outgoing: Tensor; rule: string } {
  return unrecorded(() => {
    const recorder = new ComputationRecorder();
    // A tensor that stands for two names is written by the first, so `dy` is a tensor of its own.
    const dy = incoming.reshape(incoming.shape);
    const named = { dy, y: computation.values[entry.output]!.tensor!, ...tensorsOf(computation, entry.inputs) };
    for (const [name, x] of Object.entries(named)) recorder.see(x, name);
    const outgoing = recorder.record(() => {
      const dx = ruleOf(entry.op, input)!(argumentsOf(computation, entry, dy), pullBack);
      return undoBroadcast(dx, computation.values[entry.inputs[input]!]!.tensor!, entry.op.name, input);
    });
    return { outgoing, rule: expressionOf(recorder.entries, recorder.values, recorder.see(outgoing)) };
  });
}
