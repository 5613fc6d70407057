export { checkOperation, type OperationCheck } from './check-operation.ts';
export { checkpoint } from './checkpoint.ts';
export { type Comparison, compareDerivatives } from './compare-derivatives.ts';
export { type CustomScene, customVjp, onGradient } from './custom-vjp.ts';
export { grad, hessian, hessianVectorProduct, jacobian, jvp, valueAndGrad, vjp } from './derivatives.ts';
export { type Gradcheck, gradcheck, gradgradcheck } from './gradcheck.ts';
export { Gradients } from './gradients.ts';
export { type Entry, type Sweep, Tape, type Value } from './tape.ts';
export { type MapOptions, perExampleGradients, vmap } from './vmap.ts';
