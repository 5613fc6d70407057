import { type Optimizer, parameters, Tape, type Tensor } from '../../src/index.ts';

/** A model, made anew for each call, with an optimizer of it and a loss. */
interface Training {
  readonly model: object;
  readonly optimizer: Optimizer<any, any>;
  readonly loss: () => Tensor;
}

/** The losses of three steps, and all parameters after them: by a tape that can be looked at, and by `minimize`, which shows nothing to anybody. */
export function trained(make: () => Training): { readonly seen: unknown; readonly unseen: unknown } {
  const after = (step: (training: Training) => number) => {
    const training = make();
    const losses = [1, 2, 3].map(() => step(training));
    return [losses, ...parameters(training.model).map(({ data }) => data)];
  };
  return {
    seen: after(({ optimizer, loss }) => {
      const tape = new Tape();
      const value = tape.record(loss);
      optimizer.step(tape.backward(value));
      return value.item();
    }),
    unseen: after(({ optimizer, loss }) => optimizer.minimize(loss)),
  };
}
