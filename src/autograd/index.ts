export { grad, hessian, jacobian, jvp, valueAndGrad, vjp } from './derivatives.ts';
export { type Gradcheck, gradcheck } from './gradcheck.ts';
export { Gradients } from './gradients.ts';
export { type Entry, type Sweep, Tape, type Value } from './tape.ts';
