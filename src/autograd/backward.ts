/**
 * The reverse sweep of what was recorded: the work of a `Tape`, apart from what this asks of its callers and shows them. Optimizers sweep by it without a
 * tape, so a program without one carries neither its printing nor its checks of every number.
 */

import { isFloat } from '../base/dtype.ts';
import { DerivativeError, TapeError } from '../base/errors.ts';
import { quote } from '../base/options.ts';
import { formatShape } from '../base/shape.ts';
import { checkTensor, Tensor } from '../tensor/tensor.ts';
import { recording } from '../tensor/training-scope.ts';
import { parametersOf, refuseIfAssigned } from './entries.ts';
import { Gradients } from './gradients.ts';
import { usedAtOnce } from './lazy.ts';
import { passingBack, type WatchPassed } from './pass-back.ts';
import { ComputationRecorder } from './recorder.ts';
import { startingGradient } from './rules.ts';
import { type PassBack, sweep } from './sweep.ts';

/** How to sweep. */
interface SweepOptions {
  /** The gradient that arrives at the value to start from. Default 1, for a scalar. */
  readonly gradient?: Tensor | undefined;
  /** Who looks at what is passed back. Default nobody. */
  readonly watch?: WatchPassed | undefined;
}

/** The gradients of `y` for every parameter that took part. */
export function gradientsOfParameters(recorder: ComputationRecorder, y: Tensor, options: SweepOptions = {}): Gradients {
  const from = idOfEnd(recorder, y);
  const parameters = parametersOf(recorder);
  if (parameters.length === 0) throw new TapeError('backward: the tape saw no parameter; name tensors: tape.backward(loss, [x])');
  const found = sweepTo(
    recorder,
    y,
    from,
    parameters,
    passingBack(recorder, { lazily: true, watch: options.watch }, pullBack),
    options.gradient,
  );
  const gradients = new Map<Tensor, Tensor>();
  let unreached: Set<Tensor> | undefined;
  for (let i = 0; i < parameters.length; i++) {
    const x = parameters[i]!;
    if (!found[i]) (unreached ??= new Set()).add(x);
    gradients.set(x, found[i] ?? zerosLike(x));
  }
  return new Gradients(gradients, unreached);
}

/** The gradients of `y` for these tensors, of zeros for those on which it does not depend. */
export function gradientsOfTensors(
  recorder: ComputationRecorder,
  y: Tensor,
  xs: readonly Tensor[],
  { gradient, watch }: SweepOptions,
): Tensor[] {
  const from = idOfEnd(recorder, y);
  const found = sweepTo(recorder, y, from, xs, passingBack(recorder, { lazily: false, watch }, pullBack), gradient);
  return xs.map((x, i) => found[i] ?? zerosLike(x));
}

const zerosLike = ({ sizes, dtype }: Tensor): Tensor => Tensor.zeros(sizes, dtype);

function sweepTo(
  recorder: ComputationRecorder,
  y: Tensor,
  from: number,
  xs: readonly Tensor[],
  passBack: PassBack,
  gradient: Tensor | undefined,
): readonly (Tensor | undefined)[] {
  const to = xs.map((x, i) => idOfWanted(recorder, x, i));
  return sweep(recorder, { from, gradient: startingGradient('backward', y, gradient), to }, passBack).run();
}

/** The id of the value that a sweep starts from. */
function idOfEnd(recorder: ComputationRecorder, y: Tensor): number {
  checkTensor('backward', 'the value to start from', y);
  refuseIfAssigned('backward', recorder);
  const id = recorder.idOf(y);
  if (id !== undefined) return id;
  throw new TapeError(
    `backward: the tape never saw the value of shape ${formatShape(y.sizes)} to start from; was it computed inside record?`,
  );
}

/** The id of a tensor whose gradient is asked for. */
function idOfWanted(recorder: ComputationRecorder, x: Tensor, place: number): number {
  if (!(x instanceof Tensor)) checkTensor('backward', `gradient ${place}`, x);
  const id = recorder.idOf(x);
  if (id === undefined) {
    throw new TapeError(
      `backward: the tape never saw tensor ${place} of shape ${formatShape(x.sizes)}, whose gradient was asked for; is it a copy?`,
    );
  }
  if (!isFloat(x.dtype))
    throw new DerivativeError(`backward: tensor ${place} of shape ${formatShape(x.sizes)} is int32, which has no derivative`);
  return id;
}

/** The gradients of some tensors where `dy` arrives at what a function of them returns: a rule in the operations that one is composed of. */
export function pullBack(f: () => Tensor, xs: readonly Tensor[], dy: Tensor): readonly Tensor[] {
  if (typeof f !== 'function' || !Array.isArray(xs))
    throw new TapeError(`pullBack: expected a function and a list of tensors, got ${quote(f)} and ${quote(xs)}`);
  const recorder = new ComputationRecorder();
  const y = record(recorder, f);
  const gradients = gradientsOfTensors(recorder, y, xs, { gradient: dy });
  recorder.release();
  return gradients;
}

/** A loss, and its gradients for every parameter that took part, which an optimizer uses at once, and nobody else sees. */
export function lossAndGradients(lossOf: () => Tensor): { readonly loss: Tensor; readonly gradients: Gradients } {
  const recorder = usedAtOnce(() => new ComputationRecorder());
  const loss = record(recorder, lossOf);
  const gradients = usedAtOnce(() => gradientsOfParameters(recorder, loss));
  recorder.release();
  return { loss, gradients };
}

const record = (recorder: ComputationRecorder, f: () => Tensor): Tensor => recording(undefined, () => recorder.record(f));
