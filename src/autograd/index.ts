export { checkOperation, type OperationCheck } from './check-operation.ts';
export { type Comparison, compareDerivatives } from './compare-derivatives.ts';
export { grad, hessian, jacobian, jvp, valueAndGrad, vjp } from './derivatives.ts';
export { type Gradcheck, gradcheck, gradgradcheck } from './gradcheck.ts';
export { Gradients } from './gradients.ts';
export { type Entry, type Sweep, Tape, type Value } from './tape.ts';
