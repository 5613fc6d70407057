export { Adagrad, type AdagradOptions } from './adagrad.ts';
export { Adam, type AdamOptions, AdamW } from './adam.ts';
export { Adamax } from './adamax.ts';
export type { MomentOptions } from './moments.ts';
export { Optimizer } from './optimizer.ts';
export { RAdam } from './radam.ts';
export { RMSprop, type RMSpropOptions } from './rmsprop.ts';
export {
  type Cycle,
  type CyclicOptions,
  cosineAnnealing,
  cyclic,
  followedBy,
  linearWarmup,
  type OneCycleOptions,
  oneCycle,
  polynomialDecay,
  type Schedule,
  stepDecay,
} from './schedules.ts';
export { SGD, type SGDOptions } from './sgd.ts';
