export type { Initialization } from './initialization.ts';
export { Linear, type LinearOptions } from './linear.ts';
export { loadStateDict, parameters, stateDict } from './parameters.ts';
export { ReLU } from './relu.ts';
export { type Layer, Sequential } from './sequential.ts';
export { Sigmoid } from './sigmoid.ts';
export { Softmax } from './softmax.ts';
export { type Reduction, SoftmaxCrossEntropy, type Targets } from './softmax-cross-entropy.ts';
export { Tanh } from './tanh.ts';
